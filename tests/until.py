"""Waiting for what happens by itself."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable

_LOOKS, _PAUSE = 6000, 0.005  # s


async def until(so: Callable[[], object | Awaitable[object]]) -> None:
    """Come back once `so` says yes.

    Raises:
        AssertionError: it never does.
    """
    for _ in range(_LOOKS):
        answer = so()
        if await answer if inspect.isawaitable(answer) else answer:
            return
        await asyncio.sleep(_PAUSE)
    raise AssertionError(f"it never was so: {inspect.getsource(so).strip()}")
