"""The embedded queue: workers in this process. The database holds what waits, so memory does not grow with it."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping

from opendance.background import OUTAGES_TOLD, every, keep_doing, reason_of
from opendance.changes import Changes
from opendance.queue.base import Lane, Run
from opendance.queue.slots import Fetching, Seat, Slots
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
        lanes: by name; each has slots of its own.
        drain: s that running work may take to finish when the process stops.
        fetching: the places of tasks that name files.
    """

    def __init__(
        self,
        database: Database,
        changes: Changes,
        run: Run,
        *,
        lanes: Mapping[str, Lane],
        drain: float = 0.0,
        fetching: Fetching | None = None,
    ) -> None:
        self._drain, self._stopping = drain, False
        self._database, self._changes, self._run = database, changes, run
        self._lanes = [(lane, asyncio.Event()) for lane in lanes.values()]
        self._fetching = fetching or Fetching()
        self._fetching.listen(self.notify)
        self._owner = f"local-{secrets.token_hex(8)}"
        self._cancels: dict[str, asyncio.Event] = {}
        self._attendants: list[asyncio.Task[None]] = []
        self._walks: set[asyncio.Task[None]] = set()

    async def start(self, *, work: bool) -> None:
        """Begin to work, if this process does."""
        if work:
            looking = keep_doing("looking for what is asked of tasks", self._look, every(_LOOK), outages=OUTAGES)
            attending = (self._attend(lane, wake) for lane, wake in self._lanes)
            self._attendants = [asyncio.create_task(each) for each in (looking, *attending)]

    def notify(self) -> None:
        """A task was queued."""
        for _, wake in self._lanes:
            wake.set()

    async def enqueue(self, connection: Connection, lane: str, count: int = 1) -> None:
        """Nothing to do: the task's row is the queue."""

    async def cancel(self, task: TaskRecord) -> None:
        """Stop the task if it runs here."""
        if (event := self._cancels.get(task.id)) is not None:
            event.set()

    async def close(self) -> None:
        """Take no new work and wait for what runs; what is not done within the drain time goes on at the next start."""
        self._stopping = True
        await _ended(self._attendants)
        self._attendants.clear()
        if self._walks and self._drain:
            await asyncio.wait(self._walks, timeout=self._drain)
        await _ended(list(self._walks))

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

    async def _attend(self, lane: Lane, wake: asyncio.Event) -> None:
        """Begin tasks of a lane whenever it has a slot for one."""
        slots = Slots(lane.slots)
        while not self._stopping:
            await lane.gate.opened()
            seat = Seat(slots)
            await seat.take()
            wake.clear()
            try:
                task = await self._claim(lane) if lane.gate.is_open else None
            except OUTAGES as error:
                if OUTAGES_TOLD.is_news(reason := reason_of(error)):
                    _log.warning("a worker was interrupted, it goes on: %s", reason)
                task = None
                await asyncio.sleep(_PAUSE_AFTER_ERROR)
                wake.set()
            except Exception:  # noqa: BLE001 - whatever it is, the next task must be worked on
                _log.exception("a worker failed; it goes on")
                task = None
                await asyncio.sleep(_PAUSE_AFTER_ERROR)
                wake.set()
            if task is not None:
                walk = asyncio.create_task(self._walk(task, seat))
                self._walks.add(walk)
                walk.add_done_callback(self._walks.discard)
                continue
            seat.leave()
            if lane.gate.is_open:
                await wake.wait()

    async def _claim(self, lane: Lane) -> TaskRecord | None:
        models, busy = self._fetching.open_to(lane.models), self._fetching.busy
        async with self._database.write() as connection:
            return await claim_task(connection, self._owner, alone=True, models=models, busy=busy, fitting=lane.fitting)

    async def _walk(self, task: TaskRecord, seat: Seat) -> None:
        self._changes.tell(task.id, task.account_id)
        cancel = self._cancels[task.id] = asyncio.Event()
        try:
            try:
                await self._run(task, cancel, seat)
            finally:
                del self._cancels[task.id]
        except Exception:  # noqa: BLE001 - whatever it is, the next task must be worked on
            _log.exception("a worker failed; it goes on")
            if task.attempts < _MOST_ATTEMPTS:  # else nobody would have it until the next start
                await self._give_back(task)
            await asyncio.sleep(_PAUSE_AFTER_ERROR)
        finally:
            seat.leave()
            self.notify()

    async def _give_back(self, task: TaskRecord) -> None:
        try:
            async with self._database.write() as connection:
                await give_back(connection, task)
        except Exception:  # noqa: BLE001 - then it goes on at the next start
            _log.exception("%s could not be given back", task.id)


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
