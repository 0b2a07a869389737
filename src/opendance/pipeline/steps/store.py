"""The clip goes into object storage under the task's name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from opendance.pipeline.pictures import PictureMaker
from opendance.storage import Picture, Storage, picture_key, result_key
from opendance.store.tasks import TaskRecord


@dataclass(frozen=True)
class Stored:
    """The key of the stored object, and its size, bytes; None where an earlier release has stored it."""

    key: str
    size: int | None = None


def objects_of(task: TaskRecord) -> list[str]:
    """Keys of all that may be stored of a task that has ended: the video, and pictures of it.

    One that failed after its video was stored has no key to it, but the video is there, and pictures may be.
    """
    return [task.result_key or result_key(task.id), *(picture_key(task.id, picture) for picture in Picture)]


async def store(task: TaskRecord, clip: Path, storage: Storage, pictures: PictureMaker) -> Stored:
    """Store the clip, and begin with its pictures; the task does not wait for those.

    Raises:
        StorageError: the store did not take it.
    """
    key = result_key(task.id)
    await storage.put(key, clip, content_type="video/mp4")
    pictures.begin(task, clip)
    return Stored(key, clip.stat().st_size)
