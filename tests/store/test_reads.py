"""One read for all who ask for tasks at once."""

from __future__ import annotations

import asyncio

import pytest

from opendance.store.database import Database
from opendance.store.reads import TaskReads
from opendance.store.tasks import create_task
from opendance.task import Status
from tests.callers import new_caller
from tests.databases import PostgresqlServer, opened
from tests.tasks import finish, waiting_task


class Counting:
    """A database that counts its reads."""

    def __init__(self, database: Database) -> None:
        self.database, self.reads = database, 0

    def read(self):
        self.reads += 1
        return self.database.read()


async def test_a_crowd_costs_a_few_reads_and_each_gets_its_own_task_alone(postgresql: PostgresqlServer) -> None:
    async with opened(postgresql.new_database()) as database:
        callers = [await new_caller(database, name) for name in ("a", "b")]
        tasks = [waiting_task(caller.account_id) for caller in callers for _ in range(3)]
        async with database.write() as connection:
            for task in tasks:
                await create_task(connection, task)
        counting = Counting(database)
        reads = TaskReads(counting, together=True)  # pyright: ignore[reportArgumentType]
        asked = [(caller, task) for caller in callers for task in tasks] * 20
        answers = await asyncio.gather(*(reads.get(caller.account_id, task.id) for caller, task in asked))
        for (caller, task), answer in zip(asked, answers, strict=True):
            assert (answer and answer.id) == (task.id if task.account_id == caller.account_id else None)
        assert counting.reads <= 2


async def test_who_asks_after_a_change_sees_it_though_a_read_is_on_its_way(postgresql: PostgresqlServer) -> None:
    async with opened(postgresql.new_database()) as database:
        caller = await new_caller(database, "a")
        async with database.write() as connection:
            await create_task(connection, task := waiting_task(caller.account_id))
        reads = TaskReads(database, together=True)
        for _ in range(5):
            before = asyncio.create_task(reads.get(caller.account_id, task.id))
            await asyncio.sleep(0)
        async with database.write() as connection:
            await finish(connection, task.id, Status.FAILED)
        after = await reads.get(caller.account_id, task.id)
        assert after is not None
        assert after.status is Status.FAILED
        assert await before is not None


async def test_an_outage_is_told_to_all_who_waited(postgresql: PostgresqlServer) -> None:
    class Away:
        def read(self):
            raise ConnectionError

    reads = TaskReads(Away(), together=True)  # pyright: ignore[reportArgumentType]
    answers = await asyncio.gather(*(reads.get("a", f"t{n}") for n in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ConnectionError] * 3
    with pytest.raises(ConnectionError):
        await reads.get("a", "t")
