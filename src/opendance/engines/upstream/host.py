"""Around an upstream: one task there for each job here, waited for, brought home, and never asked for twice."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from opendance.engines.base import RenderCancelled, StillWorking
from opendance.engines.host import OnProgress
from opendance.engines.upstream.base import Errand, NotReached, Standing, Unanswered, Upstream
from opendance.errors import TaskError
from opendance.job import Clip, Job
from opendance.media.examine import Examiner
from opendance.media.finish import Finish
from opendance.telemetry.metrics import ENGINE_SECONDS

_log = logging.getLogger(__name__)
_TRIES = 4  # of a request that did not get through
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0  # s
_BROUGHT_HOME = 0.95  # share of the progress when the upstream is done
_MOST_GUESSED = 0.9  # share of the progress that is reached by waiting alone


@dataclass(frozen=True)
class Begun:
    """What is known of a task of an upstream.

    Attributes:
        errand: the name it was asked for under.
        handle: the upstream's own; None while it is not known whether there is one.
        at: unix time when it was asked for.
    """

    errand: str
    handle: str | None
    at: float


Remember = Callable[[Begun | None], Awaitable[None]]


class UpstreamHost:
    """Gives jobs to an upstream, as an `EngineHost` gives them to its processes.

    Args:
        name: of the engine in the registry.
        timeout: longest time that a clip may take after the upstream is done with it, s.
    """

    def __init__(self, name: str, upstream: Upstream, *, timeout: float) -> None:
        self._name, self._upstream, self._timeout = name, upstream, timeout
        self._places = asyncio.Semaphore(upstream.at_once)
        self._hints: dict[str, asyncio.Event] = {}

    @property
    def slots(self) -> int:
        """How many jobs it does at the same time."""
        return self._upstream.at_once

    async def close(self) -> None:
        """End every connection; the upstream's tasks go on."""
        await self._upstream.close()

    def hint(self, errand: str) -> None:
        """Something may have changed: ask now instead of later."""
        if (event := self._hints.get(errand)) is not None:
            event.set()

    async def render(
        self,
        job: Job,
        on_progress: OnProgress,
        cancel: asyncio.Event,
        *,
        errand: Errand,
        begun: Begun | None,
        remember: Remember,
    ) -> Clip:
        """Make the clip of `job`, or go on with what was begun.

        Args:
            begun: what was remembered of an earlier try of this errand.
            remember: keeps what is known of the upstream's task, before anything is paid for.

        Raises:
            TaskError: the upstream refuses or failed; `retry` says whether asking again may help.
            StillWorking: it takes longer than a worker waits; nothing is known of how it will end.
            RenderCancelled: `cancel` was set.
        """
        hint = self._hints[errand.name] = asyncio.Event()
        try:
            async with self._places:
                started = begun.at if begun is not None else time.time()
                handle = await self._handle(job, errand, begun, remember, cancel)
                standing = await self._wait(handle, started, on_progress, cancel, hint)
                return await self._bring_home(job, handle, standing, started, remember)
        finally:
            self._hints.pop(errand.name, None)

    async def standing(self, begun: Begun) -> Standing | None:
        """How a task stands, for the reconciler; None where it cannot be told now."""
        if begun.handle is None:
            return None
        try:
            return await self._upstream.standing(begun.handle)
        except (NotReached, Unanswered) as problem:
            _log.info("%s: %s", self._name, problem)
            return None

    async def abandon(self, begun: Begun) -> bool:
        """Stop a task that nobody wants any more; False where it may go on and cost what it costs."""
        if begun.handle is None:
            return False
        try:
            return await self._upstream.cancel(begun.handle)
        except TaskError:
            return False

    async def _handle(
        self, job: Job, errand: Errand, begun: Begun | None, remember: Remember, cancel: asyncio.Event
    ) -> str:
        """The upstream's task: the one that was begun, or a new one."""
        if begun is not None and begun.handle is not None:
            return begun.handle
        unsure = begun is not None  # it was asked for, and no answer is known
        if begun is None:
            begun = Begun(errand.name, None, time.time())
            await remember(begun)
        pause = _FIRST_PAUSE
        for tries_left in range(_TRIES - 1, -1, -1):
            if cancel.is_set():
                if not unsure:
                    await remember(None)
                raise RenderCancelled
            why: Exception
            try:
                handle = await self._upstream.find(errand) if unsure else None
                begun = Begun(errand.name, handle or await self._created(job, errand, begun, remember), begun.at)
                await remember(begun)
                assert begun.handle is not None
                return begun.handle
            except NotReached as problem:
                why = problem
            except Unanswered as problem:
                why, unsure = problem, True
            except TaskError:
                await remember(None)
                raise
            _log.warning("%s: %s", self._name, why)
            if tries_left:
                await _pause(pause, cancel)
                pause = min(_LONGEST_PAUSE, pause * 2)
        if unsure:
            raise StillWorking
        await remember(None)
        raise TaskError("service_unavailable", f"the engine {self._name} cannot be reached; please try again")

    async def _created(self, job: Job, errand: Errand, begun: Begun, remember: Remember) -> str:
        # Whoever is stopped here does not break off the one request whose answer must be known.
        asking = asyncio.create_task(self._upstream.create(job, errand))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            (answer,) = await asyncio.gather(asking, return_exceptions=True)
            if isinstance(answer, str):
                await remember(Begun(errand.name, answer, begun.at))
            raise

    async def _wait(
        self, handle: str, started: float, on_progress: OnProgress, cancel: asyncio.Event, hint: asyncio.Event
    ) -> Standing:
        """Until the task has come to an end, or the patience to its own."""
        ends = time.monotonic() + self._upstream.patience
        while True:
            if cancel.is_set():
                if not await self._upstream.cancel(handle):
                    _log.warning("%s cannot stop its task %s; it goes on there", self._name, handle)
                raise RenderCancelled
            try:
                standing = await self._upstream.standing(handle)
            except (NotReached, Unanswered) as problem:
                _log.info("%s: %s", self._name, problem)
                standing = None
            if standing is not None:
                if standing.state in ("completed", "failed", "unknown"):
                    return standing
                waited = max(0.0, time.time() - started)
                guessed = _MOST_GUESSED * (1 - math.exp(-waited / self._upstream.expected))
                await on_progress(_BROUGHT_HOME * (guessed if standing.progress is None else standing.progress))
            if time.monotonic() >= ends:
                raise StillWorking
            await _pause(self._upstream.poll, cancel, hint)
            hint.clear()

    async def _bring_home(self, job: Job, handle: str, standing: Standing, started: float, remember: Remember) -> Clip:
        if standing.state != "completed":
            await remember(None)
            if standing.error is not None:
                raise standing.error
            raise TaskError("service_error", "the upstream does not know its task any more", retry=True)
        source = Path(job.work_folder) / "upstream.mp4"
        await self._download(handle, standing, source)
        finish = Finish.of(job, self._name)
        examiner = Examiner()
        try:
            async with asyncio.timeout(self._timeout):
                facts = await examiner.finish(source, Path(job.output), finish)
        except TimeoutError:
            raise TaskError("generation_timeout", "the upstream's video could not be brought to its form") from None
        finally:
            await examiner.close()
            source.unlink(missing_ok=True)
        taken = time.time() - started
        ENGINE_SECONDS.labels(self._name).observe(taken)
        notes = [f"the upstream's video: {facts['width']}x{facts['height']}, {facts['how']}"]
        if job.generate_audio and not facts["has_audio"]:
            notes.append("the upstream's video has no sound; silence stands for it")
        if standing.model:
            notes.append(f"made by {standing.model}")
        return Clip(job.output, taken, tuple(notes), {"task": handle, **standing.usage})

    async def _download(self, handle: str, standing: Standing, target: Path) -> None:
        pause = _FIRST_PAUSE
        for tries_left in range(_TRIES - 1, -1, -1):
            try:
                await self._upstream.download(handle, standing, target)
                return
            except (NotReached, Unanswered) as problem:
                _log.warning("%s: %s", self._name, problem)
                if not tries_left:
                    raise StillWorking from None
                await asyncio.sleep(pause)
                pause *= 2


async def _pause(seconds: float, *events: asyncio.Event) -> None:
    """Sleep, or until one of the events is set."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
