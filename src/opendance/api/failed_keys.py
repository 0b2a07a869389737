"""Keys that are not good: counted, told in the log, and refused more shortly where too many come from one address.

A good key is never refused for what others at its address send: behind a proxy all of them may have the same one. The
limit is on what bad ones are told; nobody guesses 256 random bits.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Literal

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from opendance.errors import RateLimitExceeded, Unauthorized
from opendance.telemetry.metrics import FAILED_KEYS

_log = logging.getLogger(__name__)
_TOLD = RateLimitItemPerMinute(1)
Door = Literal["api", "admin"]


class FailedKeys:
    """Counts for this process, by address, in sliding windows of a minute.

    Args:
        per_minute: how many of one address are answered with what is wrong.
    """

    def __init__(self, per_minute: int) -> None:
        self._most = RateLimitItemPerMinute(per_minute)
        self._window = SlidingWindowCounterRateLimiter(MemoryStorage())

    @contextmanager
    def counted(self, request: Request, door: Door) -> Generator[None]:
        """Count it where the block finds that the key is not good.

        Raises:
            RateLimitExceeded: too many came from this address within a minute; whether this one was good is not told.
        """
        try:
            yield
        except Unauthorized as error:
            address = request.client.host if request.client is not None else "unknown"
            FAILED_KEYS.labels(door).inc()
            if self._window.hit(_TOLD, "told", address):
                _log.warning("a key that is not good came from %s (%s): %s", address, door, error.message)
            if not self._window.hit(self._most, "failed", address):
                reset = self._window.get_window_stats(self._most, "failed", address).reset_time - time.time()
                raise RateLimitExceeded(
                    problem=f"{self._most.amount} keys that are not good came from this address within a minute",
                    retry_after=max(1, math.ceil(reset)),
                ) from None
            raise
