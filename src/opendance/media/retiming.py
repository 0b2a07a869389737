"""Frames at another rate or speed: those in between are made halfway along the movement of their neighbours."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterable

import cv2
import numpy as np
import numpy.typing as npt

from opendance.catalog import FRAME_RATE

Picture = npt.NDArray[np.uint8]

_NEAR = 1 / 16  # of a frame: so near, a frame stands for a moment without one being made
_CUT = 48.0  # mean difference of two frames, of 255, from which on they are of two shots and nothing is between them


def retimed(frames: Iterable[Picture], *, num_given: int, frame_rate: float, num_frames: int) -> Generator[Picture]:
    """`num_frames` frames at 24 a second of a clip that is cut where it is too long, and slowed where it is too short.

    Args:
        frames: (h, w, 3) each.
        num_given: how many they are, at least 1.
        frame_rate: at which they were drawn.
    """
    slower = max(1.0, num_frames / FRAME_RATE * frame_rate / num_given)
    step = frame_rate / FRAME_RATE / slower  # frames of theirs for each of ours
    if step == 1:
        yield from itertools.islice(frames, num_frames)
    elif step > 1:  # they are close enough to each other for the nearest to do
        yield from _at(frames, (float(round(index * step)) for index in range(num_frames)), num_given - 1)
    elif frame_rate == FRAME_RATE and num_frames - num_given <= num_given / 10:
        # A few more, evenly spread: the others stay as sharp as they are.
        yield from _with_between(frames, num_given, num_frames - num_given)
    else:
        yield from _at(frames, (index * step for index in range(num_frames)), num_given - 1)


def _at(frames: Iterable[Picture], places: Iterable[float], last: int) -> Generator[Picture]:
    """The clip at each of these places, in frames from its first, in order."""
    coming = iter(frames)
    before = after = next(coming, None)
    number = -1  # of `before`; `after` is the one behind it
    for place in places:
        place = min(place, float(last))
        while number + 1 <= place - _NEAR or number < 0:
            before, number = after, number + 1
            after = next(coming, after)
        if before is None or after is None:
            return
        share = place - number
        yield before if share < _NEAR else after if share > 1 - _NEAR else between(before, after, share)


def _with_between(frames: Iterable[Picture], count: int, more: int) -> Generator[Picture]:
    """`count` frames and `more` between them, evenly spread."""
    after = {round((place + 1) * count / (more + 1)) for place in range(more)}
    last: Picture | None = None
    for index, frame in enumerate(itertools.islice(frames, count)):
        if last is not None and index in after:
            yield between(last, frame, 0.5)
        yield frame
        last = frame


def between(one: Picture, other: Picture, share: float) -> Picture:
    """The frame at `share` (0 to 1) of the way from one to the other, along their movement; at a cut the nearer one."""
    greys = [np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8) for frame in (one, other)]
    if float(cv2.absdiff(greys[0], greys[1]).mean()) > _CUT:
        return one if share < 0.5 else other
    height, width = greys[0].shape
    tracker = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    flow = np.asarray(tracker.calc(greys[0], greys[1], np.zeros((height, width, 2), np.float32)), np.float32)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    edge = cv2.BORDER_REPLICATE
    moved = [
        cv2.remap(frame, x + side * flow[..., 0], y + side * flow[..., 1], cv2.INTER_LINEAR, borderMode=edge)
        for frame, side in ((one, -share), (other, 1 - share))
    ]
    return np.asarray(cv2.addWeighted(moved[0], 1 - share, moved[1], share, 0), np.uint8)
