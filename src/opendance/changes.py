"""Who waits for changes of which task in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from opendance.background import every, keep_doing
from opendance.store.database import OUTAGES, Database
from opendance.store.tasks import revisions_of


class Changes:
    """Wakes those who watch a task. It carries no data: whoever wakes reads the database."""

    def __init__(self) -> None:
        self._watchers: dict[str, set[asyncio.Event]] = {}

    def tell(self, task_id: str) -> None:
        """The task has changed."""
        for event in self._watchers.get(task_id, ()):
            event.set()

    @contextmanager
    def watch(self, task_id: str) -> Generator[asyncio.Event]:
        """An event that is set at every change of the task; the watcher clears it."""
        event = asyncio.Event()
        watchers = self._watchers.setdefault(task_id, set())
        watchers.add(event)
        try:
            yield event
        finally:
            watchers.discard(event)
            if not watchers:
                self._watchers.pop(task_id, None)

    async def follow(self, database: Database, seconds: float) -> None:
        """Notice what other processes change, for ever: one query each time, however many watch.

        Args:
            seconds: between two looks.
        """
        last_revisions: dict[str, int] = {}

        async def look() -> None:
            nonlocal last_revisions
            if not self._watchers:
                return
            async with database.read() as connection:
                revisions = await revisions_of(connection, list(self._watchers))
            for task_id, revision in revisions.items():
                if last_revisions.get(task_id) != revision:
                    self.tell(task_id)
            last_revisions = revisions

        await keep_doing("following what other processes change", look, every(seconds), outages=OUTAGES)
