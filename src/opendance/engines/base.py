"""The contracts of an engine, and of what gives it its jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Protocol

from opendance.cancelling import WorkCancelled
from opendance.engines.upstream.base import Submission, UpstreamRequest
from opendance.errors import OpendanceError, TaskError
from opendance.job import Clip, Job

OnProgress = Callable[[float], Awaitable[None]]
Progress = Callable[[float], None]  # share of the work that is done, 0 to 1
Cancelled = Callable[[], bool]


class RenderCancelled(WorkCancelled):
    """The engine stopped because it was asked to."""


class StillWorking(OpendanceError):
    """An upstream has not come to an end in the time that a worker waits; that is no verdict.

    Args:
        seconds: until it is worth a look; None where that is not known.
    """

    def __init__(self, seconds: float | None = None) -> None:
        super().__init__("it has not come to an end")
        self.seconds = seconds


class EngineDied(TaskError):
    """The engine's process ended in the middle of a job; another one may do it."""

    def __init__(self) -> None:
        super().__init__("service_error", "the engine stopped unexpectedly; please try again")


class EngineBroken(TaskError):
    """The engine failed in a way after which its process cannot be trusted: another one takes its place."""


class CannotLoad(OpendanceError):
    """An engine cannot be loaded on this machine now; another machine may, or this one later.

    Args:
        reason: in a line, without secrets.
    """

    def __init__(self, engine: str, reason: str) -> None:
        super().__init__(f"the engine {engine} cannot be loaded: {reason}")
        self.engine, self.reason = engine, reason


class EngineBusy(CannotLoad):
    """An upstream takes no more now; the task waits, and other engines may do it meanwhile."""

    def __init__(self, engine: str, reason: str) -> None:
        super().__init__(engine, reason)
        self.args = (f"the engine {engine} is busy: {reason}",)


class Engine(Protocol):
    """Makes clips, one at a time, in a process of its own."""

    def warm(self) -> None:
        """Load what every job needs, so that the first job is as quick as the next."""
        ...

    def render(self, job: Job, progress: Progress, cancelled: Cancelled) -> Clip:
        """Make the clip of `job` at `job.output`.

        Raises:
            TaskError: it cannot be made, and why.
            RenderCancelled: `cancelled` said so; asked at least every half second.
        """
        ...


class Host(Protocol):
    """Gives jobs to one engine, wherever that runs: in processes of this machine, or as tasks of an upstream.

    Attributes:
        slots: how many jobs it does at the same time.
        takes_seed: whether a job's seed makes a difference.
        is_loaded: whether it can begin a job at once.
        problem: why it cannot be loaded, in a line without secrets; None where it is, or while that is not known.
    """

    @property
    def slots(self) -> int: ...

    @property
    def takes_seed(self) -> bool: ...

    @property
    def is_loaded(self) -> bool: ...

    @property
    def problem(self) -> str | None: ...

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever `is_loaded` or `problem` may have changed."""
        ...

    def fitting(self, models: Collection[str]) -> Collection[str]:
        """Those of `models`, by id, whose jobs need nothing loaded but what is."""
        ...

    async def start(self) -> None:
        """Make ready, so that the first job is as quick as the next."""
        ...

    async def render(self, job: Job, request: UpstreamRequest, on_progress: OnProgress, cancel: asyncio.Event) -> Clip:
        """Make the clip of `job`, or go on with what an earlier try of the request submitted.

        Raises:
            CannotLoad: the engine cannot be loaded here, or takes no more now; nothing was begun.
            TaskError: it cannot be made, and why; what was submitted has ended then. `retry` says whether asking again
                may help.
            StillWorking: it takes longer than a worker waits; nothing is known of how it will end.
            WorkCancelled: `cancel` was set. What was submitted elsewhere may go on until it is abandoned.
        """
        ...

    async def has_ended(self, submission: Submission) -> bool:
        """Whether what was submitted waits for a worker, which may go on with it; False while that cannot be told."""
        ...

    async def abandon(self, submission: Submission) -> bool:
        """Stop what was submitted and nobody wants any more; False where it may go on and cost what it costs."""
        ...

    def hint(self, key: str) -> None:
        """What was submitted under this key may have changed: ask now instead of later."""
        ...

    async def close(self) -> None:
        """End whatever it does here."""
        ...
