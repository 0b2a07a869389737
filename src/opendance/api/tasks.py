"""`/v1/tasks`: the caller's tasks, their events, and cancelling."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncGenerator, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Receive, Scope, Send

from opendance.api.auth import CallerDependency, KeyedRoute, bearer
from opendance.api.limits import OpenStreams
from opendance.api.openapi import error_responses
from opendance.api.own import own_task
from opendance.api.schemas import VideoTask, VideoTaskList
from opendance.api.state import JSONBytes, ServerState, base_url_of, json_bytes, state_of
from opendance.api.unified.details import details_object
from opendance.api.unified.request import ModelId
from opendance.api.unified.task import at_change, task_json, task_object
from opendance.errors import InvalidRequest, Unauthorized
from opendance.pipeline.details import details_of
from opendance.store.keys import Caller, authenticate
from opendance.store.tasks import TaskRecord, get_task, list_changes, list_tasks
from opendance.task import Status, is_task_id

router = APIRouter(tags=["Tasks"], route_class=KeyedRoute)
Include = Annotated[
    Literal["request"] | None,
    Query(
        description="Opendance's own: `request` adds what was asked for, the seed, what was understood, "
        "times and links."
    ),
]
_FILTERS = ("include", "status", "model", "created_after", "created_before", "cursor", "limit")
_LOOK_AGAIN = 15.0  # s between two looks at the database without being woken


@router.get(
    "/v1/tasks/{task_id}",
    operation_id="getTask",
    summary="Query a task",
    response_model=VideoTask,
    response_model_exclude_none=True,
    responses=error_responses(400, 401, 402, 403, 404, 429, 500),
)
async def read_task(request: Request, task_id: str, caller: CallerDependency, include: Include = None) -> Response:
    """The task as it stands; `results` once completed, `error` once failed."""
    state = state_of(request)
    task = await own_task(state, caller, task_id)
    if include is None:
        return JSONBytes(task_json(task, state.storage))
    return JSONBytes(json_bytes((await _with_details(request, [task]))[0]))


@router.get(
    "/v1/tasks",
    operation_id="listTasks",
    summary="List tasks",
    response_model=VideoTaskList,
    responses=error_responses(400, 401, 429, 500),
)
async def read_tasks(
    request: Request,
    caller: CallerDependency,
    status: Annotated[
        Literal["pending", "processing", "completed", "failed", "cancelled"] | None,
        Query(description="Only tasks in this state."),
    ] = None,
    model: Annotated[ModelId | None, Query(description="Only tasks of this model.")] = None,
    created_after: Annotated[
        int | None, Query(ge=0, le=2**40, description="Only tasks created after this unix second.")
    ] = None,
    created_before: Annotated[
        int | None, Query(ge=0, le=2**40, description="Only tasks created before this unix second.")
    ] = None,
    include: Include = None,
    cursor: Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Tasks on a page.")] = 20,
) -> JSONResponse:
    """The caller's tasks, newest first."""
    if unknown := sorted(set(request.query_params) - set(_FILTERS)):
        raise InvalidRequest(
            problem=f"{unknown[0] or '(empty)'}: is no filter of this list; there are {', '.join(_FILTERS)}"
        )
    state = state_of(request)
    async with state.database.read() as connection:
        tasks = await list_tasks(
            connection,
            caller.account_id,
            limit=limit + 1,
            status=None if status is None else Status(status),
            model=model,
            # `created` is shown in whole seconds: "after" starts with the next one.
            created_after=None if created_after is None else created_after + 1 - 1e-6,
            created_before=created_before,
            before=None if cursor is None else _decode_cursor(cursor),
        )
    page = tasks[:limit]
    more = len(tasks) > limit
    return JSONResponse(
        {
            "object": "list",
            "data": [task_object(task, state.storage) for task in page]
            if include is None
            else await _with_details(request, page),
            "has_more": more,
            "next_cursor": _encode_cursor(page[-1]) if more else None,
        }
    )


async def _with_details(request: Request, tasks: Sequence[TaskRecord]) -> list[dict[str, Any]]:
    """The task objects, with what `include=request` adds."""
    state, base_url = state_of(request), base_url_of(request)
    details = await details_of(state.database, tasks)
    return [
        task_object(task, state.storage) | details_object(task, details[task.id], base_url=base_url) for task in tasks
    ]


def _encode_cursor(task: TaskRecord) -> str:
    return base64.urlsafe_b64encode(json.dumps([task.created, task.id]).encode()).decode()


def _decode_cursor(cursor: str) -> tuple[float, str]:
    try:
        created, task_id = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if not isinstance(created, float) or not isinstance(task_id, str) or not is_task_id(task_id):
            raise ValueError
    except (ValueError, TypeError):
        raise InvalidRequest(problem="cursor: not one that this list gave; leave it out for the first page") from None
    return created, task_id


@router.post(
    "/v1/tasks/{task_id}/cancel",
    operation_id="cancelTask",
    summary="Cancel a task",
    response_model=VideoTask,
    response_model_exclude_none=True,
    responses=error_responses(400, 401, 404, 409, 429, 500),
)
async def cancel_task(request: Request, task_id: str, caller: CallerDependency) -> Response:
    """Stop a task that waits or runs. A running one stops within about a second; the answer waits for that."""
    state = state_of(request)
    task = await own_task(state, caller, task_id)
    return JSONBytes(task_json(await state.canceller.cancel(task, actor=caller.key.prefix), state.storage))


_EVENT_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events named `task`; `data` is the task object, `id` its revision. The stream ends with the "
        "task.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.get(
    "/v1/tasks/{task_id}/events",
    operation_id="followTask",
    summary="Follow a task",
    response_class=EventSourceResponse,
    responses=_EVENT_STREAM | error_responses(400, 401, 404, 429, 500),
)
async def follow_task(request: Request, task_id: str, caller: CallerDependency) -> EventSourceResponse:
    """Every change of the task as a server-sent event. Send `Last-Event-ID` to go on after that event.

    The stream ends with the task, and within 15 s with the key or the account.
    """
    state = state_of(request)
    await own_task(state, caller, task_id)
    last = request.headers.get("last-event-id", "0").strip()
    if not last.isascii() or not last.isdigit() or len(last) > 9:
        raise InvalidRequest(problem="Last-Event-ID: must be the id of an event of this stream, a whole number")
    events = _events(state, caller, bearer(request), task_id, int(last))
    return _CountedStream(events, state.streams, caller.account_id)


class _CountedStream(EventSourceResponse):
    """Counts as open from its first byte to its last, whatever ends it."""

    def __init__(self, events: AsyncGenerator[ServerSentEvent], streams: OpenStreams, account_id: str) -> None:
        super().__init__(events, ping=15, headers={"X-Accel-Buffering": "no"})
        self._streams, self._account_id = streams, account_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._streams.one_more(self._account_id):
            await super().__call__(scope, receive, send)


async def _events(
    state: ServerState, caller: Caller, key: str, task_id: str, after: int
) -> AsyncGenerator[ServerSentEvent]:
    """The changes of the task behind revision `after`, until it ends or the key does."""
    with state.changes.watch(task_id) as changed:
        while True:
            changed.clear()
            async with state.database.read() as connection:
                try:
                    await authenticate(connection, key)
                except Unauthorized:
                    return
                changes = await list_changes(connection, caller.account_id, task_id, after=after)
                task = await get_task(connection, caller.account_id, task_id)  # at least as new as the changes
            if task is None:
                return
            body = task_object(task, state.storage)
            for change in changes:
                shown = body if change.revision == task.revision else at_change(body, change)
                after = change.revision
                yield ServerSentEvent(json_bytes(shown).decode(), event="task", id=str(change.revision))
            if task.status.terminal:
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AGAIN):
                    await changed.wait()
