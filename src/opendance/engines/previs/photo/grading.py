"""The light and weather of footage made another, frame by frame: nothing in it moves or goes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from opendance.engines.previs.photo.vision import Bytes, Floats, cv
from opendance.plan import Hour, Shot, Weather

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_HIGHEST = 96  # px: the haze's field is that high, it has no edges of its own


@dataclass(frozen=True)
class Grading:
    """How colours change.

    Attributes:
        gain: of red, green, blue; `saturation`: 1 leaves it.
        gamma: over 1 darkens the middle and keeps the lights.
        haze: colour of the air, 0 to 255, and how much of it lies over what is far and over what is near, 0 to 1.
    """

    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    saturation: float = 1.0
    gamma: float = 1.0
    haze: tuple[tuple[float, float, float], float, float] | None = None

    def eased(self, share: float) -> Grading:
        """The same, `share` of the way from no change at all."""

        def part(value: float) -> float:
            return 1 + (value - 1) * share

        red, green, blue = self.gain
        haze = None if self.haze is None else (self.haze[0], self.haze[1] * share, self.haze[2] * share)
        return Grading((part(red), part(green), part(blue)), part(self.saturation), part(self.gamma), haze)


_DARK, _BRIGHT = 30.0, 85.0  # mean levels of 255 between which what is dark already is darkened less
_HOURS: dict[Hour, Grading] = {
    "dawn": Grading((1.02, 0.90, 0.94), 0.92, 1.12, ((228, 196, 196), 0.26, 0.04)),
    "golden": Grading((1.16, 0.97, 0.68), 1.14, 1.04, ((255, 190, 110), 0.20, 0.03)),
    "dusk": Grading((0.80, 0.66, 0.86), 0.95, 1.32, ((146, 104, 150), 0.22, 0.03)),
    "night": Grading((0.42, 0.50, 0.72), 0.60, 1.45),
}
_WEATHERS: dict[Weather, Grading] = {
    "clouds": Grading((0.90, 0.94, 0.99), 0.78, 1.05, ((196, 202, 210), 0.16, 0.0)),
    "rain": Grading((0.74, 0.82, 0.90), 0.66, 1.16, ((148, 158, 170), 0.40, 0.06)),
    "storm": Grading((0.52, 0.60, 0.70), 0.55, 1.30, ((86, 94, 108), 0.44, 0.06)),
    "snow": Grading((0.98, 1.01, 1.06), 0.55, 0.94, ((226, 232, 240), 0.42, 0.10)),
    "fog": Grading((0.96, 0.98, 1.0), 0.60, 1.0, ((206, 212, 218), 0.88, 0.30)),
    "clear": Grading((1.04, 1.02, 0.98), 1.12, 0.94),
}  # fmt: skip


def gradings_for(shot: Shot, *, hour: bool, weather: bool, brightness: float = _BRIGHT) -> tuple[Grading, ...]:
    """What the words of a shot do to footage.

    Args:
        hour, weather: whether they name one.
        brightness: mean level of the footage, 0 to 255.
    """
    named = (_WEATHERS.get(shot.weather) if weather else None, _HOURS.get(shot.hour) if hour else None)
    share = float(np.clip((brightness - _DARK) / (_BRIGHT - _DARK), 0.35, 1))
    return tuple(grading.eased(share) for grading in named if grading is not None)


@dataclass
class Grader:
    """Applies gradings to frames of one size.

    Args:
        distance: how far each place is, (h, w) 0 to 1, of any size: the air lies over what is far.
    """

    gradings: tuple[Grading, ...]
    distance: Floats
    _fields: dict[tuple[int, int], Floats] = field(default_factory=dict[tuple[int, int], Floats])

    def apply(self, rgb: Bytes) -> Bytes:
        """A frame (h, w, 3) in the new light."""
        for grading in self.gradings:
            rgb = self._graded(rgb, grading)
        return rgb

    def _graded(self, rgb: Bytes, grading: Grading) -> Bytes:
        curve = np.clip(255 * (np.arange(256) / 255) ** grading.gamma + 0.5, 0, 255).astype(np.uint8)
        s = grading.saturation
        matrix = np.diag(np.asarray(grading.gain, np.float32)) @ (np.eye(3) * s + (1 - s) * np.tile(_LUMA, (3, 1)))
        out = np.asarray(cv.transform(cv.LUT(rgb, curve), matrix.astype(np.float32)), np.uint8)
        if grading.haze is None:
            return out
        colour, far, near = grading.haze
        share = near + (far - near) * self._distance_at(rgb.shape[1], rgb.shape[0])
        share = np.round(share * 256).astype(np.uint16)[..., None]
        air = np.asarray(colour, np.uint16)
        return ((out * (256 - share) + air * share) >> 8).astype(np.uint8)

    def _distance_at(self, width: int, height: int) -> Floats:
        if (width, height) not in self._fields:
            wide = cv.resize(self.distance, (width, height), interpolation=cv.INTER_LINEAR)
            self._fields[width, height] = np.clip(np.asarray(wide, np.float32), 0, 1)
        return self._fields[width, height]


def distance_of(depth: Floats) -> Floats:
    """How far each place is, 0 to 1, of an inverse depth (h, w), soft enough to lie over all frames of a clip."""
    far = np.clip((0.95 - depth) / 0.75, 0, 1).astype(np.float32)
    size = (max(16, round(_HIGHEST * depth.shape[1] / depth.shape[0])), _HIGHEST)
    return np.asarray(cv.GaussianBlur(cv.resize(far, size, interpolation=cv.INTER_AREA), (0, 0), 4), np.float32)
