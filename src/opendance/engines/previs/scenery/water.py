"""The sea, and below it."""

from __future__ import annotations

import numpy as np

from opendance.engines.previs.colour import Colour, gradient, mix
from opendance.engines.previs.paint import noise, repeated, skyline
from opendance.engines.previs.plates import Placement
from opendance.engines.previs.scenery.ground import FilmSet, add_mist, add_ridge, add_sky, paint_floor


def build_sea(s: FilmSet) -> None:
    """Water to the horizon that mirrors the sky, with the light's path on it; far islands."""
    add_sky(s)
    add_ridge(s, 40, height=0.055, colour=(0.36, 0.40, 0.50), base=1.5, foot=s.horizon + 0.004)
    add_mist(s, 34, strength=0.5, height=0.03)
    _water(s)
    if s.beach:
        _beach(s)
    s.stage_here()
    if not s.beach:
        _surf(s)


def _water(s: FilmSet) -> None:
    light, rng = s.light, s.rng
    canvas = s.floor_canvas()
    below = np.maximum(canvas.ys - s.horizon, 0.5 / canvas.density)
    depth = s.eye / below
    deep: Colour = mix(mix((0.02, 0.20, 0.34), light.ambient, 0.22), light.sky[0][1], 0.35)
    # Water mirrors the sky upside down, more of it the flatter one looks.
    mirror = gradient([(1 - at, c) for at, c in reversed(light.sky)], 256)
    at = np.clip(below / 0.55, 0, 1) ** 0.7
    sky = mirror[(at * 255).astype(int)]
    flat = np.clip(0.92 - at * 0.85, 0.22, 0.92)[:, None]
    rows = np.array(deep, np.float32) * (1 - flat) + sky * flat * 0.94
    x, z = canvas.xs[None, :] * depth[:, None], np.broadcast_to(depth[:, None], (canvas.height, canvas.width))
    chop = noise(512, 512, rng, base=48, octaves=4)
    swell = noise(512, 512, rng, base=14, octaves=3)
    ripples = repeated(chop, z * 300, x * 42)
    waves = repeated(swell, z * 110, x * 12)
    fade = np.clip(3.0 / depth, 0.12, 1)[:, None]
    value = (ripples - 0.5) * 0.55 * fade + (waves - 0.5) * 0.5 * np.clip(fade * 1.4, 0, 1)
    colours = rows[:, None, :] * (1 + value[..., None] * 0.75)
    sun_x, _ = s.sun
    spread = 0.035 + below[:, None] * 0.32
    path = np.exp(-(((canvas.xs[None, :] - sun_x) / spread) ** 2))
    glints = np.clip((ripples * 0.6 + waves * 0.4 - 0.50) * 7, 0, 1) * path * (0.25 + 0.75 * fade)
    glare = path * 0.22 * np.exp(-below[:, None] * 4)
    colours += (glints * 0.95 + glare)[..., None] * np.array(light.key, np.float32) * max(0.25, light.strength)
    haze = (1 - np.exp(-light.density * 0.5 * np.maximum(0, depth - 1)))[:, None, None]
    colours = colours * (1 - haze * 0.8) + np.array(light.haze, np.float32) * haze * 0.8
    canvas.rgba[..., :3] = np.clip(colours * 255 + rng.random((canvas.height, 1, 1)), 0, 255).astype(np.uint8)
    rough = 2.0 if s.shot.weather in ("storm", "wind") else 1.0
    s.add_floor(canvas, wave=(0.011 * rough, 0.55, 0.22 * s.speed * rough))


def _beach(s: FilmSet) -> None:
    """Wet and dry sand before the water, with a line of foam that comes and goes."""
    light, rng = s.light, s.rng
    canvas = s.floor_canvas()
    below = np.maximum(canvas.ys - s.horizon, 0.5 / canvas.density)[:, None]
    z = s.eye / below
    x = canvas.xs[None, :] * z
    shore = 2.3 + 0.16 * np.sin(x * 1.1) + 0.07 * np.sin(x * 2.9 + 1)
    grains = noise(512, 512, rng, base=60, octaves=3)
    value = repeated(grains, z * 160, x * 120)
    dry, wet = (
        np.array(light.lit((0.90, 0.76, 0.56), 0.5), np.float32),
        np.array(light.lit((0.50, 0.42, 0.36), 0.4), np.float32),
    )
    damp = np.clip((z - shore + 0.75) / 0.55, 0, 1)[..., None]
    colours = (dry * (1 - damp) + wet * damp) * (0.93 + 0.14 * value[..., None])
    colours += np.array(light.sky[-1][1], np.float32) * damp * 0.16
    canvas.blend(np.clip(colours, 0, 1).astype(np.float32), np.clip((shore - z) * 9, 0, 1).astype(np.float32))
    s.add_floor(canvas, opaque=False)
    foam = s.floor_canvas()
    line = np.exp(-(((z - shore + 0.02) / 0.07) ** 2)) * np.clip(value * 1.8 - 0.3, 0, 1)
    second = np.exp(-(((z - shore - 0.55) / 0.05) ** 2)) * np.clip(value * 2 - 0.8, 0, 1) * 0.6
    foam.blend(mix(light.key, (1, 1, 1), 0.6), np.clip(line + second, 0, 0.95).astype(np.float32))
    s.add_floor(foam, opaque=False, wave=(0.010, 0.9, 0.25))


def _surf(s: FilmSet) -> None:
    """A near swell that rises and falls before the camera."""
    light, rng = s.light, s.rng
    canvas = s.canvas(0.8, top=0.40)
    tops = (0.475 + 0.012 * np.sin(canvas.xs * 4.2) + 0.009 * np.sin(canvas.xs * 9.7 + 1)).astype(np.float32)
    colour = mix(light.lit((0.10, 0.34, 0.48), 0.4), light.sky[0][1], 0.35)
    canvas.ridge(tops, gradient([(0, mix(colour, light.sky[-1][1], 0.35)), (1, colour)], canvas.height))
    texture = noise(canvas.height, canvas.width, rng, base=10, octaves=4)
    crest = np.exp(-(((canvas.ys[:, None] - tops[None, :]) / 0.006) ** 2)) * np.clip(texture * 2 - 0.6, 0, 1)
    canvas.tint(mix(light.key, (1, 1, 1), 0.5), crest * 0.7)
    rough = 2.2 if s.shot.weather in ("storm", "wind") else 1.0
    s.add(
        canvas, 0.8,
        motion=lambda t: Placement(x=0.03 * np.sin(0.8 * t), y=0.014 * rough * np.sin(1.3 * t + 0.6)),
    )  # fmt: skip


def build_underwater(s: FilmSet) -> None:
    """Light from above, rock and coral, weeds that sway, sand."""
    light, rng = s.light, s.rng
    canvas = s.canvas(1000.0)
    canvas.fill([(0, light.sky[0][1]), (0.5, light.sky[1][1]), (1, light.sky[2][1])], rng)
    canvas.glow(0.2, canvas.top, 0.75, light.key, 0.42, 1.3)
    s.add(canvas, 1000.0, sharp=True)
    add_ridge(s, 14, height=0.30, colour=(0.10, 0.30, 0.40), base=2.4)
    add_ridge(s, 8, height=0.24, colour=(0.12, 0.32, 0.38), base=2.8)
    _rays(s)
    paint_floor(s, (0.80, 0.76, 0.60), (0.40, 0.60, 0.62), texture=0.12, grain=4, dapple=True)
    _reef(s, 4.5, 22, 0.11)
    _reef(s, 2.4, 13, 0.20)
    s.stage_here()
    _weeds(s, 0.78)


def _rays(s: FilmSet) -> None:
    light, rng = s.light, s.rng
    canvas = s.canvas(6.0, wide=0.1, soft=True)
    angle = np.arctan2(canvas.xs[None, :] - 0.25, canvas.ys[:, None] + 1.3)
    bands = skyline(512, rng, base=26, octaves=2)
    value = np.interp((angle + 1.2) / 2.4, np.linspace(0, 1, 512), bands)
    down = np.clip(1 - (canvas.ys[:, None] + 0.5) / 0.95, 0, 1) ** 1.4
    strength = np.clip((value - 0.42) * 1.7, 0, 1) * down
    canvas.rgba[..., :3] = np.clip(strength[..., None] * np.array(light.key, np.float32) * 78, 0, 255)
    s.add(
        canvas,
        6.0,
        motion=lambda t: Placement(x=0.03 * np.sin(0.5 * t), opacity=0.8 + 0.2 * np.sin(0.9 * t)),
        sharp=True,
    )


_CORALS: tuple[Colour, ...] = (
    (0.95, 0.36, 0.44), (0.98, 0.58, 0.30), (0.72, 0.36, 0.72), (0.96, 0.72, 0.36), (0.34, 0.66, 0.60)
)  # fmt: skip


def _reef(s: FilmSet, depth: float, count: int, size: float) -> None:
    light, rng = s.light, s.rng
    foot = s.foot(depth)
    canvas = s.canvas(depth, top=foot - size * 1.9, bottom=foot + 0.04)
    left, right = canvas.left, canvas.left + canvas.width / canvas.density
    for k in range(count):
        x = left + (k + rng.random()) / count * (right - left)
        if depth < 3 and abs(x) < 0.30:
            continue
        tone = light.hazed(light.lit(_CORALS[int(rng.integers(len(_CORALS)))], 0.45), depth)
        dark = mix(tone, light.haze, 0.35)
        base = foot + rng.random() * 0.02
        h = size * (0.5 + rng.random() * 0.8)
        kind = int(rng.integers(3))
        if kind == 0:  # branches
            for b in range(9):
                a = (b - 4) * 0.2 + (rng.random() - 0.5) * 0.2
                tip = (x + np.sin(a) * h, base - np.cos(a) * h)
                mid = (x + np.sin(a * 0.6) * h * 0.5, base - h * 0.5)
                canvas.line([(x, base), mid, tip], tone if b % 2 else dark, size * 0.05)
                canvas.ellipse(*tip, size * 0.04, size * 0.04, mix(tone, (1, 1, 1), 0.25))
        elif kind == 1:  # domes
            for b in range(5):
                r = h * 0.34 * (1 - 0.12 * b)
                canvas.ellipse(x + (b - 2) * h * 0.2, base - r * 0.4 - h * 0.04 * b, r, r * 0.8, mix(dark, tone, b / 4))
        else:  # fans
            for b in range(13):
                a = (b - 6) * 0.17
                canvas.line(
                    [(x, base), (x + np.sin(a) * h * 0.9, base - np.cos(a) * h * 0.9)],
                    mix(tone, dark, abs(b - 6) / 6),
                    size * 0.035,
                )
    s.add(canvas, depth)


def _weeds(s: FilmSet, depth: float) -> None:
    light, rng = s.light, s.rng
    canvas = s.canvas(depth, top=-0.1)
    bottom = canvas.top + canvas.height / canvas.density
    left, right = canvas.left, canvas.left + canvas.width / canvas.density
    for k in range(34):
        x = left + (k + rng.random()) / 34 * (right - left)
        if abs(x) < s.aspect * 0.30:
            continue
        h = (bottom - 0.5) + 0.12 + 0.34 * rng.random() * min(1, abs(x))
        tone = light.lit(mix((0.05, 0.28, 0.22), (0.22, 0.42, 0.14), rng.random()), 0.25)
        w = 0.014 + 0.01 * rng.random()
        points = [(x + 0.03 * np.sin(f * 7 + k) - w * (1 - f), bottom - h * f) for f in np.linspace(0, 1, 9)]
        points += [(x + 0.03 * np.sin(f * 7 + k) + w * (1 - f), bottom - h * f) for f in np.linspace(1, 0, 9)]
        canvas.polygon(points, tone)
    s.add(canvas, depth, wave=(0.03, 0.8, 0.3))
