"""Seasons: what is green in the open turns to the colours of autumn, lies under snow, or is young and in bloom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from opendance.engines.previs.paint import bands
from opendance.plan import Particle, Season, Setting, Shot

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

_INDOORS: tuple[Setting, ...] = ("room", "stage", "studio", "space", "underwater")
_GREEN_AT, _GREEN_FULL = 6.0, 34.0  # how much more green than red or blue begins to count, and counts in full
# By season: the colours that green turns to, from dark to light leaves, as shares of the lightest channel.
_LEAVES: Mapping[Season, tuple[tuple[float, float, float], ...]] = {
    "autumn": ((0.86, 0.24, 0.10), (1.0, 0.46, 0.10), (1.0, 0.74, 0.20), (0.80, 0.36, 0.12)),
    "spring": ((0.60, 0.95, 0.34), (0.72, 1.0, 0.42), (1.0, 0.72, 0.84), (0.66, 0.98, 0.40)),
}
_GROUND: Mapping[Season, tuple[tuple[float, float, float], ...]] = {
    "autumn": ((0.98, 0.66, 0.30), (0.90, 0.76, 0.34)),
    "spring": ((0.60, 0.95, 0.34), (0.76, 1.0, 0.46)),
}
_SNOW = (0.90, 0.94, 1.0)
_FALLING: Mapping[Season, Particle] = {"autumn": "leaves", "spring": "petals"}
_PATCH = 9.0  # patches of one colour in a picture's height


def is_seen(shot: Shot) -> bool:
    """Whether a shot shows its season: where leaves grow, and the words name one."""
    return shot.season in ("autumn", "winter", "spring") and shot.setting not in _INDOORS


def with_falling(shot: Shot) -> Shot:
    """The shot with the leaves or petals of its season in the air, where the words put nothing there."""
    falling = None if shot.season is None or not is_seen(shot) else _FALLING.get(shot.season)
    if falling is None or shot.particles or shot.weather in ("rain", "storm", "snow"):
        return shot
    return replace(shot, particles=(falling,))


def turn(rgba: Bytes, season: Season, density: float, seed: int, *, ground: bool = False) -> None:
    """Give what is green in a premultiplied picture (h, w, 4) the colours of a season.

    Args:
        density: pixels for one picture height.
        ground: it is a floor: snow lies on all of it.
    """
    height, width = rgba.shape[:2]
    rng = np.random.default_rng(seed)
    pattern = np.empty(0, np.float32)
    if season != "winter" or not ground:
        shape = (max(3, round(_PATCH * width / density)), max(3, round(_PATCH * height / density)))
        grid = rng.random(shape[::-1], dtype=np.float32)
        pattern = np.asarray(cv2.resize(grid, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    colours = None if season == "winter" else np.array((_GROUND if ground else _LEAVES)[season], np.float32)
    for band in bands(height):
        part = rgba[band].astype(np.float32)
        red, green, blue, cover = (part[..., k] for k in range(4))
        lead = green - np.maximum(red * 0.92, blue)
        share = np.clip((lead - _GREEN_AT) / (_GREEN_FULL - _GREEN_AT), 0, 1)
        light = part[..., :3].max(axis=2)
        if colours is None:
            white = np.minimum(cover, light * 0.5 + 0.60 * cover)
            new = white[..., None] * np.array(_SNOW, np.float32)
            share = np.maximum(share, 0.8) if ground else share * np.clip(1.5 * pattern[band], 0, 1)
        else:
            place = pattern[band] * (len(colours) - 1e-3)
            which = place.astype(np.int64)
            mixed = colours[which]
            if ground:  # grass has no leaves of one colour each
                mixed = colours[0] + (colours[1] - colours[0]) * pattern[band][..., None]
            new = np.minimum(light * (1.14 if season == "autumn" else 1.05), cover)[..., None] * mixed
            share = share * (0.92 if season == "autumn" else 0.62)
        part[..., :3] += (new - part[..., :3]) * share[..., None]
        rgba[band] = np.clip(part + 0.5, 0, 255).astype(np.uint8)
