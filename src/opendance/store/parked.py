"""Parked tasks: an upstream works on them while no worker waits; they have no owner until they are brought back."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import case, select, update

from opendance.store.database import Connection
from opendance.store.tables import Task
from opendance.store.tasks import TaskRecord, record_of
from opendance.task import Status

_TASK = Task.__table__


async def park_task(connection: Connection, task: TaskRecord, *, until: float) -> bool:
    """Take the running task out of its worker's hands until `until` (unix time); False where it is in other hands."""
    statement = update(Task).where(
        Task.id == task.id, Task.status == Status.PROCESSING.value, Task.attempts == task.attempts
    )
    changed = await connection.execute(
        statement.values(
            owner=None, parked_until=case((_TASK.c.cancel_requested != 0, 0.0), else_=until), parks=Task.parks + 1
        ).returning(Task.id)
    )
    return changed.first() is not None


async def take_parked(
    connection: Connection, engines: Collection[str], *, now: float, lease: float, limit: int
) -> list[TaskRecord]:
    """Parked tasks of these engines whose time has come; others do not get them within the lease, s."""
    query = (
        select(_TASK)
        .where(_TASK.c.parked_until <= now, _TASK.c.engine.in_(engines), _TASK.c.status == Status.PROCESSING.value)
        .order_by(_TASK.c.parked_until)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    tasks = [record_of(row) for row in (await connection.execute(query)).mappings()]
    if tasks:
        ids = [task.id for task in tasks]
        await connection.execute(update(Task).where(Task.id.in_(ids)).values(parked_until=now + lease))
    return tasks


async def bring_back(connection: Connection, task_id: str) -> bool:
    """A parked task can be claimed again; False where it was not parked (any more)."""
    changed = await connection.execute(
        update(Task)
        .where(Task.id == task_id, Task.parked_until.is_not(None), Task.status == Status.PROCESSING.value)
        .values(parked_until=None)
        .returning(Task.id)
    )
    return changed.first() is not None


async def hasten_parked(connection: Connection, task_id: str) -> None:
    """The reconciler is to ask for this task at its next look."""
    await connection.execute(
        update(Task).where(Task.id == task_id, Task.parked_until.is_not(None)).values(parked_until=0.0)
    )
