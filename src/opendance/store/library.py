"""What an account makes of its tasks: names, tags and marks, what it keeps from the sweep, and what it gives up.

An account is locked first. What keeps a result, what gives it up and what names it as an input then come one after the
other, and none of them counts on what another takes away.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, select, update
from sqlalchemy.orm import aliased

from opendance.store.accounts import lock_account
from opendance.store.database import Connection
from opendance.store.search import forget_indexed, index_task
from opendance.store.tables import Account, Task, TaskInput, UploadedFile
from opendance.store.tasks import TaskRecord, get_task, record_of, tell_others
from opendance.task import LIVE

_TASK = Task.__table__


async def lock_task(connection: Connection, account_id: str, task_id: str) -> TaskRecord | None:
    """The account's task, with the account held until the transaction ends."""
    await lock_account(connection, account_id)
    return await get_task(connection, account_id, task_id)


async def change_library(connection: Connection, task: TaskRecord, **values: Any) -> TaskRecord:
    """Set some of `title`, `tags`, `favourite`, `hidden`, `kept`, and of what is known of the result.

    Its account is locked. Nobody who watches the task is told, but who watches the account.
    """
    changed = update(_TASK).where(_TASK.c.id == task.id, _TASK.c.account_id == task.account_id)  # pyright: ignore[reportArgumentType]
    row = (await connection.execute(changed.values(updated=time.time(), **values).returning(*_TASK.c))).mappings().one()
    after = record_of(row)
    await tell_others(connection, after)
    if after.status.terminal and (after.title, after.tags) != (task.title, task.tags):
        await forget_indexed(connection, [task.id])
        await index_task(
            connection, task.account_id, task.id, title=after.title, tags=after.tags, prompt=after.order.prompt
        )
    return after


async def kept_bytes(connection: Connection, account_id: str) -> int:
    """How much the account keeps from the sweep: results of kept tasks, and uploads that these name or are kept."""
    mine = (Task.account_id == account_id) & Task.kept
    named = select(TaskInput.source_id).join(Task, Task.id == TaskInput.task_id).where(mine)
    uploads = (UploadedFile.account_id == account_id) & (UploadedFile.id.in_(named) | UploadedFile.kept)
    sums = (select(func.sum(Task.result_bytes)).where(mine), select(func.sum(UploadedFile.size)).where(uploads))
    return sum([int((await connection.execute(query)).scalar() or 0) for query in sums])


def needed_by_live() -> ColumnElement[bool]:
    """A condition on tasks: one of the account that waits or runs names the result."""
    live = aliased(Task)
    return exists().where(
        TaskInput.source_id == Task.id,
        live.id == TaskInput.task_id,
        live.account_id == Task.account_id,
        live.status.in_(LIVE),
    )


async def is_needed(connection: Connection, task: TaskRecord) -> bool:
    """Whether a task of the account that waits or runs names the result."""
    return (await connection.execute(select(Task.id).where(Task.id == task.id, needed_by_live()))).first() is not None


async def give_up_results(connection: Connection, task_ids: Collection[str]) -> None:
    """Their results are no more: their objects may be removed, and until they are the sweep looks after them.

    The accounts are locked.
    """
    now = time.time()
    gone = {"swept": func.coalesce(Task.swept, now), "removing": True, "kept": False, "updated": now}
    await connection.execute(update(Task).where(Task.id.in_(task_ids)).values(**gone))


async def note_removed_results(connection: Connection, task_ids: Collection[str]) -> None:
    """The objects of results that were given up are gone; pictures only of those that their owner deleted."""
    pictures = case((Task.result_key.is_(None), False), else_=Task.pictures)
    await connection.execute(
        update(Task).where(Task.id.in_(task_ids)).values(removing=False, pictures=pictures, updated=time.time())
    )


async def end_uploads_of(connection: Connection, task: TaskRecord) -> list[tuple[str, str]]:
    """Uploads that the task names and that no other task of the account, live or kept, needs end; gives (id, key).

    The account is locked.
    """
    named = select(TaskInput.source_id).where(TaskInput.task_id == task.id)
    needed = exists().where(
        TaskInput.source_id == UploadedFile.id,
        Task.id == TaskInput.task_id,
        Task.id != task.id,
        Task.account_id == task.account_id,
        Task.status.in_(LIVE) | Task.kept,
    )
    mine = (UploadedFile.account_id == task.account_id) & UploadedFile.id.in_(named)
    which = mine & ~needed & ~UploadedFile.kept
    now = time.time()
    earlier = case((UploadedFile.expires < now, UploadedFile.expires), else_=now)
    ended = update(UploadedFile).where(which).values(expires=earlier)
    rows = await connection.execute(ended.returning(UploadedFile.id, UploadedFile.key))
    return [(row.id, row.key) for row in rows]


async def lock_accounts_of(connection: Connection, task_ids: Sequence[str]) -> None:
    """Hold the accounts of these tasks until the transaction ends; always in one order."""
    owners = select(Task.account_id).where(Task.id.in_(task_ids))
    await connection.execute(select(Account.id).where(Account.id.in_(owners)).order_by(Account.id).with_for_update())
