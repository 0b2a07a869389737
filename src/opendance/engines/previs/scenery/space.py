"""Space: stars, a nebula, a planet; the ground of the moon where somebody stands on it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from opendance.engines.previs.colour import Colour, mix
from opendance.engines.previs.paint import Canvas, noise
from opendance.engines.previs.plates import Placement
from opendance.engines.previs.scenery.ground import FilmSet, Floats, add_ridge, add_sky, paint_floor

_NEBULAE: tuple[tuple[Colour, Colour], ...] = (
    ((0.36, 0.14, 0.62), (0.95, 0.38, 0.56)),
    ((0.08, 0.30, 0.60), (0.30, 0.86, 0.90)),
    ((0.56, 0.20, 0.22), (1.0, 0.70, 0.36)),
)
_WORLDS: tuple[tuple[Colour, Colour], ...] = (
    ((0.12, 0.34, 0.66), (0.86, 0.92, 0.96)),
    ((0.80, 0.52, 0.32), (0.96, 0.82, 0.60)),
    ((0.40, 0.30, 0.58), (0.86, 0.70, 0.86)),
)


def build_space(s: FilmSet) -> None:
    """Deep space; with a ground if somebody walks, stands or dances there."""
    grounded = any(x.action in ("walk", "run", "dance", "jump", "play_instrument", "drive") for x in s.shot.subjects)
    s.has_floor = grounded
    add_sky(s, clouds=0.0, stars=True, sun=False)
    _nebula(s)
    _planet(s)
    if grounded:
        add_ridge(s, 14, height=0.10, colour=(0.62, 0.62, 0.66), base=2.0)
        paint_floor(s, (0.68, 0.68, 0.72), (0.56, 0.56, 0.62), texture=0.16, grain=5, paint=_craters(s))
    s.stage_here()


def _nebula(s: FilmSet) -> None:
    rng = s.rng
    canvas = s.canvas(200.0)
    height, width = canvas.height, canvas.width
    first, second = _NEBULAE[int(rng.integers(len(_NEBULAE)))]
    if s.shot_style_neon:
        first, second = (0.20, 0.05, 0.60), (1.0, 0.2, 0.7)
    cloud = noise(height, width, rng, base=2.0, octaves=7)
    bend = noise(height, width, rng, base=1.4, octaves=4)
    y = (canvas.ys[:, None] + 0.12 + 0.35 * canvas.xs[None, :] * 0.4 + (bend - 0.5) * 0.5) / 0.34
    band = np.exp(-(y**2))
    body = np.clip((cloud - 0.40) * 2.2, 0, 1) * band
    core = np.clip((cloud - 0.56) * 3.2, 0, 1) * band
    colours = (
        np.array(first, np.float32) * body[..., None] * 0.85 + np.array(second, np.float32) * core[..., None] * 0.75
    )
    canvas.rgba[..., :3] = np.clip(colours * 255 + rng.random((height, 1, 1)), 0, 255).astype(np.uint8)
    dust = rng.random((height, width), dtype=np.float32)
    sparkle = np.clip((dust - 0.9975) * 400, 0, 1) * (0.3 + band)
    rgb = canvas.rgba[..., :3].astype(np.float32) + (sparkle * 200)[..., None]
    canvas.rgba[..., :3] = np.clip(rgb, 0, 255).astype(np.uint8)
    s.add(canvas, 200.0, sharp=True)


def _planet(s: FilmSet) -> None:
    rng, light = s.rng, s.light
    canvas = s.canvas(60.0)
    x, y, radius = 0.30 * s.aspect, -0.16, 0.17
    land, cloud = _WORLDS[int(rng.integers(len(_WORLDS)))]
    dx, dy = (canvas.xs[None, :] - x) / radius, (canvas.ys[:, None] - y) / radius
    distance = np.hypot(dx, dy)
    z = np.sqrt(np.clip(1 - distance**2, 0, 1))
    bands = noise(canvas.height, canvas.width, rng, base=6, octaves=6)
    swirl = np.sin((dy * 7 + bands * 4.0) * 1.6) * 0.5 + 0.5
    surface = (
        np.array(land, np.float32) * (1 - swirl[..., None] * 0.65)
        + np.array(cloud, np.float32) * swirl[..., None] * 0.65
    )
    sun = np.array((light.place[0], -0.55, 0.55))
    sun = sun / np.linalg.norm(sun)
    shine = np.clip(dx * sun[0] + dy * sun[1] + z * sun[2], 0, 1) ** 0.8
    colours = surface * (0.03 + shine[..., None]) * np.array(light.key, np.float32)
    rim = np.exp(-(((distance - 1) / 0.055) ** 2)) * np.clip(dx * sun[0] + dy * sun[1] + 0.5, 0, 1)
    cover = np.clip((1 - distance) * radius * canvas.density + 0.5, 0, 1)
    canvas.blend(np.clip(colours, 0, 1).astype(np.float32), cover.astype(np.float32))
    air = mix(cloud, (0.5, 0.75, 1.0), 0.5)
    rgb = canvas.rgba[..., :3].astype(np.float32) + rim[..., None] * np.array(air) * 170
    canvas.rgba[..., :3] = np.clip(rgb, 0, 255).astype(np.uint8)
    s.add(canvas, 60.0, sharp=True, motion=lambda t: Placement(x=-0.0015 * t * s.speed))


def _craters(s: FilmSet) -> Callable[[Canvas, Floats, Floats], None]:
    def paint(canvas: Canvas, x: Floats, z: Floats) -> None:
        rng = s.rng
        shade = np.ones(x.shape, np.float32)
        for _ in range(46):
            cx, cz, r = rng.uniform(-4, 4), rng.uniform(0.8, 7.0), rng.uniform(0.04, 0.30)
            rows = np.flatnonzero(np.abs(z[:, 0] - cz) < r * 1.6)
            if not rows.size:
                continue
            a, b = int(rows[0]), int(rows[-1]) + 1
            distance = np.hypot(x[a:b] - cx, z[a:b] - cz) / r
            inside = np.clip(1.05 - distance, 0, 1)
            ring = np.exp(-(((distance - 1.05) / 0.16) ** 2))
            lean = np.clip((x[a:b] - cx) / r, -1, 1) * -s.light.place[0]
            shade[a:b] *= 1 - 0.34 * np.clip(inside * 3, 0, 1) * (0.6 - 0.4 * lean) + 0.22 * ring * (0.5 + 0.5 * lean)
        canvas.multiply(shade)

    return paint
