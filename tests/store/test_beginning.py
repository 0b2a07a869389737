"""What an installation begins with, on both databases."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

from opendance.running import running
from opendance.settings import Settings
from opendance.store import accounts, ledger
from opendance.store.beginning import ensure_default_account
from opendance.store.database import Database
from tests.databases import opened


async def begin(database: Database, credits_: int) -> str:
    async with database.write() as connection:
        return await ensure_default_account(connection, starting_credits=Decimal(credits_))


async def balances(database: Database) -> dict[str, Decimal]:
    async with database.read() as connection:
        return {account.name: account.balance for account in await accounts.list_accounts(connection)}


async def test_the_first_account_gets_the_starting_credits_once(database: Database) -> None:
    first = await begin(database, 100)
    assert await begin(database, 700) == first
    assert await balances(database) == {"default": 100}


async def test_an_installation_that_began_with_nothing_gets_nothing_later(database: Database) -> None:
    await begin(database, 0)
    await begin(database, 100)
    assert await balances(database) == {"default": 0}
    async with database.read() as connection:
        [account] = await accounts.list_accounts(connection)
        assert await ledger.list_entries(connection, account.id) == []


async def test_an_account_that_the_operator_made_before_gets_nothing(database: Database) -> None:
    async with database.write() as connection:
        studio = await accounts.create_account(connection, name="studio")
    assert await begin(database, 100) == studio
    assert await balances(database) == {"studio": 0}


async def test_servers_that_start_at_the_same_time_make_one_account(database: Database) -> None:
    assert len(set(await asyncio.gather(*(begin(database, 100) for _ in range(4))))) == 1
    assert await balances(database) == {"default": 100}


async def test_a_worker_that_starts_first_leaves_the_account_to_the_server(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, starting_credits=Decimal(5), work=False, picture_filter=False)
    async with running(settings), opened(settings.database) as database:
        assert await balances(database) == {}
    made: list[str] = []
    async with running(settings, made.append, serves=True), opened(settings.database) as database:
        assert await balances(database) == {"default": 5}
    assert len(made) == 1
