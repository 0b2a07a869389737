"""Of what each session asks while it types, only the newest is worked on."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from opendance.errors import Superseded

T = TypeVar("T")


class Newest:
    """Of what each asks, only the newest is worked on."""

    def __init__(self) -> None:
        self._at_work: dict[str, asyncio.Task[Any]] = {}

    async def newest(self, who: str, work: Coroutine[Any, Any, T]) -> T:
        """What `work` gives.

        Raises:
            Superseded: a newer one of the same took its place.
        """
        if (older := self._at_work.get(who)) is not None:
            older.cancel()
        mine = self._at_work[who] = asyncio.ensure_future(work)
        try:
            return await mine
        except asyncio.CancelledError:
            if self._at_work.get(who) is mine:  # whoever asked has gone
                raise
            raise Superseded from None
        finally:
            mine.cancel()
            if self._at_work.get(who) is mine:
                del self._at_work[who]
