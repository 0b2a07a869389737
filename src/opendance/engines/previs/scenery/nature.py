"""Mountains, forest, desert, snow, field, garden, and the sky itself."""

from __future__ import annotations

import numpy as np

from opendance.engines.previs.colour import Colour, mix
from opendance.engines.previs.paint import Canvas, noise, skyline
from opendance.engines.previs.plates import Placement
from opendance.engines.previs.scenery.ground import (
    FilmSet,
    Floats,
    add_mist,
    add_ridge,
    add_sky,
    paint_floor,
)


def build_mountains(s: FilmSet) -> None:
    """Ranges behind ranges, pines, and a meadow."""
    add_sky(s)
    rock: Colour = (0.46, 0.44, 0.50)
    add_ridge(s, 26, height=0.50, colour=(0.52, 0.54, 0.66), base=2.2, snow_line=0.42, roughness=0.52)
    add_mist(s, 22, strength=0.5, height=0.10)
    add_ridge(s, 15, height=0.34, colour=rock, base=2.6, snow_line=0.24, roughness=0.5)
    add_mist(s, 12, strength=0.6)
    add_ridge(s, 9, height=0.22, colour=(0.30, 0.40, 0.34), base=3.0, roughness=0.48)
    add_pines(s, 7.5, height=0.13, count=60, colour=(0.12, 0.26, 0.22))
    add_mist(s, 6.5, strength=0.45, height=0.08)
    paint_floor(s, (0.40, 0.52, 0.24), (0.34, 0.46, 0.30), texture=0.22, grain=6)
    add_pines(s, 3.4, height=0.36, count=9, colour=(0.10, 0.22, 0.18), sides=True)
    s.stage_here()
    add_grass(s, 0.62, colour=(0.16, 0.28, 0.12), height=0.10)


def build_forest(s: FilmSet) -> None:
    """Trunks into the depth, a canopy, shafts of light and ferns."""
    add_sky(s, clouds=0.0)
    light = s.light
    far = s.canvas(40, soft=True)
    glow = mix(mix(light.haze, light.key, 0.5), (0.55, 0.80, 0.45), 0.38)
    base = mix(light.haze, (0.16, 0.34, 0.22), 0.66)
    far.fill([(0, mix(base, (0.06, 0.14, 0.10), 0.5)), (0.45, mix(base, glow, 0.75)), (1, base)], s.rng)
    sx, sy = s.sun
    far.glow(sx * 0.6, max(sy, -0.3), 0.5, light.key, 0.4 * light.strength, 1.2)
    s.add(far, 40, sharp=True)
    paint_floor(s, (0.26, 0.30, 0.14), (0.30, 0.36, 0.20), texture=0.3, grain=7, dapple=not light.night)
    for depth, count, tone in ((11.0, 26, 0.62), (6.5, 16, 0.5), (3.6, 9, 0.42), (2.1, 5, 0.34)):
        _trunks(s, depth, count, tone)
    _shafts(s)
    s.stage_here()
    _canopy(s, 1.5)
    add_grass(s, 0.66, colour=(0.07, 0.17, 0.09), height=0.13, ferns=True)


def _trunks(s: FilmSet, depth: float, count: int, tone: float) -> None:
    light, rng = s.light, s.rng
    foot = s.foot(depth)
    canvas = s.canvas(depth, bottom=foot + 0.03)
    left, right = canvas.left, canvas.left + canvas.width / canvas.density
    bark = light.hazed(light.lit((tone * 0.62, tone * 0.48, tone * 0.38), 0.25), depth)
    leaf = light.hazed(light.lit((tone * 0.42, tone * 0.78, tone * 0.36), 0.45), depth)
    side = np.sign(s.sun[0] or 1.0)
    for k in range(count):
        x = left + (k + rng.random() * 0.8) / count * (right - left)
        if depth < 4 and abs(x) < 0.42 * s.aspect / 1.78:  # room for the subject
            x += np.sign(x or 1.0) * 0.5
        w = (0.11 + 0.09 * rng.random()) / depth * 1.25
        lean = (rng.random() - 0.5) * 0.05
        base = foot + rng.random() * 0.015
        top = canvas.top - 0.05
        canvas.polygon(
            [
                (x - w * 1.7, base),
                (x - w * 0.75, base - 0.10),
                (x - w * 0.55 + lean, top),
                (x + w * 0.55 + lean, top),
                (x + w * 0.75, base - 0.10),
                (x + w * 1.7, base),
            ],
            bark,
        )
        for _ in range(3):
            y = base - (0.25 + 0.6 * rng.random()) * (base - top)
            reach = (0.12 + 0.25 * rng.random()) / depth**0.6 * (1 if rng.random() < 0.5 else -1)
            canvas.line([(x, y), (x + reach * 0.5, y - 0.05), (x + reach, y - 0.12)], bark, w * 0.35)
            for _ in range(7):
                r = (0.035 + 0.05 * rng.random()) / depth**0.5
                canvas.ellipse(
                    x + reach + (rng.random() - 0.5) * 0.16, y - 0.12 + (rng.random() - 0.5) * 0.08, r * 1.5, r,
                    mix(leaf, light.key, 0.22 * rng.random() * light.strength),
                )  # fmt: skip
    texture = noise(canvas.height, canvas.width, rng, base=18, octaves=4)
    canvas.multiply(0.80 + 0.4 * texture)
    canvas.rim(side, -0.4, light.key, 0.55 * light.strength, 0.006)
    s.add(canvas, depth)


def _shafts(s: FilmSet) -> None:
    """Rays from the light through the leaves."""
    light, rng = s.light, s.rng
    canvas = s.canvas(2.6, soft=True)
    sx, sy = s.sun[0], s.sun[1] - 0.5
    angle = np.arctan2(canvas.xs[None, :] - sx, canvas.ys[:, None] - sy)
    bands = skyline(720, rng, base=34, octaves=2)
    value = np.interp((angle + 1.6) / 3.2, np.linspace(0, 1, 720), bands)
    distance = np.hypot(canvas.xs[None, :] - sx, canvas.ys[:, None] - sy)
    strength = np.clip((value - 0.5) * 1.7, 0, 1) * np.exp(-distance / 0.95) * (0.62 if not light.night else 0.3)
    canvas.rgba[..., :3] = np.clip(strength[..., None] * np.array(light.key, np.float32) * 150 * light.strength, 0, 255)
    s.add(canvas, 2.6, sharp=True)


def _canopy(s: FilmSet, depth: float) -> None:
    light, rng = s.light, s.rng
    canvas = s.canvas(depth, bottom=-0.18)
    leaf = light.lit((0.14, 0.26, 0.12), 0.2)
    right = canvas.left + canvas.width / canvas.density
    for _ in range(150):
        x = canvas.left + rng.random() * (right - canvas.left)
        edge = -0.34 - 0.12 * np.cos(x * 2.2) + 0.06 * rng.random()
        y = edge - rng.random() ** 0.7 * 0.22
        r = 0.018 + 0.04 * rng.random()
        canvas.ellipse(x, y, r * 1.6, r, mix(leaf, light.key, 0.16 * rng.random()), rng.random() * 180)
    s.add(canvas, 0.8)


def add_pines(
    s: FilmSet, depth: float, *, height: float, count: int, colour: Colour, sides: bool = False, snowy: bool = False
) -> None:
    """A row of conifers; `sides` leaves the middle free."""
    light, rng = s.light, s.rng
    foot = s.foot(depth)
    canvas = s.canvas(depth, top=foot - height * 1.5, bottom=foot + 0.03)
    left, right = canvas.left, canvas.left + canvas.width / canvas.density
    for k in range(count):
        x = left + (k + rng.random()) / count * (right - left)
        if sides and abs(x) < s.aspect * 0.27:
            continue
        h = height * (0.6 + 0.7 * rng.random())
        tone = light.hazed(light.lit(mix(colour, (0.3, 0.42, 0.2), 0.25 * rng.random()), 0.3), depth)
        white = light.hazed(light.lit((0.92, 0.95, 1.0), 0.6), depth)
        tiers = 6
        base = foot + rng.random() * 0.01
        for tier in range(tiers):
            y0 = base - h * (0.06 + 0.15 * tier)
            y1 = y0 - h * 0.30
            w = h * 0.24 * (1 - tier / (tiers + 0.6))
            dark = mix(tone, (0, 0, 0), 0.18 - 0.03 * tier)
            canvas.polygon(
                [
                    (x - w, y0),
                    (x - w * 0.35, y0 - h * 0.02),
                    (x + w * 0.4, y0 - h * 0.02),
                    (x + w, y0),
                    (x, max(y1, base - h)),
                ],
                dark,
            )
            if snowy:
                canvas.polygon(
                    [
                        (x - w * 0.72, y0 - h * 0.06),
                        (x - w * 0.2, y0 - h * 0.085),
                        (x + w * 0.3, y0 - h * 0.07),
                        (x + w * 0.6, y0 - h * 0.06),
                        (x, max(y1, base - h)),
                    ],
                    white,
                )
    side = np.sign(s.sun[0] or 1.0)
    canvas.rim(side, -0.5, light.key, 0.45 * light.strength, 0.004)
    s.add(canvas, depth)


def add_grass(s: FilmSet, depth: float, *, colour: Colour, height: float, ferns: bool = False) -> None:
    """Blades at the bottom edge, near and soft, that sway."""
    light, rng = s.light, s.rng
    canvas = s.canvas(depth, top=0.5 - height * 1.4)
    left, right = canvas.left, canvas.left + canvas.width / canvas.density
    bottom = canvas.top + canvas.height / canvas.density
    for k in range(int((right - left) * (28 if ferns else 75))):
        x = left + rng.random() * (right - left)
        edge = 0.35 + 0.65 * min(1.0, abs(x) / (s.aspect * 0.42))  # lower in the middle, where the subject is
        h = (bottom - 0.5) + height * edge * (0.4 + 0.8 * rng.random())
        lean = (rng.random() - 0.5) * 0.09
        tone = light.lit(mix(colour, (0.45, 0.6, 0.2), 0.25 * rng.random()), 0.2 + 0.3 * (k % 3 == 0))
        w = 0.006 + 0.006 * rng.random()
        if ferns and k % 3:
            for j in range(9):
                f = j / 9
                px, py = x + lean * 2.4 * f, bottom - h * f
                reach = 0.05 * (1 - f) + 0.008
                canvas.line([(px - reach, py - reach * 0.35), (px, py), (px + reach, py - reach * 0.35)], tone, 0.005)
        canvas.polygon([(x - w, bottom), (x + lean, bottom - h), (x + w, bottom)], tone)
    windy = 2.0 if s.shot.weather in ("wind", "storm") else 1.0
    s.add(canvas, depth, wave=(0.012 * windy, 2.0, 0.35 * windy))


def build_desert(s: FilmSet) -> None:
    """Dunes with a light and a dark side; mesas far away."""
    add_sky(s, clouds=0.14 if s.shot.weather == "clear" else None)
    add_ridge(s, 30, height=0.13, colour=(0.62, 0.40, 0.32), base=1.6, roughness=0.34)
    add_ridge(s, 12, height=0.13, colour=(0.90, 0.66, 0.42), base=1.3, soft=True, detail=0.05)
    add_ridge(s, 7, height=0.13, colour=(0.92, 0.66, 0.40), base=1.0, soft=True, detail=0.05)
    paint_floor(s, (0.93, 0.68, 0.42), (0.92, 0.68, 0.46), texture=0.05, grain=3, paint=_sand_ripples(s))
    s.stage_here()


def _sand_ripples(s: FilmSet):
    def paint(canvas: Canvas, x: Floats, z: Floats) -> None:
        bend = noise(canvas.height, canvas.width, s.rng, base=4, octaves=3)
        lines = np.sin(z * 38 + bend * 9 + x * 3.0) * np.clip(1.5 / z, 0, 1)
        canvas.multiply((1 + 0.07 * lines).astype(np.float32))

    return paint


def build_snow(s: FilmSet) -> None:
    """White hills, snowy pines, tracks of wind."""
    add_sky(s)
    white: Colour = (0.90, 0.94, 1.0)
    add_ridge(s, 24, height=0.40, colour=(0.60, 0.66, 0.80), base=2.2, snow_line=0.85)
    add_mist(s, 18, strength=0.5)
    add_ridge(s, 10, height=0.12, colour=white, base=1.2, soft=True, detail=0.04)
    add_pines(s, 8, height=0.16, count=46, colour=(0.16, 0.28, 0.28), snowy=True)
    paint_floor(s, white, white, texture=0.035, grain=3)
    add_pines(s, 3.2, height=0.42, count=9, colour=(0.13, 0.25, 0.25), sides=True, snowy=True)
    s.stage_here()


def build_field(s: FilmSet) -> None:
    """Hills, a line of trees, grass to the camera."""
    add_sky(s)
    add_ridge(s, 22, height=0.16, colour=(0.36, 0.48, 0.46), base=1.8, soft=True)
    add_ridge(s, 11, height=0.10, colour=(0.40, 0.56, 0.30), base=1.4, soft=True)
    _round_trees(s, 8, height=0.10, count=26, colours=((0.24, 0.42, 0.18), (0.30, 0.48, 0.20)))
    add_mist(s, 8, strength=0.25, height=0.06)
    paint_floor(s, (0.44, 0.60, 0.22), (0.58, 0.66, 0.34), texture=0.24, grain=8)
    s.stage_here()
    add_grass(s, 0.6, colour=(0.22, 0.40, 0.12), height=0.11)


def build_garden(s: FilmSet) -> None:
    """Blossoming trees, hedges, beds of flowers, a path."""
    add_sky(s)
    autumn = "leaves" in s.shot.particles
    blossom: tuple[Colour, ...] = (
        ((0.86, 0.46, 0.16), (0.80, 0.30, 0.14), (0.90, 0.62, 0.20))
        if autumn
        else ((0.98, 0.72, 0.80), (0.95, 0.62, 0.74), (1.0, 0.84, 0.88))
    )
    green = ((0.26, 0.46, 0.22), (0.32, 0.52, 0.24))
    _round_trees(s, 12, height=0.20, count=22, colours=green)
    add_mist(s, 10, strength=0.3)
    _round_trees(s, 6, height=0.30, count=11, colours=blossom + green[:1])
    paint_floor(s, (0.40, 0.58, 0.26), (0.48, 0.62, 0.34), texture=0.2, grain=8, paint=_garden_path(s))
    _flower_bed(s, 4.2, 130, 0.016)
    _round_trees(s, 3.2, height=0.62, count=6, colours=blossom, sides=True)
    _flower_bed(s, 2.2, 90, 0.026, sides=True)
    s.stage_here()
    _flower_bed(s, 0.72, 46, 0.055, sides=True)


def _garden_path(s: FilmSet):
    def paint(canvas: Canvas, x: Floats, z: Floats) -> None:
        stone = s.light.lit((0.80, 0.74, 0.64), 0.5)
        centre = 0.30 * np.sin(z * 0.5)
        canvas.tint(stone, np.clip((0.34 - np.abs(x - centre)) * 16, 0, 1) * np.clip(6 / z, 0, 0.92))

    return paint


def _round_trees(
    s: FilmSet, depth: float, *, height: float, count: int, colours: tuple[Colour, ...], sides: bool = False
) -> None:
    light, rng = s.light, s.rng
    foot = s.foot(depth)
    canvas = s.canvas(depth, top=foot - height * 1.55, bottom=foot + 0.02)
    left, right = canvas.left, canvas.left + canvas.width / canvas.density
    lx, ly = np.sign(s.sun[0] or 1.0), -0.8
    for k in range(count):
        x = left + (k + 0.15 + rng.random() * 0.7) / count * (right - left)
        if sides and abs(x) < s.aspect * 0.30:
            x = np.sign(x or 1.0) * s.aspect * (0.34 + 0.2 * rng.random())
        h = height * (0.75 + 0.5 * rng.random())
        bark = light.hazed(light.lit((0.34, 0.24, 0.20), 0.25), depth)
        w = h * 0.045
        canvas.polygon(
            [(x - w, foot), (x - w * 0.5, foot - h * 0.55), (x + w * 0.5, foot - h * 0.55), (x + w, foot)], bark
        )
        base = colours[int(rng.integers(len(colours)))]
        puffs = 46 if depth < 5 else 20
        for j in range(puffs):
            f = j / puffs
            angle, reach = rng.random() * 6.28, rng.random() ** 0.6
            dx, dy = np.cos(angle) * reach * 0.40, np.sin(angle) * reach * 0.30
            exposure = np.clip(0.45 + (dx * lx + dy * ly) * 1.1, 0, 1) * (0.35 + 0.65 * f)
            tone = light.hazed(light.lit(base, float(exposure)), depth)
            r = h * (0.16 - 0.085 * f) * (0.8 + 0.4 * rng.random())
            canvas.ellipse(x + dx * h, foot - h * 0.80 + dy * h, r * 1.15, r, tone)
    s.add(canvas, depth, wave=(0.004, 3.0, 0.2))


_PETALS: tuple[Colour, ...] = (
    (0.95, 0.30, 0.36), (1.0, 0.80, 0.26), (0.98, 0.58, 0.72), (0.62, 0.42, 0.86), (1.0, 0.96, 0.92), (1.0, 0.56, 0.24)
)  # fmt: skip


def _flower_bed(s: FilmSet, depth: float, count: int, size: float, *, sides: bool = False) -> None:
    light, rng = s.light, s.rng
    foot = s.foot(depth) if depth >= 1 else 0.60
    canvas = s.canvas(depth, top=foot - size * 7, bottom=foot + 0.04)
    left, right = canvas.left, canvas.left + canvas.width / canvas.density
    for k in range(count):
        x = left + rng.random() * (right - left)
        if sides and abs(x) < s.aspect * 0.26:
            continue
        y = foot - size * (0.8 + 4.2 * rng.random() * (0.4 + 0.6 * min(1, abs(x))))
        stem = light.hazed(light.lit((0.20, 0.42, 0.16), 0.3), depth)
        canvas.line([(x + size * 0.3, foot + 0.02), (x, y)], stem, size * 0.14)
        tone = _PETALS[int(rng.integers(len(_PETALS)))]
        turn = rng.random() * 6.28
        for p in range(6):
            a = turn + p * 1.047
            lit = light.hazed(light.lit(tone, 0.55 + 0.3 * float(np.sin(a))), depth)
            canvas.ellipse(x + np.cos(a) * size * 0.52, y + np.sin(a) * size * 0.46, size * 0.42, size * 0.36, lit)
        canvas.ellipse(x, y, size * 0.30, size * 0.28, light.hazed(light.lit((1.0, 0.78, 0.24), 0.7), depth))
        if k % 2:
            canvas.ellipse(x + size, y + size * 2.4, size * 0.9, size * 0.28, stem, 35)
    s.add(canvas, depth, wave=(0.006 / depth**0.5, 2.0, 0.3))


def build_sky(s: FilmSet) -> None:
    """Above the clouds: banks of them at several depths."""
    s.has_floor = False
    add_sky(s, clouds=0.25)
    for depth, y, strength in ((30.0, 0.16, 0.75), (12.0, 0.24, 0.9), (5.0, 0.36, 1.0)):
        _cloud_bank(s, depth, y, strength)
    s.stage_here()
    _cloud_bank(s, 0.8, 0.47, 0.9)


def _cloud_bank(s: FilmSet, depth: float, y: float, strength: float) -> None:
    """A sea of cloud seen from above: round heads in front of round heads."""
    light, rng = s.light, s.rng
    drift = 0.05 / depth * s.speed
    reach = drift * s.seconds + 0.05
    canvas = s.canvas(depth, top=y - 0.30, wide=reach, soft=True)
    left, right = canvas.left, canvas.left + canvas.width / canvas.density
    side = np.sign(s.sun[0] or 1.0)
    shade = light.hazed(mix(light.ambient, (1, 1, 1), 0.32 if not light.night else 0.0), depth)
    bright = light.hazed(mix(light.key, (1, 1, 1), 0.5 if not light.night else 0.1), depth * 0.6)
    size = 0.075 + 0.10 / depth**0.5
    for row in range(5):
        for _ in range(int((right - left) / size * 2.2)):
            x = left + rng.random() * (right - left)
            cy = y + row * size * 0.42 + 0.05 * np.sin(x * 3.1 + row) + (rng.random() - 0.5) * size * 0.3
            r = size * (0.5 + 0.6 * rng.random())
            canvas.ellipse(x, cy, r * 1.25, r, mix(shade, bright, 0.18 + 0.10 * row))
            canvas.ellipse(
                x + side * r * 0.22, cy - r * 0.24, r * 0.92, r * 0.70, mix(shade, bright, 0.62 + 0.07 * row)
            )
    bottom = canvas.top + canvas.height / canvas.density
    fill = mix(shade, bright, 0.5)
    canvas.rect(left, y + 4 * size * 0.42, right, bottom, fill)
    canvas.blur(0.016 + 0.010 / depth)
    canvas.rgba = (canvas.rgba * strength).astype(np.uint8)
    start = -drift * s.seconds / 2
    s.add(canvas, depth, motion=lambda t: Placement(x=start + drift * t))
