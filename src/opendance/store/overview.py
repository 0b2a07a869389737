"""What the operator looks at first: of all accounts, counted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Integer, cast, func, select

from opendance.store.database import Connection
from opendance.store.tables import Account, ApiKey, Delivery, EngineSpeed, Task
from opendance.task import LIVE, Status

_DAY = 86_400.0


@dataclass(frozen=True)
class Numbers:
    """How much there is.

    Attributes:
        oldest: unix time when the task was created that has waited longest.
        errors: how many tasks failed within a day, by code.
        refusals: of the content filter within a day.
        credits_by_day: charged, by day (UTC) of the end, within 30 days.
        workers: who has tasks now.
    """

    pending: int
    processing: int
    oldest: float | None
    failed_callbacks: int
    errors: tuple[tuple[str, int], ...]
    refusals: int
    credits_by_day: tuple[tuple[str, Decimal], ...]
    workers: tuple[tuple[str, int], ...]
    accounts: int
    keys: int


async def numbers(connection: Connection) -> Numbers:
    """What there is now."""
    now = time.time()
    live = dict.fromkeys(("pending", "processing"), 0)
    rows = await connection.execute(
        select(Task.status, func.count().label("number")).where(Task.status.in_(LIVE)).group_by(Task.status)
    )
    live |= {row.status: row.number for row in rows}
    oldest = select(func.min(Task.created)).where(Task.status == Status.PENDING.value)
    failed = select(func.count()).where(Delivery.status == "failed", Delivery.created >= now - 7 * _DAY)
    errors = (
        select(Task.error_code, func.count().label("number"))
        .where(Task.finished >= now - _DAY, Task.status == Status.FAILED.value)
        .group_by(Task.error_code)
        .order_by(func.count().desc())
    )
    refused = select(func.count()).where(Task.finished >= now - _DAY, Task.error_code == "content_policy_violation")
    day = cast(func.floor(Task.finished / _DAY), Integer)
    by_day = (
        select(day.label("day"), func.sum(Task.credits_used).label("credits"))
        .where(Task.finished >= now - 30 * _DAY, Task.credits_used.is_not(None))
        .group_by(day)
        .order_by(day)
    )
    owners = (
        select(Task.owner, func.count().label("number"))
        .where(Task.status == Status.PROCESSING.value, Task.owner.is_not(None))
        .group_by(Task.owner)
    )
    return Numbers(
        pending=live["pending"],
        processing=live["processing"],
        oldest=(await connection.execute(oldest)).scalar(),
        failed_callbacks=(await connection.execute(failed)).scalar() or 0,
        errors=tuple((row.error_code or "", row.number) for row in await connection.execute(errors)),
        refusals=(await connection.execute(refused)).scalar() or 0,
        credits_by_day=tuple(
            (time.strftime("%Y-%m-%d", time.gmtime(row.day * _DAY)), Decimal(row.credits))
            for row in await connection.execute(by_day)
        ),
        workers=tuple((row.owner, row.number) for row in await connection.execute(owners)),
        accounts=(await connection.execute(select(func.count()).select_from(Account))).scalar() or 0,
        keys=(await connection.execute(select(func.count()).where(ApiKey.revoked.is_(None)))).scalar() or 0,
    )


@dataclass(frozen=True)
class Speed:
    """How fast an engine was measured to be here."""

    engine: str
    tier: str
    quality: str
    seconds_per_second: float
    samples: int


async def speeds(connection: Connection) -> list[Speed]:
    """All that were measured."""
    columns = [getattr(EngineSpeed, name) for name in Speed.__dataclass_fields__]
    order = (EngineSpeed.engine, EngineSpeed.tier, EngineSpeed.quality)
    return [Speed(*row) for row in await connection.execute(select(*columns).order_by(*order))]


@dataclass(frozen=True)
class EngineError:
    """A task that an engine failed."""

    task_id: str
    at: float
    code: str


async def last_errors(connection: Connection, engine: str, *, codes: Sequence[str], limit: int) -> list[EngineError]:
    """Tasks that ended in an error of this engine's, newest first; of 30 days."""
    since = time.time() - 30 * _DAY
    query = select(Task.id, Task.finished, Task.error_code).where(
        Task.finished >= since, Task.engine == engine, Task.error_code.in_(codes)
    )
    rows = await connection.execute(query.order_by(Task.finished.desc()).limit(limit))
    return [EngineError(row.id, row.finished, row.error_code) for row in rows]
