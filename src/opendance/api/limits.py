"""Requests a minute: of the key, of its account, of its group. Reading, which clients do by polling, has more room.

Event streams are counted while they are open.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import lru_cache

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from opendance.errors import RateLimitExceeded
from opendance.store.keys import Caller

HEADERS = {
    "RateLimit-Limit": "Requests a minute, of the tightest limit.",
    "RateLimit-Remaining": "Requests that are left now.",
    "RateLimit-Reset": "Seconds until there is room again.",
    "RateLimit-Policy": "The limit, as the IETF's draft writes it.",
    "RateLimit": "What is left of it, as the IETF's draft writes it.",
}
"""What answers to callers with a limit carry, for the documentation."""
POLLING_FACTOR = 10  # how much wider the limit on reading is
_MINUTE = 60


@dataclass(frozen=True)
class RateLimitState:
    """How a caller stands against one limit.

    Attributes:
        level: `key`, `account` or `group`.
        limit: requests a minute.
        remaining: requests that are left now.
        reset: s until there is room again.
        exceeded: the request is one too many.
    """

    level: str
    limit: int
    remaining: int
    reset: int
    exceeded: bool = False

    def headers(self) -> dict[str, str]:
        """Both the headers that most clients know and those of the IETF's draft (RateLimit header fields for HTTP)."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
            "RateLimit-Policy": f'"{self.level}";q={self.limit};w={_MINUTE}',
            "RateLimit": f'"{self.level}";r={self.remaining};t={self.reset}',
        }


class RateLimiter:
    """Counts the requests of this process, in sliding windows of a minute."""

    def __init__(self) -> None:
        self._window = SlidingWindowCounterRateLimiter(MemoryStorage())

    def hit(self, caller: Caller, *, reading: bool) -> RateLimitState | None:
        """Count a request; gives how the caller stands against its tightest limit, None where it has none.

        A request that exceeds one limit counts against none.
        """
        limits = (
            ("key", caller.key.id, caller.key.requests_per_minute),
            ("account", caller.account_id, caller.requests_per_minute),
            ("group", caller.group.name, caller.group.total_requests_per_minute),
        )
        kind, factor = ("read", POLLING_FACTOR) if reading else ("write", 1)
        counted = [
            (level, _per_minute(limit * factor), f"{kind}:{level}:{who}")
            for level, who, limit in limits
            if limit is not None
        ]
        if not counted:
            return None
        left = [self._window.get_window_stats(item, name).remaining for _, item, name in counted]
        tightest = counted[left.index(min(left))]
        if min(left) < 1:
            return self._state_of(*tightest, exceeded=True)
        for _, item, name in counted:
            self._window.hit(item, name)
        return self._state_of(*tightest)

    def _state_of(
        self, level: str, item: RateLimitItemPerMinute, name: str, *, exceeded: bool = False
    ) -> RateLimitState:
        stats = self._window.get_window_stats(item, name)
        reset = max(int(exceeded), min(_MINUTE, math.ceil(stats.reset_time - time.time())))
        return RateLimitState(level, item.amount, max(0, stats.remaining), reset, exceeded)


@lru_cache(1024)
def _per_minute(limit: int) -> RateLimitItemPerMinute:
    return RateLimitItemPerMinute(limit)


_LOOKING = 4  # event streams that read the database at a time
_STREAM_ENDS = 10  # s until one of so many streams may have ended


class OpenStreams:
    """Counts the event streams that are open in this process.

    Args:
        of_account: that one account may have open at a time.
    """

    def __init__(self, of_account: int) -> None:
        self._of_account = of_account
        self._by_account: Counter[str] = Counter()
        self._looking = asyncio.Semaphore(_LOOKING)

    @asynccontextmanager
    async def looking(self) -> AsyncGenerator[None]:
        """While one reads the database: a change that wakes hundreds makes nobody else wait for all of them.

        Who waits here goes on in a later round of the event loop, and leaves connections of the pool to others.
        """
        async with self._looking:
            await asyncio.sleep(0)  # SQLite answers at once: nothing else gives others a turn
            yield

    @contextmanager
    def one_more(self, account_id: str) -> Generator[None]:
        """While one is open.

        Raises:
            RateLimitExceeded: the account has as many as it may.
        """
        if self._by_account[account_id] >= self._of_account:
            raise RateLimitExceeded(
                problem=f"this account has {self._of_account} event streams open; close one, or query the task instead",
                retry_after=_STREAM_ENDS,
            )
        self._by_account[account_id] += 1
        try:
            yield
        finally:
            self._by_account[account_id] -= 1
            if not self._by_account[account_id]:
                del self._by_account[account_id]
