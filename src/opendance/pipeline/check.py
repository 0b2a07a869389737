"""Stage `check`: the clip is what was asked for, to the pixel and the frame, and shows nothing that is refused."""

from __future__ import annotations

import asyncio
from typing import Any

from opendance.catalog import FRAME_RATE
from opendance.engines.registry import ENGINES
from opendance.errors import TaskError
from opendance.media.finish import Finish, finish_video
from opendance.media.mark import mark_in_clip
from opendance.media.probe import probe_clip
from opendance.pipeline.context import StageContext
from opendance.pipeline.moderate import settle
from opendance.pipeline.render import job_of

_SOUND_TOLERANCE = 0.1  # s: AAC comes in frames of 21 ms


async def run(context: StageContext) -> Any:
    """The facts of the clip.

    Raises:
        TaskError: it is not what was asked for, or is refused.
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
    filtered = context.request.content_filter
    decision = await context.guard.file("output", context.clip_path, is_video=True, filtered=filtered)
    if decision is not None:
        await settle(context, [decision])
    marked = await _marked(context)
    return {"bytes": context.clip_path.stat().st_size, "marked": marked}


async def _marked(context: StageContext) -> bool:
    """Whether the picture has its mark; an engine that does not see to it by itself gets it done for it."""
    if (await asyncio.to_thread(mark_in_clip, context.clip_path)).is_there:
        return True
    engine = ENGINES.get(context.results["render"]["engine"])
    if engine is not None and engine.only_by_name:  # it measures the service, and shows nothing
        return False
    finish = Finish.of(job_of(context), context.results["render"]["engine"])
    part = context.clip_path.with_suffix(".part")
    await asyncio.to_thread(finish_video, context.clip_path, part, finish)
    part.replace(context.clip_path)
    return (await asyncio.to_thread(mark_in_clip, context.clip_path)).is_there
