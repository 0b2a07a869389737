"""What the operator does with tasks of others: seen from the ledger, the audit log and whoever works on them."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from decimal import Decimal

import pytest

from opendance.engines.base import StillWorking
from opendance.errors import (
    DeliveryWaits,
    InsufficientQuota,
    InvalidRequest,
    NotFound,
    TaskError,
    TaskNotCancellable,
    TaskStateConflict,
)
from opendance.links import Links
from opendance.pipeline.cancel import Canceller
from opendance.pipeline.ending import Ending
from opendance.pipeline.operating import (
    FAILURE_CODES,
    Operator,
    redeliver_failed_of,
    redeliver_failed_to,
    redeliver_task_of,
)
from opendance.storage import result_key
from opendance.store import accounts, keys, ledger
from opendance.store.accounts import find_account
from opendance.store.audit import AuditRecord, list_audit
from opendance.store.audited import ACTOR
from opendance.store.deliveries import AttemptRecord, list_deliveries, record_attempt
from opendance.store.keys import Caller
from opendance.store.ledger import sum_of_entries
from opendance.store.tasks import TaskRecord
from opendance.task import Status
from tests import tasks
from tests.callers import new_caller
from tests.watched import WatchedQueue
from tests.workshop import PUBLIC, Workshop

HOOK = "https://receiver.example/hook"
ORDER = tasks.order(callback_url=HOOK)


@pytest.fixture(autouse=True)
def _operator() -> Generator[None]:
    with acting("admin key"):
        yield


@contextmanager
def acting(name: str) -> Generator[None]:
    token = ACTOR.set(name)
    yield
    ACTOR.reset(token)


def operator(workshop: Workshop, queue: WatchedQueue | None = None) -> Operator:
    queue = queue or WatchedQueue()
    return Operator(
        workshop.database,
        workshop.tools.links,
        queue,
        workshop.endings,
        Canceller(workshop.database, workshop.changes, queue, workshop.endings),
        workshop.submitter,
        workshop.tools.hosts,
    )


async def audited(workshop: Workshop, task: TaskRecord, kind: str = "admin.") -> list[AuditRecord]:
    async with workshop.database.read() as connection:
        return await list_audit(connection, task_id=task.id, kind=kind, limit=9)


async def failed(workshop: Workshop) -> TaskRecord:
    workshop.hosts["blank"].fates = [TaskError("service_error", "the engine stopped")]
    return await workshop.made(ORDER)


async def parked(workshop: Workshop) -> TaskRecord:
    workshop.hosts["blank"].begins = True
    workshop.hosts["blank"].fates = [StillWorking()]
    return await workshop.made(ORDER)


async def is_balanced(workshop: Workshop, account_id: str) -> bool:
    async with workshop.database.read() as connection:
        account = await find_account(connection, account_id)
        assert account is not None
        return account.balance == await sum_of_entries(connection, account_id)


# ── callbacks ──


async def test_callbacks_of_an_account_are_sent_again_and_the_audit_log_tells_who_did_it(
    workshop_on_each: Workshop,
) -> None:
    task = await failed(workshop_on_each)
    async with workshop_on_each.database.write() as connection:
        (given_up,) = await list_deliveries(connection, task.account_id, task.id)
        await record_attempt(connection, given_up.id, AttemptRecord(1, 0.0, 0.1, 503, None), state="failed")
        assert await redeliver_failed_of(connection, task.account_id) == (1, 0)
        assert await redeliver_failed_of(connection, task.account_id) == (0, 0)
        states = [each.status for each in await list_deliveries(connection, task.account_id, task.id)]
        rows = await list_audit(connection, account_id=task.account_id, kind="admin.redeliver_callbacks", limit=9)
    assert states == ["failed", "pending"]
    assert [(row.actor, row.detail) for row in rows] == [
        ("admin key", {"sent": 1, "left": 0}),
        ("admin key", {"sent": 0, "left": 0}),
    ]


async def test_callbacks_to_a_host_that_were_given_up_are_sent_again_whoever_they_are_of(
    workshop_on_each: Workshop,
) -> None:
    workshop = workshop_on_each
    other = await new_caller(workshop.database, "other", credits_="1000")
    elsewhere = tasks.order(callback_url="https://elsewhere.example/hook")
    given_up: list[TaskRecord] = []
    for order, caller in ((ORDER, workshop.caller), (ORDER, other), (elsewhere, workshop.caller)):
        task = (await workshop.submitter.submit(caller, order, wire="unified", base_url=PUBLIC)).task
        await operator(workshop).cancel(task)
        given_up.append(task)
    async with workshop.database.write() as connection:
        for task in given_up:
            (delivery,) = await list_deliveries(connection, task.account_id, task.id)
            await record_attempt(connection, delivery.id, AttemptRecord(1, 0.0, 0.1, 503, None), state="failed")
    assert await redeliver_failed_to(workshop.database, "receiver.example", since=2e9) == (0, 0)
    assert await redeliver_failed_to(workshop.database, "receiver.example") == (2, 0)
    assert await redeliver_failed_to(workshop.database, "receiver.example") == (0, 0)
    async with workshop.database.write() as connection:
        states = [
            [each.status for each in await list_deliveries(connection, task.account_id, task.id)] for task in given_up
        ]
        rows = await list_audit(connection, kind="admin.redeliver_callbacks", limit=9)
        assert {row.account_id for row in rows} == {given_up[0].account_id, other.account_id}
        assert states == [["failed", "pending"], ["failed", "pending"], ["failed"]]

        (last,) = await list_deliveries(connection, given_up[2].account_id, given_up[2].id)
        one = await redeliver_task_of(connection, last.id)
        assert (one.task_id, one.host, one.status) == (given_up[2].id, "elsewhere.example", "pending")
        with pytest.raises(DeliveryWaits):
            await redeliver_task_of(connection, last.id)
        with pytest.raises(NotFound, match="dlv-none"):
            await redeliver_task_of(connection, "dlv-none")
    (row,) = await audited(workshop, given_up[2], "admin.redeliver_callback")
    assert row.actor == "admin key"


# ── cancel ──


async def test_a_cancelled_task_tells_who_cancelled_it(workshop_on_each: Workshop) -> None:
    task = await workshop_on_each.submit(ORDER)
    ended = await operator(workshop_on_each).cancel(task)
    assert ended.status is Status.CANCELLED
    assert await workshop_on_each.entries(task) == ["reserve", "refund"]
    (asked,), (end,) = await audited(workshop_on_each, task), await audited(workshop_on_each, task, "task.ended")
    assert (asked.kind, asked.actor, asked.account_id) == ("admin.cancel_task", "admin key", task.account_id)
    assert end.actor == "admin key"
    with pytest.raises(TaskNotCancellable):
        await operator(workshop_on_each).cancel(ended)
    assert len(await audited(workshop_on_each, task)) == 1, "what was not done is not told"


# ── fail ──


async def test_a_task_that_waits_is_failed_with_the_reason_and_uncharged(workshop_on_each: Workshop) -> None:
    workshop = workshop_on_each
    task = await workshop.submit(ORDER)
    ended = await operator(workshop).fail(task, code="generation_timeout", reason="the machine is sold")
    assert ended == await workshop.read(task)
    assert (ended.status, ended.error_code, ended.error_message) == (
        Status.FAILED, "generation_timeout", "the machine is sold",
    )  # fmt: skip
    assert await workshop.entries(task) == ["reserve", "refund"]
    assert await is_balanced(workshop, task.account_id)
    (row,) = await audited(workshop, task)
    assert (row.kind, row.actor) == ("admin.fail_task", "admin key")
    assert row.detail == {"code": "generation_timeout", "reason": "the machine is sold"}
    async with workshop.database.read() as connection:
        (delivery,) = await list_deliveries(connection, task.account_id, task.id)
    assert delivery.url == HOOK


async def test_a_task_that_runs_is_failed_at_once_and_its_worker_stops(workshop_on_each: Workshop) -> None:
    workshop, queue = workshop_on_each, WatchedQueue()
    entered = asyncio.Event()

    async def work(_request: object) -> None:
        entered.set()
        await queue.stop.wait()

    workshop.hosts["blank"].fates = [work]
    await workshop.submit(ORDER)
    task = await workshop.claim()
    running = asyncio.create_task(workshop.pipeline().run(task, queue.stop))
    await entered.wait()
    ended = await operator(workshop, queue).fail(await workshop.read(task), code="service_error", reason="it hangs")
    assert ended.status is Status.FAILED, "nobody waits for the worker"
    await running
    assert [told.id for told in queue.cancelled] == [task.id]
    assert (await workshop.read(task)).error_message == "it hangs", "the worker changed nothing any more"
    assert await workshop.entries(task) == ["reserve", "refund"]


async def test_what_an_upstream_does_for_a_failed_task_is_stopped(workshop: Workshop) -> None:
    task = await parked(workshop)
    assert task.parked_until is not None
    await operator(workshop).fail(task, code="service_error", reason="it takes for ever")
    assert len(workshop.hosts["blank"].abandoned) == 1


async def test_a_task_that_a_worker_took_meanwhile_is_failed_all_the_same(workshop_on_each: Workshop) -> None:
    waiting = await workshop_on_each.submit(ORDER)
    await workshop_on_each.claim()
    ended = await operator(workshop_on_each).fail(waiting, code="service_error", reason="x")
    assert (ended.status, ended.attempts) == (Status.FAILED, 1)


async def test_a_task_that_has_ended_is_not_failed(workshop: Workshop) -> None:
    task = await workshop.made(ORDER)
    for seen in (task, await workshop.read(task)):
        with pytest.raises(TaskStateConflict, match=f"{task.id} is completed: only one that has not ended"):
            await operator(workshop).fail(seen, code="service_error", reason="x")
    assert await workshop.entries(task) == ["reserve", "settle"]
    assert await audited(workshop, task) == []


@pytest.mark.parametrize("code", ["request_cancelled", "made_up", ""])
async def test_a_code_that_says_something_else_is_refused(workshop: Workshop, code: str) -> None:
    task = await workshop.submit(ORDER)
    with pytest.raises(InvalidRequest, match=r"code: must be one of"):
        await operator(workshop).fail(task, code=code, reason="x")
    assert (await workshop.read(task)).status is Status.PENDING
    assert code not in FAILURE_CODES


# ── run again ──


async def test_a_failed_task_is_made_once_more_as_a_new_one_of_its_account(workshop_on_each: Workshop) -> None:
    workshop = workshop_on_each
    task = await failed(workshop)
    made = await operator(workshop).run_again(task)
    assert made == await workshop.read(made)
    assert (made.status, made.account_id, made.order, made.wire) == (
        Status.PENDING, task.account_id, task.order, task.wire,
    )  # fmt: skip
    assert (made.key_id, made.base_url, made.user_group) == (task.key_id, PUBLIC, task.user_group)
    assert await workshop.read(task) == task, "who was told that it failed was told the truth"
    assert await workshop.entries(task) == ["reserve", "refund"]
    assert await workshop.entries(made) == ["reserve"]
    assert (await workshop.run(await workshop.claim())).status is Status.COMPLETED
    assert await workshop.entries(made) == ["reserve", "settle"]
    assert await is_balanced(workshop, task.account_id)
    (row,) = await audited(workshop, task)
    assert (row.kind, row.actor, row.detail) == ("admin.run_task_again", "admin key", {"made": made.id})
    (created,) = await audited(workshop, made, "task.created")
    assert created.actor == "admin key"


async def test_a_stuck_task_ends_uncharged_in_the_moment_that_the_new_one_is_made(workshop_on_each: Workshop) -> None:
    workshop, queue = workshop_on_each, WatchedQueue()
    await workshop.submit(ORDER)
    stuck = await workshop.claim("a worker that hangs")
    made = await operator(workshop, queue).run_again(stuck)
    ended = await workshop.read(stuck)
    assert (ended.status, ended.error_code) == (Status.FAILED, "service_error")
    assert made.id in (ended.error_message or "")
    assert await workshop.entries(stuck) == ["reserve", "refund"]
    assert await workshop.entries(made) == ["reserve"]
    assert [told.id for told in queue.cancelled] == [stuck.id]
    assert (await workshop.claim("alive")).id == made.id


async def test_what_was_reserved_for_a_stuck_task_pays_for_the_new_one(workshop_on_each: Workshop) -> None:
    workshop = workshop_on_each
    stuck = await _of(workshop, await new_caller(workshop.database, "one video", credits_="1000"))
    await _leave(workshop, stuck.account_id, Decimal(0))
    made = await operator(workshop).run_again(await workshop.claim())
    assert made.credits_reserved == stuck.credits_reserved
    assert await is_balanced(workshop, stuck.account_id)


async def test_without_credits_neither_the_old_task_ends_nor_a_new_one_is_made(workshop_on_each: Workshop) -> None:
    workshop = workshop_on_each
    caller = await new_caller(workshop.database, "poor", credits_="1000")
    task = await _of(workshop, caller)
    ended = await operator(workshop).fail(task, code="service_error", reason="x")
    await _leave(workshop, task.account_id, Decimal(1))
    with pytest.raises(InsufficientQuota):
        await operator(workshop).run_again(ended)
    async with workshop.database.write() as connection:
        await accounts.put_group(connection, accounts.Group("dear", price_ratio=Decimal(50)))
        await accounts.change_account(connection, workshop.caller.account_id, user_group="dear")
    await workshop.submit(ORDER)
    running = await workshop.claim()
    await _leave(workshop, running.account_id, Decimal(0))
    with pytest.raises(InsufficientQuota):
        await operator(workshop).run_again(running)
    assert (await workshop.read(running)).status is Status.PROCESSING, "both or neither"
    assert await workshop.entries(running) == ["reserve"]
    assert await audited(workshop, running) == []


async def test_limits_of_the_account_and_of_its_key_do_not_count_for_the_operator(workshop: Workshop) -> None:
    caller = await new_caller(workshop.database, "limited", max_tasks=1, max_tasks_of_key=1)
    task = await _of(workshop, caller)
    ended = await operator(workshop).fail(task, code="service_error", reason="x")
    await _of(workshop, caller)
    async with workshop.database.write() as connection:
        await keys.change_key(connection, caller.key.id, revoked=1.0, credit_limit=Decimal(0))
    made = await operator(workshop).run_again(ended)
    assert (made.status, made.key_id) == (Status.PENDING, caller.key.id)


@pytest.mark.parametrize("status", [Status.PENDING, Status.COMPLETED, Status.CANCELLED])
async def test_what_needs_no_repetition_is_not_repeated(workshop: Workshop, status: Status) -> None:
    task = await workshop.submit(ORDER)
    if status.terminal:
        ended = await workshop.endings.end(task, Ending(status))
        assert ended is not None
        task = ended
    with pytest.raises(TaskStateConflict, match=f"{task.id} is {status}"):
        await operator(workshop).run_again(task)
    assert await audited(workshop, task) == []


async def test_a_task_that_has_gone_on_meanwhile_is_left_alone(workshop: Workshop) -> None:
    await workshop.submit(ORDER)
    seen = await workshop.claim("dead")
    await workshop.claim("alive")
    with pytest.raises(TaskStateConflict, match="look at it again"):
        await operator(workshop).run_again(seen)
    assert (await workshop.read(seen)).status is Status.PROCESSING


async def test_a_request_whose_input_is_gone_is_not_repeated(workshop: Workshop) -> None:
    source = await workshop.made()
    link = Links(b"secret").result(PUBLIC, result_key(source.id), made=source.created)
    workshop.hosts["blank"].fates = [TaskError("service_error", "no")]
    task = await workshop.made(tasks.order(tasks.MINI_IMAGE, links=(tasks.link("image", link),)))
    assert task.status is Status.FAILED
    await workshop.change(source, swept=1.0)
    with pytest.raises(InvalidRequest, match=r"image_urls\[0\]: the video of task"):
        await operator(workshop).run_again(task)


async def _of(workshop: Workshop, caller: Caller) -> TaskRecord:
    made = await workshop.submitter.submit(caller, ORDER, wire="unified", base_url=PUBLIC)
    return made.task


async def _leave(workshop: Workshop, account_id: str, credits_: Decimal) -> None:
    """Take what the account holds, but for so many."""
    async with workshop.database.write() as connection:
        account = await find_account(connection, account_id)
        assert account is not None
        await ledger.adjust(connection, account_id, credits_ - account.balance, reason="test")
