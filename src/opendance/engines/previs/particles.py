"""What drifts through the whole depth of a scene: rain, snow, petals, leaves, light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from opendance.engines.previs.camera import Pose
from opendance.engines.previs.colour import Colour, Light, mix
from opendance.engines.previs.lanes import Packed, pack
from opendance.engines.previs.motion import GOLDEN_ANGLE
from opendance.plan import Shot

Floats = npt.NDArray[np.floating[Any]]
Bytes = npt.NDArray[np.uint8]
CELL = 48


@dataclass(frozen=True)
class Kind:
    """A kind of particle.

    Attributes:
        count: in the standard tier.
        size: half size in picture heights at depth 1, smallest and largest.
        stretch: length over width.
        fall, drift: speed down and sideways, picture heights a second at depth 1.
        flutter: amplitude of its sway.
        turn: turns a second.
        depths: nearest and farthest.
        opacity: at most.
        twinkle: it goes on and off.
    """

    count: int
    size: tuple[float, float]
    fall: float
    drift: float = 0.0
    stretch: float = 1.0
    flutter: float = 0.0
    turn: float = 0.0
    depths: tuple[float, float] = (0.6, 4.0)
    opacity: float = 0.9
    twinkle: bool = False


_KINDS: dict[str, Kind] = {
    "rain": Kind(420, (0.00085, 0.0014), 2.3, drift=-0.16, stretch=24, depths=(0.7, 5.0), opacity=0.34),
    "snow": Kind(330, (0.0028, 0.0075), 0.11, drift=0.03, flutter=0.035, depths=(0.55, 5.0), opacity=0.92),
    "petals": Kind(64, (0.008, 0.015), 0.085, drift=0.11, stretch=0.62, flutter=0.06, turn=0.30, depths=(0.6, 4.0)),
    "leaves": Kind(46, (0.011, 0.020), 0.11, drift=0.09, stretch=0.8, flutter=0.07, turn=0.28, depths=(0.6, 4.0)),
    "fireflies": Kind(54, (0.010, 0.022), -0.012, flutter=0.07, depths=(0.7, 4.5), opacity=0.95, twinkle=True),
    "embers": Kind(80, (0.0035, 0.0085), -0.22, drift=0.05, flutter=0.05, depths=(0.6, 3.0), twinkle=True),
    "bubbles": Kind(50, (0.005, 0.016), -0.15, flutter=0.025, depths=(0.65, 4.0), opacity=0.7),
    "confetti": Kind(120, (0.006, 0.010), 0.24, drift=0.02, stretch=0.55, flutter=0.06, turn=0.9, depths=(0.6, 3.5)),
    "dust": Kind(
        70, (0.0022, 0.0050), -0.010, drift=0.016, flutter=0.03, depths=(0.6, 3.0), opacity=0.50, twinkle=True
    ),
    "sand": Kind(150, (0.0016, 0.003), 0.02, drift=0.9, stretch=0.12, depths=(0.7, 4.0), opacity=0.35),
    "meteors": Kind(7, (0.0016, 0.003), 0.55, drift=-0.9, stretch=48, depths=(6.0, 9.0), opacity=0.9, twinkle=True),
}


def _soft(colour: Colour, power: float = 2.0, hard: float = 0.0) -> Bytes:
    y, x = np.mgrid[0:CELL, 0:CELL].astype(np.float32)
    r = np.hypot(x - CELL / 2 + 0.5, y - CELL / 2 + 0.5) / (CELL / 2 - 1)
    shape = np.clip((1 - r) * 3, 0, 1) * hard + np.clip(1 - r, 0, 1) ** power * (1 - hard)
    return _tinted(shape, colour)


def _tinted(shape: Floats, colour: Colour, *, adds: bool = False) -> Bytes:
    out = np.zeros((CELL, CELL, 4), np.float32)
    out[..., :3] = shape[..., None] * np.array(colour, np.float32) * 255
    out[..., 3] = 0 if adds else shape * 255
    return np.clip(out, 0, 255).astype(np.uint8)


def _glow(colour: Colour) -> Bytes:
    y, x = np.mgrid[0:CELL, 0:CELL].astype(np.float32)
    r = np.hypot(x - CELL / 2 + 0.5, y - CELL / 2 + 0.5) / (CELL / 2 - 1)
    halo, core = np.clip(1 - r, 0, 1) ** 2.6 * 0.75, np.exp(-((r / 0.14) ** 2))
    out = _tinted(np.clip(halo, 0, 1), colour, adds=True).astype(np.float32)
    out[..., :3] += core[..., None] * 255
    return np.clip(out, 0, 255).astype(np.uint8)


def _petal(colour: Colour) -> Bytes:
    cell = np.zeros((CELL * 4, CELL * 4), np.uint8)
    c = CELL * 2
    cv2.ellipse(cell, (c, c), (int(c * 0.92), int(c * 0.62)), 0, 0, 360, 255, -1)
    cv2.circle(cell, (int(c * 1.98), c), int(c * 0.2), 0, -1)
    shape = cv2.resize(cell, (CELL, CELL), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    shade = np.linspace(0.86, 1.08, CELL, dtype=np.float32)[:, None]
    out = _tinted(shape, colour).astype(np.float32)
    out[..., :3] *= shade[..., None]
    return np.clip(np.minimum(out, out[..., 3:]), 0, 255).astype(np.uint8)


def _bubble() -> Bytes:
    y, x = np.mgrid[0:CELL, 0:CELL].astype(np.float32)
    dx, dy = (x - CELL / 2 + 0.5) / (CELL / 2 - 1), (y - CELL / 2 + 0.5) / (CELL / 2 - 1)
    r = np.hypot(dx, dy)
    ring = np.exp(-(((r - 0.86) / 0.09) ** 2)) * 0.75 + np.exp(-(((dx + 0.35) ** 2 + (dy + 0.38) ** 2) / 0.03)) * 0.9
    return _tinted(np.clip(ring + np.clip(1 - r, 0, 1) * 0.06, 0, 1), (0.9, 0.98, 1.0))


def _square(colour: Colour) -> Bytes:
    shape = np.zeros((CELL, CELL), np.float32)
    shape[5:-5, 5:-5] = 1
    return _tinted(shape, colour)


def _streak(colour: Colour) -> Bytes:
    y, x = np.mgrid[0:CELL, 0:CELL].astype(np.float32)
    across = np.exp(-((((x - CELL / 2 + 0.5) / CELL) * 5.5) ** 2))
    along = np.clip(1 - np.abs(y / CELL - 0.5) * 2, 0, 1)
    return _tinted(across * along, colour)


_BRIGHT: tuple[Colour, ...] = (
    (1.0, 0.36, 0.42),
    (1.0, 0.80, 0.28),
    (0.34, 0.76, 1.0),
    (0.52, 0.88, 0.46),
    (0.86, 0.50, 1.0),
)


def _pictures(name: str, light: Light, autumn: tuple[Colour, ...]) -> list[Bytes]:
    match name:
        case "rain":
            return [_streak(mix(light.sky[-1][1], (0.86, 0.92, 1.0), 0.6))]
        case "snow":
            return [_soft(mix(light.ambient, (1, 1, 1), 0.75), 1.6)]
        case "petals":
            return [_petal(light.lit(c, 0.75)) for c in ((1.0, 0.74, 0.82), (1.0, 0.84, 0.88), (0.97, 0.62, 0.74))]
        case "leaves":
            return [_petal(light.lit(c, 0.7)) for c in autumn]
        case "fireflies":
            return [_glow((1.0, 0.86, 0.40)), _glow((0.82, 1.0, 0.46))]
        case "embers":
            return [_glow((1.0, 0.46, 0.14)), _glow((1.0, 0.70, 0.25))]
        case "bubbles":
            return [_bubble()]
        case "confetti":
            return [_square(light.lit(c, 0.9)) for c in _BRIGHT]
        case "dust":
            return [
                _tinted(
                    _soft((1, 1, 1), 2.0)[..., 3].astype(np.float32) / 255, mix(light.key, (1, 1, 1), 0.2), adds=True
                )
            ]
        case "sand":
            return [_soft(light.lit((0.95, 0.78, 0.55), 0.7), 1.5)]
        case _:
            return [_streak((0.9, 0.95, 1.0))]


_WITHOUT_WEATHER: tuple[str, ...] = ("room", "stage", "studio", "underwater", "space")


def kinds_for(shot: Shot) -> list[str]:
    """Which particles a shot has, by its words, weather and place."""
    names = [p for p in shot.particles if p in _KINDS]
    dry = shot.setting == "desert" and shot.weather == "storm"  # of sand
    if dry:
        names.append("sand")
    if shot.weather in ("rain", "storm") and not dry and shot.setting not in _WITHOUT_WEATHER:
        names.append("rain")
    if shot.weather == "snow" and shot.setting not in _WITHOUT_WEATHER:
        names.append("snow")
    if shot.setting == "underwater":
        names.append("bubbles")
    if shot.setting in ("room", "stage", "forest") and not names:
        names.append("fireflies" if shot.setting == "forest" and shot.hour == "night" else "dust")
    if shot.setting == "garden" and not names and shot.season not in ("winter", "autumn"):
        names.append("petals")
    if shot.setting == "desert" and shot.weather == "wind":
        names.append("sand")
    return list(dict.fromkeys(names))[:3]


class Cloud:
    """All particles of one kind; those nearer than depth 1 are drawn before the subject, the others behind."""

    def __init__(
        self, name: str, shot: Shot, light: Light, *, aspect: float, height: int, detail: float,
        speed: float, rng: np.random.Generator,
    ) -> None:  # fmt: skip
        kind = _KINDS[name]
        self._kind, self._aspect, self._height = kind, aspect, height
        wind = 2.4 if shot.weather in ("wind", "storm") else 1.0
        count = max(4, int(kind.count * min(1.0, 0.4 + 0.6 * detail) * (1.5 if shot.weather == "storm" else 1.0)))
        pictures = _pictures(name, light, ((0.86, 0.40, 0.14), (0.90, 0.62, 0.18), (0.72, 0.26, 0.12)))
        self.atlas: Packed = pack(np.concatenate(pictures, axis=1))
        near, far = kind.depths
        self._z = (1 / rng.uniform(1 / far, 1 / near, count)).astype(np.float32)
        self._seed = rng.random((count, 6), dtype=np.float32)
        self._size = (kind.size[0] + (kind.size[1] - kind.size[0]) * self._seed[:, 0]).astype(np.float32)
        self._picture = (self._seed[:, 1] * len(pictures)).astype(np.int32)
        pace = min(speed, 3.0)
        self._fall, self._drift = kind.fall * pace, kind.drift * wind * pace
        self._tilt = float(np.arctan2(-self._drift, self._fall)) if kind.stretch > 4 else 0.0

    def items(self, t: float, pose: Pose, near: bool) -> Floats:
        """The stamps at a time, (k, 6), for what is nearer than the subject or farther."""
        kind = self._kind
        pick = (self._z < 1.0) if near else (self._z >= 1.0)
        z, seed = self._z[pick], self._seed[pick]
        zoom = pose.zoom * z / np.maximum(0.2, z - pose.dolly)
        span_x, span_y = self._aspect + 0.3, 1.3
        sway = np.sin(6.283 * (0.25 + 0.4 * seed[:, 2]) * t + seed[:, 3] * 6.283)
        x = seed[:, 4] * span_x + (self._drift * t + kind.flutter * sway - pose.x) / z + pose.pan
        y = seed[:, 5] * span_y + (self._fall * t * (0.7 + 0.6 * seed[:, 2]) - pose.y) / z + pose.tilt
        y = y + kind.flutter * 0.4 * np.cos(6.283 * 0.4 * t + seed[:, 2] * 6.283)
        x = np.mod(x, span_x) - span_x / 2
        y = np.mod(y, span_y) - span_y / 2
        size = self._size[pick] / np.minimum(z, 3.0) * zoom * self._height
        opacity = np.full(z.shape, kind.opacity, np.float32) * np.clip(1.25 - z / (kind.depths[1] * 1.1), 0.25, 1)
        if kind.twinkle:
            opacity = opacity * np.clip(np.sin(6.283 * (0.35 * t + seed[:, 3]) + 4 * seed[:, 1]) * 0.75 + 0.45, 0, 1)
        items = np.empty((z.size, 6), np.float32)
        items[:, 0], items[:, 1] = (x + self._aspect / 2) * self._height, (y + 0.5) * self._height
        spin = kind.turn * t * 6.283 * (0.5 + seed[:, 2]) + seed[:, 3] * 6.283 if kind.turn else self._tilt
        flip = np.abs(np.cos(6.283 * kind.turn * 0.8 * t + seed[:, 5] * 6.283)) * 0.75 + 0.25 if kind.turn else 1.0
        items[:, 2] = size
        items[:, 3] = size * kind.stretch * flip
        items[:, 4] = spin
        items[:, 5] = self._picture[pick] + np.clip(opacity, 0, 0.998)
        return items


def _note(heads: int) -> Floats:
    """(CELL, CELL) cover of an eighth note, or of two that are joined."""
    scale = CELL * 4 // 64
    cover = np.zeros((CELL * 4, CELL * 4), np.uint8)
    places = (24,) if heads == 1 else (14, 42)
    for x in places:
        cv2.ellipse(cover, (x * scale, 50 * scale), (9 * scale, 7 * scale), -18, 0, 360, 255, -1)
        cv2.line(cover, ((x + 7) * scale, 48 * scale), ((x + 7) * scale, 10 * scale), 255, 4 * scale)
    right = (places[-1] + 7) * scale
    if heads == 1:
        flag = [
            [right, 8 * scale],
            [right + 16 * scale, 26 * scale],
            [right + 12 * scale, 36 * scale],
            [right, 22 * scale],
        ]
    else:
        left = (places[0] + 7) * scale
        flag = [[left, 8 * scale], [right, 8 * scale], [right, 18 * scale], [left, 18 * scale]]
    cv2.fillPoly(cover, [np.array(flag, np.int32)], 255)
    small = cv2.resize(cover, (CELL - 8, CELL - 8), interpolation=cv2.INTER_AREA)
    return np.pad(small.astype(np.float32) / 255, 4)


class Notes:
    """Music notes that rise from an instrument, one for each note that is heard.

    Args:
        onsets: s.
        source: where they come from, picture heights.
    """

    def __init__(
        self, onsets: list[float], source: tuple[float, float], *, aspect: float, height: int, light: Light
    ) -> None:
        cells: list[Bytes] = []
        for heads in (1, 2):
            shape = _note(heads)
            cells.append(_tinted(shape, mix(mix(light.key, (1.0, 0.85, 0.5), 0.4), (1, 1, 1), 0.4)))
        self.atlas: Packed = pack(np.concatenate(cells, axis=1))
        kept = [onset for k, onset in enumerate(onsets) if k == 0 or onset - onsets[k - 1] > 0.02][::2]
        self._onsets, self._source = np.array(kept, np.float32), source
        self._aspect, self._height = aspect, height

    def items(self, t: float, pose: Pose, near: bool) -> Floats:
        """The stamps at a time, (k, 6)."""
        life = 2.6
        index = np.flatnonzero((self._onsets <= t) & (self._onsets > t - life)) if near else np.array([], np.int64)
        age = (t - self._onsets[index]) / life
        wander = index * GOLDEN_ANGLE
        scale = pose.zoom / max(0.2, 1 - pose.dolly)
        x = (
            self._source[0]
            + 0.10 * np.sin(wander)
            + (0.10 + 0.16 * np.cos(wander)) * age
            + 0.02 * np.sin(age * 9 + wander)
        )
        y = self._source[1] - 0.50 * age - 0.05 * np.cos(wander)
        items = np.empty((index.size, 6), np.float32)
        items[:, 0] = ((x - pose.x) * scale + pose.pan + self._aspect / 2) * self._height
        items[:, 1] = (y * scale + pose.tilt + 0.5) * self._height
        items[:, 2] = items[:, 3] = (0.034 + 0.010 * np.sin(wander * 3)) * self._height * scale
        items[:, 4] = 0.35 * np.sin(age * 7 + wander)
        items[:, 5] = index % 2 + np.clip(np.sin(np.pi * np.clip(age * 1.05, 0, 1)) * 0.95, 0, 0.99)
        return items


class Fireworks:
    """Bursts in the sky, at the moments that `times` tells."""

    def __init__(self, *, seconds: float, aspect: float, height: int, rng: np.random.Generator) -> None:
        self.atlas: Packed = pack(np.concatenate([_glow(c) for c in _BRIGHT], axis=1))
        self.times = [
            float(t)
            for t in np.arange(0.15, seconds, 0.62) + rng.uniform(-0.12, 0.12, len(np.arange(0.15, seconds, 0.62)))
        ]
        self._aspect, self._height = aspect, height
        self._place = [
            (rng.uniform(-0.36, 0.36) * aspect, rng.uniform(-0.38, -0.10), rng.uniform(0.18, 0.32)) for _ in self.times
        ]
        angles, ups = rng.uniform(0, 6.283, (len(self.times), 84)), rng.uniform(-1, 1, (len(self.times), 84))
        flat = np.sqrt(1 - ups**2)
        self._ways = np.stack([np.cos(angles) * flat, ups], -1) * rng.uniform(0.75, 1, (len(self.times), 84, 1))

    def items(self, t: float, pose: Pose, near: bool) -> Floats:
        """The stamps at a time, (k, 6)."""
        bursts: list[Floats] = []
        for k, time in enumerate(self.times if not near else []):
            age = (t - time) / 1.7
            if not 0 <= age < 1:
                continue
            cx, cy, radius = self._place[k]
            grow = 1 - (1 - age) ** 3
            x = cx + self._ways[k][:, 0] * radius * grow + pose.pan
            y = cy + self._ways[k][:, 1] * radius * grow + 0.10 * age * age + pose.tilt
            items = np.empty((len(x), 6), np.float32)
            items[:, 0], items[:, 1] = (x + self._aspect / 2) * self._height, (y + 0.5) * self._height
            items[:, 2] = items[:, 3] = (0.021 * (1 - age * 0.55)) * self._height
            items[:, 4] = 0
            flicker = 0.8 + 0.2 * np.sin(40 * t + np.arange(len(x)))
            items[:, 5] = k % len(_BRIGHT) + np.clip((1 - age**2) * flicker, 0, 0.99)
            bursts.append(items)
        return np.concatenate(bursts) if bursts else np.empty((0, 6), np.float32)
