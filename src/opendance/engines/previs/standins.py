"""What takes the place of a drawing that is not there: a soft shape of about the right form with its name on it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from opendance.drawings.library import facts_of, words_for
from opendance.drawings.own import DrawingKind

Bytes = npt.NDArray[np.uint8]

_FONT = cv2.FONT_HERSHEY_DUPLEX
_INK = (52, 50, 58)
# Width over height, and how round the corners are: 0.5 makes a capsule.
_FORMS: dict[DrawingKind, tuple[float, float]] = {
    "person": (0.42, 0.5), "animal": (1.35, 0.42), "bird": (1.2, 0.5), "fish": (1.8, 0.5), "vehicle": (2.0, 0.24),
    "boat": (2.2, 0.32), "aircraft": (2.4, 0.5), "plant": (0.7, 0.5), "building": (1.1, 0.05), "furniture": (1.2, 0.12),
    "food": (1.2, 0.4), "drink": (0.6, 0.2), "machine": (1.2, 0.1), "instrument": (1.4, 0.3),
}  # fmt: skip
_COLOURS: dict[DrawingKind, tuple[int, int, int]] = {
    "person": (232, 178, 130), "animal": (206, 164, 118), "bird": (150, 184, 222), "fish": (112, 176, 210),
    "plant": (126, 186, 108), "building": (196, 188, 182), "food": (232, 190, 110), "vehicle": (208, 112, 106),
}  # fmt: skip


def stand_in(name: str, size: int) -> Bytes:
    """A shape (h, w, 4), premultiplied, its larger side `size` pixels, for what has no drawing."""
    facts = facts_of(name)
    kind: DrawingKind = "thing" if facts is None else facts.kind
    ratio, roundness = _FORMS.get(kind, (1.0, 0.2))
    width = max(8, round(size * min(1.0, ratio)))
    height = max(8, round(size * min(1.0, 1 / ratio)))
    cover = _rounded(height, width, roundness)
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = _COLOURS.get(kind, (190, 186, 204))
    _letter(picture, words_for(name))
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
    """Write words into the middle, a line each where that makes them larger; OpenCV brings the letters."""
    height, width = picture.shape[:2]
    lines = words.split()[:3] if len(words) > 9 else [words]
    lines = [line[:14] for line in lines if line.isascii()] or ["?"]
    widest = max(cv2.getTextSize(line, _FONT, 1.0, 1)[0][0] for line in lines)
    scale = min(width * 0.82 / widest, height * 0.7 / (len(lines) * 34))
    thickness = max(1, round(scale * 1.4))
    for k, line in enumerate(lines):
        across, up = cv2.getTextSize(line, _FONT, scale, thickness)[0]
        y = height / 2 + (k - (len(lines) - 1) / 2) * scale * 34 + up / 2
        cv2.putText(picture, line, (round((width - across) / 2), round(y)), _FONT, scale, _INK, thickness, cv2.LINE_AA)
