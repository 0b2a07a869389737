"""Keys that are remembered for less than a second, and forgotten at once where something of theirs changes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from opendance.errors import Unauthorized
from opendance.store import keys
from opendance.store.beginning import ensure_default_account
from opendance.store.callers import Callers
from tests.databases import opened


async def test_a_revoked_key_is_good_for_less_than_a_second_where_nobody_told(tmp_path: Path) -> None:
    now = 100.0
    async with opened(tmp_path / "db.sqlite3") as database:
        callers = Callers(database, lambda: now)
        async with database.write() as connection:
            key_id, key = await keys.create_key(connection, await ensure_default_account(connection), name="a")
        known = await callers.of(key)
        async with database.write() as connection:
            await keys.change_key(connection, key_id, revoked=time.time())
        assert await callers.of(key) is known
        now += 0.95
        with pytest.raises(Unauthorized, match="revoked"):
            await callers.of(key)


async def test_a_change_in_this_process_is_seen_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path / "db.sqlite3") as database:
        callers = Callers(database, lambda: 100.0)
        async with database.write() as connection:
            key_id, key = await keys.create_key(connection, await ensure_default_account(connection), name="a")
        await callers.of(key)
        async with database.write() as connection:
            await keys.change_key(connection, key_id, enabled=False)
        callers.clear()
        with pytest.raises(Unauthorized, match="switched off"):
            await callers.of(key)


async def test_a_key_that_expires_sooner_is_remembered_no_longer_than_it_is_good(tmp_path: Path) -> None:
    now = 100.0
    async with opened(tmp_path / "db.sqlite3") as database:
        callers = Callers(database, lambda: now)
        async with database.write() as connection:
            owner = await ensure_default_account(connection)
            _, key = await keys.create_key(connection, owner, name="a", expires=time.time() + 0.3)
        known = await callers.of(key)
        now += 0.31
        assert await callers.of(key) is not known
