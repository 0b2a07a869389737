"""The queue of PostgreSQL: Procrastinate, for any number of workers on any number of machines.

A job is a ticket: it does not name a task, it lets one worker take the task whose turn it is (`store/turns.py`), so the
fair order needs no copy in the jobs' priorities, which are too small for it. A ticket is deferred in the transaction
that creates the task. The task that a ticket took is marked with the job's id; a job that is run again, because its
worker died or was shut down, goes on with that task.

Tickets wait in lanes, one of Procrastinate's queues each: models that the same engines serve share one. Every worker
looks now and then whether a lane has fewer tickets than tasks, and defers what is missing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, cast

from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.job_context import AbortReason
from procrastinate.jobs import DeleteJobCondition, Job
from procrastinate.worker import Worker
from sqlalchemy import column, insert, table, text

from opendance.background import OUTAGES_TOLD, every, keep_doing, reason_of
from opendance.changes import Changes
from opendance.errors import OpendanceError
from opendance.queue.base import Lane, Run
from opendance.queue.slots import Fetching, Seat, Slots
from opendance.store.claims import claim_task, count_waiting
from opendance.store.database import OUTAGES, Connection, Database
from opendance.store.tasks import TaskRecord

_log = logging.getLogger(__name__)
_TICKET = "take a turn"
_LOOK_FOR_LOST = 30.0  # s
_SIGNS_OF_LIFE = 5  # that a worker gives in the time after which it counts as dead
_RETRY_AFTER = 2  # s, when a ticket failed because of the machine, such as a database that was away
_FOR_A_PLACE = 1.0  # s that a ticket waits until a task whose files can be fetched may be begun
_LAST_WORDS = 5.0  # s beyond the drain time that a worker has to tell the database what it leaves
# A worker that waits for the database catches a cancellation, to wait for the database once more.
_CANCELLATIONS, _BETWEEN_CANCELLATIONS = 5, 0.5  # s
_AWAY = (ConnectorException, *OUTAGES)
_OWNER = "job-"
_COME_BACK = text(
    "UPDATE tasks SET owner = NULL WHERE status = 'processing' AND parked_until IS NULL AND owner LIKE 'job-%' AND NOT "
    "EXISTS (SELECT 1 FROM procrastinate_jobs j WHERE 'job-' || j.id = tasks.owner AND j.status IN ('todo', 'doing'))"
)
# As Procrastinate's own `procrastinate_defer_jobs_v1`: its triggers tell the workers.
_DEFER = insert(table("procrastinate_jobs", column("queue_name"), column("task_name")))
_TICKETS = text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND queue_name = :lane")


class _Stopping(OpendanceError):
    """The ticket came to a worker that takes nothing more."""


class _NoPlace(OpendanceError):
    """The tasks that wait name files, and their accounts fetch as many here as they may."""


class _Seats:
    """Slots, as a worker of Procrastinate counts its jobs: by a semaphore, which a job gives back when it has ended."""

    def __init__(self, slots: Slots) -> None:
        self.slots = slots
        self._taken = self._left = 0

    async def acquire(self) -> bool:
        """Wait for a slot, before a job is fetched."""
        await self.slots.take()
        self._taken += 1
        return True

    def release(self) -> None:
        """The job has ended, or there was none."""
        if not self._taken:  # a worker that stops gives back what it did not get
            return
        self._taken -= 1
        if self._left:
            self._left -= 1
        else:
            self.slots.leave()

    def seat(self) -> Seat:
        """The slot of a job that was fetched."""
        return Seat(self.slots, is_held=True)

    def end(self, seat: Seat) -> None:
        """The job ends; the slot is given back by the worker, where the job has not left it already."""
        self._left += not seat.is_held


class _SeatedWorker(Worker):
    """A worker of Procrastinate that fetches a job whenever there is a slot; its own semaphore counts jobs."""

    def __init__(self, seats: _Seats, **options: Any) -> None:
        self._seats = seats
        super().__init__(**options)

    @property
    def _job_semaphore(self) -> Any:
        return self._seats

    @_job_semaphore.setter
    def _job_semaphore(self, semaphore: Any) -> None:
        pass


class _Always(BaseRetryStrategy):
    """Whatever ends a ticket early, the task it took must not be left: the pipeline bounds how often that is tried."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        # Another worker may take over now.
        at_once = isinstance(exception, asyncio.CancelledError | _Stopping | _NoPlace)
        return RetryDecision(retry_in={"seconds": 0 if at_once else _RETRY_AFTER})


class ProcrastinateQueue:
    """Workers of this process on a queue that all processes share.

    Args:
        url: of the database, postgresql://...
        run: walks one task to its end; the event is set when the task is to stop.
        lanes: those that the engines of this process serve, each with its models.
        drain: s that running work may take to finish when the process stops.
        timeout: s without a sign of life after which a worker counts as dead.
        fetching: the places of tasks that name files.
    """

    def __init__(
        self,
        database: Database,
        url: str,
        changes: Changes,
        run: Run,
        *,
        lanes: Mapping[str, Lane],
        drain: float,
        timeout: float,
        fetching: Fetching | None = None,
    ) -> None:
        self._database, self._changes, self._run = database, changes, run
        self._drain, self._lanes = drain, lanes
        self._timeout, self._heartbeat = timeout, timeout / _SIGNS_OF_LIFE
        # Each worker listens on one connection and needs another to take and end its jobs.
        most = max(4, sum(lane.slots for lane in lanes.values()) + 2 * len(lanes))
        self._app = App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=most))
        self._app.task(name=_TICKET, pass_context=True, retry=_Always())(self._take)
        self._stopping = False
        self._fetching, self._place_left = fetching or Fetching(), asyncio.Event()
        self._fetching.listen(self._place_left.set)
        self._seats: dict[str, _Seats] = {}
        self._attendants: list[asyncio.Task[None]] = []
        self._loops: set[asyncio.Task[None]] = set()
        self._walks: set[asyncio.Task[None]] = set()

    async def enqueue(self, connection: Connection, lane: str, count: int = 1) -> None:
        """Defer a ticket for each task in the transaction that creates it."""
        await connection.send_rows(_DEFER, [{"queue_name": lane, "task_name": _TICKET}] * count)

    def notify(self) -> None:
        """Nothing to do: PostgreSQL notifies the workers when the transaction commits."""

    async def cancel(self, task: TaskRecord) -> None:
        """Abort the job that runs the task, in whatever process."""
        if task.owner is not None and task.owner.startswith(_OWNER):
            job_id = int(task.owner.removeprefix(_OWNER))
            await self._app.job_manager.cancel_job_by_id_async(job_id, abort=True)

    async def start(self, *, work: bool) -> None:
        """Connect and, if this process works, begin to."""
        await self._app.open_async()
        if work:
            loops = (
                keep_doing("looking for stalled jobs", self._retry_stalled, every(self._heartbeat), outages=_AWAY),
                keep_doing("looking for lost tickets", self._replace_lost, every(_LOOK_FOR_LOST), outages=_AWAY),
            )
            self._loops = {asyncio.create_task(loop) for loop in loops}
            self._attendants = [asyncio.create_task(self._attend(name, lane)) for name, lane in self._lanes.items()]

    async def close(self) -> None:
        """Take no new work and wait for what runs; what is not done within the drain time goes to another worker.

        A database that is away is not waited for: then the others find out by the signs of life that are missing.
        """
        self._stopping = True
        for attendant in self._attendants:
            attendant.cancel()
        for loop in self._loops:
            loop.cancel()  # a worker that is cancelled shuts down with its grace
        if self._loops:
            _, stuck = await asyncio.wait(self._loops, timeout=self._drain + _LAST_WORDS)
            if stuck:
                _log.warning("the database does not answer: what runs here is left to other workers as it is")
            for _ in range(_CANCELLATIONS):
                if not (left := {*stuck, *self._walks}):
                    break
                for task in left:
                    task.cancel()
                _, stuck = await asyncio.wait(stuck or left, timeout=_BETWEEN_CANCELLATIONS)
        await self._app.close_async()

    async def _attend(self, name: str, lane: Lane) -> None:
        """Have a worker on the lane while its gate is open."""
        while True:
            await lane.gate.opened()
            working = asyncio.create_task(self._work(name, lane))
            self._loops.add(working)
            working.add_done_callback(self._loops.discard)
            await lane.gate.closed()
            working.cancel()
            await asyncio.wait({working})

    async def _work(self, name: str, lane: Lane) -> None:
        while not self._stopping:
            try:
                seats = self._seats[name] = _Seats(Slots(lane.slots))
                worker = _SeatedWorker(
                    seats,
                    app=self._app,
                    queues=[name],
                    concurrency=lane.slots,
                    install_signal_handlers=False,
                    delete_jobs=DeleteJobCondition.ALWAYS,
                    shutdown_graceful_timeout=self._drain,
                    update_heartbeat_interval=self._heartbeat,
                    stalled_worker_timeout=self._timeout,
                )
                await worker.run()
                return
            except Exception as error:  # noqa: BLE001 - the database may be away for a while
                if self._stopping:  # it could not tell the database that it goes, and was cancelled all the same
                    return
                if isinstance(error, _AWAY):
                    if OUTAGES_TOLD.is_news(reason := reason_of(error)):
                        _log.warning("the worker was interrupted, it goes on: %s", reason)
                else:
                    _log.exception("the worker was interrupted, it goes on")
                await asyncio.sleep(_RETRY_AFTER)

    async def _retry_stalled(self) -> None:
        """Jobs of workers without a sign of life are queued again; every process looks, one finds each."""
        for job in await self._app.job_manager.get_stalled_jobs(seconds_since_heartbeat=self._timeout):
            _log.warning("job %s was left by its worker; it is run again", job.id)
            await self._app.job_manager.retry_job(job)

    async def _replace_lost(self) -> None:
        """Defer a ticket for every task that has none: one more than needed does no harm, one less is a task stuck.

        A task whose ticket will not be run again - it was cancelled or failed while its worker died - comes back first.
        """
        async with self._database.write() as connection:
            await connection.execute(_COME_BACK)
        for name, lane in self._lanes.items():
            async with self._database.write() as connection:
                waiting = await count_waiting(connection, lane.models, older_than=_LOOK_FOR_LOST)
                tickets = (await connection.execute(_TICKETS, {"lane": name})).scalar() or 0
                for _ in range(tickets, waiting):
                    _log.warning("a task in lane %s had no ticket; it has one now", name)
                    await self.enqueue(connection, name)

    async def _take(self, context: JobContext) -> None:
        """One ticket: the task that it took before, else the one whose turn it is."""
        name = context.job.queue
        seats = self._seats[name]
        seat = seats.seat()
        try:
            if self._stopping:
                raise _Stopping
            task = await self._claim(context.job, self._lanes[name])
            if task is not None:
                await self._walk(context, task, seat)
            elif self._fetching.busy or self._fetching.is_full:
                await self._wait_for_a_place(seats.slots)
                raise _NoPlace
            # else it was cancelled while it waited
        finally:
            seats.end(seat)

    async def _claim(self, job: Job, lane: Lane) -> TaskRecord | None:
        self._place_left.clear()
        models, busy = self._fetching.open_to(lane.models), self._fetching.busy
        async with self._database.write() as connection:
            return await claim_task(
                connection, f"{_OWNER}{job.id}", alone=False, models=models, busy=busy, fitting=lane.fitting
            )

    async def _wait_for_a_place(self, slots: Slots) -> None:
        """Hold the ticket for a while: another would find no more, and asking costs the database."""
        waiting = [asyncio.create_task(event.wait()) for event in (self._place_left, slots.wanted_back)]
        try:
            await asyncio.wait(waiting, timeout=_FOR_A_PLACE, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()

    async def _walk(self, context: JobContext, task: TaskRecord, seat: Seat) -> None:
        self._changes.tell(task.id, task.account_id)
        cancel = asyncio.Event()
        running: asyncio.Task[None] = asyncio.create_task(cast(Any, self._run(task, cancel, seat)))
        self._walks.add(running)
        running.add_done_callback(self._walks.discard)
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            if context.abort_reason() is not AbortReason.USER_REQUEST:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
                raise
            cancel.set()  # its owner wants it to stop, not this process: it ends as cancelled, by the pipeline
            await running
