"""Whose turn it is, on the real queue and both databases."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select, update

from opendance.changes import Changes
from opendance.order import Link
from opendance.patience import Fitting
from opendance.queue.base import Lane
from opendance.queue.local import LocalQueue
from opendance.queue.slots import Seat
from opendance.store import accounts, tasks
from opendance.store.claims import claim_task
from opendance.store.database import Database
from opendance.store.tables import Task
from opendance.store.turns import take_turn
from opendance.task import Status
from tests.databases import PostgresqlServer, opened
from tests.tasks import MINI, finish, link, order, waiting_task

_clock = iter(range(1_000_000_000, 2_000_000_000))


async def queue_task(
    database: Database,
    account: str,
    price: str = "10",
    *,
    priority: int = 1,
    model: str = MINI,
    links: tuple[Link, ...] = (),
) -> str:
    async with database.write() as connection:
        turn = await take_turn(connection, account, list_price=Decimal(price), priority=priority)
        task = waiting_task(
            account, order(model, links=links), created=float(next(_clock)),
            start_tag=turn.start_tag, queue_cost=turn.cost, queue_rank=turn.rank,
        )  # fmt: skip
        await tasks.create_task(connection, task)
    return task.id


async def new_account(database: Database, name: str) -> str:
    async with database.write() as connection:
        return await accounts.create_account(connection, name=name)


async def next_account(database: Database) -> str | None:
    """Claim the task whose turn it is, finish it, and give its account."""
    async with database.write() as connection:
        task = await claim_task(connection, "worker", alone=True)
        if task is None:
            return None
        await tasks.finish_task(connection, task, Status.COMPLETED)
    return task.account_id


async def test_a_thousand_tasks_of_one_delay_the_first_of_another_by_one(tmp_path: Path) -> None:
    """The real queue with one worker: what runs is not interrupted, and then it is the other's turn."""
    async with opened(tmp_path / "db.sqlite3") as database:
        busy, other = await new_account(database, "busy"), await new_account(database, "other")
        for _ in range(1000):
            await queue_task(database, busy)
        ran: list[str] = []
        entered = asyncio.Event()
        go_on = asyncio.Semaphore(0)

        async def run(task: tasks.TaskRecord, _cancel: asyncio.Event, _seat: Seat) -> None:
            ran.append(task.account_id)
            entered.set()
            await go_on.acquire()
            async with database.write() as connection:
                await tasks.finish_task(connection, task, Status.COMPLETED)

        queue = LocalQueue(database, Changes(), run, lanes={"all": Lane(frozenset({MINI}), 1)})
        await queue.start(work=True)
        await entered.wait()
        for round_ in range(3):
            begun = len(ran)
            await queue_task(database, other)
            queue.notify()
            for _ in range(3):
                entered.clear()
                go_on.release()
                await entered.wait()
            assert other in ran[begun : begun + 2], f"round {round_}: {ran[begun:]}"
        await queue.close()


async def test_busy_accounts_share_by_price(database: Database) -> None:
    cheap, dear = await new_account(database, "cheap"), await new_account(database, "dear")
    for _ in range(40):
        await queue_task(database, cheap, "10")
        await queue_task(database, dear, "30")
    ran = [await next_account(database) for _ in range(40)]
    assert 28 <= ran.count(cheap) <= 32  # three cheap ones cost what one dear one does


async def test_a_group_of_higher_priority_gets_its_share_and_goes_first(database: Database) -> None:
    normal, vip = await new_account(database, "normal"), await new_account(database, "vip")
    for _ in range(40):
        await queue_task(database, normal)
        await queue_task(database, vip, priority=4)
    ran = [await next_account(database) for _ in range(40)]
    assert ran[0] == vip
    assert 30 <= ran.count(vip) <= 34
    assert ran.count(normal) >= 6  # and nobody starves


async def test_an_idle_account_saves_nothing_up(database: Database) -> None:
    early, late = await new_account(database, "early"), await new_account(database, "late")
    for _ in range(30):
        await queue_task(database, early)
    for _ in range(10):
        await next_account(database)
    for _ in range(20):
        await queue_task(database, late)
    ran = [await next_account(database) for _ in range(20)]
    assert 9 <= ran.count(late) <= 11


async def test_cancelled_tasks_give_their_place_back(database: Database) -> None:
    hasty, other = await new_account(database, "hasty"), await new_account(database, "other")
    await queue_task(database, other)
    await next_account(database)
    dropped = [await queue_task(database, hasty) for _ in range(20)]
    kept = await queue_task(database, hasty)
    for _ in range(5):
        await queue_task(database, other)
    for task_id in dropped:
        async with database.write() as connection:
            assert await finish(connection, task_id, Status.CANCELLED)
    ran = [await next_account(database) for _ in range(2)]
    assert hasty in ran, "the task behind the cancelled ones has moved up"
    async with database.read() as connection:
        task = await tasks.get_task(connection, hasty, kept)
    assert task is not None
    assert task.status is Status.COMPLETED


async def test_one_account_keeps_its_order(database: Database) -> None:
    account = await new_account(database, "a")
    made = [await queue_task(database, account, price) for price in ("30", "1", "10", "2")]
    ran: list[str] = []
    for _ in made:
        async with database.write() as connection:
            task = await claim_task(connection, "worker", alone=True)
            assert task is not None
            ran.append(task.id)
    assert ran == made


@pytest.mark.parametrize("workers", [8])
async def test_workers_side_by_side_never_take_the_same_task(database: Database, workers: int) -> None:
    account = await new_account(database, "a")
    made = [await queue_task(database, account) for _ in range(40)]
    ran: list[str] = []

    async def work() -> None:
        while True:
            async with database.write() as connection:
                task = await claim_task(connection, "worker", alone=True)
            if task is None:
                return
            ran.append(task.id)

    await asyncio.gather(*(work() for _ in range(workers)))
    assert sorted(ran) == sorted(made)


STANDARD, FAST = "seedance-2.0-text-to-video", "seedance-2.0-fast-text-to-video"
REFERENCE = "seedance-2.0-reference-to-video"
LANE = frozenset({STANDARD, FAST, REFERENCE})


async def begin_next(database: Database, fitting: Fitting) -> tasks.TaskRecord | None:
    async with database.write() as connection:
        return await claim_task(connection, "worker", alone=True, models=LANE, fitting=fitting)


async def models_in_order(database: Database, fitting: Fitting) -> list[str]:
    ran: list[str] = []
    while (task := await begin_next(database, fitting)) is not None:
        ran.append(task.model)
    return ran


async def test_tasks_that_fit_what_is_loaded_are_begun_first(database: Database) -> None:
    account = await new_account(database, "a")
    for model in (STANDARD, FAST, STANDARD, FAST):
        await queue_task(database, account, model=model)
    fitting = Fitting(lambda: {FAST})
    assert await models_in_order(database, fitting) == [FAST, FAST, STANDARD, STANDARD]


async def test_whoever_comes_next_waits_no_longer_than_so_long_for_those_that_fit(database: Database) -> None:
    """However many of another account's tasks fit what is loaded."""
    busy, other = await new_account(database, "busy"), await new_account(database, "other")
    await queue_task(database, other, model=STANDARD)
    for _ in range(5):
        await queue_task(database, busy, model=FAST)
    fitting = Fitting(lambda: {FAST}, longest=0.0)
    assert await models_in_order(database, fitting) == [FAST, STANDARD, FAST, FAST, FAST, FAST]


async def test_each_that_is_passed_over_has_a_clock_of_its_own(database: Database) -> None:
    account = await new_account(database, "a")
    first, second = [await queue_task(database, account, model=STANDARD) for _ in range(2)]
    fits = [await queue_task(database, account, model=FAST) for _ in range(3)]
    fitting = Fitting(lambda: {FAST}, longest=0.0)
    ran = [await begin_next(database, fitting)]
    async with database.write() as connection:
        await finish(connection, first, Status.CANCELLED)
    ran += [await begin_next(database, fitting) for _ in range(3)]
    assert [task and task.id for task in ran] == [*fits[:2], second, fits[2]], "what was used up was the other's"


async def test_a_clock_runs_on_while_another_claim_holds_whoever_was_passed_over(postgresql: PostgresqlServer) -> None:
    fitting = Fitting(lambda: {FAST}, longest=0.0)
    async with opened(postgresql.new_database()) as database:
        account = await new_account(database, "a")
        first, second = [await queue_task(database, account, model=STANDARD) for _ in range(2)]
        fits = await queue_task(database, account, model=FAST)
        ran = [await begin_next(database, fitting)]
        async with database.write() as connection:
            await connection.execute(select(Task.id).where(Task.id == first).with_for_update())
            ran.append(await begin_next(database, fitting))
        await queue_task(database, account, model=FAST)
        ran.append(await begin_next(database, fitting))
    assert [task and task.id for task in ran] == [fits, second, first]


async def test_a_reference_task_that_names_no_file_fits_what_text_does(database: Database) -> None:
    account = await new_account(database, "a")
    bare = await queue_task(database, account, model=REFERENCE)
    whole = await queue_task(database, account, model=REFERENCE, links=(link("image", "https://x.example/a.png"),))
    text = await queue_task(database, account, model=STANDARD)

    async def begun(fits: str) -> list[str]:
        ran: list[str] = []
        async with database.write() as connection:
            while (
                task := await claim_task(connection, "worker", alone=True, models=LANE, fitting=Fitting(lambda: {fits}))
            ) is not None:
                ran.append(task.id)
            await connection.execute(update(Task).values(status=Status.PENDING.value))
        return ran

    assert await begun(REFERENCE) == [whole, bare, text]
    assert await begun(STANDARD) == [bare, text, whole]


async def test_where_everything_fits_each_has_its_turn(database: Database) -> None:
    account = await new_account(database, "a")
    for model in (STANDARD, FAST, STANDARD):
        await queue_task(database, account, model=model)
    fitting = Fitting(lambda: LANE)
    assert await models_in_order(database, fitting) == [STANDARD, FAST, STANDARD]
