"""The sandbox: makes the videos of test keys, which are blank, at once or with the fate that was chosen.

It needs no process and holds no slot while a task is slow or stuck: such a task is parked, as those of an upstream.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from opendance.engines.base import OnProgress, RenderCancelled, StillWorking
from opendance.engines.upstream.base import Submission, UpstreamRequest
from opendance.errors import TaskError
from opendance.fate import Fate, Kind
from opendance.job import Clip, Job

if TYPE_CHECKING:
    from opendance.engines.blank import Blank

SANDBOX = "sandbox"
_LOOK_AT_STUCK = 600.0  # s between two looks at a task that only its owner ends


class SandboxHost:
    """Keeps the contract of `engines.base.Host`; `with_fate` gives the same host for one task.

    Args:
        now: unix time.
    """

    slots, takes_seed, is_loaded, problem = 1, True, True, None

    def __init__(self, fate: Fate | None = None, *, now: Callable[[], float] = time.time) -> None:
        self._fate, self._now = fate, now
        self._blank: Blank | None = None
        self._one_at_a_time = asyncio.Lock()

    def with_fate(self, fate: Fate | None) -> SandboxHost:
        """The host of a task with this fate."""
        if fate is None:
            return self
        fated = SandboxHost(fate, now=self._now)
        fated.render_blank = self.render_blank
        return fated

    def listen(self, listener: Callable[[], None]) -> None:
        """Nothing of it ever changes."""

    async def start(self) -> None:
        """Nothing to make ready: what encodes is loaded with the first task."""

    async def render(self, job: Job, request: UpstreamRequest, on_progress: OnProgress, cancel: asyncio.Event) -> Clip:
        """A blank clip, or what was chosen instead.

        Raises:
            TaskError: that is its fate.
            StillWorking: it is slow, or stuck.
            RenderCancelled: `cancel` was set.
        """
        if self._fate is not None:
            await self._meet(self._fate, request)
        if cancel.is_set():
            raise RenderCancelled
        await on_progress(0.5)
        return await self.render_blank(job)

    async def _meet(self, fate: Fate, request: UpstreamRequest) -> None:
        if fate.kind is Kind.FAILS:
            if fate.code == "request_cancelled":
                raise RenderCancelled
            raise TaskError(fate.code, f"the sandbox lets it fail: model_params.simulate is {fate.code}")
        if fate.kind not in (Kind.SLOW, Kind.STUCK):
            return
        submission, now = request.submission, self._now()
        if submission is None or submission.handle is None:
            ends = now + fate.seconds if fate.kind is Kind.SLOW else math.inf
            submission = Submission(request.key, str(ends), now)
            await request.remember(submission)
        if not await self.has_ended(submission):
            left = float(submission.handle or 0) - now
            raise StillWorking(min(left, _LOOK_AT_STUCK))

    async def render_blank(self, job: Job) -> Clip:
        """A dark clip with silence."""
        async with self._one_at_a_time:  # it keeps one of each size
            return await asyncio.to_thread(self._render, job)

    def _render(self, job: Job) -> Clip:
        from opendance.engines.blank import Blank  # it brings what encodes

        self._blank = self._blank or Blank(seconds=0.0)
        return self._blank.render(job, lambda _: None, lambda: False)

    def fitting(self, models: Collection[str]) -> Collection[str]:
        """All: there is nothing to load."""
        return models

    async def has_ended(self, submission: Submission) -> bool:
        """Whether a slow task has been slow for long enough."""
        return submission.handle is None or float(submission.handle) <= self._now()

    async def abandon(self, submission: Submission) -> bool:
        """Nothing goes on."""
        return True

    def hint(self, key: str) -> None:
        """Nobody tells anything of it."""

    async def close(self) -> None:
        """It has no process."""
