"""What a connection may cost before a request of it is known: how many there are, how long and how large a head is, how
slowly a body may come.

uvicorn's protocol on httptools has none of these limits.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
from collections import Counter
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from opendance.api.unified.errors import error_answer
from opendance.errors import ApiError, HeadTooLarge, NotReady, RequestTooSlow
from opendance.net.addresses import is_public_address

_log = logging.getLogger(__name__)
HEAD_SECONDS = 10.0  # until the head of a request must be there, from the connection or from its first byte
MOST_HEAD_BYTES = 32 << 10
MOST_HEADERS = 100
BODY_GRACE = 10.0  # s in which a body may be as slow as it is
LEAST_BODY_RATE = 8 << 10  # bytes a second on average, after that
_MOST_UNREAD = 1 << 20  # bytes of a body that nobody reads any more; a client that sends on is not heard
_MOST_BY_DEFAULT = 10_000
_FILES = 0.75  # share of the files that the process may open


def most_connections() -> int:
    """How many connections there may be where no setting says so: what the limit on open files leaves room for."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return _MOST_BY_DEFAULT
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST_BY_DEFAULT if files == resource.RLIM_INFINITY else min(_MOST_BY_DEFAULT, int(files * _FILES))


class Connections:
    """Counts the open connections of a server.

    Args:
        in_all: that may be open at a time.
        of_address: those from one public address. Others are proxies, or of the operator's own network.
    """

    def __init__(self, in_all: int, of_address: int) -> None:
        self._in_all, self._of_address = in_all, of_address
        self._open = 0
        self._by_address: Counter[str] = Counter()

    def enter(self, address: str) -> ApiError | None:
        """One more; gives why it may not stay, if it may not. `leave` must follow either way."""
        self._open += 1
        self._by_address[address] += 1
        if self._open > self._in_all:
            return NotReady(problem=f"{self._in_all} connections are open; please try again in a moment")
        if self._by_address[address] > self._of_address and _is_public(address):
            return NotReady(problem=f"{self._of_address} connections from {address} are open; use fewer side by side")
        return None

    def leave(self, address: str) -> None:
        """One has ended."""
        self._open -= 1
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]


def _is_public(address: str) -> bool:
    try:
        return is_public_address(ipaddress.ip_address(address))
    except ValueError:  # a socket of the file system
        return False


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with limits."""

    _timer: asyncio.TimerHandle | None = None
    _address = ""
    _refused = False
    _in_head = False
    _head_bytes = 0
    _body_bytes = 0
    _body_began = 0.0
    _has_body = False
    _unread = 0

    def __init__(self, *args: Any, counted: Connections, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._counted = counted

    # ── the connection ──

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        problem = self._counted.enter(self._address)
        if problem is not None:
            self._refuse(problem)
            return
        self._timer = self.loop.call_later(HEAD_SECONDS, self._head_is_late)

    def connection_lost(self, exc: Exception | None) -> None:
        self._counted.leave(self._address)
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        was_in_head = self._in_head
        super().data_received(data)
        if was_in_head and self._in_head:  # of a header that has not ended nothing was counted
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._refuse(HeadTooLarge(limit_kb=MOST_HEAD_BYTES >> 10, headers=MOST_HEADERS))
        if self._timer is None and not self._refused:  # most requests come whole and need none
            if self._in_head:
                self._timer = self.loop.call_later(HEAD_SECONDS, self._head_is_late)
            elif self._has_body:
                self._body_began = self.loop.time()
                self._timer = self.loop.call_later(BODY_GRACE, self._look_at_body)

    # ── the head ──

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0

    def on_url(self, url: bytes) -> None:
        self._head_bytes += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_bytes += len(name) + len(value)
        if self._head_bytes <= MOST_HEAD_BYTES and len(self.headers) <= MOST_HEADERS:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop_timer()
        if self._refused:
            return
        if self._head_bytes > MOST_HEAD_BYTES or len(self.headers) > MOST_HEADERS:
            self._refuse(HeadTooLarge(limit_kb=MOST_HEAD_BYTES >> 10, headers=MOST_HEADERS))
            return
        self._has_body, self._body_bytes, self._unread = True, 0, 0
        super().on_headers_complete()

    def _head_is_late(self) -> None:
        self._timer = None
        self._refuse(RequestTooSlow(problem=f"its head was not there within {HEAD_SECONDS:g} s"))

    # ── the body ──

    def on_body(self, body: bytes) -> None:
        if self._refused:
            return
        self._body_bytes += len(body)
        if self.cycle.response_complete:
            self._unread += len(body)
            if self._unread > _MOST_UNREAD:
                self._refused = True
                self.transport.close()
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._has_body = False
        self._stop_timer()
        if not self._refused:
            super().on_message_complete()

    def _look_at_body(self) -> None:
        self._timer = None
        if not self._has_body or self.transport.is_closing():
            return
        if self.flow.read_paused:  # it is the server that does not read
            self._body_began += BODY_GRACE
        elif self._body_bytes < LEAST_BODY_RATE * (self.loop.time() - self._body_began):
            self._refuse(RequestTooSlow(problem=f"its body came with less than {LEAST_BODY_RATE >> 10} KB/s"))
            return
        self._timer = self.loop.call_later(BODY_GRACE, self._look_at_body)

    # ── the end ──

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, problem: ApiError) -> None:
        """Answer and close; what is on its way is not looked at."""
        self._refused = True
        self._stop_timer()
        _log.debug("a connection from %s was closed: %s", self._address, problem.message)
        cycle = cast("RequestResponseCycle | None", self.cycle)  # None until the first request
        if cycle is None or cycle.response_complete or not cycle.response_started:
            body = json.dumps(error_answer(problem)[1]).encode()
            head = [
                STATUS_LINE[problem.status].rstrip(),
                b"Content-Type: application/json",
                b"Content-Length: %d" % len(body),
                b"Connection: close",
                *(f"{name}: {value}".encode() for name, value in problem.headers.items()),
            ]
            self.transport.write(b"\r\n".join([*head, b"", body]))
        self.transport.close()
