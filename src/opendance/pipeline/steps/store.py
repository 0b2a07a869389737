"""The clip goes into object storage under the task's name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from opendance.storage import Storage


@dataclass(frozen=True)
class Stored:
    """The key of the stored object."""

    key: str


def result_key(task_id: str) -> str:
    """The key of a task's video."""
    return f"{task_id}.mp4"


async def store(task_id: str, clip: Path, storage: Storage) -> Stored:
    """Store the clip.

    Raises:
        StorageError: the store did not take it.
    """
    key = result_key(task_id)
    await storage.put(key, clip, content_type="video/mp4")
    return Stored(key)
