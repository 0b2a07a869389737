"""Every error that a user or an operator is told.

    OpendanceError
    ├─ ApiError                    an HTTP answer: status, code, type, message
    │  ├─ InvalidRequest           400 invalid_request
    │  ├─ InvalidTaskId            400 invalid_task_id
    │  ├─ RequestTooSlow           408 request_timeout
    │  ├─ RequestTooLarge          413 request_too_large
    │  ├─ UnsupportedMediaType     415 unsupported_media_type
    │  ├─ Unauthorized             401 unauthorized
    │  ├─ InsufficientQuota        402 insufficient_quota
    │  ├─ ModelAccessDenied        403 model_access_denied
    │  ├─ LinkInvalid              403 link_invalid
    │  ├─ FileQuotaExceeded        403 quota_exceeded
    │  ├─ TaskNotFound             404 task_not_found
    │  ├─ FileNotFound             404 file_not_found
    │  ├─ NotFound                 404 resource_not_found
    │  ├─ RouteNotFound            404 not_found
    │  ├─ MethodNotAllowed         405 method_not_allowed
    │  ├─ TaskNotCancellable       409 task_not_cancellable
    │  ├─ IdempotencyConflict      409 idempotency_conflict
    │  ├─ NothingToDeliver         409 nothing_to_deliver
    │  ├─ AlreadyExists            409 already_exists
    │  ├─ DeliveryWaits            409 delivery_waits
    │  ├─ LinkExpired              410 link_expired
    │  ├─ RangeNotSatisfiable      416 range_not_satisfiable
    │  ├─ RateLimitExceeded        429 rate_limit_exceeded
    │  ├─ HeadTooLarge             431 request_head_too_large
    │  ├─ InternalError            500 internal_error
    │  └─ NotReady                 503 service_unavailable
    ├─ TaskError                   how a task failed: one of TASK_ERROR_CODES, and a message
    ├─ StorageError                the object store does not answer or refuses
    ├─ FetchError                  something that a URL names could not be had
    │  ├─ TooLarge                 it is larger than it may be
    │  └─ AddressRefused           it leads to an address that is not public
    └─ ConfigurationError          the operator must change something; the command line prints it and exits with 2

The docstring of an `ApiError` is its message; words in braces are filled in by keyword. Rooms below HTTP raise these
too: a status is the shortest way to say whose fault it is, and the command line prints the same messages.
"""

from __future__ import annotations

import errno
import inspect

TASK_ERROR_CODES = frozenset(
    {
        "content_policy_violation",
        "invalid_parameters",
        "image_processing_error",
        "image_dimension_mismatch",
        "request_cancelled",
        "resource_not_found",
        "generation_failed_no_content",
        "service_error",
        "generation_timeout",
        "resource_exhausted",
        "quota_exceeded",
        "service_unavailable",
        "unknown_error",
        "invalid_audio",
        "invalid_video",
        "invalid_image",
    }
)


class OpendanceError(Exception):
    """Base of every error that Opendance raises itself."""


class ApiError(OpendanceError):
    """Internal server error"""

    status: int = 500
    code: str = "internal_error"
    type: str = "api_error"

    def __init__(self, **facts: object) -> None:
        words = inspect.cleandoc(type(self).__doc__ or "").partition("\n\n")[0]
        self.message = " ".join(words.split()).format(**facts)
        super().__init__(self.message)

    def body(self) -> dict[str, dict[str, str]]:
        """The JSON body of the answer."""
        return {"error": {"code": self.code, "message": self.message, "type": self.type}}


class InvalidRequest(ApiError):
    """{problem}"""

    status, code, type = 400, "invalid_request", "invalid_request_error"


class InvalidTaskId(ApiError):
    """task_id: {task_id} is not a task id; one looks like task-unified-1774857405-abc123"""

    status, code, type = 400, "invalid_task_id", "invalid_request_error"


class RequestTooLarge(ApiError):
    """The request body is over {limit}: pass media as URLs instead of in the body"""

    status, code, type = 413, "request_too_large", "invalid_request_error"


class RequestTooSlow(ApiError):
    """The request came too slowly: {problem}"""

    status, code, type = 408, "request_timeout", "invalid_request_error"


class HeadTooLarge(ApiError):
    """The head of the request is too large: at most {limit_kb} KB and {headers} headers are possible"""

    status, code, type = 431, "request_head_too_large", "invalid_request_error"


class UnsupportedMediaType(ApiError):
    """Content-Type: {given} is not supported here; send application/json"""

    status, code, type = 415, "unsupported_media_type", "invalid_request_error"


class Unauthorized(ApiError):
    """Invalid or expired token: {problem}"""

    status, code, type = 401, "unauthorized", "authentication_error"


class InsufficientQuota(ApiError):
    """Insufficient quota: {problem}"""

    status, code, type = 402, "insufficient_quota", "insufficient_quota"


class ModelAccessDenied(ApiError):
    """Token does not have access to the specified model: {model}; it may use {allowed}"""

    status, code, type = 403, "model_access_denied", "invalid_request_error"


class LinkInvalid(ApiError):
    """This link was not made by this server or was altered: query the task again for a fresh one"""

    status, code, type = 403, "link_invalid", "invalid_request_error"


class FileQuotaExceeded(ApiError):
    """This account keeps {most} files already: delete some, or wait until they end after 72 hours"""

    status, code, type = 403, "quota_exceeded", "invalid_request_error"


class FileNotFound(ApiError):
    """file_id: there is no file {file_id} in this account"""

    status, code, type = 404, "file_not_found", "invalid_request_error"


class TaskNotFound(ApiError):
    """task_id: there is no task {task_id} in this account"""

    status, code, type = 404, "task_not_found", "invalid_request_error"


class NotFound(ApiError):
    """There is no {what} {name!r}{hint}"""

    status, code, type = 404, "resource_not_found", "invalid_request_error"


class RouteNotFound(ApiError):
    """There is nothing at {path}; the API is described at /docs"""

    status, code, type = 404, "not_found", "invalid_request_error"


class MethodNotAllowed(ApiError):
    """{method} is not possible at {path}; allowed: {allowed}"""

    status, code, type = 405, "method_not_allowed", "invalid_request_error"


class TaskNotCancellable(ApiError):
    """task_id: task {task_id} is already {status} and cannot be cancelled"""

    status, code, type = 409, "task_not_cancellable", "invalid_request_error"


class NothingToDeliver(ApiError):
    """task_id: {task_id} has no callback to send: {why}"""

    status, code, type = 409, "nothing_to_deliver", "invalid_request_error"


class DeliveryWaits(ApiError):
    """task_id: a callback of {task_id} is on its way already; send it again once that has ended"""

    status, code, type = 409, "delivery_waits", "invalid_request_error"


class AlreadyExists(ApiError):
    """{what} {name!r} exists already"""

    status, code, type = 409, "already_exists", "invalid_request_error"


class IdempotencyConflict(ApiError):
    """Idempotency-Key: {key!r} was used for another request within 24 hours (task {task_id}); choose a new key for a
    new request"""

    status, code, type = 409, "idempotency_conflict", "invalid_request_error"


class LinkExpired(ApiError):
    """This link ended at {ended}: it works for {hours} hours"""

    status, code, type = 410, "link_expired", "invalid_request_error"


class RangeNotSatisfiable(ApiError):
    """Range: nothing of it is in the file, which has {size} bytes"""

    status, code, type = 416, "range_not_satisfiable", "invalid_request_error"


class RateLimitExceeded(ApiError):
    """Too many requests, please try again later: {problem}

    Args:
        retry_after: seconds until it may work, for the header Retry-After.
    """

    status, code, type = 429, "rate_limit_exceeded", "rate_limit_error"

    def __init__(self, *, retry_after: int, **facts: object) -> None:
        super().__init__(**facts)
        self.retry_after = retry_after


class InternalError(ApiError):
    """Internal server error; the server's log has the details under request id {request_id}"""


class NotReady(ApiError):
    """The server is not ready: {problem}"""

    status, code, type = 503, "service_unavailable", "api_error"


class TaskError(OpendanceError):
    """A task cannot be completed.

    Args:
        code: one of `TASK_ERROR_CODES`.
        message: what went wrong, where, and what would be right; shown to the user.
        retry: whether the same engine may do it when it is asked again.

    Raises:
        ValueError: `code` is not a task error code.
    """

    def __init__(self, code: str, message: str, *, retry: bool = False) -> None:
        if code not in TASK_ERROR_CODES:
            raise ValueError(f"{code!r} is not a task error code")
        super().__init__(message)
        self.code, self.message, self.retry = code, message, retry


DISK_FULL = "the server's disk is full; please try again"


def is_disk_full(error: BaseException) -> bool:
    """Whether there was no room left for a file."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


class FetchError(OpendanceError):
    """What a URL names could not be fetched.

    Args:
        reason: in words, without the URL.
        transient: whether trying again may help.
    """

    def __init__(self, reason: str, *, transient: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.transient = reason, transient


class TooLarge(FetchError):
    """The file is larger than it may be.

    Args:
        max_bytes: the most that it may have.
    """

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"it is larger than {max_bytes / 2**20:g} MB")
        self.max_bytes = max_bytes


class AddressRefused(FetchError):
    """The URL leads to an address that is not public."""


class StorageError(OpendanceError):
    """The object store does not answer, or refuses; the text says why."""


class ConfigurationError(OpendanceError):
    """Something that the operator must put right before the program can go on."""
