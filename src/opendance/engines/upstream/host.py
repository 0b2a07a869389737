"""Around an upstream: one task there for each job here, waited for, brought home, and never asked for twice."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import AsyncIterable, Callable, Collection
from dataclasses import replace
from pathlib import Path

import stamina

from opendance.cancelling import all_done, held
from opendance.engines.base import EngineBusy, OnProgress, RenderCancelled, StillWorking
from opendance.engines.completion import has_stage, sound_note, stage_sound_apart
from opendance.engines.upstream.base import (
    Busy,
    NotReached,
    Submission,
    Unanswered,
    Upstream,
    UpstreamRequest,
    UpstreamStatus,
)
from opendance.errors import TaskError
from opendance.job import USUAL_COMPLETION, Clip, Completion, Job
from opendance.media.examine import Examiner
from opendance.media.finish import Finish
from opendance.telemetry.metrics import ENGINE_SECONDS

_log = logging.getLogger(__name__)
_TRIES = 4  # of a request that did not get through
_FIRST_PAUSE = 1.0  # s before the second, each further one twice as long
_LONGEST_BUSY = 3600.0  # s that an upstream may ask us to wait at once
_BROUGHT_HOME = 0.95  # share of the progress when the upstream is done
_MOST_GUESSED = 0.9  # share of the progress that is reached by waiting alone


class UpstreamHost:
    """Gives jobs to an upstream, as an `EngineHost` gives them to its processes.

    Args:
        name: of the engine in the registry.
        timeout: longest time that a clip may take after the upstream is done with it, s.
        completion: how what it cannot make is made up for.
        sound: whether it makes sound.
    """

    def __init__(
        self,
        name: str,
        upstream: Upstream,
        *,
        timeout: float,
        completion: Completion = USUAL_COMPLETION,
        sound: bool = True,
    ) -> None:
        self._name, self._upstream, self._timeout = name, upstream, timeout
        self._completion, self._has_sound = completion, sound
        self._places = asyncio.Semaphore(upstream.at_once)
        self._hints: dict[str, asyncio.Event] = {}
        self._not_before = 0.0  # by the monotonic clock: until then it takes no more

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

    def hint(self, key: str) -> None:
        """Something may have changed: ask now instead of later."""
        if (event := self._hints.get(key)) is not None:
            event.set()

    async def start(self) -> None:
        """Nothing to make ready: the upstream is asked when there is something to ask."""

    async def render(self, job: Job, request: UpstreamRequest, on_progress: OnProgress, cancel: asyncio.Event) -> Clip:
        """Make the clip of `job`, or go on with what was submitted.

        Raises:
            EngineBusy: the upstream takes no more now; nothing was submitted.
            TaskError: the upstream refuses or failed, or its video cannot be had; `retry` says whether asking again
                may help.
            StillWorking: it takes longer than a worker waits; nothing is known of how it will end.
            WorkCancelled: `cancel` was set; what was submitted goes on until it is abandoned.
        """
        job = replace(job, completion=self._completion)
        hint = self._hints[request.key] = asyncio.Event()
        try:
            async with held(self._places, cancel):
                started = (request.submission.at if request.submission is not None else 0.0) or time.time()
                (handle,) = await all_done([self._handle(job, request)], cancel)
                status = await self._wait(handle, started, on_progress, cancel, hint)
                return await self._bring_home(job, handle, status, started)
        finally:
            self._hints.pop(request.key, None)

    def fitting(self, models: Collection[str]) -> Collection[str]:
        """All: what is loaded there is theirs to know."""
        return models

    async def has_ended(self, submission: Submission) -> bool:
        """Whether the upstream's task has ended, or nobody knows whether there is one: a worker finds out."""
        if submission.handle is None:
            return time.monotonic() >= self._not_before
        try:
            status = await self._upstream.status(submission.handle)
        except (NotReached, Unanswered) as problem:
            _log.info("%s: %s", self._name, problem)
            return False
        return status.state not in ("queued", "running")

    async def abandon(self, submission: Submission) -> bool:
        """Stop a task that nobody wants any more; False where it may go on and cost what it costs."""
        stopped = False
        try:
            handle = submission.handle or await self._upstream.find(
                UpstreamRequest(submission.key, submission=submission)
            )
            stopped = handle is not None and await self._upstream.cancel(handle)
        except Exception as problem:  # noqa: BLE001 - the task ends either way
            _log.warning("%s: %s: %s", self._name, type(problem).__name__, problem)
        if not stopped:
            _log.warning("%s did not stop its task %s", self._name, submission.handle or submission.key)
        return stopped

    async def _handle(self, job: Job, request: UpstreamRequest) -> str:
        """The upstream's task: the one that was submitted, or a new one."""
        submission = request.submission
        if submission is not None and submission.handle is not None:
            return submission.handle
        unsure = submission is not None and submission.at > 0  # it was asked for, and no answer is known
        if not unsure and time.monotonic() < self._not_before:
            raise EngineBusy(self._name, "it said when it may be asked again")
        if submission is None or not unsure:
            submission = Submission(request.key, None, time.time())
            await request.remember(submission)

        try:
            async for attempt in self._attempts():
                with attempt:
                    try:
                        known = await self._upstream.find(request) if unsure else None
                        if known is None:
                            return await self._created(job, request, submission)
                    except Unanswered:
                        unsure = True
                        raise
                    except Busy as busy:
                        if busy.seconds is not None:
                            self._not_before = time.monotonic() + min(_LONGEST_BUSY, busy.seconds)
                        if not unsure and (busy.seconds or 0.0) > _FIRST_PAUSE:
                            await request.remember(Submission(request.key, None, 0.0))
                            raise EngineBusy(self._name, str(busy)) from busy
                        raise
                    await request.remember(Submission(request.key, known, submission.at))
                    return known
        except (NotReached, Unanswered) as problem:
            if unsure:
                raise StillWorking from problem
            if isinstance(problem, Busy):
                await request.remember(Submission(request.key, None, 0.0))
                raise EngineBusy(self._name, str(problem)) from problem
            text = f"the engine {self._name} cannot be reached; please try again"
            raise TaskError("service_unavailable", text) from problem
        raise AssertionError("unreachable")

    async def _created(self, job: Job, request: UpstreamRequest, submission: Submission) -> str:
        """A new task of the upstream, which is remembered."""

        async def create() -> str:
            handle = await self._upstream.create(job, request)
            await request.remember(Submission(request.key, handle, submission.at))
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
    ) -> UpstreamStatus:
        """Until the task has come to an end, or the patience to its own."""
        ends = time.monotonic() + self._upstream.patience
        while True:
            if cancel.is_set():
                raise RenderCancelled
            try:
                status = await self._upstream.status(handle)
            except (NotReached, Unanswered) as problem:
                _log.info("%s: %s", self._name, problem)
                status = None
            if status is not None:
                if status.state in ("completed", "failed", "unknown"):
                    return status
                waited = max(0.0, time.time() - started)
                guessed = _MOST_GUESSED * (1 - math.exp(-waited / self._upstream.expected))
                await on_progress(_BROUGHT_HOME * (guessed if status.progress is None else status.progress))
            if time.monotonic() >= ends:
                raise StillWorking
            await _pause(self._upstream.poll, cancel, hint)
            hint.clear()

    async def _bring_home(self, job: Job, handle: str, status: UpstreamStatus, started: float) -> Clip:
        if status.state != "completed":
            if status.error is not None:
                raise status.error
            raise TaskError("service_error", "the upstream does not know its task any more", retry=True)
        source = Path(job.work_folder) / "upstream.mp4"
        await self._download(handle, status, source)
        finish = Finish.of(job, self._name)
        examiner = Examiner()
        try:
            async with asyncio.timeout(self._timeout):
                stand_in = None if self._has_sound or not has_stage(job) else await stage_sound_apart(job)
                facts = await examiner.finish(source, Path(job.output), finish, stand_in)
                if stand_in is None and not facts["has_audio"] and has_stage(job):
                    stand_in = await stage_sound_apart(job)
                    if stand_in is not None:
                        facts = await examiner.finish(source, Path(job.output), finish, stand_in)
        except TimeoutError:
            raise TaskError("generation_timeout", "the upstream's video could not be brought to its form") from None
        finally:
            await examiner.close()
            source.unlink(missing_ok=True)
            (Path(job.work_folder) / "stage.wav").unlink(missing_ok=True)
        taken = time.time() - started
        ENGINE_SECONDS.labels(self._name).observe(taken)
        notes = [*status.notes, f"the upstream's video: {facts['width']}x{facts['height']}, {facts['how']}"]
        if job.generate_audio and not facts["has_audio"]:
            notes.append(sound_note(job))
        if status.model:
            notes.append(f"made by {status.model}")
        return Clip(job.output, taken, tuple(notes), {"task": handle, **status.usage})

    def _attempts(self) -> AsyncIterable[stamina.Attempt]:
        """Attempts at a request that may not get through, with pauses of 1, 2 and 4 s."""
        attempts = stamina.retry_context(
            (NotReached, Unanswered),
            attempts=_TRIES,
            timeout=None,
            wait_initial=_FIRST_PAUSE,
            wait_max=30.0,
            wait_jitter=0.0,
        )
        return attempts.with_name(self._name, (), {})

    async def _download(self, handle: str, status: UpstreamStatus, target: Path) -> None:
        try:
            async for attempt in self._attempts():
                with attempt:
                    await self._upstream.download(handle, status, target)
        except (NotReached, Unanswered) as problem:
            raise StillWorking from problem


async def _pause(seconds: float, *events: asyncio.Event) -> None:
    """Sleep, or until one of the events is set."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
