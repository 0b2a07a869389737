"""The embedded queue: workers in this process. The database holds what waits, so memory does not grow with it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable

from opendance.store.changes import Changes
from opendance.store.database import Database
from opendance.store.tasks import TaskRecord, claim_task

_log = logging.getLogger(__name__)
_PAUSE_AFTER_ERROR = 1.0  # s

Run = Callable[[TaskRecord, asyncio.Event], Awaitable[None]]


class LocalQueue:
    """Runs the oldest waiting tasks, `concurrency` at a time; first of all those that a dead process left.

    Args:
        run: walks one task to its end; the event is set when the task is to stop.
    """

    def __init__(self, database: Database, changes: Changes, run: Run, *, concurrency: int) -> None:
        self._database, self._changes, self._run, self._concurrency = database, changes, run, concurrency
        self._owner = f"local-{secrets.token_hex(8)}"
        self._wake = asyncio.Event()
        self._cancels: dict[str, asyncio.Event] = {}
        self._workers: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to work."""
        self._workers = [asyncio.create_task(self._work()) for _ in range(self._concurrency)]

    def notify(self) -> None:
        """A task was queued."""
        self._wake.set()

    def cancel(self, task_id: str) -> None:
        """Stop the task if it runs here."""
        if (event := self._cancels.get(task_id)) is not None:
            event.set()

    async def close(self) -> None:
        """Stop working; what is unfinished goes on at the next start."""
        for worker in self._workers:
            worker.cancel()
        for worker in self._workers:
            with contextlib.suppress(asyncio.CancelledError):
                await worker
        self._workers.clear()

    async def _work(self) -> None:
        while True:
            try:
                self._wake.clear()
                async with self._database.write() as connection:
                    task = await claim_task(connection, self._owner)
                if task is None:
                    await self._wake.wait()
                    continue
                self._wake.set()  # there may be more: let another worker look
                self._changes.tell(task.id)
                cancel = self._cancels[task.id] = asyncio.Event()
                try:
                    await self._run(task, cancel)
                finally:
                    del self._cancels[task.id]
            except asyncio.CancelledError:
                raise
            except Exception:  # noqa: BLE001 - whatever it is, the next task must be worked on
                _log.exception("a worker failed; it goes on")
                await asyncio.sleep(_PAUSE_AFTER_ERROR)
