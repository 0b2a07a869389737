"""The clip goes into the object store under the task's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from opendance.errors import StorageError
from opendance.pipeline.steps.store import Stored, result_key, store
from opendance.storage import open_storage


async def test_the_whole_clip_is_stored_under_the_name_of_its_task(tmp_path: Path) -> None:
    storage, clip = open_storage(tmp_path / "objects", b"secret"), tmp_path / "signed.mp4"
    clip.write_bytes(b"a clip")
    stored = await store("task-unified-1-abc123", clip, storage)
    assert stored == Stored("task-unified-1-abc123.mp4", 6)
    assert stored.key == result_key("task-unified-1-abc123")
    assert await storage.fetch(stored.key, tmp_path / "back", max_bytes=100) == 6
    assert (tmp_path / "back").read_bytes() == clip.read_bytes()


async def test_a_repetition_stores_the_clip_that_is_there_then(tmp_path: Path) -> None:
    storage, clip = open_storage(tmp_path / "objects", b"secret"), tmp_path / "signed.mp4"
    for content in (b"a clip", b"made again"):
        clip.write_bytes(content)
        stored = await store("task-1", clip, storage)
    await storage.fetch(stored.key, tmp_path / "back", max_bytes=100)
    assert (tmp_path / "back").read_bytes() == b"made again"


async def test_a_store_that_takes_nothing_is_a_storage_error(tmp_path: Path) -> None:
    storage, clip = open_storage(tmp_path / "objects", b"secret"), tmp_path / "signed.mp4"
    clip.write_bytes(b"a clip")
    (tmp_path / "objects").rmdir()
    (tmp_path / "objects").write_text("a file stands where its folder was")
    with pytest.raises(StorageError):
        await store("task-1", clip, storage)
