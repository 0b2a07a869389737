"""Keys that are remembered for less than a second, and forgotten at once where something of theirs changes."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from opendance.errors import Unauthorized
from opendance.store import keys
from opendance.store.beginning import ensure_default_account
from opendance.store.callers import Callers
from tests.databases import PostgresqlServer, opened


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


async def test_a_crowd_of_many_keys_is_looked_up_together_and_each_is_told_its_own(
    postgresql: PostgresqlServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(postgresql.new_database()) as database:
        async with database.write() as connection:
            owner = await ensure_default_account(connection)
            made = [await keys.create_key(connection, owner, name=f"key {n}") for n in range(20)]
            await keys.change_key(connection, made[0][0], revoked=time.time())
            rotated = [
                await keys.rotate_key(connection, made[n][0], overlap=overlap) for n, overlap in ((1, 60), (2, 0))
            ]
        reads, read = 0, database.read

        def counted() -> Any:
            nonlocal reads
            reads += 1
            return read()

        monkeypatch.setattr(database, "read", counted)
        callers = Callers(database, lambda: 100.0, together=True)
        asked = ["od-of-nobody", *(key for _, key in made), *rotated]
        answers = await asyncio.gather(*(callers.of(key) for key in asked), return_exceptions=True)
        assert reads <= 2
        refused = {n: str(answer) for n, answer in enumerate(answers) if isinstance(answer, Unauthorized)}
        assert ["known" in refused[0], "revoked" in refused[1], "replaced" in refused[3]] == [True] * 3
        assert len(refused) == 3
        good = [answer.key.id for answer in answers if not isinstance(answer, BaseException)]
        assert good == [made[n][0] for n in (1, *range(3, 20), 1, 2)]


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
