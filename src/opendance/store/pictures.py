"""Whether the pictures of a task's video are stored."""

from __future__ import annotations

import time

from sqlalchemy import select, update

from opendance.store.database import Connection
from opendance.store.tables import Task


async def has_pictures(connection: Connection, account_id: str, task_id: str) -> bool:
    """Whether those of the account's task are stored."""
    query = select(Task.pictures).where(Task.id == task_id, Task.account_id == account_id)
    return bool((await connection.execute(query)).scalar())


async def note_pictures(connection: Connection, account_id: str, task_id: str) -> bool:
    """Those of the account's task are stored; False where its result was given up meanwhile.

    Clients are not told: they may ask for them before, too.
    """
    mine = (Task.id == task_id) & (Task.account_id == account_id) & Task.swept.is_(None)
    return (await connection.execute(update(Task).where(mine).values(pictures=True, updated=time.time()))).rowcount > 0
