"""`/v1/tasks`: a task of the caller, its events, and cancelling it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from opendance.api.auth import CallerDependency
from opendance.api.openapi import error_responses
from opendance.api.schemas import VideoTask
from opendance.api.state import JSONBytes, ServerState, state_of
from opendance.api.unified.task import at_change, json_bytes, task_json, task_object
from opendance.errors import InvalidRequest, InvalidTaskId, TaskNotFound
from opendance.store.keys import Caller
from opendance.store.tasks import TaskRecord, get_task, list_changes
from opendance.task import is_task_id

router = APIRouter(tags=["Tasks"])
_LOOK_AGAIN = 15.0  # s between two looks at the database without being woken


async def own_task(state: ServerState, caller: Caller, task_id: str) -> TaskRecord:
    """The caller's task.

    Raises:
        InvalidTaskId: `task_id` has not the form of one.
        TaskNotFound: there is none in the caller's account.
    """
    if not is_task_id(task_id):
        raise InvalidTaskId(task_id=repr(task_id[:80]))
    async with state.database.read() as connection:
        task = await get_task(connection, caller.account_id, task_id)
    if task is None:
        raise TaskNotFound(task_id=task_id)
    return task


@router.get(
    "/v1/tasks/{task_id}",
    operation_id="getTask",
    summary="Query a task",
    response_model=VideoTask,
    response_model_exclude_none=True,
    responses=error_responses(400, 401, 402, 403, 404, 429, 500),
)
async def read_task(request: Request, task_id: str, caller: CallerDependency) -> Response:
    """The task as it stands; `results` once completed, `error` once failed."""
    state = state_of(request)
    task = await own_task(state, caller, task_id)
    return JSONBytes(task_json(task, state.storage))


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
    """Every change of the task as a server-sent event. Send `Last-Event-ID` to go on after that event."""
    state = state_of(request)
    await own_task(state, caller, task_id)
    last = request.headers.get("last-event-id", "0").strip()
    if not last.isascii() or not last.isdigit() or len(last) > 9:
        raise InvalidRequest(problem="Last-Event-ID: must be the id of an event of this stream, a whole number")
    return EventSourceResponse(
        _events(state, caller, task_id, int(last)),
        ping=15,
        headers={"X-Accel-Buffering": "no"},
    )


async def _events(state: ServerState, caller: Caller, task_id: str, after: int) -> AsyncGenerator[ServerSentEvent]:
    with state.changes.watch(task_id) as changed:
        while True:
            changed.clear()
            async with state.database.read() as connection:
                changes = await list_changes(connection, caller.account_id, task_id, after=after)
                task = await get_task(connection, caller.account_id, task_id)  # at least as new as the changes
            if task is None:
                return
            body = task_object(task, state.storage)
            for change in changes:
                shown = body if change.revision == task.revision else at_change(body, change)
                after = change.revision
                yield ServerSentEvent(json_bytes(shown).decode(), event="task", id=str(change.revision))
            if task.status.terminal and after >= task.revision:
                return
            if task.status.terminal:  # it ended between the two looks
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AGAIN):
                    await changed.wait()
