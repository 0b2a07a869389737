"""What was used: tasks summed up by day, model, key, status, account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, Literal

from sqlalchemy import Integer, cast, func, select

from opendance.store.database import Connection
from opendance.store.tables import Account, ApiKey, Task
from opendance.task import LIVE, Status

Dimension = Literal["day", "model", "key", "status", "account"]
DIMENSIONS: Final[tuple[Dimension, ...]] = ("day", "model", "key", "status", "account")
_DAY = 86400
_COLUMNS = {
    "day": cast(func.floor(Task.created / _DAY), Integer),
    "model": Task.model,
    "key": func.coalesce(ApiKey.name, Task.key_id, ""),
    "status": Task.status,
    "account": Account.name,
}


@dataclass(frozen=True)
class UsageRow:
    """One line of a report.

    Attributes:
        values: of the dimensions asked for, by name; a day as 2026-11-23, UTC.
        tasks: how many were created.
        seconds: of video that was completed.
        credits_used: charged.
        credits_reserved: set aside for tasks under way.
    """

    values: dict[str, str]
    tasks: int
    seconds: int
    credits_used: Decimal
    credits_reserved: Decimal


async def usage_report(
    connection: Connection,
    account_id: str | None,
    *,
    by: Sequence[Dimension] = ("day",),
    since: float | None = None,
    until: float | None = None,
) -> list[UsageRow]:
    """Usage of an account, or of all, ordered by the dimensions.

    Args:
        since, until: unix time of creation, the first included, the last not.
    """
    columns = [_COLUMNS[name].label(name) for name in by]
    live = Task.status.in_(LIVE)
    done = Task.status == Status.COMPLETED.value
    query = select(
        *columns,
        func.count(),
        func.sum(Task.order["duration"].as_integer()).filter(done),
        func.sum(Task.credits_used),
        func.sum(Task.credits_reserved).filter(live),
    )
    if "key" in by:
        query = query.outerjoin(ApiKey, ApiKey.id == Task.key_id)
    if "account" in by:
        query = query.join(Account, Account.id == Task.account_id)
    if account_id is not None:
        query = query.where(Task.account_id == account_id)
    if since is not None:
        query = query.where(Task.created >= since)
    if until is not None:
        query = query.where(Task.created < until)
    rows = await connection.execute(query.group_by(*columns).order_by(*columns))
    report: list[UsageRow] = []
    for row in rows:
        *values, tasks, seconds, used, reserved = tuple(row)
        named = dict(zip(map(str, by), values, strict=True))
        if "day" in named:
            named["day"] = datetime.fromtimestamp(named["day"] * _DAY, UTC).strftime("%Y-%m-%d")
        report.append(UsageRow(named, int(tasks), int(seconds or 0), Decimal(used or 0), Decimal(reserved or 0)))
    return report


async def charged_since(connection: Connection, account_id: str, since: float) -> Decimal:
    """Credits that were charged for the account's tasks that were created since then (unix time)."""
    query = select(func.coalesce(func.sum(Task.credits_used), 0))
    query = query.where(Task.account_id == account_id, Task.created >= since)
    return Decimal((await connection.execute(query)).scalar() or 0)
