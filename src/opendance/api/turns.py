"""Turns: of many requests that come at the same moment, those that came first are answered first.

The event loop goes breadth first. It would begin all of a crowd, then read for all, then answer all: each would wait
for the whole crowd, and clients that ask at intervals would come together ever after, since they are answered together.
Begun a few at a time, the first are answered while the last wait, and the crowd comes back spread out.
"""

from __future__ import annotations

import asyncio
from collections import deque

_EACH_ROUND = 16


class Turns:
    """Lets a few begin in each round of the event loop, in the order in which they came.

    Nobody holds a turn, so whoever then waits for long is in nobody's way.

    Args:
        each_round: how many.
    """

    def __init__(self, each_round: int = _EACH_ROUND) -> None:
        self._each_round = self._left = each_round
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._has_round = False

    async def take(self) -> None:
        """Wait for a turn; there is one at once, unless many have come in this round."""
        if not self._has_round:
            self._has_round = True
            asyncio.get_running_loop().call_soon(self._begin_round)
        if self._left:
            self._left -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        await turn

    def _begin_round(self) -> None:
        self._left = self._each_round
        self._has_round = bool(self._waiting)
        while self._waiting and self._left:
            turn = self._waiting.popleft()
            if not turn.done():  # else nobody waits for it any more
                turn.set_result(None)
                self._left -= 1
        if self._has_round:
            asyncio.get_running_loop().call_soon(self._begin_round)
