"""Tasks that the release before left unfinished, in a database that it wrote, are gone on with.

`release_0008/tasks_0008.sql` is the dump of an installation at schema 0008 that was killed with tasks at every stage;
each task's prompt says where it was stopped. Its work folder is gone, the upload that its tasks name is there.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from opendance.pipeline.steps import RENDER, STEPS
from opendance.pipeline.walk import Walk
from opendance.store.claims import claim_task
from opendance.store.database import migrate, open_database
from opendance.store.secrets import server_secret
from opendance.store.tables import Account, LedgerEntry, Task, TaskInput
from opendance.store.tasks import TaskRecord, record_of
from opendance.task import LIVE, Status
from tests.workshop import Workshop, a_workshop

RELEASE = Path(__file__).parent / "release_0008"
UPLOAD = "file-eec1c9f72b72c5504a943047"


@pytest.fixture
async def left(tmp_path: Path) -> AsyncGenerator[Workshop]:
    """The installation, brought up to date; `ark` only goes on with what it has begun."""
    place = tmp_path / "opendance.sqlite3"
    with closing(sqlite3.connect(place)) as connection:
        connection.executescript((RELEASE / "tasks_0008.sql").read_text("utf-8"))
    migrate(place)
    (tmp_path / "objects" / "uploads").mkdir(parents=True)
    shutil.copy(RELEASE / "upload.png", tmp_path / "objects" / "uploads" / f"{UPLOAD}.png")
    database = open_database(place)
    async with database.write() as connection:
        secret = await server_secret(connection, "result-links")
    async with a_workshop(database, tmp_path, engines=("blank", "ark"), secret=secret) as workshop:
        yield workshop
    await database.close()


async def all_tasks(workshop: Workshop) -> dict[str, TaskRecord]:
    """Every task of the release before, by its prompt."""
    async with workshop.database.read() as connection:
        rows = (await connection.execute(select(Task.__table__))).mappings()
        return {record_of(row).order.prompt + " / " + record_of(row).id[-8:]: record_of(row) for row in rows}


async def finish_all(workshop: Workshop) -> None:
    """Work on whatever can be claimed, and look after what is parked, until nothing is left."""
    for _ in range(1000):
        async with workshop.database.write() as connection:
            task = await claim_task(connection, "a new process", alone=True)
        if task is not None:
            await workshop.run(task)
        elif not await workshop.reconciler().look():
            return
    raise AssertionError("it goes on for ever")


async def test_every_unfinished_task_is_completed_and_settled_once(left: Workshop) -> None:
    before = await all_tasks(left)
    unfinished = {name: task for name, task in before.items() if task.status.value in LIVE}
    assert len(unfinished) == 24
    await finish_all(left)
    after = await all_tasks(left)
    for name in unfinished:
        task = after[name]
        assert (task.status, task.error_message) == (Status.COMPLETED, None), name
        assert await left.entries(task) == ["reserve", "settle"], name
    (helped_out,) = [task for name, task in after.items() if "ark failed, stopped in render" in name]
    rendered = (await left.journal(helped_out)).get(RENDER)
    assert rendered.engine == "blank"
    assert [(failure.engine, failure.code) for failure in rendered.failed_before] == [("ark", "service_error")]
    ended = {name: task for name, task in before.items() if name not in unfinished}
    assert {name: after[name] for name in ended} == ended, "what had ended stays as it was"
    async with left.database.read() as connection:
        assert (await connection.execute(select(Account.live_tasks))).scalars().all() == [0]
        balance = (await connection.execute(text("SELECT sum(balance) FROM accounts"))).scalar()
        assert balance == (await connection.execute(text("SELECT sum(amount) FROM ledger"))).scalar()
        assert (await connection.execute(select(LedgerEntry.id))).first() is not None


async def test_tasks_at_an_upstream_go_on_with_what_was_paid_for(left: Workshop) -> None:
    known = {
        name: json.loads(value)["begun"]
        for name, value in await _journal_rows(left, "upstream")
        if value not in (None, "null")
    }
    assert len(known) == 2
    left.hosts["ark"].begins = True
    await finish_all(left)
    resumed = {
        request.submission.handle: request for request in left.hosts["ark"].requests if request.submission is not None
    }
    for submission in known.values():
        request = resumed[submission["handle"]]
        assert request.key == submission["errand"], "under the name that it was asked for"
        assert request.key not in left.hosts["ark"].created, "and not once more"


async def test_only_what_is_needed_runs_again(left: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: dict[str, list[str]] = {}
    run = Walk._run

    async def noted(self: Walk, step: Any) -> None:
        ran.setdefault(self.task.order.prompt, []).append(step.name)
        await run(self, step)

    monkeypatch.setattr(Walk, "_run", noted)
    await finish_all(left)
    from_render = ["render", "check", "sign", "store"]
    everything = [step.name for step in STEPS if step.name != "search"]
    expected = {
        "a cat, stopped before moderate": ["moderate", "plan", *from_render],
        "a cat, stopped before plan": ["plan", *from_render],
        "a cat, stopped before render": from_render,
        "a cat, stopped before check": from_render,
        "a cat, stopped before sign": from_render,
        "a cat, stopped before store": from_render,
        "a dog, stopped before moderate": everything,
        "a dog, stopped before fetch": everything[1:],
        "a dog, stopped before screen": everything[1:],
        "a dog, stopped before render": everything[1:],
        "a dog, stopped before check": everything[1:],
        "a dog, stopped before store": everything[1:],
    }
    assert {prompt: ran[prompt] for prompt in expected} == expected
    assert not [prompt for prompt in ran if "after store" in prompt], "what is stored only has to end"


async def test_uploads_that_live_tasks_name_are_known_as_needed(left: Workshop) -> None:
    tasks = await all_tasks(left)
    naming = {task.id for task in tasks.values() if task.status.value in LIVE and task.order.links_of("image")}
    async with left.database.read() as connection:
        rows = (await connection.execute(select(TaskInput.task_id, TaskInput.source_id))).all()
    assert {row.source_id for row in rows} == {UPLOAD}
    assert {row.task_id for row in rows} <= naming
    assert len(rows) >= 14


async def test_orders_say_what_the_requests_said(left: Workshop) -> None:
    (order,) = [task.order for task in (await all_tasks(left)).values() if "reference" in task.model]
    assert (order.seed, order.content_filter, order.callback_url) == (4242, False, "https://example.com/hook")
    assert [(link.kind, link.number, link.place) for link in order.links] == [("image", 1, "image_urls[0]")]
    assert (order.duration, order.quality.value, order.generate_audio) == (4, "480p", True)


async def _journal_rows(workshop: Workshop, name: str) -> list[tuple[str, str | None]]:
    async with workshop.database.read() as connection:
        rows = await connection.execute(
            text("SELECT task_id, result FROM task_stages WHERE stage = :name"), {"name": name}
        )
        return [(row.task_id, row.result) for row in rows]
