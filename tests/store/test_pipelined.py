"""Statements as PostgreSQL gets them: several in one round trip, and connections that are lost in the middle."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from opendance.store.database import Database, open_database
from opendance.store.tables import AuditEntry, ServerSecret
from tests.databases import PostgresqlServer

_ADD = insert(ServerSecret)


async def names(database: Database) -> list[str]:
    async with database.read() as connection:
        rows = await connection.execute(select(ServerSecret.name).order_by(ServerSecret.name))
        return [row.name for row in rows]


@pytest.mark.on_each_database
async def test_what_is_sent_is_there_for_what_is_executed_next_and_for_others_after_the_end(database: Database) -> None:
    async with database.write() as connection:
        await connection.send(_ADD, {"name": "a", "value": "1"})
        await connection.send(_ADD, {"name": "b", "value": "2"})
        count, name = await connection.execute_all(
            (select(func.count()).select_from(ServerSecret), None),
            (select(ServerSecret.value).where(ServerSecret.name == "b"), None),
        )
        assert (count.scalar(), name.scalar()) == (2, "2")
        await connection.send(_ADD, {"name": "c", "value": "3"})
    assert await names(database) == ["a", "b", "c"]


@pytest.mark.on_each_database
@pytest.mark.parametrize("count", [0, 1, 2, 37])
async def test_rows_are_all_there_in_their_order_however_many_they_are(database: Database, count: int) -> None:
    rows = [
        {"at": 0.5 * n, "kind": "k", "actor": f"$1 {n}", "account_id": None, "task_id": None, "detail": {"n": n}}
        for n in range(count)
    ]
    async with database.write() as connection:
        await connection.send_rows(insert(AuditEntry).inline(), rows)
    async with database.read() as connection:
        given = (await connection.execute(select(AuditEntry.__table__).order_by(AuditEntry.id))).mappings()
        assert [{name: value for name, value in row.items() if name != "id"} for row in given] == rows


@pytest.mark.on_each_database
async def test_one_of_many_rows_that_is_refused_undoes_all_of_them(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await connection.send_rows(_ADD, [{"name": name, "value": "1"} for name in "abcda"])
    assert await names(database) == []


@pytest.mark.on_each_database
async def test_what_was_sent_and_fails_undoes_the_whole_transaction_and_is_told_at_its_end(database: Database) -> None:
    with pytest.raises(IntegrityError):  # noqa: PT012 - it comes at the block's end
        async with database.write() as connection:
            await connection.send(_ADD, {"name": "a", "value": "1"})
            await connection.send(_ADD, {"name": "a", "value": "2"})
            await connection.send(_ADD, {"name": "b", "value": "3"})
    assert await names(database) == []
    async with database.write() as connection:  # the connection is as good as new
        await connection.execute(_ADD, {"name": "c", "value": "1"})
    assert await names(database) == ["c"]


@pytest.mark.on_each_database
async def test_a_block_that_raises_leaves_nothing_of_what_was_executed_or_sent(database: Database) -> None:
    with pytest.raises(RuntimeError):  # noqa: PT012 - the block is what raises
        async with database.write() as connection:
            await connection.execute(_ADD, {"name": "a", "value": "1"})
            await connection.send(_ADD, {"name": "b", "value": "1"})
            raise RuntimeError
    assert await names(database) == []


@pytest.mark.on_each_database
async def test_a_statement_that_cannot_be_is_told_as_sqlalchemy_tells_it(database: Database) -> None:
    for _ in range(2):  # the second time it is not taken for prepared
        async with database.read() as connection:
            with pytest.raises((ProgrammingError, OperationalError), match="nowhere"):
                await connection.execute(text("SELECT * FROM nowhere"))
            assert (await connection.execute(select(func.count()).select_from(ServerSecret))).scalar() == 0


@pytest.mark.on_each_database
async def test_a_statement_without_one_of_its_values_is_refused(database: Database) -> None:
    async with database.read() as connection:
        with pytest.raises(KeyError, match="no value for lacking"):
            await connection.execute(text("SELECT :lacking"))


async def test_after_a_cancelled_statement_the_next_gets_its_own_answer(postgresql: PostgresqlServer) -> None:
    database = open_database(postgresql.new_database())
    try:

        async def sleep() -> Any:
            async with database.read() as connection:
                return await connection.execute(text("SELECT pg_sleep(30)"))

        sleeping = asyncio.create_task(sleep())
        await asyncio.sleep(0.2)
        sleeping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sleeping
        async with database.read() as connection:
            assert (await connection.execute(text("SELECT 7 AS seven"))).one().seven == 7
        assert database.pool.in_use == 0
    finally:
        await database.close()


async def test_connections_that_the_server_ended_are_outages_and_new_ones_are_opened(
    postgresql: PostgresqlServer,
) -> None:
    database = open_database(url := postgresql.new_database())
    try:
        async with database.read() as first, database.read() as second:
            for connection in (first, second):
                await connection.execute(text("SELECT 1"))
        name = url.rpartition("/")[2]
        postgresql.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        with pytest.raises(OperationalError):
            async with database.read() as connection:
                await connection.execute(text("SELECT 1"))
        async with database.read() as connection:  # the other one was given up too
            assert (await connection.execute(text("SELECT 2 AS two"))).one().two == 2
    finally:
        await database.close()
