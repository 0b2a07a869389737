"""Who waits for changes of which task, or of any task of which account, in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager


class Changes:
    """Wakes those who watch a task, or all of an account. It carries no data: whoever wakes reads the database.

    What other processes change, PostgreSQL tells (`store/listening.py`).
    """

    def __init__(self) -> None:
        self._watchers: dict[str, set[asyncio.Event]] = {}  # by the id of a task or an account, which are never alike

    def tell(self, *ids: str) -> None:
        """The task has changed, or something of the account.

        Args:
            ids: of the task, and of its account.
        """
        for name in ids:
            for event in self._watchers.get(name, ()):
                event.set()

    def tell_word(self, word: str) -> None:
        """What another process tells: the same ids, with spaces between them."""
        self.tell(*word.split(" "))

    def tell_all(self) -> None:
        """Any task may have changed."""
        self.tell(*self._watchers)

    @contextmanager
    def watch(self, name: str) -> Generator[asyncio.Event]:
        """An event that is set at every change of the task or the account of this id; the watcher clears it."""
        event = asyncio.Event()
        watchers = self._watchers.setdefault(name, set())
        watchers.add(event)
        try:
            yield event
        finally:
            watchers.discard(event)
            if not watchers:
                self._watchers.pop(name, None)
