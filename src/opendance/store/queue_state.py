"""How much waits, of all accounts: for the operator's metrics, and to estimate how long one more will take."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import func, select, update

from opendance.store.database import Connection
from opendance.store.tables import Delivery, QueueClock, Task
from opendance.task import LIVE, Status


@dataclass(frozen=True)
class QueueState:
    """What has not ended.

    Attributes:
        tasks: how many, by status.
        oldest: age of the task that has waited longest, s; 0 where none waits.
        callbacks: how many are still to be delivered.
    """

    tasks: dict[str, int]
    oldest: float
    callbacks: int


async def read_queue_state(connection: Connection) -> QueueState:
    """Count."""
    counts = select(Task.status, func.count().label("tasks")).where(Task.status.in_(LIVE)).group_by(Task.status)
    by_status = {row.status: row.tasks for row in await connection.execute(counts)}
    first = (
        await connection.execute(select(func.min(Task.created)).where(Task.status == Status.PENDING.value))
    ).scalar()
    waiting = select(func.count()).where(Delivery.status == "pending")
    return QueueState(
        tasks={status: by_status.get(status, 0) for status in LIVE},
        oldest=0.0 if first is None else max(0.0, time.time() - first),
        callbacks=(await connection.execute(waiting)).scalar() or 0,
    )


async def check_writable(connection: Connection) -> None:
    """Find out whether the database can be written, by writing what stands there."""
    await connection.execute(update(QueueClock).values(virtual_time=QueueClock.virtual_time))


@dataclass(frozen=True)
class LiveWork:
    """How many tasks of one kind wait or run."""

    model: str
    quality: str
    duration: int
    count: int


async def live_work(connection: Connection) -> list[LiveWork]:
    """All tasks that wait or run, counted by what decides how long they take."""
    kind = (Task.model, Task.order["quality"].as_string(), Task.order["duration"].as_integer())
    query = select(*kind, func.count()).where(Task.status.in_(LIVE)).group_by(*kind)
    return [LiveWork(*row) for row in await connection.execute(query)]
