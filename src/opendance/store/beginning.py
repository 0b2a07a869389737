"""What an installation begins with: the account `default` and its credits, made once."""

from __future__ import annotations

from decimal import Decimal

from opendance.store.accounts import DEFAULT_ACCOUNT, create_account, first_account
from opendance.store.database import Connection
from opendance.store.ledger import top_up
from opendance.store.secrets import keep_if_new

_BEGUN = "begun-with"  # the credits that the installation began with, also where these are 0
_REASON, _REFERENCE = "credits to start with", "first-start"


async def ensure_default_account(connection: Connection, *, starting_credits: Decimal = Decimal(0)) -> str:
    """The id of the first account, which keys belong to where no other is named; made where there is none at all.

    Args:
        starting_credits: that an account made now holds. They are booked together with the account or never: what an
            installation began with is kept, and no later start adds to it, nor to an account of somebody else.
    """
    begins = await keep_if_new(connection, _BEGUN, str(starting_credits))  # others that start now wait here
    existing = await first_account(connection)
    if existing is not None:
        return existing
    account_id = await create_account(connection, name=DEFAULT_ACCOUNT)
    if begins and starting_credits:
        await top_up(connection, account_id, starting_credits, reason=_REASON, reference=_REFERENCE)
    return account_id
