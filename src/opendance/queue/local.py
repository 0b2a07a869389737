"""The embedded queue: workers in this process. The database holds what waits, so memory does not grow with it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Mapping

from opendance.background import OUTAGES_TOLD, every, keep_doing, reason_of
from opendance.changes import Changes
from opendance.queue.base import Lane, Run
from opendance.store.claims import claim_task, give_back, is_any_waiting, tasks_to_stop
from opendance.store.database import OUTAGES, Connection, Database
from opendance.store.tasks import TaskRecord

_log = logging.getLogger(__name__)
_PAUSE_AFTER_ERROR = 1.0  # s
_LOOK = 1.0  # s between two looks at what others ask
_MOST_ATTEMPTS = 10  # of a task whose walk itself fails, so that it does not hold up others for ever


class LocalQueue:
    """Runs the waiting tasks of each lane by their turn; first of all those that a dead process left.

    Args:
        run: walks one task to its end; the event is set when the task is to stop.
        lanes: by name; each has workers of its own.
        drain: s that running work may take to finish when the process stops.
    """

    def __init__(
        self, database: Database, changes: Changes, run: Run, *, lanes: Mapping[str, Lane], drain: float = 0.0
    ) -> None:
        self._drain, self._stopping = drain, False
        self._database, self._changes, self._run = database, changes, run
        self._lanes = [(lane, asyncio.Event()) for lane in lanes.values()]
        self._owner = f"local-{secrets.token_hex(8)}"
        self._cancels: dict[str, asyncio.Event] = {}
        self._workers: list[asyncio.Task[None]] = []
        self._looking: asyncio.Task[None] | None = None

    async def start(self, *, work: bool) -> None:
        """Begin to work, if this process does."""
        if not work:
            return
        self._workers = [
            asyncio.create_task(self._work(lane, wake)) for lane, wake in self._lanes for _ in range(lane.slots)
        ]
        looking = keep_doing("looking for what is asked of tasks", self._look, every(_LOOK), outages=OUTAGES)
        self._looking = asyncio.create_task(looking)

    def notify(self) -> None:
        """A task was queued."""
        for _, wake in self._lanes:
            wake.set()

    async def enqueue(self, connection: Connection, lane: str) -> None:
        """Nothing to do: the task's row is the queue."""

    async def cancel(self, task: TaskRecord) -> None:
        """Stop the task if it runs here."""
        if (event := self._cancels.get(task.id)) is not None:
            event.set()

    async def close(self) -> None:
        """Take no new work and wait for what runs; what is not done within the drain time goes on at the next start."""
        self._stopping = True
        for lane, _ in self._lanes:
            lane.gate.turn(is_open=True)  # whoever waits there finds out
        self.notify()
        if self._workers and self._drain:
            await asyncio.wait(self._workers, timeout=self._drain)
        for worker in self._workers:
            worker.cancel()
        for worker in self._workers:
            with contextlib.suppress(asyncio.CancelledError):
                await worker
        self._workers.clear()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _look(self) -> None:
        """Do what the command line has asked for on the same database: stop a task, or begin one."""
        async with self._database.read() as connection:
            stopped = await tasks_to_stop(connection, list(self._cancels)) if self._cancels else ()
            waiting = await is_any_waiting(connection)
        for task_id in stopped:
            if (event := self._cancels.get(task_id)) is not None:
                event.set()
        if waiting:
            self.notify()

    async def _work(self, lane: Lane, wake: asyncio.Event) -> None:
        while not self._stopping:
            try:
                await lane.gate.opened()
                if self._stopping:
                    return
                wake.clear()
                async with self._database.write() as connection:
                    task = await claim_task(connection, self._owner, alone=True, models=lane.models)
                if task is None:
                    if not self._stopping:
                        await wake.wait()
                    continue
                wake.set()  # there may be more: let another worker look
                self._changes.tell(task.id)
                cancel = self._cancels[task.id] = asyncio.Event()
                try:
                    await self._run(task, cancel)
                except Exception:
                    if task.attempts < _MOST_ATTEMPTS:  # else nobody would have it until the next start
                        async with self._database.write() as connection:
                            await give_back(connection, task)
                    raise
                finally:
                    del self._cancels[task.id]
            except asyncio.CancelledError:
                raise
            except OUTAGES as error:
                if OUTAGES_TOLD.is_news(reason := reason_of(error)):
                    _log.warning("a worker was interrupted, it goes on: %s", reason)
                await asyncio.sleep(_PAUSE_AFTER_ERROR)
            except Exception:  # noqa: BLE001 - whatever it is, the next task must be worked on
                _log.exception("a worker failed; it goes on")
                await asyncio.sleep(_PAUSE_AFTER_ERROR)
