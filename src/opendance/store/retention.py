"""What may go: rows and objects that are older than the operator keeps them, and that no live task needs.

These act for the server, not for an account. Each takes a bounded bite, so that no transaction holds others up.
"""

from __future__ import annotations

import time
from collections.abc import Collection

from sqlalchemy import delete, exists, select, update

from opendance.store.database import Connection
from opendance.store.tables import Delivery, DeliveryAttempt, Task, TaskEvent, TaskInput, TaskStage, UploadedFile
from opendance.store.tasks import TaskRecord, record_of
from opendance.task import LIVE


async def results_to_remove(connection: Connection, *, before: float, limit: int) -> list[tuple[str, str]]:
    """(task id, key) of results that are still kept though their tasks ended before that time, the oldest first."""
    query = (
        select(Task.id, Task.result_key)
        .where(Task.result_key.is_not(None), Task.swept.is_(None), Task.finished < before)
        .order_by(Task.finished)
        .limit(limit)
    )
    return [(row.id, row.result_key) for row in await connection.execute(query)]


async def note_removed_results(connection: Connection, task_ids: Collection[str]) -> None:
    """Their results are gone."""
    await connection.execute(update(Task).where(Task.id.in_(task_ids)).values(swept=time.time()))


async def ended_uploads(connection: Connection, *, limit: int) -> list[tuple[str, str]]:
    """(id, key) of uploads, of all accounts, that have ended and that no live task of their account needs."""
    needed = exists().where(
        TaskInput.source_id == UploadedFile.id,
        Task.id == TaskInput.task_id,
        Task.account_id == UploadedFile.account_id,
        Task.status.in_(LIVE),
    )
    ended = UploadedFile.expires <= time.time()
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


async def old_tasks(connection: Connection, *, before: float, limit: int) -> list[tuple[str, str | None]]:
    """(id, key of a result that is still kept) of tasks that ended before that time, the oldest first.

    A task whose callback is still to be delivered is not among them.
    """
    waits = exists().where(Delivery.task_id == Task.id, Delivery.status == "pending")
    query = select(Task.id, Task.result_key, Task.swept).where(Task.finished < before, ~waits)
    found = await connection.execute(query.order_by(Task.finished).limit(limit))
    return [(row.id, row.result_key if row.swept is None else None) for row in found]


async def forget_tasks(connection: Connection, task_ids: Collection[str]) -> None:
    """Remove these tasks with all that belongs to them, but not their rows in the ledger."""
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
