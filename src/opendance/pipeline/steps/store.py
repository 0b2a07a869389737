"""The clip goes into object storage under the task's name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from opendance.pipeline.pictures import PictureMaker
from opendance.storage import Storage, result_key
from opendance.store.tasks import TaskRecord


@dataclass(frozen=True)
class Stored:
    """The key of the stored object."""

    key: str


async def store(task: TaskRecord, clip: Path, storage: Storage, pictures: PictureMaker) -> Stored:
    """Store the clip, and begin with its pictures; the task does not wait for those.

    Raises:
        StorageError: the store did not take it.
    """
    key = result_key(task.id)
    await storage.put(key, clip, content_type="video/mp4")
    pictures.begin(task, clip)
    return Stored(key)
