"""A worker: engines and callbacks without the API, as many of them on as many machines as there is work for."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

from opendance.app import running
from opendance.settings import Settings


async def work(settings: Settings, announce: Callable[[], None]) -> None:
    """Work until SIGTERM or SIGINT, then drain.

    Args:
        announce: told once it works.
    """
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with running(settings):
        announce()
        await stop.wait()
