"""`POST /v1/videos/generations`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from opendance.api.auth import CallerDependency, KeyedRoute, as_it_stands
from opendance.api.reading import json_body, read_aside
from opendance.api.repeating import REPLAYED, IdempotencyKey
from opendance.api.responses import OF_CALLERS
from opendance.api.state import JSONBytes, base_url_of, state_of
from opendance.api.unified import WIRE
from opendance.api.unified.errors import error_responses
from opendance.api.unified.quote import VideoEstimate, quote_object
from opendance.api.unified.request import parse_request
from opendance.api.unified.task import VideoGenerationResponse, VideoTask, task_json
from opendance.errors import (
    IdempotencyConflict,
    InsufficientQuota,
    InvalidRequest,
    ModelAccessDenied,
    RequestTooLarge,
    TaskNotFound,
    UnsupportedMediaType,
)
from opendance.pipeline.quote import quote
from opendance.pipeline.submit import Repetition

router = APIRouter(tags=["Videos"], route_class=KeyedRoute, responses=error_responses(*OF_CALLERS))
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/VideoGenerationRequest"}}},
    }
}


@router.post(
    "/v1/videos/generations",  # EP-01
    operation_id="createSeedance20VideoGeneration",  # EP-01
    summary="Generate a video",
    response_model=VideoGenerationResponse | VideoEstimate | VideoTask,
    response_description="The task was created; with `dry_run` what it would be; with an `Idempotency-Key` that was "
    "used for the same request before, the task as it stands now",
    responses=error_responses(
        InvalidRequest,
        InsufficientQuota,
        ModelAccessDenied,
        TaskNotFound,
        IdempotencyConflict,
        RequestTooLarge,
        UnsupportedMediaType,
    ),
    openapi_extra=_BODY,
)
async def create_video(
    request: Request,
    caller: CallerDependency,
    dry_run: Annotated[
        bool, Query(description="Opendance's own: answer the price and the plan, and create nothing.")
    ] = False,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Start a video: the model chooses mode (text-, image- or reference-to-video) and tier (standard, fast, mini).

    The answer comes at once with a task id; query it with `GET /v1/tasks/{task_id}`, or follow it with
    `GET /v1/tasks/{task_id}/events`. The link to the finished video works for 24 hours.
    """
    state = state_of(request)
    body = await json_body(request)
    if unknown := sorted(set(request.query_params) - {"dry_run"}):  # a misspelled dry_run must not be charged
        raise InvalidRequest(
            problem=f"{unknown[0][:60] or '(empty)'}: is no query parameter of this call; there is dry_run"
        )
    settings = state.settings
    parsed = await read_aside(len(body), parse_request, body, settings.callback_allow, settings.model_aliases)
    order = parsed.order()
    if dry_run:
        quoted = await quote(state.estimator, state.routes, await as_it_stands(request), order)
        return JSONResponse(quote_object(order, quoted, user_group=caller.group.name))
    repetition = None if idempotency_key is None else Repetition(idempotency_key, parsed.sha256())
    made = await state.submitter.submit(caller, order, wire=WIRE, base_url=base_url_of(request), repetition=repetition)
    headers = REPLAYED if made.replayed else None
    return JSONBytes(task_json(made.task, state.links), headers=headers)
