"""How long a video is and how fast, told by its packets: headers may be wrong or missing."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from av.container import InputContainer

from opendance.catalog import MAX_INPUT_SECONDS
from opendance.errors import TaskError

MOST_DAMAGED = 0.05  # share of frames that may be missing or unreadable
_MILLISECOND = Fraction(1, 1000)


@dataclass(frozen=True)
class Timing:
    """How long a video is and how fast.

    Attributes:
        rate: frames a second.
        begin: when the first frame is shown, s, on the clock that the sound has too.
        lost: s at the beginning that cannot be shown, for they have no key frame to stand on.
        has_more: the file has frames that are not shown.
        is_whole: whether the frames that it lists are there.
    """

    num_frames: int
    seconds: float
    rate: Fraction
    begin: float = 0.0
    lost: float = 0.0
    has_more: bool = False
    is_whole: bool = True


def timing_of(container: InputContainer, stream: av.VideoStream) -> Timing:
    """Read every packet of the stream for it.

    Raises:
        TaskError: there are no frames.
    """
    # What is listed, after its edit list: frames that this hides are fewer than the file has, and none of them missing.
    listed = len(stream.index_entries)
    times: list[int] = []
    first: int | None = None
    key: int | None = None
    count = num_hidden = num_before = 0
    limit = 60 * (MAX_INPUT_SECONDS + 45)
    for packet in container.demux(stream):
        if not packet.size:
            continue
        count += 1
        if packet.is_discard:
            num_hidden += 1
        elif packet.pts is not None:
            first = packet.pts if first is None else min(first, packet.pts)
            times.append(packet.pts)
        if key is None and packet.is_keyframe:
            key, num_before = packet.pts, count - 1
        if len(times) > limit:
            listed = 0
            break
    if num_before and key is not None:
        times = [each for each in times if each >= key]
    if len(times) < 2 or first is None or stream.time_base is None:
        raise TaskError("invalid_video", "there are no frames in its video")
    steps = np.diff(np.sort(np.asarray(times, np.float64)))
    step = float(np.median(steps))
    # Even but for a few frames (the seams of fragments, a dropped frame): the even rate. Variable: the average.
    # Clocks of a millisecond give 41 and 42 in turn, or 16 and 17.
    near = steps[np.abs(steps - step) <= max(0.05 * step, 1.01 * _MILLISECOND / stream.time_base)]
    even = step > 0 and len(near) > 0.9 * len(steps)
    if even:
        step = float(near.mean())
    # How long the last frame stays is often told wrongly; it stays as long as the others.
    seconds = float((max(times) - min(times) + step) * stream.time_base)
    if seconds <= 0:
        raise TaskError("invalid_video", "its video has no length")
    rate = 1 / (step * stream.time_base) if even else len(times) / seconds
    return Timing(
        num_frames=len(times),
        seconds=seconds,
        rate=Fraction(rate).limit_denominator(100_000),
        begin=float(min(times) * stream.time_base),
        lost=float(max(0, min(times) - first) * stream.time_base) if num_before else 0.0,
        has_more=num_hidden > 0 or stream.frames > len(times),
        is_whole=count >= listed * (1 - MOST_DAMAGED),
    )
