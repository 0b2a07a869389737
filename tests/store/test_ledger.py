"""Money, on both databases: what the ledger does, and what the database itself refuses."""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from opendance.credits import FULLEST, MOST, SMALLEST, Charge, ChargeLine, shown
from opendance.errors import InsufficientQuota, InvalidRequest, OpendanceError
from opendance.store import accounts, keys, ledger, tasks
from opendance.store.database import Database
from opendance.store.listing import list_tasks
from opendance.store.sqlite import SqliteDatabase
from opendance.store.tables import LedgerEntry
from opendance.store.turns import take_turn
from opendance.task import Status, new_task_id
from tests.tasks import finish, waiting_task


def charge(amount: str) -> Charge:
    credits_ = Decimal(amount)
    return Charge((ChargeLine("video", Decimal(1), "second", credits_, credits_),))


async def new_account(database: Database, name: str, amount: str) -> str:
    async with database.write() as connection:
        account = await accounts.create_account(connection, name=name)
        await ledger.top_up(connection, account, Decimal(amount), reason="test")
    return account


async def new_task(database: Database, account: str, price: str, *, key_id: str | None = None) -> str:
    async with database.write() as connection:
        turn = await take_turn(connection, account, list_price=Decimal(price), priority=1)
        task = waiting_task(
            account, credits_reserved=Decimal(price), key_id=key_id, start_tag=turn.start_tag, queue_cost=turn.cost,
        )  # fmt: skip
        await tasks.create_task(connection, task)
        await ledger.reserve(connection, account, task.id, Decimal(price), key_id=key_id, balance=turn.balance)
    return task.id


async def balance(database: Database, account: str) -> Decimal:
    """The account's balance, which must be the sum of its rows."""
    async with database.read() as connection:
        found = await accounts.find_account(connection, account)
        assert found is not None
        assert await ledger.sum_of_entries(connection, account) == found.balance
    return found.balance


async def test_a_finished_task_costs_what_happened_and_the_rest_comes_back(database: Database) -> None:
    account = await new_account(database, "a", "100")
    task_id = await new_task(database, account, "30.5")
    assert await balance(database, account) == Decimal("69.5")
    async with database.write() as connection:
        ended = await finish(connection, task_id, Status.COMPLETED, charge=charge("12.0001"))
        assert ended is not None
        assert ended.credits_used == Decimal("12.0001")
    assert await balance(database, account) == Decimal("87.9999")
    async with database.read() as connection:
        rows = await ledger.list_entries(connection, account, task_id=task_id)
        assert [(row.kind, row.amount) for row in rows] == [
            ("settle", Decimal("18.4999")),
            ("reserve", Decimal("-30.5")),
        ]
        assert rows[0].lines == [{"item": "video", "unit": "second", "quantity": 1.0, "unit_price": 12.0001, "credits": 12.0001}]  # fmt: skip
        assert await ledger.used_credits(connection, account) == Decimal("12.0001")


@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELLED])
async def test_a_task_that_did_not_succeed_gets_all_back(database: Database, status: Status) -> None:
    account = await new_account(database, "a", "100")
    task_id = await new_task(database, account, "99.9999")
    async with database.write() as connection:
        await finish(connection, task_id, status, error=("service_error", "x"))
    assert await balance(database, account) == 100


async def test_only_a_completed_task_can_be_charged(database: Database) -> None:
    account = await new_account(database, "a", "100")
    task_id = await new_task(database, account, "40")

    async def fail() -> None:
        async with database.write() as connection:
            await finish(connection, task_id, Status.FAILED, charge=charge("1"))

    with pytest.raises(ValueError, match="costs nothing"):
        await fail()
    assert await balance(database, account) == 60


async def test_second_settlement_charges_nothing(database: Database) -> None:
    account = await new_account(database, "a", "100")
    task_id = await new_task(database, account, "40")
    for status, cost in ((Status.COMPLETED, charge("40")), (Status.COMPLETED, charge("40")), (Status.FAILED, None)):
        async with database.write() as connection:
            await finish(connection, task_id, status, charge=cost)
    assert await balance(database, account) == 60


async def test_a_charge_is_never_over_the_reservation(database: Database) -> None:
    account = await new_account(database, "a", "100")
    task_id = await new_task(database, account, "40")
    async with database.write() as connection:
        await finish(connection, task_id, Status.COMPLETED, charge=charge("40.0001"))
    assert await balance(database, account) == 60


async def test_two_ends_at_once_move_money_once(database: Database) -> None:
    account = await new_account(database, "a", "100")
    task_id = await new_task(database, account, "40")

    async def end(status: Status) -> bool:
        async with database.write() as connection:
            cost = charge("25") if status is Status.COMPLETED else None
            return await finish(connection, task_id, status, charge=cost) is not None

    won = await asyncio.gather(*(end(status) for status in (Status.COMPLETED, Status.FAILED, Status.CANCELLED) * 5))
    assert won.count(True) == 1
    assert await balance(database, account) in (75, 100)


@pytest.mark.rule("ER-402")
async def test_reserving_more_than_there_is_is_refused_and_leaves_nothing(database: Database) -> None:
    account = await new_account(database, "a", "10")
    with pytest.raises(InsufficientQuota, match=r"holds 10 credits, this video needs 10\.0001"):
        await new_task(database, account, "10.0001")
    assert await balance(database, account) == 10
    async with database.read() as connection:
        assert await list_tasks(connection, account, limit=1) == []


async def test_the_database_itself_refuses_an_overdraft_and_second_rows(database: Database) -> None:
    account = await new_account(database, "a", "10")
    task_id = await new_task(database, account, "4")
    other = await new_task(database, account, "4")
    async with database.write() as connection:
        await finish(connection, other, Status.FAILED)
    wrong = [
        {"kind": "reserve", "amount": Decimal("-6.0001"), "task_id": "task-x"},  # overdraft
        {"kind": "adjust", "amount": Decimal("-6.0001"), "task_id": None},
        {"kind": "reserve", "amount": Decimal(-1), "task_id": task_id},  # a second one
        {"kind": "refund", "amount": Decimal(1), "task_id": other},
        {"kind": "settle", "amount": Decimal(1), "task_id": other},  # another end
        {"kind": "reserve", "amount": Decimal(1), "task_id": "task-x"},  # a wrong sign
        {"kind": "settle", "amount": Decimal(-1), "task_id": task_id},
        {"kind": "topup", "amount": Decimal(0), "task_id": None},
        {"kind": "settle", "amount": Decimal(1), "task_id": None},
        {"kind": "gift", "amount": Decimal(1), "task_id": None},
    ]

    async def add(row: dict[str, object]) -> None:
        async with database.write() as connection:
            await connection.execute(insert(LedgerEntry), {"account_id": account, "created": 1.0, **row})

    for row in wrong:
        with pytest.raises(IntegrityError):
            await add(row)
    assert await balance(database, account) == 6


@pytest.mark.parametrize("change", ["UPDATE ledger SET amount = 1", "DELETE FROM ledger"])
async def test_rows_of_the_ledger_cannot_be_changed(database: Database, change: str) -> None:
    account = await new_account(database, "a", "10")

    async def tamper() -> None:
        async with database.write() as connection:
            await connection.execute(text(change))

    with pytest.raises(DBAPIError, match="the ledger only grows"):
        await tamper()
    assert await balance(database, account) == 10


async def test_a_top_up_with_a_reference_is_booked_once(database: Database) -> None:
    account = await new_account(database, "a", "10")

    async def pay() -> bool:
        async with database.write() as connection:
            await accounts.lock_account(connection, account)
            return await ledger.top_up(connection, account, Decimal(5), reason="paid", reference="invoice-7")

    assert sorted(await asyncio.gather(*(pay() for _ in range(10)))) == [False] * 9 + [True]
    assert await balance(database, account) == 15


async def test_an_account_is_full_before_its_sum_leaves_whole_numbers(database: Database) -> None:
    """940 times the largest payment is over 2^63 of the smallest unit, which SQLite keeps as an inexact number."""
    largest = MOST - SMALLEST
    account, held = await new_account(database, "a", "0.0001"), SMALLEST
    async with database.write() as connection:
        for _ in range(940):
            if held + largest > FULLEST:
                with pytest.raises(InvalidRequest, match="an account holds 461168601842738"):
                    await ledger.top_up(connection, account, largest, reason="x")
            else:
                await ledger.top_up(connection, account, largest, reason="x")
                held += largest
        with pytest.raises(InvalidRequest):
            await ledger.adjust(connection, account, largest, reason="x")
        task_id = new_task_id()
        await ledger.reserve(connection, account, task_id, Decimal(5), key_id=None, balance=held)
        kind = "typeof" if isinstance(database, SqliteDatabase) else "pg_typeof"
        [stored] = await connection.execute(text(f"SELECT CAST({kind}(balance) AS varchar) FROM accounts"))
        assert stored[0] in ("integer", "bigint")
    assert await balance(database, account) == held - 5


async def test_parallel_work_keeps_the_sums(database: Database) -> None:
    """Creations, ends, top-ups and adjustments of three accounts, hundreds at once in any order."""
    owners = [await new_account(database, name, "500") for name in ("a", "b", "c")]
    async with database.write() as connection:
        key_ids = {owner: (await keys.create_key(connection, owner, name="k"))[0] for owner in owners}
    chance = random.Random(4)
    live: list[str] = []

    async def step() -> None:
        owner = chance.choice(owners)
        await asyncio.sleep(0)
        try:
            match chance.randrange(6):
                case 0 | 1 | 2:
                    live.append(await new_task(database, owner, str(chance.choice(["7.1", "33.3333", "90"])), key_id=key_ids[owner]))  # fmt: skip
                case 3 | 4 if live:
                    status = chance.choice([Status.COMPLETED, Status.FAILED, Status.CANCELLED])
                    async with database.write() as connection:
                        cost = charge(str(chance.choice(["1", "7.1", "99"]))) if status is Status.COMPLETED else None
                        await finish(connection, chance.choice(live), status, charge=cost)
                case _:
                    async with database.write() as connection:
                        await accounts.lock_account(connection, owner)
                        await ledger.adjust(connection, owner, Decimal(chance.choice(["-20", "11.5"])), reason="x")
        except InsufficientQuota:
            pass

    await asyncio.gather(*(step() for _ in range(400)))
    assert len(live) > 50
    for owner in owners:
        assert await balance(database, owner) >= 0
        async with database.read() as connection:
            used = await ledger.used_credits(connection, owner)
            assert (await connection.execute(*keys.use_of_key(key_ids[owner]))).one()[0] == used


async def test_an_error_in_the_transaction_takes_its_money_back(database: Database) -> None:
    account = await new_account(database, "a", "10")

    async def broken() -> None:
        async with database.write() as connection:
            await ledger.top_up(connection, account, Decimal(5), reason="x")
            raise OpendanceError

    with pytest.raises(OpendanceError):
        await broken()
    assert await balance(database, account) == 10


@pytest.mark.parametrize(("amount", "text_"), [("1000", "1000"), ("1.5000", "1.5"), ("0.0001", "0.0001"), ("0", "0"), ("-2.50", "-2.5")])  # fmt: skip
def test_amounts_are_shown_without_what_says_nothing(amount: str, text_: str) -> None:
    assert shown(Decimal(amount)) == text_
