"""How much waits, of all accounts: for the operator's metrics."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import func, select

from opendance.store.database import Connection
from opendance.store.tables import Delivery, Task
from opendance.task import Status

_LIVE = (Status.PENDING.value, Status.PROCESSING.value)


@dataclass(frozen=True)
class Standing:
    """What has not ended.

    Attributes:
        tasks: how many, by status.
        oldest: age of the task that has waited longest, s; 0 where none waits.
        callbacks: how many are still to be delivered.
    """

    tasks: dict[str, int]
    oldest: float
    callbacks: int


async def read_standing(connection: Connection) -> Standing:
    """Count."""
    counts = select(Task.status, func.count().label("tasks")).where(Task.status.in_(_LIVE)).group_by(Task.status)
    found = {row.status: row.tasks for row in await connection.execute(counts)}
    first = (await connection.execute(select(func.min(Task.created)).where(Task.status == _LIVE[0]))).scalar()
    waiting = select(func.count()).where(Delivery.status == "pending")
    return Standing(
        tasks={status: found.get(status, 0) for status in _LIVE},
        oldest=0.0 if first is None else max(0.0, time.time() - first),
        callbacks=(await connection.execute(waiting)).scalar() or 0,
    )
