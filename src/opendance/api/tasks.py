"""`/v1/tasks`: a task of the caller, its events, and cancelling it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from typing import Annotated, Literal, NotRequired

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette import EventSourceResponse, ServerSentEvent
from typing_extensions import TypedDict

from opendance.api.auth import CallerDependency, Credential, KeyedRoute, credential_of
from opendance.api.own import OwnTask
from opendance.api.responses import OF_CALLERS, Responses
from opendance.api.state import JSONBytes, ServerState, base_url_of, json_bytes, links_of, state_of
from opendance.api.streams import CountedStream
from opendance.api.unified.card import TaskCard, card_of
from opendance.api.unified.details import DetailedVideoTask, WholeVideoTask, details_object
from opendance.api.unified.errors import error_responses
from opendance.api.unified.library import library_object
from opendance.api.unified.task import VideoTask, at_change, task_json, task_object
from opendance.api.whole import whole_task
from opendance.errors import (
    InvalidRequest,
    InvalidTaskId,
    RequestTooLarge,
    TaskNotCancellable,
    TaskNotFound,
    Unauthorized,
)
from opendance.links import Links
from opendance.pipeline.details import details_of
from opendance.store.keys import Caller
from opendance.store.listing import tasks_named
from opendance.store.tasks import TaskChange, TaskRecord, list_changes
from opendance.task import is_task_id

router = APIRouter(tags=["Tasks"], route_class=KeyedRoute, responses=error_responses(*OF_CALLERS))
Include = Annotated[
    Literal["request", "card"] | None,
    Query(
        description="Opendance's own: `request` adds what was asked for, the seed, what was understood, "
        "times and links; `card` answers a card in its place."
    ),
]
_LOOK_AGAIN = 15.0  # s between two looks at the database without being woken


class VideoTaskList(TypedDict):
    """A page of tasks, newest first."""

    object: Literal["list"]
    data: Sequence[VideoTask | DetailedVideoTask | TaskCard]
    has_more: Annotated[bool, Field(description="Whether there are older tasks.")]
    next_cursor: Annotated[str | None, Field(description="Pass as `cursor` for the next page; null on the last.")]
    takes: NotRequired[
        Annotated[dict[str, int], Field(description="With `stacked`: how many takes each `take_group` has, from 2.")]
    ]


class TaskIds(BaseModel):
    """Tasks that are asked for together."""

    model_config = ConfigDict(strict=True, extra="forbid")

    task_ids: list[Annotated[str, Field(max_length=200)]] = Field(max_length=50)


class VideoTasks(TypedDict):
    """Tasks, in the order in which they were asked for."""

    data: list[VideoTask]


@router.post(
    "/v1/tasks/batch",
    operation_id="getTasks",
    summary="Query several tasks",
    responses=error_responses(InvalidRequest, RequestTooLarge),
)
async def read_batch(request: Request, caller: CallerDependency, asked: TaskIds) -> VideoTasks:
    """The task objects of up to 50 ids. What is no task of the caller's account is left out."""
    ids = [task_id for task_id in asked.task_ids if is_task_id(task_id)]
    async with state_of(request).database.read() as connection:
        tasks = await tasks_named(connection, caller.account_id, ids)
    return {"data": [task_object(task, links_of(request)) for task in tasks]}


@router.get(
    "/v1/tasks/{task_id}",
    operation_id="getTask",
    summary="Query a task",
    response_model=VideoTask | WholeVideoTask | TaskCard,
    responses=error_responses(InvalidRequest, InvalidTaskId, TaskNotFound),
)
async def read_task(request: Request, task: OwnTask, include: Include = None) -> Response:
    """The task as it stands; `results` once completed, `error` once failed."""
    if include is None:
        return JSONBytes(task_json(task, links_of(request)))
    if include == "card":
        return JSONBytes(json_bytes(cards(state_of(request), [task])[0]))
    [detailed] = await with_details(request, [task])
    return JSONBytes(json_bytes(await whole_task(request, task, detailed, cards(state_of(request), [task])[0])))


def cards(state: ServerState, tasks: Sequence[TaskRecord]) -> list[TaskCard]:
    """The tasks as cards."""
    return [card_of(task, kept_seconds=state.settings.results_hours * 3600) for task in tasks]


async def with_details(request: Request, tasks: Sequence[TaskRecord]) -> list[DetailedVideoTask]:
    """The task objects, with what `include=request` adds."""
    base_url, links = base_url_of(request), links_of(request)
    details = await details_of(state_of(request).database, tasks)
    return [
        {
            **task_object(task, links),
            **details_object(task, details[task.id], base_url=base_url),
            **library_object(task),
        }
        for task in tasks
    ]


@router.post(
    "/v1/tasks/{task_id}/cancel",
    operation_id="cancelTask",
    summary="Cancel a task",
    response_model=VideoTask,
    responses=error_responses(InvalidTaskId, TaskNotFound, TaskNotCancellable),
)
async def cancel_task(request: Request, caller: CallerDependency, task: OwnTask) -> Response:
    """Stop a task that waits or runs. A running one stops within about a second; the answer waits for that."""
    state = state_of(request)
    return JSONBytes(task_json(await state.canceller.cancel(task, actor=caller.key.prefix), links_of(request)))


_EVENT_STREAM: Responses = {
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
    responses=_EVENT_STREAM | error_responses(InvalidRequest, InvalidTaskId, TaskNotFound),
)
async def follow_task(request: Request, caller: CallerDependency, task: OwnTask) -> EventSourceResponse:
    """Every change of the task as a server-sent event. Send `Last-Event-ID` to go on after that event.

    The stream ends with the task, and within 15 s with the key or the account.
    """
    state = state_of(request)
    last = request.headers.get("last-event-id", "0").strip()
    if not last.isascii() or not last.isdigit() or len(last) > 9:
        raise InvalidRequest(problem="Last-Event-ID: must be the id of an event of this stream, a whole number")
    events = _events(state, links_of(request), caller, credential_of(request), task.id, int(last))
    return CountedStream(events, state.streams, caller.account_id)


async def _events(
    state: ServerState, links: Links, caller: Caller, credential: Credential, task_id: str, after: int
) -> AsyncGenerator[ServerSentEvent]:
    """The changes of the task behind revision `after`, until it ends or the key does.

    The newest change is what the task is now, so one read, which is shared with all who ask meanwhile, is mostly all.
    """
    with state.changes.watch(task_id) as changed:
        while True:
            changed.clear()
            async with state.streams.looking():
                try:
                    await credential.caller(state.callers)
                except Unauthorized:
                    return
                task = await state.task_reads.get(caller.account_id, task_id)
                if task is None:
                    return
                missed = await _missed(state, task, after)
            for change in missed:
                yield _event(change.revision, at_change(task, change))
            if after < task.revision:
                after = task.revision
                yield _event(after, task_object(task, links))
            if task.status.terminal:
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AGAIN):
                    await changed.wait()


async def _missed(state: ServerState, task: TaskRecord, after: int) -> list[TaskChange]:
    """The changes of the task between revision `after` and the one that it has now."""
    if task.revision <= after + 1:
        return []
    async with state.database.read() as connection:
        changes = await list_changes(connection, task.account_id, task.id, after=after)
    return [change for change in changes if change.revision < task.revision]  # it may have gone on since it was read


def _event(revision: int, shown: VideoTask) -> ServerSentEvent:
    return ServerSentEvent(json_bytes(shown).decode(), event="task", id=str(revision))
