"""The event stream at moments that a running server rarely shows."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from opendance.api import tasks as routes
from opendance.api.auth import Credential
from opendance.api.limits import OpenStreams
from opendance.changes import Changes
from opendance.links import Links
from opendance.store.reads import TaskReads
from opendance.store.tasks import create_task, list_changes
from opendance.task import Status
from tests.callers import new_caller
from tests.databases import opened
from tests.tasks import finish, waiting_task


async def test_a_task_that_ends_between_two_looks_is_told_to_have_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path / "db.sqlite3") as database:
        caller = await new_caller(database, "a")
        async with database.write() as connection:
            await create_task(connection, task := waiting_task(caller.account_id))

        async def look_and_end(*args: Any, **how: Any) -> Any:
            changes = await list_changes(*args, **how)
            async with database.write() as connection:
                await finish(connection, task.id, Status.FAILED)
            return changes

        async def good_key(_: str) -> None:
            """The key is good whenever it is asked about."""

        monkeypatch.setattr(routes, "list_changes", look_and_end)
        links = Links(b"secret")
        parts = {"database": database, "changes": Changes(), "streams": OpenStreams(1)}
        reads, callers = TaskReads(database, together=False), SimpleNamespace(of=good_key)
        state = cast("Any", SimpleNamespace(**parts, task_reads=reads, callers=callers))
        events = [
            json.loads(event.data)
            async for event in routes._events(state, links, caller, Credential("any"), task.id, 0)
        ]
    assert [event["status"] for event in events] == ["pending", "failed"]
