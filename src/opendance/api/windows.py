"""How often something happened within the last minute: here, and in other processes as they tell.

A sliding window is estimated from two fixed ones: what was counted in the minute before, by as much of it as the last
60 seconds still reach into, and what was counted in this one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

_MINUTE = 60  # s


@dataclass
class _Counts:
    """Of one name: `minute` is the newest that anything was counted in."""

    minute: int = 0
    now: int = 0
    before: int = 0
    untold: dict[int, int] = field(default_factory=dict)

    def turn(self, minute: int) -> None:
        """It is this minute now; a minute that is over is not counted in any more."""
        if minute > self.minute:
            self.before = self.now if minute == self.minute + 1 else 0
            self.now, self.minute = 0, minute

    def add(self, minute: int, count: int) -> None:
        if minute == self.minute:
            self.now += count
        elif minute == self.minute - 1:
            self.before += count


class Windows:
    """Counts by name.

    Args:
        clock: gives unix time.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._counts: dict[str, _Counts] = {}
        self._untold: set[str] = set()
        self._swept = 0

    def count(self, name: str) -> float:
        """How often it happened within the last minute, estimated."""
        now = self._clock()
        counts = self._counts.get(name)
        if counts is None:
            return 0.0
        counts.turn(int(now // _MINUTE))
        return counts.before * (1 - now % _MINUTE / _MINUTE) + counts.now

    def add(self, name: str) -> None:
        """It happened here, once."""
        minute = int(self._clock() // _MINUTE)
        if minute != self._swept:
            self._sweep(minute)
        counts = self._counts.setdefault(name, _Counts())
        counts.turn(minute)
        counts.now += 1
        if minute not in counts.untold and len(counts.untold) > 1:  # nobody asks for it
            counts.untold.clear()
        counts.untold[minute] = counts.untold.get(minute, 0) + 1
        self._untold.add(name)

    def reset(self, name: str) -> float:
        """Seconds until there is room for one more than there is now."""
        now = self._clock()
        counts = self._counts.get(name)
        if counts is None:
            return 0.0
        counts.turn(int(now // _MINUTE))
        left = _MINUTE - now % _MINUTE
        of_before = left % (_MINUTE / counts.before) if counts.before else float("inf")
        return min(of_before, left if counts.now else float("inf"), _MINUTE)

    def untold(self) -> list[tuple[str, int, int]]:
        """What happened here since this was asked before: (name, minute, how often)."""
        told = [(name, minute, count) for name in self._untold for minute, count in self._counts[name].untold.items()]
        for name in self._untold:
            self._counts[name].untold.clear()
        self._untold.clear()
        return told

    def add_of_others(self, name: str, minute: int, count: int) -> None:
        """It happened so often in another process."""
        counts = self._counts.setdefault(name, _Counts())
        counts.turn(int(self._clock() // _MINUTE))
        counts.add(minute, count)

    def _sweep(self, minute: int) -> None:
        """Forget what did not happen for two minutes."""
        self._swept = minute
        self._counts = {name: counts for name, counts in self._counts.items() if counts.minute >= minute - 1}
        self._untold &= self._counts.keys()
