"""The clip is what was asked for, to the pixel and the frame, and shows nothing that is refused."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from opendance.catalog import FRAME_RATE
from opendance.errors import TaskError
from opendance.media.probe import probe_clip
from opendance.order import Order
from opendance.pipeline.decisions import Decisions
from opendance.safety import Guard

_SOUND_TOLERANCE = 0.1  # s: AAC comes in frames of 21 ms


@dataclass(frozen=True)
class Checked:
    """A clip that is right.

    Attributes:
        bytes: its size.
    """

    bytes: int


async def check(clip: Path, size: tuple[int, int], order: Order, guard: Guard, decisions: Decisions) -> Checked:
    """Judge the clip.

    Args:
        size: width and height that it is to have, pixels.

    Raises:
        TaskError: it is not what was asked for, or is refused.
    """
    facts = await asyncio.to_thread(probe_clip, clip)
    expected = (*size, order.num_frames, FRAME_RATE, order.generate_audio)
    actual = (facts.width, facts.height, facts.num_frames, facts.frame_rate, facts.has_audio)
    if actual != expected:  # OUT-04, OUT-06
        raise TaskError(
            "service_error",
            f"the engine made (width, height, frames, frame rate, sound) = {actual} where {expected} was asked for",
        )
    if facts.has_audio and abs(facts.audio_seconds - order.duration) > _SOUND_TOLERANCE:
        raise TaskError("service_error", f"the engine made {facts.audio_seconds:.2f} s of sound")
    decision = await guard.file("output", clip, is_video=True, filtered=order.content_filter)
    if decision is not None:
        decisions.keep([decision])
    return Checked(clip.stat().st_size)
