"""Tasks of test keys, from their submission to their end."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from prometheus_client import REGISTRY

from opendance.api.ark.task import callback_body as ark_body
from opendance.api.links import result_link
from opendance.api.openai.video import callback_body as openai_body
from opendance.api.unified.task import task_object
from opendance.engines.sandbox import SANDBOX, SandboxHost
from opendance.errors import InsufficientQuota, InternalError, InvalidRequest, LinkExpired, RateLimitExceeded
from opendance.order import Order
from opendance.store import keys
from opendance.store.deliveries import list_deliveries
from opendance.store.parked import bring_back
from opendance.store.tasks import TaskRecord, request_cancel
from opendance.task import Status
from tests import tasks
from tests.callers import new_caller
from tests.workshop import Workshop


@pytest.fixture
async def sandbox(workshop: Workshop) -> Workshop:
    """A workshop whose caller has a test key, and no credits."""
    caller = await new_caller(workshop.database, "tester", credits_="0.0001", kind="test")
    return replace(workshop, caller=caller)


def order(simulate: str | None = None, **changes: Any) -> Order:
    return tasks.order(simulate=simulate, **changes)


async def made(sandbox: Workshop, simulate: str | None = None, **changes: Any) -> TaskRecord:
    return await sandbox.made(order(simulate, **changes))


async def test_a_task_is_made_by_the_sandbox_and_costs_nothing(sandbox: Workshop) -> None:
    task = await made(sandbox)
    assert (task.status, task.engine) == (Status.COMPLETED, SANDBOX)
    assert (task.credits_reserved, task.credits_used) == (Decimal(0), Decimal(0))
    assert await sandbox.entries(task) == ["reserve", "settle"]
    assert sandbox.hosts["blank"].jobs == []
    assert "results" in task_object(task, sandbox.tools.links)


async def test_every_wire_marks_the_tasks_of_test_keys_and_no_others(sandbox: Workshop, workshop: Workshop) -> None:
    for task, mark in ((await sandbox.submit(), True), (await workshop.submit(), None)):
        unified = dict(task_object(task, sandbox.tools.links))
        bodies = [await body(task, sandbox.database, sandbox.tools.links) for body in (ark_body, openai_body)]
        marks = [answer.get("sandbox") for answer in (unified, *map(json.loads, bodies))]
        assert marks == [mark] * 3


async def test_the_same_request_has_the_same_seed(sandbox: Workshop) -> None:
    first, second = await sandbox.submit(order()), await sandbox.submit(order())
    assert first.seed == second.seed != (await sandbox.submit(order(prompt="another"))).seed
    assert (await sandbox.submit(order(seed=5))).seed == 5


async def test_no_network_is_asked_for_facts(sandbox: Workshop) -> None:
    task = await made(sandbox, model="seedance-2.0-text-to-video", web_search=True, prompt="the weather today")
    assert task.status is Status.COMPLETED


@pytest.mark.parametrize("code", ["content_policy_violation", "service_error", "resource_exhausted", "invalid_image"])
async def test_it_fails_with_the_error_that_was_chosen(sandbox: Workshop, code: str) -> None:
    task = await made(sandbox, code)
    assert (task.status, task.error_code) == (Status.FAILED, code)
    assert "the sandbox lets it fail" in (task.error_message or "")
    assert await sandbox.entries(task) == ["reserve", "refund"]


async def test_failures_that_were_asked_for_give_no_engine_a_rest(sandbox: Workshop) -> None:
    for _ in range(4):
        assert (await made(sandbox, "service_error")).error_code == "service_error"
    assert (await made(sandbox)).status is Status.COMPLETED
    assert REGISTRY.get_sample_value("opendance_engine_up", {"engine": SANDBOX}) is None


async def test_it_is_cancelled_where_that_was_chosen(sandbox: Workshop) -> None:
    task = await made(sandbox, "request_cancelled")
    assert (task.status, task.error_code) == (Status.CANCELLED, "request_cancelled")


async def test_a_slow_one_holds_no_slot_and_is_completed_after_its_time(sandbox: Workshop) -> None:
    task = await made(sandbox, "slow:30")
    assert (task.status, task.engine, task.owner) == (Status.PROCESSING, SANDBOX, None)
    assert task.parked_until is not None
    assert 25 < task.parked_until - time.time() <= 30
    assert await sandbox.reconciler().look() == 0
    later = SandboxHost(now=lambda: time.time() + 31)
    sandbox.tools.hosts[SANDBOX] = later  # type: ignore[index]
    await sandbox.change(task, parked_until=0.0)
    assert await sandbox.reconciler().look() == 1
    assert (await sandbox.run(await sandbox.claim())).status is Status.COMPLETED


async def test_a_stuck_one_ends_only_by_its_owner(sandbox: Workshop) -> None:
    task = await made(sandbox, "stuck")
    await sandbox.change(task, parked_until=0.0)
    assert await sandbox.reconciler().look() == 0
    async with sandbox.database.write() as connection:
        await request_cancel(connection, task)
    assert await sandbox.reconciler().look() == 1
    assert (await sandbox.read(task)).status is Status.CANCELLED


async def test_one_that_is_brought_back_too_early_waits_on(sandbox: Workshop) -> None:
    task = await made(sandbox, "slow:30")
    async with sandbox.database.write() as connection:
        assert await bring_back(connection, task.id)
    assert (await sandbox.run(await sandbox.claim())).parked_until is not None


async def test_its_link_has_ended(sandbox: Workshop) -> None:
    task = await made(sandbox, "link_ended")
    link = result_link(task, sandbox.tools.links)
    assert link is not None
    asked = dict(parse_qsl(urlsplit(link).query))
    with pytest.raises(LinkExpired):
        sandbox.tools.links.check(task.result_key or "", asked["ends"], asked["signature"])


@pytest.mark.parametrize(("fate", "error"), [("402", InsufficientQuota), ("429", RateLimitExceeded)])
async def test_it_is_refused_at_its_creation(sandbox: Workshop, fate: str, error: type[Exception]) -> None:
    with pytest.raises(error, match="sandbox refuses it"):
        await sandbox.submit(order(fate))


async def test_its_answer_is_lost_once_and_found_again_by_its_key(sandbox: Workshop) -> None:
    with pytest.raises(InternalError, match="of the sandbox"):
        await sandbox.submit(order("500"), key="once")
    found = await sandbox.submitted(order("500"), key="once")
    assert found.replayed
    assert (await sandbox.run(await sandbox.claim())).id == found.task.id


async def test_a_callback_is_late(sandbox: Workshop) -> None:
    task = await made(sandbox, "callback_late:40", callback_url="https://receiver.test/x")
    async with sandbox.database.read() as connection:
        [delivery] = await list_deliveries(connection, task.account_id, task.id)
    assert 35 < delivery.due - time.time() <= 40


async def test_a_fate_needs_a_test_key(workshop: Workshop) -> None:
    with pytest.raises(InvalidRequest, match=r"model_params\.simulate: is for test keys \(od-test-…\)"):
        await workshop.submit(order("stuck"))


async def test_a_key_keeps_its_kind_when_it_is_rotated(sandbox: Workshop) -> None:
    async with sandbox.database.write() as connection:
        secret = await keys.rotate_key(connection, sandbox.caller.key.id, overlap=0)
        assert secret.startswith("od-test-")
        caller = await keys.authenticate(connection, secret)
    assert caller.key.is_test
    assert secret.startswith(caller.key.prefix)
    assert len(caller.key.prefix) < 20
