"""`/v1/videos/generations/{task_id}`: where some programs look for a task, and cancel it."""

from __future__ import annotations

from fastapi import APIRouter, Request

from opendance.api.auth import CallerDependency, KeyedRoute
from opendance.api.own import OwnTask
from opendance.api.responses import OF_CALLERS
from opendance.api.state import links_of, state_of
from opendance.api.unified.errors import error_responses
from opendance.api.unified.generation import VideoGeneration, generation_object
from opendance.errors import InvalidTaskId, TaskNotCancellable, TaskNotFound

router = APIRouter(tags=["Videos"], route_class=KeyedRoute, responses=error_responses(*OF_CALLERS))


@router.get(
    "/v1/videos/generations/{task_id}",
    operation_id="getVideoGeneration",
    summary="Query a task, where it was created",
    responses=error_responses(InvalidTaskId, TaskNotFound),
)
async def read_generation(request: Request, task: OwnTask) -> VideoGeneration:
    """As `GET /v1/tasks/{task_id}`, with `result` and `result_data` beside `results`."""
    return generation_object(task, links_of(request))


@router.post(
    "/v1/videos/generations/{task_id}/cancel",
    operation_id="cancelVideoGeneration",
    summary="Cancel a task, where it was created",
    responses=error_responses(InvalidTaskId, TaskNotFound, TaskNotCancellable),
)
async def cancel_generation(request: Request, caller: CallerDependency, task: OwnTask) -> VideoGeneration:
    """As `POST /v1/tasks/{task_id}/cancel`."""
    cancelled = await state_of(request).canceller.cancel(task, actor=caller.key.prefix)
    return generation_object(cancelled, links_of(request))
