"""Faces that blink: eyes are found in the picture, as small dark ovals, alone or in pairs, and covered by lids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

_Components = tuple[int, npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.float64]]

_DARK = 96  # of 255: an eye has none lighter
_SMALLEST, _LARGEST = 0.024, 0.16  # its height, as a share of the picture's size


@dataclass(frozen=True)
class _Eye:
    x: float
    y: float
    width: int
    height: int


def with_closed_eyes(rgba: Bytes) -> Bytes | None:
    """A drawing (h, w, 4), premultiplied, with its eyes closed; none where no eyes are found."""
    eyes = _eyes(rgba)
    if not eyes:
        return None
    out = rgba.copy()
    covered = np.zeros(rgba.shape[:2], np.uint8)
    for eye in eyes:
        axes = (round(eye.width * 0.5 + 2 + eye.width * 0.2), round(eye.height * 0.5 + 2 + eye.height * 0.16))
        cv2.ellipse(covered, (round(eye.x), round(eye.y)), axes, 0, 0, 360, 255, -1)
    covered[rgba[..., 3] < 250] = 0
    # What is behind an eye is guessed from what is around it.
    colours = np.ascontiguousarray(rgba[..., :3])
    out[..., :3] = cv2.inpaint(colours, covered, 3, cv2.INPAINT_TELEA)
    for eye in eyes:
        lid = max(1, round(eye.height * 0.16))
        axes = (max(1, round(eye.width * 0.55)), max(1, round(eye.height * 0.18)))
        at = (round(eye.x), round(eye.y + eye.height * 0.06))
        cv2.ellipse(out, at, axes, 0, 10, 170, (46, 34, 36, 255), lid, cv2.LINE_AA)
    out[..., :3] = np.minimum(out[..., :3], rgba[..., 3:])
    out[..., 3] = rgba[..., 3]
    return out


def _eyes(rgba: Bytes) -> list[_Eye]:
    size = max(rgba.shape[:2])
    dark = ((rgba[..., :3].max(-1) < _DARK) & (rgba[..., 3] > 250)).astype(np.uint8)
    count, labels, boxes, centres = cast("_Components", cv2.connectedComponentsWithStats(dark, connectivity=8))
    candidates: list[_Eye] = []
    for k in range(1, count):
        x, y, width, height, area = (int(value) for value in boxes[k])
        if not (_SMALLEST * size <= height <= _LARGEST * size and 0.2 <= width / height <= 1.5):
            continue
        if not 0.5 <= area / (width * height) <= 0.97:  # an oval covers 0.785 of its box, one with a gleam less
            continue
        if y + height / 2 > rgba.shape[0] * 0.72 or not _is_on_skin(rgba, labels == k, (x, y, width, height)):
            continue
        candidates.append(_Eye(float(centres[k][0]), float(centres[k][1]), width, height))
    return _pair(candidates, size) or (candidates if len(candidates) == 1 else [])


def _is_on_skin(rgba: Bytes, eye: npt.NDArray[np.bool_], box: tuple[int, int, int, int]) -> bool:
    """Whether what is around is covered, and lighter than the eye."""
    x, y, width, height = box
    reach = max(3, height // 3)
    top, left = max(0, y - reach), max(0, x - reach)
    part = rgba[top : y + height + reach, left : x + width + reach]
    around = ~eye[top : y + height + reach, left : x + width + reach]
    return bool((part[..., 3][around] > 250).mean() > 0.97 and np.median(part[..., :3].max(-1)[around]) > _DARK + 24)


def _pair(candidates: list[_Eye], size: int) -> list[_Eye]:
    """The two that are alike and side by side, the highest first."""
    for first in sorted(candidates, key=lambda eye: eye.y):
        for second in candidates:
            if second is first or second.x <= first.x:
                continue
            level = abs(second.y - first.y) < 0.03 * size
            alike = 0.7 < first.height / second.height < 1.4 and 0.6 < first.width / second.width < 1.7
            if level and alike and second.x - first.x > first.width * 1.4:
                return [first, second]
    return []
