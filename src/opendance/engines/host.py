"""Gives jobs to an engine in processes of this machine, and ends what does not listen."""

from __future__ import annotations

import asyncio
import json
import logging
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from opendance.cancelling import held
from opendance.engines.base import EngineDied, OnProgress, RenderCancelled
from opendance.engines.pool import EnginePool
from opendance.engines.registry import engine_facts
from opendance.engines.upstream.base import Submission, UpstreamRequest
from opendance.errors import TaskError
from opendance.job import CLIP, JOB, Clip, Job
from opendance.telemetry.metrics import ENGINE_SECONDS
from opendance.telemetry.traces import traceparent

_log = logging.getLogger(__name__)
_CANCEL_GRACE = 0.6  # s from the wish to stop to the end of the process that does not listen


class EngineHost:
    """An engine in processes of its own.

    Args:
        engine: name of the engine in the registry.
        slots: how many processes.
        timeout: longest time one job may take, s.
        options: what `[engine.NAME]` says.
        environments: variables of each process, as `EnginePool` has them.
    """

    def __init__(
        self,
        engine: str,
        *,
        slots: int,
        timeout: float,
        options: Mapping[str, Any] | None = None,
        environments: Sequence[Mapping[str, str]] = (),
    ) -> None:
        self._engine, self._timeout = engine, timeout
        self._slots = asyncio.Semaphore(slots)
        self._num_slots = slots
        self._pool = EnginePool(engine, size=slots, options=options or {}, environments=environments)

    async def start(self) -> None:
        """Start every process, so that the first job finds it warm."""
        await self._pool.start()

    async def close(self) -> None:
        """End every process, whatever it does."""
        await self._pool.close()

    @property
    def takes_seed(self) -> bool:
        """Whether a job's seed makes a difference."""
        return engine_facts(self._engine, "engine").takes_seed

    @property
    def process_ids(self) -> list[int]:
        """Of the processes that are alive."""
        return self._pool.process_ids

    @property
    def slots(self) -> int:
        """How many jobs it does at the same time."""
        return self._num_slots

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
        async with held(self._slots, cancel), self._pool.process(cancel) as process:
            try:
                async with asyncio.timeout(self._timeout):
                    clip = await self._talk(process, job, on_progress, cancel)
            except TimeoutError:
                await self._pool.end(process)
                message = f"the engine did not finish within {self._timeout:g} s; try a shorter or smaller video"
                raise TaskError("generation_timeout", message) from None
            except (TaskError, RenderCancelled):
                raise
            except BaseException:
                await self._pool.end(process)
                raise
            ENGINE_SECONDS.labels(self._engine).observe(clip.seconds_taken)
            return clip

    async def _talk(self, process: Process, job: Job, on_progress: OnProgress, cancel: asyncio.Event) -> Clip:
        assert process.stdout is not None
        await self._pool.send(process, {"job": JOB.dump_python(job, mode="json"), "trace": traceparent()})
        cancelling = asyncio.create_task(cancel.wait())
        reading: asyncio.Task[bytes] | None = None
        asked_to_stop = False
        try:
            while True:
                reading = reading or asyncio.create_task(process.stdout.readline())
                waiting = {reading} if asked_to_stop else {reading, cancelling}
                await asyncio.wait(
                    waiting, return_when=asyncio.FIRST_COMPLETED, timeout=_CANCEL_GRACE if asked_to_stop else None
                )
                if cancelling.done() and not asked_to_stop:
                    asked_to_stop = True
                    await self._pool.send(process, {"cancel": True})
                    continue
                if not reading.done():  # asked_to_stop to stop, and does not listen
                    await self._pool.end(process)
                    raise RenderCancelled
                line, reading = reading.result(), None
                if not line:
                    await self._pool.end(process)
                    if asked_to_stop:
                        raise RenderCancelled
                    _log.error("engine %s ended with code %s in the middle of a job", self._engine, process.returncode)
                    raise EngineDied
                message = json.loads(line)
                if "progress" in message:
                    if not asked_to_stop:
                        await on_progress(message["progress"])
                elif "clip" in message:
                    return CLIP.validate_python(message["clip"])
                elif "cancelled" in message:
                    raise RenderCancelled
                elif "error" in message:
                    raise TaskError(message["error"]["code"], message["error"]["message"])
        finally:
            cancelling.cancel()
            if reading is not None:
                reading.cancel()
