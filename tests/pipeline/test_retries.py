"""How often a callback is tried, with a clock that stands still until it is moved."""

from __future__ import annotations

from decimal import Decimal

import pytest

from opendance.pipeline import retries
from opendance.pipeline.retries import LEASE, LONGEST_WAIT, RETRY_AFTER, after_attempt, note_attempt
from opendance.store import deliveries, tasks
from opendance.store.accounts import create_account
from opendance.store.database import Database
from opendance.store.deliveries import DeliveryRecord, add_delivery, claim_deliveries, list_deliveries
from tests.tasks import waiting_task


class Clock:
    """What the modules take for `time`."""

    now = 1_800_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for module in (deliveries, retries):
        monkeypatch.setattr(module, "time", made)
    return made


@pytest.fixture
async def task(database: Database) -> tasks.TaskRecord:
    async with database.write() as connection:
        account = await create_account(connection, name="a")
        made = waiting_task(account, credits_reserved=Decimal(1))
        await tasks.create_task(connection, made)
    return made


async def add(database: Database, task: tasks.TaskRecord, host: str = "a.example") -> str:
    async with database.write() as connection:
        return await add_delivery(connection, account_id=task.account_id, task_id=task.id, url=f"https://{host}/x")


async def claim(database: Database, *, limit: int = 100, per_host: int = 100, busy: tuple[str, ...] = ()) -> list[DeliveryRecord]:  # fmt: skip
    async with database.write() as connection:
        return await claim_deliveries(
            connection,
            limit=limit,
            per_host=per_host,
            busy=busy,
            per_account=100,
            busy_accounts=(),
            lease=LEASE,
            longest_wait=LONGEST_WAIT,
        )


async def record(database: Database, delivery_id: str, *, started: float, status_code: int | None, error: str | None = None) -> str:  # fmt: skip
    async with database.write() as connection:
        return await note_attempt(
            connection, delivery_id, started=started, seconds=3.0, status_code=status_code, error=error
        )


async def read(database: Database, task: tasks.TaskRecord) -> list[DeliveryRecord]:
    async with database.read() as connection:
        return await list_deliveries(connection, task.account_id, task.id)


@pytest.mark.rule("CB-04")
@pytest.mark.parametrize("status_code", [*range(100, 200, 9), 302, 400, 404, 410, 429, 500, 503, None])
def test_what_is_no_2xx_is_tried_1_2_and_4_seconds_later_and_then_no_more(status_code: int | None) -> None:
    follow = [after_attempt(number, status_code) for number in range(1, 6)]
    assert follow == [("pending", 1.0), ("pending", 2.0), ("pending", 4.0), ("failed", None), ("failed", None)]
    assert [wait for _, wait in follow[:3]] == list(RETRY_AFTER)


@pytest.mark.rule("CB-04")
@pytest.mark.parametrize("status_code", range(200, 300, 9))
def test_any_2xx_is_delivered_at_whichever_attempt(status_code: int) -> None:
    assert {after_attempt(number, status_code) for number in range(1, 6)} == {("delivered", None)}


@pytest.mark.rule("CB-04")
@pytest.mark.parametrize(("status_code", "error"), [(500, None), (302, None), (199, None), (None, "it is away")])
async def test_what_fails_is_due_again_1_2_and_4_seconds_after_each_failure_and_then_no_more(
    database: Database, task: tasks.TaskRecord, clock: Clock, status_code: int | None, error: str | None
) -> None:
    delivery_id = await add(database, task)
    started: list[float] = []
    for delay in (1.0, 2.0, 4.0):
        assert [one.id for one in await claim(database)] == [delivery_id]
        started.append(clock.now)
        clock.now += 3  # that is how long the try took
        state = await record(database, delivery_id, started=started[-1], status_code=status_code, error=error)
        assert state == "pending"
        (found,) = await read(database, task)
        assert (found.status, found.due - clock.now, found.finished) == ("pending", delay, None)
        clock.now += delay - 0.25
        assert await claim(database) == []
        clock.now += 0.25
    assert [one.id for one in await claim(database)] == [delivery_id]
    started.append(clock.now)
    assert await record(database, delivery_id, started=clock.now, status_code=status_code, error=error) == "failed"
    (found,) = await read(database, task)
    assert (found.status, found.finished) == ("failed", clock.now)
    assert [(one.number, one.started, one.status_code, one.error) for one in found.attempts] == [
        (number, at, status_code, error) for number, at in enumerate(started, start=1)
    ]
    clock.now += 365 * 24 * 3600
    assert await claim(database) == []


@pytest.mark.rule("CB-04")
@pytest.mark.parametrize("status_code", [200, 204, 299])
async def test_any_2xx_is_success_and_is_not_sent_again(
    database: Database, task: tasks.TaskRecord, clock: Clock, status_code: int
) -> None:
    delivery_id = await add(database, task)
    await claim(database)
    assert await record(database, delivery_id, started=clock.now, status_code=status_code) == "delivered"
    (found,) = await read(database, task)
    assert (found.status, found.finished) == ("delivered", clock.now)
    clock.now += 365 * 24 * 3600
    assert await claim(database) == []


def test_the_operator_adds_tries_after_the_three() -> None:
    follow = [after_attempt(number, 503, (60.0, 600.0)) for number in range(1, 8)]
    assert [wait for _, wait in follow] == [*RETRY_AFTER, 60.0, 600.0, None, None]
    assert [state for state, _ in follow] == ["pending"] * 5 + ["failed"] * 2
    assert after_attempt(5, 200, (60.0, 600.0)) == ("delivered", None)
