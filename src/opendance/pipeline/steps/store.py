"""The clip goes into object storage under the task's name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from opendance.storage import Storage
from opendance.store.tasks import TaskRecord


@dataclass(frozen=True)
class Stored:
    """The key of the stored object, and its size, bytes; None where an earlier release has stored it."""

    key: str
    size: int | None = None


def result_key(task_id: str) -> str:
    """The key of a task's video."""
    return f"{task_id}.mp4"


def objects_of(task: TaskRecord) -> list[str]:
    """Keys of what may be stored of a task that has ended: the video, and pictures of it.

    One that failed after its video was stored has no key to it, but the video is there, and pictures may be.
    """
    keys = [task.result_key or result_key(task.id)]
    if task.pictures or task.result_key is None:
        keys += [f"{task.id}.{name}" for name in ("poster.webp", "strip.webp", "last-frame.png")]
    return keys


async def store(task_id: str, clip: Path, storage: Storage) -> Stored:
    """Store the clip.

    Raises:
        StorageError: the store did not take it.
    """
    key = result_key(task_id)
    await storage.put(key, clip, content_type="video/mp4")
    return Stored(key, clip.stat().st_size)
