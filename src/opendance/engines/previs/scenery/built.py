"""City and street."""

from __future__ import annotations

import numpy as np

from opendance.engines.previs.colour import Colour, mix
from opendance.engines.previs.paint import Canvas, noise
from opendance.engines.previs.scenery.ground import FilmSet, Floats, add_mist, add_ridge, add_sky, paint_floor

_WARM: tuple[Colour, ...] = ((1.0, 0.80, 0.46), (1.0, 0.88, 0.64), (0.98, 0.70, 0.38), (0.80, 0.90, 1.0))
_NEON: tuple[Colour, ...] = ((1.0, 0.25, 0.62), (0.24, 0.92, 1.0), (0.72, 0.36, 1.0), (1.0, 0.72, 0.28))


def _lamps(s: FilmSet) -> tuple[Colour, ...]:
    return _NEON if s.shot_style_neon else _WARM


def build_city(s: FilmSet) -> None:
    """A skyline in layers, windows lit when it is dark, seen from a roof."""
    add_sky(s)
    add_ridge(s, 60, height=0.06, colour=(0.4, 0.4, 0.5), base=1.4, foot=s.horizon + 0.02)
    dark = s.light.night or s.shot.hour in ("dusk", "golden")
    for depth, height, width, lit in (
        (30.0, 0.28, 0.055, 0.06),
        (17.0, 0.37, 0.070, 0.15),
        (10.0, 0.40, 0.10, 0.24),
        (6.0, 0.36, 0.14, 0.28),
    ):
        _buildings(s, depth, height=height, width=width, lit=lit * (1.0 if dark else 0.12))
        add_mist(s, depth * 0.9, strength=0.34, height=0.11)
    if s.shot.subjects:
        paint_floor(s, (0.34, 0.33, 0.38), (0.30, 0.30, 0.36), texture=0.12, grain=9, paint=_slabs(s))
        _parapet(s, 2.6)
    else:
        _buildings(s, 3.4, height=0.24, width=0.22, lit=0.26 if dark else 0.05)
        add_mist(s, 3.0, strength=0.25, height=0.10)
    s.stage_here()


def _buildings(s: FilmSet, depth: float, *, height: float, width: float, lit: float) -> None:
    light, rng = s.light, s.rng
    foot = s.horizon + 0.10 + 0.5 / depth
    canvas = s.canvas(depth, top=s.horizon - height * 1.45, bottom=foot + 0.1)
    left, right = canvas.left, canvas.left + canvas.width / canvas.density
    bottom = canvas.top + canvas.height / canvas.density
    sun = s.sun[0]
    x = left
    while x < right:
        w = width * (0.55 + rng.random())
        rise = height * (0.22 + 0.78 * rng.random() ** 1.6)
        if rng.random() < 0.10:
            rise *= 1.35
        top = s.horizon - rise + 0.06
        near_sun = float(np.exp(-abs(x - sun) / 0.35))
        tone: Colour = mix((0.36, 0.38, 0.46), (0.56, 0.46, 0.42), rng.random())
        if depth < 14:  # near blocks are dark against the glow behind them
            tone = mix(tone, (0.10, 0.09, 0.16), 0.62)
        face = light.hazed(light.lit(tone, 0.18 + 0.30 * near_sun), depth)
        edge = light.hazed(light.lit(tone, 0.72), depth)
        canvas.rect(x, top, x + w, bottom, face)
        strip = w * 0.16
        if sun > x + w / 2:
            canvas.rect(x + w - strip, top, x + w, bottom, mix(face, edge, 0.55))
        else:
            canvas.rect(x, top, x + strip, bottom, mix(face, edge, 0.55))
        _roof(canvas, s, x, w, top, face, depth)
        cell_w, cell_h = (0.0085, 0.0135) if depth > 14 else (0.0115, 0.0165)
        if depth < 8:
            cell_w, cell_h = 0.016, 0.022
        columns, floors = int(w / cell_w / 1.25), int((s.horizon + 0.14 - top) / cell_h)
        pattern = rng.random((max(1, floors), max(1, columns)))
        dead = light.hazed(mix(light.lit((0.20, 0.26, 0.36), 0.35), light.sky[-1][1], 0.22), depth)
        pitch = w / max(1, columns)
        lamps = _lamps(s)
        for row in range(floors):
            wy = top + 0.012 + row * cell_h
            for column in range(columns):
                wx = x + (column + 0.2) * pitch
                if pattern[row, column] < lit:
                    lamp = lamps[int(rng.integers(len(lamps)))]
                    colour = mix(light.hazed(lamp, depth * 0.35), lamp, 0.3)
                    canvas.rect(wx, wy, wx + pitch * 0.62, wy + cell_h * 0.56, colour)
                elif depth < 20:
                    canvas.rect(wx, wy, wx + pitch * 0.62, wy + cell_h * 0.56, mix(face, dead, 0.5))
        x += w + (0.0 if rng.random() < 0.6 else width * 0.25 * rng.random())
    down = np.clip((canvas.ys - s.horizon + 0.12) / 0.26, 0, 1) * (0.55 + 0.3 * light.haze_share(depth))
    canvas.tint(light.haze, np.broadcast_to(down[:, None], (canvas.height, canvas.width)).astype(np.float32) * 0.75)
    s.add(canvas, depth)


def _roof(canvas: Canvas, s: FilmSet, x: float, w: float, top: float, face: Colour, depth: float) -> None:
    rng = s.rng
    kind = rng.random()
    if kind < 0.25:
        canvas.line([(x + w / 2, top), (x + w / 2, top - 0.035)], face, 0.0022)
        if s.light.night:
            canvas.glow(x + w / 2, top - 0.036, 0.006, (1.0, 0.2, 0.2), 0.9)
    elif kind < 0.45:
        peak = min(w * 0.42, 0.03)
        canvas.polygon(
            [
                (x + w * 0.3, top),
                (x + w * 0.42, top - peak * 0.5),
                (x + w * 0.5, top - peak),
                (x + w * 0.58, top - peak * 0.5),
                (x + w * 0.7, top),
            ],
            face,
        )
        canvas.line([(x + w * 0.5, top - peak), (x + w * 0.5, top - peak - 0.03)], face, 0.002)
    elif kind < 0.65:
        canvas.rect(x + w * 0.22, top - 0.018, x + w * 0.78, top + 0.001, face)
    elif kind < 0.75 and depth < 16:
        canvas.ellipse(x + w * 0.5, top, w * 0.28, min(0.03, w * 0.2), face)


def _slabs(s: FilmSet):
    def paint(canvas: Canvas, x: Floats, z: Floats) -> None:
        seam = np.minimum(np.abs((x * 1.6) % 1 - 0.5), np.abs((z * 1.6) % 1 - 0.5))
        canvas.multiply(
            (1 - 0.20 * np.clip(1 - seam * 60 / np.maximum(z, 1), 0, 1) * np.clip(3 / z, 0, 1)).astype(np.float32)
        )
        reflect_sky(s, canvas, 0.45 if s.shot.wet else 0.14)

    return paint


def reflect_sky(s: FilmSet, canvas: Canvas, strength: float) -> None:
    """A wet or polished floor mirrors the light of the horizon in streaks."""
    below = canvas.ys - s.horizon
    streaks = noise(8, canvas.width, s.rng, base=3, octaves=4)[4]
    share = np.exp(-below * 5)[:, None] * (0.25 + 0.9 * streaks[None, :]) * strength
    canvas.tint(mix(s.light.sky[-1][1], s.light.key, 0.4), np.clip(share, 0, 0.85).astype(np.float32))


def _parapet(s: FilmSet, depth: float) -> None:
    """The wall of the roof that the camera stands on."""
    light = s.light
    foot = s.foot(depth)
    canvas = s.canvas(depth, top=foot - 0.10, bottom=foot + 0.02)
    tone = light.lit((0.36, 0.35, 0.40), 0.2)
    right = canvas.left + canvas.width / canvas.density
    canvas.rect(canvas.left, foot - 0.075, right, foot + 0.01, tone)
    canvas.rect(canvas.left, foot - 0.088, right, foot - 0.070, light.lit((0.46, 0.45, 0.48), 0.8))
    s.add(canvas, depth)


def build_street(s: FilmSet) -> None:
    """House fronts with shops, lamps, a road with markings."""
    add_sky(s)
    dark = s.light.night or s.shot.hour in ("dusk", "golden", "dawn") or s.shot.weather in ("rain", "storm")
    _buildings(s, 22, height=0.34, width=0.07, lit=0.25 if dark else 0.05)
    add_mist(s, 18, strength=0.5)
    _buildings(s, 12, height=0.36, width=0.11, lit=0.35 if dark else 0.06)
    paint_floor(s, (0.30, 0.30, 0.33), (0.36, 0.36, 0.40), texture=0.12, grain=12, paint=_road(s, dark))
    _fronts(s, 5.2, dark)
    _lamp_posts(s, 3.0, dark)
    s.stage_here()


def _fronts(s: FilmSet, depth: float, dark: bool) -> None:
    light, rng = s.light, s.rng
    foot = s.foot(depth)
    height = 0.62
    canvas = s.canvas(depth, top=foot - height * 1.5, bottom=foot + 0.02)
    left, right = canvas.left, canvas.left + canvas.width / canvas.density
    walls: tuple[Colour, ...] = (
        (0.72, 0.50, 0.42),
        (0.80, 0.68, 0.52),
        (0.52, 0.56, 0.62),
        (0.62, 0.46, 0.52),
        (0.46, 0.54, 0.50),
        (0.84, 0.76, 0.66),
    )
    awnings: tuple[Colour, ...] = ((0.80, 0.26, 0.28), (0.20, 0.48, 0.50), (0.90, 0.66, 0.24), (0.34, 0.34, 0.60))
    lamps = _lamps(s)
    x = left - 0.1
    while x < right:
        w = 0.20 + 0.16 * rng.random()
        top = foot - height * (0.62 + 0.5 * rng.random())
        wall = walls[int(rng.integers(len(walls)))]
        face = light.hazed(light.lit(wall, 0.30), depth * 0.6)
        canvas.rect(x, top, x + w, foot + 0.02, face)
        canvas.rect(x, top, x + w, top + 0.012, mix(face, light.lit(wall, 0.9), 0.6))
        canvas.rect(x + w - 0.006, top, x + w, foot, mix(face, (0, 0, 0), 0.25))
        shop = 0.125
        rows = int((foot - shop - top - 0.03) / 0.085)
        columns = max(2, int(w / 0.07))
        for row in range(rows):
            for column in range(columns):
                wx, wy = x + (column + 0.24) * w / columns, top + 0.035 + row * 0.085
                ww = w / columns * 0.52
                lit = dark and rng.random() < 0.45
                glass = lamps[int(rng.integers(len(lamps)))] if lit else light.lit((0.32, 0.42, 0.52), 0.4)
                canvas.rect(wx - 0.004, wy - 0.004, wx + ww + 0.004, wy + 0.054, mix(face, (1, 1, 1), 0.18))
                canvas.rect(wx, wy, wx + ww, wy + 0.05, glass)
                canvas.rect(wx + ww / 2 - 0.001, wy, wx + ww / 2 + 0.001, wy + 0.05, face)
                if lit:
                    canvas.glow(wx + ww / 2, wy + 0.025, 0.05, glass, 0.16)
        lamp = lamps[int(rng.integers(len(lamps)))]
        inside = lamp if dark else light.lit((0.50, 0.54, 0.56), 0.6)
        canvas.rect(x + w * 0.07, foot - shop + 0.025, x + w * 0.93, foot - 0.012, mix(face, (0, 0, 0), 0.45))
        canvas.rect(x + w * 0.10, foot - shop + 0.032, x + w * 0.62, foot - 0.03, mix(inside, face, 0.15))
        canvas.rect(
            x + w * 0.68, foot - shop + 0.034, x + w * 0.89, foot - 0.004, mix(inside, (0.25, 0.16, 0.12), 0.55)
        )
        tone = awnings[int(rng.integers(len(awnings)))]
        stripes = 7
        for k in range(stripes):
            stripe = light.lit(tone if k % 2 else (0.94, 0.92, 0.88), 0.5)
            x0, x1 = x + w * (0.05 + 0.9 * k / stripes), x + w * (0.05 + 0.9 * (k + 1) / stripes)
            canvas.polygon(
                [
                    (x0, foot - shop),
                    (x1, foot - shop),
                    (x1 + 0.002, foot - shop + 0.036),
                    (x0 - 0.002, foot - shop + 0.036),
                ],
                stripe,
            )
        if dark:
            canvas.glow(x + w * 0.4, foot - 0.07, 0.12, lamp, 0.35)
            if s.shot_style_neon or rng.random() < 0.3:
                sign = _NEON[int(rng.integers(len(_NEON)))]
                sy = foot - shop - 0.06
                canvas.rect(x + w * 0.2, sy, x + w * 0.8, sy + 0.028, mix(sign, (0, 0, 0), 0.72))
                canvas.line([(x + w * 0.25, sy + 0.014), (x + w * 0.75, sy + 0.014)], mix(sign, (1, 1, 1), 0.45), 0.007)
                canvas.glow(x + w * 0.5, sy + 0.014, 0.11, sign, 0.55)
        x += w
    canvas.multiply(0.90 + 0.2 * noise(canvas.height, canvas.width, rng, base=14, octaves=4))
    s.add(canvas, depth)


def _road(s: FilmSet, dark: bool):
    def paint(canvas: Canvas, x: Floats, z: Floats) -> None:
        light = s.light
        pavement = light.lit((0.60, 0.57, 0.54), 0.45)
        canvas.tint(pavement, (np.clip((z - 4.0) * 8, 0, 1) * 0.8).astype(np.float32))
        kerb = np.clip(1 - np.abs(z - 3.95) * 14, 0, 1)
        canvas.tint(light.lit((0.78, 0.76, 0.72), 0.7), (kerb * 0.7).astype(np.float32))
        white = light.lit((0.92, 0.90, 0.84), 0.6)
        dash = (np.abs(z - 1.85) < 0.05) & ((x * 0.85) % 1 < 0.55)
        canvas.tint(white, dash.astype(np.float32) * 0.75)
        if dark:
            reflect_sky(s, canvas, 0.75 if s.shot.wet else 0.25)
            if s.shot.wet or s.shot_style_neon:
                _reflections(s, canvas)

    return paint


def _reflections(s: FilmSet, canvas: Canvas) -> None:
    """Lit signs and shops, drawn out to the camera on the wet road."""
    rng = s.rng
    lamps = _lamps(s)
    below = canvas.ys - s.horizon
    ragged = noise(canvas.height, canvas.width, rng, base=30, octaves=3)
    for _ in range(16):
        x = canvas.left + rng.random() * canvas.width / canvas.density
        lamp = lamps[int(rng.integers(len(lamps)))]
        width = 0.03 + 0.04 * rng.random()
        band = np.exp(-(((canvas.xs - x) / width) ** 2))[None, :] * np.exp(-(((below - 0.16) / 0.15) ** 2))[:, None]
        canvas.tint(lamp, np.clip(band * (0.15 + ragged * 0.75), 0, 0.7).astype(np.float32))


def _lamp_posts(s: FilmSet, depth: float, dark: bool) -> None:
    light = s.light
    foot = s.foot(depth)
    canvas = s.canvas(depth, top=foot - 0.85, bottom=foot + 0.01)
    iron = light.lit((0.16, 0.17, 0.20), 0.3)
    right = canvas.left + canvas.width / canvas.density
    x = canvas.left - canvas.left % 0.85 - 0.25
    while x < right:
        canvas.rect(x - 0.006, foot - 0.62, x + 0.006, foot, iron)
        canvas.rect(x - 0.016, foot - 0.05, x + 0.016, foot, iron)
        canvas.line([(x, foot - 0.60), (x + 0.04, foot - 0.65), (x + 0.09, foot - 0.645)], iron, 0.009)
        canvas.ellipse(
            x + 0.09, foot - 0.635, 0.022, 0.012, (1.0, 0.93, 0.75) if dark else light.lit((0.7, 0.7, 0.7), 0.6)
        )
        if dark:
            canvas.glow(x + 0.09, foot - 0.635, 0.16, _lamps(s)[0], 0.40, 1.0)
        x += 0.85
    s.add(canvas, depth)
