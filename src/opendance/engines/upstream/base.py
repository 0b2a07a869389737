"""The contract of an upstream: a service elsewhere that makes a clip as a task of its own.

A task of an upstream costs money whether somebody waits for it or not. So what was asked is remembered before it is
asked, an answer that did not come is no answer, and giving up to wait is no verdict on the task.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from opendance.asset import Asset
from opendance.errors import OpendanceError, TaskError
from opendance.job import Job

State = Literal["queued", "running", "completed", "failed", "unknown"]


class Unanswered(OpendanceError):
    """The upstream may or may not have got what was sent: it gave no answer, or one that cannot be read."""


class NotReached(OpendanceError):
    """What was sent has surely not been accepted; it may be sent again."""


class Busy(NotReached):
    """The upstream takes no more now.

    Args:
        seconds: after which it may be asked again, where it says so.
    """

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.seconds = seconds


@dataclass(frozen=True)
class Submission:
    """A job that was submitted to an upstream, as far as that is known.

    Attributes:
        key: of the request, that makes a repetition known as one.
        handle: the upstream's own; None while it is not known whether there is one.
        at: unix time when it was asked for; 0 where it has surely not been accepted yet.
    """

    key: str
    handle: str | None
    at: float


async def _no_url(asset: Asset) -> str | None:
    return None


async def _forget(submission: Submission) -> None:
    pass


@dataclass(frozen=True)
class UpstreamRequest:
    """What a host is given beside the job; one that runs an engine itself needs none of it.

    Attributes:
        key: of this request, the same whenever it is repeated; tells the upstream that a repetition is one.
        asset_url: gives a URL that an upstream can read an asset from, or None where this server has none to give.
        user: tells one account from another, and nothing of whose it is; empty where nobody asks.
        callback_url: where the upstream may tell that something has changed, where it can be told.
        submission: what was remembered of an earlier try of this request.
        remember: keeps what is known of the upstream's task, before anything is paid for.
    """

    key: str
    asset_url: Callable[[Asset], Awaitable[str | None]] = _no_url
    callback_url: str | None = None
    submission: Submission | None = None
    remember: Callable[[Submission], Awaitable[None]] = _forget
    user: str = ""


@dataclass(frozen=True)
class UpstreamStatus:
    """The status of a task of an upstream.

    Attributes:
        state: `unknown`: the upstream has no such task (any more).
        progress: share that is done, 0 to 1, where the upstream tells.
        video: where the finished video is.
        error: why it failed.
        usage: what the upstream says it used.
        model: the upstream's own name of what made it.
        notes: for the journal.
    """

    state: State
    progress: float | None = None
    video: str | None = None
    error: TaskError | None = None
    usage: dict[str, Any] = field(default_factory=dict[str, Any])
    model: str | None = None
    notes: tuple[str, ...] = ()


class Upstream(Protocol):
    """Talks to one service.

    Attributes:
        at_once: tasks that it is given at the same time, at most.
        patience: s that a worker waits for one task before it leaves the waiting to the reconciler.
        poll: s between two questions.
        expected: s that a video usually takes, for the progress of an upstream that tells none.
        takes_seed: whether it is told the seed of a job.
    """

    at_once: int
    patience: float
    poll: float
    expected: float

    @property
    def takes_seed(self) -> bool: ...

    async def create(self, job: Job, request: UpstreamRequest) -> str:
        """Ask for the clip; gives the handle of the upstream's task.

        Raises:
            TaskError: the upstream refuses.
            NotReached: it was not asked.
            Unanswered: nobody knows.
        """
        ...

    async def find(self, request: UpstreamRequest) -> str | None:
        """The handle of a task that `create` may have made for this request; None where there is none.

        Raises:
            NotReached, Unanswered: it cannot be told now.
        """
        ...

    async def status(self, handle: str) -> UpstreamStatus:
        """The status of the task.

        Raises:
            NotReached, Unanswered: it cannot be told now.
        """
        ...

    async def download(self, handle: str, status: UpstreamStatus, target: Path) -> None:
        """Save the finished video.

        Raises:
            TaskError: it cannot be had any more.
            NotReached, Unanswered: it cannot be had now.
        """
        ...

    async def cancel(self, handle: str) -> bool:
        """Stop the task, so that it costs no more; False where the upstream cannot."""
        ...

    async def close(self) -> None:
        """End every connection."""
        ...
