"""`POST /v1/videos/generations`."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from opendance.api.auth import CallerDependency
from opendance.api.openapi import error_responses
from opendance.api.schemas import VideoGenerationResponse
from opendance.api.state import base_url_of, state_of
from opendance.api.views import task_object
from opendance.billing import credits_to_reserve
from opendance.errors import ModelAccessDenied, UnsupportedMediaType
from opendance.pipeline.context import random_seed
from opendance.prompt import check_references
from opendance.request import parse_request
from opendance.store.tasks import TaskRecord, create_task
from opendance.task import Status, new_task_id

router = APIRouter(tags=["Videos"])
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/VideoGenerationRequest"}}},
    }
}


@router.post(
    "/v1/videos/generations",
    operation_id="createSeedance20VideoGeneration",
    summary="Generate a video",
    response_model=VideoGenerationResponse,
    response_description="The task was created",
    responses=error_responses(400, 401, 402, 403, 413, 415, 429, 500),
    openapi_extra=_BODY,
)
async def create_video(request: Request, caller: CallerDependency) -> JSONResponse:
    """Start a video: the model chooses mode (text-, image- or reference-to-video) and tier (standard, fast, mini).

    The answer comes at once with a task id; query it with `GET /v1/tasks/{task_id}`, or follow it with
    `GET /v1/tasks/{task_id}/events`. The link to the finished video works for 24 hours.
    """
    state = state_of(request)
    content_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if content_type != "application/json" and not content_type.endswith("+json"):
        raise UnsupportedMediaType(given=content_type or "(empty)")
    wanted = parse_request(await request.body())
    if caller.models is not None and wanted.model not in caller.models:
        raise ModelAccessDenied(model=wanted.model, allowed=", ".join(caller.models) or "none")
    check_references(
        wanted.prompt,
        num_images=len(wanted.image_urls or ()),
        num_videos=len(wanted.video_urls or ()),
        num_audios=len(wanted.audio_urls or ()),
    )
    now = time.time()
    seed = wanted.model_params.seed
    task = TaskRecord(
        id=new_task_id(now),
        account_id=caller.account_id,
        user_group=caller.user_group,
        model=wanted.model,
        status=Status.PENDING,
        stage=None,
        progress=0,
        revision=1,
        request=wanted.model_dump(mode="json", exclude_none=True),
        seed=random_seed() if seed is None else seed,
        estimated_time=state.estimator.seconds_until_done(wanted),
        credits_reserved=credits_to_reserve(wanted),
        created=now,
        started=None,
        finished=None,
        error_code=None,
        error_message=None,
        result_key=None,
        cancel_requested=False,
        attempts=0,
    )
    async with state.database.write() as connection:
        await create_task(connection, task)
    state.estimator.add(wanted)
    state.queue.notify()
    return JSONResponse(task_object(task, state.storage, base_url_of(request)))
