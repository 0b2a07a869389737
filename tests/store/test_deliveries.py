"""Callbacks on their way, with a clock that stands still until it is moved."""

from __future__ import annotations

from decimal import Decimal

import pytest

from opendance.store import deliveries, tasks
from opendance.store.accounts import create_account
from opendance.store.database import Database
from opendance.store.deliveries import (
    AttemptRecord,
    DeliveryRecord,
    add_delivery,
    claim_deliveries,
    count_attempts,
    list_deliveries,
    record_attempt,
)
from tests.tasks import waiting_task

LEASE = 15.0
TIMES = {"lease": LEASE, "longest_wait": LEASE}


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
        return await claim_deliveries(
            connection, limit=limit, per_host=per_host, busy=busy, per_account=100, busy_accounts=(), **TIMES
        )


async def read(database: Database, task: tasks.TaskRecord) -> list[DeliveryRecord]:
    async with database.read() as connection:
        return await list_deliveries(connection, task.account_id, task.id)


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


async def test_an_attempt_is_kept_with_what_follows_it(
    database: Database, task: tasks.TaskRecord, clock: Clock
) -> None:
    delivery_id = await add(database, task)
    failed, good = AttemptRecord(1, clock.now, 3.0, None, "it is away"), AttemptRecord(2, clock.now + 9, 0.5, 204, None)
    async with database.write() as connection:
        await record_attempt(connection, delivery_id, failed, state="pending", due=clock.now + 9)
    (waiting,) = await read(database, task)
    assert (waiting.status, waiting.due, waiting.finished) == ("pending", clock.now + 9, None)
    clock.now += 10
    async with database.write() as connection:
        await record_attempt(connection, delivery_id, good, state="delivered")
        assert await count_attempts(connection, delivery_id) == 2
    (done,) = await read(database, task)
    assert (done.status, done.finished, done.attempts) == ("delivered", clock.now, [failed, good])


async def test_accounts_take_turns_and_none_has_more_than_its_share(
    database: Database, task: tasks.TaskRecord, clock: Clock
) -> None:
    async with database.write() as connection:
        other = waiting_task(await create_account(connection, name="b"), credits_reserved=Decimal(1))
        await tasks.create_task(connection, other)
    for number in range(30):
        await add(database, task, f"silent{number}.example")
        clock.now += 0.001
    late = await add(database, other)
    clock.now += 1
    assert late in [delivery.id for delivery in await claim(database, limit=2)]
    async with database.write() as connection:
        claimed = await claim_deliveries(
            connection, limit=100, per_host=100, busy=(), per_account=7, busy_accounts=(), **TIMES
        )
        assert len(claimed) == 7
        busy = [task.account_id]
        assert not await claim_deliveries(
            connection, limit=100, per_host=100, busy=(), per_account=7, busy_accounts=busy, **TIMES
        )
