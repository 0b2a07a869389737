from __future__ import annotations

import time

import pytest

from opendance.errors import DeliveryWaits, NothingToDeliver, RateLimitExceeded
from opendance.pipeline import redeliver as redelivering
from opendance.pipeline.ending import Ending
from opendance.pipeline.redeliver import redeliver, redeliver_failed
from opendance.pipeline.retries import RETRY_AFTER, note_attempt
from opendance.store.accounts import create_account
from opendance.store.deliveries import DeliveryRecord, failed_deliveries, list_deliveries
from opendance.store.tasks import TaskRecord
from opendance.task import Status
from tests import tasks
from tests.workshop import Workshop

CALLBACK = "https://receiver.example/hook"


async def deliveries(workshop: Workshop, task: TaskRecord) -> list[DeliveryRecord]:
    async with workshop.database.read() as connection:
        return await list_deliveries(connection, task.account_id, task.id)


async def again(workshop: Workshop, task: TaskRecord) -> list[DeliveryRecord]:
    return await redeliver(workshop.database, workshop.notifier, task)


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED, Status.CANCELLED])
async def test_a_callback_is_queued_once_more_beside_what_was_tried_before(
    workshop_on_each: Workshop, status: Status
) -> None:
    task = await workshop_on_each.submit(tasks.order(callback_url=CALLBACK))
    ended = await workshop_on_each.endings.end(task, Ending(status))
    assert ended is not None
    (first,) = await deliveries(workshop_on_each, ended)
    async with workshop_on_each.database.write() as connection:
        await note_attempt(connection, first.id, started=time.time(), seconds=0.1, status_code=204, error=None)
    found = await again(workshop_on_each, ended)
    assert [one.status for one in found] == ["delivered", "pending"]
    assert found[0].id == first.id
    assert (found[1].url, found[1].attempts) == (CALLBACK, [])
    assert await deliveries(workshop_on_each, ended) == found


async def test_a_task_without_a_callback_has_none_to_send(workshop: Workshop) -> None:
    ended = await workshop.endings.end(await workshop.submit(), Ending(Status.FAILED, ("service_error", "x")))
    assert ended is not None
    with pytest.raises(NothingToDeliver, match="it has no callback_url"):
        await again(workshop, ended)
    assert await deliveries(workshop, ended) == []


async def test_a_task_that_has_not_ended_has_nothing_to_tell(workshop: Workshop) -> None:
    waiting = await workshop.submit(tasks.order(callback_url=CALLBACK))
    with pytest.raises(NothingToDeliver, match="it is still pending"):
        await again(workshop, waiting)
    running = await workshop.claim()
    with pytest.raises(NothingToDeliver, match="it is still processing"):
        await again(workshop, running)
    assert await deliveries(workshop, running) == []


async def ended_task(workshop: Workshop) -> TaskRecord:
    task = await workshop.submit(tasks.order(callback_url=CALLBACK))
    ended = await workshop.endings.end(task, Ending(Status.CANCELLED))
    assert ended is not None
    return ended


async def test_a_task_has_one_callback_on_its_way(workshop_on_each: Workshop) -> None:
    ended = await ended_task(workshop_on_each)
    with pytest.raises(DeliveryWaits, match=ended.id):
        await again(workshop_on_each, ended)
    assert len(await deliveries(workshop_on_each, ended)) == 1


async def test_an_account_has_so_many_on_their_way_before_one_is_sent_again(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redelivering, "_MOST_WAITING", 1)
    delivered, _ = await ended_task(workshop), await ended_task(workshop)
    (first,) = await deliveries(workshop, delivered)
    async with workshop.database.write() as connection:
        await note_attempt(connection, first.id, started=time.time(), seconds=0.1, status_code=204, error=None)
    with pytest.raises(RateLimitExceeded, match="1 callbacks"):
        await again(workshop, delivered)


async def given_up(workshop: Workshop, *, count: int) -> list[TaskRecord]:
    """Tasks whose callbacks their receiver did not take."""
    ended = [await ended_task(workshop) for _ in range(count)]
    for task in ended:
        await fail(workshop, task)
    return ended


async def fail(workshop: Workshop, task: TaskRecord) -> None:
    last = (await deliveries(workshop, task))[-1]
    async with workshop.database.write() as connection:
        for _ in range(1 + len(RETRY_AFTER)):
            await note_attempt(connection, last.id, started=time.time(), seconds=0.1, status_code=503, error=None)


async def test_what_was_given_up_is_listed_with_its_tries_and_sent_again_together(workshop_on_each: Workshop) -> None:
    workshop = workshop_on_each
    first, second = await given_up(workshop, count=2)
    async with workshop.database.read() as connection:
        found, number = await failed_deliveries(connection, first.account_id, limit=1)
        assert ([one.task_id for one in found], number) == ([first.id], 2)
        assert [attempt.status_code for attempt in found[0].attempts] == [503] * 4
    assert await redeliver_failed(workshop.database, workshop.notifier, first.account_id) == (2, 0)
    for task in (first, second):
        assert [one.status for one in await deliveries(workshop, task)] == ["failed", "pending"]
    async with workshop.database.read() as connection:
        assert await failed_deliveries(connection, first.account_id, limit=9) == ([], 0), "they are on their way"
    assert await redeliver_failed(workshop.database, workshop.notifier, first.account_id) == (0, 0)
    await fail(workshop, first)
    assert await redeliver_failed(workshop.database, workshop.notifier, first.account_id) == (1, 0)


async def test_no_more_are_sent_again_together_than_may_be_on_their_way(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redelivering, "_MOST_WAITING", 2)
    ended = await given_up(workshop, count=3)
    account = ended[0].account_id
    assert await redeliver_failed(workshop.database, workshop.notifier, account) == (2, 1)
    assert [(await deliveries(workshop, task))[-1].status for task in ended] == ["pending", "pending", "failed"]
    with pytest.raises(RateLimitExceeded, match="2 callbacks of this account are on their way"):
        await redeliver_failed(workshop.database, workshop.notifier, account)


async def test_what_others_receivers_did_not_take_is_not_sent(workshop: Workshop) -> None:
    await given_up(workshop, count=1)
    async with workshop.database.write() as connection:
        other = await create_account(connection, name="other")
    assert await redeliver_failed(workshop.database, workshop.notifier, other) == (0, 0)
