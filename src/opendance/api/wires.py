"""The wires: how the routes of each answer what goes wrong, and what callbacks say to those who came by it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from opendance.api import ark, openai, unified
from opendance.api.ark.errors import error_answer as ark_error_answer
from opendance.api.ark.task import callback_body as ark_callback_body
from opendance.api.limits import CHECKING
from opendance.api.openai.errors import error_answer as openai_error_answer
from opendance.api.openai.video import callback_body as openai_callback_body
from opendance.api.responses import ErrorAnswer
from opendance.api.unified.errors import enveloped_error_answer, error_answer
from opendance.api.unified.task import callback_body as unified_callback_body
from opendance.catalog import MAX_AGENT_BODY_BYTES, MAX_BODY_BYTES, MAX_SMALL_BODY_BYTES, MAX_UPLOAD_BYTES
from opendance.links import Links
from opendance.store.database import Database
from opendance.store.tasks import TaskRecord

_FORM = 1 << 20  # bytes around an uploaded file
# The page where keys are typed in: nobody else's page may show it as a part of its own.
_NOT_IN_FRAMES = {"X-Frame-Options": "DENY", "Content-Security-Policy": "frame-ancestors 'none'"}


@dataclass(frozen=True)
class RouteGroup:
    """Routes that are alike at the border.

    Attributes:
        prefix: of their paths; where several fit, the longest counts.
        error_answer: status and body of an answer that tells an error.
        suffix: of their paths.
        max_body: bytes of a request.
        echoes: headers of a request that go back with its answer.
        headers: of every answer.
        sent_again: whether its clients send by themselves again what failed, without a key that would tell: where a
            task may have been made all the same, or nothing can have changed, they are asked not to.
    """

    prefix: str
    error_answer: ErrorAnswer
    suffix: str = ""
    max_body: int = MAX_SMALL_BODY_BYTES
    echoes: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    sent_again: bool = False

    def has(self, path: str) -> bool:
        """Whether a route of this path belongs to it, where none with a longer prefix and suffix does."""
        return (path.startswith(self.prefix) and path.endswith(self.suffix)) or self.prefix == "/"


@dataclass(frozen=True)
class Wire:
    """What clients of one API send and read.

    Attributes:
        name: as it stands in the rows of tasks.
        callback_body: what the receiver of a task's callback is told.
    """

    name: str
    callback_body: Callable[[TaskRecord, Database, Links], Awaitable[bytes]]
    groups: tuple[RouteGroup, ...]


UNIFIED = Wire(
    unified.WIRE,
    unified_callback_body,
    (
        RouteGroup("/", error_answer),
        RouteGroup("/v1/videos/generations", error_answer, max_body=MAX_BODY_BYTES),
        RouteGroup("/v1/verify", error_answer, max_body=MAX_UPLOAD_BYTES + _FORM),
        RouteGroup(CHECKING, error_answer, max_body=MAX_BODY_BYTES),
        RouteGroup("/v1/tasks/", error_answer, suffix="/again", max_body=MAX_BODY_BYTES),
        RouteGroup("/mcp", error_answer, max_body=MAX_AGENT_BODY_BYTES),
        RouteGroup("/docs", error_answer, headers=_NOT_IN_FRAMES),
        RouteGroup("/api/v1/files/", enveloped_error_answer),
        RouteGroup("/api/v1/files/upload/base64", enveloped_error_answer, max_body=MAX_BODY_BYTES),
        RouteGroup("/api/v1/files/upload/stream", enveloped_error_answer, max_body=MAX_UPLOAD_BYTES + _FORM),
    ),
)
ARK = Wire(
    ark.WIRE,
    ark_callback_body,
    (
        RouteGroup(
            "/api/v3/",
            ark_error_answer,
            max_body=MAX_BODY_BYTES,
            echoes=("x-client-request-id",),
            sent_again=True,
        ),
    ),
)
OPENAI = Wire(
    openai.WIRE,
    openai_callback_body,
    (RouteGroup("/v1/videos", openai_error_answer, max_body=MAX_UPLOAD_BYTES + _FORM, sent_again=True),),
)
WIRES = {wire.name: wire for wire in (UNIFIED, ARK, OPENAI)}
_GROUPS = sorted(
    (group for wire in WIRES.values() for group in wire.groups), key=lambda group: -len(group.prefix + group.suffix)
)


def group_of(path: str) -> RouteGroup:
    """The group that a route of this path belongs to, or would belong to."""
    return next(group for group in _GROUPS if group.has(path))


async def callback_body(task: TaskRecord, database: Database, links: Links) -> bytes:
    """What the receiver of a task's callback is told, in the words of the wire that the task came by."""
    return await WIRES[task.wire].callback_body(task, database, links)
