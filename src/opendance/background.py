"""Work in the background: whatever goes wrong in a turn, the next one comes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

_log = logging.getLogger(__name__)
_INSTEAD = 1.0  # s, of a pause that could not be made


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
        outages: errors that pass by themselves: a line in the log tells of them, of others their traceback.
    """
    while True:
        try:
            await turn()
        except outages as error:
            _log.warning("%s was interrupted, it goes on: %s", what, first_line(error))
        except Exception:  # noqa: BLE001 - whatever it is, the next turn must come
            _log.exception("%s was interrupted, it goes on", what)
        try:
            await pause()
        except Exception:  # noqa: BLE001 - as above; but never turn after turn without a pause
            _log.exception("the pause of %s was interrupted, it goes on", what)
            await asyncio.sleep(_INSTEAD)


def first_line(error: Exception) -> str:
    """What an error says, in one line."""
    return (str(error).strip() or repr(error)).splitlines()[0]


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
