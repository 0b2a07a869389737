"""What is kept, and what is deleted before its time, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert

from opendance.api.unified.task import task_object
from opendance.errors import ApiError, KeptRoomExceeded, ResultInUse, ResultNotAvailable, StorageError
from opendance.pipeline.ending import Ending
from opendance.pipeline.retention import DAY, HOUR
from opendance.pipeline.steps.store import objects_of, result_key
from opendance.store.audit import list_audit
from opendance.store.library import kept_bytes
from opendance.store.tables import TaskInput, UploadedFile
from opendance.store.tasks import TaskRecord
from opendance.task import Status
from tests.pipeline.test_retention import a_task, an_upload, count, has, let_uploads_end, naming, put
from tests.workshop import Workshop


async def change(workshop: Workshop, task: TaskRecord, **changes: Any) -> TaskRecord:
    return await workshop.library.change(workshop.caller, await workshop.read(task), changes)


async def delete(workshop: Workshop, task: TaskRecord) -> TaskRecord:
    return await workshop.library.delete_result(workshop.caller, await workshop.read(task))


async def completed(workshop: Workshop, *, size: int = 1000, url: str | None = None, age: float = 0.0) -> TaskRecord:
    """A task with a result that the database says to have that size."""
    task = await a_task(workshop, Status.COMPLETED, age=age, order=None if url is None else naming(url))
    await workshop.change(task, result_bytes=size)
    return await workshop.read(task)


def with_room(workshop: Workshop, most: int) -> Workshop:
    caller = replace(workshop.caller, group=replace(workshop.caller.group, max_kept_bytes=most))
    return replace(workshop, caller=caller)


async def name_result(workshop: Workshop, task: TaskRecord, source: TaskRecord) -> None:
    """Let `task` have the result of `source` as an input."""
    async with workshop.database.write() as connection:
        await connection.execute(insert(TaskInput), {"task_id": task.id, "source_id": source.id})


async def test_a_finished_task_knows_the_size_of_its_result(workshop: Workshop) -> None:
    task = await workshop.made()
    assert task.result_bytes == (workshop.folder / "objects" / result_key(task.id)).stat().st_size


async def test_nobody_who_watches_a_task_is_told_of_its_marks(workshop_on_each: Workshop) -> None:
    task = await completed(workshop_on_each)
    changed = await change(workshop_on_each, task, title="Sea", tags=["a"], favourite=True, hidden=True, kept=True)
    assert (changed.title, changed.tags, changed.favourite, changed.hidden, changed.kept) == ("Sea", ["a"], True, True, True)  # fmt: skip
    assert changed.revision == task.revision
    links = workshop_on_each.tools.links
    assert task_object(changed, links) == task_object(task, links)
    cleared = await change(workshop_on_each, task, title=None, tags=None)
    assert (cleared.title, cleared.tags, cleared.favourite) == (None, None, True)


# ── kept ──


async def test_what_is_kept_stays_with_its_inputs_until_it_is_kept_no_longer(workshop_on_each: Workshop) -> None:
    file, url = await an_upload(workshop_on_each)
    task = await completed(workshop_on_each, url=url, age=500 * DAY)
    await change(workshop_on_each, task, kept=True)
    await let_uploads_end(workshop_on_each)
    swept = await workshop_on_each.sweeper().sweep()
    assert (swept.results, swept.uploads, swept.tasks) == (0, 0, 0)
    assert has(workshop_on_each, result_key(task.id))
    assert has(workshop_on_each, file.key)

    await change(workshop_on_each, task, kept=False)
    swept = await workshop_on_each.sweeper().sweep()
    assert (swept.results, swept.uploads, swept.tasks) == (1, 1, 1)
    assert not has(workshop_on_each, result_key(task.id))
    assert not has(workshop_on_each, file.key)


async def test_what_is_kept_has_its_room_and_no_more(workshop_on_each: Workshop) -> None:
    file, url = await an_upload(workshop_on_each)
    first, second = [await completed(workshop_on_each, size=2**20, url=url) for _ in range(2)]
    workshop = with_room(workshop_on_each, 2**20 + file.size)
    await change(workshop, first, kept=True)
    async with workshop.database.read() as connection:
        assert await kept_bytes(connection, first.account_id) == 2**20 + file.size
    with pytest.raises(KeptRoomExceeded, match=r"need 1\.0 MB, and this account keeps 1\.\d MB of 1\.\d MB already"):
        await change(workshop, second, kept=True, title="not taken either")
    refused = await workshop.read(second)
    assert (refused.kept, refused.title) == (False, None)
    await change(workshop, first, kept=True)  # what is kept already needs no more room
    await change(workshop, first, kept=False)
    assert (await change(workshop, second, kept=True)).kept


async def test_of_two_that_are_kept_at_once_only_one_takes_the_last_room(workshop_on_each: Workshop) -> None:
    tasks = [await completed(workshop_on_each, size=600) for _ in range(4)]
    workshop = with_room(workshop_on_each, 1000)
    results = await asyncio.gather(*(change(workshop, task, kept=True) for task in tasks), return_exceptions=True)
    assert sum(isinstance(result, TaskRecord) for result in results) == 1
    assert sum(isinstance(result, KeptRoomExceeded) for result in results) == 3


async def test_the_store_is_asked_for_the_size_of_an_older_result(workshop: Workshop) -> None:
    there, gone = await a_task(workshop, Status.COMPLETED), await a_task(workshop, Status.COMPLETED)
    await workshop.tools.storage.remove([result_key(gone.id)])
    assert (await change(workshop, there, kept=True)).result_bytes == 1
    with pytest.raises(ResultNotAvailable, match="no longer stored"):
        await change(workshop, gone, kept=True)


async def test_only_a_result_that_is_there_can_be_kept(workshop_on_each: Workshop) -> None:
    workshop = workshop_on_each
    swept = await completed(workshop, age=49 * HOUR)
    await workshop.sweeper().sweep()
    cases = {
        "it is failed": await a_task(workshop, Status.FAILED),
        "it is pending": await a_task(workshop, Status.PENDING),
        "its time was over": swept,
    }
    for words, task in cases.items():
        with pytest.raises(ResultNotAvailable, match=words):
            await change(workshop, task, kept=True)
        assert (await change(workshop, task, kept=False, title="x")).title == "x"


# ── deleted ──


async def test_a_deleted_result_goes_with_its_pictures_and_the_task_stays(workshop_on_each: Workshop) -> None:
    workshop = workshop_on_each
    task = await completed(workshop)
    await workshop.change(task, pictures=True, kept=True)
    task = await workshop.read(task)
    for key in objects_of(task)[1:]:
        await put(workshop, key)
    assert len(objects_of(task)) == 4
    assert "results" in task_object(task, workshop.tools.links)
    deleted = await delete(workshop, task)
    assert not any(has(workshop, key) for key in objects_of(task))
    assert (deleted.kept, deleted.pictures, deleted.removing) == (False, False, False)
    assert deleted.swept is not None
    assert "results" not in task_object(deleted, workshop.tools.links)
    assert (deleted.revision, deleted.status, deleted.credits_used) == (task.revision, task.status, task.credits_used)
    assert await delete(workshop, task) == deleted, "once more changes nothing"
    async with workshop.database.read() as connection:
        rows = await list_audit(connection, kind="task.result_deleted", task_id=task.id, limit=9)
    assert [(row.actor, row.account_id) for row in rows] == [(workshop.caller.key.prefix, task.account_id)]
    assert not await workshop.sweeper().sweep()


async def test_only_inputs_that_nothing_else_needs_go_with_a_result(workshop_on_each: Workshop) -> None:
    workshop = workshop_on_each
    made = {name: await an_upload(workshop) for name in ("alone", "live", "kept", "ended", "unnamed")}
    tasks = {name: await completed(workshop, url=url) for name, (_, url) in made.items() if name != "unnamed"}
    keeps = await completed(workshop, url=made["kept"][1])
    await change(workshop, keeps, kept=True)
    await completed(workshop, url=made["ended"][1])
    await a_task(workshop, Status.PENDING, order=naming(made["live"][1]))
    for task in tasks.values():
        await delete(workshop, task)
    left = {name for name, (file, _) in made.items() if has(workshop, file.key)}
    assert left == {"live", "kept", "unnamed"}
    assert await count(workshop, UploadedFile) == 3


async def test_what_is_in_use_is_not_deleted_and_not_swept(workshop_on_each: Workshop) -> None:
    workshop = workshop_on_each
    source = await completed(workshop, age=500 * DAY)
    live = await a_task(workshop, Status.PENDING)
    await name_result(workshop, live, source)
    for task, words in ((live, "it is pending"), (source, "a task that waits or runs needs it")):
        with pytest.raises(ResultInUse, match=words):
            await delete(workshop, task)
    swept = await workshop.sweeper().sweep()
    assert (swept.results, swept.tasks) == (0, 0)
    assert has(workshop, result_key(source.id))
    assert await workshop.endings.end(live, Ending(Status.CANCELLED)) is not None
    assert (await workshop.sweeper().sweep()).results == 1


async def test_a_deletion_that_was_broken_off_is_finished_by_the_sweep(
    workshop_on_each: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop = workshop_on_each
    file, url = await an_upload(workshop)
    task = await completed(workshop, url=url)

    async def fail(keys: object) -> None:
        raise StorageError("it is away")

    with monkeypatch.context() as patched:
        patched.setattr(workshop.tools.storage, "remove", fail)
        with pytest.raises(StorageError):
            await delete(workshop, task)
    broken_off = await workshop.read(task)
    assert broken_off.removing
    assert broken_off.swept is not None
    assert "results" not in task_object(broken_off, workshop.tools.links)
    with pytest.raises(ApiError):
        await change(workshop, task, kept=True)
    swept = await workshop.sweeper().sweep()
    assert (swept.results, swept.uploads) == (1, 1)
    assert not has(workshop, result_key(task.id))
    assert not has(workshop, file.key)
    assert not (await workshop.read(task)).removing


async def test_of_keeping_and_sweeping_at_once_one_gives_way(workshop_on_each: Workshop) -> None:
    workshop = workshop_on_each
    tasks = [await completed(workshop, age=49 * HOUR) for _ in range(6)]
    _, *results = await asyncio.gather(
        workshop.sweeper().sweep(), *(change(workshop, task, kept=True) for task in tasks), return_exceptions=True
    )
    for task, result in zip(tasks, results, strict=True):
        assert (await workshop.read(task)).kept is isinstance(result, TaskRecord)
        assert has(workshop, result_key(task.id)) is isinstance(result, TaskRecord)
