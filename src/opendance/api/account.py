"""What the caller has and used: `/v1/credits`, `/v1/usage`, the ledger of one task."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from opendance.administration import entry_json
from opendance.api.auth import CallerDependency, KeyedRoute
from opendance.api.openapi import error_responses
from opendance.api.own import own_task
from opendance.api.schemas import CreditsAnswer, TaskLedger, UsageReport
from opendance.api.state import state_of
from opendance.errors import InvalidRequest
from opendance.reports import dimensions_of, report_csv, report_json
from opendance.store.keys import Caller
from opendance.store.ledger import list_entries, used_credits
from opendance.store.usage import DIMENSIONS, Dimension, usage_report

router = APIRouter(tags=["Account"], route_class=KeyedRoute)
CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
By = Annotated[str, Query(max_length=100, description=f"Comma-separated: {', '.join(DIMENSIONS[:-1])}.")]
Since = Annotated[date | None, Query(description="First day, UTC, such as 2026-11-01. Default: 30 days ago.")]
Until = Annotated[date | None, Query(description="Last day, UTC. Default: today.")]
Format = Annotated[str, Query(pattern="^(json|csv)$", description="`json` or `csv`.")]
_DEFAULT_DAYS = 30
DAY = 86_400  # s


@router.get(
    "/v1/credits",
    operation_id="readCredits",
    summary="Credits of the key and of its account",
    response_model=CreditsAnswer,
    responses=error_responses(401, 429, 500),
)
async def read_credits(request: Request, caller: CallerDependency) -> JSONResponse:
    """What is left and what was used; credits reserved for tasks under way count as used."""
    async with state_of(request).database.read() as connection:
        used = await used_credits(connection, caller.account_id)
    return JSONResponse(
        {
            "data": {
                "token": _token(caller),
                "user": {"remaining_credits": float(caller.balance), "used_credits": float(used)},
            },
            "message": "",
            "success": True,
        }
    )


def _token(caller: Caller) -> dict[str, Any]:
    return {
        "remaining_credits": float(caller.available),
        "unlimited_credits": caller.key.credit_limit is None,
        "used_credits": float(caller.key.used),
    }


@router.get(
    "/v1/usage",
    operation_id="readUsage",
    summary="What you used",
    response_model=UsageReport,
    responses=error_responses(400, 401, 429, 500) | CSV,
)
async def read_usage(
    request: Request,
    caller: CallerDependency,
    by: By = "day",
    since: Since = None,
    until: Until = None,
    format: Format = "json",  # noqa: A002
) -> Response:
    """Tasks, seconds and credits of the caller's account, by day, model, key or status."""
    return await usage_answer(request, caller.account_id, by, since, until, format, dimensions=DIMENSIONS[:-1])


async def usage_answer(
    request: Request,
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
    async with state_of(request).database.read() as connection:
        ends = midnight(last) + DAY
        rows = await usage_report(connection, account_id, by=chosen, since=midnight(first), until=ends)
    if format == "csv":
        return Response(report_csv(rows, chosen), media_type="text/csv")
    body = {"object": "usage", "since": str(first), "until": str(last), "by": chosen, "data": report_json(rows)}
    return JSONResponse(body)


def midnight(day: date) -> float:
    """When a day begins, UTC, as unix time."""
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * float(DAY)


@router.get(
    "/v1/tasks/{task_id}/ledger",
    operation_id="readTaskLedger",
    summary="What a task cost",
    response_model=TaskLedger,
    responses=error_responses(400, 401, 404, 429, 500),
)
async def read_task_ledger(request: Request, task_id: str, caller: CallerDependency) -> JSONResponse:
    """Every movement of credits for the task, oldest first."""
    state = state_of(request)
    await own_task(state, caller, task_id)
    async with state.database.read() as connection:
        entries = await list_entries(connection, caller.account_id, task_id=task_id)
    return JSONResponse({"object": "list", "data": [entry_json(entry) for entry in reversed(entries)]})
