"""`POST /v1/tasks/{task_id}/again`: the same request once more."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from opendance.api import unified
from opendance.api.auth import CallerDependency, KeyedRoute
from opendance.api.openapi import error_responses
from opendance.api.own import own_task
from opendance.api.reading import bounded_body, json_object, read_aside
from opendance.api.schemas import VideoGenerationResponse
from opendance.api.state import JSONBytes, base_url_of, state_of
from opendance.api.unified.request import changed_request
from opendance.api.unified.task import task_json
from opendance.api.videos import IdempotencyKey
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
    response_model=VideoGenerationResponse,
    response_description="The new task",
    responses=error_responses(400, 401, 402, 403, 404, 409, 413, 429, 500),
    openapi_extra=_CHANGES,
)
async def make_again(
    request: Request, task_id: str, caller: CallerDependency, idempotency_key: IdempotencyKey = None
) -> Response:
    """Create a task with the request of this one, but for the fields in the body; `{}` or nothing changes none.

    Null takes a field away, so that its default holds. The seed is a new one unless `model_params.seed` gives it. Links
    to this server's own files are renewed; a file that is gone must be given anew.
    """
    state = state_of(request)
    task = await own_task(state, caller, task_id)
    body = await bounded_body(request)
    changes = await read_aside(len(body), json_object, body) if body.strip() else {}
    repetition = None
    if idempotency_key is not None:
        said = json.dumps({"again": task_id, "changes": changes}, sort_keys=True)
        repetition = Repetition(idempotency_key, hashlib.sha256(said.encode()).hexdigest())
        if (before := await state.submitter.repeated(caller, repetition)) is not None:
            return JSONBytes(task_json(before, state.storage), headers={"Idempotent-Replayed": "true"})
    allowed = state.settings.callback_allow
    order = (await read_aside(len(body), changed_request, task.order, changes, allowed)).order()
    made = await state.submitter.submit(
        caller, order, wire=unified.WIRE, base_url=base_url_of(request), repetition=repetition
    )
    headers = {"Idempotent-Replayed": "true"} if made.replayed else None
    return JSONBytes(task_json(made.task, state.storage), headers=headers)
