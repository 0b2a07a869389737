"""The audit log on both databases: it only grows, and is kept as long as it is to be kept."""

from __future__ import annotations

import asyncio
import time

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from opendance import administration as admin
from opendance.store.audit import PromptPolicy, list_audit, record, remove_old_audit
from opendance.store.database import Database
from opendance.store.secrets import made_once
from opendance.store.tables import AuditEntry

DAY = 86_400.0


async def test_rows_are_found_by_what_they_say(database: Database) -> None:
    async with database.write() as connection:
        for kind, account in (("filter", "a"), ("admin.top_up", "a"), ("admin_x", "b"), ("filter", "b")):
            await record(connection, kind, actor="somebody", account_id=account, task_id=f"task-{account}", detail={})
    async with database.read() as connection:
        everything = await list_audit(connection, limit=10)
        assert [row.kind for row in everything] == ["filter", "admin.top_up", "admin_x", "filter"]
        assert [row.kind for row in await list_audit(connection, kind="admin.", limit=10)] == ["admin.top_up"]
        assert len(await list_audit(connection, kind="filter", account_id="b", limit=10)) == 1
        assert len(await list_audit(connection, task_id="task-a", limit=10)) == 2
        assert await list_audit(connection, after=everything[1].id, limit=1) == everything[2:3]
        assert await list_audit(connection, until=everything[0].at, limit=10) == []
        assert await list_audit(connection, since=time.time() + 60, limit=10) == []


@pytest.mark.parametrize(
    "change", ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit", "UPDATE audit SET at = 0", "TRUNCATE audit"]
)
async def test_nothing_is_changed_or_removed(database: Database, change: str) -> None:
    async with database.write() as connection:
        await record(connection, "filter", actor="somebody", detail={"a": 1})
    with pytest.raises(DBAPIError):
        async with database.write() as connection:
            await connection.execute(text(change))
    async with database.read() as connection:
        (row,) = await list_audit(connection, limit=10)
        assert (row.actor, row.detail) == ("somebody", {"a": 1})


async def test_old_rows_go_young_ones_stay_whatever_is_asked(database: Database) -> None:
    now = time.time()
    async with database.write() as connection:
        for age in (500, 31, 29, 0):
            values = {"at": now - age * DAY, "kind": "filter", "actor": f"{age}", "detail": {}}
            await connection.execute(insert(AuditEntry).values(**values))
        assert await remove_old_audit(connection, before=now - 400 * DAY, limit=10) == 1
    with pytest.raises(DBAPIError):
        async with database.write() as connection:
            await remove_old_audit(connection, before=now, limit=10)
    async with database.write() as connection:
        assert await remove_old_audit(connection, before=now - 30 * DAY, limit=10) == 1
        assert [row.actor for row in await list_audit(connection, limit=10)] == ["29", "0"]


async def test_what_the_operator_does_is_told_without_secrets(database: Database) -> None:
    async with database.write() as connection:
        account = await admin.create_account(connection, admin.NewAccount(name="Ann", credits=5))  # pyright: ignore[reportArgumentType]
        key, secret = await admin.create_key(connection, "Ann", admin.NewKey(name="k"))
        _, rotated = await admin.rotate_key(connection, key.id, admin.Rotation())
        await admin.top_up(connection, "Ann", admin.TopUp(credits=7, reference="r-1"))  # pyright: ignore[reportArgumentType]
        await admin.put_group(connection, "gold", admin.GroupChange(priority=3))
        master = await admin.new_admin_key(connection)
        await admin.revoke_key(connection, key.id)
        rows = await list_audit(connection, kind="admin.", limit=20)
    assert [row.kind.removeprefix("admin.") for row in rows] == [
        "create_account", "create_key", "rotate_key", "top_up", "put_group", "new_admin_key", "revoke_key",
    ]  # fmt: skip
    assert {row.actor for row in rows} == {"command line"}
    assert [row.account_id for row in rows] == [account.id] * 4 + [None, None, account.id]
    assert rows[3].detail == {"account": "Ann", "credits": "7", "reference": "r-1"}
    assert rows[1].detail["key"] == key.id
    for hidden in (secret, rotated, master):
        assert hidden not in str(rows)


async def test_of_two_that_make_a_secret_at_once_one_wins(database: Database) -> None:
    made = iter(("first", "second"))

    async def make() -> str:
        async with database.write() as connection:
            return await made_once(connection, "a-secret", lambda: next(made))

    one, other = await asyncio.gather(make(), make())
    assert one == other


async def test_what_fails_is_not_told(database: Database) -> None:
    with pytest.raises(Exception, match="nobody"):
        async with database.write() as connection:
            await admin.create_key(connection, "nobody", admin.NewKey(name="k"))
    async with database.read() as connection:
        assert await list_audit(connection, limit=10) == []


def test_a_hashed_prompt_is_recognised_and_not_guessed() -> None:
    mine, other = PromptPolicy("hashed", b"one"), PromptPolicy("hashed", b"two")
    assert mine.entry("a cat") == mine.entry("a cat") != mine.entry("a dog")
    assert mine.entry("a cat") != other.entry("a cat")
    assert "cat" not in str(mine.entry("a cat"))
    assert PromptPolicy("whole", b"").entry("a cat") == {"prompt": "a cat"}
