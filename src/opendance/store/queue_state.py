"""How much waits, of all accounts: for the operator's metrics, and to estimate how long one more will take."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import case, func, select, update

from opendance.store.database import Connection
from opendance.store.tables import Delivery, QueueClock, Task
from opendance.task import LIVE

PARKED = "parked"
"""What is said of a task that runs and waits for something outside, in no worker's hands."""


@dataclass(frozen=True)
class QueuedTasks:
    """Tasks of one model that have not ended, in one state.

    Attributes:
        state: `pending`, `processing`, or `parked`.
        oldest: age of the one that was created first, s.
    """

    model: str
    state: str
    count: int
    oldest: float


async def queued_tasks(connection: Connection) -> list[QueuedTasks]:
    """What has not ended, by model and state."""
    state = case((Task.parked_until.is_not(None), PARKED), else_=Task.status)
    query = select(Task.model, state.label("state"), func.count().label("tasks"), func.min(Task.created).label("first"))
    rows = await connection.execute(query.where(Task.status.in_(LIVE)).group_by(Task.model, "state"))
    now = time.time()
    return [QueuedTasks(row.model, row.state, row.tasks, max(0.0, now - row.first)) for row in rows]


async def waiting_callbacks(connection: Connection) -> int:
    """How many callbacks are still to be delivered."""
    waiting = select(func.count()).where(Delivery.status == "pending")
    return (await connection.execute(waiting)).scalar() or 0


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
