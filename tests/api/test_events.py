"""The event stream at moments that a running server rarely shows."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from opendance.api import tasks as routes
from opendance.api.auth import Credential
from opendance.api.limits import OpenStreams
from opendance.changes import Changes
from opendance.links import Links
from opendance.store.claims import advance_task, claim_task
from opendance.store.database import Database
from opendance.store.keys import Caller
from opendance.store.reads import TaskReads
from opendance.store.tasks import TaskRecord, create_task, list_changes
from opendance.task import Status
from tests.callers import new_caller
from tests.databases import opened
from tests.tasks import finish, waiting_task


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database]:
    async with opened(tmp_path / "db.sqlite3") as database:
        yield database


@pytest.fixture
async def caller(database: Database) -> Caller:
    return await new_caller(database, "a")


@pytest.fixture
async def task(database: Database, caller: Caller) -> TaskRecord:
    async with database.write() as connection:
        await create_task(connection, task := waiting_task(caller.account_id))
    return task


async def going_on(database: Database) -> TaskRecord:
    """The one task, which a worker has taken and begun."""
    async with database.write() as connection:
        claimed = await claim_task(connection, "worker", alone=True)
        assert claimed is not None
        await advance_task(connection, claimed, stage="plan", progress=13)
    return claimed


async def told(
    database: Database,
    caller: Caller,
    task: TaskRecord,
    *,
    after: int = 0,
    once_read: Callable[[], Awaitable[None]] | None = None,
) -> list[tuple[str, str]]:
    """Id and status of what a stream tells, which ends with the task.

    Args:
        once_read: what happens just after the stream has read the task for the first time.
    """

    class Reads(TaskReads):
        async def get(self, account_id: str, task_id: str) -> TaskRecord | None:
            nonlocal once_read
            found = await super().get(account_id, task_id)
            if once_read is not None:
                happens, once_read = once_read, None
                await happens()
            return found

    async def good_key(_: str) -> None:
        """The key is good whenever it is asked about."""

    changes = Changes()
    parts = {"database": database, "changes": changes, "streams": OpenStreams(1)}
    reads, callers = Reads(database, together=False), SimpleNamespace(of=good_key)
    state = cast("Any", SimpleNamespace(**parts, task_reads=reads, callers=callers))
    events: list[tuple[str, str]] = []
    async for event in routes._events(state, Links(b"secret"), caller, Credential("any"), task.id, after):
        events.append((str(event.id), json.loads(str(event.data))["status"]))
        changes.tell(task.id)  # what happened meanwhile is looked at at once
    return events


async def test_a_task_that_ends_between_two_looks_is_told_to_have_ended(
    database: Database, caller: Caller, task: TaskRecord
) -> None:
    async def end() -> None:
        async with database.write() as connection:
            await finish(connection, task.id, Status.FAILED)

    assert await told(database, caller, task, once_read=end) == [("1", "pending"), ("2", "failed")]


async def test_what_was_missed_is_told_in_order_and_what_comes_meanwhile_once(
    database: Database, caller: Caller, task: TaskRecord
) -> None:
    claimed = await going_on(database)

    async def go_on_and_end() -> None:
        async with database.write() as connection:
            await advance_task(connection, claimed, stage="render", progress=50)
            await finish(connection, task.id, Status.FAILED)

    events = await told(database, caller, task, once_read=go_on_and_end)
    assert events == [
        ("1", "pending"), ("2", "processing"), ("3", "processing"), ("4", "processing"), ("5", "failed"),
    ]  # fmt: skip


async def test_the_newest_change_is_told_by_the_task_itself_and_only_what_was_missed_is_asked_for(
    database: Database, caller: Caller, task: TaskRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    async def counted(*args: Any, after: int) -> Any:
        asked.append(after)
        return await list_changes(*args, after=after)

    monkeypatch.setattr(routes, "list_changes", counted)
    await going_on(database)
    async with database.write() as connection:
        await finish(connection, task.id, Status.FAILED)
    assert await told(database, caller, task, after=3) == [("4", "failed")]
    assert await told(database, caller, task, after=4) == []
    assert asked == []
    assert [number for number, _ in await told(database, caller, task, after=1)] == ["2", "3", "4"]
    assert asked == [1]
