"""Footage in which one thing has another colour."""

from __future__ import annotations

from pathlib import Path as FilePath

import numpy as np

from opendance.engines.previs.photo.footage import FollowedFootage, Reel, frame_at
from opendance.engines.previs.photo.vision import Bytes, Floats, Mask, cv

_GREY = 9.0  # chroma (CIELAB): a thing that has less is told by where it is, not by its colour
_ALIKE = 26.0  # distance in a*b* up to which a place has the thing's own colour


class RecolouredFootage(FollowedFootage):
    """The main colour of the thing becomes another one, with its shades; all else stays.

    So does a thing that cannot be told from its surroundings.

    Args:
        colour: sRGB, 0 to 1.
    """

    def __init__(
        self,
        reel: Reel,
        path: FilePath,
        size: tuple[int, int],
        colour: tuple[float, float, float],
        num_frames: int,
    ) -> None:
        super().__init__(reel, path, size, num_frames)
        self._target = _lab(np.array([[colour]], np.float32))[0, 0]
        lab = _lab(self._opening.astype(np.float32) / np.float32(255))
        own = lab[self._inside]
        if len(own) == 0:
            own = lab.reshape(-1, 3)
        chroma = np.hypot(own[:, 1], own[:, 2])
        coloured = own[chroma > _GREY]
        self._is_grey = len(coloured) < 0.3 * len(own)
        main = own if self._is_grey else coloured[_is_of_main_hue(coloured)]
        self._main = np.median(main, axis=0).astype(np.float32)

    def picture(self, t: float) -> Bytes:
        index = frame_at(t)
        rgb = super().picture(t).copy()
        # What has a colour of its own may be looked for around it too.
        soft = self._soft_at(index, wholly=not self._is_grey)
        if not self.is_known or not (soft > 0.01).any():
            return rgb
        rows, columns = np.flatnonzero((soft > 0.01).any(axis=1)), np.flatnonzero((soft > 0.01).any(axis=0))
        top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
        part = rgb[top:bottom, left:right]
        lab = _lab(part.astype(np.float32) / np.float32(255))
        share = soft[top:bottom, left:right] * self._likeness(lab)
        changed = _rgb(self._changed(lab))
        mixed = part * (1 - share[..., None]) + changed * np.float32(255) * share[..., None]
        rgb[top:bottom, left:right] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
        return rgb

    def _likeness(self, lab: Floats) -> Floats:
        """(h, w) 0 to 1: how much each place has the thing's own colour."""
        chroma = np.hypot(lab[..., 1], lab[..., 2])
        if self._is_grey:
            near = np.abs(lab[..., 0] - self._main[0]) < 34
            return (np.clip((16 - chroma) / 6, 0, 1) * near).astype(np.float32)
        # Shades and lights of a colour have its hue with more or less chroma.
        along = (lab[..., 1] * self._main[1] + lab[..., 2] * self._main[2]) / float(np.hypot(*self._main[1:]))
        across = np.sqrt(np.maximum(chroma**2 - along**2, 0))
        alike = np.clip((_ALIKE - across) / 10, 0, 1) * np.clip((along - 4) / 8, 0, 1)
        return np.asarray(cv.GaussianBlur(alike.astype(np.float32), (0, 0), 0.8), np.float32)

    def _changed(self, lab: Floats) -> Floats:
        lightness = self._target[0] + (lab[..., 0] - self._main[0]) * 0.9
        strength = np.ones_like(lightness)
        if not self._is_grey:
            strength = np.clip(np.hypot(lab[..., 1], lab[..., 2]) / float(np.hypot(*self._main[1:])), 0.2, 1.25)
        return np.dstack([np.clip(lightness, 2, 98), self._target[1] * strength, self._target[2] * strength]).astype(
            np.float32
        )


def _is_of_main_hue(lab: Floats) -> Mask:
    """(n,) of colours (n, 3): those of the hue that most of their chroma has."""
    hue, chroma = np.arctan2(lab[:, 2], lab[:, 1]), np.hypot(lab[:, 1], lab[:, 2])
    histogram, edges = np.histogram(hue, 36, (-np.pi, np.pi), weights=chroma)
    smooth = histogram + np.roll(histogram, 1) + np.roll(histogram, -1)
    main = float(edges[int(np.argmax(smooth))] + np.pi / 36)
    return np.abs(np.angle(np.exp(1j * (hue - main)))) < 0.45


def _lab(rgb: Floats) -> Floats:
    """CIELAB of sRGB, (h, w, 3), 0 to 1."""
    return np.asarray(cv.cvtColor(np.ascontiguousarray(rgb, np.float32), cv.COLOR_RGB2LAB), np.float32)


def _rgb(lab: Floats) -> Floats:
    return np.clip(np.asarray(cv.cvtColor(lab, cv.COLOR_LAB2RGB), np.float32), 0, 1)
