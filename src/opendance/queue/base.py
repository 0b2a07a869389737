"""What a queue can do. The database holds what waits, and whose turn it is; a queue brings workers to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from opendance.store.database import Connection
from opendance.store.tasks import TaskRecord

Run = Callable[[TaskRecord, asyncio.Event], Awaitable[None]]


@dataclass(frozen=True)
class Lane:
    """Models that the same engines serve: their tasks wait for the same places.

    Attributes:
        models: their ids.
        slots: tasks that this process works on at the same time.
    """

    models: frozenset[str]
    slots: int


class Queue(Protocol):
    """Runs waiting tasks by their turn."""

    async def enqueue(self, connection: Connection, lane: str) -> None:
        """A task is created in this transaction.

        Args:
            lane: of the task's model; whoever serves the lane can make its video.
        """
        ...

    def notify(self) -> None:
        """That transaction has ended."""
        ...

    async def cancel(self, task: TaskRecord) -> None:
        """Stop the task where it runs."""
        ...

    async def start(self, *, work: bool) -> None:
        """Begin; without `work` tasks are only queued and cancelled."""
        ...

    async def close(self) -> None:
        """Take no new work, give what runs the drain time; the rest goes on elsewhere or at the next start."""
        ...
