"""The embedded queue: workers of this process, on SQLite."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from opendance.api.wires import UNIFIED
from opendance.order import Link
from opendance.patience import Fitting
from opendance.queue import local
from opendance.queue.base import Gate, Lane
from opendance.queue.local import LocalQueue
from opendance.queue.slots import Fetching, Seat
from opendance.store.keys import Caller
from opendance.store.tasks import TaskRecord, finish_task, request_cancel
from opendance.task import Status
from tests import tasks
from tests.callers import new_caller
from tests.queue.running import Running
from tests.until import until
from tests.workshop import PUBLIC, Workshop

IMAGE = "seedance-2.0-mini-image-to-video"
ONE = {"all": Lane(frozenset({tasks.MINI, IMAGE}), 1)}
TWO_LANES = {"text": Lane(frozenset({tasks.MINI}), 1), "image": Lane(frozenset({IMAGE}), 1)}


@pytest.fixture
async def queues() -> AsyncGenerator[list[LocalQueue]]:
    """Those that are closed with the test."""
    made: list[LocalQueue] = []
    yield made
    for queue in made:
        await queue.close()


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_PAUSE_AFTER_ERROR", 0.0)


async def started(
    workshop: Workshop,
    queues: list[LocalQueue],
    running: Running,
    lanes: dict[str, Lane] = ONE,
    *,
    drain: float = 0.0,
    work: bool = True,
) -> LocalQueue:
    queue = LocalQueue(workshop.database, workshop.changes, running, lanes=lanes, drain=drain)
    queues.append(queue)
    await queue.start(work=work)
    return queue


async def submit(
    workshop: Workshop, caller: Caller | None = None, model: str = tasks.MINI, links: tuple[Link, ...] = ()
) -> str:
    made = await workshop.submitter.submit(
        caller or workshop.caller, tasks.order(model, links=links), wire=UNIFIED.name, base_url=PUBLIC
    )
    return made.task.id


async def test_what_waited_runs_by_turn_when_workers_come(
    workshop: Workshop, queues: list[LocalQueue], running: Running
) -> None:
    other = await new_caller(workshop.database, "other")
    first, second, third = [await submit(workshop) for _ in range(3)]
    theirs = await submit(workshop, other)
    await started(workshop, queues, running)
    await until(running.have_ended(4))
    assert [task.id for task in running.begun] == [first, theirs, second, third]
    assert running.most == 1


async def test_what_fits_the_weights_that_are_loaded_is_begun_first(
    workshop: Workshop, queues: list[LocalQueue], running: Running
) -> None:
    order = [await submit(workshop, model=model) for model in (tasks.MINI, IMAGE, tasks.MINI, IMAGE)]
    await started(workshop, queues, running, {"all": replace(ONE["all"], fitting=Fitting(lambda: {IMAGE}))})
    await until(running.have_ended(4))
    assert [task.id for task in running.begun] == [order[1], order[3], order[0], order[2]]


async def test_a_task_is_run_once_the_queue_is_told(
    workshop: Workshop, queues: list[LocalQueue], running: Running
) -> None:
    queue = await started(workshop, queues, running)
    task_id = await submit(workshop)
    queue.notify()
    await until(running.have_ended(1))
    (task,) = running.begun
    assert (task.id, task.status, task.attempts) == (task_id, Status.PROCESSING, 1)


async def test_as_many_run_side_by_side_as_there_are_slots(
    workshop: Workshop, queues: list[LocalQueue], running: Running
) -> None:
    running.holds = True
    made = [await submit(workshop) for _ in range(5)]
    await started(workshop, queues, running, {"all": Lane(frozenset({tasks.MINI}), 3)})
    await until(running.has_begun(*made[:3]))
    running.let_go(made[0])
    await until(running.has_begun(made[3]))
    running.holds = False
    running.let_go()
    await until(running.have_ended(5))
    assert running.most == 3
    assert len(running.begun) == 5, "each was taken once"


async def test_a_lane_that_is_busy_holds_up_no_other(
    workshop: Workshop, queues: list[LocalQueue], running: Running
) -> None:
    running.holds = True
    busy = [await submit(workshop) for _ in range(2)]
    image = await submit(workshop, model=IMAGE)
    await started(workshop, queues, running, TWO_LANES)
    await until(running.has_begun(busy[0], image))
    assert not running.has_begun(busy[1])()
    running.let_go(image)
    await until(running.have_ended(1))
    another = await submit(workshop, model=IMAGE)
    queues[0].notify()
    await until(running.has_begun(another))
    assert not running.has_begun(busy[1])()


async def test_models_that_no_lane_serves_wait(workshop: Workshop, queues: list[LocalQueue], running: Running) -> None:
    waits = await submit(workshop, model=IMAGE)
    runs = await submit(workshop)
    await started(workshop, queues, running, {"text": Lane(frozenset({tasks.MINI}), 1)})
    await until(running.have_ended(1))
    assert [task.id for task in running.begun] == [runs]
    assert (await workshop.read(waits)).status is Status.PENDING


async def test_a_task_that_runs_is_told_to_stop(workshop: Workshop, queues: list[LocalQueue], running: Running) -> None:
    running.holds = True
    made = [await submit(workshop) for _ in range(2)]
    queue = await started(workshop, queues, running, {"all": Lane(frozenset({tasks.MINI}), 2)})
    await until(running.has_begun(*made))
    await queue.cancel(await workshop.read(made[0]))
    await until(running.have_ended(1))
    assert (await workshop.read(made[0])).status is Status.CANCELLED
    assert (await workshop.read(made[1])).status is Status.PROCESSING
    await queue.cancel(await workshop.read(made[0]))  # it runs no more: nothing to do


async def test_a_worker_that_failed_goes_on_with_the_next_task(
    workshop: Workshop, queues: list[LocalQueue], running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    running.failures = [ValueError("a mistake of ours")]
    made = [await submit(workshop) for _ in range(2)]
    await started(workshop, queues, running)
    await until(running.have_ended(2))
    assert sorted(running.ended) == sorted(made), "and what it failed at is tried again"
    assert len(running.begun) == 3
    assert "a mistake of ours" in caplog.text


async def test_a_task_whose_walk_always_fails_does_not_hold_up_others_for_ever(
    workshop: Workshop, queues: list[LocalQueue], running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opendance.queue.local._PAUSE_AFTER_ERROR", 0.0)
    running.failures = [ValueError("a mistake of ours")] * 10
    made = [await submit(workshop) for _ in range(2)]
    await started(workshop, queues, running)
    await until(running.have_ended(1))
    assert running.ended == [made[1]]
    assert [task.id for task in running.begun] == [made[0]] * 10 + [made[1]]


async def test_without_workers_tasks_only_wait(workshop: Workshop, queues: list[LocalQueue], running: Running) -> None:
    task_id = await submit(workshop)
    queue = await started(workshop, queues, running, work=False)
    queue.notify()
    await asyncio.sleep(0.05)
    assert running.begun == []
    assert (await workshop.read(task_id)).status is Status.PENDING
    await queue.close()


# ── files that are fetched ──


@pytest.fixture
def slow_hosts(workshop: Workshop) -> asyncio.Event:
    """Every file of the world comes only when this is set."""
    go = asyncio.Event()
    download = workshop.web.download

    async def drip(url: str, target: Path, *, max_bytes: int) -> int:
        await go.wait()
        return await download(url, target, max_bytes=max_bytes)

    workshop.web.download = drip  # pyright: ignore[reportAttributeAccessIssue]
    return go


async def test_files_that_drip_hold_no_slot_and_keep_no_other_account_waiting(
    workshop: Workshop, queues: list[LocalQueue], slow_hosts: asyncio.Event
) -> None:
    """The one slot of this server makes videos while ten tasks of another account wait for their files."""
    links = (tasks.link("image", "https://files.example/a.png"),)
    dripping = [await submit(workshop, model=IMAGE, links=links) for _ in range(10)]
    other = await new_caller(workshop.database, "other")
    fetching = Fetching(of_each=4)
    queue = LocalQueue(
        workshop.database, workshop.changes, workshop.pipeline(fetching=fetching).run, lanes=ONE, fetching=fetching
    )
    queues.append(queue)
    await queue.start(work=True)
    await until(lambda: bool(fetching.busy))
    theirs = [await submit(workshop, other) for _ in range(2)]
    queue.notify()

    async def are_made() -> bool:
        return all([(await workshop.read(task_id)).status is Status.COMPLETED for task_id in theirs])

    await until(are_made)
    begun = [task_id for task_id in dripping if (await workshop.read(task_id)).status is Status.PROCESSING]
    assert begun == dripping[:4], "so many of an account are fetched for, the others wait for their turn"

    async def have_ended() -> bool:
        return all([(await workshop.read(task_id)).status is Status.FAILED for task_id in dripping])

    slow_hosts.set()
    await until(have_ended)
    assert not fetching.busy


async def test_a_slot_that_was_left_goes_back_to_who_left_it_before_others_begin(
    workshop: Workshop, queues: list[LocalQueue]
) -> None:
    begun, fetched, go = list[str](), asyncio.Event(), asyncio.Event()

    async def run(task: TaskRecord, cancel: asyncio.Event, seat: Seat) -> None:
        begun.append(task.id)
        if task.id == first:
            seat.leave()
            await fetched.wait()
            await seat.take(again=True)
            begun.append("again")
        else:
            await go.wait()
        async with workshop.database.write() as connection:
            await finish_task(connection, task, Status.COMPLETED)

    first, second, third = [await submit(workshop) for _ in range(3)]
    queue = LocalQueue(workshop.database, workshop.changes, run, lanes=ONE)
    queues.append(queue)
    await queue.start(work=True)
    await until(lambda: begun == [first, second])
    fetched.set()
    await asyncio.sleep(0.02)
    go.set()
    await until(lambda: len(begun) == 4)
    assert begun == [first, second, "again", third]


# ── its end ──


async def test_what_runs_when_it_closes_may_finish_within_the_drain_time(
    workshop: Workshop, queues: list[LocalQueue], running: Running
) -> None:
    running.holds = True
    runs, waits = [await submit(workshop) for _ in range(2)]
    queue = await started(workshop, queues, running, drain=60.0)
    await until(running.has_begun(runs))
    closing = asyncio.create_task(queue.close())
    await asyncio.sleep(0.02)
    assert not closing.done()
    running.let_go(runs)
    await closing
    assert (running.ended, running.stopped) == ([runs], [])
    assert not running.has_begun(waits)(), "it takes no new work"
    assert (await workshop.read(waits)).status is Status.PENDING


async def test_workers_without_work_do_not_keep_it_open(
    workshop: Workshop, queues: list[LocalQueue], running: Running
) -> None:
    queue = await started(workshop, queues, running, TWO_LANES, drain=3600.0)
    await asyncio.sleep(0.02)  # they sleep by now
    await queue.close()


async def test_what_does_not_finish_in_time_goes_on_first_at_the_next_start(
    workshop: Workshop, queues: list[LocalQueue], running: Running
) -> None:
    running.holds = True
    runs, waits = [await submit(workshop) for _ in range(2)]
    queue = await started(workshop, queues, running, drain=0.05)
    await until(running.has_begun(runs))
    await queue.close()
    assert running.stopped == [runs]
    assert (await workshop.read(runs)).status is Status.PROCESSING

    after = Running(workshop.database)
    await started(workshop, queues, after)
    await until(after.have_ended(2))
    assert [task.id for task in after.begun] == [runs, waits]
    assert [task.attempts for task in after.begun] == [2, 1]


async def test_behind_a_closed_gate_nothing_is_begun_until_it_opens(
    workshop: Workshop, queues: list[LocalQueue], running: Running
) -> None:
    lane = Lane(frozenset({tasks.MINI}), 1, Gate(is_open=False))
    queue = await started(workshop, queues, running, {"all": lane})
    task_id = await submit(workshop)
    queue.notify()
    await asyncio.sleep(0.05)
    assert running.begun == []
    lane.gate.turn(is_open=True)
    await until(running.have_ended(1))
    assert running.ended == [task_id]


async def test_a_closed_gate_does_not_keep_it_open(
    workshop: Workshop, queues: list[LocalQueue], running: Running
) -> None:
    lane = Lane(frozenset({tasks.MINI}), 1, Gate(is_open=False))
    queue = await started(workshop, queues, running, {"all": lane}, drain=60.0)
    await submit(workshop)
    await asyncio.sleep(0.01)
    await asyncio.wait_for(queue.close(), 30)
    assert running.begun == []


# ── asked by another process, on the same database ──


async def test_a_task_that_another_process_asked_to_stop_is_stopped(
    workshop: Workshop, queues: list[LocalQueue], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "_LOOK", 0.01)
    running = Running(workshop.database, holds=True)
    await started(workshop, queues, running, {"all": Lane(frozenset({tasks.MINI, IMAGE}), 2)})
    asked = [await submit(workshop) for _ in range(2)]
    queues[0].notify()
    await until(running.has_begun(*asked))
    async with workshop.database.write() as connection:
        await request_cancel(connection, await tasks.read_task(connection, asked[0]))
    await until(running.have_ended(1))
    assert running.ended == [asked[0]]
    async with workshop.database.write() as connection:
        await tasks.finish(connection, asked[1], Status.FAILED)
    await until(lambda: running.now == 0)
    assert running.ended == [asked[0]], "it had ended before, in other hands"


async def test_a_task_that_another_process_queued_is_begun(
    workshop: Workshop, queues: list[LocalQueue], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "_LOOK", 0.01)
    running = Running(workshop.database)
    await started(workshop, queues, running)
    task = await submit(workshop)  # whose queue is another, which tells this one nothing
    await until(running.has_begun(task))
