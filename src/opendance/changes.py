"""Who waits for changes of which task in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager


class Changes:
    """Wakes those who watch a task. It carries no data: whoever wakes reads the database.

    What other processes change, PostgreSQL tells (`store/listening.py`).
    """

    def __init__(self) -> None:
        self._watchers: dict[str, set[asyncio.Event]] = {}

    def tell(self, task_id: str) -> None:
        """The task has changed."""
        for event in self._watchers.get(task_id, ()):
            event.set()

    def tell_all(self) -> None:
        """Any task may have changed."""
        for task_id in list(self._watchers):
            self.tell(task_id)

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
