from __future__ import annotations

import pytest

from opendance import errors


@pytest.mark.rule("ER-400", "ER-401", "ER-402", "ER-403", "ER-429", "ER-500")
@pytest.mark.parametrize(
    ("error", "status", "code", "kind"),
    [
        (errors.InvalidRequest(problem="x"), 400, "invalid_request", "invalid_request_error"),
        (errors.Unauthorized(problem="x"), 401, "unauthorized", "authentication_error"),
        (errors.InsufficientQuota(problem="x"), 402, "insufficient_quota", "insufficient_quota"),
        (errors.ModelAccessDenied(model="m", allowed="n"), 403, "model_access_denied", "invalid_request_error"),
        (errors.RateLimitExceeded(problem="x", retry_after=1), 429, "rate_limit_exceeded", "rate_limit_error"),
        (errors.InternalError(request_id="r"), 500, "internal_error", "api_error"),
    ],
)
def test_the_errors_have_the_status_code_and_type_of_the_source(
    error: errors.ApiError, status: int, code: str, kind: str
) -> None:
    assert error.status == status
    assert error.body()["error"]["code"] == code
    assert error.body()["error"]["type"] == kind
    assert "{" not in error.message
