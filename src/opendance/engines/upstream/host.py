"""Around an upstream: one task there for each job here, waited for, brought home, and never asked for twice."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import AsyncIterable, Callable
from pathlib import Path

import stamina

from opendance.cancelling import all_done, held
from opendance.engines.base import OnProgress, RenderCancelled, StillWorking
from opendance.engines.upstream.base import Begun, Errand, NotReached, Standing, Unanswered, Upstream
from opendance.errors import TaskError
from opendance.job import Clip, Job
from opendance.media.examine import Examiner
from opendance.media.finish import Finish
from opendance.telemetry.metrics import ENGINE_SECONDS

_log = logging.getLogger(__name__)
_TRIES = 4  # of a request that did not get through
_BROUGHT_HOME = 0.95  # share of the progress when the upstream is done
_MOST_GUESSED = 0.9  # share of the progress that is reached by waiting alone


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

    @property
    def takes_seed(self) -> bool:
        """Whether a job's seed makes a difference."""
        return self._upstream.takes_seed

    @property
    def is_loaded(self) -> bool:
        """True: nothing is loaded here."""
        return True

    @property
    def problem(self) -> str | None:
        """None: whether the upstream can be reached is found out when there is something to ask."""
        return None

    def listen(self, listener: Callable[[], None]) -> None:
        """Nothing of it changes."""

    async def close(self) -> None:
        """End every connection; the upstream's tasks go on."""
        await self._upstream.close()

    def hint(self, errand: str) -> None:
        """Something may have changed: ask now instead of later."""
        if (event := self._hints.get(errand)) is not None:
            event.set()

    async def start(self) -> None:
        """Nothing to make ready: the upstream is asked when there is something to ask."""

    async def render(self, job: Job, errand: Errand, on_progress: OnProgress, cancel: asyncio.Event) -> Clip:
        """Make the clip of `job`, or go on with what was begun.

        Raises:
            TaskError: the upstream refuses or failed, or its video cannot be had; `retry` says whether asking again
                may help.
            StillWorking: it takes longer than a worker waits; nothing is known of how it will end.
            WorkCancelled: `cancel` was set; what was begun goes on until it is abandoned.
        """
        hint = self._hints[errand.name] = asyncio.Event()
        try:
            async with held(self._places, cancel):
                started = errand.begun.at if errand.begun is not None else time.time()
                (handle,) = await all_done([self._handle(job, errand)], cancel)
                standing = await self._wait(handle, started, on_progress, cancel, hint)
                return await self._bring_home(job, handle, standing, started)
        finally:
            self._hints.pop(errand.name, None)

    async def has_ended(self, begun: Begun) -> bool:
        """Whether the upstream's task has ended, or nobody knows whether there is one: a worker finds out."""
        if begun.handle is None:
            return True
        try:
            standing = await self._upstream.standing(begun.handle)
        except (NotReached, Unanswered) as problem:
            _log.info("%s: %s", self._name, problem)
            return False
        return standing.state not in ("queued", "running")

    async def abandon(self, begun: Begun) -> bool:
        """Stop a task that nobody wants any more; False where it may go on and cost what it costs."""
        stopped = False
        try:
            handle = begun.handle or await self._upstream.find(Errand(begun.errand))
            stopped = handle is not None and await self._upstream.cancel(handle)
        except Exception as problem:  # noqa: BLE001 - the task ends either way
            _log.warning("%s: %s: %s", self._name, type(problem).__name__, problem)
        if not stopped:
            _log.warning("%s did not stop its task %s", self._name, begun.handle or begun.errand)
        return stopped

    async def _handle(self, job: Job, errand: Errand) -> str:
        """The upstream's task: the one that was begun, or a new one."""
        begun = errand.begun
        if begun is not None and begun.handle is not None:
            return begun.handle
        unsure = begun is not None  # it was asked for, and no answer is known
        if begun is None:
            begun = Begun(errand.name, None, time.time())
            await errand.remember(begun)

        try:
            async for attempt in self._attempts():
                with attempt:
                    try:
                        known = await self._upstream.find(errand) if unsure else None
                        if known is None:
                            return await self._created(job, errand, begun)
                    except Unanswered:
                        unsure = True
                        raise
                    await errand.remember(Begun(errand.name, known, begun.at))
                    return known
        except (NotReached, Unanswered) as problem:
            if unsure:
                raise StillWorking from problem
            text = f"the engine {self._name} cannot be reached; please try again"
            raise TaskError("service_unavailable", text) from problem
        raise AssertionError("unreachable")

    async def _created(self, job: Job, errand: Errand, begun: Begun) -> str:
        """A new task of the upstream, which is remembered."""

        async def create() -> str:
            handle = await self._upstream.create(job, errand)
            await errand.remember(Begun(errand.name, handle, begun.at))
            return handle

        # Whoever is stopped here does not break off the one request whose answer must be known and kept.
        asking = asyncio.create_task(create())
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            while not asking.done():  # however often it is told to stop
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait({asking})
            raise

    async def _wait(
        self, handle: str, started: float, on_progress: OnProgress, cancel: asyncio.Event, hint: asyncio.Event
    ) -> Standing:
        """Until the task has come to an end, or the patience to its own."""
        ends = time.monotonic() + self._upstream.patience
        while True:
            if cancel.is_set():
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

    async def _bring_home(self, job: Job, handle: str, standing: Standing, started: float) -> Clip:
        if standing.state != "completed":
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

    def _attempts(self) -> AsyncIterable[stamina.Attempt]:
        """Attempts at a request that may not get through, with pauses of 1, 2 and 4 s."""
        attempts = stamina.retry_context(
            (NotReached, Unanswered), attempts=_TRIES, timeout=None, wait_initial=1.0, wait_max=30.0, wait_jitter=0.0
        )
        return attempts.with_name(self._name, (), {})

    async def _download(self, handle: str, standing: Standing, target: Path) -> None:
        try:
            async for attempt in self._attempts():
                with attempt:
                    await self._upstream.download(handle, standing, target)
        except (NotReached, Unanswered) as problem:
            raise StillWorking from problem


async def _pause(seconds: float, *events: asyncio.Event) -> None:
    """Sleep, or until one of the events is set."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
