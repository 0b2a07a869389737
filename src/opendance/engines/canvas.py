"""The size and length that a diffusion model is asked for, so that cutting and scaling give the clip exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass

from opendance.catalog import FRAME_RATE, MAX_DURATION, Quality
from opendance.job import Job

_SHARE = {Quality.P480: 480 / 720, Quality.P720: 1.0, Quality.P1080: 1.0}  # of the short edge at 720p


@dataclass(frozen=True)
class Canvas:
    """What the model draws.

    Attributes:
        width, height: px.
        num_frames: at `frame_rate` a second.
        seconds: whole seconds that cover them.
    """

    width: int
    height: int
    num_frames: int
    frame_rate: float = FRAME_RATE

    @property
    def seconds(self) -> int:
        return math.ceil(self.num_frames / self.frame_rate - 0.25)


def canvas_for(
    job: Job,
    *,
    multiple: int,
    short_edge: int,
    max_pixels: int,
    frame_rate: float = FRAME_RATE,
    shortest: float = 0.0,
    longest: float = MAX_DURATION,
    step: tuple[int, int] = (1, 0),
) -> Canvas:
    """The canvas for a job.

    Args:
        multiple: what both sides are multiples of, px.
        short_edge: of the canvas at 720p and over, px; smaller qualities take their share of it.
        max_pixels: more the model does not draw; a clip that is larger is scaled up.
        frame_rate: frames a second that the model draws.
        shortest: s; shorter clips are drawn at this length and cut.
        longest: s; longer the model does not draw.
        step: (a, b): numbers of frames are a n + b, such as (17, 5).
    """
    width, height = job.size
    short = short_edge * _SHARE[job.quality]
    scale = min(short / min(width, height), math.sqrt(max_pixels / (width * height)))
    # Never less than asked for in one direction and more in the other: the nearest grid that keeps the shape.
    sides = [max(multiple, round(side * scale / multiple) * multiple) for side in (width, height)]
    while sides[0] * sides[1] > max_pixels:
        sides[sides.index(max(sides))] -= multiple
    seconds = min(max(job.num_frames / FRAME_RATE, shortest), longest)
    frames = num_frames_for(seconds * frame_rate, step, most=round(longest * frame_rate))
    return Canvas(sides[0], sides[1], frames, frame_rate)


def num_frames_for(frames: float, step: tuple[int, int], *, most: int) -> int:
    """The number of frames that a decoder gives, a n + b: at least `frames`, but no more than `most`."""
    number = max(0, -(-(round(frames) - step[1]) // step[0])) * step[0] + step[1]
    return number if number <= most else (most - step[1]) // step[0] * step[0] + step[1]
