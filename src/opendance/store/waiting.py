"""What waits and runs, of all accounts, in the order of turns: to tell one account where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case, func, select, update

from opendance.store.accounts import lock_account
from opendance.store.database import Connection
from opendance.store.tables import Account, QueueClock, Task
from opendance.task import LIVE, Status

_MOST = 5_000  # tasks that are looked at; whoever is behind them is told of no place
_ORDER = (Task.start_tag, Task.queue_rank, Task.created, Task.id)


@dataclass(frozen=True)
class WaitingTask:
    """A task that waits or runs.

    Attributes:
        parked: it runs, and waits for something outside in no worker's hands.
        start_tag: its place, see `turns`.
    """

    id: str
    account_id: str
    model: str
    quality: str
    duration: int
    runs: bool
    parked: bool
    progress: int
    start_tag: int
    owner: str | None
    started: float | None
    created: float


async def live_tasks(connection: Connection) -> list[WaitingTask]:
    """What runs, and then what waits, in the order of turns."""
    runs, parked = Task.status != Status.PENDING.value, Task.parked_until.is_not(None)
    duration = Task.order["duration"].as_integer().label("duration")
    columns = (
        Task.id, Task.account_id, Task.model, Task.quality, duration, runs.label("runs"), parked.label("parked"),
        Task.progress, Task.start_tag, Task.owner, Task.started, Task.created,
    )  # fmt: skip
    first = case((runs, 0), else_=1)
    rows = await connection.execute(select(*columns).where(Task.status.in_(LIVE)).order_by(first, *_ORDER).limit(_MOST))
    return [
        WaitingTask(
            id=row.id,
            account_id=row.account_id,
            model=row.model,
            quality=row.quality,
            duration=row.duration,
            runs=bool(row.runs),
            parked=bool(row.parked),
            progress=row.progress,
            start_tag=row.start_tag,
            owner=row.owner,
            started=row.started,
            created=row.created,
        )
        for row in rows
    ]


async def next_tag(connection: Connection, account_id: str) -> int:
    """The start tag that the account's next task would have."""
    now = select(func.coalesce(func.max(QueueClock.virtual_time), 0)).scalar_subquery()
    row = (await connection.execute(select(Account.finish_tag, now).where(Account.id == account_id))).first()
    return 0 if row is None else max(row)


async def own_waiting(connection: Connection, account_id: str, models: frozenset[str]) -> list[tuple[str, int]]:
    """(id, start tag) of the account's tasks of these models that wait, in their order; the account is locked."""
    await lock_account(connection, account_id)
    mine = (Task.account_id == account_id, Task.status == Status.PENDING.value, Task.model.in_(models))
    rows = await connection.execute(select(Task.id, Task.start_tag).where(*mine).order_by(*_ORDER).with_for_update())
    return [(row.id, row.start_tag) for row in rows]


async def set_tags(connection: Connection, account_id: str, tags: dict[str, int]) -> None:
    """Give tasks of the account that still wait these start tags."""
    for task_id, tag in tags.items():
        mine = (Task.id == task_id) & (Task.account_id == account_id) & (Task.status == Status.PENDING.value)
        await connection.execute(update(Task).where(mine).values(start_tag=tag))


async def order_of_own(connection: Connection, account_id: str) -> tuple[list[str], int]:
    """The ids of the account's tasks that wait, in their order, and how many there are; of very many the first."""
    mine = (Task.account_id == account_id, Task.status == Status.PENDING.value)
    rows = await connection.execute(select(Task.id).where(*mine).order_by(*_ORDER).limit(_MOST))
    ids = [row.id for row in rows]
    return ids, len(ids)
