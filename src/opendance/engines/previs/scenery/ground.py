"""What all settings share: the set being built, skies, floors, ridges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from opendance.engines.previs.camera import Path, extent
from opendance.engines.previs.colour import Colour, Light, gradient, mix
from opendance.engines.previs.fills import lay_ground
from opendance.engines.previs.paint import Canvas, noise, skyline
from opendance.engines.previs.plates import Placement, Plate
from opendance.engines.previs.seasons import is_seen, turn
from opendance.plan import Setting, Shot

Floats = npt.NDArray[np.floating[Any]]
_SOFT, _SMALL = 2.6, 64  # px: blur from which on half the density shows all there is, in what is larger than this
_OVERGROWN: tuple[Setting, ...] = ("mountains", "forest", "garden", "field", "snow", "city", "street")


@dataclass
class FilmSet:
    """A set under construction.

    Attributes:
        aspect: width over height of the picture.
        resolution: output height, px.
        detail: 1 in the standard tier, less in the others.
        horizon: y of the horizon, picture heights from the middle, down is positive.
        eye: height of the camera over the ground; what stands at depth z has its foot at horizon + eye / z.
        seconds: length of the shot.
        speed: of everything that drifts; time-lapse makes it fast.
        cast: seed of what people look like, the same in all shots of a film.
        metre: picture heights of a metre at depth 1.
        has_strip: a ground of the place's own lies over the view's.
        is_room: the place is a room: seasons are outside.
    """

    shot: Shot
    light: Light
    path: Path
    aspect: float
    resolution: int
    detail: float
    horizon: float
    eye: float
    seconds: float
    speed: float
    focus_blur: float
    rng: np.random.Generator
    has_floor: bool = True
    plates: list[Plate] = field(default_factory=list[Plate])
    stage_index: int | None = None
    shot_style_neon: bool = False
    beach: bool = False
    cast: int = 0
    metre: float = 0.33
    has_strip: bool = False
    is_room: bool = False

    def stage_here(self) -> None:
        """Subjects stand before what was added so far and behind what comes."""
        self.stage_index = len(self.plates)

    @property
    def sun(self) -> tuple[float, float]:
        """Where the light stands in the picture."""
        x, y = self.light.place
        return x * self.aspect / 2, max(-0.44, self.horizon - y)

    def foot(self, depth: float) -> float:
        """y of the ground at a depth."""
        return self.horizon + self.eye / depth

    def canvas(
        self, depth: float, *, top: float = -9.0, bottom: float = 9.0, wide: float = 0.0, soft: bool = False
    ) -> Canvas:
        """A canvas that the camera cannot see past at this depth, cut to `top` and `bottom`.

        Args:
            wide: how much more to each side, for what drifts.
            soft: it has no edges (mist, rays, clouds): half the density will do.
        """
        left, up, right, down, scale = extent(self.path, depth, self.aspect, self.horizon)
        density = self.resolution * min(1.25, max(1.0, scale)) * self.detail
        box = (left - 0.02 - wide, max(up - 0.02, top), right + 0.02 + wide, min(down + 0.02, bottom))
        if box[3] - box[1] < 0.02:
            box = (box[0], min(box[1], bottom - 0.02), box[2], max(box[3], top + 0.02))
        return Canvas(box, density * (0.5 if soft or depth > 40 else 1.0))

    def add(
        self,
        canvas: Canvas,
        depth: float,
        *,
        motion: Callable[[float], Placement] | None = None,
        wave: tuple[float, float, float] | None = None,
        anchor: tuple[float, float] = (0.0, 0.0),
        sharp: bool = False,
    ) -> None:
        """Finish a canvas as a plate: out of focus by its depth."""
        self._turn(canvas)
        if not sharp:
            if self.defocus(depth) * canvas.density > _SOFT and min(canvas.width, canvas.height) > _SMALL:
                canvas.halve()
            canvas.blur(self.defocus(depth))
        plate = Plate(
            canvas.pixels(), canvas.left, canvas.top, canvas.density, depth, motion=motion, wave=wave, anchor=anchor
        )
        self.plates.append(plate.cropped())

    def _turn(self, canvas: Canvas, *, ground: bool = False) -> None:
        """Give it the colours of the season."""
        season = self.shot.season
        if season is None or self.is_room or not is_seen(self.shot):
            return
        if ground and self.shot.setting not in _OVERGROWN:  # snow lies on the sea or a street no longer than it falls
            return
        turn(canvas.rgba, season, canvas.density, len(self.plates), ground=ground)

    def defocus(self, depth: float) -> float:
        """Blur of what is at a depth, picture heights (thin lens: it grows with |1 - 1 / depth|)."""
        return self.focus_blur * abs(1 - 1 / depth)

    def add_floor(self, canvas: Canvas, *, wave: tuple[float, float, float] | None = None, opaque: bool = True) -> None:
        """Finish a canvas as a floor."""
        if opaque:  # no gap may show between floor and horizon
            canvas.rgba[..., 3] = 255
        self._turn(canvas, ground=True)
        self.plates.append(Plate(canvas.pixels(), canvas.left, canvas.top, canvas.density, 1.0, floor=True, wave=wave))

    def floor_canvas(self) -> Canvas:
        """A canvas for the floor as the base camera sees it."""
        boxes = [extent(self.path, depth, self.aspect, self.horizon) for depth in (0.62, 1.0, 3.0)]
        lowest = max(b[3] for b in boxes)
        left, right = min(b[0] for b in boxes), max(b[2] for b in boxes)
        box = (left - 0.05, self.horizon, right + 0.05, max(lowest, 0.5) + 0.12)
        return Canvas(box, self.resolution * self.detail)


def add_sky(film_set: FilmSet, *, clouds: float | None = None, stars: bool | None = None, sun: bool = True) -> None:
    """Sky with sun or moon, stars, and clouds that drift.

    Args:
        clouds: cover, 0 to 1; by the weather if None.
    """
    light, rng, shot = film_set.light, film_set.rng, film_set.shot
    canvas = film_set.canvas(1000.0)
    span = film_set.horizon - canvas.top
    share = span / (canvas.height / canvas.density)
    stops = [(at * share, colour) for at, colour in light.sky] + [(1.0, light.sky[-1][1])]
    canvas.fill(stops, rng)
    covered = shot.weather in ("rain", "storm", "fog", "snow")
    if (light.night if stars is None else stars) and not covered:
        _stars(canvas, rng, film_set.horizon, 1.0 if light.night else 0.4)
    x, y = film_set.sun
    if sun and not (covered and light.night):
        if light.night:
            _moon(canvas, x, y, light)
        else:
            canvas.glow(x, y, 0.42, light.key, 0.34 * light.strength, 1.0)
            canvas.glow(x, y, 0.17, light.key, 0.40 * light.strength, 1.0)
            if not covered:
                canvas.glow(x, y, 0.052, (1.0, 0.97, 0.88), 1.0, 5.0)
    film_set.plates.append(Plate(canvas.pixels(), canvas.left, canvas.top, canvas.density, 1000.0))
    cover = (
        clouds
        if clouds is not None
        else {"clear": 0.34, "wind": 0.45, "clouds": 0.75, "rain": 0.85, "storm": 0.95, "fog": 0.3, "snow": 0.6}[
            shot.weather
        ]
    )
    if cover > 0:
        add_clouds(film_set, cover, depth=90.0)


def _stars(canvas: Canvas, rng: np.random.Generator, horizon: float, strength: float) -> None:
    count = int(canvas.width * canvas.height / 2100)
    for x, y, size in zip(rng.random(count), rng.random(count), rng.random(count), strict=True):
        at_y = canvas.top + y * (horizon - canvas.top)
        bright = strength * (0.35 + 0.65 * size**4) * (1 - 0.75 * y)
        at_x = canvas.left + x * canvas.width / canvas.density
        colour: Colour = (0.85, 0.9, 1.0) if size < 0.8 else (1.0, 0.92, 0.8)
        canvas.glow(at_x, at_y, 0.0011 + 0.0016 * size**8, colour, bright, 2.0)


def _moon(canvas: Canvas, x: float, y: float, light: Light) -> None:
    canvas.glow(x, y, 0.26, light.key, 0.30, 1.0)
    canvas.glow(x, y, 0.09, light.key, 0.35, 1.0)
    radius = 0.052
    disc = np.hypot(canvas.xs[None, :] - x, canvas.ys[:, None] - y)
    cover = np.clip((radius - disc) * canvas.density + 0.5, 0, 1).astype(np.float32)
    spots = np.zeros_like(cover)
    for sx, sy, sr in ((-0.35, -0.2, 0.34), (0.2, 0.1, 0.28), (-0.1, 0.45, 0.22), (0.4, -0.42, 0.16)):
        away = np.hypot(canvas.xs[None, :] - x - sx * radius, canvas.ys[:, None] - y - sy * radius)
        spots += np.exp(-((away / (sr * radius)) ** 2)) * 0.13
    bright = np.clip(1.0 - spots, 0, 1)[..., None] * np.array((0.99, 0.99, 0.94), np.float32)
    canvas.blend(bright.astype(np.float32), cover)


def add_clouds(film_set: FilmSet, cover: float, *, depth: float, top: float = -0.75, strength: float = 0.9) -> None:
    """A bank of clouds, lit from the sun's side, that drifts with the wind."""
    light, rng = film_set.light, film_set.rng
    drift = 0.006 * film_set.speed * (2.2 if film_set.shot.weather in ("wind", "storm") else 1.0)
    reach = drift * film_set.seconds + 0.02
    canvas = film_set.canvas(depth, top=top, bottom=film_set.horizon + 0.02, wide=reach)
    height, width = max(8, canvas.height // 2), max(8, canvas.width // 2)
    field_ = noise(height, width, rng, base=2.6, octaves=6)
    streaks = noise(max(2, height * 3), width, rng, base=9.0, octaves=4)[::3][:height]
    mass = field_ * 0.72 + streaks * 0.28
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    threshold = 0.66 - 0.36 * cover
    body = np.clip((mass - threshold) * 3.4, 0, 1) * np.clip(1.22 - y, 0, 1) * np.clip(y * 5 + 0.4, 0, 1)
    sx, sy = film_set.sun
    xs = np.linspace(canvas.left, canvas.left + canvas.width / canvas.density, width, dtype=np.float32)[None, :]
    ys = np.linspace(canvas.top, canvas.top + canvas.height / canvas.density, height, dtype=np.float32)[:, None]
    near = np.exp(-np.hypot(xs - sx, ys - sy) / 0.55)
    ahead = np.roll(np.roll(mass, int(8 * np.sign(sx - 0.01)), 1), 10, 0)
    lit = np.clip(0.42 + (mass - ahead) * 1.5 + near * 0.55 - (1 - y) * 0.12, 0, 1)
    shade = np.array(mix(light.ambient, light.sky[0][1], 0.45), np.float32)
    bright = np.array(mix(light.key, (1, 1, 1), 0.35 if not light.night else 0.0), np.float32)
    bright = bright * (1.0 if not light.night else 0.34)
    colours = shade + (bright - shade) * lit[..., None]
    rgba = np.dstack([colours, np.ones_like(body)]) * (body * strength)[..., None] * 255
    canvas.rgba = np.clip(cv2.resize(rgba.astype(np.float32), (canvas.width, canvas.height)), 0, 255).astype(np.uint8)
    speed = drift * (1 if sx < 0 else -1)
    start = -speed * film_set.seconds / 2
    film_set.add(canvas, depth, motion=lambda t: Placement(x=start + speed * t), sharp=True)


def add_ridge(
    film_set: FilmSet,
    depth: float,
    *,
    height: float,
    colour: Colour,
    base: float = 3.0,
    roughness: float = 0.5,
    snow_line: float | None = None,
    foot: float | None = None,
    detail: float = 0.12,
    soft: bool = False,
) -> None:
    """A ridge of hills or mountains, hazed by its depth and lit on the side of the sun.

    Args:
        height: of the highest peak over the foot, picture heights.
        snow_line: share of the height above which snow lies.
        soft: dunes and hills with round backs.
    """
    light, rng = film_set.light, film_set.rng
    bottom = film_set.foot(depth) if foot is None else foot
    canvas = film_set.canvas(depth, top=bottom - height * 1.05, bottom=max(bottom + 0.3 / depth, bottom + 0.04))
    tops = bottom - height * (
        0.25
        + 0.75
        * skyline(
            canvas.width,
            rng,
            base=base * canvas.width / canvas.density / 2,
            roughness=roughness,
            octaves=3 if soft else 8,
        )
    )
    rows, columns = canvas.height, canvas.width
    below = np.clip((canvas.ys[:, None] - tops[None, :]) / height, 0, 1)
    relief = noise(rows, columns, rng, base=max(4.0, 9.0 * height), octaves=6)
    if not soft:  # gullies run down the flanks: the noise is sheared by the height
        shift = (below * 26 * canvas.density / 720).astype(np.int32)
        relief = relief[np.arange(rows)[:, None], (np.arange(columns)[None, :] + shift) % columns]
    side = float(np.sign(film_set.sun[0] or 1.0))
    if soft:  # round backs: the slope of the ridge itself, carried down
        slope = (
            np.gradient(cv2.GaussianBlur(tops[None, :].astype(np.float32), (0, 0), max(2.0, canvas.density * 0.02))[0])
            * canvas.density
        )
        facing = 0.5 + slope[None, :] * side * 0.9
    else:  # flanks: the slope of the relief
        step = max(1, int(canvas.density * 0.006))
        facing = 0.45 + (np.roll(relief, step, 1) - relief) * -side * 5.5
    exposure = np.clip(facing * 0.75 + (relief - 0.5) * 0.35 + 0.14 - below * 0.2, 0, 1)
    shade = np.array(light.lit(colour, 0.0), np.float32)
    bright = np.array(light.lit(colour, 1.0), np.float32)
    colours = shade + (bright - shade) * exposure[..., None]
    if snow_line is not None:
        line = (1 - snow_line) + (relief - 0.5) * 0.42
        white = np.clip((line - below) * 9, 0, 1)[..., None]
        snow_shade = np.array(light.lit((0.86, 0.90, 1.0), 0.05), np.float32)
        snow_bright = np.array(light.lit((1.0, 1.0, 1.0), 1.0), np.float32)
        snow = snow_shade + (snow_bright - snow_shade) * exposure[..., None]
        colours = colours * (1 - white) + snow * white
    colours *= 1 - detail * (relief[..., None] - 0.5)
    haze = light.haze_share(depth)
    fade = np.clip(haze + below * 0.28 * min(1.0, haze * 3 + 0.1), 0, 0.97)[..., None]
    colours = colours * (1 - fade) + np.array(light.haze, np.float32) * fade
    canvas.ridge(tops.astype(np.float32), np.clip(colours, 0, 1).astype(np.float32))
    film_set.add(canvas, depth)


def paint_floor(
    film_set: FilmSet,
    near: Colour,
    far: Colour,
    *,
    texture: float = 0.14,
    grain: float = 5.0,
    wave: tuple[float, float, float] | None = None,
    dapple: bool = False,
    paint: Callable[[Canvas, Floats, Floats], None] | None = None,
) -> None:
    """A floor from the horizon to the camera.

    Args:
        near, far: materials at the camera and at the horizon.
        texture: strength of its unevenness.
        grain: cells of unevenness in one picture height at depth 1.
        paint: draws on it; gets the canvas and the ground coordinates X (across) and Z (depth) of every pixel.
    """
    light, rng = film_set.light, film_set.rng
    canvas = film_set.floor_canvas()
    below = np.maximum(canvas.ys - film_set.horizon, 0.5 / canvas.density)
    depth = film_set.eye / below
    rows = gradient(
        [(0, light.lit(far, 0.55)), (0.25, light.lit(mix(far, near, 0.6), 0.5)), (1, light.lit(near, 0.5))],
        canvas.height,
    )
    pattern = noise(512, 512, rng, base=32, octaves=4)
    spots = noise(256, 256, rng, base=10, octaves=3) if dapple else np.zeros((0, 0), np.float32)
    scale = grain * 16
    haze = (1 - np.exp(-light.density * np.maximum(0, depth - 1))) * np.float32(0.92)
    dither = rng.random((canvas.height, 1, 1), dtype=np.float32).reshape(-1)
    air = np.array(light.haze, np.float32)
    colours, across, z = rows.astype(np.float32), canvas.xs.astype(np.float32), depth.astype(np.float32)
    cells, sunny = pattern.astype(np.float32), spots.astype(np.float32)
    share = haze.astype(np.float32)
    lay_ground(canvas.rgba, colours, across, z, cells, sunny, scale, texture, share, air, dither)
    if paint is not None:
        ground_x = canvas.xs[None, :] * depth[:, None]
        paint(canvas, ground_x, np.broadcast_to(depth[:, None], ground_x.shape))
    film_set.add_floor(canvas, wave=wave)


def add_mist(film_set: FilmSet, depth: float, *, strength: float, height: float = 0.16) -> None:
    """A band of haze where a layer meets the next; it drifts."""
    light, rng = film_set.light, film_set.rng
    foot = film_set.foot(depth)
    drift = 0.012 * film_set.speed
    canvas = film_set.canvas(
        depth, top=foot - height * 1.6, bottom=foot + height, wide=drift * film_set.seconds + 0.02, soft=True
    )
    small = noise(max(4, canvas.height // 4), max(4, canvas.width // 4), rng, base=1.5, octaves=4)
    body = cv2.resize(small, (canvas.width, canvas.height), interpolation=cv2.INTER_LINEAR)
    band = np.exp(-(((canvas.ys - foot + height * 0.2) / (height * 0.55)) ** 2))[:, None]
    edge = np.clip((canvas.ys - canvas.top) / 0.03, 0, 1) * np.clip((foot + height - canvas.ys) / 0.03, 0, 1)
    cover = np.clip(band * (0.35 + 0.9 * body) * strength, 0, 0.95) * edge[:, None]
    canvas.blend(light.haze, cover.astype(np.float32))
    film_set.add(canvas, depth, motion=lambda t: Placement(x=drift * (t - film_set.seconds / 2)), sharp=True)
