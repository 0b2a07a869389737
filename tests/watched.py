"""A queue without workers that notes what it is told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from opendance.store.database import Connection
from opendance.store.tasks import TaskRecord


@dataclass
class WatchedQueue:
    """Whatever it is asked for, it only notes.

    Attributes:
        cancelled: tasks as they stood when they were to be stopped.
        stop: set with the first of them.
        lanes: that tasks were queued in.
    """

    cancelled: list[TaskRecord] = field(default_factory=list)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    lanes: list[str] = field(default_factory=list)
    notified: int = 0

    async def cancel(self, task: TaskRecord) -> None:
        self.cancelled.append(task)
        self.stop.set()

    async def enqueue(self, connection: Connection, lane: str, count: int = 1) -> None:
        self.lanes += [lane] * count

    def notify(self) -> None:
        self.notified += 1

    async def start(self, *, work: bool) -> None:
        pass

    async def close(self) -> None:
        pass
