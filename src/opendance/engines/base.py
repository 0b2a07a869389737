"""The contract of an engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from opendance.errors import OpendanceError, TaskError
from opendance.job import Clip, Job

Progress = Callable[[float], None]  # share of the work that is done, 0 to 1
Cancelled = Callable[[], bool]


class RenderCancelled(OpendanceError):
    """The engine stopped because it was asked to."""


class StillWorking(OpendanceError):
    """An upstream has not come to an end in the time that a worker waits; that is no verdict."""


class EngineDied(TaskError):
    """The engine's process ended in the middle of a job; another one may do it."""

    def __init__(self) -> None:
        super().__init__("service_error", "the engine stopped unexpectedly; please try again")


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
