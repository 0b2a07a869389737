"""What the caller has and used: `/v1/credits`, `/v1/usage`, the ledger of one task."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field
from typing_extensions import TypedDict

from opendance.administration.views import LedgerRow, entry_json
from opendance.api.auth import CallerDependency, KeyedRoute, as_it_stands
from opendance.api.own import OwnTask
from opendance.api.responses import OF_CALLERS, Responses
from opendance.api.state import Reading, state_of
from opendance.api.unified.errors import error_responses
from opendance.catalog import FILE_SECONDS
from opendance.errors import InvalidRequest, InvalidTaskId, TaskNotFound
from opendance.reports.usage import UsageItem, dimensions_of, report_csv, report_json
from opendance.store.accounts import find_account
from opendance.store.database import Connection
from opendance.store.files import count_files
from opendance.store.ledger import list_entries, live_and_reserved, used_credits
from opendance.store.library import kept_bytes
from opendance.store.usage import DIMENSIONS, Dimension, charged_since, usage_report

router = APIRouter(tags=["Account"], route_class=KeyedRoute, responses=error_responses(*OF_CALLERS))
CSV: Responses = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
By = Annotated[str, Query(max_length=100, description=f"Comma-separated: {', '.join(DIMENSIONS[:-1])}.")]
Since = Annotated[date | None, Query(description="First day, UTC, such as 2026-11-01. Default: 30 days ago.")]
Until = Annotated[date | None, Query(description="Last day, UTC. Default: today.")]
Format = Annotated[str, Query(pattern="^(json|csv)$", description="`json` or `csv`.")]
_DEFAULT_DAYS = 30
DAY = 86_400  # s


class CreditsOfKey(TypedDict):
    """Credits of the key."""

    remaining_credits: float
    unlimited_credits: Annotated[bool, Field(description="Whether the key has no limit of its own.")]
    used_credits: Annotated[float, Field(description="With those reserved for tasks under way.")]


class CreditsOfAccount(TypedDict):
    """Credits of the account."""

    remaining_credits: float
    used_credits: Annotated[float, Field(description="With those reserved for tasks under way.")]


class CreditsData(TypedDict):
    """Credits of the key and of its account."""

    token: CreditsOfKey
    user: CreditsOfAccount


class CreditsAnswer(TypedDict):
    """The answer about credits."""

    data: CreditsData
    message: str
    success: bool


class UsageReport(TypedDict):
    """What was used."""

    object: Literal["usage"]
    since: str
    until: str
    by: list[str]
    data: list[UsageItem]


class TaskLedger(TypedDict):
    """Movements of credits for a task, oldest first."""

    object: Literal["list"]
    data: list[LedgerRow]


@router.get(
    "/v1/credits",
    operation_id="readCredits",
    summary="Credits of the key and of its account",
)
async def read_credits(request: Request, _: CallerDependency, connection: Reading) -> CreditsAnswer:
    """What is left and what was used; credits reserved for tasks under way count as used."""
    caller = await as_it_stands(request)
    used = await used_credits(connection, caller.account_id)
    return {
        "data": {
            "token": {
                "remaining_credits": float(caller.available),
                "unlimited_credits": caller.key.credit_limit is None,
                "used_credits": float(caller.key.used),
            },
            "user": {"remaining_credits": float(caller.balance), "used_credits": float(used)},
        },
        "message": "",
        "success": True,
    }


class LimitOf(TypedDict):
    """A limit and how near it is; null is none."""

    limit: float | None
    used: float


class AccountLimits(TypedDict):
    """Limits of the account, and of the key that asks."""

    requests_per_minute: Annotated[LimitOf, Field(description="Requests that change something; counted if limited.")]
    tasks: Annotated[LimitOf, Field(description="Tasks that wait or run.")]
    files: LimitOf
    kept_bytes: LimitOf
    key_credits: LimitOf


class AccountGroup(TypedDict):
    """The account's group."""

    name: str
    price_ratio: float
    own_keys: bool


class UsedCredits(TypedDict):
    """Credits that were charged for tasks that were created since."""

    today: Annotated[float, Field(description="Since midnight, UTC.")]
    week: Annotated[float, Field(description="Within 7 days.")]
    month: Annotated[float, Field(description="Within 30 days.")]


class OwnAccount(TypedDict):
    """The caller's account."""

    object: Literal["account"]
    id: str
    name: str
    group: AccountGroup
    balance: Annotated[float, Field(description="Credits, without those reserved.")]
    reserved: Annotated[float, Field(description="Credits that are set aside for tasks under way.")]
    used: UsedCredits
    days_left: Annotated[float | None, Field(description="That the balance lasts at the rate of the last 7 days.")]
    limits: AccountLimits
    results_hours: Annotated[float, Field(description="How long videos are kept.")]
    files_hours: Annotated[float, Field(description="How long uploads are kept.")]


@router.get("/v1/account", operation_id="readOwnAccount", summary="Your account")
async def read_own_account(request: Request, _: CallerDependency, connection: Reading) -> OwnAccount:
    """What it has and used, its limits, and how near they are."""
    caller, state = await as_it_stands(request), state_of(request)
    account_id, group, now = caller.account_id, caller.group, time.time()
    account = await find_account(connection, account_id)
    spent = [
        await charged_since(connection, account_id, since) for since in (now - now % DAY, now - 7 * DAY, now - 30 * DAY)
    ]
    live, reserved = await live_and_reserved(connection, account_id)
    limits: AccountLimits = {
        "requests_per_minute": {"limit": caller.requests_per_minute, "used": state.limiter.used(caller)},
        "tasks": {"limit": caller.max_tasks, "used": live},
        "files": {"limit": group.max_files, "used": await count_files(connection, account_id)},
        "kept_bytes": {"limit": group.max_kept_bytes, "used": await kept_bytes(connection, account_id)},
        "key_credits": {
            "limit": None if caller.key.credit_limit is None else float(caller.key.credit_limit),
            "used": float(caller.key.used),
        },
    }
    return {
        "object": "account",
        "id": account_id,
        "name": "" if account is None else account.name,
        "group": {"name": group.name, "price_ratio": float(group.price_ratio), "own_keys": group.own_keys},
        "balance": float(caller.balance),
        "reserved": float(reserved),
        "used": {"today": float(spent[0]), "week": float(spent[1]), "month": float(spent[2])},
        "days_left": round(float(caller.balance) / (float(spent[1]) / 7), 1) if spent[1] else None,
        "limits": limits,
        "results_hours": state.settings.results_hours,
        "files_hours": FILE_SECONDS / 3600,
    }


class LedgerPage(TaskLedger):
    """A page of the ledger, newest first."""

    next_before: Annotated[int | None, Field(description="Pass as `before` for the next page; null on the last.")]


Before = Annotated[int | None, Query(ge=1, lt=2**63, description="`next_before` of the page before.")]
Entries = Annotated[int, Query(ge=1, le=1000)]


@router.get(
    "/v1/ledger", operation_id="readOwnLedger", summary="Your ledger", responses=error_responses(InvalidRequest)
)
async def read_own_ledger(
    caller: CallerDependency, connection: Reading, before: Before = None, limit: Entries = 100
) -> LedgerPage:
    """Every movement of credits of the account, newest first."""
    return await ledger_page(connection, caller.account_id, before=before, limit=limit)


async def ledger_page(connection: Connection, account_id: str, *, before: int | None, limit: int) -> LedgerPage:
    """A page of an account's ledger."""
    entries = await list_entries(connection, account_id, before=before, limit=limit + 1)
    page = entries[:limit]
    return {
        "object": "list",
        "data": [entry_json(entry) for entry in page],
        "next_before": page[-1].id if len(entries) > limit else None,
    }


@router.get(
    "/v1/usage",
    operation_id="readUsage",
    summary="What you used",
    response_model=UsageReport,
    responses=error_responses(InvalidRequest) | CSV,
)
async def read_usage(
    caller: CallerDependency,
    connection: Reading,
    by: By = "day",
    since: Since = None,
    until: Until = None,
    format: Format = "json",  # noqa: A002
) -> Response:
    """Tasks, seconds and credits of the caller's account, by day, model, key or status."""
    return await usage_answer(connection, caller.account_id, by, since, until, format, dimensions=DIMENSIONS[:-1])


async def usage_answer(
    connection: Connection,
    account_id: str | None,
    by: str,
    since: date | None,
    until: date | None,
    format: str,  # noqa: A002
    *,
    dimensions: tuple[Dimension, ...],
) -> Response:
    """A report as JSON or CSV; of all accounts where `account_id` is None."""
    chosen = dimensions_of(by, dimensions)
    last = until or datetime.now(UTC).date()
    first = since or last - timedelta(days=min(_DEFAULT_DAYS, last.toordinal() - 1))
    if first > last:
        raise InvalidRequest(problem=f"since: {first} is after until, {last}")
    ends = midnight(last) + DAY
    rows = await usage_report(connection, account_id, by=chosen, since=midnight(first), until=ends)
    if format == "csv":
        return Response(report_csv(rows, chosen), media_type="text/csv")
    report: UsageReport = {
        "object": "usage",
        "since": str(first),
        "until": str(last),
        "by": [str(name) for name in chosen],
        "data": report_json(rows),
    }
    return JSONResponse(report)


def midnight(day: date) -> float:
    """When a day begins, UTC, as unix time."""
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * float(DAY)


@router.get(
    "/v1/tasks/{task_id}/ledger",
    operation_id="readTaskLedger",
    summary="What a task cost",
    responses=error_responses(InvalidTaskId, TaskNotFound),
)
async def read_task_ledger(task: OwnTask, connection: Reading) -> TaskLedger:
    """Every movement of credits for the task, oldest first."""
    entries = await list_entries(connection, task.account_id, task_id=task.id)
    return {"object": "list", "data": [entry_json(entry) for entry in reversed(entries)]}
