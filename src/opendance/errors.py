"""Every error that a user or an operator is told.

    OpendanceError
    ├─ ApiError                    an HTTP answer: status, code, type, message
    │  ├─ InvalidRequest           400 invalid_request
    │  ├─ InvalidTaskId            400 invalid_task_id
    │  ├─ RequestTooSlow           408 request_timeout
    │  ├─ RequestTooLarge          413 request_too_large
    │  ├─ UnsupportedMediaType     415 unsupported_media_type
    │  ├─ Unauthorized             401 unauthorized
    │  ├─ LinkUsed                 401 link_used
    │  ├─ LinkEnded                401 link_ended
    │  ├─ InsufficientQuota        402 insufficient_quota
    │  ├─ ModelAccessDenied        403 model_access_denied
    │  ├─ LinkInvalid              403 link_invalid
    │  ├─ RequestForged            403 csrf_failed
    │  ├─ RequestHidden            403 request_hidden
    │  ├─ OwnKeysDenied            403 own_keys_denied
    │  ├─ FileQuotaExceeded        403 quota_exceeded
    │  ├─ KeptRoomExceeded         403 kept_room_exceeded
    │  ├─ TaskNotFound             404 task_not_found
    │  ├─ FileNotFound             404 file_not_found
    │  ├─ NotFound                 404 resource_not_found
    │  ├─ RouteNotFound            404 not_found
    │  ├─ MethodNotAllowed         405 method_not_allowed
    │  ├─ Superseded               409 superseded
    │  ├─ TaskNotCancellable       409 task_not_cancellable
    │  ├─ TaskStateConflict        409 task_state_conflict
    │  ├─ TaskNotCompleted         409 task_not_completed
    │  ├─ IdempotencyConflict      409 idempotency_conflict
    │  ├─ ReferenceConflict        409 reference_conflict
    │  ├─ ResultNotAvailable       409 result_not_available
    │  ├─ ResultInUse              409 result_in_use
    │  ├─ NothingToDeliver         409 nothing_to_deliver
    │  ├─ AlreadyExists            409 already_exists
    │  ├─ DeliveryWaits            409 delivery_waits
    │  ├─ EngineElsewhere          409 engine_elsewhere
    │  ├─ LinkExpired              410 link_expired
    │  ├─ RangeNotSatisfiable      416 range_not_satisfiable
    │  ├─ Misdirected              421 misdirected_request
    │  ├─ RateLimitExceeded        429 rate_limit_exceeded
    │  ├─ HeadTooLarge             431 request_head_too_large
    │  ├─ InternalError            500 internal_error
    │  └─ NotReady                 503 service_unavailable
    ├─ TaskError                   how a task failed: one of TASK_ERROR_CODES, and a message
    ├─ StorageError                the object store does not answer or refuses
    ├─ FetchError                  something that a URL names could not be had
    │  ├─ TooLarge                 it is larger than it may be
    │  └─ AddressRefused           it has an address that is not public
    └─ ConfigurationError          the operator must change something; the command line prints it and exits with 2
       └─ NewerSchema              the database was changed by a newer release

The docstring of an `ApiError` is its message; words in braces, there and in its headers, are filled in by keyword. What
the OpenAPI document says of an error stands beside it. Rooms below HTTP raise these too: a status is the shortest way
to say whose fault it is, and the command line prints the same messages.
"""

from __future__ import annotations

import errno
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, Self

Fault = Literal["user", "server"]
FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "content_policy_violation": "user",
        "invalid_parameters": "user",
        "image_processing_error": "user",
        "image_dimension_mismatch": "user",
        "request_cancelled": "user",
        "resource_not_found": "user",
        "generation_failed_no_content": "server",
        "service_error": "server",
        "generation_timeout": "server",
        "resource_exhausted": "server",
        "quota_exceeded": "server",
        "service_unavailable": "server",
        "unknown_error": "server",
        "invalid_audio": "user",
        "invalid_video": "user",
        "invalid_image": "user",
    }
)
"""Whose fault it is that a task is not completed, by its error code: `server` is ours, and that of whom we ask."""
TASK_ERROR_CODES = frozenset(FAULTS)


MOST_PROBLEMS = 50
"""That are told of one request."""


class OpendanceError(Exception):
    """Base of every error that Opendance raises itself."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a request, for programs.

    Attributes:
        path: of the field, such as `image_urls[0]`; empty for the request as a whole.
        code: what is wrong, for programs; `message`: the same in words, without the path.
        params: what the words are made of.
        level: whether it stops the request.
        begin, end: of words in the prompt, code points; None where it is not about words.
    """

    path: str
    code: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    level: Literal["error", "warning"] = "error"
    begin: int | None = None
    end: int | None = None

    @property
    def sentence(self) -> str:
        """The words with the path before them."""
        return f"{self.path}: {self.message}" if self.path else self.message


class ApiError(OpendanceError):
    """Internal server error

    Attributes:
        details: the same for programs, one for each thing that is wrong.
        status, code, type: as clients see them.
        when: what it means, for the documentation.
        example: a message of it, for the documentation.
        headers: that go with it; of the class, with words in braces.
    """

    status: int = 500  # ER-500
    code: str = "internal_error"
    type: str = "api_error"
    when: str = "The server failed"
    example: str = "Internal server error"
    headers: Mapping[str, str] = MappingProxyType({})
    details: tuple[Problem, ...] = ()

    def __init__(self, **facts: object) -> None:
        words = inspect.cleandoc(type(self).__doc__ or "").partition("\n\n")[0]
        self.message = " ".join(words.split()).format(**facts)
        self.headers = {name: value.format(**facts) for name, value in type(self).headers.items()}
        super().__init__(self.message)

    @classmethod
    def documented(cls) -> Self:
        """One with the message of the documentation, and with the headers as they stand in the class."""
        error = cls.__new__(cls)
        error.message = cls.example
        return error


class InvalidRequest(ApiError):
    """{problem}"""

    status, code, type = 400, "invalid_request", "invalid_request_error"  # ER-400
    when = "The request is not valid"
    example = "Invalid request parameters"

    @classmethod
    def of(cls, problems: Sequence[Problem]) -> InvalidRequest:
        """What is told of these: the first in words, all of them for programs."""
        error = cls(problem=problems[0].sentence)
        error.details = tuple(problems[:MOST_PROBLEMS])
        return error


class InvalidTaskId(ApiError):
    """task_id: {task_id} is not a task id; one looks like task-unified-1774857405-abc123"""

    status, code, type = 400, "invalid_task_id", "invalid_request_error"
    when = "What stands for a task id has not the form of one"
    example = "task_id: 'task-1' is not a task id; one looks like task-unified-1774857405-abc123"


class RequestTooLarge(ApiError):
    """The request body is over {limit}: pass media as URLs instead of in the body"""

    status, code, type = 413, "request_too_large", "invalid_request_error"
    when = "The body is too large"
    example = "The request body is over 64 MB: pass media as URLs instead of in the body"
    headers = MappingProxyType({"Connection": "close"})


class RequestTooSlow(ApiError):
    """The request came too slowly: {problem}"""

    status, code, type = 408, "request_timeout", "invalid_request_error"
    when = "The head or the body of the request came too slowly"
    example = "The request came too slowly: its head was not there within 10 s"


class HeadTooLarge(ApiError):
    """The head of the request is too large: at most {limit_kb} KB and {headers} headers are possible"""

    status, code, type = 431, "request_head_too_large", "invalid_request_error"
    when = "The head of the request is too large"
    example = "The head of the request is too large: at most 32 KB and 100 headers are possible"


class UnsupportedMediaType(ApiError):
    """Content-Type: {given} is not supported here; send application/json"""

    status, code, type = 415, "unsupported_media_type", "invalid_request_error"
    when = "The body is not JSON"
    example = "Content-Type: text/plain is not supported here; send application/json"


class Unauthorized(ApiError):
    """Invalid or expired token: {problem}"""

    status, code, type = 401, "unauthorized", "authentication_error"  # ER-401
    when = "The key is missing, wrong or expired"
    example = "Invalid or expired token"
    headers = MappingProxyType({"WWW-Authenticate": "Bearer"})


class LinkUsed(ApiError):
    """This link was used at {at}: it works once; `opendance link` prints a new one"""

    status, code, type = 401, "link_used", "authentication_error"
    when = "The sign-in link was used before"
    example = "This link was used at 2026-11-25T12:00:00+00:00: it works once; `opendance link` prints a new one"


class LinkEnded(ApiError):
    """This link ended at {at}; `opendance link` prints a new one"""

    status, code, type = 401, "link_ended", "authentication_error"
    when = "The sign-in link has ended"
    example = "This link ended at 2026-11-25T12:00:00+00:00; `opendance link` prints a new one"


class RequestForged(ApiError):
    """{problem}"""

    status, code, type = 403, "csrf_failed", "invalid_request_error"
    when = "The request of a signed-in browser does not come from the Studio's own page"
    example = "X-Opendance-CSRF: it is missing, or not the one of this session"


class RequestHidden(ApiError):
    """include: what accounts ask for is not shown to the operator of this server (OPENDANCE_SHOW_PROMPTS)"""

    status, code, type = 403, "request_hidden", "invalid_request_error"
    when = "What accounts ask for is not shown to the operator of this server"
    example = "include: what accounts ask for is not shown to the operator of this server (OPENDANCE_SHOW_PROMPTS)"


class OwnKeysDenied(ApiError):
    """Keys of this account are made by the operator: its group does not let accounts make or change their own"""

    status, code, type = 403, "own_keys_denied", "invalid_request_error"
    when = "The account's group does not let accounts make or change keys of their own"
    example = "Keys of this account are made by the operator: its group does not let accounts make or change their own"


class Superseded(ApiError):
    """A newer check of the same session took the place of this one"""

    status, code, type = 409, "superseded", "invalid_request_error"
    when = "A newer check of the same session took the place of this one"
    example = "A newer check of the same session took the place of this one"


class Misdirected(ApiError):
    """Host: the Studio is not signed in to under the name {host}: use localhost, an address in numbers, or set
    OPENDANCE_PUBLIC_URL or OPENDANCE_TRUSTED_HOSTS"""

    status, code, type = 421, "misdirected_request", "invalid_request_error"
    when = "Browsers are not signed in under this name of the server"
    example = (
        "Host: the Studio is not signed in to under the name evil.test: use localhost, an address in numbers, or set "
        "OPENDANCE_PUBLIC_URL or OPENDANCE_TRUSTED_HOSTS"
    )


@dataclass(frozen=True)
class KeyCredits:
    """What a key may use and has used, when that is too little; credits.

    Attributes:
        estimated: the most that the video can cost.
        account_balance: what the key's account has.
    """

    key_name: str
    total_limit: float
    used: float
    remaining: float
    estimated: float
    account_balance: float


class InsufficientQuota(ApiError):
    """Insufficient quota: {problem}

    Attributes:
        of_key: where it is the key's own limit, and not the account that is empty.
    """

    status, code, type = 402, "insufficient_quota", "insufficient_quota"  # ER-402
    when = "Not enough credits"
    example = "Insufficient quota. Please top up your account."
    of_key: KeyCredits | None = None


class ModelAccessDenied(ApiError):
    """Token does not have access to the specified model: {model}; it may use {allowed}"""

    status, code, type = 403, "model_access_denied", "invalid_request_error"  # ER-403
    when = "The key, or its account's group, may not use the model"
    example = "Token does not have access to the specified model"


class LinkInvalid(ApiError):
    """This link was not made by this server or was altered: query the task again for a fresh one"""

    status, code, type = 403, "link_invalid", "invalid_request_error"
    when = "The link was altered, or what it led to is gone"
    example = "This link was not made by this server or was altered: query the task again for a fresh one"


class FileQuotaExceeded(ApiError):
    """This account keeps {most} files already: delete some, or wait until they end after 72 hours"""

    status, code, type = 403, "quota_exceeded", "invalid_request_error"
    when = "The account keeps as many files as it may"
    example = "This account keeps 100 files already: delete some, or wait until they end after 72 hours"


class KeptRoomExceeded(ApiError):
    """kept: task {task_id} and its inputs need {needed} MB, and this account keeps {used} MB of {most} MB already: keep
    others no longer, delete their results, or ask the operator for more room"""

    status, code, type = 403, "kept_room_exceeded", "invalid_request_error"
    when = "The account has no room to keep another result"
    example = (
        "kept: task task-unified-1774857405-abc123 and its inputs need 12.5 MB, and this account keeps 10239.0 MB of "
        "10240.0 MB already: keep others no longer, delete their results, or ask the operator for more room"
    )


class FileNotFound(ApiError):
    """file_id: there is no file {file_id} in this account"""

    status, code, type = 404, "file_not_found", "invalid_request_error"
    when = "There is no such file in this account"
    example = "file_id: there is no file file-abc123 in this account"


class TaskNotFound(ApiError):
    """task_id: there is no task {task_id} in this account"""

    status, code, type = 404, "task_not_found", "invalid_request_error"
    when = "There is no such task in this account"
    example = "task_id: there is no task task-unified-1774857405-abc123 in this account"


class NotFound(ApiError):
    """There is no {what} {name!r}{hint}"""

    status, code, type = 404, "resource_not_found", "invalid_request_error"
    when = "There is none of this name"
    example = "There is no account 'studio'"


class RouteNotFound(ApiError):
    """There is nothing at {path}; the API is described at /docs"""

    status, code, type = 404, "not_found", "invalid_request_error"
    when = "There is no such route"
    example = "There is nothing at /v1/video; the API is described at /docs"


class MethodNotAllowed(ApiError):
    """{method} is not possible at {path}; allowed: {allowed}"""

    status, code, type = 405, "method_not_allowed", "invalid_request_error"
    when = "There is no such method at this route"
    example = "PUT is not possible at /v1/tasks; allowed: GET"
    headers = MappingProxyType({"Allow": "{allowed}"})


class TaskNotCancellable(ApiError):
    """task_id: task {task_id} is already {status} and cannot be cancelled"""

    status, code, type = 409, "task_not_cancellable", "invalid_request_error"
    when = "The task has ended"
    example = "task_id: task task-unified-1774857405-abc123 is already completed and cannot be cancelled"


class TaskStateConflict(ApiError):
    """task_id: task {task_id} is {status}: {why}"""

    status, code, type = 409, "task_state_conflict", "invalid_request_error"
    when = "The task is in no state in which this can be done"
    example = "task_id: task task-unified-1774857405-abc123 is completed: only one that has not ended can be failed"


class TaskNotCompleted(ApiError):
    """task_id: task {task_id} is {status}: only a completed task has a video, and pictures of it"""

    status, code, type = 409, "task_not_completed", "invalid_request_error"
    when = "The task has no video"
    example = (
        "task_id: task task-unified-1774857405-abc123 is pending: only a completed task has a video, and pictures of it"
    )


class ResultNotAvailable(ApiError):
    """kept: task {task_id} has no result that could be kept: {why}"""

    status, code, type = 409, "result_not_available", "invalid_request_error"
    when = "What is to be kept has no result"
    example = "kept: task task-unified-1774857405-abc123 has no result that could be kept: it is failed"


class ResultInUse(ApiError):
    """task_id: the result of task {task_id} cannot be deleted: {why}"""

    status, code, type = 409, "result_in_use", "invalid_request_error"
    when = "The result is needed by a task that waits or runs"
    example = (
        "task_id: the result of task task-unified-1774857405-abc123 cannot be deleted: a task that waits or runs needs "
        "it; wait until that has ended"
    )


class NothingToDeliver(ApiError):
    """task_id: {task_id} has no callback to send: {why}"""

    status, code, type = 409, "nothing_to_deliver", "invalid_request_error"
    when = "The task has no callback, or has not ended"
    example = "task_id: task-unified-1774857405-abc123 has no callback to send: it is still processing"


class EngineElsewhere(ApiError):
    """engine: {engine} does not run in this process; try it with `opendance engines check` where it does"""

    status, code, type = 409, "engine_elsewhere", "invalid_request_error"
    when = "The engine does not run in the process that answers"
    example = "engine: ltx2 does not run in this process; try it with `opendance engines check` where it does"


class DeliveryWaits(ApiError):
    """task_id: a callback of {task_id} is on its way already; send it again once that has ended"""

    status, code, type = 409, "delivery_waits", "invalid_request_error"
    when = "A callback of the task is on its way already"
    example = (
        "task_id: a callback of task-unified-1774857405-abc123 is on its way already; send it again once that has ended"
    )


class AlreadyExists(ApiError):
    """{what} {name!r} exists already"""

    status, code, type = 409, "already_exists", "invalid_request_error"
    when = "The name is taken"
    example = "account 'studio' exists already"


class IdempotencyConflict(ApiError):
    """Idempotency-Key: {key!r} was used for another request within 24 hours (task {task_id}); choose a new key for a
    new request"""

    status, code, type = 409, "idempotency_conflict", "invalid_request_error"
    when = "The Idempotency-Key was used for another request"
    example = (
        "Idempotency-Key: 'order-7' was used for another request within 24 hours "
        "(task task-unified-1774857405-abc123); choose a new key for a new request"
    )


class ReferenceConflict(ApiError):
    """reference: {reference!r} was booked with {booked} credits, not {given}; choose another reference for another
    payment"""

    status, code, type = 409, "reference_conflict", "invalid_request_error"
    when = "The reference of a payment was booked with another amount"
    example = (
        "reference: 'invoice-1' was booked with 100 credits, not 250; choose another reference for another payment"
    )


class LinkExpired(ApiError):
    """This link ended at {ended}: it works for {hours} hours"""

    status, code, type = 410, "link_expired", "invalid_request_error"
    when = "The link has ended"
    example = "This link ended at 2026-11-25T12:00:00+00:00: it works for 24 hours"


class RangeNotSatisfiable(ApiError):
    """Range: nothing of it is in the file, which has {size} bytes"""

    status, code, type = 416, "range_not_satisfiable", "invalid_request_error"
    when = "Nothing of the range is in the file"
    example = "Range: nothing of it is in the file, which has 120000 bytes"
    headers = MappingProxyType({"Content-Range": "bytes */{size}"})


class RateLimitExceeded(ApiError):
    """Too many requests, please try again later: {problem}

    Args:
        retry_after: seconds until it may work.
    """

    status, code, type = 429, "rate_limit_exceeded", "rate_limit_error"  # ER-429
    when = "Too many requests a minute, or tasks at once"
    example = "Too many requests, please try again later"
    headers = MappingProxyType({"Retry-After": "{retry_after}"})


class InternalError(ApiError):
    """Internal server error; the server's log has the details under request id {request_id}"""


class NotReady(ApiError):
    """The server is not ready: {problem}"""

    status, code, type = 503, "service_unavailable", "api_error"
    when = "The server is not ready"
    example = "The server is not ready: its database does not answer; please try again in a moment"
    headers = MappingProxyType({"Retry-After": "5"})


@dataclass(frozen=True)
class BrokenRule:
    """Which rule a file breaks, for programs.

    Attributes:
        code: of a `Problem`.
        params: numbers that its words are made of.
    """

    code: str
    params: Mapping[str, float]


class TaskError(OpendanceError):
    """A task cannot be completed.

    Args:
        code: one of `TASK_ERROR_CODES`.
        message: what went wrong, where, and what would be right; shown to the user.
        retry: whether the same engine may do it when it is asked again.
        rule: that a file breaks, where it is one that can be told in numbers.

    Raises:
        ValueError: `code` is not a task error code.
    """

    def __init__(self, code: str, message: str, *, retry: bool = False, rule: BrokenRule | None = None) -> None:
        if code not in TASK_ERROR_CODES:
            raise ValueError(f"{code!r} is not a task error code")
        super().__init__(message)
        self.code, self.message, self.retry, self.rule = code, message, retry, rule


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
    """The URL has an address that is not public; of a name that leads to one nobody is told more than that of none."""


class StorageError(OpendanceError):
    """The object store does not answer, or refuses; the text says why."""


class ConfigurationError(OpendanceError):
    """Something that the operator must put right before the program can go on."""


class NewerSchema(ConfigurationError):
    """The database was changed by a newer release, which alone can work on it."""
