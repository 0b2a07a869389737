"""Where a thing is in each frame of footage: looked at in some frames, carried by the movement in those between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from opendance.engines.previs.photo.outline import outline_of
from opendance.engines.previs.photo.vision import Bytes, Floats, cv

_EVERY = 12  # frames between two that are looked at
_SAME = 0.45  # common area, of all of both, from which what stands out is the thing that was carried here
_SURE = 0.6  # of the frames that are looked at: from there on the thing is known in all of them


@dataclass(frozen=True)
class Mattes:
    """Of each frame (h, w) 0 to 255; `is_sure`: the thing was seen again in most of the frames that were looked at."""

    frames: tuple[Bytes, ...]
    is_sure: bool


def mattes_of_all(frames: list[Bytes]) -> Mattes:
    """What stands out in each frame, whatever it is.

    Args:
        frames: (h, w, 3), small, all of one size.
    """
    seen = {index: alpha for index in _looked_at(frames) if (alpha := _standing_out(frames[index])) is not None}
    known = 2 * len(seen) >= len(_looked_at(frames))
    return Mattes(_carried(frames, seen) if known else (), known)


def mattes_of_one(frames: list[Bytes], inside: Bytes, start: int) -> Mattes:
    """One thing in each frame.

    Args:
        frames: as of `mattes_of_all`.
        inside: (h, w) 0 or 255, where it is in the frame of number `start`.
    """
    first = _standing_out(frames[start])
    if first is None or _overlap(first, inside / np.float32(255)) < _SAME:
        return Mattes((), False)
    seen = {start: first}
    greys = [_grey(frame) for frame in frames]
    finder = _finder()
    places = _looked_at(frames)
    for way in (1, -1):
        alpha = first
        for index in range(start + way, len(frames) if way > 0 else -1, way):
            alpha = _moved(finder, alpha, greys[index], greys[index - way])
            if index in places and (now := _standing_out(frames[index])) is not None and _overlap(now, alpha) >= _SAME:
                seen[index] = alpha = now
    is_sure = len(seen) - 1 >= _SURE * len([place for place in places if place != start])
    return Mattes(_carried(frames, seen) if is_sure else (), is_sure)


def _looked_at(frames: list[Bytes]) -> list[int]:
    return sorted({*range(0, len(frames), _EVERY), len(frames) - 1})


def _standing_out(frame: Bytes) -> Floats | None:
    outline = outline_of(frame)
    return None if outline is None or outline.doubt > 2 else outline.alpha


def _overlap(a: Floats, b: Floats) -> float:
    both, either = ((a > 0.5) & (b > 0.5)).sum(), ((a > 0.5) | (b > 0.5)).sum()
    return float(both) / max(1, int(either))


def _carried(frames: list[Bytes], seen: dict[int, Floats]) -> tuple[Bytes, ...]:
    """Between two frames in which the thing was seen, both are carried here and mixed by how near they are."""
    height, width = frames[0].shape[:2]
    greys, finder = [_grey(frame) for frame in frames], _finder()
    total = [np.zeros((height, width), np.float32) for _ in frames]
    weight = np.zeros(len(frames), np.float32)
    for way in (1, -1):
        alpha: Floats | None = None
        at = 0
        for index in range(len(frames)) if way > 0 else range(len(frames) - 1, -1, -1):
            if index in seen:
                alpha, at = seen[index], index
            elif alpha is not None:
                alpha = _moved(finder, alpha, greys[index], greys[index - way])
            if alpha is not None:
                share = 1.0 / (1 + abs(index - at)) ** 2
                total[index] += alpha * np.float32(share)
                weight[index] += share
    return tuple(
        np.clip(each / max(1e-6, float(share)) * 255, 0, 255).astype(np.uint8)
        for each, share in zip(total, weight, strict=True)
    )


def _finder() -> Any:
    return cv.DISOpticalFlow_create(cv.DISOPTICAL_FLOW_PRESET_FAST)


def _moved(finder: Any, alpha: Floats, here: Bytes, there: Bytes) -> Floats:
    """A matte of the frame `there` as it lies in the frame `here`."""
    flow = np.asarray(finder.calc(here, there, None), np.float32)
    y, x = np.mgrid[0 : here.shape[0], 0 : here.shape[1]].astype(np.float32)
    moved = cv.remap(alpha, x + flow[..., 0], y + flow[..., 1], cv.INTER_LINEAR, borderMode=cv.BORDER_REPLICATE)
    return np.asarray(moved, np.float32)


def _grey(frame: Bytes) -> Bytes:
    return np.asarray(cv.cvtColor(frame, cv.COLOR_RGB2GRAY), np.uint8)
