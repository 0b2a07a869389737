"""Parked tasks: they go on once something outside has happened. They have no owner until they are brought back."""

from __future__ import annotations

import time
from collections.abc import Collection

from sqlalchemy import case, exists, or_, select, update
from sqlalchemy.orm import aliased

from opendance.store.accounts import lock_account
from opendance.store.claims import is_claim_held
from opendance.store.database import Connection
from opendance.store.tables import Task
from opendance.store.tasks import TaskRecord, record_of
from opendance.task import LIVE, Status

_TASK = Task.__table__
_FORSAKEN_AFTER = 60.0  # s: many times what the reconciler of a process with the engine takes for a look


async def park_task(
    connection: Connection, task: TaskRecord, *, until: float, engine: str | None = None, awaits: str | None = None
) -> bool:
    """Take the running task out of its worker's hands; False where it is in other hands.

    Args:
        until: unix time when it is looked at.
        engine: the upstream that works on it.
        awaits: the task of the same account that it waits for; where that has ended already, it is looked at at once.
    """
    if awaits is not None:  # whoever ends that task locks the account before both
        await lock_account(connection, task.account_id)
    if not await is_claim_held(connection, task):
        return False
    if awaits is not None and not await is_live(connection, task.account_id, awaits):
        until = 0.0
    values: dict[str, object] = {} if engine is None else {"engine": engine, "substitute": False}
    await connection.execute(
        update(Task)
        .where(Task.id == task.id)
        .values(
            owner=None,
            parked_until=case((_TASK.c.cancel_requested != 0, min(until, time.time())), else_=until),
            parks=Task.parks + 1,
            awaits=awaits,
            **values,
        )
    )
    return True


async def is_live(connection: Connection, account_id: str, task_id: str) -> bool:
    """Whether the account's task waits or runs; the row stays locked, so that it does not end meanwhile."""
    query = select(Task.status).where(Task.id == task_id, Task.account_id == account_id).with_for_update(read=True)
    return (await connection.execute(query)).scalar() in LIVE


async def take_parked(
    connection: Connection, engines: Collection[str], *, now: float, lease: float, limit: int
) -> list[TaskRecord]:
    """Parked tasks of these engines, or that wait for another task, whose time has come.

    One whose other task is live is left alone until it is to stop: there may be thousands, and what waits for an
    upstream is looked at beside them.

    Of other engines only those that are to stop, and that nobody who has the engine took for a while.

    Args:
        lease: s within which nobody else gets them.
    """
    forsaken = (_TASK.c.cancel_requested != 0) & (_TASK.c.parked_until <= now - _FORSAKEN_AFTER)
    other = aliased(Task)
    goes_on = exists().where(other.id == _TASK.c.awaits, other.account_id == _TASK.c.account_id, other.status.in_(LIVE))
    free = _TASK.c.awaits.is_not(None) & ((_TASK.c.cancel_requested != 0) | ~goes_on)
    upstream = _TASK.c.awaits.is_(None) & _TASK.c.engine.in_(engines)
    ours = or_(free, upstream, forsaken)
    query = (
        select(_TASK)
        .where(_TASK.c.parked_until <= now, ours, _TASK.c.status == Status.PROCESSING.value)
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
        .values(parked_until=None, awaits=None)
        .returning(Task.id)
    )
    return changed.first() is not None


async def hasten_parked(connection: Connection, task_id: str) -> None:
    """The reconciler is to ask for this task at its next look."""
    await connection.execute(
        update(Task).where(Task.id == task_id, Task.parked_until.is_not(None)).values(parked_until=time.time())
    )
