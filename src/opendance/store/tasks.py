"""Tasks: creation, queries of their owner, and the changes that a worker makes.

Every change that a client can see goes through `_change`: one compare-and-set on the status that also raises the
revision and records the event, so that of two changes to a terminal state only one wins.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, case, delete, func, insert, or_, select, update

from opendance.store.database import Connection
from opendance.store.tables import Task, TaskEvent, TaskStage
from opendance.task import Status

_TASK = Task.__table__
_LIVE = (Status.PENDING.value, Status.PROCESSING.value)


@dataclass(frozen=True)
class TaskRecord:
    """A task as it stands."""

    id: str
    account_id: str
    user_group: str
    model: str
    status: Status
    stage: str | None
    progress: int
    revision: int
    request: dict[str, Any]
    seed: int
    estimated_time: int
    credits_reserved: Decimal
    created: float
    started: float | None
    finished: float | None
    error_code: str | None
    error_message: str | None
    result_key: str | None
    cancel_requested: bool
    attempts: int


def _record(row: RowMapping) -> TaskRecord:
    values = dict(row)
    del values["owner"]
    values["status"] = Status(values["status"])
    values["cancel_requested"] = bool(values["cancel_requested"])
    return TaskRecord(**values)


@dataclass(frozen=True)
class TaskChange:
    """One recorded change, for event streams."""

    revision: int
    status: Status
    stage: str | None
    progress: int


async def create_task(connection: Connection, task: TaskRecord) -> None:
    """Insert `task` with its first event."""
    values = {name: getattr(task, name) for name in TaskRecord.__dataclass_fields__}
    values |= {"status": task.status.value, "cancel_requested": int(task.cancel_requested)}
    await connection.execute(insert(Task), values)
    await connection.execute(
        insert(TaskEvent),
        {"task_id": task.id, "revision": task.revision, "status": task.status.value, "stage": None, "progress": 0},
    )


async def get_task(connection: Connection, account_id: str, task_id: str) -> TaskRecord | None:
    """The account's task, or None where there is none of this id in this account."""
    row = (
        (await connection.execute(select(_TASK).where(_TASK.c.id == task_id, _TASK.c.account_id == account_id)))
        .mappings()
        .first()
    )
    return None if row is None else _record(row)


async def list_tasks(
    connection: Connection,
    account_id: str,
    *,
    limit: int,
    status: Status | None = None,
    model: str | None = None,
    created_after: float | None = None,
    created_before: float | None = None,
    before: tuple[float, str] | None = None,
) -> list[TaskRecord]:
    """The account's tasks, newest first.

    Args:
        before: (created, id) of the last task of the page before.
    """
    query = select(_TASK).where(_TASK.c.account_id == account_id)
    if status is not None:
        query = query.where(_TASK.c.status == status.value)
    if model is not None:
        query = query.where(_TASK.c.model == model)
    if created_after is not None:
        query = query.where(_TASK.c.created > created_after)
    if created_before is not None:
        query = query.where(_TASK.c.created < created_before)
    if before is not None:
        created, task_id = before
        query = query.where(or_(_TASK.c.created < created, (_TASK.c.created == created) & (_TASK.c.id < task_id)))
    rows = await connection.execute(query.order_by(_TASK.c.created.desc(), _TASK.c.id.desc()).limit(limit))
    return [_record(row) for row in rows.mappings()]


async def list_changes(connection: Connection, account_id: str, task_id: str, *, after: int) -> list[TaskChange]:
    """The recorded changes of the account's task with a revision over `after`, in order."""
    rows = await connection.execute(
        select(TaskEvent.revision, TaskEvent.status, TaskEvent.stage, TaskEvent.progress)
        .join(Task, Task.id == TaskEvent.task_id)
        .where(Task.account_id == account_id, TaskEvent.task_id == task_id, TaskEvent.revision > after)
        .order_by(TaskEvent.revision)
    )
    return [TaskChange(row.revision, Status(row.status), row.stage, row.progress) for row in rows]


async def request_cancel(connection: Connection, account_id: str, task_id: str) -> bool:
    """Cancel the account's task: at once where it waits; where it runs, its worker is asked to stop.

    Returns:
        Whether it has ended by this.
    """
    task = await get_task(connection, account_id, task_id)
    if task is None or task.status.terminal:
        return False
    if task.status is Status.PROCESSING:
        await connection.execute(update(Task).where(Task.id == task_id).values(cancel_requested=1))
        return False
    error = ("request_cancelled", "the task was cancelled before it started")
    return await finish_task(connection, task_id, Status.CANCELLED, error=error) is not None


# ── what workers do; they act for the server, not for an account ──


async def claim_task(connection: Connection, owner: str) -> TaskRecord | None:
    """Take the oldest task that nobody of this process works on: a waiting one, or one that a dead process left."""
    left_behind = (_TASK.c.status == Status.PROCESSING.value) & (func.coalesce(_TASK.c.owner, "") != owner)
    for which in (left_behind, _TASK.c.status == Status.PENDING.value):
        found = (
            await connection.execute(select(_TASK.c.id).where(which).order_by(_TASK.c.created, _TASK.c.id).limit(1))
        ).scalar()
        if found is not None:
            break
    else:
        return None
    return await _change(
        connection,
        found,
        _LIVE,
        status=Status.PROCESSING.value,
        owner=owner,
        started=func.coalesce(_TASK.c.started, time.time()),
        attempts=_TASK.c.attempts + 1,
    )


async def advance_task(connection: Connection, task_id: str, *, stage: str, progress: int) -> bool:
    """Record the stage and progress of a running task; progress never goes back. Gives whether anything changed."""
    row = await _change(
        connection,
        task_id,
        (Status.PROCESSING.value,),
        extra=or_(func.coalesce(_TASK.c.stage, "") != stage, _TASK.c.progress < progress),
        stage=stage,
        progress=case((_TASK.c.progress < progress, progress), else_=_TASK.c.progress),
    )
    return row is not None


async def finish_task(
    connection: Connection,
    task_id: str,
    status: Status,
    *,
    error: tuple[str, str] | None = None,
    result_key: str | None = None,
) -> TaskRecord | None:
    """End a live task; None where it has ended already (then nothing is changed)."""
    code, message = error or (None, None)
    values: dict[str, Any] = {"progress": 100} if status is Status.COMPLETED else {}
    return await _change(
        connection,
        task_id,
        _LIVE,
        status=status.value,
        stage=None,
        finished=time.time(),
        error_code=code,
        error_message=message,
        result_key=result_key,
        **values,
    )


async def live_requests(connection: Connection) -> list[dict[str, Any]]:
    """The requests of all tasks that wait or run."""
    return [row.request for row in await connection.execute(select(_TASK.c.request).where(_TASK.c.status.in_(_LIVE)))]


async def is_cancel_requested(connection: Connection, task_id: str) -> bool:
    """Whether the owner of a running task asked to stop it."""
    return bool((await connection.execute(select(Task.cancel_requested).where(Task.id == task_id))).scalar())


async def _change(
    connection: Connection, task_id: str, from_statuses: tuple[str, ...], *, extra: Any = None, **values: Any
) -> TaskRecord | None:
    statement = update(_TASK).where(_TASK.c.id == task_id, _TASK.c.status.in_(from_statuses))  # pyright: ignore[reportArgumentType]
    if extra is not None:
        statement = statement.where(extra)
    row = (
        (await connection.execute(statement.values(revision=_TASK.c.revision + 1, **values).returning(*_TASK.c)))
        .mappings()
        .first()
    )
    if row is None:
        return None
    task = _record(row)
    await connection.execute(
        insert(TaskEvent),
        {
            "task_id": task_id,
            "revision": task.revision,
            "status": task.status.value,
            "stage": task.stage,
            "progress": task.progress,
        },
    )
    return task


# ── the journal ──


async def read_journal(connection: Connection, task_id: str) -> dict[str, Any]:
    """What each finished stage of the task gave, by the stage's name."""
    rows = await connection.execute(select(TaskStage.stage, TaskStage.result).where(TaskStage.task_id == task_id))
    return {row.stage: row.result for row in rows}


async def write_journal(connection: Connection, task_id: str, stage: str, result: Any, *, seconds: float) -> None:
    """Record that a stage is done and what it gave; a stage that ran again replaces what it gave before."""
    await connection.execute(delete(TaskStage).where(TaskStage.task_id == task_id, TaskStage.stage == stage))
    await connection.execute(
        insert(TaskStage).values(task_id=task_id, stage=stage, result=result, seconds=seconds, finished=time.time())
    )
