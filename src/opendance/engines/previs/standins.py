"""What takes the place of a drawing that is not there: a small plain shape with its name on it.

It is as large as things of its kind are, and never large in the picture: it tells that something is there, and leaves
the picture to what is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
import numpy.typing as npt

from opendance.drawings.library import words_for

Bytes = npt.NDArray[np.uint8]

TALLEST, TALLEST_ALONE = 0.13, 0.34  # picture heights
_ROUNDNESS = 0.30  # of the corners, in shares of the height
_RATIO = 1.35  # width over height
_PAPER, _INK = (188, 184, 180), (104, 100, 104)
_LONGEST = 26  # letters that can still be read
# Height of things of a kind, m, by the emoji that the plan gives for the kind.
_HEIGHTS: Mapping[str, float] = {
    "🐾": 0.5, "🧑": 1.7, "🎻": 0.5, "🪑": 0.8, "👕": 0.5, "👒": 0.2, "🔧": 0.2, "🗡️": 0.5, "⚙️": 0.6, "🪨": 0.3,
    "🧸": 0.3, "⚽": 0.25, "🍲": 0.12, "🥤": 0.15, "🏠": 6.0, "🚗": 1.5, "⛵": 4.0, "🌱": 0.4,
}  # fmt: skip
_OF_THING = 0.3


def height_like(kind: str) -> float:
    """Height of what nobody draws, m.

    Args:
        kind: the emoji that the plan gives for it.
    """
    return _HEIGHTS.get(kind, _OF_THING)


def stand_in(name: str, size: int) -> Bytes:
    """A shape (h, w, 4), premultiplied, its larger side `size` pixels, for what has no drawing."""
    width = max(8, size)
    height = max(8, round(size / _RATIO))
    cover = _rounded(height, width, _ROUNDNESS)
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = _PAPER
    _letter(picture, words_for(name) or name)
    rgba = np.empty((height, width, 4), np.uint8)
    rgba[..., :3] = (picture.astype(np.uint16) * cover[..., None] // 255).astype(np.uint8)
    rgba[..., 3] = cover
    return rgba


def _rounded(height: int, width: int, roundness: float) -> Bytes:
    """(height, width) cover of a box with round corners."""
    radius = roundness * min(height, width)
    y = np.abs(np.arange(height, dtype=np.float32) + 0.5 - height / 2)[:, None] - (height / 2 - radius)
    x = np.abs(np.arange(width, dtype=np.float32) + 0.5 - width / 2)[None, :] - (width / 2 - radius)
    outside = np.hypot(np.maximum(x, 0), np.maximum(y, 0)) + np.minimum(np.maximum(x, y), 0) - radius
    return (np.clip(0.5 - outside, 0, 1) * 255).astype(np.uint8)


def _letter(picture: Bytes, words: str) -> None:
    """Write words into the middle, a line each where that makes them larger; OpenCV brings letters of all languages."""
    height, width = picture.shape[:2]
    words = " ".join(words.split())[:_LONGEST]
    lines = words.split()[:3] if len(words) > 9 and words.isascii() else [words]
    if not words:
        return
    font = cv2.FontFace("uni")
    widest = max(cv2.getTextSize((9999, 999), line, (0, 0), font, 100)[2] for line in lines)
    size = max(5, int(min(width * 0.74 / max(1, widest) * 100, height * 0.72 / (1.25 * len(lines)), height * 0.34)))
    for k, line in enumerate(lines):
        across = cv2.getTextSize((9999, 999), line, (0, 0), font, size)[2]
        y = height / 2 + (k - (len(lines) - 1) / 2) * size * 1.25 + size * 0.36
        cv2.putText(picture, line, (max(0, round((width - across) / 2)), round(y)), _INK, font, size, 500)
