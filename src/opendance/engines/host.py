"""Gives jobs to an engine in processes of this machine, and ends what does not listen."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from asyncio.subprocess import Process
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from opendance.catalog import MODELS, Mode, Tier
from opendance.engines.base import EngineBroken, EngineDied, OnProgress, RenderCancelled
from opendance.engines.pool import EnginePool
from opendance.engines.registry import EngineFacts, known_engines
from opendance.engines.sharing import Turn
from opendance.engines.upstream.base import Submission, UpstreamRequest
from opendance.errors import TaskError
from opendance.job import CLIP, JOB, USUAL_COMPLETION, Clip, Completion, Job
from opendance.telemetry.metrics import ENGINE_SECONDS
from opendance.telemetry.traces import traceparent

_log = logging.getLogger(__name__)
_CANCEL_GRACE = 0.6  # s from the wish to stop until the task is told that it is
# s from the wish to stop to the end of the process that does not listen. On a GPU a process can be asked between two
# steps only, which take up to half a minute; to load its weights again would take all others minutes.
_CPU_GRACE, _GPU_GRACE = 0.6, 120.0
_SURE = 60.0  # s of a job after which its speed says how long it will take
_TOO_SLOW = 1.5  # times the limit: an estimate so far beyond it is not left to be proved


class EngineHost:
    """An engine in processes of its own.

    Args:
        engine: name of the engine in the registry.
        slots: how many processes.
        timeout: longest time one job may take from its first step on, s.
        options: what `[engine.NAME]` says.
        environments: variables of each process, as `EnginePool` has them.
        facts: what is known of the engine; None: what the registry says of this name.
        completion: how what it cannot make is made up for.
        turns: of each process that shares its GPUs with other engines.
        loaded_for: what has to be loaded for a job of a mode and a tier, as a name; None: the same for each.
    """

    def __init__(
        self,
        engine: str,
        *,
        slots: int,
        timeout: float,
        options: Mapping[str, Any] | None = None,
        environments: Sequence[Mapping[str, str]] = (),
        facts: EngineFacts | None = None,
        completion: Completion = USUAL_COMPLETION,
        turns: Sequence[Turn] = (),
        loaded_for: Callable[[Mode, Tier], str] | None = None,
    ) -> None:
        self._engine, self._timeout, self._completion = engine, timeout, completion
        self._facts = known_engines().get(engine) if facts is None else facts
        self._slots, self._loaded_for = slots, loaded_for
        modes = frozenset(Mode) if self._facts is None else self._facts.modes
        first = next(mode for mode in Mode if mode in modes)
        self._pool = EnginePool(
            engine,
            size=slots,
            options=options or {},
            environments=environments,
            facts=self._facts,
            turns=turns,
            begins_with=None if loaded_for is None else loaded_for(first, Tier.STANDARD),
        )
        on_gpu = self._facts is not None and self._facts.runs_on == "gpu"
        self._grace = _GPU_GRACE if on_gpu else _CPU_GRACE
        self._endings: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Start every process, so that the first job finds it warm."""
        await self._pool.start()

    async def close(self) -> None:
        """End every process, whatever it does."""
        for ending in self._endings:
            ending.cancel()
        await self._pool.close()

    @property
    def takes_seed(self) -> bool:
        """Whether a job's seed makes a difference."""
        return self._facts is None or self._facts.takes_seed

    @property
    def process_ids(self) -> list[int]:
        """Of the processes that are alive."""
        return self._pool.process_ids

    @property
    def slots(self) -> int:
        """How many jobs it does at the same time."""
        return self._slots

    @property
    def is_loaded(self) -> bool:
        """Whether at least one process has its engine loaded."""
        return self._pool.is_loaded

    @property
    def problem(self) -> str | None:
        """Why the engine cannot be loaded, in a line; None where it is, or while that is not known."""
        return self._pool.problem

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever `is_loaded` or `problem` may have changed."""
        self._pool.listen(listener)

    def fitting(self, models: Collection[str]) -> Collection[str]:
        """Those whose jobs, with all that they may name, fit the weights that are loaded.

        All where nothing is, or where weights are the same.
        """
        if self._loaded_for is None or not self._pool.has:
            return models
        has = self._pool.has
        return {name for name in models if self._loaded_for(MODELS[name].mode, MODELS[name].tier) in has}

    async def has_ended(self, submission: Submission) -> bool:
        """True: nothing is submitted here that outlives its worker."""
        return True

    async def abandon(self, submission: Submission) -> bool:
        """Nothing to stop."""
        return True

    def hint(self, key: str) -> None:
        """Nothing to ask."""

    async def render(self, job: Job, request: UpstreamRequest, on_progress: OnProgress, cancel: asyncio.Event) -> Clip:
        """Make the clip of `job`.

        Raises:
            CannotLoad: the engine cannot be loaded here; nothing was begun.
            TaskError: the engine cannot make it, died, or took too long.
            WorkCancelled: `cancel` was set.
        """
        mode = job.mode if job.assets else Mode.TEXT
        needs = None if self._loaded_for is None else self._loaded_for(mode, job.tier)
        async with self._pool.process(cancel, needs) as process:
            try:
                clip = await self._talk(process, job, on_progress, cancel)
            except EngineBroken:
                await self._pool.end(process)
                raise
            except (TaskError, RenderCancelled):
                raise
            except BaseException:
                await self._pool.end(process)
                raise
            ENGINE_SECONDS.labels(self._engine).observe(clip.seconds_taken)
            return clip

    async def _talk(self, process: Process, job: Job, on_progress: OnProgress, cancel: asyncio.Event) -> Clip:
        assert process.stdout is not None
        asked = JOB.dump_python(replace(job, completion=self._completion), mode="json")
        await self._pool.send(process, {"job": asked, "trace": traceparent()})
        cancelling = asyncio.create_task(cancel.wait())
        reading: asyncio.Task[bytes] | None = None
        clock = _Clock(self._timeout)
        try:
            while True:
                reading = reading or asyncio.create_task(process.stdout.readline())
                await asyncio.wait(
                    {reading, cancelling}, return_when=asyncio.FIRST_COMPLETED, timeout=clock.left(time.monotonic())
                )
                if cancelling.done():
                    reading = await self._stop(process, reading)
                    raise RenderCancelled
                if not reading.done():
                    await self._pool.end(process)
                    raise _took_too_long(self._timeout)
                line, reading = reading.result(), None
                message = await self._read(process, line)
                if "progress" in message:
                    if clock.is_hopeless(message["progress"], time.monotonic()):
                        reading = await self._stop(process, asyncio.create_task(process.stdout.readline()))
                        raise _took_too_long(self._timeout)
                    await on_progress(message["progress"])
                elif "clip" in message:
                    return CLIP.validate_python(message["clip"])
                elif "cancelled" in message:
                    raise RenderCancelled
                elif "error" in message:
                    if not clock.runs:
                        self._pool.unsure(process)
                    kind = EngineBroken if message.get("broken") else TaskError
                    raise kind(message["error"]["code"], message["error"]["message"])
        finally:
            cancelling.cancel()
            if reading is not None:
                reading.cancel()

    async def _read(self, process: Process, line: bytes) -> dict[str, Any]:
        """A message of the process.

        Raises:
            EngineDied: there is none, and never will be.
        """
        if line:
            return json.loads(line)
        await self._pool.end(process)
        _log.error("engine %s ended with code %s in the middle of a job", self._engine, process.returncode)
        raise EngineDied

    async def _stop(self, process: Process, reading: asyncio.Task[bytes]) -> asyncio.Task[bytes] | None:
        """Ask the process to stop; where it does not at once, it ends its step while nobody waits for it.

        Returns:
            What still reads, if anybody has to end it.
        """
        await self._pool.send(process, {"cancel": True})
        ending = asyncio.create_task(self._until_it_has_stopped(process, reading))
        await asyncio.wait({ending}, timeout=_CANCEL_GRACE)
        if not ending.done():
            self._pool.keep(process)
            self._endings.add(ending)
            ending.add_done_callback(lambda _: self._give_back(process, ending))
        return None

    def _give_back(self, process: Process, ending: asyncio.Task[None]) -> None:
        self._endings.discard(ending)
        self._pool.give_back(process)

    async def _until_it_has_stopped(self, process: Process, reading: asyncio.Task[bytes]) -> None:
        """Until the process is ready for another job; one that does not return is ended."""
        assert process.stdout is not None
        try:
            async with asyncio.timeout(self._grace):
                while True:
                    line = await reading
                    message = json.loads(line) if line else {"broken": True}
                    if message.get("broken"):
                        break
                    if "error" in message:
                        self._pool.unsure(process)
                    if "progress" not in message:
                        return
                    reading = asyncio.create_task(process.stdout.readline())
        except TimeoutError:
            _log.warning("engine %s did not stop within %g s: its process is replaced", self._engine, self._grace)
        finally:
            reading.cancel()
        await self._pool.end(process)


class _Clock:
    """The time of one job: it begins with the first step, so that loading weights is not counted.

    Args:
        limit: longest time from there on, s; before it so long may pass too, for what has to be loaded.
    """

    def __init__(self, limit: float) -> None:
        self._limit, self._asked = limit, time.monotonic()
        self._began: float | None = None
        self._share = 0.0

    @property
    def runs(self) -> bool:
        """Whether the first step was made."""
        return self._began is not None

    def left(self, now: float) -> float:
        """s until it is over."""
        return max(0.0, self._limit - (now - (self._asked if self._began is None else self._began)))

    def is_hopeless(self, share: float, now: float) -> bool:
        """Whether the job is so slow that it will not end in its time, by what is done of it."""
        if self._began is None:
            self._began, self._share = now, share
            return False
        taken, done = now - self._began, share - self._share
        return taken > _SURE and done > 0 and taken * (1 - self._share) / done > _TOO_SLOW * self._limit


def _took_too_long(limit: float) -> TaskError:
    message = f"the engine cannot finish within {limit:g} s; try a shorter or smaller video"
    return TaskError("generation_timeout", message)
