"""Callbacks of others that were given up, as the operator sees them.

Their addresses are part of what was asked for; only the host is shown.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from opendance.administration.operations import read_account
from opendance.administration.views import DeliveryProgress, delivery_progress
from opendance.store.database import Connection
from opendance.store.deliveries import failed_deliveries


class FailedCallback(DeliveryProgress):
    """A callback that was given up."""

    id: str
    task_id: str
    host: str


class FailedCallbacks(TypedDict):
    """Callbacks of an account that were given up, oldest first."""

    object: Literal["list"]
    data: list[FailedCallback]
    total: Annotated[int, Field(description="How many there are in all.")]


async def failed_callbacks(connection: Connection, account: str, *, limit: int) -> FailedCallbacks:
    """Those of tasks of which none was sent since, the oldest first.

    Args:
        account: by id or name.
        limit: at most so many.

    Raises:
        NotFound: there is no such account.
    """
    account_id = (await read_account(connection, account)).id
    failed, total = await failed_deliveries(connection, account_id, limit=limit)
    rows: list[FailedCallback] = [
        {"id": each.id, "task_id": each.task_id, "host": each.host, **delivery_progress(each)} for each in failed
    ]
    return {"object": "list", "data": rows, "total": total}
