"""Stage `store`: the clip goes into object storage under the task's name."""

from __future__ import annotations

from typing import Any

from opendance.pipeline.context import StageContext


def result_key(task_id: str) -> str:
    """The key of a task's video."""
    return f"{task_id}.mp4"


async def run(context: StageContext) -> Any:
    """The key of the stored object.

    Raises:
        StorageError: the store did not take it.
    """
    key = result_key(context.task.id)
    await context.storage.put(key, context.signed_path, content_type="video/mp4")
    return {"key": key}
