"""Callbacks: what receivers are told, how it is signed, and that nothing that goes wrong stops the next one."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from standardwebhooks import Webhook, WebhookVerificationError

from opendance.api.unified.task import task_json
from opendance.api.wires import UNIFIED, WIRES, callback_body
from opendance.errors import FetchError
from opendance.net.fetch import GuardedClient
from opendance.pipeline import notify
from opendance.pipeline.ending import Ending
from opendance.pipeline.notify import Notifier, signed_headers
from opendance.pipeline.redeliver import redeliver
from opendance.store.callback_secrets import Secrets, callback_secrets, rotate_callback_secret
from opendance.store.deliveries import DeliveryRecord, list_deliveries
from opendance.store.tables import CallbackSecret, Delivery
from opendance.store.tasks import TaskRecord
from opendance.task import Status
from tests import tasks
from tests.callers import new_caller
from tests.until import until
from tests.workshop import Workshop

URL = "https://receiver.example/hook"


@dataclass
class Receivers:
    """Receivers of callbacks, in place of the guarded client.

    Attributes:
        answers: by host: statuses or errors, one after the other; then 200.
        slow: hosts that take what is sent and do not answer.
        most: how many each host had at the same time.
    """

    answers: dict[str, list[int | Exception]] = field(default_factory=dict)
    slow: set[str] = field(default_factory=set)
    got: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)
    most: Counter[str] = field(default_factory=Counter)
    _now: Counter[str] = field(default_factory=Counter)

    async def post(self, url: str, content: bytes, headers: dict[str, str]) -> int:
        host = urlsplit(url).hostname or ""
        self.got.append((url, content, headers))
        self._now[host] += 1
        self.most[host] = max(self.most[host], self._now[host])
        try:
            await asyncio.sleep(3600 if host in self.slow else 0)
        finally:
            self._now[host] -= 1
        answer = self.answers[host].pop(0) if self.answers.get(host) else 200
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def receivers() -> Receivers:
    return Receivers()


@asynccontextmanager
async def notifying(
    workshop: Workshop, receivers: Receivers, body_of: Callable[[TaskRecord], Awaitable[bytes]] | None = None
) -> AsyncGenerator[Notifier]:
    """A notifier that works."""

    async def as_it_came(task: TaskRecord) -> bytes:
        return await callback_body(task, workshop.database, workshop.tools.links)

    notifier = Notifier(workshop.database, cast(GuardedClient, receivers), body_of or as_it_came)
    working = asyncio.create_task(notifier.work())
    try:
        yield notifier
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def ended(
    workshop: Workshop, url: str = URL, status: Status = Status.FAILED, *, wire: str = UNIFIED.name
) -> TaskRecord:
    task = await workshop.submit(tasks.order(callback_url=url), wire=wire)
    error = None if status is Status.COMPLETED else ("service_error", "为什么")
    after = await workshop.endings.end(task, Ending(status, error))
    assert after is not None
    return after


async def delivery(workshop: Workshop, task: TaskRecord) -> DeliveryRecord:
    async with workshop.database.read() as connection:
        (found,) = await list_deliveries(connection, task.account_id, task.id)
    return found


async def settled(workshop: Workshop, task: TaskRecord, status: str) -> DeliveryRecord:
    """The task's callback, once it stands so."""

    async def so() -> bool:
        return (await delivery(workshop, task)).status == status

    await until(so)
    return await delivery(workshop, task)


async def attempted(workshop: Workshop, task: TaskRecord, count: int) -> DeliveryRecord:
    """The task's callback, once it was tried so often."""

    async def so() -> bool:
        return len((await delivery(workshop, task)).attempts) == count

    await until(so)
    return await delivery(workshop, task)


async def make_due(workshop: Workshop) -> None:
    async with workshop.database.write() as connection:
        await connection.execute(update(Delivery).where(Delivery.status == "pending").values(due=1.0))


# ── the sandbox ──


async def test_the_sandbox_loses_a_callback_until_it_is_asked_for_once_more(
    workshop: Workshop, receivers: Receivers
) -> None:
    tester = replace(workshop, caller=await new_caller(workshop.database, "tester", kind="test"))
    task = await tester.submit(tasks.order(callback_url=URL, simulate="callback_lost"))
    assert await tester.endings.end(task, Ending(Status.FAILED, ("service_error", "x"))) is not None
    async with notifying(tester, receivers) as notifier:
        for number in range(1, 5):
            found = await attempted(tester, task, number)
            await make_due(tester)
            notifier.notify()
        assert {one.error for one in found.attempts} == {"the sandbox loses it, as model_params.simulate says"}
        assert (await settled(tester, task, "failed")).attempts == found.attempts
        assert receivers.got == []
        await redeliver(tester.database, notifier, await tester.read(task))

        async def came() -> bool:
            return len(receivers.got) == 1

        await until(came)


# ── what is told ──


@pytest.mark.rule("CB-03", "CB-05")
@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED, Status.CANCELLED])
async def test_a_receiver_is_told_what_the_query_would_answer(
    workshop_on_each: Workshop, receivers: Receivers, status: Status
) -> None:
    task = await ended(workshop_on_each, status=status)
    async with notifying(workshop_on_each, receivers):
        found = await settled(workshop_on_each, task, "delivered")
    ((url, content, headers),) = receivers.got
    assert (url, headers["Content-Type"]) == (URL, "application/json")
    assert content == task_json(task, workshop_on_each.tools.links)
    assert json.loads(content)["status"] == status
    assert [(one.number, one.status_code, one.error) for one in found.attempts] == [(1, 200, None)]


async def test_each_receiver_is_told_in_the_words_of_the_wire_that_the_task_came_by(
    workshop: Workshop, receivers: Receivers
) -> None:
    by_wire = {wire: await ended(workshop, wire=wire) for wire in WIRES}
    async with notifying(workshop, receivers):
        for task in by_wire.values():
            await settled(workshop, task, "delivered")
    told = {headers["webhook-id"]: json.loads(content) for _, content, headers in receivers.got}
    words = {wire: told[f"msg-{task.id}"] for wire, task in by_wire.items()}
    assert {wire: (body["id"], body["error"]["code"]) for wire, body in words.items()} == {
        "unified": (by_wire["unified"].id, "service_error"),
        "ark": (by_wire["ark"].id, "InternalServiceError"),
        "openai": (by_wire["openai"].id, "service_error"),
    }
    for wire, task in by_wire.items():
        body = await WIRES[wire].callback_body(task, workshop.database, workshop.tools.storage)
        assert json.loads(body) == words[wire]


async def test_a_callback_that_comes_later_is_sent_when_the_notifier_is_woken(
    workshop: Workshop, receivers: Receivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "_LOOK_AGAIN", 3600.0)
    async with notifying(workshop, receivers) as notifier:
        await asyncio.sleep(0.05)  # it sleeps by now
        task = await ended(workshop)
        notifier.notify()
        await settled(workshop, task, "delivered")


# ── signatures ──


async def test_it_is_signed_as_standard_webhooks_has_it(workshop_on_each: Workshop, receivers: Receivers) -> None:
    task = await ended(workshop_on_each)
    async with notifying(workshop_on_each, receivers):
        await settled(workshop_on_each, task, "delivered")
    async with workshop_on_each.database.read() as connection:
        secret = (await callback_secrets(connection, task.account_id)).current
    ((_, content, headers),) = receivers.got
    assert Webhook(secret).verify(content, headers)["id"] == task.id
    assert headers["webhook-id"] == f"msg-{task.id}"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(content + b" ", headers)


async def test_after_a_rotation_both_secrets_sign_until_the_old_one_ends(
    workshop: Workshop, receivers: Receivers
) -> None:
    account = workshop.caller.account_id
    async with workshop.database.write() as connection:
        old = (await callback_secrets(connection, account)).current
        new = (await rotate_callback_secret(connection, account, overlap=3600)).current
    async with notifying(workshop, receivers) as notifier:
        await settled(workshop, await ended(workshop), "delivered")
        async with workshop.database.write() as connection:
            await connection.execute(update(CallbackSecret).values(previous_ends=1.0))
        task = await ended(workshop)
        notifier.notify()
        await settled(workshop, task, "delivered")
    (_, first, both), (_, second, one) = receivers.got
    for secret in (old, new):
        Webhook(secret).verify(first, both)
    Webhook(new).verify(second, one)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(second, one)


def test_repetitions_have_the_same_id_and_are_signed_anew() -> None:
    secrets = Secrets("whsec_" + "QUFB" * 8)
    headers = [signed_headers("task-a", body, secrets) for body in (b"{}", '{"a": "为"}'.encode())]
    assert [one["webhook-id"] for one in headers] == ["msg-task-a"] * 2
    assert headers[0]["webhook-signature"] != headers[1]["webhook-signature"]


# ── what is not taken ──


@pytest.mark.rule("CB-04")
@pytest.mark.parametrize(
    ("answer", "status_code", "error"),
    [(500, 500, None), (302, 302, None), (FetchError("it was not answered within 10 s"), None, "it was not answered within 10 s")],
    ids=["500", "302", "no answer"],
)  # fmt: skip
async def test_an_attempt_that_failed_is_noted_and_made_again(
    workshop_on_each: Workshop, receivers: Receivers, answer: int | Exception, status_code: int | None, error: str | None
) -> None:  # fmt: skip
    receivers.answers["receiver.example"] = [answer]
    task = await ended(workshop_on_each)
    async with notifying(workshop_on_each, receivers) as notifier:
        noted = await attempted(workshop_on_each, task, 1)
        assert noted.status == "pending"
        assert noted.due > noted.attempts[0].started
        await make_due(workshop_on_each)
        notifier.notify()
        found = await settled(workshop_on_each, task, "delivered")
    assert [(one.status_code, one.error) for one in found.attempts] == [(status_code, error), (200, None)]


@pytest.mark.rule("CB-04")
async def test_after_the_fourth_attempt_it_is_given_up(workshop: Workshop, receivers: Receivers) -> None:
    receivers.answers["receiver.example"] = [500] * 9
    task = await ended(workshop)
    async with notifying(workshop, receivers) as notifier:
        for number in (1, 2, 3):
            await attempted(workshop, task, number)
            await make_due(workshop)
            notifier.notify()
        found = await settled(workshop, task, "failed")
    assert len(found.attempts) == len(receivers.got) == 4


# ── whatever goes wrong ──


async def test_what_fails_unexpectedly_stops_no_other_callback(
    workshop: Workshop, receivers: Receivers, caplog: pytest.LogCaptureFixture
) -> None:
    broken = await ended(workshop)

    async def body_of(task: TaskRecord) -> bytes:
        if task.id == broken.id:
            raise ValueError("a mistake of ours")
        return b"{}"

    async with notifying(workshop, receivers, body_of) as notifier:
        await until(lambda: "a mistake of ours" in caplog.text)
        other = await ended(workshop)
        notifier.notify()
        await settled(workshop, other, "delivered")
    left = await delivery(workshop, broken)
    assert (left.status, left.attempts) == ("pending", []), "it is tried again when the claim on it ends"


async def test_it_goes_on_after_the_database_was_away(
    workshop: Workshop, receivers: Receivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    truly = notify.claim_deliveries
    failures: list[Exception] = [OperationalError("SELECT", {}, Exception("away")), RuntimeError("anything else")]

    async def claim(*args: Any, **options: Any) -> list[DeliveryRecord]:
        if failures:
            raise failures.pop()
        return await truly(*args, **options)

    monkeypatch.setattr(notify, "claim_deliveries", claim)
    monkeypatch.setattr(notify, "_LOOK_AGAIN", 0.01)
    task = await ended(workshop)
    async with notifying(workshop, receivers):
        await settled(workshop, task, "delivered")
    assert not failures


async def test_a_callback_whose_task_has_gone_is_an_error_in_the_log(
    workshop: Workshop, receivers: Receivers, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: object) -> None:
        return None

    monkeypatch.setattr(notify, "get_task", gone)
    task = await ended(workshop)
    async with notifying(workshop, receivers):
        await until(lambda: "LookupError" in caplog.text)
    assert task.id in caplog.text
    assert not receivers.got


@pytest.mark.rule("CB-04")
async def test_a_slow_receiver_has_its_share_and_delays_nobody_else(workshop: Workshop, receivers: Receivers) -> None:
    receivers.slow.add("slow.example")
    for _ in range(12):
        await ended(workshop, "https://slow.example/hook")
    other = await ended(workshop, "https://quick.example/hook")
    async with notifying(workshop, receivers):
        await settled(workshop, other, "delivered")
    assert receivers.most["slow.example"] == 8


async def test_what_was_under_way_when_it_stopped_is_not_lost(workshop_on_each: Workshop, receivers: Receivers) -> None:
    receivers.slow.add("receiver.example")
    task = await ended(workshop_on_each)
    async with notifying(workshop_on_each, receivers):
        await until(lambda: receivers.got)
    left = await delivery(workshop_on_each, task)
    assert (left.status, left.attempts) == ("pending", [])
    receivers.slow.clear()
    await make_due(workshop_on_each)  # as when the claim on it has ended
    async with notifying(workshop_on_each, receivers):
        await settled(workshop_on_each, task, "delivered")


async def test_two_processes_send_each_callback_once(workshop_on_each: Workshop, receivers: Receivers) -> None:
    made = [await ended(workshop_on_each, f"https://receiver-{number}.example/") for number in range(12)]
    async with notifying(workshop_on_each, receivers), notifying(workshop_on_each, receivers):
        for task in made:
            await settled(workshop_on_each, task, "delivered")
    assert len(receivers.got) == len(made)
