"""Links that sign a browser in to the Studio, once."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from opendance.administration.operations import read_account
from opendance.store.accounts import AccountRecord
from opendance.store.audited import audited
from opendance.store.beginning import ensure_default_account
from opendance.store.database import Connection
from opendance.store.sessions import new_link

DEFAULT_LINK_MINUTES = 15.0


class NewLink(BaseModel):
    """A link to make."""

    model_config = ConfigDict(extra="forbid")
    admin: bool = Field(default=False, description="Whether its session may do what the operator may, for 8 hours.")
    minutes: Annotated[float, Field(ge=1, le=24 * 60)] = Field(
        default=DEFAULT_LINK_MINUTES, description="How long it can be used."
    )


@audited("admin.create_link", about="account")
async def create_link(
    connection: Connection, account: str | None, request: NewLink
) -> tuple[AccountRecord, str, float]:
    """Make a link; gives its account, the secret - the only time that it can be seen - and when it ends, unix time.

    Args:
        account: id or name; None for the first one.

    Raises:
        NotFound: there is no such account.
    """
    owner = await read_account(connection, account or await ensure_default_account(connection))
    secret, ends = await new_link(connection, owner.id, admin=request.admin, seconds=request.minutes * 60)
    return owner, secret, ends
