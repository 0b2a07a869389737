"""`/v1/queue`: what waits and runs, when one's own turn comes, and moving and cancelling one's own."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from opendance.api.auth import CallerDependency, KeyedRoute
from opendance.api.own import OwnTask
from opendance.api.responses import OF_CALLERS
from opendance.api.state import ServerState, state_of
from opendance.api.tasks import cards
from opendance.api.unified.card import TaskCard
from opendance.api.unified.errors import error_responses
from opendance.catalog import MODELS
from opendance.errors import (
    InvalidRequest,
    InvalidTaskId,
    RequestTooLarge,
    TaskNotCancellable,
    TaskNotFound,
    TaskStateConflict,
)
from opendance.pipeline.outlook import Lane, Outlook, Seconds, ahead_of, lanes_of, moved, outlooks
from opendance.store.keys import Caller
from opendance.store.listing import tasks_named
from opendance.store.tasks import TaskRecord
from opendance.store.waiting import WaitingTask, live_tasks, next_tag, own_waiting, set_tags
from opendance.task import Status, is_task_id

router = APIRouter(tags=["Tasks"], route_class=KeyedRoute, responses=error_responses(*OF_CALLERS))
_MOST_SHOWN = 200  # of one's own tasks
_MOST_CANCELLED = 200
_AT_ONCE = 10  # of many that are cancelled


class LaneObject(TypedDict):
    """Models that the same engines make, and what waits for those."""

    name: str
    models: list[str]
    engines: list[str]
    places: Annotated[int, Field(description="Tasks that this process runs side by side there.")]
    running: Annotated[int, Field(description="Of all accounts.")]
    waiting: int
    others_running: int
    others_waiting: int
    is_open: Annotated[bool, Field(description="Whether one of its engines could begin now.")]


class OwnPlace(TypedDict):
    """Where a task stands."""

    task: TaskCard
    lane: str
    place: Annotated[int | None, Field(description="Among your own, from 1; null while it runs.")]
    ahead: Annotated[int | None, Field(description="Tasks of all accounts before it; null while it runs.")]
    starts_in: Annotated[float | None, Field(description="Seconds; null while it runs.")]
    ready_in: Annotated[float, Field(description="Seconds until it is done.")]


class QueueObject(TypedDict):
    """What waits and runs."""

    object: Literal["queue"]
    lanes: list[LaneObject]
    own: Annotated[list[OwnPlace], Field(description="Your tasks: what runs first, then in the order of their turns.")]
    waiting: Annotated[int, Field(description="Your tasks that wait.")]
    making: Annotated[int, Field(description="Your tasks that run.")]


class Move(BaseModel):
    """Where a task is to go among one's own that wait for the same engines: one of the two."""

    model_config = ConfigDict(strict=True, extra="forbid")
    to: Literal["first", "last", "up", "down"] | None = None
    before: Annotated[str, Field(max_length=200)] | None = Field(
        default=None, description="The task that comes after it."
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Move:
        if (self.to is None) == (self.before is None):
            raise PydanticCustomError("one_of_two", "give to or before, one of the two")
        return self


class Cancelling(BaseModel):
    """What is to be cancelled: one of the two."""

    model_config = ConfigDict(strict=True, extra="forbid")
    task_ids: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=_MOST_CANCELLED)] | None = None
    waiting: Literal[True] | None = Field(default=None, description="All of yours that wait, at most 200 at a time.")

    @model_validator(mode="after")
    def _one_of_them(self) -> Cancelling:
        if (self.task_ids is None) == (self.waiting is None):
            raise PydanticCustomError("one_of_two", "give task_ids or waiting, one of the two")
        return self


class CancelledTask(TypedDict):
    """What became of one."""

    id: str
    cancelled: bool
    status: str | None
    error: Annotated[dict[str, str] | None, Field(description="`code` and `message`: why it was not.")]


class CancelledTasks(TypedDict):
    """What became of each."""

    object: Literal["list"]
    data: list[CancelledTask]


@router.get("/v1/queue", operation_id="readQueue", summary="What waits and runs")
async def read_queue(request: Request, caller: CallerDependency) -> QueueObject:
    """Your tasks with their places and times, and how many of others there are, by lane."""
    return await queue_object(state_of(request), caller)


async def queue_object(state: ServerState, caller: Caller) -> QueueObject:
    """The queue as the caller sees it."""
    async with state.database.read() as connection:
        lanes = lanes_here(state, await live_tasks(connection))
        told = [each for lane in lanes.values() for each in outlooks(lane, caller.account_id, seconds_in(state))]
        told.sort(key=lambda each: (each.place is not None, each.starts_in or 0.0, each.place or 0))
        records = await tasks_named(connection, caller.account_id, [each.task_id for each in told[:_MOST_SHOWN]])
    by_id = {record.id: record for record in records}
    return {
        "object": "queue",
        "lanes": [lane_object(state, lane, caller.account_id) for lane in lanes.values()],
        "own": [_own_place(state, each, by_id[each.task_id]) for each in told if each.task_id in by_id],
        "waiting": sum(each.place is not None for each in told),
        "making": sum(each.place is None for each in told),
    }


async def place_of_next(state: ServerState, caller: Caller, model: str) -> tuple[int, float]:
    """How many tasks a new one of the caller's would have before it, and the seconds until it would be begun."""
    async with state.database.read() as connection:
        lanes = lanes_here(state, await live_tasks(connection))
        tag = await next_tag(connection, caller.account_id)
    return ahead_of(lanes[state.routes.lane_of(MODELS[model])], tag, seconds_in(state))


def lanes_here(state: ServerState, tasks: list[WaitingTask]) -> dict[str, Lane]:
    """What waits and runs, by lane."""
    lane_of = {name: state.routes.lane_of(model) for name, model in MODELS.items()}
    places = {
        lane: max((host.slots for engine, host in state.hosts.items() if engine in lane.split("+")), default=1)
        for lane in lane_of.values()
    }
    return lanes_of(tasks, lane_of, places)


def seconds_in(state: ServerState) -> Seconds:
    """Engine time of a task, s, as measured here."""
    return lambda task: state.estimator.seconds_of(task.model, task.quality, task.duration)


def lane_object(state: ServerState, lane: Lane, account_id: str) -> LaneObject:
    """A lane in numbers, as an account sees it."""
    engines = [] if lane.name == "none" else lane.name.split("+")
    return {
        "name": lane.name,
        "models": [name for name, model in MODELS.items() if state.routes.lane_of(model) == lane.name],
        "engines": engines,
        "places": lane.places,
        "running": len(lane.running),
        "waiting": len(lane.waiting),
        "others_running": sum(task.account_id != account_id for task in lane.running),
        "others_waiting": sum(task.account_id != account_id for task in lane.waiting),
        "is_open": any(state.is_up(engine) for engine in engines),
    }


def _own_place(state: ServerState, outlook: Outlook, task: TaskRecord) -> OwnPlace:
    return {
        "task": cards(state, [task])[0],
        "lane": outlook.lane,
        "place": outlook.place,
        "ahead": outlook.ahead,
        "starts_in": outlook.starts_in,
        "ready_in": outlook.ready_in,
    }


@router.post(
    "/v1/tasks/cancel",
    operation_id="cancelTasks",
    summary="Cancel several tasks",
    responses=error_responses(InvalidRequest, RequestTooLarge),
)
async def cancel_tasks(request: Request, caller: CallerDependency, body: Cancelling) -> CancelledTasks:
    """Those that are named, or all of yours that wait. Each is told by itself; what has ended stays as it is."""
    state, ids = state_of(request), body.task_ids
    async with state.database.read() as connection:
        if ids is None:
            tasks = await live_tasks(connection)
            ids = [task.id for task in tasks if task.account_id == caller.account_id and not task.runs]
            ids = ids[:_MOST_CANCELLED]
        records = await tasks_named(connection, caller.account_id, [each for each in ids if is_task_id(each)])
    by_id, places = {record.id: record for record in records}, asyncio.Semaphore(_AT_ONCE)

    async def cancelled(task_id: str) -> CancelledTask:
        task = by_id.get(task_id)
        if task is None:
            return _not_cancelled(task_id, None, TaskNotFound(task_id=task_id))
        async with places:
            try:
                ended = await state.canceller.cancel(task, actor=caller.key.prefix)
            except TaskNotCancellable as error:
                return _not_cancelled(task_id, task.status.value, error)
        return {"id": task_id, "cancelled": True, "status": ended.status.value, "error": None}

    return {"object": "list", "data": await asyncio.gather(*map(cancelled, dict.fromkeys(ids)))}


def _not_cancelled(task_id: str, status: str | None, error: TaskNotFound | TaskNotCancellable) -> CancelledTask:
    return {
        "id": task_id,
        "cancelled": False,
        "status": status,
        "error": {"code": error.code, "message": error.message},
    }


@router.post(
    "/v1/tasks/{task_id}/move",
    operation_id="moveTask",
    summary="Move a task that waits",
    responses=error_responses(InvalidRequest, InvalidTaskId, TaskNotFound, TaskStateConflict, RequestTooLarge),
)
async def move_task(request: Request, caller: CallerDependency, task: OwnTask, body: Move) -> QueueObject:
    """Among your own tasks that wait for the same engines; the turns of others stay as they are. Answers the queue."""
    state = state_of(request)
    lane = state.routes.lane_of(task.order.catalog_model) if task.model in MODELS else ""
    models = frozenset(name for name, model in MODELS.items() if state.routes.lane_of(model) == lane)
    async with state.database.write() as connection:
        order = await own_waiting(connection, caller.account_id, models)
        ids = [task_id for task_id, _ in order]
        if task.id not in ids:
            status = task.status.value if task.status is not Status.PENDING else Status.PROCESSING.value
            raise TaskStateConflict(task_id=task.id, status=status, why="only one that waits can be moved")
        await set_tags(connection, caller.account_id, moved(order, task.id, _place(ids, task.id, body)))
    state.changes.tell(caller.account_id)
    return await queue_object(state, caller)


def _place(ids: list[str], task_id: str, move: Move) -> int:
    """Where the task is to be among the others.

    Raises:
        InvalidRequest: that which it is to be before does not wait there.
    """
    now = ids.index(task_id)
    if move.before is not None:
        others = [each for each in ids if each != task_id]
        if move.before not in others:
            raise InvalidRequest(problem=f"before: {move.before[:80]!r} is no task of yours that waits there")
        return others.index(move.before)
    return {"first": 0, "last": len(ids), "up": now - 1, "down": now + 1}[move.to or "first"]
