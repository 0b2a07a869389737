"""`/api/v3/contents/generations/tasks`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from opendance.api.ark import WIRE
from opendance.api.ark.errors import error_responses
from opendance.api.ark.request import parse_request
from opendance.api.ark.task import ContentGenerationTask, ContentGenerationTaskId, callback_body
from opendance.api.auth import CallerDependency, KeyedRoute
from opendance.api.own import OwnTask
from opendance.api.reading import json_body, read_aside
from opendance.api.responses import OF_CALLERS
from opendance.api.state import JSONBytes, base_url_of, links_of, state_of
from opendance.errors import (
    InsufficientQuota,
    InvalidRequest,
    InvalidTaskId,
    ModelAccessDenied,
    NotFound,
    RequestTooLarge,
    TaskNotFound,
    UnsupportedMediaType,
)

router = APIRouter(tags=["Ark"], prefix="/api/v3/contents/generations/tasks", route_class=KeyedRoute)
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ContentGenerationRequest"}}},
    }
}


@router.post(
    "",
    operation_id="createContentGenerationTask",
    summary="Generate a video, in the words of Ark",
    response_model=ContentGenerationTaskId,
    responses=error_responses(
        *OF_CALLERS,
        InvalidRequest,
        InsufficientQuota,
        ModelAccessDenied,
        NotFound,
        RequestTooLarge,
        UnsupportedMediaType,
    ),
    openapi_extra=_BODY,
)
async def create_task(request: Request, caller: CallerDependency) -> JSONResponse:
    """Start a video as with `POST /v1/videos/generations`: the same rules, prices and task, in other words."""
    state = state_of(request)
    body = await json_body(request)
    order = await read_aside(len(body), parse_request, body, state.settings.callback_allow)
    submitted = await state.submitter.submit(caller, order, wire=WIRE, base_url=base_url_of(request))
    return JSONResponse({"id": submitted.task.id})


@router.get(
    "/{task_id}",
    operation_id="getContentGenerationTask",
    summary="Query a task, in the words of Ark",
    response_model=ContentGenerationTask,
    responses=error_responses(*OF_CALLERS, InvalidTaskId, TaskNotFound),
)
async def read_task(request: Request, task: OwnTask) -> Response:
    """The task as it stands, whichever API it was created by."""
    return JSONBytes(await callback_body(task, state_of(request).database, links_of(request)))
