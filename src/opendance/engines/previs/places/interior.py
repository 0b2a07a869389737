"""The inside of buildings, caves and vehicles: a back wall with windows, a ceiling with lamps, a floor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Interval
from pydantic import ConfigDict

from opendance.engines.previs.colour import Colour, mix
from opendance.engines.previs.paint import Canvas, Floats, noise
from opendance.engines.previs.places.surfaces import COLOURS, SHINE, Surface, pattern, veins
from opendance.engines.previs.scenery.built import reflect_sky
from opendance.engines.previs.scenery.ground import FilmSet, add_ridge, add_sky, paint_floor

Windows = Literal["none", "one", "row", "wall", "arches", "portholes", "panes"]
Lamps = Literal["none", "tubes", "bulbs", "lanterns", "spots", "screens"]
_Share = Annotated[float, Interval(ge=0, le=1)]
_WALL = 2.6  # depth of the back wall


@dataclass(frozen=True)
class Interior:
    """What a room is made of.

    Attributes:
        wall, floor: what they are of; `wall_colour`, `floor_colour`: sRGB, the usual one where not given.
        dado: a lower part of the wall of another surface.
        windows: in the back wall; what is seen through them is the sky and a far ridge.
        height: of the room, m; a ceiling shows where the framing sees so far.
        dim: how much of the light does not come in.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    wall: Surface = "plaster"
    floor: Surface = "planks"
    wall_colour: Colour | None = None
    floor_colour: Colour | None = None
    dado: Surface | None = None
    windows: Windows = "one"
    lamps: Lamps = "none"
    height: float = 2.9
    dim: _Share = 0.0


def build_interior(film_set: FilmSet, room: Interior, metre: float) -> None:
    """Add the sky outside, the floor and the back wall.

    Args:
        metre: picture heights of a metre at depth 1.
    """
    if room.windows != "none":
        add_sky(film_set, clouds=0.2)
        add_ridge(film_set, 20, height=0.12, colour=(0.30, 0.38, 0.34), base=1.6, soft=True)
    colour = room.floor_colour or COLOURS[room.floor]
    paint_floor(
        film_set, colour, mix(colour, (0, 0, 0), 0.12), texture=0.06, grain=5, paint=_floor(film_set, room, metre)
    )
    wall = _wall(film_set, room, metre)
    film_set.add(wall, _WALL)


def _floor(film_set: FilmSet, room: Interior, metre: float) -> Callable[[Canvas, Floats, Floats], None]:
    def paint(canvas: Canvas, x: Floats, z: Floats) -> None:
        far = np.clip(2.2 / z, 0.1, 1)
        canvas.multiply(pattern(room.floor, x / metre, z * film_set.eye / metre * 2.2, far))
        if room.floor == "marble":
            veins(canvas, film_set.rng, x / metre, z / metre)
        if (shine := SHINE.get(room.floor, 0.0)) > 0:
            reflect_sky(film_set, canvas, shine * 0.6)
        if room.dim:
            canvas.multiply(np.full((1, 1), 1 - 0.45 * room.dim, np.float32))

    return paint


def _wall(film_set: FilmSet, room: Interior, metre: float) -> Canvas:
    light, rng = film_set.light, film_set.rng
    here = metre / _WALL  # picture heights of a metre on the wall
    foot = film_set.foot(_WALL)
    ceiling = foot - room.height * here
    canvas = film_set.canvas(_WALL, bottom=foot + 0.02)
    base = room.wall_colour or COLOURS[room.wall]
    dark = 1 - 0.4 * room.dim
    lit = light.neutral().lit(mix(base, (0, 0, 0), 0.3) if light.night else base, 0.42)
    lit = (lit[0] * dark, lit[1] * dark, lit[2] * dark)
    canvas.fill([(0, mix(lit, (0, 0, 0), 0.32)), (0.6, lit), (1, mix(lit, (0.12, 0.08, 0.06), 0.22))], rng)
    across, up = canvas.xs[None, :] / here, (foot - canvas.ys[:, None]) / here
    canvas.multiply(pattern(room.wall, across, up))
    canvas.multiply(0.93 + 0.14 * noise(canvas.height, canvas.width, rng, base=7, octaves=5))
    if room.wall == "marble":
        veins(
            canvas,
            rng,
            np.broadcast_to(across, (canvas.height, canvas.width)),
            np.broadcast_to(up, (canvas.height, canvas.width)),
        )
    left, right = canvas.left, canvas.left + canvas.width / canvas.density
    if room.dado is not None:
        rows = slice(max(0, int(canvas.py(foot - 1.05 * here))), canvas.height)
        panel = light.neutral().lit(COLOURS[room.dado], 0.42)
        value = pattern(room.dado, across, up[rows])
        shown = np.clip(np.array(panel)[None, None] * value[..., None] * dark, 0, 1) * 255
        canvas.rgba[rows, :, :3] = shown.astype(np.uint8)
        canvas.rect(left, foot - 1.08 * here, right, foot - 1.03 * here, mix(panel, (1, 1, 1), 0.15))
    canvas.rect(left, foot - 0.10 * here, right, foot + 0.02, mix(lit, (0.15, 0.10, 0.08), 0.45))
    _windows(film_set, canvas, room, foot, here)
    if ceiling > canvas.top:
        rows = canvas.ys < ceiling
        canvas.rgba[rows, :, :3] = (np.array(mix(lit, (0, 0, 0), 0.30)) * 255).astype(np.uint8)
        canvas.rgba[rows, :, 3] = 255
        canvas.rect(left, ceiling - 0.012, right, ceiling + 0.006, mix(lit, (1, 1, 1), 0.12))
    _lamps(film_set, canvas, room, max(ceiling, -0.47), here)
    return canvas


def _windows(film_set: FilmSet, canvas: Canvas, room: Interior, foot: float, here: float) -> None:
    if room.windows == "none":
        return
    light = film_set.light
    frame = light.lit((0.80, 0.76, 0.70) if not light.night else (0.40, 0.40, 0.46), 0.5)
    half = film_set.aspect / 2
    sill, top = foot - 0.9 * here, foot - 2.3 * here
    places: list[tuple[float, float]]  # middle and half width
    match room.windows:
        case "one":
            side = -1 if light.place[0] < 0 else 1
            places = [(side * half * 0.52, 0.75 * here)]
        case "wall":
            sill, top = foot - 0.15 * here, foot - 2.6 * here
            places = [(0.0, half * 1.6)]
        case "arches":
            sill, top = foot - 1.2 * here, foot - 3.6 * here
            places = [(x * half, 0.42 * here) for x in (-0.78, -0.26, 0.26, 0.78)]
        case _:
            places = [(x * half, half * 0.19) for x in (-0.75, -0.25, 0.25, 0.75)]
    for x, wide in places:
        cover = _opening(canvas, room.windows, x, wide, top, sill)
        edge = np.clip(
            _opening(canvas, room.windows, x, wide + 0.05 * here, top - 0.05 * here, sill + 0.05 * here) - cover, 0, 1
        )
        canvas.blend(frame, edge)
        canvas.rgba = (canvas.rgba * (1 - cover[..., None])).astype(np.uint8)  # what is outside moves in parallax
        bars = {"wall": 6, "panes": 3, "row": 2, "one": 2}.get(room.windows, 0)
        for bar in range(1, bars):
            at = x - wide + 2 * wide * bar / bars
            canvas.rect(at - 0.02 * here, top, at + 0.02 * here, sill, frame)
        canvas.glow(x, (sill + top) / 2, max(wide, 0.2), light.key, 0.10 * light.strength, 1.2)


def _opening(canvas: Canvas, windows: Windows, x: float, wide: float, top: float, sill: float) -> Floats:
    """(h, w) 1 within a window."""
    dx, dy = np.abs(canvas.xs[None, :] - x), canvas.ys[:, None]
    if windows == "portholes":
        middle = (top + sill) / 2
        away = np.hypot(dx, dy - middle)
        return np.clip((wide * 0.8 - away) * canvas.density + 0.5, 0, 1).astype(np.float32)
    inside = np.minimum(np.minimum(wide - dx, sill - dy), dy - top)
    if windows == "arches":
        round_ = wide - np.hypot(dx, np.minimum(dy - top - wide, 0))
        inside = np.minimum(inside, round_)
    return np.clip(inside * canvas.density + 0.5, 0, 1).astype(np.float32)


def _lamps(film_set: FilmSet, canvas: Canvas, room: Interior, ceiling: float, here: float) -> None:
    if room.lamps == "none":
        return
    half = film_set.aspect / 2
    warm: Colour = (1.0, 0.80, 0.52)
    cold: Colour = (0.82, 0.92, 1.0)
    for k, share in enumerate((-0.8, -0.4, 0.0, 0.4, 0.8)):
        x = share * half
        match room.lamps:
            case "tubes":
                canvas.rect(x - 0.5 * here, ceiling + 0.02, x + 0.5 * here, ceiling + 0.032, cold)
                canvas.glow(x, ceiling + 0.03, 0.22, cold, 0.30, 1.4)
            case "bulbs" | "lanterns":
                hang = ceiling + (0.35 + 0.12 * (k % 2)) * here
                canvas.line([(x, ceiling), (x, hang)], (0.12, 0.10, 0.10), 0.004)
                size = 0.07 if room.lamps == "bulbs" else 0.16
                tone = warm if room.lamps == "bulbs" else (0.95, 0.36, 0.22)
                canvas.ellipse(x, hang + size * here * 0.6, size * here, size * here * 1.1, tone)
                canvas.glow(x, hang + size * here, 0.16, tone, 0.45, 1.3)
            case "spots":
                canvas.glow(x, ceiling + 0.02, 0.10, (1.0, 0.94, 0.84), 0.8, 1.6)
                canvas.glow(x, ceiling + 0.25, 0.24, (1.0, 0.94, 0.84), 0.12, 1.4)
            case "screens":
                y = ceiling + 0.9 * here
                canvas.rect(x - 0.55 * here, y - 0.32 * here, x + 0.55 * here, y + 0.32 * here, (0.04, 0.09, 0.14))
                glow: Colour = ((0.25, 0.85, 0.95), (0.95, 0.65, 0.25), (0.4, 0.95, 0.6))[k % 3]
                for row in range(5):
                    length = 0.2 + 0.7 * ((k * 7 + row * 13) % 10) / 10
                    at = y - 0.24 * here + row * 0.11 * here
                    canvas.rect(
                        x - 0.46 * here, at, x + (length - 0.46) * here, at + 0.035 * here, mix(glow, (0, 0, 0), 0.2)
                    )
                canvas.glow(x, y, 0.30, glow, 0.22, 1.4)
