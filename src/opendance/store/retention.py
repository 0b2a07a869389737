"""What may go: rows and objects that are older than the operator keeps them, and that no live task needs.

These act for the server, not for an account. Each takes a bounded bite, so that no transaction holds others up.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, delete, exists, select

from opendance.store.database import Connection
from opendance.store.library import give_up_results, lock_accounts_of, needed_by_live
from opendance.store.search import forget_indexed
from opendance.store.tables import Delivery, DeliveryAttempt, Task, TaskEvent, TaskInput, TaskStage, UploadedFile
from opendance.store.tasks import TaskRecord, record_of
from opendance.task import LIVE

_TASK = Task.__table__


async def old_results(connection: Connection, *, before: float, limit: int) -> list[TaskRecord]:
    """Tasks whose results go: they ended before that time, the oldest first; or a removal of them was not finished.

    Their results are given up with that. What is kept, and what a live task names as an input, is not among them.
    """
    left = await connection.execute(select(_TASK).where(Task.removing).limit(limit))
    if tasks := [record_of(row) for row in left.mappings()]:
        return tasks
    old = (Task.result_key.is_not(None), Task.swept.is_(None), ~Task.kept, Task.finished < before, ~needed_by_live())
    return await _give_up(connection, old, limit)


async def _give_up(connection: Connection, which: Sequence[ColumnElement[bool]], limit: int) -> list[TaskRecord]:
    """Give up the results of some of these tasks, and give them."""
    ids = [
        row.id for row in await connection.execute(select(Task.id).where(*which).order_by(Task.finished).limit(limit))
    ]
    if not ids:
        return []
    await lock_accounts_of(connection, ids)
    rows = await connection.execute(
        select(_TASK).where(Task.id.in_(ids), *which)
    )  # as they are now that nobody else can
    tasks = [record_of(row) for row in rows.mappings()]
    await give_up_results(connection, [task.id for task in tasks])
    return tasks


async def ended_uploads(connection: Connection, *, limit: int) -> list[tuple[str, str]]:
    """(id, key) of uploads, of all accounts, that have ended and that no task of their account, live or kept, needs."""
    needed = exists().where(
        TaskInput.source_id == UploadedFile.id,
        Task.id == TaskInput.task_id,
        Task.account_id == UploadedFile.account_id,
        Task.status.in_(LIVE) | Task.kept,
    )
    ended = (UploadedFile.expires <= time.time()) & ~UploadedFile.kept
    query = select(UploadedFile.id, UploadedFile.key).where(ended, ~needed).limit(limit)
    return [(row.id, row.key) for row in await connection.execute(query)]


async def forget_uploads(connection: Connection, file_ids: Collection[str]) -> None:
    """Their objects are gone."""
    await connection.execute(delete(UploadedFile).where(UploadedFile.id.in_(file_ids)))


async def remove_old_events(connection: Connection, *, before: float, limit: int) -> int:
    """Forget the steps of tasks that ended before that time, all but the last; gives of how many tasks."""
    old = (
        select(Task.id)
        .where(Task.finished < before, exists().where(TaskEvent.task_id == Task.id, TaskEvent.revision < Task.revision))
        .order_by(Task.finished)
        .limit(limit)
    )
    ids = [row.id for row in await connection.execute(old)]
    if ids:
        last = select(Task.revision).where(Task.id == TaskEvent.task_id).scalar_subquery()
        await connection.execute(delete(TaskEvent).where(TaskEvent.task_id.in_(ids), TaskEvent.revision < last))
    return len(ids)


async def old_tasks(connection: Connection, *, before: float, limit: int) -> list[TaskRecord]:
    """Tasks that ended before that time, the oldest first; their results are given up with that.

    A task that is kept, that a live one names, or whose callback is still to be delivered is not among them.
    """
    waits = exists().where(Delivery.task_id == Task.id, Delivery.status == "pending")
    return await _give_up(connection, (Task.finished < before, ~Task.kept, ~waits, ~needed_by_live()), limit)


async def forget_tasks(connection: Connection, task_ids: Collection[str]) -> None:
    """Remove these tasks with all that belongs to them, but not their rows in the ledger."""
    await forget_indexed(connection, task_ids)
    deliveries = select(Delivery.id).where(Delivery.task_id.in_(task_ids))
    await connection.execute(delete(DeliveryAttempt).where(DeliveryAttempt.delivery_id.in_(deliveries)))
    for table in (Delivery, TaskEvent, TaskStage, TaskInput):
        await connection.execute(delete(table).where(table.task_id.in_(task_ids)))
    await connection.execute(delete(Task).where(Task.id.in_(task_ids)))


async def live_of(connection: Connection, task_ids: Collection[str]) -> set[str]:
    """Which of these tasks wait or run."""
    query = select(Task.id).where(Task.id.in_(task_ids), Task.status.in_(LIVE))
    return {row.id for row in await connection.execute(query)}


async def unfinished_tasks(connection: Connection, *, before: float, limit: int) -> list[TaskRecord]:
    """Tasks that were created before that time and have not ended, the oldest first."""
    query = select(Task.__table__).where(Task.status.in_(LIVE), Task.created < before)
    rows = await connection.execute(query.order_by(Task.created).limit(limit))
    return [record_of(row) for row in rows.mappings()]


async def expired_tasks(connection: Connection, *, now: float, limit: int) -> list[TaskRecord]:
    """Tasks that have not ended within the time that their orders give them, the oldest first."""
    seconds = Task.order["expires_after"].as_integer()
    query = select(Task.__table__).where(Task.status.in_(LIVE), seconds.is_not(None), Task.created < now - seconds)
    rows = await connection.execute(query.order_by(Task.created).limit(limit))
    return [record_of(row) for row in rows.mappings()]
