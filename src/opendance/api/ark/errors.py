"""Errors in Ark's words: the official SDK chooses its class by the status alone, people read code and message."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from opendance.api.responses import Responses, responses_of
from opendance.errors import ApiError
from opendance.store.tasks import TaskRecord

_BAD, _FORBIDDEN, _NOT_FOUND = (400, "BadRequest"), (403, "Forbidden"), (404, "NotFound")
_CONFLICT = (409, "Conflict")
# (status, type), code. What is not here keeps its status.
_ANSWERS: dict[str, tuple[tuple[int, str], str]] = {
    "invalid_request": (_BAD, "InvalidParameter"),
    "unauthorized": ((401, "Unauthorized"), "AuthenticationError"),
    "insufficient_quota": (_FORBIDDEN, "AccountOverdueError"),
    "model_access_denied": (_FORBIDDEN, "AccessDenied"),
    "resource_not_found": (_NOT_FOUND, "InvalidEndpointOrModel.NotFound"),
    "task_not_found": (_NOT_FOUND, "ResourceNotFound"),
    "invalid_task_id": (_NOT_FOUND, "ResourceNotFound"),  # what is no id of ours is no task of ours
    "not_found": (_NOT_FOUND, "ResourceNotFound"),
    "method_not_allowed": ((405, "BadRequest"), "OperationDenied"),
    "quota_exceeded": (_FORBIDDEN, "QuotaExceeded"),
    "idempotency_conflict": (_CONFLICT, "OperationDenied"),
    "task_state_conflict": (_CONFLICT, "OperationDenied"),
    "result_in_use": (_CONFLICT, "OperationDenied"),
    "rate_limit_exceeded": ((429, "TooManyRequests"), "RateLimitExceeded"),
    "service_unavailable": ((503, "InternalServerError"), "ServiceUnavailable"),
}
_PLACE = re.compile(r"\b([a-z]\w{0,60}+(?:\[\d{0,6}\]|\.\w{1,60}+){0,8}): (is required)?")
_TASK_ERRORS = {
    "invalid_parameters": "InvalidParameter",
    "resource_not_found": "InvalidParameter",
    "invalid_image": "InvalidParameter.image_url",
    "image_dimension_mismatch": "InvalidParameter.image_url",
    "image_processing_error": "InvalidParameter.image_url",
    "invalid_video": "InvalidParameter.video_url",
    "invalid_audio": "InvalidParameter.audio_url",
}


class ArkErrorDetail(TypedDict):
    """What went wrong."""

    code: Annotated[str, Field(description="Ark's code.")]
    message: Annotated[str, Field(description="What is wrong, where, and what would be right.")]
    param: Annotated[str, Field(description="The field that it is about; empty where it is about none.")]
    type: Annotated[str, Field(description="Kind of error.")]


class ArkErrorResponse(TypedDict):
    """An error."""

    error: ArkErrorDetail


def error_answer(error: ApiError) -> tuple[int, ArkErrorResponse]:
    """Status and body of an answer that tells the error."""
    fault = (error.status, "InternalServerError"), "InternalServiceError"
    refusal = (error.status, "BadRequest"), "InvalidParameter"
    (status, kind), code = _ANSWERS.get(error.code, fault if error.status >= 500 else refusal)
    param = ""
    # A refusal begins with where it applies.
    if error.code == "invalid_request" and (place := _PLACE.match(error.message)):
        param = place[1]
        code = "MissingParameter" if place[2] else code
    return status, {"error": {"code": code, "message": error.message, "param": param, "type": kind}}


def code_of_failure(task: TaskRecord) -> str:
    """Ark's code for why a task failed."""
    if task.error_code == "content_policy_violation":
        return f"{_refused_part(task.error_message or '')}SensitiveContentDetected"
    return _TASK_ERRORS.get(task.error_code or "", "InternalServiceError")


def _refused_part(message: str) -> str:
    """What the content filter refused: its message begins with the place, in the words of the wire of the task."""
    place = message.partition(":")[0]
    if place == "output":
        return "OutputVideo"
    return "InputImage" if "image" in place else "InputVideo" if "video" in place else "InputText"


def error_responses(*errors: type[ApiError]) -> Responses:
    """The error answers of a route, for the OpenAPI document."""
    return responses_of(errors, error_answer, ArkErrorResponse)
