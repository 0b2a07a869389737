"""What the server answers, as values. Fields that it does not tell are None; `raw` has all that it told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from opendance.client.errors import ApiProblem

ENDED = ("completed", "failed", "cancelled")
"""The states in which a task has come to its end."""


@dataclass(frozen=True)
class TaskError:
    """Why a task has no video."""

    code: str
    message: str


@dataclass(frozen=True)
class Task:
    """A video that is made, as it stands.

    Attributes:
        status: `pending`, `processing`, `completed`, `failed` or `cancelled`.
        progress: percent; it never goes back.
        created: unix seconds.
        stage: what is being done.
        engine: what made it.
        results: links to the video, once completed; they end.
        error: once failed or cancelled.
        estimated_time: s from creation to completion.
        duration: of the video, s.
        credits_reserved, credits_used: credits; used once it has ended.
        sandbox: whether it was asked for with a test key.
        raw: the task as the server told it.
    """

    id: str
    status: str
    progress: int = 0
    model: str = ""
    created: int = 0
    stage: str | None = None
    engine: str | None = None
    results: tuple[str, ...] = ()
    error: TaskError | None = None
    estimated_time: float | None = None
    duration: int | None = None
    credits_reserved: float | None = None
    credits_used: float | None = None
    sandbox: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.status in ENDED

    @property
    def link(self) -> str | None:
        """The link to the video, once there is one."""
        return self.results[0] if self.results else None

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Task:
        """The task of an answer, of an event or of a callback.

        Raises:
            ApiProblem: it is no task.
        """
        task_id, status = raw.get("id"), raw.get("status", "pending")
        if not isinstance(task_id, str) or not isinstance(status, str):
            raise ApiProblem("the answer is no task: is this the right address?", code="no_task")
        details, usage, error = _object(raw, "task_info"), _object(raw, "usage"), _object(raw, "error")
        results: object = raw.get("results")
        return cls(
            id=task_id,
            status=status,
            progress=int(raw.get("progress") or 0),
            model=str(raw.get("model") or ""),
            created=int(raw.get("created") or 0),
            stage=raw.get("stage"),
            engine=raw.get("engine"),
            results=tuple(str(link) for link in cast(list[object], results)) if isinstance(results, list) else (),
            error=TaskError(str(error.get("code", "?")), str(error.get("message", "?"))) if error else None,
            estimated_time=details.get("estimated_time"),
            duration=details.get("video_duration"),
            credits_reserved=usage.get("credits_reserved"),
            credits_used=usage.get("credits_used"),
            sandbox=raw.get("sandbox") is True,
            raw=raw,
        )


@dataclass(frozen=True)
class Price:
    """What a video would cost, and how its prompt is understood; nothing was made.

    Attributes:
        credits: the most that it can cost.
        available: credits that the key can spend.
        is_sufficient: whether that is enough.
        seconds: until it would be done.
        lines: what makes up the price.
        plan: shots, camera, light, subjects, sound, and the role of each asset.
    """

    credits: float
    available: float
    is_sufficient: bool
    seconds: float
    lines: tuple[Mapping[str, Any], ...]
    plan: Mapping[str, Any]

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Price:
        """The price of an answer.

        Raises:
            ApiProblem: it is none.
        """
        usage = _object(raw, "usage")
        lines: list[Mapping[str, Any]] = usage.get("lines") or []
        if raw.get("object") != "video.generation.estimate" or "credits_reserved" not in usage:
            raise ApiProblem("the answer is no price: does this server tell prices?", code="no_price")
        return cls(
            credits=usage["credits_reserved"],
            available=usage.get("credits_available", 0.0),
            is_sufficient=usage.get("sufficient", False),
            seconds=_object(raw, "task_info").get("estimated_time", 0),
            lines=tuple(lines),
            plan=_object(raw, "plan"),
        )


@dataclass(frozen=True)
class File:
    """An uploaded file.

    Attributes:
        url: to name it by.
        size: bytes.
        expires: ISO 8601; then it is gone.
    """

    id: str
    name: str
    url: str
    size: int
    mime_type: str
    expires: str

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> File:
        """The file of an answer.

        Raises:
            ApiProblem: it is none.
        """
        if not isinstance(raw.get("file_url"), str):
            raise ApiProblem("the answer is no file: is this the right address?", code="no_file")
        return cls(
            id=str(raw.get("file_id", "")),
            name=str(raw.get("original_name") or raw.get("file_name") or ""),
            url=raw["file_url"],
            size=int(raw.get("file_size") or 0),
            mime_type=str(raw.get("mime_type") or ""),
            expires=str(raw.get("expires_at") or ""),
        )


@dataclass(frozen=True)
class Credits:
    """What a key and its account have.

    Attributes:
        available: credits that the key can spend.
        of_account: credits that the account holds.
        used: credits that the key used, with those reserved for tasks under way.
    """

    available: float
    of_account: float
    used: float

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Credits:
        """The credits of an answer.

        Raises:
            ApiProblem: it has none.
        """
        told = _object(raw, "data")
        key, account = _object(told, "token"), _object(told, "user")
        if "remaining_credits" not in account:
            raise ApiProblem("the answer tells no credits: is this the right address?", code="no_credits")
        of_account = float(account["remaining_credits"])
        return cls(float(key.get("remaining_credits", of_account)), of_account, float(key.get("used_credits", 0.0)))


@dataclass(frozen=True)
class TaskPage:
    """A page of tasks, newest first.

    Attributes:
        next_cursor: of the page after it; None on the last.
    """

    tasks: tuple[Task, ...]
    next_cursor: str | None

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> TaskPage:
        """The page of an answer."""
        rows: list[Mapping[str, Any]] = raw.get("data") or []
        return cls(tuple(Task.read(each) for each in rows), raw.get("next_cursor"))


def _object(raw: Mapping[str, Any], name: str) -> dict[str, Any]:
    value: object = raw.get(name)
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}
