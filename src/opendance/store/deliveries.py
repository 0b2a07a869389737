"""Callbacks on their way: what is due, and each attempt."""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Select, exists, func, insert, or_, select, update
from sqlalchemy.orm import aliased

from opendance.store.database import Connection
from opendance.store.tables import Delivery, DeliveryAttempt

DeliveryState = Literal["pending", "delivered", "failed"]
_CLOCKS = 60.0  # s that the clocks of machines may differ


@dataclass(frozen=True)
class AttemptRecord:
    """One try.

    Attributes:
        number: from 1.
        seconds: how long it took.
        status_code: of the receiver's answer; None where there was none, then `error` says why.
    """

    number: int
    started: float
    seconds: float
    status_code: int | None
    error: str | None


@dataclass(frozen=True)
class DeliveryRecord:
    """A callback of a task."""

    id: str
    task_id: str
    account_id: str
    url: str
    host: str
    status: DeliveryState
    due: float
    created: float
    finished: float | None
    attempts: list[AttemptRecord] = field(default_factory=list[AttemptRecord])


_COLUMNS = [getattr(Delivery, name) for name in DeliveryRecord.__dataclass_fields__ if name != "attempts"]
_ATTEMPT_COLUMNS = [getattr(DeliveryAttempt, name) for name in AttemptRecord.__dataclass_fields__]


async def add_delivery(connection: Connection, *, account_id: str, task_id: str, url: str, after: float = 0.0) -> str:
    """Queue a callback, and give its id.

    Args:
        after: s until it is due, at most a minute.
    """
    delivery_id, now = f"dlv-{secrets.token_hex(10)}", time.time()
    await connection.execute(
        insert(Delivery),
        {
            "id": delivery_id,
            "task_id": task_id,
            "account_id": account_id,
            "url": url,
            "host": (urlsplit(url).hostname or "")[:300],
            "status": "pending",
            "due": now + after,
            "created": now,
        },
    )
    return delivery_id


async def claim_deliveries(
    connection: Connection,
    *,
    limit: int,
    per_host: int,
    busy: Collection[str],
    per_account: int,
    busy_accounts: Collection[str],
    lease: float,
    longest_wait: float,
) -> list[DeliveryRecord]:
    """Take callbacks that are due, by turns between accounts, of each the longest due first.

    A claim ends after `lease` s: what a dead process had taken is due again then.

    Args:
        per_host: at most so many of one host, so that a slow one takes no place from others.
        busy: hosts that have as many under way already.
        per_account: at most so many of one account, whatever hosts it names.
        busy_accounts: accounts that have as many under way already.
        longest_wait: s that a callback is ever put off.
    """
    now = time.time()
    # None is ever due later than this: what seems so was written by a clock that was wrong, or is read by one.
    due_now = or_(Delivery.due <= now, Delivery.due > now + longest_wait + _CLOCKS)
    place = func.row_number().over(partition_by=Delivery.host, order_by=Delivery.due).label("place")
    free = Delivery.host.not_in(busy), Delivery.account_id.not_in(busy_accounts)
    due = select(Delivery.id, Delivery.account_id, Delivery.due, place)
    due = due.where(Delivery.status == "pending", due_now, *free).subquery()
    turn = func.row_number().over(partition_by=due.c.account_id, order_by=due.c.due).label("turn")
    turns = select(due.c.id, due.c.due, turn).where(due.c.place <= per_host).subquery()
    ids = select(turns.c.id).where(turns.c.turn <= per_account).order_by(turns.c.turn, turns.c.due).limit(limit)
    query = select(*_COLUMNS).where(Delivery.id.in_(ids), Delivery.status == "pending", due_now)
    rows = await connection.execute(query.order_by(Delivery.due).with_for_update(skip_locked=True))
    claimed = [DeliveryRecord(*row) for row in rows]
    if claimed:
        taken = update(Delivery).where(Delivery.id.in_([delivery.id for delivery in claimed]))
        await connection.execute(taken.values(due=now + lease))
    return claimed


async def next_due(connection: Connection) -> float | None:
    """When the next callback is due; None where none waits."""
    return (await connection.execute(select(func.min(Delivery.due)).where(Delivery.status == "pending"))).scalar()


async def count_attempts(connection: Connection, delivery_id: str) -> int:
    """How often it was tried."""
    query = select(func.count()).where(DeliveryAttempt.delivery_id == delivery_id)
    return (await connection.execute(query)).scalar() or 0


async def record_attempt(
    connection: Connection, delivery_id: str, attempt: AttemptRecord, *, state: DeliveryState, due: float | None = None
) -> None:
    """Note how a try went, and what follows.

    Args:
        due: when it is tried again (unix time), where it is still `pending`.
    """
    await connection.execute(insert(DeliveryAttempt), {"delivery_id": delivery_id, **vars(attempt)})
    then = {"finished": time.time()} if due is None else {"due": due}
    await connection.execute(update(Delivery).where(Delivery.id == delivery_id).values(status=state, **then))


async def list_deliveries(connection: Connection, account_id: str, task_id: str) -> list[DeliveryRecord]:
    """The callbacks of the account's task with their attempts, oldest first."""
    return await _with_attempts(connection, Delivery.account_id == account_id, Delivery.task_id == task_id)


async def failed_deliveries(
    connection: Connection, account_id: str, *, limit: int, host: str | None = None, since: float | None = None
) -> tuple[list[DeliveryRecord], int]:
    """Callbacks that were given up and of whose task none came after, with their attempts, oldest first; and how many
    there are in all.

    Args:
        limit: at most so many.
        host: only those to it.
        since: only those made from then on, unix time.
    """
    query = _given_up(host, since).where(Delivery.account_id == account_id)
    number = (await connection.execute(select(func.count()).select_from(query.subquery()))).scalar() or 0
    ids = query.order_by(Delivery.created, Delivery.id).limit(limit).subquery()
    return await _with_attempts(connection, Delivery.id.in_(select(ids.c.id))), number


async def accounts_with_failed(connection: Connection, host: str, *, since: float | None = None) -> list[str]:
    """Whose callbacks to a host were given up, of tasks of which none came after; in the order of their ids."""
    query = _given_up(host, since).with_only_columns(Delivery.account_id).distinct().order_by(Delivery.account_id)
    return list((await connection.execute(query)).scalars())


async def find_delivery(connection: Connection, delivery_id: str) -> DeliveryRecord | None:
    """The callback with its attempts, whoever's it is; None where there is none."""
    return next(iter(await _with_attempts(connection, Delivery.id == delivery_id)), None)


def _given_up(host: str | None, since: float | None) -> Select[str]:
    later = aliased(Delivery)
    none_after = ~exists().where(later.task_id == Delivery.task_id, later.created > Delivery.created)
    query = select(Delivery.id).where(Delivery.status == "failed", none_after)
    if host is not None:
        query = query.where(Delivery.host == host)
    return query if since is None else query.where(Delivery.created >= since)


@dataclass(frozen=True)
class WhichDeliveries:
    """Which callbacks; None is any.

    Attributes:
        since: unix time from which on they were made.
        before: (created, id) of the last of the page before.
    """

    account_id: str | None = None
    status: DeliveryState | None = None
    host: str | None = None
    since: float | None = None
    before: tuple[float, str] | None = None


async def page_of_deliveries(connection: Connection, which: WhichDeliveries, *, limit: int) -> list[DeliveryRecord]:
    """Callbacks with their attempts, newest first."""
    query = select(Delivery.id)
    for column, value in (
        (Delivery.account_id, which.account_id),
        (Delivery.status, which.status),
        (Delivery.host, which.host),
    ):
        if value is not None:
            query = query.where(column == value)
    if which.since is not None:
        query = query.where(Delivery.created >= which.since)
    if which.before is not None:
        created, delivery_id = which.before
        earlier = (Delivery.created == created) & (Delivery.id < delivery_id)
        query = query.where((Delivery.created < created) | earlier)
    ids = query.order_by(Delivery.created.desc(), Delivery.id.desc()).limit(limit).subquery()
    found = await _with_attempts(connection, Delivery.id.in_(select(ids.c.id)))
    return sorted(found, key=lambda each: (each.created, each.id), reverse=True)


async def _with_attempts(connection: Connection, *which: ColumnElement[bool]) -> list[DeliveryRecord]:
    query = (
        select(*_COLUMNS, *_ATTEMPT_COLUMNS)
        .outerjoin(DeliveryAttempt, DeliveryAttempt.delivery_id == Delivery.id)
        .where(*which)
        .order_by(Delivery.created, Delivery.id, DeliveryAttempt.number)
    )
    deliveries: dict[str, DeliveryRecord] = {}
    for row in await connection.execute(query):
        delivery = deliveries.setdefault(row.id, DeliveryRecord(*row[: len(_COLUMNS)]))
        if row.number is not None:
            delivery.attempts.append(AttemptRecord(*row[len(_COLUMNS) :]))
    return list(deliveries.values())


async def waiting_deliveries(connection: Connection, account_id: str, task_id: str) -> tuple[int, int]:
    """How many callbacks wait or are tried: of the account, and of its task."""
    of_task = func.count().filter(Delivery.task_id == task_id).label("of_task")
    query = select(func.count().label("of_account"), of_task)
    query = query.where(Delivery.account_id == account_id, Delivery.status == "pending")
    row = (await connection.execute(query)).one()
    return row.of_account, row.of_task
