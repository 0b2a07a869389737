"""Tasks: creation, queries of their owner, and their end.

Every change that a client can see goes through `change_task`: one compare-and-set on the status that also raises the
revision and records the event, so that of two changes to a terminal state only one wins.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, RowMapping, String, bindparam, case, func, insert, select, update

from opendance.credits import Charge, PriceLine
from opendance.fate import Kind
from opendance.order import Order
from opendance.store.accounts import lock_account
from opendance.store.database import Connection
from opendance.store.deliveries import add_delivery
from opendance.store.ledger import end_reservation
from opendance.store.search import index_task
from opendance.store.tables import Task, TaskEvent, TaskInput
from opendance.store.turns import pass_turn
from opendance.task import LIVE, Status

_TASK = Task.__table__
CHANGED = "opendance_changed"
"""The channel on which PostgreSQL tells other processes that a task has changed: its id, and that of its account."""
_TELL = select(func.pg_notify(CHANGED, func.unnest(bindparam("words", type_=ARRAY(String)))))
_INSERT, _INSERT_EVENT, _INSERT_INPUT = insert(Task), insert(TaskEvent), insert(TaskInput)


@dataclass(frozen=True)
class TaskRecord:
    """A task as it stands; the defaults are those of one that was just asked for.

    Attributes:
        seed: the one to use, also where the order names none.
        attempts: how often a worker took it: whoever works for an older claim finds out by it.
        engine: what made it, or makes it at an upstream.
        substitute: `engine` was not the first of its route.
        awaits: the task that this one waits for.
        wire: the API that it came by.
        kept: its result and its inputs are not swept.
        take_group: tasks that ask for the same but the seed have the same one.
        pictures: poster, strip and last frame are stored.
        swept: unix time when its result was given up.
        removing: the objects of a result that was given up may still be there.
        updated: unix time when something of it changed that its owner can see.
    """

    id: str
    account_id: str
    user_group: str
    model: str
    order: Order
    seed: int
    created: float
    status: Status = Status.PENDING
    stage: str | None = None
    progress: int = 0
    revision: int = 1
    estimated_time: int = 0
    credits_reserved: Decimal = Decimal(0)
    credits_used: Decimal | None = None
    price_ratio: Decimal = Decimal(1)
    price_lines: list[PriceLine] | None = None
    key_id: str | None = None
    base_url: str = ""
    started: float | None = None
    finished: float | None = None
    error_code: str | None = None
    error_message: str | None = None
    result_key: str | None = None
    result_link: str | None = None
    swept: float | None = None
    trace: str | None = None
    cancel_requested: bool = False
    owner: str | None = None
    attempts: int = 0
    start_tag: int = 0
    queue_cost: int = 0
    queue_rank: int = 0
    engine: str | None = None
    substitute: bool = False
    parked_until: float | None = None
    parks: int = 0
    awaits: str | None = None
    wire: str = "unified"
    result_bytes: int | None = None
    pictures: bool = False
    title: str | None = None
    tags: list[str] | None = None
    favourite: bool = False
    hidden: bool = False
    kept: bool = False
    take_group: str | None = field(default=None, compare=False)  # of the order, but for rows of earlier releases
    removing: bool = False
    updated: float = field(default=0.0, compare=False)


def record_of(row: RowMapping) -> TaskRecord:
    """The task of a row."""
    values = dict(row)
    del values["quality"], values["aspect_ratio"]  # as in the order; they are columns for lists
    values["status"] = Status(values["status"])
    values["order"] = Order.from_json(values["order"])
    values["cancel_requested"] = bool(values["cancel_requested"])
    return TaskRecord(**values)


@dataclass(frozen=True)
class TaskChange:
    """One recorded change, for event streams."""

    revision: int
    status: Status
    stage: str | None
    progress: int


async def create_task(connection: Connection, task: TaskRecord, *, sources: Collection[str] = ()) -> None:
    """Insert `task` with its first event.

    Args:
        sources: ids of the uploaded files, and of the tasks whose videos and pictures, it needs until it has ended.
    """
    await create_tasks(connection, [task], sources={task.id: sources})


async def create_tasks(
    connection: Connection, tasks: Sequence[TaskRecord], *, sources: Mapping[str, Collection[str]]
) -> None:
    """Insert each with its first event.

    Args:
        sources: as in `create_task`, by the task's id.
    """
    await connection.send_rows(_INSERT, [_row(task) for task in tasks])
    await connection.send_rows(_INSERT_EVENT, [_event(task) for task in tasks])
    needed = [{"task_id": task_id, "source_id": source} for task_id, each in sources.items() for source in each]
    await connection.send_rows(_INSERT_INPUT, needed)
    await tell_others(connection, *tasks)


def _row(task: TaskRecord) -> dict[str, Any]:
    return {
        **vars(task),
        "status": task.status.value,
        "order": task.order.as_json(),
        "quality": task.order.quality,
        "aspect_ratio": task.order.aspect_ratio,
        "take_group": task.order.take_group,
        "cancel_requested": int(task.cancel_requested),
        "updated": task.updated or task.created,
    }


async def get_task(connection: Connection, account_id: str, task_id: str) -> TaskRecord | None:
    """The account's task, or None where there is none of this id in this account."""
    row = (await connection.execute(_OF_ACCOUNT, {"task_id": task_id, "account_id": account_id})).mappings().first()
    return None if row is None else record_of(row)


# Every poll asks it: built once.
_OF_ACCOUNT = select(_TASK).where(_TASK.c.id == bindparam("task_id"), _TASK.c.account_id == bindparam("account_id"))


async def list_changes(connection: Connection, account_id: str, task_id: str, *, after: int) -> list[TaskChange]:
    """The recorded changes of the account's task with a revision over `after`, in order."""
    rows = await connection.execute(
        select(TaskEvent.revision, TaskEvent.status, TaskEvent.stage, TaskEvent.progress)
        .join(Task, Task.id == TaskEvent.task_id)
        .where(Task.account_id == account_id, TaskEvent.task_id == task_id, TaskEvent.revision > after)
        .order_by(TaskEvent.revision)
    )
    return [TaskChange(row.revision, Status(row.status), row.stage, row.progress) for row in rows]


async def request_cancel(connection: Connection, task: TaskRecord) -> None:
    """Ask the worker of a task that runs to stop it, and whoever looks after a parked one to look at once."""
    now = time.time()
    await connection.execute(
        update(Task)
        .where(Task.id == task.id, Task.account_id == task.account_id, Task.status.in_(LIVE))
        .values(cancel_requested=1, parked_until=case((_TASK.c.parked_until.is_not(None), now), else_=None))
    )


async def finish_task(
    connection: Connection,
    task: TaskRecord,
    status: Status,
    *,
    error: tuple[str, str] | None = None,
    result_key: str | None = None,
    result_link: str | None = None,
    result_bytes: int | None = None,
    charge: Charge | None = None,
    made_by: tuple[str, bool] | None = None,
) -> TaskRecord | None:
    """End a live task and its reservation, queue its callback, wake the tasks that wait for it, and let it be found.

    Args:
        task: as whoever ends it saw it. Where it is in another state or in other hands by now nothing is changed or
            charged, and None is given.
        charge: what a completed task costs; without it everything reserved goes back.
        made_by: the engine, and whether it stood in for the first of the route; None leaves what is noted.

    Raises:
        ValueError: a charge for a task that did not complete, or `task` has ended.
    """
    if charge is not None and status is not Status.COMPLETED:
        raise ValueError(f"a task that {status.value} costs nothing")
    if task.status.terminal:
        raise ValueError(f"{task.id} is {task.status.value} already")
    await lock_account(connection, task.account_id)
    code, message = error or (None, None)
    values: dict[str, Any] = {"progress": 100} if status is Status.COMPLETED else {}  # TK-03
    if made_by is not None:
        values |= {"engine": made_by[0], "substitute": made_by[1]}
    ended = await change_task(
        connection,
        task.id,
        (task.status.value,),
        extra=_TASK.c.attempts == task.attempts,
        status=status.value,
        stage=None,
        parked_until=None,
        awaits=None,
        finished=time.time(),
        error_code=code,
        error_message=message,
        result_key=result_key,
        result_link=result_link,
        result_bytes=result_bytes,
        **values,
    )
    if ended is None:
        return None
    if task.status is Status.PENDING:
        await pass_turn(connection, task.account_id, ended.start_tag, ended.queue_cost)
    used = await end_reservation(connection, task.id, charge)
    lines = [] if charge is None else charge.as_json()
    await connection.execute(update(Task).where(Task.id == task.id).values(credits_used=used, price_lines=lines))
    await connection.execute(update(Task).where(Task.awaits == task.id).values(parked_until=0.0))
    await index_task(
        connection, ended.account_id, ended.id, title=ended.title, tags=ended.tags, prompt=ended.order.prompt
    )
    if (url := ended.order.callback_url) is not None:
        fate = ended.order.fate
        after = fate.seconds if fate is not None and fate.kind is Kind.CALLBACK_LATE else 0
        await add_delivery(connection, account_id=ended.account_id, task_id=task.id, url=url, after=after)  # CB-03
    return replace(ended, credits_used=used, price_lines=lines)


async def change_task(
    connection: Connection, task_id: str, from_statuses: tuple[str, ...], *, extra: Any = None, **values: Any
) -> TaskRecord | None:
    """Set `values` where the task is in one of the states, and tell those who watch it; None where it is not.

    Args:
        extra: a further condition, in SQL.
    """
    statement = update(_TASK).where(_TASK.c.id == task_id, _TASK.c.status.in_(from_statuses))  # pyright: ignore[reportArgumentType]
    if extra is not None:
        statement = statement.where(extra)
    row = (
        (
            await connection.execute(
                statement.values(revision=_TASK.c.revision + 1, updated=time.time(), **values).returning(*_TASK.c)
            )
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    task = record_of(row)
    await connection.send(_INSERT_EVENT, _event(task))
    await tell_others(connection, task)
    return task


async def tell_others(connection: Connection, *tasks: TaskRecord) -> None:
    """Tell other processes on the same database that something of these tasks changes with this transaction."""
    if connection.dialect.name == "postgresql":  # on SQLite nobody else works
        await connection.send(_TELL, {"words": [f"{task.id} {task.account_id}" for task in tasks]})


def _event(task: TaskRecord) -> dict[str, Any]:
    return {
        "task_id": task.id,
        "revision": task.revision,
        "status": task.status.value,
        "stage": task.stage,
        "progress": task.progress,
    }
