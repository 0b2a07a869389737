"""Stage `check`: the clip is what was asked for, to the pixel and the frame."""

from __future__ import annotations

import asyncio
from typing import Any

from opendance.catalog import FRAME_RATE
from opendance.errors import TaskError
from opendance.media.probe import probe_clip
from opendance.pipeline.context import StageContext

_SOUND_TOLERANCE = 0.1  # s: AAC comes in frames of 21 ms


async def run(context: StageContext) -> Any:
    """The facts of the clip.

    Raises:
        TaskError: it is not what was asked for.
    """
    facts = await asyncio.to_thread(probe_clip, context.clip_path)
    wanted = (*context.results["render"]["size"], context.num_frames, FRAME_RATE, context.request.generate_audio)
    made = (facts.width, facts.height, facts.num_frames, facts.frame_rate, facts.has_audio)
    if made != wanted:
        raise TaskError(
            "service_error",
            f"the engine made (width, height, frames, frame rate, sound) = {made} where {wanted} was asked for",
        )
    if facts.has_audio and abs(facts.audio_seconds - context.request.duration) > _SOUND_TOLERANCE:
        raise TaskError("service_error", f"the engine made {facts.audio_seconds:.2f} s of sound")
    return {"bytes": context.clip_path.stat().st_size}
