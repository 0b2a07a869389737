"""`POST /v1/tasks/{task_id}/again`: the same request once more."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from opendance.api import unified
from opendance.api.auth import CallerDependency, KeyedRoute
from opendance.api.own import OwnTask
from opendance.api.reading import bounded_body, json_object, read_aside
from opendance.api.repeating import REPLAYED, IdempotencyKey
from opendance.api.responses import OF_CALLERS
from opendance.api.state import JSONBytes, base_url_of, state_of
from opendance.api.unified.errors import error_responses
from opendance.api.unified.request import changed_request
from opendance.api.unified.task import VideoGenerationResponse, VideoTask, task_json
from opendance.errors import (
    IdempotencyConflict,
    InsufficientQuota,
    InvalidRequest,
    InvalidTaskId,
    ModelAccessDenied,
    RequestTooLarge,
    TaskNotFound,
)
from opendance.pipeline.inputs import renewed
from opendance.pipeline.submit import Repetition

router = APIRouter(tags=["Tasks"], route_class=KeyedRoute)
_CHANGES: dict[str, Any] = {
    "requestBody": {
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/VideoGenerationChanges"}}},
    }
}


@router.post(
    "/v1/tasks/{task_id}/again",
    operation_id="makeAgain",
    summary="The same request once more",
    response_model=VideoGenerationResponse | VideoTask,
    response_description="The new task; with an `Idempotency-Key` that was used for the same request before, that one "
    "as it stands now",
    responses=error_responses(
        *OF_CALLERS,
        InvalidRequest,
        InvalidTaskId,
        InsufficientQuota,
        ModelAccessDenied,
        TaskNotFound,
        IdempotencyConflict,
        RequestTooLarge,
    ),
    openapi_extra=_CHANGES,
)
async def make_again(
    request: Request, caller: CallerDependency, task: OwnTask, idempotency_key: IdempotencyKey = None
) -> Response:
    """Create a task with the request of this one, but for the fields in the body; `{}` or nothing changes none.

    Null takes a field away, so that its default holds. The seed is a new one unless `model_params.seed` gives it. Links
    to this server's own files are renewed; a file that is gone must be given anew.
    """
    state = state_of(request)
    body = await bounded_body(request)
    changes = await read_aside(len(body), json_object, body) if body.strip() else {}
    repetition = None
    if idempotency_key is not None:
        said = json.dumps({"again": task.id, "changes": changes}, sort_keys=True)
        repetition = Repetition(idempotency_key, hashlib.sha256(said.encode()).hexdigest())
        if (before := await state.submitter.repeated(caller, repetition)) is not None:
            return JSONBytes(task_json(before, state.links), headers=REPLAYED)
    base_url, settings = base_url_of(request), state.settings
    given = (task.order, changes, settings.callback_allow, settings.model_aliases)
    order = (await read_aside(len(body), changed_request, *given)).order()
    order = await renewed(order, task, state.database, state.links, base_url=base_url)
    made = await state.submitter.submit(caller, order, wire=unified.WIRE, base_url=base_url, repetition=repetition)
    headers = REPLAYED if made.replayed else None
    return JSONBytes(task_json(made.task, state.links), headers=headers)
