"""Keys that are not good: counted, told in the log without themselves, and limited by the address they come from."""

from __future__ import annotations

import ipaddress
import logging
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from fastapi import Request

from opendance.errors import RateLimitExceeded, Unauthorized
from opendance.telemetry.metrics import FAILED_KEYS

_log = logging.getLogger(__name__)
_MINUTE = 60.0  # s
_MOST_ADDRESSES = 10_000  # that are remembered; the one that was seen least recently is forgotten
_MOST_LINES = 60  # a minute, of all addresses together
_OF_ONE_OWNER = 64  # bits of an IPv6 address: whoever has one has all that begin like it
Door = Literal["api", "admin", "metrics", "studio"]
_OF_STUDIO = 10  # a minute: people type there, and programs try


@dataclass
class _Minute:
    """What came within a minute that began with the first of it."""

    began: float
    count: int = 0


class FailedKeys:
    """Counts for this process, by address, in minutes that begin with an address's first bad key.

    API keys are 256 random bits, which nobody guesses: a good one is never refused for what others at its address
    send, since behind a proxy that is not trusted all of them have the same. Keys of operators may be of their own
    choosing: there nothing is looked at any more until the minute is over.

    Args:
        per_minute: how many of one address are answered with what is wrong.
        clock: gives the time, s.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = per_minute, clock
        self._failed: OrderedDict[tuple[Door, str], _Minute] = OrderedDict()
        self._lines = _Minute(-math.inf)

    def __len__(self) -> int:
        """How many addresses are remembered."""
        return len(self._failed)

    @contextmanager
    def counted(self, request: Request, door: Door) -> Generator[None]:
        """Count it where the block finds that the key is not good.

        Raises:
            RateLimitExceeded: too many came from this address within a minute.
        """
        if door != "api":
            minute = self._minute_of(door, address_of(request))
            if minute is not None and minute.count >= self._most_at(door):
                FAILED_KEYS.labels(door).inc()
                raise self._too_many(minute, door)
        try:
            yield
        except Unauthorized as error:
            address = address_of(request)
            FAILED_KEYS.labels(door).inc()
            minute = self._one_more(door, address)
            if minute.count == 1:
                self._tell(f"a key that is not good came from {address} ({door}): {error.message}")
            elif minute.count == self._most_at(door) + 1:
                self._tell(
                    f"over {self._most_at(door)} keys that are not good came from {address} ({door}) within a minute"
                )
            if minute.count > self._most_at(door):
                raise self._too_many(minute, door) from None
            raise

    def _minute_of(self, door: Door, address: str) -> _Minute | None:
        minute = self._failed.get((door, address))
        return None if minute is None or self._clock() - minute.began >= _MINUTE else minute

    def _one_more(self, door: Door, address: str) -> _Minute:
        minute = self._minute_of(door, address) or _Minute(self._clock())
        minute.count += 1
        self._failed[door, address] = minute
        self._failed.move_to_end((door, address))
        while len(self._failed) > _MOST_ADDRESSES:
            self._failed.popitem(last=False)
        return minute

    def _most_at(self, door: Door) -> int:
        return min(self._most, _OF_STUDIO) if door == "studio" else self._most

    def _too_many(self, minute: _Minute, door: Door) -> RateLimitExceeded:
        return RateLimitExceeded(
            problem=f"{self._most_at(door)} keys that are not good came from this address within a minute",
            retry_after=max(1, math.ceil(minute.began + _MINUTE - self._clock())),
        )

    def _tell(self, line: str) -> None:
        """In the log, where strangers may not write as much as they like."""
        if self._clock() - self._lines.began >= _MINUTE:
            self._lines = _Minute(self._clock())
        self._lines.count += 1
        if self._lines.count <= _MOST_LINES:
            _log.warning(line)


def address_of(request: Request) -> str:
    """Whom a request comes from: the address, as trusted proxies tell it, or of IPv6 the network of its owner."""
    try:
        address = ipaddress.ip_address(request.client.host if request.client is not None else "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), _OF_ONE_OWNER), strict=False))
