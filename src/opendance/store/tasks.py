"""Tasks: creation, queries of their owner, and the changes that a worker makes.

Every change that a client can see goes through `_change`: one compare-and-set on the status that also raises the
revision and records the event, so that of two changes to a terminal state only one wins.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, case, delete, func, insert, or_, select, text, update

from opendance.credits import Charge
from opendance.store.accounts import lock_account
from opendance.store.database import Connection
from opendance.store.deliveries import add_delivery
from opendance.store.ledger import end_reservation
from opendance.store.tables import Task, TaskEvent, TaskStage
from opendance.store.turns import begin_turn, pass_turn
from opendance.task import Status

_TASK = Task.__table__
_INSERT, _INSERT_EVENT = insert(Task), insert(TaskEvent)
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
    credits_used: Decimal | None
    price_ratio: Decimal
    price_lines: list[dict[str, Any]] | None
    key_id: str | None
    base_url: str
    created: float
    started: float | None
    finished: float | None
    error_code: str | None
    error_message: str | None
    result_key: str | None
    result_link: str | None
    swept: float | None
    trace: str | None
    cancel_requested: bool
    owner: str | None
    attempts: int
    start_tag: int
    queue_cost: int
    queue_rank: int
    engine: str | None = None
    substitute: bool = False
    parked_until: float | None = None
    parks: int = 0


def new_task(
    task_id: str,
    *,
    account_id: str,
    user_group: str,
    model: str,
    request: dict[str, Any],
    seed: int,
    created: float,
    estimated_time: int = 0,
    credits_reserved: Decimal = Decimal(0),
    price_ratio: Decimal = Decimal(1),
    key_id: str | None = None,
    base_url: str = "",
    trace: str | None = None,
    start_tag: int = 0,
    queue_cost: int = 0,
    queue_rank: int = 0,
) -> TaskRecord:
    """A task that waits, as it is created."""
    return TaskRecord(
        id=task_id,
        account_id=account_id,
        user_group=user_group,
        model=model,
        status=Status.PENDING,
        stage=None,
        progress=0,
        revision=1,
        request=request,
        seed=seed,
        estimated_time=estimated_time,
        credits_reserved=credits_reserved,
        credits_used=None,
        price_ratio=price_ratio,
        price_lines=None,
        key_id=key_id,
        base_url=base_url,
        created=created,
        started=None,
        finished=None,
        error_code=None,
        error_message=None,
        result_key=None,
        result_link=None,
        swept=None,
        trace=trace,
        cancel_requested=False,
        owner=None,
        attempts=0,
        start_tag=start_tag,
        queue_cost=queue_cost,
        queue_rank=queue_rank,
    )


def record_of(row: RowMapping) -> TaskRecord:
    """The task of a row."""
    values = dict(row)
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
    await connection.execute(_INSERT, values)
    await connection.execute(
        _INSERT_EVENT,
        {"task_id": task.id, "revision": task.revision, "status": task.status.value, "stage": None, "progress": 0},
    )


async def get_task(connection: Connection, account_id: str, task_id: str) -> TaskRecord | None:
    """The account's task, or None where there is none of this id in this account."""
    row = (
        (await connection.execute(select(_TASK).where(_TASK.c.id == task_id, _TASK.c.account_id == account_id)))
        .mappings()
        .first()
    )
    return None if row is None else record_of(row)


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
    return [record_of(row) for row in rows.mappings()]


async def list_changes(connection: Connection, account_id: str, task_id: str, *, after: int) -> list[TaskChange]:
    """The recorded changes of the account's task with a revision over `after`, in order."""
    rows = await connection.execute(
        select(TaskEvent.revision, TaskEvent.status, TaskEvent.stage, TaskEvent.progress)
        .join(Task, Task.id == TaskEvent.task_id)
        .where(Task.account_id == account_id, TaskEvent.task_id == task_id, TaskEvent.revision > after)
        .order_by(TaskEvent.revision)
    )
    return [TaskChange(row.revision, Status(row.status), row.stage, row.progress) for row in rows]


async def revisions_of(connection: Connection, task_ids: Collection[str]) -> dict[str, int]:
    """The newest revision of each of these tasks, whoever's they are: for those who were let in to watch them."""
    rows = await connection.execute(select(_TASK.c.id, _TASK.c.revision).where(_TASK.c.id.in_(task_ids)))
    return {row.id: row.revision for row in rows}


async def request_cancel(connection: Connection, account_id: str, task_id: str) -> bool:
    """Cancel the account's task: at once where it waits; where it runs, its worker is asked to stop.

    Returns:
        Whether it has ended by this.
    """
    await lock_account(connection, account_id)
    task = await get_task(connection, account_id, task_id)
    if task is None or task.status.terminal:
        return False
    error = ("request_cancelled", "the task was cancelled before it started")
    if task.status is Status.PENDING and await _end(
        connection, task_id, Status.CANCELLED, (Status.PENDING.value,), error=error
    ):
        await pass_turn(connection, account_id, task.start_tag, task.queue_cost)
        return True
    await connection.execute(
        update(Task)
        .where(Task.id == task_id, Task.status.in_(_LIVE))
        .values(cancel_requested=1, parked_until=case((_TASK.c.parked_until.is_not(None), 0.0), else_=None))
    )
    return False


# ── what workers do; they act for the server, not for an account ──


async def claim_task(
    connection: Connection, owner: str, *, alone: bool, models: Collection[str] | None = None
) -> TaskRecord | None:
    """Take a task: one that was left behind, else the one whose turn it is.

    Args:
        owner: who takes it.
        alone: whether no other process works on this database: then every task that runs and is not the owner's was
            left by a dead one. Otherwise only what this owner took before was left, by its earlier life.
        models: only tasks of these; None for all.
    """
    mine = func.coalesce(_TASK.c.owner, "") == owner
    runs = (_TASK.c.status == Status.PROCESSING.value) & _TASK.c.parked_until.is_(None)
    left_behind = runs & (~mine if alone else mine)
    came_back = runs & _TASK.c.owner.is_(None)
    for which in (left_behind, came_back, _TASK.c.status == Status.PENDING.value):
        query = select(_TASK.c.id, _TASK.c.start_tag).where(which)
        if models is not None:
            query = query.where(_TASK.c.model.in_(models))
        query = query.order_by(_TASK.c.start_tag, _TASK.c.queue_rank, _TASK.c.created, _TASK.c.id).limit(1)
        found = (await connection.execute(query.with_for_update(skip_locked=True))).first()
        if found is not None:
            break
    else:
        return None
    await begin_turn(connection, found.start_tag)
    return await _change(
        connection,
        found.id,
        _LIVE,
        status=Status.PROCESSING.value,
        owner=owner,
        started=func.coalesce(_TASK.c.started, time.time()),
        attempts=_TASK.c.attempts + 1,
    )


async def missing_tickets(connection: Connection, lane: str, models: Collection[str], *, older_than: float) -> int:
    """How many tasks of `models` wait, or came back from an upstream, without a ticket of the PostgreSQL queue.

    Args:
        older_than: s; younger ones are left out, their tickets may be on their way.
    """
    came_back = (_TASK.c.status == Status.PROCESSING.value) & _TASK.c.parked_until.is_(None) & _TASK.c.owner.is_(None)
    waiting = select(func.count()).where(
        or_(_TASK.c.status == Status.PENDING.value, came_back),
        _TASK.c.model.in_(models),
        _TASK.c.created < time.time() - older_than,
    )
    tickets = text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND queue_name = :lane")
    tasks = (await connection.execute(waiting)).scalar() or 0
    return max(0, tasks - ((await connection.execute(tickets, {"lane": lane})).scalar() or 0))


async def advance_task(connection: Connection, task: TaskRecord, *, stage: str, progress: int) -> bool:
    """Record the stage and progress of a running task; progress never goes back. Gives whether anything changed."""
    changes = or_(func.coalesce(_TASK.c.stage, "") != stage, _TASK.c.progress < progress)
    row = await _change(
        connection,
        task.id,
        (Status.PROCESSING.value,),
        extra=changes & (_TASK.c.attempts == task.attempts),
        stage=stage,
        progress=case((_TASK.c.progress < progress, progress), else_=_TASK.c.progress),
    )
    return row is not None


async def still_ours(connection: Connection, task: TaskRecord) -> bool:
    """Whether the running task is in the hands of the worker that claimed it as `task`.

    Each claim counts one attempt more, so that a worker that was taken for dead finds out. The row stays locked.
    """
    query = select(_TASK.c.status, _TASK.c.attempts).where(_TASK.c.id == task.id).with_for_update()
    row = (await connection.execute(query)).first()
    return row is not None and row.status == Status.PROCESSING.value and row.attempts == task.attempts


async def note_engine(connection: Connection, task: TaskRecord, engine: str | None, *, substitute: bool) -> None:
    """Record which engine makes, or made, the running task."""
    await connection.execute(
        update(Task)
        .where(Task.id == task.id, Task.status == Status.PROCESSING.value, Task.attempts == task.attempts)
        .values(engine=engine, substitute=substitute)
    )


async def finish_task(
    connection: Connection,
    task_id: str,
    status: Status,
    *,
    error: tuple[str, str] | None = None,
    result_key: str | None = None,
    result_link: str | None = None,
    charge: Charge | None = None,
) -> TaskRecord | None:
    """End a live task and its reservation; None where it has ended already (then nothing is changed or charged).

    Args:
        charge: what a completed task costs; without it everything reserved goes back.

    Raises:
        ValueError: a charge for a task that did not complete.
    """
    if charge is not None and status is not Status.COMPLETED:
        raise ValueError(f"a task that {status.value} costs nothing")
    account = (await connection.execute(select(_TASK.c.account_id).where(_TASK.c.id == task_id))).scalar()
    if account is None:
        return None
    await lock_account(connection, account)
    result = (result_key, result_link)
    return await _end(connection, task_id, status, _LIVE, error=error, result=result, charge=charge)


async def _end(
    connection: Connection,
    task_id: str,
    status: Status,
    from_statuses: tuple[str, ...],
    *,
    error: tuple[str, str] | None = None,
    result: tuple[str | None, str | None] = (None, None),
    charge: Charge | None = None,
) -> TaskRecord | None:
    code, message = error or (None, None)
    values: dict[str, Any] = {"progress": 100} if status is Status.COMPLETED else {}
    ended = await _change(
        connection,
        task_id,
        from_statuses,
        status=status.value,
        stage=None,
        finished=time.time(),
        error_code=code,
        error_message=message,
        result_key=result[0],
        result_link=result[1],
        **values,
    )
    if ended is None:
        return None
    used = await end_reservation(connection, task_id, charge)
    lines = [] if charge is None else charge.as_json()
    await connection.execute(update(Task).where(Task.id == task_id).values(credits_used=used, price_lines=lines))
    if (url := ended.request.get("callback_url")) is not None:
        await add_delivery(connection, account_id=ended.account_id, task_id=task_id, url=url)
    return replace(ended, credits_used=used, price_lines=lines)


@dataclass(frozen=True)
class LiveWork:
    """How many tasks of one kind wait or run."""

    model: str
    quality: str
    duration: int
    count: int


async def live_work(connection: Connection) -> list[LiveWork]:
    """All tasks that wait or run, counted by what decides how long they take."""
    kind = (_TASK.c.model, _TASK.c.request["quality"].as_string(), _TASK.c.request["duration"].as_integer())
    query = select(*kind, func.count()).where(_TASK.c.status.in_(_LIVE)).group_by(*kind)
    return [LiveWork(*row) for row in await connection.execute(query)]


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
    task = record_of(row)
    await connection.execute(
        _INSERT_EVENT,
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
