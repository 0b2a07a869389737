"""Work in the background: whatever goes wrong in a turn, the next one comes."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Coroutine
from contextlib import asynccontextmanager
from typing import Any

_log = logging.getLogger(__name__)
_INSTEAD = 1.0  # s, of a pause that could not be made
_TELL_AGAIN = 600.0  # s between two lines about the same outage
_MOST_REASONS = 1000  # that are remembered


class Outages:
    """What the log tells of outages: each reason once, again every ten minutes while it lasts, and once its end.

    A dozen loops, every task and every request of a process meet the same outage: one line of it is enough.
    """

    def __init__(self) -> None:
        self._told_at: dict[str, float] = {}

    def is_news(self, reason: str) -> bool:
        """Whether to tell of it now; whoever asks tells."""
        now = time.monotonic()
        if now - self._told_at.get(reason, -_TELL_AGAIN) < _TELL_AGAIN:
            return False
        if len(self._told_at) >= _MOST_REASONS:
            self._told_at.clear()
        self._told_at[reason] = now
        return True

    def are_over(self, reasons: Collection[str]) -> bool:
        """These have passed, and would be news again; gives whether any had been told."""
        times = [self._told_at.pop(reason, None) for reason in reasons]
        return any(at is not None for at in times)


OUTAGES_TOLD = Outages()
"""Those of this process."""


async def keep_doing(
    what: str,
    turn: Callable[[], Awaitable[object]],
    pause: Callable[[], Awaitable[object]],
    *,
    outages: tuple[type[Exception], ...] = (),
) -> None:
    """Turn after turn, for ever.

    Args:
        what: for the log: `the sweep`.
        pause: after each turn, until the next one is due.
        outages: errors that pass by themselves: a line in the log tells of each once and then rarely, of other errors
            their traceback.
    """
    reasons: set[str] = set()
    since = 0.0
    while True:
        try:
            await turn()
        except outages as error:
            since = since if reasons else time.monotonic()
            reasons.add(reason := reason_of(error))
            if OUTAGES_TOLD.is_news(reason):
                _log.warning("%s was interrupted, it goes on: %s", what, reason)
        except Exception:  # noqa: BLE001 - whatever it is, the next turn must come
            _log.exception("%s was interrupted, it goes on", what)
        else:
            if OUTAGES_TOLD.are_over(reasons):
                _log.info("what interrupted %s is over, after %.0f s", what, time.monotonic() - since)
            reasons.clear()
        try:
            await pause()
        except Exception:  # noqa: BLE001 - as above; but never turn after turn without a pause
            _log.exception("the pause of %s was interrupted, it goes on", what)
            await asyncio.sleep(_INSTEAD)


def first_line(error: BaseException) -> str:
    """What an error says, in one line."""
    return (str(error).strip() or repr(error)).splitlines()[0]


def reason_of(error: BaseException) -> str:
    """Why something is away, in one line: libraries wrap what the network said."""
    return first_line(error.__cause__ or error)


def every(seconds: float) -> Callable[[], Awaitable[None]]:
    """A pause of that length."""
    return lambda: asyncio.sleep(seconds)


async def _together(loops: tuple[Coroutine[Any, Any, None], ...]) -> None:
    async with asyncio.TaskGroup() as group:
        for loop in loops:
            group.create_task(loop)


@asynccontextmanager
async def in_background(*loops: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """Run `loops` beside the block, and end them with it."""
    running = asyncio.create_task(_together(loops))
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        for loop in loops:  # where the block ended before they could begin
            loop.close()
