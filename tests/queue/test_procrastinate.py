"""The queue of PostgreSQL: tickets for turns. No process but the database's: workers of several queues stand side by
side in the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import text

from opendance.api.wires import UNIFIED
from opendance.catalog import MODELS
from opendance.errors import OpendanceError
from opendance.patience import Fitting
from opendance.pipeline.cancel import Canceller
from opendance.pipeline.submit import Submitter
from opendance.queue import procrastinate
from opendance.queue.base import Gate, Lane
from opendance.queue.procrastinate import ProcrastinateQueue
from opendance.queue.slots import Fetching, Seat
from opendance.store.audit import PromptPolicy
from opendance.store.parked import bring_back, park_task
from opendance.store.tasks import TaskRecord, finish_task
from opendance.task import Status
from tests import tasks
from tests.callers import new_caller
from tests.databases import PostgresqlServer, opened, running_postgresql
from tests.queue.running import Running
from tests.until import until
from tests.workshop import PUBLIC, Workshop, a_workshop

LANE = "blank"
ALL = {LANE: Lane(frozenset(MODELS), 2)}


class Station:
    """A database with tickets, and queues on it as of several processes."""

    def __init__(self, workshop: Workshop, url: str, stack: AsyncExitStack) -> None:
        self.workshop, self._url, self._stack = workshop, url, stack

    async def queue(
        self,
        running: Running | None = None,
        *,
        lanes: dict[str, Lane] = ALL,
        drain: float = 0.0,
        timeout: float = 30.0,
        fetching: Fetching | None = None,
    ) -> ProcrastinateQueue:
        """A queue that was started; with `running` it works."""
        queue = ProcrastinateQueue(
            self.workshop.database, self._url, self.workshop.changes, running or Running(self.workshop.database),
            lanes=lanes, drain=drain, timeout=timeout, fetching=fetching,
        )  # fmt: skip
        await queue.start(work=running is not None)
        self._stack.push_async_callback(queue.close)
        return queue

    def submitter(self, queue: ProcrastinateQueue) -> Submitter:
        """One that gives each task its ticket."""
        shop = self.workshop
        prompts = PromptPolicy("hashed", b"secret")
        return Submitter(shop.database, queue, shop.estimator, shop.tools.routes, shop.tools.links, prompts)

    async def submit(self, queue: ProcrastinateQueue, model: str = tasks.MINI) -> str:
        made = await self.submitter(queue).submit(
            self.workshop.caller, tasks.order(model), wire=UNIFIED.name, base_url=PUBLIC
        )
        return made.task.id

    async def jobs(self) -> list[str]:
        """The states of all tickets."""
        async with self.workshop.database.read() as connection:
            rows = await connection.execute(text("SELECT status FROM procrastinate_jobs ORDER BY id"))
            return [str(row.status) for row in rows]

    async def job_ids(self) -> list[int]:
        """The numbers of all tickets, by which their tasks name them."""
        async with self.workshop.database.read() as connection:
            return list((await connection.execute(text("SELECT id FROM procrastinate_jobs ORDER BY id"))).scalars())

    async def execute(self, statement: str) -> None:
        async with self.workshop.database.write() as connection:
            await connection.execute(text(statement))

    async def jobs_are(self, *states: str) -> bool:
        return await self.jobs() == list(states)

    async def has_no_jobs(self) -> bool:
        return await self.jobs_are()

    async def may_run_again(self, running: Running) -> bool:
        """Whether no ticket is held any more - or is again, by the worker that took it at once."""
        return bool(running.ended) or await self.jobs_are("todo")

    async def has_listeners(self) -> bool:
        """Whether a worker listens for new tickets."""
        query = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        async with self.workshop.database.read() as connection:
            return (await connection.execute(text(query))).first() is not None

    async def wake(self, queue: ProcrastinateQueue) -> None:
        """Let workers look at once, as when any other task comes: by themselves they look every few seconds."""
        async with self.workshop.database.write() as connection:
            await queue.enqueue(connection, LANE)


@pytest.fixture
async def station(postgresql: PostgresqlServer, tmp_path: Path) -> AsyncGenerator[Station]:
    url = postgresql.new_database()
    async with opened(url) as database, a_workshop(database, tmp_path) as shop, AsyncExitStack() as stack:
        yield Station(shop, url, stack)


@pytest.fixture
def running(station: Station) -> Running:
    return Running(station.workshop.database)


@pytest.fixture
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Queues look for lost tickets all the time."""
    monkeypatch.setattr(procrastinate, "_LOOK_FOR_LOST", 0.02)


# ── tickets ──


async def test_a_task_and_its_ticket_come_in_one_transaction(station: Station) -> None:
    queue = await station.queue()
    poor = await new_caller(station.workshop.database, "poor", credits_="0.0001")
    with pytest.raises(OpendanceError):
        await station.submitter(queue).submit(poor, tasks.order(), wire=UNIFIED.name, base_url=PUBLIC)
    assert await station.jobs() == [], "the ticket was deferred before the credits were found too few"
    await station.submit(queue)
    assert await station.jobs() == ["todo"]


async def test_a_ticket_is_for_the_task_whose_turn_it_is(station: Station, running: Running) -> None:
    queue = await station.queue()
    other = await new_caller(station.workshop.database, "other")
    first, second, third = [await station.submit(queue) for _ in range(3)]
    made = await station.submitter(queue).submit(other, tasks.order(), wire=UNIFIED.name, base_url=PUBLIC)
    await station.queue(running, lanes={LANE: Lane(frozenset(MODELS), 1)})
    await until(running.have_ended(4))
    assert [task.id for task in running.begun] == [first, made.task.id, second, third]
    await until(station.has_no_jobs)


async def test_a_ticket_is_for_a_task_that_fits_the_weights_which_are_loaded(
    station: Station, running: Running
) -> None:
    queue = await station.queue()
    first, second = [await station.submit(queue, model) for model in (tasks.MINI, tasks.MINI_IMAGE)]
    lane = Lane(frozenset(MODELS), 1, fitting=Fitting(lambda: {tasks.MINI_IMAGE}))
    await station.queue(running, lanes={LANE: lane})
    await until(running.have_ended(2))
    assert [task.id for task in running.begun] == [second, first]


async def test_a_worker_is_woken_by_the_task(station: Station, running: Running) -> None:
    queue = await station.queue(running)
    await until(station.has_listeners)
    task_id = await station.submit(queue)
    await until(running.have_ended(1))
    assert running.ended == [task_id]


async def test_workers_of_two_processes_never_take_the_same_task(station: Station) -> None:
    runnings = [Running(station.workshop.database) for _ in range(2)]
    queues = [await station.queue(each) for each in runnings]
    made = await asyncio.gather(*(station.submit(queues[number % 2]) for number in range(12)))
    await until(lambda: sum(len(each.ended) for each in runnings) == len(made))
    begun = [task.id for each in runnings for task in each.begun]
    assert sorted(begun) == sorted(made)
    assert all(task.attempts == 1 for each in runnings for task in each.begun)
    await until(station.has_no_jobs)


async def test_a_worker_takes_only_from_lanes_that_it_serves(station: Station, running: Running) -> None:
    queue = await station.queue(running, lanes={"another": Lane(frozenset({tasks.MINI}), 1)})
    task_id = await station.submit(queue)
    await asyncio.sleep(0.1)
    assert running.begun == []
    served = Running(station.workshop.database)
    await station.queue(served)
    await until(served.have_ended(1))
    assert served.ended == [task_id]


async def test_the_ticket_of_a_task_that_was_cancelled_while_it_waited_is_used_up(
    station: Station, running: Running
) -> None:
    queue = await station.queue()
    task_id = await station.submit(queue)
    await station.workshop.canceller.cancel(await station.workshop.read(task_id), actor="x")
    assert await station.jobs() == ["todo"]
    await station.queue(running)
    await until(station.has_no_jobs)
    assert running.begun == []


# ── files that are fetched ──


async def test_who_fetches_leaves_its_slot_and_gets_it_back_before_others_begin(station: Station) -> None:
    begun, fetched, go = list[str](), asyncio.Event(), asyncio.Event()
    database = station.workshop.database

    async def run(task: TaskRecord, cancel: asyncio.Event, seat: Seat) -> None:
        begun.append(task.id)
        if task.id == first:
            seat.leave()
            await fetched.wait()
            await seat.take(again=True)
            begun.append("again")
        elif task.id == second:
            await go.wait()
        else:
            seat.leave()  # and it ends without one
        async with database.write() as connection:
            await finish_task(connection, task, Status.COMPLETED)

    queue = await station.queue()
    first, second, third, fourth = [await station.submit(queue) for _ in range(4)]
    await station.queue(cast(Running, run), lanes={LANE: Lane(frozenset(MODELS), 1)})
    await until(lambda: begun == [first, second])
    fetched.set()
    await asyncio.sleep(0.05)
    assert begun == [first, second], "there is one slot"
    go.set()
    await until(station.has_no_jobs)
    assert begun == [first, second, "again", third, fourth]


async def test_tasks_that_find_no_place_wait_and_those_that_need_none_go_on(
    station: Station, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(procrastinate, "_FOR_A_PLACE", 0.05)
    fetching = Fetching(of_each=1)
    await fetching.take(station.workshop.caller.account_id)
    queue = await station.queue()
    with_files = [await station.submit(queue, tasks.MINI_IMAGE) for _ in range(3)]
    await station.queue(running, lanes={LANE: Lane(frozenset(MODELS), 1)}, fetching=fetching)
    without = await station.submit(queue)
    await until(running.have_ended(1))
    await asyncio.sleep(0.2)
    assert running.ended == [without]
    assert len(await station.jobs()) == 3, "no ticket is lost"
    fetching.leave(station.workshop.caller.account_id)
    await until(running.have_ended(4))
    assert running.ended == [without, *with_files]
    await until(station.has_no_jobs)


# ── tickets that are lost ──


@pytest.mark.usefixtures("quick_looks")
async def test_a_lost_ticket_is_replaced(station: Station, running: Running) -> None:
    queue = await station.queue()
    made = [await station.submit(queue) for _ in range(2)]
    await station.execute("DELETE FROM procrastinate_jobs WHERE id = (SELECT max(id) FROM procrastinate_jobs)")
    assert await station.jobs() == ["todo"]
    for task_id in made:
        await station.workshop.change(await station.workshop.read(task_id), created=1.0)
    await station.queue(running)
    await until(running.have_ended(2))
    assert sorted(running.ended) == sorted(made)


@pytest.mark.usefixtures("quick_looks")
@pytest.mark.parametrize("status", ["cancelled", "failed", None])
async def test_a_task_whose_ticket_will_not_be_run_again_gets_another(
    station: Station, running: Running, status: str | None
) -> None:
    """A cancelled job that was to be run again, and one with an abort whose worker died: both are final."""
    queue = await station.queue()
    task_id = await station.submit(queue)
    await station.workshop.change(await station.workshop.read(task_id), created=1.0)
    (job,) = await station.job_ids()
    await station.workshop.claim(f"job-{job}", alone=False)
    if status is None:
        await station.execute("DELETE FROM procrastinate_jobs")
    else:
        await station.execute(f"UPDATE procrastinate_jobs SET status = '{status}'")
    await station.queue(running)
    await until(running.have_ended(1))
    assert running.ended == [task_id]


@pytest.mark.usefixtures("quick_looks")
async def test_a_task_that_runs_keeps_its_ticket(station: Station, running: Running) -> None:
    running.holds = True
    queue = await station.queue(running)
    task_id = await station.submit(queue)
    await station.workshop.change(await station.workshop.read(task_id), created=1.0)

    async def has_begun() -> bool:
        return len(running.begun) == 1

    await until(has_begun)
    await asyncio.sleep(0.2)  # ten looks for what is lost
    assert len(running.begun) == 1
    running.let_go()
    await until(running.have_ended(1))


@pytest.mark.usefixtures("quick_looks")
async def test_a_task_that_came_back_and_has_no_ticket_gets_one(station: Station, running: Running) -> None:
    queue = await station.queue()
    task_id = await station.submit(queue)
    task = await station.workshop.claim()
    async with station.workshop.database.write() as connection:
        assert await park_task(connection, task, until=0.0, engine="blank")
        assert await bring_back(connection, task.id)
    await station.execute("DELETE FROM procrastinate_jobs")
    await station.workshop.change(task, created=1.0)
    await station.queue(running)
    await until(running.have_ended(1))
    assert [(one.id, one.attempts) for one in running.begun] == [(task_id, 2)]


async def test_a_ticket_too_many_does_no_harm(station: Station, running: Running) -> None:
    queue = await station.queue()
    task_id = await station.submit(queue)
    async with station.workshop.database.write() as connection:
        for _ in range(3):
            await queue.enqueue(connection, LANE)
    await station.queue(running)
    await until(station.has_no_jobs)
    assert [task.id for task in running.begun] == [task_id]


# ── tasks that are stopped ──


async def test_a_task_that_runs_in_another_process_is_stopped_there(station: Station, running: Running) -> None:
    asking = await station.queue()
    task_id = await station.submit(asking)
    running.holds = True
    await station.queue(running)
    await until(running.has_begun(task_id))
    canceller = Canceller(station.workshop.database, station.workshop.changes, asking, station.workshop.endings)
    await canceller.cancel(await station.workshop.read(task_id), actor="x")
    await until(running.have_ended(1))
    assert running.stopped == [], "it was told to stop and ended by itself"
    assert (await station.workshop.read(task_id)).status is Status.CANCELLED
    await until(station.has_no_jobs)


async def test_a_task_that_no_job_holds_is_not_cancelled_by_one(station: Station) -> None:
    queue = await station.queue()
    await station.submit(queue)
    task = await station.workshop.claim("local-1")
    await queue.cancel(task)
    await queue.cancel(await station.workshop.read(task.id))
    assert await station.jobs() == ["todo"]


# ── workers that go ──


async def test_what_a_worker_leaves_when_it_closes_another_goes_on_with(station: Station, running: Running) -> None:
    asking = await station.queue()
    task_id = await station.submit(asking)
    running.holds = True
    leaving = await station.queue(running)
    await until(running.has_begun(task_id))
    await leaving.close()
    assert running.stopped == [task_id]
    assert (await station.workshop.read(task_id)).status is Status.PROCESSING
    after = Running(station.workshop.database)
    await station.queue(after)
    await until(after.have_ended(1))
    assert [(task.id, task.attempts) for task in after.begun] == [(task_id, 2)]


async def test_what_runs_when_it_closes_may_finish_within_the_drain_time(station: Station, running: Running) -> None:
    asking = await station.queue()
    task_id = await station.submit(asking)
    running.holds = True
    leaving = await station.queue(running, drain=60.0)
    await until(running.has_begun(task_id))
    closing = asyncio.create_task(leaving.close())
    await asyncio.sleep(0.05)
    assert not closing.done()
    running.let_go()
    await closing
    assert (running.ended, running.stopped) == ([task_id], [])


async def test_what_a_dead_worker_held_is_run_again(station: Station, running: Running) -> None:
    asking = await station.queue()
    task_id = await station.submit(asking)
    # A worker takes the ticket and the task, and is never heard of again.
    await station.execute(
        "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') "
        "RETURNING id) UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM dead)"
    )
    async with station.workshop.database.read() as connection:
        job_id = (await connection.execute(text("SELECT id FROM procrastinate_jobs"))).scalar()
    await station.workshop.claim(f"job-{job_id}")
    await station.queue(running, timeout=5.0)
    await until(lambda: station.may_run_again(running))
    await station.wake(asking)
    await until(running.have_ended(1))
    assert [(task.id, task.attempts) for task in running.begun] == [(task_id, 2)]


async def test_a_ticket_that_failed_is_tried_again_with_its_task(
    station: Station, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(procrastinate, "_RETRY_AFTER", 0)
    running.failures = [ConnectionError("the machine is ill")]
    queue = await station.queue()
    task_id = await station.submit(queue)
    await station.queue(running)
    await until(lambda: not running.failures)
    await until(lambda: station.may_run_again(running))
    await station.wake(queue)
    await until(running.have_ended(1))
    assert [(task.id, task.attempts) for task in running.begun] == [(task_id, 1), (task_id, 2)]


# ── a database that is away ──


@pytest.fixture
def own_postgresql() -> Generator[PostgresqlServer]:
    """A server that a test may stop."""
    with running_postgresql() as server:
        yield server


@pytest.mark.parametrize("busy", [False, True])
async def test_a_worker_that_is_closed_while_the_database_is_away_ends_and_takes_nothing_more(
    own_postgresql: PostgresqlServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, busy: bool
) -> None:
    monkeypatch.setattr(procrastinate, "_LAST_WORDS", 0.2)
    url = own_postgresql.new_database()
    async with opened(url) as database, a_workshop(database, tmp_path) as shop, AsyncExitStack() as stack:
        station, running = Station(shop, url, stack), Running(database, holds=True)
        asking = await station.queue()
        leaving = await station.queue(running, drain=0.1)
        await until(station.has_listeners)
        held = [await station.submit(asking)] if busy else []
        await until(running.has_begun(*held))
        own_postgresql.kill()
        await asyncio.wait_for(leaving.close(), 25)  # for ever, or the 30 s that its driver waits for a connection
        assert running.stopped == held
        own_postgresql.start()
        async with opened(url) as again, a_workshop(again, tmp_path) as later:
            anew, after = Station(later, url, stack), Running(again)
            waiting = await anew.submit(await anew.queue(after, timeout=2.0))
            await until(after.have_ended(1 + busy))
            assert sorted(after.ended) == sorted([waiting, *held])
            await stack.aclose()
        assert [task.id for task in running.begun] == held


async def test_a_ticket_that_comes_to_a_worker_on_its_way_out_goes_to_another(
    station: Station, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaving = await station.queue(running)
    await until(station.has_listeners)
    leaving._stopping = True  # as when the ticket was taken in the moment of the signal
    task_id = await station.submit(leaving)
    after = Running(station.workshop.database)
    await station.queue(after)
    await until(after.have_ended(1))
    assert (running.begun, after.ended) == ([], [task_id])


async def test_a_worker_behind_a_closed_gate_leaves_tickets_to_others_and_takes_them_once_it_is_open(
    station: Station, running: Running
) -> None:
    lane = Lane(frozenset(MODELS), 2, Gate(is_open=False))
    queue = await station.queue(running, lanes={LANE: lane})
    first = await station.submit(queue)
    healthy = Running(station.workshop.database)
    other = await station.queue(healthy)
    await until(healthy.have_ended(1))
    await other.close()
    second = await station.submit(queue)
    await asyncio.sleep(0.1)
    assert (healthy.ended, running.begun) == ([first], [])
    lane.gate.turn(is_open=True)
    await until(running.have_ended(1))
    lane.gate.turn(is_open=False)

    async def nobody_listens() -> bool:
        return not await station.has_listeners()

    await until(nobody_listens)
    third = await station.submit(queue)
    await asyncio.sleep(0.1)
    assert running.ended == [second]
    lane.gate.turn(is_open=True)
    await until(running.have_ended(2))
    assert running.ended == [second, third]
