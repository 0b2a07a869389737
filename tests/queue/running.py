"""What workers of a queue run in its tests: tasks that end when they are let go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from opendance.queue.slots import Seat
from opendance.store.database import Database
from opendance.store.tasks import TaskRecord, finish_task
from opendance.task import Status


@dataclass
class Running:
    """Runs tasks as the pipeline would: to an end, unless it is stopped.

    Attributes:
        holds: whether a task runs until `let_go`; otherwise it ends at once.
        begun: tasks in the order in which they were begun, as they were claimed.
        stopped: ids of those whose workers were stopped in the middle.
        failures: what to raise instead, one for each task.
    """

    database: Database
    holds: bool = False
    begun: list[TaskRecord] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    now: int = 0
    most: int = 0
    _go: dict[str, asyncio.Event] = field(default_factory=dict)

    async def __call__(self, task: TaskRecord, cancel: asyncio.Event, seat: Seat) -> None:
        self.begun.append(task)
        self.now += 1
        self.most = max(self.most, self.now)
        go = self._go.setdefault(task.id, asyncio.Event())
        if not self.holds:
            go.set()
        waiting = [asyncio.create_task(event.wait()) for event in (go, cancel)]
        try:
            if self.failures:
                raise self.failures.pop(0)
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            async with self.database.write() as connection:
                status = Status.CANCELLED if cancel.is_set() else Status.COMPLETED
                if await finish_task(connection, task, status) is not None:
                    self.ended.append(task.id)
        except asyncio.CancelledError:
            self.stopped.append(task.id)
            raise
        finally:
            self.now -= 1
            for one in waiting:
                one.cancel()

    def let_go(self, task_id: str | None = None) -> None:
        """Let a task end, or all that run."""
        for name, event in self._go.items():
            if task_id in (None, name):
                event.set()

    def has_begun(self, *task_ids: str) -> Callable[[], bool]:
        """Whether these were begun."""
        return lambda: {task.id for task in self.begun} >= set(task_ids)

    def have_ended(self, count: int) -> Callable[[], bool]:
        """Whether so many have ended."""
        return lambda: len(self.ended) == count
