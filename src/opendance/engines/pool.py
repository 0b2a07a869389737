"""The processes of an engine: started, loaded, watched, and replaced when they end.

Each place of the pool has a keeper, which starts a process, waits until its engine is loaded, and starts another when
it has ended. Where an engine cannot be loaded the keeper says why, once, and tries again after growing pauses: what is
missing - a file of weights, memory, a driver - may come back, and a task that waits for it is not the worse for it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from opendance.cancelling import all_done
from opendance.engines.base import CannotLoad
from opendance.engines.environment import engine_environment
from opendance.engines.registry import known_engines
from opendance.telemetry.logs import without_secrets
from opendance.telemetry.metrics import ENGINES, ENGINES_LOADED, ENGINES_WANTED

_log = logging.getLogger(__name__)
_LINE_LIMIT = 1 << 20
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 300.0  # s between two attempts to load, each twice as long as the one before
_SHORT_LIFE = 1.0  # s: a process that ends by itself so soon is not replaced without a pause
_LONGEST_REASON = 200  # characters


class EnginePool:
    """A number of processes with one engine each.

    Args:
        engine: its name in the registry.
        size: how many processes.
        options: what `[engine.NAME]` says.
        environments: variables of each process, such as the one GPU it may see; the first is also that of any further.
    """

    def __init__(
        self,
        engine: str,
        *,
        size: int,
        options: Mapping[str, Any],
        environments: Sequence[Mapping[str, str]],
    ) -> None:
        self._engine, self._options = engine, dict(options)
        facts = known_engines().get(engine)
        self._variables = () if facts is None else facts.variables
        given = list(environments) or [{}]
        self._environments = [given[place] if place < len(given) else given[0] for place in range(size)]
        self._alive: set[Process] = set()
        self._loaded: set[Process] = set()
        self._idle: list[Process] = []
        self._kept: set[Process] = set()  # somebody else gives them back
        self._problem: str | None = None
        self._keepers: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []

    @property
    def process_ids(self) -> list[int]:
        """Of the processes that are alive."""
        return [process.pid for process in self._alive if process.returncode is None]

    @property
    def is_loaded(self) -> bool:
        """Whether at least one process has its engine loaded."""
        return bool(self._loaded)

    @property
    def problem(self) -> str | None:
        """Why no process has its engine loaded, in a line; None while that is not known, or one has."""
        return None if self._loaded else self._problem

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever `is_loaded` or `problem` may have changed."""
        self._listeners.append(listener)

    async def start(self) -> None:
        """Start every process; they load their engines meanwhile."""
        if not self._keepers:
            started = [await self._spawn(environment) for environment in self._environments]
            ENGINES_WANTED.labels(self._engine).set(len(started))
            self._keepers = [
                asyncio.create_task(self._keep(process, environment))
                for process, environment in zip(started, self._environments, strict=True)
            ]

    async def close(self) -> None:
        """End every process, whatever it does."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        self._keepers.clear()
        for process in list(self._alive):
            await self.end(process)
            self._forget(process)

    @asynccontextmanager
    async def process(self, cancel: asyncio.Event) -> AsyncGenerator[Process]:
        """A process whose engine is loaded, for one job; whoever cannot tell what it does afterwards ends it.

        Raises:
            CannotLoad: there is none, and no attempt to load one has succeeded.
            WorkCancelled: `cancel` was set while there was none.
        """
        taken: Process | None = None

        async def take() -> None:
            nonlocal taken
            taken = await self._take()

        try:
            await all_done([take()], cancel)
            assert taken is not None
            yield taken
        finally:
            if taken is not None and taken not in self._kept:
                self._to_idle(taken)

    def keep(self, process: Process) -> None:
        """The process stays where it is after its job, until it is given back."""
        self._kept.add(process)

    def give_back(self, process: Process) -> None:
        """A process that was kept is ready for another job, or has ended."""
        self._kept.discard(process)
        self._to_idle(process)

    def _to_idle(self, process: Process) -> None:
        if process in self._loaded and process.returncode is None:
            self._idle.append(process)
            self._tell()

    async def end(self, process: Process) -> None:
        """Kill the process; its keeper starts another."""
        self._loaded.discard(process)
        if process.returncode is None:
            process.kill()
        await process.wait()

    async def send(self, process: Process, message: Mapping[str, Any]) -> None:
        """One message into the process; where that has died, the next read tells so."""
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(message).encode() + b"\n")
            await process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            pass

    async def _take(self) -> Process:
        await self.start()
        while True:
            self._changed.clear()
            while self._idle:
                process = self._idle.pop()
                if process.returncode is None:
                    return process
            if self.problem is not None:
                raise CannotLoad(self._engine, self.problem)
            await self._changed.wait()

    async def _keep(self, process: Process | None, environment: Mapping[str, str]) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                process = process or await self._spawn(environment)
                await self._load(process)
            except (CannotLoad, OSError) as error:
                self._cannot_load(error.reason if isinstance(error, CannotLoad) else f"no process: {error.strerror}")
                if process is not None:
                    await self.end(process)
                    self._forget(process)
                await asyncio.sleep(pause)
                pause = min(_LONGEST_PAUSE, 2 * pause)
            else:
                pause, since = _FIRST_PAUSE, time.monotonic()
                await process.wait()
                self._forget(process)
                if time.monotonic() - since < _SHORT_LIFE:
                    await asyncio.sleep(_FIRST_PAUSE)
            process = None

    async def _load(self, process: Process) -> None:
        """Wait until the engine of a new process is loaded.

        Raises:
            CannotLoad: it cannot be.
        """
        assert process.stdout is not None
        line = await process.stdout.readline()
        message = json.loads(line) if line else {"fatal": f"its process ended with code {await process.wait()}"}
        if "fatal" in message:
            raise CannotLoad(self._engine, without_secrets(str(message["fatal"]))[:_LONGEST_REASON])
        if self._problem is not None:
            _log.warning("engine %s is loaded now", self._engine)
        self._problem = None
        self._loaded.add(process)
        self._idle.append(process)
        self._tell()

    def _cannot_load(self, reason: str) -> None:
        if reason != self._problem:  # once, not at every attempt
            _log.error("engine %s cannot be loaded, it is tried again: %s", self._engine, reason)
        self._problem = reason
        self._tell()

    async def _spawn(self, environment: Mapping[str, str]) -> Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "opendance.engines.child",
            self._engine,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LINE_LIMIT,
            env=engine_environment(environment, self._variables),
            start_new_session=True,  # Ctrl-C in the terminal is for the server, which ends its engines itself
        )
        self._alive.add(process)
        self._tell()
        await self.send(process, {"options": self._options})
        return process

    def _forget(self, process: Process) -> None:
        """The process has ended."""
        self._alive.discard(process)
        self._loaded.discard(process)
        self._kept.discard(process)
        if process in self._idle:
            self._idle.remove(process)
        self._tell()

    def _tell(self) -> None:
        ENGINES.labels(self._engine).set(len(self.process_ids))
        ENGINES_LOADED.labels(self._engine).set(sum(process.returncode is None for process in self._loaded))
        self._changed.set()
        for listener in self._listeners:
            listener()
