"""An embedded installation becomes one on PostgreSQL, whole or not at all."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Connection, NullPool, String, create_engine, func, insert, select, text

from opendance import moving
from opendance.errors import ConfigurationError
from opendance.private import sole_use
from opendance.settings import Settings
from opendance.store import accounts, keys, ledger
from opendance.store.claims import claim_task
from opendance.store.database import database_url, open_database
from opendance.store.listing import Filter, list_tasks
from opendance.store.tables import Base
from opendance.store.tasks import create_task, get_task
from opendance.store.turns import take_turn
from opendance.task import Status
from tests.callers import new_caller
from tests.databases import PostgresqlServer, opened, writing
from tests.tasks import finish, order, waiting_task


async def filled(folder: Path) -> tuple[Settings, dict[str, Any]]:
    """An installation with a task that waits, one that runs and one that has ended, and what its owner sees."""
    settings = Settings(data_dir=folder)
    assert isinstance(settings.database, Path)
    async with opened(settings.database) as database:
        caller = await new_caller(database, "a", credits_="100", credit_limit=Decimal(50))
        tasks = [waiting_task(caller.account_id, order(prompt=f"a cat {n}")) for n in range(3)]
        for task in tasks:
            async with database.write() as connection:
                turn = await take_turn(connection, caller.account_id, list_price=Decimal(5), priority=1)
                await create_task(connection, task)
                facts = {"key_id": caller.key.id, "balance": turn.balance}
                await ledger.reserve(connection, caller.account_id, task.id, Decimal(5), **facts)
        async with database.write() as connection:
            await finish(connection, tasks[0].id, Status.FAILED)
            await claim_task(connection, "local-1", alone=True)
        async with database.write() as connection:
            await keys.create_key(connection, caller.account_id, name="b", models=("m",))
    objects = folder / "objects" / "results" / "x"
    objects.mkdir(parents=True)
    (objects / "video.mp4").write_bytes(b"video")
    return settings, await seen(settings.database, caller.account_id, tasks[0].id)


async def seen(place: Path | str, account: str, ended: str) -> dict[str, Any]:
    database = open_database(place)
    try:
        async with database.read() as connection:
            listed = await list_tasks(connection, account, Filter(), limit=10)
            return {
                "account": await accounts.find_account(connection, account),
                "keys": await keys.list_keys(connection),
                "groups": await accounts.list_groups(connection),
                "ledger": await ledger.list_entries(connection, account),
                "tasks": {task.id: (task.status, task.order, task.start_tag) for task in listed},
                "found": [task.id for task in await list_tasks(connection, account, Filter(search="cat"), limit=10)],
                "ended": await get_task(connection, account, ended),
            }
    finally:
        await database.close()


def fill_what_is_empty(connection: Connection) -> None:
    """A row in each table that has none."""
    for table in Base.metadata.sorted_tables:
        if connection.execute(select(func.count()).select_from(table)).scalar():
            continue
        row: dict[str, Any] = {}
        for column in table.columns:
            if column.foreign_keys:
                [key] = column.foreign_keys
                row[column.name] = connection.execute(select(key.column)).scalars().first()
            elif isinstance(column.type, JSON):
                row[column.name] = {"a": "b"}
            elif isinstance(column.type, String):
                row[column.name] = "a"
            elif isinstance(column.type, Boolean):
                row[column.name] = True
            else:
                row[column.name] = 7
        connection.execute(insert(table).values(row))


def rows_of(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """All of every table, but what a move changes: who worked on a task, and numbers that only the search knows."""
    changed = {("tasks", "owner"), ("task_search", "id")}
    return {
        table.name: [
            {name: value for name, value in row.items() if (table.name, name) not in changed}
            for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
        ]
        for table in Base.metadata.sorted_tables
    }


async def moved_to(settings: Settings, url: str, **how: Any) -> moving.Moved:
    return await asyncio.to_thread(moving.move, settings, url, **how)


async def test_all_that_was_there_is_there_and_goes_on(tmp_path: Path, postgresql: PostgresqlServer) -> None:
    settings, before = await filled(tmp_path / "data")
    url = postgresql.empty_database()
    moved = await moved_to(settings, url, objects=(tmp_path / "objects").as_uri())
    account, ended = before["account"].id, before["ended"].id
    assert await seen(url, account, ended) == before
    assert (moved.rows["tasks"], moved.objects) == (3, 1)
    assert moved.credits == before["account"].balance + 0
    assert (tmp_path / "objects" / "results" / "x" / "video.mp4").read_bytes() == b"video"
    assert moved.left.is_file()
    assert not (tmp_path / "data" / "opendance.sqlite3").exists()
    async with opened(url) as database:
        async with database.write() as connection:  # what ran goes on before what waits, whoever asks
            task = await claim_task(connection, "job-1", alone=False)
        assert task is not None
        assert task.attempts == 2
        async with database.write() as connection:
            await finish(connection, task.id, Status.FAILED)
            await ledger.top_up(connection, account, Decimal(1), reason="test")  # numbers go on behind those moved
        async with database.read() as connection:
            now = await accounts.find_account(connection, account)
            assert now is not None
            assert now.balance == await ledger.sum_of_entries(connection, account) == moved.credits + 6
            assert len(await list_tasks(connection, account, Filter(search="cat"), limit=10)) == 3


async def test_rows_of_every_table_are_moved(tmp_path: Path, postgresql: PostgresqlServer) -> None:
    settings, _ = await filled(tmp_path / "data")
    with writing(settings.database) as connection:
        fill_what_is_empty(connection)
        before = rows_of(connection)
    assert all(before.values())
    url = postgresql.empty_database()
    moved = await moved_to(settings, url)
    with create_engine(database_url(url), poolclass=NullPool).connect() as connection:
        assert rows_of(connection) == before
    assert moved.rows == {name: len(rows) for name, rows in before.items()}


async def test_a_move_that_fails_leaves_the_target_empty_and_the_next_one_succeeds(
    tmp_path: Path, postgresql: PostgresqlServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, before = await filled(tmp_path / "data")
    url = postgresql.empty_database()

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(moving, "_check_sums", interrupt)
        with pytest.raises(KeyboardInterrupt):
            moving._copy_rows(settings.database, _migrated(url))  # pyright: ignore[reportArgumentType]
    await moved_to(settings, url)
    assert await seen(url, before["account"].id, before["ended"].id) == before


def _migrated(url: str) -> str:
    moving.migrate(url)
    return url


async def test_a_target_that_holds_anything_is_refused(tmp_path: Path, postgresql: PostgresqlServer) -> None:
    settings, _ = await filled(tmp_path / "data")
    url = postgresql.new_database()
    async with opened(url) as database:
        await new_caller(database, "somebody")
    with pytest.raises(ConfigurationError, match="the target holds an installation: there are rows in accounts"):
        await moved_to(settings, url)
    assert settings.database.is_file()  # type: ignore[union-attr]


async def test_sums_that_the_ledger_does_not_confirm_are_not_moved(
    tmp_path: Path, postgresql: PostgresqlServer
) -> None:
    settings, _ = await filled(tmp_path / "data")
    with writing(settings.database) as connection:
        connection.execute(text("UPDATE accounts SET balance = balance + 10000 WHERE name = 'a'"))
    url = postgresql.empty_database()
    with pytest.raises(ConfigurationError, match="holds 91 credits, and its ledger says 90; nothing was moved"):
        await moved_to(settings, url)
    with pytest.raises(ConfigurationError, match="its ledger says"):  # and the target is as empty as before
        await moved_to(settings, url)


async def test_a_server_at_work_and_a_folder_without_an_installation_are_told(
    tmp_path: Path, postgresql: PostgresqlServer
) -> None:
    settings, _ = await filled(tmp_path / "data")
    with sole_use(settings.data_dir, "test"), pytest.raises(ConfigurationError, match="stop it first"):
        await moved_to(settings, postgresql.empty_database())
    with pytest.raises(ConfigurationError, match="there is no installation"):
        await moved_to(Settings(data_dir=tmp_path / "empty"), postgresql.empty_database())
