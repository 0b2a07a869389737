from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from opendance.errors import ConfigurationError, Unauthorized
from opendance.store import keys, tasks
from opendance.store.beginning import ensure_default_account
from opendance.store.claims import advance_task, claim_task, is_claim_held
from opendance.store.database import Database, database_url, migrate
from opendance.store.journal import read_journal, write_entry
from opendance.store.listing import Filter, Position, list_tasks
from opendance.store.secrets import server_secret
from opendance.store.speeds import read_speeds, record_speed
from opendance.store.tables import Base
from opendance.task import Status, new_task_id
from tests.databases import opened
from tests.tasks import MINI, finish, order, waiting_task
from tests.until import until


async def new_task(
    database: Database, *, account: str | None = None, created: float = 1e9, model: str = MINI
) -> tasks.TaskRecord:
    async with database.write() as connection:
        account_id = account or await ensure_default_account(connection)
        task = waiting_task(
            account_id, order(model), seed=2**32 - 1, estimated_time=3, credits_reserved=Decimal("12.3456"), created=created,
        )  # fmt: skip
        await tasks.create_task(connection, task)
    return task


def test_the_migrations_make_exactly_the_tables(database_place: Path | str) -> None:
    migrate(database_place)
    migrate(database_place)  # a second start changes nothing
    engine = create_engine(database_url(database_place))
    with engine.connect() as connection:
        # The queue's own tables are its package's, not ours to describe; the index of the search is each database's own.
        theirs = ("procrastinate_", "task_grams")
        ours = {"include_name": lambda name, kind, _: not (name or "").startswith(theirs)}
        context = MigrationContext.configure(connection, opts=ours)
        assert compare_metadata(context, Base.metadata) == []
        if isinstance(database_place, Path):
            assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://root@127.0.0.1/x", "mysql is not possible"),
        ("not a url", "not a URL"),
        ("postgresql://nobody@127.0.0.1:9/x", "cannot be used"),
    ],
)
def test_a_database_that_cannot_be_used_is_told(url: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        migrate(url)


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="data_dir"):
        migrate(tmp_path / "file" / "db.sqlite3")


async def test_AU_02_a_key_is_stored_only_as_a_hash(tmp_path: Path) -> None:
    async with opened(tmp_path / "db.sqlite3") as database, database.write() as connection:
        owner = await ensure_default_account(connection)
        key_id, key = await keys.create_key(connection, owner, name="one")
        record = (await keys.list_keys(connection))[0]
        rotated = await keys.rotate_key(connection, key_id, overlap=60)
    assert key.startswith(record.prefix)
    assert len(key) > 40
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in (key, rotated):
        assert secret.encode() not in stored
        assert secret[12:].encode() not in stored


@pytest.mark.rule("AU-01")
async def test_unknown_revoked_and_expired_keys_are_refused(database: Database) -> None:
    async with database.write() as connection:
        owner = await ensure_default_account(connection)
        _, good = await keys.create_key(connection, owner, name="good", models=("m",))
        _, old = await keys.create_key(connection, owner, name="old", expires=time.time() - 1)
        bad_id, bad = await keys.create_key(connection, owner, name="bad")
        off_id, off = await keys.create_key(connection, owner, name="off")
        await keys.change_key(connection, bad_id, revoked=time.time())
        await keys.change_key(connection, off_id, enabled=False)
        assert (await keys.authenticate(connection, good)).key.models == ("m",)
        refused = ((old, "expired"), (bad, "revoked"), (off, "switched off"), ("od-x", "not known"))
        for key, why in (*refused, (good + "x", "not known"), (good[:-1], "not known"), ("", "not known")):
            with pytest.raises(Unauthorized, match=why):
                await keys.authenticate(connection, key)


async def test_a_task_is_seen_by_its_own_account_alone(database: Database) -> None:
    task = await new_task(database)
    async with database.read() as connection:
        assert await tasks.get_task(connection, task.account_id, task.id) == task
        assert await tasks.get_task(connection, "acct-other", task.id) is None
        assert await list_tasks(connection, "acct-other", limit=10) == []
        assert await tasks.list_changes(connection, "acct-other", task.id, after=0) == []
    async with database.write() as connection:
        await tasks.request_cancel(connection, replace(task, account_id="acct-other"))
        assert await tasks.get_task(connection, task.account_id, task.id) == task


async def test_tasks_are_listed_newest_first_and_page_by_page(database: Database) -> None:
    made = [await new_task(database, created=1e9 + i // 2) for i in range(7)]  # pairs share their second
    account = made[0].account_id
    expected = sorted(((t.created, t.id) for t in made), reverse=True)
    found: list[tuple[float, str]] = []
    async with database.read() as connection:
        while True:
            page = await list_tasks(connection, account, limit=2, after=Position(*found[-1]) if found else None)
            found += [(t.created, t.id) for t in page]
            if len(page) < 2:
                break
        between = Filter(created_after=1e9, created_before=1e9 + 2)
        window = await list_tasks(connection, account, between, limit=9)
        assert {t.created for t in window} == {1e9 + 1}
    assert found == expected


@pytest.mark.rule("TK-03")
async def test_a_task_only_moves_forward_and_ends_once(database: Database) -> None:
    task = await new_task(database)
    async with database.write() as connection:
        claimed = await claim_task(connection, "me", alone=True)
        assert claimed is not None
        assert (claimed.id, claimed.status, claimed.attempts) == (task.id, Status.PROCESSING, 1)
        assert await claim_task(connection, "me", alone=True) is None
        assert await advance_task(connection, claimed, stage="render", progress=40)
        assert not await advance_task(connection, claimed, stage="render", progress=30)
        assert await advance_task(connection, claimed, stage="check", progress=30)
        assert (await tasks.get_task(connection, task.account_id, task.id)).progress == 40  # type: ignore[union-attr]
        ended = await finish(connection, task.id, Status.COMPLETED, result_key="x.mp4")
        assert ended is not None
        assert ended.progress == 100
        assert await tasks.finish_task(connection, claimed, Status.FAILED, error=("service_error", "late")) is None
        assert not await advance_task(connection, claimed, stage="render", progress=99)
        changes = await tasks.list_changes(connection, task.account_id, task.id, after=0)
    assert [c.revision for c in changes] == list(range(1, len(changes) + 1))
    assert [c.progress for c in changes] == sorted(c.progress for c in changes)
    assert changes[-1].status is Status.COMPLETED


async def test_what_a_dead_process_left_is_claimed_first(database: Database) -> None:
    left = await new_task(database, created=2e9)
    async with database.write() as connection:
        await claim_task(connection, "dead", alone=True)
    await new_task(database, created=1e9)
    async with database.write() as connection:
        claimed = await claim_task(connection, "alive", alone=True)
    assert claimed is not None
    assert (claimed.id, claimed.attempts) == (left.id, 2)


async def test_tasks_of_busy_accounts_that_name_files_wait_unless_they_were_begun(database: Database) -> None:
    with_files = await new_task(database, model="seedance-2.0-mini-image-to-video", created=1e9)
    without = await new_task(database, created=2e9)
    busy = [with_files.account_id]
    async with database.write() as connection:
        first = await claim_task(connection, "job-1", alone=False, busy=busy)
        assert await claim_task(connection, "job-2", alone=False, busy=busy) is None
        second = await claim_task(connection, "job-2", alone=False, busy=[])
        again = await claim_task(connection, "job-2", alone=False, models=[without.model], busy=busy)
    assert first is not None and second is not None and again is not None  # noqa: PT018
    assert [first.id, second.id, again.id] == [without.id, with_files.id, with_files.id]


async def test_the_journal_keeps_the_newest_result_of_a_stage(database: Database) -> None:
    task = await new_task(database)
    async with database.write() as connection:
        await write_entry(connection, task.id, "plan", {"a": 1}, seconds=0.1)
        await write_entry(connection, task.id, "plan", {"a": 2}, seconds=0.1)
        assert await read_journal(connection, task.id) == {"plan": {"a": 2}}


async def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    task = await new_task(database)

    async def create_two() -> None:
        async with database.write() as connection:
            await tasks.create_task(connection, replace(task, id=new_task_id()))
            await tasks.create_task(connection, task)

    with pytest.raises(IntegrityError):
        await create_two()
    async with database.read() as connection:
        assert len(await list_tasks(connection, task.account_id, limit=10)) == 1


async def test_writers_side_by_side_all_succeed(database: Database) -> None:
    first = await new_task(database)
    await asyncio.gather(*(new_task(database, account=first.account_id) for _ in range(50)))
    async with database.read() as connection:
        assert len(await list_tasks(connection, first.account_id, limit=100)) == 51


async def test_speeds_are_a_moving_average_and_secrets_stay(database: Database) -> None:
    async with database.write() as connection:
        for seconds in (1.0, 2.0):
            await record_speed(connection, engine="e", tier="fast", quality="720p", seconds_per_second=seconds)
        assert (await read_speeds(connection))["e", "fast", "720p"] == pytest.approx(1.3)
        secret = await server_secret(connection, "x")
        assert len(secret) == 32
        assert await server_secret(connection, "x") == secret
        assert await server_secret(connection, "y") != secret


async def test_a_worker_that_was_taken_for_dead_can_change_nothing(database: Database) -> None:
    task = await new_task(database)
    async with database.write() as connection:
        first = await claim_task(connection, "job-1", alone=False)
        assert first is not None
        second = await claim_task(connection, "job-1", alone=False)
        assert second is not None
        assert (first.id, second.id) == (task.id, task.id)
        assert not await advance_task(connection, first, stage="render", progress=40)
        assert not await is_claim_held(connection, first)
        assert await is_claim_held(connection, second)
        assert await advance_task(connection, second, stage="render", progress=40)


async def test_a_database_tells_who_uses_its_connections_and_who_waits_for_one(database: Database) -> None:
    async def write(done: asyncio.Event) -> None:
        async with database.write():
            await done.wait()

    done = asyncio.Event()
    assert (database.pool.in_use, database.pool.waiting) == (0, 0)
    at_once = database.pool.most if database.pool.most == 10 else 1  # PostgreSQL's; SQLite has one that writes
    writers = [asyncio.create_task(write(done)) for _ in range(at_once + 2)]
    await until(lambda: (database.pool.in_use, database.pool.waiting) == (at_once, 2))
    writers.pop().cancel()
    await until(lambda: database.pool.waiting == 1)
    done.set()
    await asyncio.gather(*writers)
    assert (database.pool.in_use, database.pool.waiting) == (0, 0)
