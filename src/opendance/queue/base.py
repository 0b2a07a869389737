"""What a queue can do. The database holds what waits, and whose turn it is; a queue brings workers to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from opendance.patience import Fitting
from opendance.queue.slots import Seat
from opendance.store.database import Connection
from opendance.store.tasks import TaskRecord

Run = Callable[[TaskRecord, asyncio.Event, Seat], Awaitable[None]]
"""Works on a task until the event is set; the seat, which it was begun in, it may leave and take again."""


class Gate:
    """Whether tasks of a lane are begun here: not while no engine of theirs can be loaded."""

    def __init__(self, *, is_open: bool = True) -> None:
        self._opened, self._closed = asyncio.Event(), asyncio.Event()
        self.turn(is_open=is_open)

    def turn(self, *, is_open: bool) -> None:
        """Open or close it."""
        (self._opened if is_open else self._closed).set()
        (self._closed if is_open else self._opened).clear()

    @property
    def is_open(self) -> bool:
        """Whether it is open now."""
        return self._opened.is_set()

    async def opened(self) -> None:
        """Wait until it is open."""
        await self._opened.wait()

    async def closed(self) -> None:
        """Wait until it is closed."""
        await self._closed.wait()


@dataclass(frozen=True)
class Lane:
    """Models that the same engines serve: their tasks wait for the same places.

    Attributes:
        models: their ids.
        slots: tasks that this process works on at the same time, but for those whose files are fetched.
        gate: whether this process begins any.
        fitting: which of them are begun before others; None: each in its turn.
    """

    models: frozenset[str]
    slots: int
    gate: Gate = field(default_factory=Gate, compare=False)
    fitting: Fitting | None = field(default=None, compare=False)


class Queue(Protocol):
    """Runs waiting tasks by their turn."""

    async def enqueue(self, connection: Connection, lane: str, count: int = 1) -> None:
        """Tasks are created in this transaction.

        Args:
            lane: of the tasks' models; whoever serves the lane can make their videos.
            count: how many.
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
