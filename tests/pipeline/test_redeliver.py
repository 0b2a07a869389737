from __future__ import annotations

import time

import pytest

from opendance.errors import DeliveryWaits, NothingToDeliver, RateLimitExceeded
from opendance.pipeline import redeliver as redelivering
from opendance.pipeline.ending import Ending
from opendance.pipeline.redeliver import redeliver
from opendance.pipeline.retries import note_attempt
from opendance.store.deliveries import DeliveryRecord, list_deliveries
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
