"""Requests a minute: of the key, of its account, of its group. Reading, which clients do by polling, has more room.

Event streams are counted while they are open.
"""

from __future__ import annotations

import asyncio
import json
import math
import secrets
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from operator import itemgetter

from fastapi import Request
from sqlalchemy import bindparam, func, select

from opendance.api.windows import Windows
from opendance.background import every, keep_doing
from opendance.errors import RateLimitExceeded
from opendance.store.database import OUTAGES, Database
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


CHECKING = "/v1/videos/check"
"""The route that tells what would come of a request for a video."""
_CREATING = "/v1/videos/generations"


def is_reading(request: Request) -> bool:
    """Whether a request asks and changes nothing: what a video would cost is asked with its whole request."""
    path = request.scope["path"]
    if request.method in ("GET", "HEAD") or path == CHECKING:
        return True
    if path != _CREATING or not request.scope["query_string"]:
        return False
    return request.query_params.get("dry_run", "").lower() in ("true", "1", "yes", "on")


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


COUNTED = "opendance_counted"
"""The channel on which processes on one PostgreSQL tell each other what they counted."""
_SHARE_EVERY = 0.5  # s
_NAMES_OF_A_WORD = 60  # of limits: PostgreSQL takes 8,000 bytes
_TELL = select(func.pg_notify(COUNTED, bindparam("word")))


class RateLimiter:
    """Counts requests in sliding windows of a minute: here at once, those of other processes as they tell.

    What another process let through is known here about half a second later, so several together let through at most
    what comes in that time beyond a limit. No request waits for the database.
    """

    def __init__(self) -> None:
        self._windows = Windows()
        self._name = secrets.token_hex(4)

    def hit(self, caller: Caller, *, reading: bool) -> RateLimitState | None:
        """Count a request; gives how the caller stands against its tightest limit, None where it has none.

        A request that exceeds one limit counts against none.
        """
        kind, factor = ("read", POLLING_FACTOR) if reading else ("write", 1)
        counted: list[tuple[int, str, int, str]] = []
        for level, who, limit in (
            ("key", caller.key.id, caller.key.requests_per_minute),
            ("account", caller.account_id, caller.requests_per_minute),
            ("group", caller.group.name, caller.group.total_requests_per_minute),
        ):
            if limit is not None:
                name, most = f"{kind}:{level}:{who}", limit * factor
                counted.append((max(0, most - math.floor(self._windows.count(name))), level, most, name))
        if not counted:
            return None
        left, level, most, name = min(counted, key=itemgetter(0))
        if left < 1:
            reset = max(1, min(_MINUTE, math.ceil(self._windows.reset(name))))
            return RateLimitState(level, most, 0, reset, exceeded=True)
        for *_, each in counted:
            self._windows.add(each)
        return RateLimitState(level, most, left - 1, min(_MINUTE, math.ceil(self._windows.reset(name))))

    def used(self, caller: Caller) -> int:
        """How many requests that change something the account made within a minute, as far as they are counted."""
        return math.floor(self._windows.count(f"write:account:{caller.account_id}"))

    def add_of_others(self, word: str) -> None:
        """Count what a process tells that it has counted."""
        told = json.loads(word)
        if told["from"] != self._name:
            for name, minute, count in told["counts"]:
                self._windows.add_of_others(name, minute, count)

    async def share(self, database: Database) -> None:
        """Tell other processes on the same database what was counted here, for ever."""

        async def tell() -> None:
            counts = self._windows.untold()
            for begin in range(0, len(counts), _NAMES_OF_A_WORD):
                word = json.dumps({"from": self._name, "counts": counts[begin : begin + _NAMES_OF_A_WORD]})
                async with database.read() as connection:
                    await connection.execute(_TELL, {"word": word})

        await keep_doing("telling what was counted", tell, every(_SHARE_EVERY), outages=OUTAGES)


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
