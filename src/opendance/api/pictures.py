"""`/v1/tasks/{task_id}/poster`, `/strip` and `/last-frame`: pictures of a task's video."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from opendance.api.auth import CallerDependency
from opendance.api.openapi import error_responses
from opendance.api.state import base_url_of, state_of
from opendance.api.tasks import own_task
from opendance.catalog import RESULT_LINK_SECONDS
from opendance.links import PICTURES, TASK_PATH
from opendance.media.pictures import POSTER_SIDE, STRIP_FRAMES, STRIP_SIDE
from opendance.storage import picture_key
from opendance.store.keys import Caller

router = APIRouter(tags=["Results"])
_DESCRIBED: dict[int | str, dict[str, Any]] = {
    307: {"description": "Follow `Location`: a link to the picture that works for 24 hours, and needs no key"},
    **error_responses(400, 401, 404, 409, 429, 500, 503),
}
_DESCRIBED[409]["description"] = "The task has no video: it is not completed"


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
async def read_poster(request: Request, task_id: str, caller: CallerDependency) -> RedirectResponse:
    return await _picture(request, task_id, caller, "poster")


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
async def read_strip(request: Request, task_id: str, caller: CallerDependency) -> RedirectResponse:
    return await _picture(request, task_id, caller, "strip")


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
async def read_last_frame(request: Request, task_id: str, caller: CallerDependency) -> RedirectResponse:
    return await _picture(request, task_id, caller, "last-frame")


async def _picture(request: Request, task_id: str, caller: Caller, name: str) -> RedirectResponse:
    state = state_of(request)
    task = await own_task(state, caller, task_id)
    await state.pictures.ensure(task)
    key = picture_key(task.id, PICTURES[name])
    link = await state.storage.presigned(key, RESULT_LINK_SECONDS)
    return RedirectResponse(link or state.links.result(base_url_of(request), key, made=time.time()), status_code=307)
