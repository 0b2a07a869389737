"""Callbacks on their way, with a clock that stands still until it is moved."""

from __future__ import annotations

from decimal import Decimal

import pytest

from opendance.store import deliveries, tasks
from opendance.store.accounts import create_account
from opendance.store.database import Database
from opendance.store.deliveries import DeliveryRecord, add_delivery, claim_deliveries, list_deliveries, record_attempt
from tests.tasks import waiting_task

LEASE = 15.0


class Clock:
    """What the module of deliveries takes for `time`."""

    now = 1_800_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(deliveries, "time", made)
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
        return await claim_deliveries(connection, limit=limit, per_host=per_host, busy=busy, lease=LEASE)


async def record(database: Database, delivery_id: str, *, started: float, status_code: int | None, error: str | None = None) -> str:  # fmt: skip
    async with database.write() as connection:
        return await record_attempt(
            connection, delivery_id, started=started, seconds=3.0, status_code=status_code, error=error
        )


async def read(database: Database, task: tasks.TaskRecord) -> list[DeliveryRecord]:
    async with database.read() as connection:
        return await list_deliveries(connection, task.account_id, task.id)


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


@pytest.mark.rule("CB-04")
async def test_a_host_has_only_its_share_of_those_under_way(
    database: Database, task: tasks.TaskRecord, clock: Clock
) -> None:
    for _ in range(12):
        await add(database, task, "slow.example")
        clock.now += 0.25
    await add(database, task, "quick.example")
    first = await claim(database, per_host=8)
    assert [one.host for one in first] == ["slow.example"] * 8 + ["quick.example"]
    await add(database, task, "quick.example")
    # As many of the slow host as may be are under way: the other comes past those that waited longer.
    assert [one.host for one in await claim(database, per_host=8, busy=("slow.example",))] == ["quick.example"]
    assert [one.host for one in await claim(database, per_host=8)] == ["slow.example"] * 4


async def test_what_a_dead_process_had_taken_is_due_again_when_its_claim_ends(
    database: Database, task: tasks.TaskRecord, clock: Clock
) -> None:
    delivery_id = await add(database, task)
    assert [one.id for one in await claim(database)] == [delivery_id]
    clock.now += LEASE - 0.25
    assert await claim(database) == []
    clock.now += 0.25
    assert [one.id for one in await claim(database)] == [delivery_id]
