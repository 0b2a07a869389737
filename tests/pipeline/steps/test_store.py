"""The clip goes into the object store under the task's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from opendance.errors import StorageError
from opendance.pipeline.pictures import PictureMaker
from opendance.pipeline.steps.store import Stored, store
from opendance.storage import open_storage, result_key
from opendance.store.tasks import TaskRecord
from tests import tasks

TASK = tasks.waiting_task("acc", id="task-unified-1774857405-abc123")


class Begun(PictureMaker):
    """Only notes which pictures were begun, and whether the clip was stored then."""

    def __init__(self, objects: Path) -> None:
        self.objects, self.begun = objects, list[tuple[str, str, bool]]()

    def begin(self, task: TaskRecord, clip: Path) -> None:
        self.begun.append((task.id, clip.name, (self.objects / result_key(task.id)).exists()))


async def test_the_whole_clip_is_stored_under_the_name_of_its_task(tmp_path: Path) -> None:
    storage, clip = open_storage(tmp_path / "objects"), tmp_path / "signed.mp4"
    clip.write_bytes(b"a clip")
    pictures = Begun(tmp_path / "objects")
    stored = await store(TASK, clip, storage, pictures)
    assert stored == Stored(f"{TASK.id}.mp4", 6)
    assert pictures.begun == [(TASK.id, "signed.mp4", True)], "its pictures come after it"
    assert await storage.fetch(stored.key, tmp_path / "back", max_bytes=100) == 6
    assert (tmp_path / "back").read_bytes() == clip.read_bytes()


async def test_a_repetition_stores_the_clip_that_is_there_then(tmp_path: Path) -> None:
    storage, clip = open_storage(tmp_path / "objects"), tmp_path / "signed.mp4"
    pictures = Begun(tmp_path / "objects")
    for content in (b"a clip", b"made again"):
        clip.write_bytes(content)
        stored = await store(TASK, clip, storage, pictures)
    await storage.fetch(stored.key, tmp_path / "back", max_bytes=100)
    assert (tmp_path / "back").read_bytes() == b"made again"


async def test_a_store_that_takes_nothing_is_a_storage_error(tmp_path: Path) -> None:
    storage, clip = open_storage(tmp_path / "objects"), tmp_path / "signed.mp4"
    clip.write_bytes(b"a clip")
    (tmp_path / "objects").rmdir()
    (tmp_path / "objects").write_text("a file stands where its folder was")
    pictures = Begun(tmp_path / "objects")
    with pytest.raises(StorageError):
        await store(TASK, clip, storage, pictures)
    assert pictures.begun == []
