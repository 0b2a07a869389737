"""Every way a task ends, seen from what must follow: one closing row, a callback, an audit row, metrics, wake-ups."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from decimal import Decimal

import pytest
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags
from prometheus_client import REGISTRY

from opendance.engines.base import StillWorking
from opendance.errors import FAULTS, StorageError, TaskError, TaskNotCancellable
from opendance.pipeline.ending import Ending
from opendance.store.audit import AuditRecord, list_audit
from opendance.store.deliveries import list_deliveries
from opendance.store.ledger import list_entries
from opendance.store.tasks import TaskRecord
from opendance.task import Status
from opendance.telemetry.logs import set_up_logging
from opendance.telemetry.metrics import TASK_ERRORS
from tests import tasks
from tests.workshop import KEPT, Workshop

HOOK = "https://receiver.example/hook"
ORDER = tasks.order(callback_url=HOOK)


async def cancelling(workshop: Workshop, task: TaskRecord) -> asyncio.Task[TaskRecord]:
    """Somebody who cancels the task and waits for its end, once its worker could know."""
    with workshop.changes.watch(task.id) as changed:
        asking = asyncio.create_task(workshop.canceller.cancel(task, actor="od-cancel"))
        await changed.wait()
    return asking


async def submitted(workshop: Workshop) -> TaskRecord:
    return await workshop.submit(ORDER)


async def completed(workshop: Workshop) -> TaskRecord:
    return await workshop.made(ORDER)


async def failed(workshop: Workshop) -> TaskRecord:
    workshop.hosts["blank"].fates = [TaskError("invalid_parameters", "no")]
    return await workshop.made(ORDER)


async def failed_unexpectedly(workshop: Workshop) -> TaskRecord:
    workshop.hosts["blank"].fates = [KeyError("x")]
    return await workshop.made(ORDER)


async def cancelled_while_pending(workshop: Workshop) -> TaskRecord:
    return await workshop.canceller.cancel(await submitted(workshop), actor="od-cancel")


async def cancelled_while_running(workshop: Workshop) -> TaskRecord:
    await submitted(workshop)
    task = await workshop.claim()
    await workshop.change(task, cancel_requested=1)
    return await workshop.run(task)


async def cancelled_while_parked(workshop: Workshop) -> TaskRecord:
    workshop.hosts["blank"].fates = [StillWorking()]
    parked = await workshop.made(ORDER)
    workshop.hosts["blank"].ended = False
    asking = await cancelling(workshop, parked)
    assert await workshop.reconciler().look() == 1
    return await asking


async def swept(workshop: Workshop) -> TaskRecord:
    task = await submitted(workshop)
    await workshop.claim()
    await workshop.change(task, created=task.created - 10)
    assert (await workshop.sweeper(replace(KEPT, unfinished=5.0)).sweep()).unfinished == 1
    return await workshop.read(task)


async def swept_while_pending(workshop: Workshop) -> TaskRecord:
    task = await submitted(workshop)
    await workshop.change(task, created=task.created - 10)
    await workshop.sweeper(replace(KEPT, unfinished=5.0)).sweep()
    return await workshop.read(task)


async def crashed_five_times(workshop: Workshop) -> TaskRecord:
    await submitted(workshop)
    for number in range(5):
        await workshop.claim(f"dead {number}")
    return await workshop.run(await workshop.claim("alive"))


async def store_stays_away(workshop: Workshop) -> TaskRecord:
    put = workshop.tools.storage.put

    async def never(*args: object, **options: object) -> None:
        raise StorageError("it does not answer")

    workshop.tools.storage.put = never  # type: ignore[method-assign]
    try:
        return await workshop.made(ORDER)
    finally:
        workshop.tools.storage.put = put  # type: ignore[method-assign]


WAYS: Mapping[Callable[[Workshop], Awaitable[TaskRecord]], Status] = {
    completed: Status.COMPLETED,
    failed: Status.FAILED,
    failed_unexpectedly: Status.FAILED,
    cancelled_while_pending: Status.CANCELLED,
    cancelled_while_running: Status.CANCELLED,
    cancelled_while_parked: Status.CANCELLED,
    swept: Status.FAILED,
    swept_while_pending: Status.FAILED,
    crashed_five_times: Status.FAILED,
    store_stays_away: Status.FAILED,
}
EACH_WAY = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)


def span_of(trace_id: str) -> AbstractContextManager[object]:
    """As if a request of this trace were answered."""
    context = SpanContext(int(trace_id, 16), 1, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    return trace.use_span(NonRecordingSpan(context))


class Metrics:
    """What was counted since it was made."""

    def __init__(self) -> None:
        self._before = self._now()

    @staticmethod
    def _now() -> Counter[tuple[str, str]]:
        """By the metric's name and its first label, whatever the others are."""
        now: Counter[tuple[str, str]] = Counter()
        for family in REGISTRY.collect():
            if family.name in ("opendance_credits", "opendance_tasks_ended", "opendance_task_seconds"):
                for sample in family.samples:
                    if sample.name.endswith(("_total", "_count")):
                        now[sample.name, sample.labels.get("status") or sample.labels["kind"]] += sample.value
        return now

    def __getitem__(self, name: tuple[str, str]) -> float:
        return self._now()[name] - self._before[name]


async def audit_of(workshop: Workshop, task: TaskRecord) -> list[AuditRecord]:
    async with workshop.database.read() as connection:
        return await list_audit(connection, task_id=task.id, kind="task.ended", limit=9)


@EACH_WAY
async def test_each_way_closes_the_reservation_tells_the_callback_and_leaves_an_audit_row(
    workshop_on_each: Workshop, way: Callable[[Workshop], Awaitable[TaskRecord]]
) -> None:
    workshop = workshop_on_each
    task = await way(workshop)
    assert task.status is WAYS[way]
    is_completed = task.status is Status.COMPLETED
    assert await workshop.entries(task) == ["reserve", "settle" if is_completed else "refund"]
    assert (task.error_code is None) == is_completed
    assert (task.stage, task.parked_until, task.awaits) == (None, None, None)
    async with workshop.database.read() as connection:
        (delivery,) = await list_deliveries(connection, task.account_id, task.id)
        (row,) = await audit_of(workshop, task)
    assert (delivery.url, delivery.status) == (HOOK, "pending")
    actor = "od-cancel" if way is cancelled_while_pending else "server"
    assert (row.actor, row.account_id) == (actor, task.account_id)
    told = {"status": task.status.value, "error": task.error_code, "credits_used": float(task.credits_used or 0)}
    assert row.detail == told


@EACH_WAY
async def test_each_way_is_counted_and_what_was_reserved_is_settled_or_refunded(
    workshop: Workshop, way: Callable[[Workshop], Awaitable[TaskRecord]]
) -> None:
    metrics = Metrics()
    task = await way(workshop)
    assert metrics["opendance_tasks_ended_total", task.status.value] == 1
    assert metrics["opendance_task_seconds_count", task.status.value] == 1
    reserved = metrics["opendance_credits_total", "reserve"]
    settled, refunded = (metrics["opendance_credits_total", kind] for kind in ("settle", "refund"))
    assert reserved == pytest.approx(float(task.credits_reserved))
    assert settled == pytest.approx(float(task.credits_used or 0))
    assert reserved == pytest.approx(settled + refunded)


async def test_over_all_ways_the_metrics_and_the_ledger_say_the_same(workshop: Workshop) -> None:
    metrics = Metrics()
    for way in WAYS:
        await way(workshop)
    reserved, settled, refunded = (metrics["opendance_credits_total", kind] for kind in ("reserve", "settle", "refund"))
    assert reserved == pytest.approx(settled + refunded)
    async with workshop.database.read() as connection:
        entries = await list_entries(connection, workshop.caller.account_id, limit=1000)
    moved = {kind: sum((e.amount for e in entries if e.kind == kind), Decimal(0)) for kind in ("reserve", "settle", "refund")}  # fmt: skip
    assert reserved == pytest.approx(float(-moved["reserve"]))
    # The ledger's settlement is what came back of a reservation, the metric is what was kept of it.
    assert settled == pytest.approx(float(-moved["reserve"] - moved["settle"] - moved["refund"]))


@EACH_WAY
async def test_each_way_that_gives_no_video_is_counted_by_whose_fault_it_was(
    workshop: Workshop, way: Callable[[Workshop], Awaitable[TaskRecord]]
) -> None:
    def counted() -> dict[tuple[str, str], float]:
        (family,) = TASK_ERRORS.collect()
        return {(s.labels["code"], s.labels["fault"]): s.value for s in family.samples if s.name.endswith("_total")}

    before = counted()
    task = await way(workshop)
    after = counted()
    assert before.keys() == after.keys(), "every code is there from the start"
    risen = {key: after[key] - before[key] for key in after if after[key] != before[key]}
    assert risen == ({} if task.error_code is None else {(task.error_code, FAULTS[task.error_code]): 1})
    is_ours = way in (failed_unexpectedly, swept, swept_while_pending, crashed_five_times, store_stays_away)
    assert [fault for _, fault in risen] == ([] if way is completed else ["server" if is_ours else "user"])


@EACH_WAY
async def test_each_way_leaves_one_line_with_its_ids_and_without_what_was_asked_for(
    workshop: Workshop,
    way: Callable[[Workshop], Awaitable[TaskRecord]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", root.handlers[:])
    monkeypatch.setattr(root, "level", root.level)
    set_up_logging("info", "json")
    with span_of("ab" * 16):
        task = await way(workshop)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    (line,) = [line for line in lines if line["logger"] == "opendance.pipeline.ending" and line["level"] == "INFO"]
    told = {name: line.get(name) for name in ("task_id", "account_id", "model", "engine", "status", "error_code")}
    assert told == {
        "task_id": task.id,
        "account_id": task.account_id,
        "model": task.model,
        "engine": task.engine,
        "status": task.status.value,
        "error_code": task.error_code,
    }
    assert line["trace_id"] == "ab" * 16
    assert line["seconds"] >= 0
    assert not [line for line in lines if ORDER.prompt in json.dumps(line)]


@EACH_WAY
async def test_each_way_wakes_those_who_watch_and_whoever_delivers(
    workshop: Workshop, way: Callable[[Workshop], Awaitable[TaskRecord]], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    delivers: list[bool] = []
    tell = workshop.changes.tell

    def noted(task_id: str, *more: str) -> None:
        told.append(task_id)
        tell(task_id, *more)

    monkeypatch.setattr(workshop.changes, "tell", noted)
    monkeypatch.setattr(workshop.notifier, "notify", lambda: delivers.append(True))
    task = await way(workshop)
    assert told[-1] == task.id
    assert delivers == [True]


@EACH_WAY
async def test_no_way_ends_a_task_twice(workshop: Workshop, way: Callable[[Workshop], Awaitable[TaskRecord]]) -> None:
    task = await way(workshop)
    metrics = Metrics()
    for seen in (replace(task, status=Status.PROCESSING), replace(task, status=Status.PENDING, attempts=0)):
        assert await workshop.endings.end(seen, Ending(Status.FAILED, ("service_error", "late"))) is None
    with pytest.raises(TaskNotCancellable):
        await workshop.canceller.cancel(task, actor="x")
    assert await workshop.read(task) == task
    assert len(await workshop.entries(task)) == 2
    assert len(await audit_of(workshop, task)) == 1
    assert metrics["opendance_credits_total", "refund"] == 0


async def test_of_two_who_end_it_at_once_one_wins(workshop_on_each: Workshop) -> None:
    workshop = workshop_on_each
    task = await workshop.submit(ORDER)
    endings = [Ending(Status.CANCELLED, ("request_cancelled", "by one"), actor=f"od-{number}") for number in range(5)]
    won = await asyncio.gather(*(workshop.endings.end(task, ending) for ending in endings))
    assert len([ended for ended in won if ended is not None]) == 1
    assert len(await audit_of(workshop, task)) == 1


async def test_a_cancel_that_comes_while_a_worker_takes_the_task_reaches_the_worker(workshop: Workshop) -> None:
    waiting = await workshop.submit(ORDER)
    task = await workshop.claim()  # after the canceller has read it as waiting
    asking = await cancelling(workshop, waiting)
    await workshop.run(task)
    ended = await asking
    assert (ended.status, ended.error_message) == (Status.CANCELLED, "the task was cancelled while it ran")


async def test_the_backlog_falls_with_every_end(workshop: Workshop) -> None:
    idle = workshop.estimator.seconds_until_done(ORDER)
    for way in WAYS:
        await way(workshop)
        assert workshop.estimator.seconds_until_done(ORDER) <= idle + 1, way.__name__
