"""What the caller has and used: `/v1/credits`, `/v1/usage`, the ledger of one task."""

from __future__ import annotations

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
from opendance.api.state import Reading
from opendance.api.unified.errors import error_responses
from opendance.errors import InvalidRequest, InvalidTaskId, TaskNotFound
from opendance.reports.usage import UsageItem, dimensions_of, report_csv, report_json
from opendance.store.database import Connection
from opendance.store.ledger import list_entries, used_credits
from opendance.store.usage import DIMENSIONS, Dimension, usage_report

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
