"""Every error that a program meets.

ApiProblem                   the server refused, or cannot be reached: `status`, `code`, `message`, `advice`
├─ InvalidRequest            400, 413, 415, 422: something in the request is not right
├─ Unauthorized              401: the key
├─ InsufficientCredits       402
├─ AccessDenied              403
├─ NotFound                  404
├─ Conflict                  409, 410: it cannot be done as things stand
├─ RateLimited               429: `retry_after`
├─ ServerFailed              5xx
├─ Unreachable               no answer
│  └─ ServerGone             it answered before, and does so no more
├─ DownloadFailed            a result did not arrive whole
├─ TaskNotCompleted          a video was not made: `task`
│  ├─ TaskFailed
│  └─ TaskCancelled
└─ StillRunning              the program's patience ended before the task: `task_id`
SignatureProblem             a callback is not what the server sent
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, cast

if TYPE_CHECKING:
    from opendance.client.values import Task


class ApiProblem(Exception):
    """The server refused, or cannot be reached.

    Attributes:
        status: HTTP status, 0 where there was no answer.
        code: error code of the answer.
        message: what was wrong, as the server says it.
        advice: what would be right; a traceback shows it as a note.
        request_id: by which the server's log knows the call, where it told one.
    """

    advice: ClassVar[str] = ""

    def __init__(self, message: str, *, status: int = 0, code: str = "unreachable", request_id: str = "") -> None:
        super().__init__(message)
        self.message, self.status, self.code, self.request_id = message, status, code, request_id
        if self.advice:
            self.add_note(self.advice)


class InvalidRequest(ApiProblem):
    """Something in the request is not right."""

    advice = "change what the message names; sent again as it is, it is refused again"


class Unauthorized(ApiProblem):
    """The key is missing, wrong, revoked or expired."""

    advice = "give the key whole, as api_key or in OPENDANCE_API_KEY, and one of this very server"


class InsufficientCredits(ApiProblem):
    """The key or its account has fewer credits than the video can cost."""

    advice = "top the account up, raise the key's limit, or make it shorter, smaller or of a cheaper tier"


class AccessDenied(ApiProblem):
    """The key may not do this."""

    advice = "choose what the message allows, or use another key"


class NotFound(ApiProblem):
    """There is none, or none in this account."""

    advice = "look whether the id is whole, and the key of the account that it belongs to"


class Conflict(ApiProblem):
    """It cannot be done as things stand."""

    advice = "read the task again; a key of idempotency belongs to one request alone"


class RateLimited(ApiProblem):
    """Too much at once, or within a minute.

    Attributes:
        retry_after: s after which there is room again; None where the server does not tell.
    """

    advice = "send it again once retry_after has passed"
    retry_after: float | None = None


class ServerFailed(ApiProblem):
    """The server failed, or cannot work now."""

    advice = "send it again later; with the same idempotency key nothing is paid twice"


class Unreachable(ApiProblem):
    """No answer."""

    advice = "look whether the server runs and the address is right"


class ServerGone(Unreachable):
    """The server answered before, and does so no more."""

    advice = "the task goes on where it was: wait for its id once the server is back"


class DownloadFailed(ApiProblem):
    """A result did not arrive whole."""

    advice = "download it again; a link that has ended is renewed by reading the task"


class TaskNotCompleted(ApiProblem):
    """A task ended without a video; nothing was charged.

    Attributes:
        task: as it ended.
    """

    def __init__(self, task: Task) -> None:
        code = "?" if task.error is None else task.error.code
        said = "the server gives no reason" if task.error is None else task.error.message
        super().__init__(f"{task.id} is {task.status}: {said}", status=0, code=code)
        self.task = task
        if (advice := ADVICE.get(code)) is not None:
            self.add_note(advice)


class TaskFailed(TaskNotCompleted):
    """The video could not be made."""


class TaskCancelled(TaskNotCompleted):
    """The task was cancelled."""


class StillRunning(ApiProblem):
    """The program's patience ended before the task.

    Attributes:
        task_id: of the task, which goes on.
    """

    advice = "the task goes on: wait for its id, or cancel it"

    def __init__(self, task_id: str, seconds: float) -> None:
        super().__init__(f"{task_id} has not ended within {seconds:g} s", code="still_running")
        self.task_id = task_id


class SignatureProblem(ValueError):
    """A callback is not what the server sent, or it is too old."""


ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "content_policy_violation": "change the prompt or the picture that the message names; again as it is, it is "
        "refused again",
        "invalid_parameters": "change what the message names",
        "resource_not_found": "make the file reachable from the server, or give it as a local file",
        "invalid_image": "give a JPEG, PNG or WebP within the limits that the message names",
        "invalid_video": "give an MP4 or MOV within the limits that the message names",
        "invalid_audio": "give an MP3 or WAV within the limits that the message names",
        "image_dimension_mismatch": "crop or scale the picture as the message says",
        "image_processing_error": "save the picture anew; it is damaged",
        "generation_timeout": "try again, shorter or smaller",
        "resource_exhausted": "try again later, shorter or smaller",
        "quota_exceeded": "nothing of yours: the operator's account at the upstream is empty",
        "service_unavailable": "try again later",
        "service_error": "try again",
        "generation_failed_no_content": "try again",
        "unknown_error": "try again; the server's log has the reason under the task's id",
    }
)
"""What to do about a task error, by its code."""

_BY_STATUS: Mapping[int, type[ApiProblem]] = MappingProxyType(
    {
        400: InvalidRequest,
        401: Unauthorized,
        402: InsufficientCredits,
        403: AccessDenied,
        404: NotFound,
        409: Conflict,
        410: Conflict,
        413: InvalidRequest,
        415: InvalidRequest,
        422: InvalidRequest,
        429: RateLimited,
    }
)


def refusal(status: int, body: Mapping[str, Any], headers: Mapping[str, str]) -> ApiProblem:
    """What a refusal says: in the form of the API, of its upload calls, or of whatever answers before the server."""
    error: object = body.get("error")
    facts = cast(dict[str, object], error) if isinstance(error, dict) else {}
    messages: list[object] = [facts.get("message"), body.get("msg"), error, body.get("detail")]
    said = (text for text in messages if isinstance(text, str) and text.strip())
    code = facts.get("code")
    problem = _class_of(status)(
        next(said, f"HTTP {status} without a reason"),
        status=status,
        code=code if isinstance(code, str) else "?",
        request_id=headers.get("x-request-id", ""),
    )
    if isinstance(problem, RateLimited):
        problem.retry_after = seconds_in(headers.get("retry-after"))
    return problem


def no_answer(status: int) -> ApiProblem:
    """An answer that is none of the API's."""
    kind = ServerFailed if status >= 500 else ApiProblem
    return kind(
        f"HTTP {status} without a JSON object: is this the right address?",
        status=status,
        code="not_json",
    )


def seconds_in(retry_after: str | None) -> float | None:
    """The header Retry-After, where it is a number of seconds."""
    return float(retry_after) if retry_after and retry_after.isascii() and retry_after.isdigit() else None


def _class_of(status: int) -> type[ApiProblem]:
    return ServerFailed if status >= 500 else _BY_STATUS.get(status, ApiProblem)
