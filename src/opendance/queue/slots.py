"""Room for tasks in this process: slots, in which videos are made, and places, in which files of users are fetched.

A task whose files are fetched holds no slot: a host that answers slowly keeps nobody waiting but the account that named
it, which has so many places and no more. Who has fetched keeps its place until it has a slot again, so that no more is
fetched ahead than there are places.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Collection

from opendance.store.claims import WITH_FILES

PLACES_OF_AN_ACCOUNT = 4
PLACES = 16
"""For fetching, of all accounts."""


class Slots:
    """The slots of a lane; who has left one and wants it again comes before those who want to begin."""

    def __init__(self, number: int) -> None:
        self._free = number
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self.wanted_back = asyncio.Event()
        """Set while somebody who has left one wants it again."""

    async def take(self, *, again: bool = False) -> None:
        """Wait for a slot."""
        if self._free:
            self._free -= 1
            return
        given = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (not again, next(self._order), given))
        if again:
            self.wanted_back.set()
        try:
            await given
        except asyncio.CancelledError:
            if given.done() and not given.cancelled():  # it came in the same moment
                self.leave()
            raise

    def leave(self) -> None:
        """Give a slot to whoever waits."""
        while self._waiting:
            _, _, waiting = heapq.heappop(self._waiting)
            if not waiting.done():
                waiting.set_result(None)
                break
        else:
            self._free += 1
        if not any(not begins and not waiting.done() for begins, _, waiting in self._waiting):
            self.wanted_back.clear()


class Seat:
    """The slot of one task, which it may leave for a while.

    Args:
        is_held: whether it is taken already.
    """

    def __init__(self, slots: Slots, *, is_held: bool = False) -> None:
        self._slots, self.is_held = slots, is_held

    async def take(self, *, again: bool = False) -> None:
        """Wait for it, unless it is held."""
        if not self.is_held:
            await self._slots.take(again=again)
            self.is_held = True

    def leave(self) -> None:
        """Let others have it, if it is held."""
        if self.is_held:
            self.is_held = False
            self._slots.leave()


class Fetching:
    """The places for tasks whose files are fetched and examined.

    Args:
        of_each: how many an account has.
        of_all: how many there are.
    """

    def __init__(self, *, of_each: int = PLACES_OF_AN_ACCOUNT, of_all: int = PLACES) -> None:
        self._of_each, self._of_all = of_each, of_all
        self._held: Counter[str] = Counter()
        self._waiting: list[tuple[str, asyncio.Future[None]]] = []
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever a place was left."""
        self._listeners.append(listener)

    @property
    def busy(self) -> frozenset[str]:
        """Accounts that have as many tasks here as they have places."""
        asked = self._held + Counter(account for account, _ in self._waiting)
        return frozenset(account for account, number in asked.items() if number >= self._of_each)

    @property
    def is_full(self) -> bool:
        """Whether all places are taken."""
        return self._held.total() + len(self._waiting) >= self._of_all

    def open_to(self, models: Collection[str]) -> frozenset[str]:
        """Those of `models` whose tasks may be begun now, but for those of busy accounts that name files."""
        return frozenset(models) - WITH_FILES if self.is_full else frozenset(models)

    def take_now(self, account: str) -> bool:
        """Take a place, if there is one."""
        if not self._has_room(account):
            return False
        self._held[account] += 1
        return True

    async def take(self, account: str) -> None:
        """Wait for a place."""
        if self.take_now(account):
            return
        entry = (account, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        try:
            await entry[1]
        except asyncio.CancelledError:
            if entry in self._waiting:
                self._waiting.remove(entry)
            elif not entry[1].cancelled():  # it came in the same moment
                self.leave(account)
            raise

    def leave(self, account: str) -> None:
        """Give a place to whoever waits and may have one."""
        self._held[account] -= 1
        self._held += Counter()  # memory does not grow with the accounts that came by
        for entry in list(self._waiting):
            if self._has_room(entry[0]):
                self._waiting.remove(entry)
                if not entry[1].done() and self.take_now(entry[0]):
                    entry[1].set_result(None)
        for listener in self._listeners:
            listener()

    def _has_room(self, account: str) -> bool:
        return self._held[account] < self._of_each and self._held.total() < self._of_all
