"""Engines that share a GPU: one at a time has it, by demand.

The weights of two fit on no card, so that whoever has it keeps it while it has work: jobs that fit the weights that are
loaded come first. It makes room once it had nothing to do for a while, or once others have waited long.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection

from opendance.patience import LONGEST_WAIT


class Turn:
    """The place of one process on one or more GPUs, which others may have a place on too.

    Args:
        turns: of all places.
        engine: whose process it is.
        gpus: that the process takes.
        unload_after: s without a job after which it makes room for another engine.
    """

    def __init__(self, turns: Turns, engine: str, gpus: Collection[str], *, unload_after: float) -> None:
        self._turns = turns
        self.engine, self.gpus, self.unload_after = engine, frozenset(gpus), unload_after
        self.has_it = self.is_asked = self.works = self.has_worked = False
        self.since = 0.0  # by the monotonic clock: when it was given the GPU, or its last job ended
        self._given = asyncio.Event()
        self._make_room: Callable[[], None] | None = None

    def ask(self, make_room: Callable[[], None]) -> None:
        """The place is ready for its turn.

        Args:
            make_room: called when another engine needs the GPUs and no job is at work here: the process is to end.
        """
        self._make_room = make_room
        self._turns.settle()

    async def given(self) -> None:
        """Wait until the GPUs are this place's."""
        await self._given.wait()

    def give_back(self) -> None:
        """The process has ended: its memory is free."""
        self._turns.leave(self)

    def close(self) -> None:
        """The place is needed no more."""
        self.take()
        self._turns.forget(self)

    def wait(self, jobs: int) -> None:
        """So many jobs of the engine more wait for a process; fewer, where it is negative."""
        self._turns.wait(self.engine, jobs)

    def begin(self) -> None:
        """A job begins here."""
        self.works = self.has_worked = True

    def end(self) -> None:
        """It has ended."""
        self.works, self.since = False, time.monotonic()
        self._turns.settle()

    @property
    def rests(self) -> bool:
        """Whether another engine has the GPUs, and this one waits for work or for its turn."""
        return self._make_room is not None and not self.has_it

    def give(self) -> None:
        """It is this place's turn; only `Turns` says so."""
        self.has_it, self.is_asked, self.since = True, False, time.monotonic()
        self._given.set()

    def take(self) -> None:
        """It is not any more."""
        self.has_it = self.is_asked = self.works = self.has_worked = False
        self._given.clear()
        self._make_room = None

    def ask_for_room(self) -> None:
        """Another engine needs the GPUs."""
        self.is_asked = True
        assert self._make_room is not None
        self._make_room()


class Turns:
    """Whose turn it is on each GPU.

    Args:
        longest_wait: s that jobs of an engine wait for another that always has work; from then on its next job waits.
    """

    def __init__(self, *, longest_wait: float = LONGEST_WAIT) -> None:
        self._longest_wait = longest_wait
        self._places: list[Turn] = []
        self._jobs: dict[str, int] = {}  # that wait for a process, by engine
        self._since: dict[str, float] = {}  # when the first of them began to wait without one
        self._timer: asyncio.TimerHandle | None = None

    def place(self, engine: str, gpus: Collection[str], *, unload_after: float) -> Turn:
        """A place of an engine; those that were made first begin."""
        turn = Turn(self, engine, gpus, unload_after=unload_after)
        self._places.append(turn)
        return turn

    def wait(self, engine: str, jobs: int) -> None:
        """So many jobs more wait for a process of the engine; fewer, where it is negative."""
        self._jobs[engine] = self._jobs.get(engine, 0) + jobs
        if self._jobs[engine] <= 0:
            self._since.pop(engine, None)
        else:
            self._since.setdefault(engine, time.monotonic())
        self.settle()

    def forget(self, turn: Turn) -> None:
        """The place is needed no more; nobody is given its GPUs for that, since all are about to end."""
        if turn in self._places:
            self._places.remove(turn)

    def leave(self, turn: Turn) -> None:
        """The place has its GPUs no more."""
        turn.take()
        if turn.engine in self._since:  # what waits for it begins to wait anew: it had its turn
            self._since[turn.engine] = time.monotonic()
        self.settle()

    def settle(self) -> None:
        """Give what is free, ask for what is not, and look again when that may be different."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        resting = [turn for turn in self._places if turn.rests]
        needs = {turn.engine: self._needs(turn.engine) for turn in resting}
        kept = set[str]()
        # Whoever waits longest first, at the places where the least is in the way.
        wanted = (turn for turn in resting if needs[turn.engine] > 0)
        for turn in sorted(wanted, key=lambda turn: (self._since[turn.engine], *self._obstacles(turn))):
            if turn.gpus & kept or needs[turn.engine] <= 0:
                continue
            needs[turn.engine] -= 1
            kept |= turn.gpus  # it is not overtaken by one that needs less
            self._give_or_ask(turn)
        for turn in resting:  # nobody needs what is left: whoever is first loads its weights before they are
            if not turn.has_it and not turn.gpus & kept and not self._in_the_way(turn):
                turn.give()

    def _needs(self, engine: str) -> int:
        """How many more jobs of an engine wait than it has places that will take one."""
        ready = sum(turn.engine == engine and turn.has_it and not turn.works for turn in self._places)
        return self._jobs.get(engine, 0) - ready

    def _obstacles(self, turn: Turn) -> tuple[int, int]:
        """How many that are in the way have not been asked for room yet, and how many of them work."""
        others = self._in_the_way(turn)
        return sum(not other.is_asked for other in others), sum(other.works for other in others)

    def _in_the_way(self, turn: Turn) -> list[Turn]:
        return [other for other in self._places if other.has_it and other.gpus & turn.gpus]

    def _give_or_ask(self, turn: Turn) -> None:
        others = self._in_the_way(turn)
        if not others:
            turn.give()
            return
        now = time.monotonic()
        for other in others:
            if other.works or other.is_asked:
                continue
            has_work = self._jobs.get(other.engine, 0) > 0
            if has_work and not other.has_worked:  # it loads for a job that waited: that one is made first
                continue
            begins = self._since[turn.engine] + self._longest_wait if has_work else other.since + other.unload_after
            if now >= begins:
                other.ask_for_room()
            else:
                self._look_again(begins - now)

    def _look_again(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        if self._timer is not None and self._timer.when() <= loop.time() + seconds:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_later(seconds, self.settle)
