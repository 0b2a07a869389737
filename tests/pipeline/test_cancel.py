"""Cancelling, on both databases: at once where a task waits, by its worker where it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from opendance.engines.base import StillWorking
from opendance.errors import TaskNotCancellable
from opendance.pipeline.cancel import Canceller
from opendance.pipeline.ending import Ending
from opendance.store.audit import list_audit
from opendance.store.claims import read_walk_facts
from opendance.store.deliveries import list_deliveries
from opendance.store.tasks import TaskRecord
from opendance.task import Status
from tests import tasks
from tests.watched import WatchedQueue
from tests.workshop import Workshop

CALLBACK = "https://receiver.example/hook"


def canceller(workshop: Workshop, queue: WatchedQueue) -> Canceller:
    return Canceller(workshop.database, workshop.changes, queue, workshop.endings)


async def is_asked_to_stop(workshop: Workshop, task: TaskRecord) -> bool:
    async with workshop.database.read() as connection:
        return (await read_walk_facts(connection, task)).cancel_requested


@asynccontextmanager
async def rendering(workshop: Workshop, cancel: asyncio.Event) -> AsyncGenerator[TaskRecord]:
    """A task whose engine works until `cancel` is set."""
    entered = asyncio.Event()

    async def work(_request: object) -> None:
        entered.set()
        await cancel.wait()

    workshop.hosts["blank"].fates.append(work)
    await workshop.submit(tasks.order(callback_url=CALLBACK))
    task = await workshop.claim()
    running = asyncio.create_task(workshop.pipeline().run(task, cancel))
    await entered.wait()
    yield task
    await running


# ── it waits ──


@pytest.mark.rule("CB-03")
async def test_a_task_that_waits_is_cancelled_at_once_by_whoever_asks(workshop_on_each: Workshop) -> None:
    workshop, queue = workshop_on_each, WatchedQueue()
    task = await workshop.submit(tasks.order(callback_url=CALLBACK))
    ended = await canceller(workshop, queue).cancel(task, actor="od-abcdef")
    assert ended == await workshop.read(task)
    assert (ended.status, ended.error_code, ended.credits_used) == (Status.CANCELLED, "request_cancelled", 0)
    assert "before it started" in (ended.error_message or "")
    assert await workshop.entries(task) == ["reserve", "refund"]
    async with workshop.database.read() as connection:
        rows = await list_audit(connection, kind="task.ended", task_id=task.id, limit=9)
        (delivery,) = await list_deliveries(connection, task.account_id, task.id)
    assert [(row.actor, row.detail["status"]) for row in rows] == [("od-abcdef", "cancelled")]
    assert delivery.url == CALLBACK
    assert not queue.cancelled, "nobody runs it"


async def test_the_turn_of_a_cancelled_task_passes_on(workshop_on_each: Workshop) -> None:
    first, second = await workshop_on_each.submit(), await workshop_on_each.submit()
    await workshop_on_each.canceller.cancel(first, actor="x")
    assert (await workshop_on_each.read(second)).start_tag == first.start_tag
    assert (await workshop_on_each.claim()).id == second.id


async def test_of_two_that_cancel_at_once_one_ends_it(workshop_on_each: Workshop) -> None:
    task = await workshop_on_each.submit()
    answers = await asyncio.gather(*(workshop_on_each.canceller.cancel(task, actor="x") for _ in range(2)))
    assert [answer.status for answer in answers] == [Status.CANCELLED] * 2
    assert await workshop_on_each.entries(task) == ["reserve", "refund"]


# ── it runs ──


async def test_a_task_that_runs_is_stopped_by_its_worker_and_the_answer_waits(workshop_on_each: Workshop) -> None:
    workshop, queue = workshop_on_each, WatchedQueue()
    async with rendering(workshop, queue.stop) as task:
        ended = await canceller(workshop, queue).cancel(await workshop.read(task), actor="x")
    assert ended.status is Status.CANCELLED
    assert "while it ran" in (ended.error_message or "")
    assert [(told.id, told.owner, told.cancel_requested) for told in queue.cancelled] == [(task.id, "worker", True)]
    assert await workshop.entries(task) == ["reserve", "refund"]
    assert not any(workshop.work_dir.iterdir())


async def test_the_answer_does_not_wait_for_ever(workshop_on_each: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opendance.pipeline.cancel._WAIT", 0.0)
    await workshop_on_each.submit()
    task = await workshop_on_each.claim()
    queue = WatchedQueue()
    latest = await canceller(workshop_on_each, queue).cancel(task, actor="x")
    assert (latest.status, latest.cancel_requested) == (Status.PROCESSING, True)
    assert [told.id for told in queue.cancelled] == [task.id]
    assert await workshop_on_each.entries(task) == ["reserve"], "it is still paid for"


async def test_a_worker_that_takes_a_task_later_finds_that_it_is_to_stop(
    workshop_on_each: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opendance.pipeline.cancel._WAIT", 0.0)
    await workshop_on_each.submit()
    task = await workshop_on_each.claim("a worker that died")
    await workshop_on_each.canceller.cancel(task, actor="x")
    after = await workshop_on_each.run(await workshop_on_each.claim())
    assert after.status is Status.CANCELLED
    assert not workshop_on_each.hosts["blank"].jobs


async def test_a_task_that_was_claimed_meanwhile_is_stopped_where_it_runs(workshop_on_each: Workshop) -> None:
    queue = WatchedQueue()
    async with rendering(workshop_on_each, queue.stop) as task:
        as_it_was_read = await workshop_on_each.read(task)
        seen = TaskRecord(**{**vars(as_it_was_read), "status": Status.PENDING, "owner": None, "attempts": 0})
        ended = await canceller(workshop_on_each, queue).cancel(seen, actor="x")
    assert (ended.status, ended.attempts) == (Status.CANCELLED, 1)
    assert [told.owner for told in queue.cancelled] == ["worker"]


async def test_a_task_that_ended_meanwhile_is_told_as_it_ended(workshop_on_each: Workshop) -> None:
    await workshop_on_each.submit()
    task = await workshop_on_each.claim()
    assert await workshop_on_each.endings.end(task, Ending(Status.FAILED, ("service_error", "x"))) is not None
    latest = await workshop_on_each.canceller.cancel(task, actor="x")
    assert latest.status is Status.FAILED
    assert not await is_asked_to_stop(workshop_on_each, task)
    assert await workshop_on_each.entries(task) == ["reserve", "refund"]


async def test_a_parked_task_is_looked_at_at_once(workshop_on_each: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opendance.pipeline.cancel._WAIT", 0.0)
    workshop_on_each.hosts["blank"].begins = True
    workshop_on_each.hosts["blank"].ended = False
    workshop_on_each.hosts["blank"].fates.append(StillWorking)
    task = await workshop_on_each.made(park=3600.0)
    assert await workshop_on_each.reconciler().look() == 0
    await workshop_on_each.canceller.cancel(task, actor="x")
    assert await workshop_on_each.reconciler().look() == 1
    after = await workshop_on_each.read(task)
    assert after.status is Status.CANCELLED, "no worker is needed for that"
    assert workshop_on_each.hosts["blank"].abandoned, "it costs no more at the upstream"


# ── it has ended ──


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED, Status.CANCELLED])
async def test_a_task_that_has_ended_cannot_be_cancelled(workshop: Workshop, status: Status) -> None:
    task = await workshop.submit()
    ended = await workshop.endings.end(task, Ending(status))
    assert ended is not None
    with pytest.raises(TaskNotCancellable, match=f"{task.id} is already {status}"):
        await workshop.canceller.cancel(ended, actor="x")
    assert await workshop.read(task) == ended
