from __future__ import annotations

import time

import pytest
from sqlalchemy import select, update

from opendance.errors import IdempotencyConflict
from opendance.store.accounts import create_account
from opendance.store.database import Database
from opendance.store.idempotency import claim_idempotency_key
from opendance.store.tables import IdempotencyKey


async def claim(database: Database, account: str, key: str, body: str, task_id: str) -> str | None:
    async with database.write() as connection:
        return await claim_idempotency_key(connection, account, key, body_sha256=body, task_id=task_id)


async def test_a_key_is_kept_for_a_day_and_then_free_again(database: Database) -> None:
    async with database.write() as connection:
        account = await create_account(connection, name="a")
    assert await claim(database, account, "k", "body", "task-1") is None
    assert await claim(database, account, "k", "body", "task-2") == "task-1"
    with pytest.raises(IdempotencyConflict, match="task-1"):
        await claim(database, account, "k", "other", "task-2")
    for age, expected in ((23.9, "task-1"), (24.1, None)):
        async with database.write() as connection:
            await connection.execute(update(IdempotencyKey).values(created=time.time() - age * 3600))
        assert await claim(database, account, "k", "body", "task-3") == expected
    assert await claim(database, account, "k", "body", "task-4") == "task-3"
    async with database.read() as connection:
        assert len((await connection.execute(select(IdempotencyKey.key))).all()) == 1
