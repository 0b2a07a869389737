"""Event streams, counted while they are open."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Receive, Scope, Send

from opendance.api.limits import OpenStreams


class CountedStream(EventSourceResponse):
    """Counts as open from its first byte to its last, whatever ends it."""

    def __init__(self, events: AsyncGenerator[ServerSentEvent], streams: OpenStreams, account_id: str) -> None:
        super().__init__(events, ping=15, headers={"X-Accel-Buffering": "no"})
        self._streams, self._account_id = streams, account_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._streams.one_more(self._account_id):
            await super().__call__(scope, receive, send)
