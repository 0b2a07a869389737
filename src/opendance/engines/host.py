"""The process around an engine, seen from outside: warm, watched, and replaced when it dies."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from opendance.cancelling import held
from opendance.engines.base import EngineDied, OnProgress, RenderCancelled
from opendance.engines.registry import engine_facts
from opendance.engines.upstream.base import Submission, UpstreamRequest
from opendance.errors import TaskError
from opendance.job import CLIP, JOB, Clip, Job
from opendance.telemetry.metrics import ENGINE_SECONDS, ENGINES
from opendance.telemetry.traces import traceparent

_log = logging.getLogger(__name__)
_CANCEL_GRACE = 0.6  # s from the wish to stop to the end of the process that does not listen
_LINE_LIMIT = 1 << 20


class EngineHost:
    """A pool of processes, each with one engine loaded.

    Args:
        engine: name of the engine in the registry.
        slots: how many processes at most.
        timeout: longest time one job may take, s.
        options: what `[engine.NAME]` says.
        environments: variables of each process, such as the one GPU it may see; the first is also that of any further.
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
        self._options, self._environments = dict(options or {}), [dict(each) for each in environments]
        self._places: dict[asyncio.subprocess.Process, int] = {}
        self._slots = asyncio.Semaphore(slots)
        self._num_slots = slots
        self._idle: list[asyncio.subprocess.Process] = []
        self._all: set[asyncio.subprocess.Process] = set()

    async def start(self) -> None:
        """Start every process, so that the first job finds it warm."""
        self._idle += [await self._spawn() for _ in range(self._num_slots)]

    async def close(self) -> None:
        """End every process, whatever it does."""
        for process in self._all:
            if process.returncode is None:
                process.kill()
        await asyncio.gather(*(process.wait() for process in self._all))
        self._all.clear()
        self._idle.clear()

    @property
    def takes_seed(self) -> bool:
        """Whether a job's seed makes a difference."""
        return engine_facts(self._engine, "engine").takes_seed

    @property
    def process_ids(self) -> list[int]:
        """Of the processes that are alive."""
        return [process.pid for process in self._all if process.returncode is None]

    @property
    def slots(self) -> int:
        """How many jobs it does at the same time."""
        return self._num_slots

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
            TaskError: the engine cannot make it, died, or took too long.
            WorkCancelled: `cancel` was set.
        """
        async with held(self._slots, cancel):
            process = await self._take()
            try:
                async with asyncio.timeout(self._timeout):
                    clip = await self._talk(process, job, on_progress, cancel)
            except TimeoutError:
                await self._end(process)
                message = f"the engine did not finish within {self._timeout:g} s; try a shorter or smaller video"
                raise TaskError("generation_timeout", message) from None
            except (TaskError, RenderCancelled):
                await self._give_back(process)
                raise
            except BaseException:
                await self._end(process)
                raise
            await self._give_back(process)
            ENGINE_SECONDS.labels(self._engine).observe(clip.seconds_taken)
            return clip

    async def _spawn(self) -> asyncio.subprocess.Process:
        taken = {place for process, place in self._places.items() if process.returncode is None}
        place = next((n for n in range(len(self._environments)) if n not in taken), 0)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "opendance.engines.child",
            self._engine,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LINE_LIMIT,
            env={**os.environ, **(self._environments[place] if self._environments else {})},
            start_new_session=True,  # Ctrl-C in the terminal is for the server, which ends its engines itself
        )
        self._all.add(process)
        self._places[process] = place
        await self._send(process, {"options": self._options})
        ENGINES.labels(self._engine).set(len(self.process_ids))
        return process

    async def _take(self) -> asyncio.subprocess.Process:
        while self._idle:
            process = self._idle.pop()
            if process.returncode is None:
                return process
            self._all.discard(process)
            self._places.pop(process, None)
        return await self._spawn()

    async def _give_back(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            self._idle.append(process)
        else:
            await self._end(process)

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            process.kill()
        await process.wait()
        self._all.discard(process)
        self._places.pop(process, None)
        ENGINES.labels(self._engine).set(len(self.process_ids))

    async def _talk(
        self, process: asyncio.subprocess.Process, job: Job, on_progress: OnProgress, cancel: asyncio.Event
    ) -> Clip:
        assert process.stdout is not None
        await self._send(process, {"job": JOB.dump_python(job, mode="json"), "trace": traceparent()})
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
                    await self._send(process, {"cancel": True})
                    continue
                if not reading.done():  # told to stop, and does not listen
                    await self._end(process)
                    raise RenderCancelled
                line, reading = reading.result(), None
                if not line:
                    await self._end(process)
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
                elif "fatal" in message:
                    _log.error("engine %s cannot be loaded: %s", self._engine, message["fatal"])
                    await self._end(process)
                    problem = f"the engine {self._engine} cannot be loaded; the server's log says why"
                    raise TaskError("service_unavailable", problem)
                elif "cancelled" in message:
                    raise RenderCancelled
                elif "error" in message:
                    raise TaskError(message["error"]["code"], message["error"]["message"])
        finally:
            cancelling.cancel()
            if reading is not None:
                reading.cancel()

    async def _send(self, process: asyncio.subprocess.Process, message: dict[str, Any]) -> None:
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(message).encode() + b"\n")
            await process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            pass  # it died: the next read tells so
