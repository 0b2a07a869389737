"""The secrets that sign an account's callbacks."""

from __future__ import annotations

import base64
import secrets
import time
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from opendance.store.accounts import lock_account
from opendance.store.database import Connection
from opendance.store.tables import CallbackSecret


@dataclass(frozen=True)
class Secrets:
    """What signs an account's callbacks.

    Attributes:
        current: `whsec_` and 24 random bytes in base64, as Standard Webhooks has it.
        previous: the one before, which signs too until `previous_ends`.
    """

    current: str
    previous: str | None = None
    previous_ends: float | None = None

    def signing(self) -> list[str]:
        """Those that sign now."""
        still = self.previous is not None and self.previous_ends is not None and self.previous_ends > time.time()
        return [self.current, *([self.previous] if still and self.previous is not None else [])]


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


async def callback_secrets(connection: Connection, account_id: str) -> Secrets:
    """The account's secrets; made at the first call."""
    query = select(CallbackSecret.secret, CallbackSecret.previous, CallbackSecret.previous_ends)
    query = query.where(CallbackSecret.account_id == account_id)
    row = (await connection.execute(query)).first()
    if row is None:
        await lock_account(connection, account_id)  # of two that come at once, the second finds the first's
        row = (await connection.execute(query)).first()
    if row is not None:
        return Secrets(*row)
    made = Secrets(_new_secret())
    await connection.execute(insert(CallbackSecret).values(account_id=account_id, secret=made.current))
    return made


async def rotate_callback_secret(connection: Connection, account_id: str, *, overlap: float) -> Secrets:
    """Make a new secret; the old one signs too for `overlap` s more."""
    old = await callback_secrets(connection, account_id)
    new = Secrets(_new_secret(), old.current, time.time() + overlap)
    await connection.execute(
        update(CallbackSecret)
        .where(CallbackSecret.account_id == account_id)
        .values(secret=new.current, previous=new.previous, previous_ends=new.previous_ends)
    )
    return new
