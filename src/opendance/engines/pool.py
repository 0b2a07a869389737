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
from dataclasses import dataclass, field
from typing import Any

from opendance.cancelling import all_done, end_process
from opendance.engines.base import CannotLoad
from opendance.engines.environment import engine_environment
from opendance.engines.registry import EngineFacts, known_engines
from opendance.engines.sharing import Turn
from opendance.patience import Patience
from opendance.telemetry.logs import without_secrets
from opendance.telemetry.metrics import ENGINES, ENGINES_LOADED, ENGINES_WANTED

_log = logging.getLogger(__name__)
_LINE_LIMIT = 1 << 20
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 300.0  # s between two attempts to load, each twice as long as the one before
_SHORT_LIFE = 1.0  # s: a process that ends by itself so soon is not replaced without a pause
_LONGEST_REASON = 200  # characters


@dataclass(eq=False)
class _Waiting:
    """A job that waits for a process.

    Attributes:
        needs: what has to be loaded for it, as a name; None: nothing but what always is.
    """

    needs: str | None
    process: asyncio.Future[Process] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class EnginePool:
    """A number of processes with one engine each. Jobs that fit what a process has loaded come first, for a while.

    Args:
        engine: its name in the registry.
        size: how many processes.
        options: what `[engine.NAME]` says.
        environments: variables of each process, such as the one GPU it may see; the first is also that of any further.
        facts: what is known of the engine; None: what the registry says of this name.
        turns: of each process that shares its GPUs with other engines; such a one is started when it is its turn.
        begins_with: the name of what a new process has loaded, where jobs need different weights.
    """

    def __init__(
        self,
        engine: str,
        *,
        size: int,
        options: Mapping[str, Any],
        environments: Sequence[Mapping[str, str]],
        facts: EngineFacts | None = None,
        turns: Sequence[Turn] = (),
        begins_with: str | None = None,
    ) -> None:
        self._engine, self._options = engine, dict(options)
        known = known_engines().get(engine) if facts is None else facts
        self._code = engine if known is None else known.code
        self._variables = () if known is None else known.variables
        given = list(environments) or [{}]
        self._environments = [given[place] if place < len(given) else given[0] for place in range(size)]
        self._turns = list(turns)
        self._turn_of: dict[Process, Turn] = {}
        self._alive: set[Process] = set()
        self._loaded: set[Process] = set()
        self._idle: list[Process] = []
        self._kept: set[Process] = set()  # somebody else gives them back
        self._begins_with = begins_with
        self._has: dict[Process, str | None] = {}  # what is loaded in each, by the job that it had last; None: unknown
        self._waiting: list[_Waiting] = []
        self._patience = Patience()
        self._problem: str | None = None
        self._keepers: list[asyncio.Task[None]] = []
        self._starting = asyncio.Lock()
        self._listeners: list[Callable[[], None]] = []

    @property
    def process_ids(self) -> list[int]:
        """Of the processes that are alive."""
        return [process.pid for process in self._alive if process.returncode is None]

    @property
    def is_loaded(self) -> bool:
        """Whether at least one process has its engine loaded, or makes room for another and comes back by demand."""
        return bool(self._loaded) or self.rests

    @property
    def rests(self) -> bool:
        """Whether other engines have the GPUs, and this one is loaded when there is work for it."""
        return bool(self._turns) and self._problem is None and all(turn.rests for turn in self._turns)

    @property
    def problem(self) -> str | None:
        """Why no process has its engine loaded, in a line; None while that is not known, or one has."""
        return None if self._loaded else self._problem

    @property
    def has(self) -> frozenset[str | None]:
        """What is loaded where a job may begin: in the processes that are idle, else in all."""
        return frozenset(self._has.get(process) for process in self._idle or self._loaded)

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever `is_loaded` or `problem` may have changed."""
        self._listeners.append(listener)

    async def start(self) -> None:
        """Start every process; they load their engines meanwhile."""
        async with self._starting:
            if not self._keepers:
                await self._start()

    async def _start(self) -> None:
        ENGINES_WANTED.labels(self._engine).set(len(self._environments))
        if self._turns:
            for turn in self._turns:
                self._ask(turn)
            places = zip(self._environments, self._turns, strict=True)
            self._keepers = [asyncio.create_task(self._keep(None, *place)) for place in places]
            return
        started = [await self._spawn(environment) for environment in self._environments]
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
        for turn in self._turns:
            turn.close()
        alive = list(self._alive)
        await asyncio.gather(*(self.end(process) for process in alive))
        for process in alive:
            self._forget(process)

    @asynccontextmanager
    async def process(self, cancel: asyncio.Event, needs: str | None = None) -> AsyncGenerator[Process]:
        """A process whose engine is loaded, for one job; whoever cannot tell what it does afterwards ends it.

        Args:
            needs: what has to be loaded for the job, as a name.

        Raises:
            CannotLoad: there is none, and no attempt to load one has succeeded.
            WorkCancelled: `cancel` was set while there was none.
        """
        taken: Process | None = None

        async def take() -> None:
            nonlocal taken
            await self.start()
            taken = await self._take(_Waiting(needs))

        try:
            await all_done([take()], cancel)
            assert taken is not None
            self._loads(taken, needs)  # not before: who was cancelled as the process came has nothing loaded
            yield taken
        finally:
            if taken is not None and taken not in self._kept:
                self._to_idle(taken)

    def unsure(self, process: Process) -> None:
        """A job failed there, maybe while its weights were being loaded: nobody knows what it has now."""
        self._loads(process, None)

    def _loads(self, process: Process, name: str | None) -> None:
        if process in self._has:  # else it has ended
            self._has[process] = name

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
            if (turn := self._turn_of.get(process)) is not None:
                turn.end()  # which may have it end, before anybody takes it
            self._tell()

    async def end(self, process: Process) -> None:
        """Kill the process; its keeper starts another."""
        self._loaded.discard(process)
        await end_process(process)

    async def send(self, process: Process, message: Mapping[str, Any]) -> None:
        """One message into the process; where that has died, the next read tells so."""
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(message).encode() + b"\n")
            await process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            pass

    async def _take(self, waiting: _Waiting) -> Process:
        self._waiting.append(waiting)
        for turn in self._turns[:1]:
            turn.wait(1)
        self._settle()
        try:
            return await waiting.process
        except asyncio.CancelledError:
            if waiting in self._waiting:
                self._no_longer(waiting)
            elif not waiting.process.cancelled() and waiting.process.exception() is None:
                self._to_idle(waiting.process.result())  # it came in the same moment
            raise

    def _settle(self) -> None:
        """Give processes to the jobs that wait, as long as there are both."""
        for waiting in [each for each in self._waiting if each.process.done()]:  # it was cancelled
            self._no_longer(waiting)
        while self._waiting:
            self._idle = [process for process in self._idle if process.returncode is None]
            if self._idle:
                waiting, process = self._next()
                if waiting is not self._waiting[0]:
                    self._patience.pass_over(self._waiting[0])
                self._idle.remove(process)
                if (turn := self._turn_of.get(process)) is not None:
                    turn.begin()
                self._no_longer(waiting)
                waiting.process.set_result(process)
            elif self.problem is not None:
                waiting = self._waiting[0]
                self._no_longer(waiting)
                waiting.process.set_exception(CannotLoad(self._engine, self.problem))
            else:
                return

    def _next(self) -> tuple[_Waiting, Process]:
        """Who gets which of the idle processes: whoever comes next, but for one that fits while there is patience."""
        first, *others = self._waiting
        for waiting in (first, *(others if self._patience.is_left(first) else ())):
            for process in self._idle:
                if self._has.get(process) == waiting.needs:
                    return waiting, process
        return first, self._idle[-1]

    def _no_longer(self, waiting: _Waiting) -> None:
        self._waiting.remove(waiting)
        self._patience.forget(waiting)
        for turn in self._turns[:1]:
            turn.wait(-1)

    def _ask(self, turn: Turn) -> None:
        """Ask for the GPUs, which another engine may have by now; nobody knows then whether it could be loaded."""
        turn.ask(lambda: self._make_room(turn))
        if turn.rests:
            self._problem = None
        self._tell()

    def _make_room(self, turn: Turn) -> None:
        """End the process of this place, at which no job is at work: another engine needs its GPUs."""
        _log.info("engine %s makes room for another", self._engine)
        for process in [process for process, place in self._turn_of.items() if place is turn]:
            self._loaded.discard(process)
            if process in self._idle:
                self._idle.remove(process)
            if process.returncode is None:
                process.kill()

    async def _keep(self, process: Process | None, environment: Mapping[str, str], turn: Turn | None = None) -> None:
        pause = _FIRST_PAUSE
        while True:
            if turn is not None:
                await turn.given()
            try:
                process = process or await self._spawn(environment, turn)
                await self._load(process)
            except (CannotLoad, OSError) as error:
                makes_room = turn is not None and turn.is_asked
                if not makes_room:
                    reason = error.reason if isinstance(error, CannotLoad) else f"no process: {error.strerror}"
                    self._cannot_load(reason)
                if process is not None:
                    await self.end(process)
                    self._forget(process)
                if turn is not None:
                    turn.give_back()  # others may use the pause
                if not makes_room:
                    await asyncio.sleep(pause)
                    pause = min(_LONGEST_PAUSE, 2 * pause)
            else:
                pause, since = _FIRST_PAUSE, time.monotonic()
                await process.wait()
                self._forget(process)
                if turn is not None:
                    turn.give_back()
                elif time.monotonic() - since < _SHORT_LIFE:
                    await asyncio.sleep(_FIRST_PAUSE)
            process = None
            if turn is not None:
                self._ask(turn)

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
        self._to_idle(process)

    def _cannot_load(self, reason: str) -> None:
        if reason != self._problem:  # once, not at every attempt
            _log.error("engine %s cannot be loaded, it is tried again: %s", self._engine, reason)
        self._problem = reason
        self._tell()

    async def _spawn(self, environment: Mapping[str, str], turn: Turn | None = None) -> Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "opendance.engines.child",
            self._code,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LINE_LIMIT,
            env=engine_environment(environment, self._variables),
            start_new_session=True,  # Ctrl-C in the terminal is for the server, which ends its engines itself
        )
        self._alive.add(process)
        self._has[process] = self._begins_with
        if turn is not None:
            self._turn_of[process] = turn
            if turn.is_asked:  # while it was being started
                process.kill()
        self._tell()
        await self.send(process, {"options": self._options})
        return process

    def _forget(self, process: Process) -> None:
        """The process has ended."""
        self._alive.discard(process)
        self._loaded.discard(process)
        self._kept.discard(process)
        self._has.pop(process, None)
        self._turn_of.pop(process, None)
        if process in self._idle:
            self._idle.remove(process)
        self._tell()

    def _tell(self) -> None:
        ENGINES.labels(self._engine).set(len(self.process_ids))
        ENGINES_LOADED.labels(self._engine).set(sum(process.returncode is None for process in self._loaded))
        self._settle()
        for listener in self._listeners:
            listener()
