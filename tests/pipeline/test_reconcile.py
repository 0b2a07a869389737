"""Parked tasks come back once what they wait for has happened; on both databases."""

from __future__ import annotations

import asyncio
import time

import pytest

from opendance.catalog import MODELS
from opendance.engines.base import StillWorking
from opendance.engines.upstream.base import Submission
from opendance.pipeline.ending import Ending
from opendance.pipeline.journal import UPSTREAM
from opendance.pipeline.reconcile import Reconciler
from opendance.store.parked import hasten_parked, park_task
from opendance.store.retention import forget_tasks
from opendance.store.tasks import TaskRecord, request_cancel
from opendance.task import Status
from tests.until import until
from tests.watched import WatchedQueue
from tests.workshop import MadeUpHost, Workshop


class AskedHost(MadeUpHost):
    """One that counts how often it is asked."""

    asked = 0

    async def has_ended(self, submission: Submission) -> bool:
        self.asked += 1
        return await super().has_ended(submission)


@pytest.fixture
def host(workshop_on_each: Workshop) -> AskedHost:
    """An upstream whose first answer is that it is still at it."""
    made = AskedHost(begins=True, ended=False, fates=[StillWorking])
    workshop_on_each.hosts["blank"] = made
    return made


def reconciler(workshop: Workshop, queue: WatchedQueue, *, ask_every: float = 0.0, known: bool = True) -> Reconciler:
    hosts = workshop.hosts if known else {}
    return Reconciler(
        workshop.database, queue, workshop.tools.routes, dict(hosts), workshop.endings, ask_every=ask_every
    )


async def parked(workshop: Workshop, *, park: float = 0.0) -> TaskRecord:
    """A task that an upstream works on.

    Args:
        park: s after which it is looked at.
    """
    task = await workshop.made(park=park)
    assert (task.status, task.owner, task.parks) == (Status.PROCESSING, None, 1)
    return task


async def awaiting(workshop: Workshop, other: str, *, until: float | None = None) -> TaskRecord:
    """A task that waits for another one to end."""
    await workshop.submit()
    task = await workshop.claim()
    async with workshop.database.write() as connection:
        at = time.time() + 3600 if until is None else until
        assert await park_task(connection, task, until=at, awaits=other)
    return await workshop.read(task)


async def can_be_claimed(workshop: Workshop, task: TaskRecord) -> bool:
    now = await workshop.read(task)
    return now.status is Status.PROCESSING and now.parked_until is None and now.owner is None


# ── at an upstream ──


async def test_a_task_stays_parked_until_its_upstream_has_ended(workshop_on_each: Workshop, host: AskedHost) -> None:
    task, queue = await parked(workshop_on_each), WatchedQueue()
    looking = reconciler(workshop_on_each, queue)
    assert await looking.look() == 0
    assert (await workshop_on_each.read(task)).parked_until is not None
    assert queue.lanes == []
    assert await workshop_on_each.entries(task) == ["reserve"], "its credits stay reserved"

    host.ended = True
    assert await looking.look() == 1
    assert await can_be_claimed(workshop_on_each, task)
    lane = workshop_on_each.tools.routes.lane_of(MODELS[task.model])
    assert (queue.lanes, queue.notified) == ([lane], 1)
    assert await looking.look() == 0, "it is parked no more"

    after = await workshop_on_each.run(await workshop_on_each.claim("another worker"))
    assert after.status is Status.COMPLETED
    assert len(host.created) == 1, "what was begun is gone on with"


async def test_a_task_whose_time_has_not_come_is_not_asked_for_until_it_is_hastened(
    workshop_on_each: Workshop, host: AskedHost
) -> None:
    task, queue = await parked(workshop_on_each, park=3600.0), WatchedQueue()
    host.ended = True
    looking = reconciler(workshop_on_each, queue, ask_every=3600.0)
    assert (await looking.look(), host.asked) == (0, 0)
    async with workshop_on_each.database.write() as connection:
        await hasten_parked(connection, task.id)
    assert (await looking.look(), host.asked) == (1, 1)


async def test_between_two_questions_there_is_a_pause(workshop_on_each: Workshop, host: AskedHost) -> None:
    await parked(workshop_on_each)
    looking = reconciler(workshop_on_each, WatchedQueue(), ask_every=3600.0)
    for _ in range(3):
        assert await looking.look() == 0
    assert host.asked == 1


async def test_a_task_that_is_to_stop_ends_without_a_question_and_is_abandoned(
    workshop_on_each: Workshop, host: AskedHost
) -> None:
    task, queue = await parked(workshop_on_each, park=3600.0), WatchedQueue()
    async with workshop_on_each.database.write() as connection:
        await request_cancel(connection, task)
    assert await reconciler(workshop_on_each, queue).look() == 1
    assert host.asked == 0
    after = await workshop_on_each.read(task)
    assert after.status is Status.CANCELLED
    assert len(host.abandoned) == 1


async def test_a_task_that_was_to_stop_before_it_was_parked_is_looked_at_at_once(
    workshop_on_each: Workshop, host: AskedHost
) -> None:
    async def cancel_and_go_on(_request: object) -> None:
        async with workshop_on_each.database.write() as connection:
            await request_cancel(connection, task)
        raise StillWorking

    host.fates[:] = [cancel_and_go_on]
    task = await workshop_on_each.submit()
    after = await workshop_on_each.run(await workshop_on_each.claim(), park=3600.0)
    assert after.parked_until is not None
    assert after.parked_until <= time.time()
    assert await reconciler(workshop_on_each, WatchedQueue()).look() == 1


async def test_a_task_of_an_engine_that_does_not_run_here_is_left_to_others(
    workshop_on_each: Workshop, host: AskedHost
) -> None:
    task = await parked(workshop_on_each)
    host.ended = True
    before = await workshop_on_each.read(task)
    assert await reconciler(workshop_on_each, WatchedQueue(), known=False).look() == 0
    assert await workshop_on_each.read(task) == before, "nor is it held up for them"
    assert await reconciler(workshop_on_each, WatchedQueue()).look() == 1


async def test_a_task_that_is_to_stop_ends_though_its_engine_runs_nowhere(
    workshop_on_each: Workshop, host: AskedHost
) -> None:
    task = await parked(workshop_on_each)
    async with workshop_on_each.database.write() as connection:
        await request_cancel(connection, task)
    stranger = reconciler(workshop_on_each, WatchedQueue(), known=False)
    assert await stranger.look() == 0, "those who have the engine come first: they can stop it there"
    await workshop_on_each.change(task, parked_until=time.time() - 61)
    assert await stranger.look() == 1
    ended = await workshop_on_each.read(task)
    assert (ended.status, ended.error_code) == (Status.CANCELLED, "request_cancelled")
    assert await workshop_on_each.entries(ended) == ["reserve", "refund"]


async def test_a_task_of_which_nothing_was_begun_comes_back(workshop_on_each: Workshop, host: AskedHost) -> None:
    task = await parked(workshop_on_each)
    claimed_as = await workshop_on_each.read(task)
    await (await workshop_on_each.journal(claimed_as)).forget([UPSTREAM])
    assert await reconciler(workshop_on_each, WatchedQueue()).look() == 1
    assert host.asked == 0


async def test_of_several_that_look_one_finds_each_task(workshop_on_each: Workshop, host: AskedHost) -> None:
    host.fates[:] = [StillWorking] * 4
    for _ in range(4):
        await parked(workshop_on_each)
    host.ended = True
    queue = WatchedQueue()
    looks = [reconciler(workshop_on_each, queue, ask_every=3600.0).look() for _ in range(4)]
    assert sum(await asyncio.gather(*looks)) == 4
    assert len(queue.lanes) == 4


async def test_a_task_that_ended_while_it_was_asked_for_is_not_queued(
    workshop_on_each: Workshop, host: AskedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, queue = await parked(workshop_on_each), WatchedQueue()

    async def end(submission: Submission) -> bool:
        assert await workshop_on_each.endings.end(task, Ending(Status.CANCELLED)) is not None
        return True

    monkeypatch.setattr(host, "has_ended", end)
    assert await reconciler(workshop_on_each, queue).look() == 0
    assert queue.lanes == []


async def test_it_looks_again_and_again_whatever_goes_wrong(
    workshop_on_each: Workshop, host: AskedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, failures = await parked(workshop_on_each), [ValueError("a mistake of ours")]

    async def fail_first(submission: Submission) -> bool:
        if failures:
            raise failures.pop()
        return True

    monkeypatch.setattr(host, "has_ended", fail_first)
    working = asyncio.create_task(reconciler(workshop_on_each, WatchedQueue(), ask_every=0.01).work())
    await until(lambda: can_be_claimed(workshop_on_each, task))
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


# ── for another task ──


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED, Status.CANCELLED])
async def test_a_task_that_waits_for_another_comes_back_when_that_ends(
    workshop_on_each: Workshop, status: Status
) -> None:
    await workshop_on_each.submit()
    other = await workshop_on_each.claim()
    task, queue = await awaiting(workshop_on_each, other.id), WatchedQueue()
    looking = reconciler(workshop_on_each, queue, known=False)  # whatever engines run here
    assert await looking.look() == 0
    assert await workshop_on_each.endings.end(other, Ending(status)) is not None
    assert (await workshop_on_each.read(task)).parked_until == 0, "nobody waits until its time has come"
    assert await looking.look() == 1
    assert await can_be_claimed(workshop_on_each, task)
    assert (await workshop_on_each.read(task)).awaits is None
    assert len(queue.lanes) == 1


async def test_a_task_that_waits_for_one_that_runs_stays_however_often_it_is_looked_at(
    workshop_on_each: Workshop,
) -> None:
    await workshop_on_each.submit()
    other = await workshop_on_each.claim()
    task = await awaiting(workshop_on_each, other.id, until=0.0)
    for _ in range(3):
        assert await reconciler(workshop_on_each, WatchedQueue()).look() == 0
    now = await workshop_on_each.read(task)
    assert (now.awaits, now.parked_until) == (other.id, 0), "it takes no place of those that are looked at"
    async with workshop_on_each.database.write() as connection:
        await request_cancel(connection, task)
    assert await reconciler(workshop_on_each, WatchedQueue()).look() == 1
    assert (await workshop_on_each.read(task)).status is Status.CANCELLED


async def test_a_task_that_waits_for_one_that_had_ended_comes_back_at_once(workshop_on_each: Workshop) -> None:
    await workshop_on_each.submit()
    other = await workshop_on_each.claim()
    assert await workshop_on_each.endings.end(other, Ending(Status.CANCELLED)) is not None
    task = await awaiting(workshop_on_each, other.id)
    assert task.parked_until == 0
    assert await reconciler(workshop_on_each, WatchedQueue()).look() == 1


async def test_a_task_that_waits_for_one_that_is_gone_comes_back(workshop_on_each: Workshop) -> None:
    await workshop_on_each.submit()
    other = await workshop_on_each.claim()
    task = await awaiting(workshop_on_each, other.id, until=0.0)
    assert await workshop_on_each.endings.end(other, Ending(Status.CANCELLED)) is not None
    async with workshop_on_each.database.write() as connection:
        await forget_tasks(connection, [other.id])
    assert await reconciler(workshop_on_each, WatchedQueue()).look() == 1
    assert await can_be_claimed(workshop_on_each, task)
    unknown = await awaiting(workshop_on_each, "task-unified-1774857405-abc123")
    assert unknown.parked_until == 0


async def test_a_task_that_is_parked_while_the_other_one_ends_is_not_forgotten(workshop_on_each: Workshop) -> None:
    for _ in range(8):
        await workshop_on_each.submit()
        other = await workshop_on_each.claim()
        task, _ = await asyncio.gather(
            awaiting(workshop_on_each, other.id), workshop_on_each.endings.end(other, Ending(Status.CANCELLED))
        )
        assert (await workshop_on_each.read(task)).parked_until == 0
