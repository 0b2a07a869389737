"""Errors in Ark's words: every error that a route can answer with has one, and the SDK its class for it."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from opendance import errors
from opendance.api.ark.errors import ArkErrorResponse, error_answer
from opendance.errors import ApiError, InvalidRequest, TaskNotFound
from tests.test_errors import API_ERRORS, made


@pytest.mark.parametrize("kind", API_ERRORS)
def test_every_error_has_a_status_a_code_and_our_message(kind: type[ApiError]) -> None:
    error = made(kind)
    status, body = error_answer(error)
    assert TypeAdapter(ArkErrorResponse).validate_python(body) == body
    detail = body["error"]
    assert detail["message"] == error.message
    assert detail["code"][0].isupper()
    assert status == {"insufficient_quota": 403, "invalid_task_id": 404}.get(error.code, error.status)
    assert (status >= 500) == (detail["type"] == "InternalServerError")


@pytest.mark.parametrize(
    ("error", "status", "kind", "code"),
    [
        (InvalidRequest(problem="x"), 400, "BadRequest", "InvalidParameter"),
        (errors.Unauthorized(problem="x"), 401, "Unauthorized", "AuthenticationError"),
        (errors.InsufficientQuota(problem="x"), 403, "Forbidden", "AccountOverdueError"),
        (errors.ModelAccessDenied(model="x", allowed="y"), 403, "Forbidden", "AccessDenied"),
        (errors.NotFound(what="model", name="x", hint=""), 404, "NotFound", "InvalidEndpointOrModel.NotFound"),
        (TaskNotFound(task_id="x"), 404, "NotFound", "ResourceNotFound"),
        (errors.InvalidTaskId(task_id="cgt-1"), 404, "NotFound", "ResourceNotFound"),
        (errors.RouteNotFound(path="/api/v3/x"), 404, "NotFound", "ResourceNotFound"),
        (errors.RequestTooLarge(limit="64 MB"), 413, "BadRequest", "InvalidParameter"),
        (errors.RateLimitExceeded(problem="x", retry_after=3), 429, "TooManyRequests", "RateLimitExceeded"),
        (errors.InternalError(request_id="x"), 500, "InternalServerError", "InternalServiceError"),
        (errors.NotReady(problem="x"), 503, "InternalServerError", "ServiceUnavailable"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, ApiError) else "",
)
def test_the_table_of_errors(error: ApiError, status: int, kind: str, code: str) -> None:
    answered, body = error_answer(error)
    assert (answered, body["error"]["type"], body["error"]["code"]) == (status, kind, code)


@pytest.mark.parametrize(
    ("problem", "code", "param"),
    [
        ("duration: must be an integer", "InvalidParameter", "duration"),
        ("content[1].image_url.url: must be", "InvalidParameter", "content[1].image_url.url"),
        ("content[].image_url: takes at most 9", "InvalidParameter", "content[].image_url"),
        ("model: is required", "MissingParameter", "model"),
        ("content[0].text: is required; x", "MissingParameter", "content[0].text"),
        ("the body is not JSON: is required", "InvalidParameter", ""),
    ],
)
def test_the_field_that_is_wrong_is_the_param(problem: str, code: str, param: str) -> None:
    _, body = error_answer(InvalidRequest(problem=problem))
    assert (body["error"]["code"], body["error"]["param"]) == (code, param)
