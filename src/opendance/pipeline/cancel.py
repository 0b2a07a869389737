"""Cancelling: a task that waits ends at once; the worker of one that runs is asked to stop."""

from __future__ import annotations

import asyncio
import contextlib
import time

from opendance.changes import Changes
from opendance.errors import TaskNotCancellable
from opendance.pipeline.ending import Ending, Endings
from opendance.queue.base import Queue
from opendance.store.database import Database
from opendance.store.tasks import TaskRecord, get_task, request_cancel
from opendance.task import Status

_WAIT = 2.0  # s that a caller waits for a running task to stop
_LOOK = 0.1  # s between two looks meanwhile, where another process runs it


class Canceller:
    """Cancels tasks."""

    def __init__(self, database: Database, changes: Changes, queue: Queue, endings: Endings) -> None:
        self._database, self._changes, self._queue, self._endings = database, changes, queue, endings

    async def cancel(self, task: TaskRecord, *, actor: str) -> TaskRecord:
        """The task once it has ended, or as it stands after a while: it ends soon then.

        Args:
            actor: who cancels it, for the audit log.

        Raises:
            TaskNotCancellable: it has ended already.
        """
        if task.status.terminal:
            raise TaskNotCancellable(task_id=task.id, status=task.status.value)
        with self._changes.watch(task.id) as changed:
            if task.status is Status.PENDING:
                error = ("request_cancelled", "the task was cancelled before it started")
                ended = await self._endings.end(task, Ending(Status.CANCELLED, error, actor=actor))
                if ended is not None:
                    return ended
            # It runs, or has begun to just now.
            async with self._database.write() as connection:
                await request_cancel(connection, task)
            self._changes.tell(task.id, task.account_id)
            await self._queue.cancel(await self._read(task))
            ends = time.monotonic() + _WAIT
            while not (latest := await self._read(task)).status.terminal and time.monotonic() < ends:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK):
                        await changed.wait()
                changed.clear()
        return latest

    async def _read(self, task: TaskRecord) -> TaskRecord:
        async with self._database.read() as connection:
            return await get_task(connection, task.account_id, task.id) or task
