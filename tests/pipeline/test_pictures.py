"""Pictures of a task: made while it ends, or when they are asked for; once, and never in its way."""

from __future__ import annotations

import asyncio
import io
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pytest
from PIL import Image

from opendance.catalog import pixels_for
from opendance.errors import NotFound, NotReady, StorageError, TaskNotCompleted
from opendance.media.pictures import Pictures
from opendance.order import Order
from opendance.pipeline.pictures import PictureMaker
from opendance.storage import Picture, picture_key
from opendance.store.tasks import TaskRecord
from opendance.task import Status
from tests import tasks
from tests.pipeline.test_retention import a_task
from tests.until import until
from tests.workshop import Workshop


@dataclass
class Darkroom:
    """Takes pictures as it is told to, and counts.

    Attributes:
        fates: errors to raise, one each time, before it takes any.
        opened: what it was given to take pictures of.
        most: how many it was at, at the same time.
    """

    fates: list[Exception] = field(default_factory=list)
    opened: list[bytes] = field(default_factory=list)
    now: int = 0
    most: int = 0
    light: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.light.set()

    def __call__(self, clip: BinaryIO) -> Pictures:
        self.opened.append(clip.read())
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            assert self.light.wait(30)
            if self.fates:
                raise self.fates.pop(0)
            return Pictures(b"poster", b"strip", b"last frame")
        finally:
            self.now -= 1


def maker(workshop: Workshop, darkroom: Darkroom) -> PictureMaker:
    return PictureMaker(workshop.database, workshop.tools.storage, workshop.work_dir, take=darkroom)


def stored(workshop: Workshop, task: TaskRecord) -> list[bytes]:
    paths = [workshop.folder / "objects" / picture_key(task.id, picture) for picture in Picture]
    return [path.read_bytes() for path in paths if path.exists()]


ALL = [b"poster", b"strip", b"last frame"]


async def completed(workshop: Workshop) -> TaskRecord:
    """A task of an earlier release: its video is there, pictures of it are not."""
    return await a_task(workshop, Status.COMPLETED)


# ── while the task ends ──


async def test_a_task_that_is_completed_gets_its_pictures(workshop_on_each: Workshop) -> None:
    task = await workshop_on_each.made()
    assert task.status is Status.COMPLETED
    await until(lambda: has_pictures(workshop_on_each, task))
    order: Order = task.order
    width, height = pixels_for(order.aspect_ratio, order.quality)
    sizes = [Image.open(io.BytesIO(content)).size for content in stored(workshop_on_each, task)]
    assert sizes == [(640, round(640 * height / width)), (1600, round(160 * height / width)), (width, height)]
    after = await workshop_on_each.read(task)
    assert after.revision == task.revision, "no client has to be told"


async def has_pictures(workshop: Workshop, task: TaskRecord) -> bool:
    return (await workshop.read(task)).pictures


async def test_a_task_does_not_wait_for_its_pictures_nor_fail_with_them(
    workshop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    darkroom = Darkroom(fates=[ValueError("too dark")])
    workshop.tools.pictures._take = darkroom
    darkroom.light.clear()
    task = await workshop.made()
    assert (task.status, task.pictures) == (Status.COMPLETED, False)
    assert not (workshop.work_dir / task.id).exists(), "the clip is gone here, and can be read all the same"
    waiting = asyncio.create_task(workshop.tools.pictures.ensure(task))
    await asyncio.sleep(0)
    darkroom.light.set()
    with pytest.raises(ValueError, match="too dark"):
        await waiting
    assert f"{task.id}: its pictures cannot be made now: too dark" in caplog.text
    assert stored(workshop, task) == []
    await workshop.tools.pictures.ensure(task)
    assert stored(workshop, task) == ALL
    assert len(darkroom.opened) == 2
    assert darkroom.opened[0] == darkroom.opened[1], "the stored video is the one that lay here"


async def test_a_server_that_stops_between_video_and_pictures_makes_them_when_asked(workshop: Workshop) -> None:
    darkroom = Darkroom()
    workshop.tools.pictures._take = darkroom
    darkroom.light.clear()
    task = await workshop.made()
    stopping = asyncio.create_task(workshop.tools.pictures.close())
    await asyncio.sleep(0)
    darkroom.light.set()
    await stopping
    assert (stored(workshop, task), await has_pictures(workshop, task)) == ([], False)
    await maker(workshop, darkroom).ensure(await workshop.read(task))
    assert (stored(workshop, task), await has_pictures(workshop, task)) == (ALL, True)


async def test_a_clip_that_is_not_there_is_no_trouble(workshop: Workshop, tmp_path: Path) -> None:
    task = await completed(workshop)
    workshop.tools.pictures.begin(task, tmp_path / "nothing")
    assert not await has_pictures(workshop, task)


# ── when they are asked for ──


async def test_those_of_an_older_task_are_made_of_its_stored_video(workshop_on_each: Workshop) -> None:
    darkroom, task = Darkroom(), await completed(workshop_on_each)
    pictures = maker(workshop_on_each, darkroom)
    await pictures.ensure(task)
    assert stored(workshop_on_each, task) == ALL
    assert darkroom.opened == [b"x"]
    for known in (await workshop_on_each.read(task), task):  # also whoever read the task before they were made
        await pictures.ensure(known)
    assert len(darkroom.opened) == 1
    left = [path.name for path in workshop_on_each.work_dir.iterdir()]
    assert left == [task.id], "nothing is left of what was fetched"


async def test_two_who_ask_at_once_have_them_made_once(workshop: Workshop) -> None:
    darkroom, task = Darkroom(), await completed(workshop)
    darkroom.light.clear()
    pictures = maker(workshop, darkroom)
    asking = [asyncio.create_task(pictures.ensure(task)) for _ in range(5)]
    await until(lambda: len(darkroom.opened) == 1)
    asking[0].cancel()  # who goes away takes nothing from the others
    await asyncio.sleep(0)
    darkroom.light.set()
    await asyncio.gather(*asking[1:])
    assert (len(darkroom.opened), stored(workshop, task)) == (1, ALL)


async def test_a_few_are_made_at_once_and_many_wait(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opendance.pipeline.pictures._MOST_WAITING", 4)
    darkroom, made = Darkroom(), [await completed(workshop) for _ in range(5)]
    darkroom.light.clear()
    pictures = maker(workshop, darkroom)
    asking = [asyncio.create_task(pictures.ensure(task)) for task in made[:4]]
    await until(lambda: len(darkroom.opened) == 2)
    with pytest.raises(NotReady, match="too many pictures"):
        await pictures.ensure(made[4])
    pictures.begin(made[4], workshop.folder / "x")  # a task that ends then does without
    darkroom.light.set()
    await asyncio.gather(*asking)
    assert darkroom.most == 2
    assert [bool(stored(workshop, task)) for task in made] == [True] * 4 + [False]
    await pictures.ensure(made[4])


async def test_a_store_that_is_away_is_told_and_asked_again(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    darkroom, task = Darkroom(), await completed(workshop)

    async def away(*_: object, **__: object) -> None:
        raise StorageError("it is away")

    pictures = maker(workshop, darkroom)
    for method in ("fetch", "put"):
        with monkeypatch.context() as patched:
            patched.setattr(workshop.tools.storage, method, away)
            with pytest.raises(StorageError):
                await pictures.ensure(task)
    assert not await has_pictures(workshop, task)
    await pictures.ensure(task)
    assert stored(workshop, task) == ALL


@pytest.mark.parametrize("status", [Status.PENDING, Status.PROCESSING, Status.FAILED, Status.CANCELLED])
async def test_a_task_without_a_video_has_none(workshop: Workshop, status: Status) -> None:
    task = await a_task(workshop, status)
    with pytest.raises(TaskNotCompleted, match=f"is {status.value}: only a completed task"):
        await workshop.tools.pictures.ensure(task)


async def test_a_video_that_was_swept_has_those_that_were_made(workshop: Workshop) -> None:
    darkroom, with_pictures, without = Darkroom(), await completed(workshop), await completed(workshop)
    lost = await completed(workshop)
    pictures = maker(workshop, darkroom)
    await pictures.ensure(with_pictures)
    for task in (with_pictures, without):
        await workshop.change(task, swept=time.time())
        await workshop.tools.storage.remove([f"{task.id}.mp4"])
    await workshop.tools.storage.remove([f"{lost.id}.mp4"])  # and nobody has noted it yet
    await pictures.ensure(await workshop.read(with_pictures))
    for task in (without, lost):
        with pytest.raises(NotFound, match="not kept any more, and pictures of it were never made"):
            await pictures.ensure(await workshop.read(task))
    assert len(darkroom.opened) == 1


async def test_of_another_account_nothing_is_noted(workshop: Workshop) -> None:
    task = await completed(workshop)
    stranger = tasks.waiting_task("somebody else", id=task.id, status=Status.COMPLETED)
    with pytest.raises(NotFound):
        await maker(workshop, Darkroom()).ensure(stranger)
    assert not await has_pictures(workshop, task)


async def test_pictures_that_are_made_while_the_video_is_deleted_are_not_kept(workshop_on_each: Workshop) -> None:
    workshop, darkroom = workshop_on_each, Darkroom()
    task = await completed(workshop)
    darkroom.light.clear()
    making = asyncio.create_task(maker(workshop, darkroom).ensure(task))
    await until(lambda: bool(darkroom.opened))
    await workshop.library.delete_result(workshop.caller, task)
    darkroom.light.set()
    with pytest.raises(NotFound):
        await making
    assert stored(workshop, task) == []
    assert not (await workshop.read(task)).pictures
