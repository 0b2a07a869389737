"""`/v1/tasks/{task_id}/poster`, `/strip` and `/last-frame`: pictures of a task's video."""

from __future__ import annotations

import time

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from opendance.api.auth import KeyedRoute
from opendance.api.own import OwnTask
from opendance.api.responses import OF_CALLERS, Responses
from opendance.api.state import base_url_of, state_of
from opendance.api.unified.errors import error_responses
from opendance.catalog import RESULT_LINK_SECONDS
from opendance.errors import InvalidTaskId, NotFound, TaskNotCompleted, TaskNotFound
from opendance.links import PICTURES, TASK_PATH
from opendance.media.pictures import POSTER_SIDE, STRIP_FRAMES, STRIP_SIDE
from opendance.storage import picture_key
from opendance.store.tasks import TaskRecord

router = APIRouter(tags=["Results"], route_class=KeyedRoute, responses=error_responses(*OF_CALLERS))
_DESCRIBED: Responses = {
    307: {"description": "Follow `Location`: a link to the picture that works for 24 hours, and needs no key"},
    **error_responses(InvalidTaskId, TaskNotFound, TaskNotCompleted, NotFound),
}


@router.get(
    TASK_PATH + "{task_id}/poster",
    operation_id="readPoster",
    summary="The poster of a video",
    status_code=307,
    response_class=RedirectResponse,
    responses=_DESCRIBED,
    description=f"WebP of its first good frame - not of one colour, in no fade - with at most {POSTER_SIDE} px on the "
    "long side. It is kept as long as the task.",
)
async def read_poster(request: Request, task: OwnTask) -> RedirectResponse:
    return await _picture(request, task, "poster")


@router.get(
    TASK_PATH + "{task_id}/strip",
    operation_id="readStrip",
    summary="Ten frames of a video side by side",
    status_code=307,
    response_class=RedirectResponse,
    responses=_DESCRIBED,
    description=f"WebP of {STRIP_FRAMES} evenly spaced frames side by side, each with at most {STRIP_SIDE} px on the "
    "long side. It is kept as long as the task.",
)
async def read_strip(request: Request, task: OwnTask) -> RedirectResponse:
    return await _picture(request, task, "strip")


@router.get(
    TASK_PATH + "{task_id}/last-frame",
    operation_id="readLastFrame",
    summary="The last frame of a video",
    status_code=307,
    response_class=RedirectResponse,
    responses=_DESCRIBED,
    description="PNG of exactly that frame at its full size, for the next video to begin with. It is kept as long as "
    "the task.",
)
async def read_last_frame(request: Request, task: OwnTask) -> RedirectResponse:
    return await _picture(request, task, "last-frame")


async def _picture(request: Request, task: TaskRecord, name: str) -> RedirectResponse:
    state = state_of(request)
    await state.pictures.ensure(task)
    key = picture_key(task.id, PICTURES[name])
    link = await state.storage.presigned(key, RESULT_LINK_SECONDS)
    return RedirectResponse(link or state.links.result(base_url_of(request), key, made=time.time()), status_code=307)
