"""Stage `store`: the clip goes into object storage under the task's name."""

from __future__ import annotations

import asyncio
from typing import Any

from opendance.pipeline.context import StageContext


async def run(context: StageContext) -> Any:
    """The key of the stored object."""
    key = f"{context.task.id}.mp4"
    await asyncio.to_thread(context.storage.put, key, context.clip_path)
    return {"key": key}
