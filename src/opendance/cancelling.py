"""Work that can be told to stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from opendance.errors import OpendanceError

T = TypeVar("T")


class WorkCancelled(OpendanceError):
    """Whoever wanted the work wants it no more."""


async def all_done(
    work: Sequence[Coroutine[Any, Any, T]],
    cancel: asyncio.Event,
    on_done: Callable[[int], Awaitable[None]] | None = None,
) -> list[T]:
    """The results of `work`, done side by side; when one fails, or `cancel` is set, the others end before this does.

    Args:
        on_done: told how many are still to be done, whenever one is.

    Raises:
        WorkCancelled: `cancel` was set; where it was before, nothing is begun.
        Exception: what the first one that failed raised.
    """
    if cancel.is_set():
        for each in work:
            each.close()
        raise WorkCancelled
    tasks = [asyncio.ensure_future(each) for each in work]
    cancelling = asyncio.ensure_future(cancel.wait())
    try:
        unfinished = set(tasks)
        while unfinished:
            done, _ = await asyncio.wait({*unfinished, cancelling}, return_when=asyncio.FIRST_COMPLETED)
            if cancelling in done:
                raise WorkCancelled
            for task in done:
                task.result()
            unfinished -= done
            if on_done is not None:
                await on_done(len(unfinished))
    finally:
        for task in (*tasks, cancelling):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(cancelling, return_exceptions=True)
    return [task.result() for task in tasks]


@asynccontextmanager
async def held(semaphore: asyncio.Semaphore, cancel: asyncio.Event) -> AsyncGenerator[None]:
    """Wait for a place of `semaphore`, and hold it until the block ends.

    Raises:
        WorkCancelled: `cancel` was set while there was none.
    """
    has_it = False

    async def acquire() -> None:
        nonlocal has_it
        await semaphore.acquire()
        has_it = True  # also where `cancel` was set in the same moment: then it goes back

    try:
        if semaphore.locked():
            await all_done([acquire()], cancel)
        else:
            await acquire()
        yield
    finally:
        if has_it:
            semaphore.release()


async def end_process(process: asyncio.subprocess.Process) -> None:
    """Kill the process and wait until it is gone, whatever cancels meanwhile; that is told afterwards.

    A process that nobody waits for holds its pipes until the event loop has closed, which is too late for them.

    Raises:
        asyncio.CancelledError: whoever waits was cancelled; the process is gone all the same.
    """
    cancelled = False
    while process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        try:
            await process.wait()
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError
