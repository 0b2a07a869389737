"""What a stage gets."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from opendance.catalog import FRAME_RATE
from opendance.engines.health import Health
from opendance.engines.host import EngineHost
from opendance.engines.upstream.host import UpstreamHost
from opendance.errors import OpendanceError
from opendance.net.fetch import GuardedClient
from opendance.provenance.certificates import Credentials
from opendance.request import VideoGenerationRequest
from opendance.safety import Guard
from opendance.search import Searcher
from opendance.storage import Storage
from opendance.store.tasks import TaskRecord

T = TypeVar("T")


class TaskCancelled(OpendanceError):
    """The owner of the task asked to stop it."""


class TaskParked(OpendanceError):
    """An upstream works on the task for longer than a worker waits.

    Args:
        engine: the upstream.
    """

    def __init__(self, engine: str) -> None:
        super().__init__(engine)
        self.engine = engine


class AssetsGone(OpendanceError):
    """The user's files are not on this machine (any more): they must be fetched again."""


@dataclass
class StageContext:
    """One task on its walk.

    Attributes:
        results: what the stages before gave, by stage name, as JSON.
        hosts: the engines that run here, by name.
        route: the engines that serve the model and that the account's group may use, best first.
        public_url: where the world reaches this server, if it can.
        note: writes something into the journal at once, under a name of its own.
        decided: keeps decisions of the content filter in the journal and the audit log.
        own_file: the key of the object that a URL names, if that is an upload of the task's own account, else None.
        on_progress: told the share of this stage that is done, 0 to 1.
        cancel: set when the task is to stop.
    """

    task: TaskRecord
    work_folder: Path
    storage: Storage
    hosts: Mapping[str, EngineHost | UpstreamHost]
    route: tuple[str, ...]
    health: Health
    public_url: str | None
    fetcher: GuardedClient
    own_file: Callable[[str], Awaitable[str | None]]
    on_progress: Callable[[float], Awaitable[None]]
    cancel: asyncio.Event
    note: Callable[[str, Any], Awaitable[None]]
    decided: Callable[[list[dict[str, Any]]], Awaitable[None]]
    guard: Guard
    searcher: Searcher
    credentials: Credentials
    results: dict[str, Any] = field(default_factory=dict[str, Any])

    @cached_property
    def request(self) -> VideoGenerationRequest:
        """The request as it was accepted."""
        return VideoGenerationRequest.model_validate(self.task.request)

    @property
    def num_frames(self) -> int:
        return self.request.duration * FRAME_RATE

    @property
    def clip_path(self) -> Path:
        return self.work_folder / "clip.mp4"

    @property
    def signed_path(self) -> Path:
        return self.work_folder / "signed.mp4"


async def all_done(
    tasks: list[asyncio.Task[T]], context: StageContext, on_done: Callable[[int], Awaitable[None]] | None = None
) -> list[T]:
    """The results of `tasks`, once all are done; when one fails, or the task is to stop, the others end too.

    Args:
        on_done: told how many are still to be done, whenever one is.

    Raises:
        TaskCancelled: the task was cancelled.
        Exception: what the first task that failed raised.
    """
    cancelling = asyncio.create_task(context.cancel.wait())
    try:
        left = set(tasks)
        while left:
            done, _ = await asyncio.wait({*left, cancelling}, return_when=asyncio.FIRST_COMPLETED)
            if cancelling in done:
                raise TaskCancelled
            for task in done & left:
                task.result()
            left -= done
            if on_done is not None:
                await on_done(len(left))
    finally:
        for task in (*tasks, cancelling):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return [task.result() for task in tasks]


def random_seed() -> int:
    """A seed for a request that gives none."""
    return random.SystemRandom().randrange(2**32)
