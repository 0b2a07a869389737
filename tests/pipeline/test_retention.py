"""What the sweep takes and leaves, and the end of what nobody brought to one; on both databases."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from opendance.engines.base import StillWorking
from opendance.engines.upstream.base import Submission
from opendance.errors import StorageError
from opendance.order import Order
from opendance.pipeline.ending import Ending
from opendance.pipeline.journal import UPSTREAM, TakenOver, UpstreamTask
from opendance.pipeline.lend import LENT_SECONDS
from opendance.pipeline.retention import DAY, HOUR
from opendance.pipeline.steps import MODERATE
from opendance.pipeline.steps.moderate import Passed
from opendance.storage import INPUTS, Picture, picture_key, result_key
from opendance.store.audit import list_audit
from opendance.store.deliveries import add_delivery, list_deliveries
from opendance.store.files import FileRecord
from opendance.store.keys import Caller
from opendance.store.parked import bring_back
from opendance.store.tables import Delivery, LedgerEntry, Task, TaskEvent, TaskInput, TaskStage, UploadedFile
from opendance.store.tasks import TaskRecord
from opendance.task import Status
from tests import tasks
from tests.callers import new_caller
from tests.files import image_bytes
from tests.workshop import KEPT, PUBLIC, Workshop

IMPATIENT = replace(KEPT, unfinished=36 * HOUR)
CALLBACK = "https://receiver.example/hook"


async def a_task(workshop: Workshop, status: Status, *, age: float = 0.0, order: Order | None = None) -> TaskRecord:
    """A task in that state; with an entry in its journal, an object and a work folder.

    Args:
        age: s since it was asked for, and since it ended.
    """
    task = await workshop.submit(order)
    if status is not Status.PENDING:
        task = await workshop.claim()
        await (await workshop.journal(task)).put(MODERATE, Passed())
    if status.terminal:
        key = result_key(task.id) if status is Status.COMPLETED else None
        ended = await workshop.endings.end(task, Ending(status, result_key=key))
        assert ended is not None
        await workshop.change(task, finished=time.time() - age)
    await workshop.change(task, created=time.time() - age)
    await put(workshop, result_key(task.id))
    (workshop.work_dir / task.id).mkdir(parents=True)
    return await workshop.read(task)


async def put(workshop: Workshop, key: str) -> None:
    (workshop.folder / "x").write_bytes(b"x")
    await workshop.tools.storage.put(key, workshop.folder / "x", content_type="video/mp4")


def has(workshop: Workshop, key: str) -> bool:
    return (workshop.folder / "objects" / key).exists()


async def count(workshop: Workshop, table: type, **where: str) -> int:
    async with workshop.database.read() as connection:
        query = select(table).where(*(getattr(table, name) == value for name, value in where.items()))
        return len((await connection.execute(query)).all())


async def an_upload(workshop: Workshop, caller: Caller | None = None) -> tuple[FileRecord, str]:
    """An uploaded picture, and a link to it."""
    path = workshop.folder / "upload.png"
    path.write_bytes(image_bytes(320, 320))
    record = await workshop.uploads.keep(caller or workshop.caller, path, name=None, original_name="a.png", folder=None)
    return record, workshop.tools.links.upload(PUBLIC, record.key, ends=record.expires)


async def let_uploads_end(workshop: Workshop) -> None:
    async with workshop.database.write() as connection:
        await connection.execute(update(UploadedFile).values(expires=time.time() - 5))


def naming(url: str) -> Order:
    return tasks.order(tasks.MINI_IMAGE, links=(tasks.link("image", url),))


# ── results, uploads, rows, folders ──


async def test_old_results_go_and_young_ones_and_those_of_live_tasks_stay(workshop_on_each: Workshop) -> None:
    old = await a_task(workshop_on_each, Status.COMPLETED, age=49 * HOUR)
    young = await a_task(workshop_on_each, Status.COMPLETED, age=47 * HOUR)
    running = await a_task(workshop_on_each, Status.PROCESSING, age=1000 * DAY)
    sweeper = workshop_on_each.sweeper()
    assert (await sweeper.sweep()).results == 1
    assert [has(workshop_on_each, result_key(task.id)) for task in (old, young, running)] == [False, True, True]
    kept = await workshop_on_each.read(old)
    assert (kept.status, kept.result_key) == (Status.COMPLETED, result_key(old.id)), "it is told as it ended"
    assert not await sweeper.sweep(), "there is nothing more to do"


async def test_pictures_stay_when_the_video_goes_and_go_with_the_task(workshop_on_each: Workshop) -> None:
    """Also those that were stored and not noted, by a server that stopped in between."""
    workshop = workshop_on_each
    noted, other = await a_task(workshop, Status.COMPLETED, age=49 * HOUR), await a_task(workshop, Status.FAILED)
    keys = [picture_key(task.id, picture) for task in (noted, other) for picture in Picture]
    for key in keys:
        await put(workshop, key)
    await workshop.change(noted, pictures=True)
    assert (await workshop.sweeper().sweep()).results == 1
    assert all(has(workshop, key) for key in keys)

    for task in (noted, other):
        await workshop.change(task, finished=time.time() - 401 * DAY)
    assert (await workshop.sweeper().sweep()).tasks == 2
    assert not any(has(workshop, key) for key in keys)


async def test_what_the_store_does_not_remove_is_swept_the_next_time(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = await a_task(workshop, Status.COMPLETED, age=49 * HOUR)

    async def fail(keys: object) -> None:
        raise StorageError("it is away")

    with monkeypatch.context() as patched:
        patched.setattr(workshop.tools.storage, "remove", fail)
        with pytest.raises(StorageError):
            await workshop.sweeper().sweep()
    assert (await workshop.read(old)).removing
    assert (await workshop.sweeper().sweep()).results == 1
    assert not has(workshop, result_key(old.id))


@pytest.mark.parametrize("status", [Status.PENDING, Status.PROCESSING])
async def test_uploads_that_a_live_task_names_stay_until_it_has_ended(
    workshop_on_each: Workshop, status: Status
) -> None:
    unneeded, _ = await an_upload(workshop_on_each)
    needed, url = await an_upload(workshop_on_each)
    task = await a_task(workshop_on_each, status, order=naming(url))
    await let_uploads_end(workshop_on_each)
    valid, _ = await an_upload(workshop_on_each)
    assert (await workshop_on_each.sweeper().sweep()).uploads == 1
    assert [has(workshop_on_each, file.key) for file in (unneeded, needed, valid)] == [False, True, True]

    assert await workshop_on_each.endings.end(task, Ending(Status.CANCELLED)) is not None
    assert (await workshop_on_each.sweeper().sweep()).uploads == 1
    assert [has(workshop_on_each, file.key) for file in (needed, valid)] == [False, True]
    assert await count(workshop_on_each, UploadedFile) == 1


async def test_a_task_of_another_account_keeps_no_upload(workshop_on_each: Workshop) -> None:
    owner = await new_caller(workshop_on_each.database, "the owner of the file")
    file, url = await an_upload(workshop_on_each, owner)
    task = await a_task(workshop_on_each, Status.PENDING, order=naming(url))
    assert await count(workshop_on_each, TaskInput, task_id=task.id, source_id=file.id) == 1, "it names the file"
    await let_uploads_end(workshop_on_each)
    assert (await workshop_on_each.sweeper().sweep()).uploads == 1
    assert not has(workshop_on_each, file.key)


async def test_old_tasks_go_with_all_but_their_money(workshop_on_each: Workshop) -> None:
    workshop = workshop_on_each
    _, url = await an_upload(workshop)
    gone = await a_task(workshop, Status.FAILED, age=401 * DAY, order=naming(url))
    stays = await a_task(workshop, Status.FAILED, age=399 * DAY)
    unheard = await a_task(workshop, Status.FAILED, age=401 * DAY)
    running = await a_task(workshop, Status.PROCESSING, age=401 * DAY)
    async with workshop.database.write() as connection:
        await add_delivery(connection, account_id=unheard.account_id, task_id=unheard.id, url=CALLBACK)
        sent = await add_delivery(connection, account_id=gone.account_id, task_id=gone.id, url=CALLBACK)
        await connection.execute(update(Delivery).where(Delivery.id == sent).values(status="delivered"))
    assert (await workshop.sweeper().sweep()).tasks == 1
    for table in (TaskEvent, TaskStage, TaskInput, Delivery):
        assert await count(workshop, table, task_id=gone.id) == 0
    assert await count(workshop, Task, id=gone.id) == 0
    for task in (stays, unheard, running):
        assert await count(workshop, Task, id=task.id) == 1
    assert not has(workshop, result_key(gone.id)), "also what a failed task had stored"
    assert await count(workshop, LedgerEntry, task_id=gone.id) == 2


async def test_old_events_go_but_for_the_last(workshop_on_each: Workshop) -> None:
    old = await a_task(workshop_on_each, Status.FAILED, age=8 * DAY)
    young = await a_task(workshop_on_each, Status.FAILED, age=6 * DAY)
    running = await a_task(workshop_on_each, Status.PROCESSING, age=8 * DAY)
    assert (await workshop_on_each.sweeper().sweep()).events == 1
    left = [await count(workshop_on_each, TaskEvent, task_id=task.id) for task in (old, young, running)]
    assert left == [1, 3, 2]


async def test_what_was_lent_to_an_upstream_goes_when_its_links_have_ended(workshop: Workshop) -> None:
    ages = {f"{INPUTS}task-a/image-1.png": LENT_SECONDS + 60, f"{INPUTS}task-b/image-1.png": LENT_SECONDS - 60}
    for key, age in ages.items():
        await put(workshop, key)
        os.utime(workshop.folder / "objects" / key, (time.time() - age,) * 2)
    assert (await workshop.sweeper().sweep()).inputs == 1
    assert [has(workshop, key) for key in ages] == [False, True]


async def test_work_folders_of_ended_tasks_and_forgotten_ones_go(workshop: Workshop) -> None:
    ended, running = await a_task(workshop, Status.COMPLETED), await a_task(workshop, Status.PROCESSING)
    just_ended = await a_task(workshop, Status.CANCELLED)
    again = workshop.work_dir / f"{running.id}.2"
    fresh, left = workshop.work_dir / "upload-fresh", workshop.work_dir / "upload-left"
    ages = {
        workshop.work_dir / ended.id: 10.0,
        workshop.work_dir / running.id: 2 * DAY,
        again: 10.0,
        fresh: 10.0,
        left: 2 * DAY,
    }
    for folder, age in ages.items():
        folder.mkdir(exist_ok=True)
        os.utime(folder, (time.time() - age,) * 2)
    assert (await workshop.sweeper().sweep()).folders == 2
    names = {path.name for path in workshop.work_dir.iterdir()}
    # The worker of the one that ended just now is about to remove its folder itself.
    assert names == {running.id, f"{running.id}.2", "upload-fresh", just_ended.id}


# ── tasks that nobody brought to an end ──


async def waiting(workshop: Workshop) -> TaskRecord:
    return await workshop.submit(tasks.order(callback_url=CALLBACK))


async def held(workshop: Workshop) -> TaskRecord:
    await waiting(workshop)
    task = await workshop.claim()
    submission = Submission(f"{task.id}-0", "there", 1.0)
    await (await workshop.journal(task)).put(UPSTREAM, UpstreamTask("blank", submission))
    return task


async def parked(workshop: Workshop) -> TaskRecord:
    workshop.hosts["blank"].begins = True
    workshop.hosts["blank"].fates.append(StillWorking)
    await waiting(workshop)
    task = await workshop.run(await workshop.claim())
    assert task.parked_until is not None
    return task


@pytest.mark.rule("CB-03")
@pytest.mark.parametrize(
    ("made", "abandoned"), [(waiting, False), (held, True), (parked, True)], ids=["pending", "processing", "parked"]
)
async def test_a_task_that_nobody_finishes_fails_at_last_and_costs_nothing(
    workshop_on_each: Workshop, made: Callable[[Workshop], Any], abandoned: bool
) -> None:
    workshop = workshop_on_each
    task = await made(workshop)
    await workshop.change(task, created=time.time() - 35 * HOUR)
    assert (await workshop.sweeper(IMPATIENT).sweep()).unfinished == 0
    await workshop.change(task, created=time.time() - 37 * HOUR)
    assert (await workshop.sweeper(IMPATIENT).sweep()).unfinished == 1

    ended = await workshop.read(task)
    assert (ended.status, ended.error_code, ended.parked_until) == (Status.FAILED, "generation_timeout", None)
    assert "36 h" in (ended.error_message or "")
    assert ended.credits_used == 0
    assert await workshop.entries(task) == ["reserve", "refund"]
    async with workshop.database.read() as connection:
        (delivery,) = await list_deliveries(connection, task.account_id, task.id)
        rows = await list_audit(connection, kind="task.ended", task_id=task.id, limit=9)
    assert (delivery.url, delivery.status) == (CALLBACK, "pending")
    assert [(row.actor, row.detail["error"]) for row in rows] == [("server", "generation_timeout")]
    assert bool(workshop.hosts["blank"].abandoned) is abandoned
    assert (await workshop.sweeper(IMPATIENT).sweep()).unfinished == 0


async def test_many_unfinished_tasks_go_in_one_sweep(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opendance.pipeline.retention._BITE", 2)
    made = [await waiting(workshop) for _ in range(5)]
    for task in made:
        await workshop.change(task, created=1.0)
    assert (await workshop.sweeper(IMPATIENT).sweep()).unfinished == 5


async def test_the_turn_of_a_task_that_was_given_up_passes_on(workshop_on_each: Workshop) -> None:
    first, second = await waiting(workshop_on_each), await waiting(workshop_on_each)
    assert second.start_tag > first.start_tag
    await workshop_on_each.change(first, created=1.0)
    await workshop_on_each.sweeper(IMPATIENT).sweep()
    moved = await workshop_on_each.read(second)
    assert (moved.status, moved.start_tag) == (Status.PENDING, first.start_tag)


async def test_a_worker_finds_out_that_its_task_was_given_up(workshop_on_each: Workshop) -> None:
    workshop = workshop_on_each

    async def give_up(_errand: object) -> None:
        await workshop.change(await workshop.read(task), created=1.0)
        assert (await workshop.sweeper(IMPATIENT).sweep()).unfinished == 1

    workshop.hosts["blank"].fates.append(give_up)
    task = await workshop.submit()
    journal = await workshop.journal(claimed := await workshop.claim())
    after = await workshop.run(claimed)
    assert (after.status, after.error_code) == (Status.FAILED, "generation_timeout")
    assert await workshop.entries(task) == ["reserve", "refund"]
    with pytest.raises(TakenOver):
        await journal.put(MODERATE, Passed())


async def test_a_parked_task_that_was_given_up_does_not_come_back(workshop_on_each: Workshop) -> None:
    task = await parked(workshop_on_each)
    await workshop_on_each.change(task, created=1.0)
    await workshop_on_each.sweeper(IMPATIENT).sweep()
    assert await workshop_on_each.reconciler().look() == 0
    async with workshop_on_each.database.write() as connection:
        assert not await bring_back(connection, task.id)


async def test_of_a_sweep_and_a_worker_only_one_ends_a_task(workshop_on_each: Workshop) -> None:
    made = [await held(workshop_on_each) for _ in range(6)]
    for task in made:
        await workshop_on_each.change(task, created=1.0)
    done = [Ending(Status.COMPLETED, result_key=result_key(task.id)) for task in made]
    swept, *ended = await asyncio.gather(
        workshop_on_each.sweeper(IMPATIENT).sweep(),
        *(workshop_on_each.endings.end(task, how) for task, how in zip(made, done, strict=True)),
    )
    assert swept.unfinished + sum(one is not None for one in ended) == len(made)
    for task in made:
        assert len(await workshop_on_each.entries(task)) == 2


async def test_a_task_is_given_up_after_the_time_that_its_request_gave_it(workshop_on_each: Workshop) -> None:
    workshop = workshop_on_each
    late, early, patient = [await workshop.submit(tasks.order(expires_after=seconds)) for seconds in (3600, 7200, None)]
    for task in (late, early, patient):
        await workshop.change(task, created=time.time() - 5400)
    assert (await workshop.sweeper().sweep()).unfinished == 1
    ended = await workshop.read(late)
    assert (ended.status, ended.error_code, ended.credits_used) == (Status.FAILED, "generation_timeout", 0)
    assert [(await workshop.read(task)).status for task in (early, patient)] == [Status.PENDING] * 2
