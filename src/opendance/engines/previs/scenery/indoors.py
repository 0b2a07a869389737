"""Room, stage, studio."""

from __future__ import annotations

import numpy as np

from opendance.engines.previs.colour import Colour, mix
from opendance.engines.previs.paint import Canvas, noise
from opendance.engines.previs.plates import Placement
from opendance.engines.previs.scenery.built import reflect_sky
from opendance.engines.previs.scenery.ground import FilmSet, Floats, add_ridge, add_sky, paint_floor


def build_room(s: FilmSet) -> None:
    """A wall with a tall window, curtains, pictures, a lamp, floorboards, light through the panes."""
    add_sky(s, clouds=0.2)
    add_ridge(s, 20, height=0.12, colour=(0.30, 0.38, 0.34), base=1.6, soft=True)
    paint_floor(s, (0.50, 0.33, 0.22), (0.44, 0.30, 0.21), texture=0.08, grain=5, paint=_boards(s))
    wall_depth = 2.6
    s.add(_wall(s, wall_depth), wall_depth)
    _furniture(s, 2.0)
    _window_light(s)
    s.stage_here()


def _wall(s: FilmSet, depth: float) -> Canvas:
    light, rng = s.light, s.rng
    foot = s.foot(depth)
    canvas = s.canvas(depth, bottom=foot + 0.02)
    night = light.night
    paper: Colour = (0.30, 0.32, 0.44) if night else (0.78, 0.70, 0.62)
    lit = light.lit(paper, 0.28)
    canvas.fill([(0, mix(lit, (0, 0, 0), 0.35)), (0.6, lit), (1, mix(lit, (0.2, 0.12, 0.08), 0.25))], rng)
    stripes = 0.985 + 0.03 * (np.sin(canvas.xs * 58) > 0.6)
    plaster = noise(canvas.height, canvas.width, rng, base=7, octaves=5)
    canvas.multiply((stripes[None, :] * (0.92 + 0.16 * plaster)).astype(np.float32))
    right = canvas.left + canvas.width / canvas.density
    skirting = light.lit((0.40, 0.30, 0.24) if night else (0.92, 0.88, 0.82), 0.35)
    canvas.rect(canvas.left, foot - 0.035, right, foot + 0.02, skirting)
    side = -1 if s.light.place[0] < 0 else 1
    wx = side * s.aspect * 0.27
    wy0, wy1, half = -0.43, min(foot - 0.16, s.horizon + 0.002), 0.20
    frame = light.lit((0.86, 0.82, 0.78) if not night else (0.42, 0.42, 0.50), 0.5)
    canvas.rect(wx - half - 0.022, wy0 - 0.022, wx + half + 0.022, wy1 + 0.022, frame)
    columns, rows = 2, 3
    for i in range(columns):
        for j in range(rows):
            x0 = wx - half + i * 2 * half / columns + 0.007
            y0 = wy0 + j * (wy1 - wy0) / rows + 0.007
            x1, y1 = x0 + 2 * half / columns - 0.014, y0 + (wy1 - wy0) / rows - 0.014
            a, b = int(canvas.py(y0)), int(canvas.py(y1))
            c, d = int(canvas.px(x0)), int(canvas.px(x1))
            canvas.rgba[max(0, a) : max(0, b), max(0, c) : max(0, d)] = 0  # a hole: the sky behind it moves in parallax
    canvas.rect(wx - half - 0.05, wy1 + 0.016, wx + half + 0.05, wy1 + 0.036, frame)
    cloth: Colour = (0.42, 0.20, 0.28) if night else (0.86, 0.62, 0.52)
    for edge in (-1, 1):
        for fold in range(7):
            x0 = wx + edge * (half * 0.92 + fold * 0.020)
            tone = light.lit(mix(cloth, (0, 0, 0), 0.25 * (fold % 2)), 0.35 + 0.2 * (fold % 2))
            canvas.polygon(
                [
                    (x0, wy0 - 0.07),
                    (x0 + edge * 0.024, wy0 - 0.07),
                    (x0 + edge * (0.030 + 0.004 * fold), foot - 0.05),
                    (x0 + edge * 0.004 * fold, foot - 0.05),
                ],
                tone,
            )
    rod = light.lit((0.55, 0.42, 0.26), 0.6)
    canvas.rect(wx - half - 0.17, wy0 - 0.085, wx + half + 0.17, wy0 - 0.070, rod)
    other = -side * s.aspect * 0.26
    art: tuple[Colour, ...] = ((0.86, 0.52, 0.36), (0.36, 0.52, 0.62), (0.90, 0.78, 0.52), (0.46, 0.58, 0.42))
    for k, (dx, dy, w, h) in enumerate(
        ((-0.10, -0.20, 0.085, 0.11), (0.09, -0.24, 0.06, 0.06), (0.09, -0.10, 0.06, 0.055))
    ):
        x, y = other + dx, dy
        canvas.rect(x - w - 0.008, y - h - 0.008, x + w + 0.008, y + h + 0.008, light.lit((0.32, 0.22, 0.16), 0.4))
        canvas.rect(x - w, y - h, x + w, y + h, light.lit((0.92, 0.89, 0.82), 0.35))
        canvas.rect(x - w * 0.75, y - h * 0.7, x + w * 0.75, y + h * 0.7, light.lit(art[k], 0.35))
        canvas.ellipse(x + w * 0.25, y - h * 0.2, w * 0.22, w * 0.22, light.lit(art[k + 1], 0.6))
        canvas.polygon(
            [(x - w * 0.75, y + h * 0.7), (x - w * 0.2, y), (x + w * 0.75, y + h * 0.7)],
            light.lit(mix(art[k], (0, 0, 0), 0.3), 0.3),
        )
    lamp_x = -side * s.aspect * 0.42
    canvas.glow(lamp_x, foot - 0.34, 0.30, (1.0, 0.72, 0.40), 0.34 if night else 0.14, 1.2)
    canvas.glow(wx, (wy0 + wy1) / 2, 0.42, light.key, 0.12 * light.strength, 1.2)
    return canvas


def _boards(s: FilmSet):
    def paint(canvas: Canvas, x: Floats, z: Floats) -> None:
        board = np.floor(x * 4.5)
        tone = np.sin(board * 12.9898) * 43758.5453 % 1
        seam = np.clip(1 - np.abs((x * 4.5) % 1 - 0.5) * -2 - 1.96, 0, 1) * 25
        end = (np.abs((z * 0.9 + tone * 3) % 1) < 0.018).astype(np.float32)
        grain = noise(canvas.height, 64, s.rng, base=40, octaves=3)
        rows = grain[:, (np.abs(x * 90).astype(np.int64) % 64)[0]]
        value = 1 + (tone - 0.5) * 0.20 + (rows - 0.5) * 0.14 - np.clip(seam, 0, 1) * 0.22 - end * 0.2
        canvas.multiply(value.astype(np.float32))
        reflect_sky(s, canvas, 0.16)
        side = -1 if s.light.place[0] < 0 else 1
        pane = np.exp(-(((x - side * 0.55 + (z - 1.7) * 0.3 * side) / 0.26) ** 6)) * np.exp(-(((z - 1.55) / 0.42) ** 6))
        bars = (np.abs((x - side * 0.55 + (z - 1.7) * 0.3 * side) % 0.26 - 0.13) < 0.118) & (
            np.abs((z * 2.4) % 1 - 0.5) < 0.44
        )
        canvas.tint(mix(s.light.key, (1, 1, 1), 0.2), (pane * bars * 0.42 * s.light.strength).astype(np.float32))

    return paint


def _furniture(s: FilmSet, depth: float) -> None:
    light = s.light
    foot = s.foot(depth)
    side = -1 if light.place[0] < 0 else 1
    canvas = s.canvas(depth, top=foot - 0.62, bottom=foot + 0.02)
    x = -side * s.aspect * 0.44  # floor lamp
    iron = light.lit((0.22, 0.20, 0.20), 0.4)
    canvas.ellipse(x, foot - 0.004, 0.055, 0.012, iron)
    canvas.rect(x - 0.005, foot - 0.42, x + 0.005, foot, iron)
    shade: Colour = (
        (1.0, 0.84, 0.56) if light.night or s.shot.hour in ("dusk", "golden") else light.lit((0.94, 0.86, 0.72), 0.5)
    )
    canvas.polygon(
        [(x - 0.045, foot - 0.53), (x + 0.045, foot - 0.53), (x + 0.085, foot - 0.40), (x - 0.085, foot - 0.40)], shade
    )
    if light.night or s.shot.hour in ("dusk", "golden"):
        canvas.glow(x, foot - 0.46, 0.20, (1.0, 0.72, 0.38), 0.55, 1.2)
    x = side * s.aspect * 0.47  # a plant in a pot
    pot = light.lit((0.72, 0.42, 0.32), 0.45)
    for k in range(11):
        a = (k - 5) * 0.26
        leaf = light.lit((0.20, 0.42, 0.24), 0.25 + 0.05 * (k % 4))
        tip = (x + np.sin(a) * 0.17, foot - 0.12 - np.cos(a) * 0.26)
        mid = (x + np.sin(a) * 0.12, foot - 0.12 - np.cos(a) * 0.13)
        canvas.polygon([(x, foot - 0.11), (mid[0] - 0.024, mid[1] + 0.01), tip, (mid[0] + 0.024, mid[1] - 0.012)], leaf)
    canvas.polygon([(x - 0.06, foot - 0.13), (x + 0.06, foot - 0.13), (x + 0.045, foot), (x - 0.045, foot)], pot)
    canvas.rim(side, -0.4, light.key, 0.5 * light.strength, 0.005)
    s.add(canvas, depth)


def _window_light(s: FilmSet) -> None:
    """The shaft that falls in from the window."""
    light = s.light
    canvas = s.canvas(1.8, soft=True)
    side = -1 if light.place[0] < 0 else 1
    wx = side * s.aspect * 0.25
    along = (canvas.xs[None, :] - wx) * -side - (canvas.ys[:, None] + 0.36) * 0.62
    beam = np.exp(-((along / (0.16 + 0.10 * (canvas.ys[:, None] + 0.5))) ** 4))
    bars = 0.75 + 0.25 * np.cos(along * 38)
    fade = np.clip((canvas.ys[:, None] + 0.50) * 3, 0, 1) * np.clip(1.1 - (canvas.ys[:, None] + 0.1) * 1.2, 0, 1)
    strength = beam * bars * fade * 0.30 * max(0.35, light.strength)
    canvas.rgba[..., :3] = np.clip(strength[..., None] * np.array(light.key, np.float32) * 255, 0, 255)
    s.add(canvas, 1.8, sharp=True)


def build_stage(s: FilmSet) -> None:
    """Curtains, spotlights that wander, a polished floor, heads of the audience."""
    light, rng = s.light, s.rng
    depth = 3.0
    foot = s.foot(depth)
    back = s.canvas(depth, bottom=foot + 0.02)
    deep: Colour = (0.05, 0.02, 0.07) if not s.shot_style_neon else (0.06, 0.02, 0.12)
    back.fill([(0, deep), (0.7, (0.16, 0.07, 0.15)), (1, (0.26, 0.12, 0.18))], rng)
    folds = 0.72 + 0.28 * np.sin(back.xs * 34 + np.sin(back.xs * 7) * 2)
    back.multiply(np.broadcast_to(folds[None, :], (back.height, back.width)).astype(np.float32))
    back.glow(0, foot - 0.22, 0.62, (0.95, 0.40, 0.52) if not s.shot_style_neon else (0.5, 0.3, 1.0), 0.42, 1.4)
    paint_floor(s, (0.62, 0.34, 0.24), (0.66, 0.38, 0.28), texture=0.06, grain=5, paint=_stage_boards(s))
    s.add(back, depth)
    beams: tuple[Colour, ...] = ((1.0, 0.86, 0.66), (0.62, 0.72, 1.0), (1.0, 0.56, 0.72), (0.70, 1.0, 0.92))
    for k, x in enumerate((-0.75, -0.28, 0.28, 0.75)):
        _beam(s, x * s.aspect / 1.78, beams[k], k)
    curtain = s.canvas(1.7)
    red: Colour = (0.62, 0.07, 0.13)
    for side in (-1, 1):
        for fold in range(10):
            x0 = side * (s.aspect / 2 + 0.05 - fold * 0.030)
            tone = mix(red, (0.10, 0.0, 0.03), 0.15 + 0.55 * (fold % 2) + 0.02 * fold)
            sway = 0.018 * np.sin(fold * 2.1)
            curtain.polygon(
                [(x0, -0.9), (x0 - side * 0.032, -0.9), (x0 - side * (0.034 - sway), 0.9), (x0 + side * sway, 0.9)],
                tone,
            )
    right = curtain.left + curtain.width / curtain.density
    for k in range(24):
        x = curtain.left + (k + 0.5) / 24 * (right - curtain.left)
        w = (right - curtain.left) / 24
        curtain.ellipse(x, -0.47, w * 0.62, 0.085, mix(red, (0.10, 0, 0.03), 0.25 + 0.3 * (k % 2)))
    curtain.rect(curtain.left, curtain.top, right, -0.47, mix(red, (0.08, 0, 0.02), 0.45))
    s.add(curtain, 1.7)
    s.stage_here()
    crowd = s.canvas(0.6, top=0.30)
    right = crowd.left + crowd.width / crowd.density
    for k in range(34):
        x = crowd.left + (k + rng.random() * 0.6) / 34 * (right - crowd.left)
        y = 0.49 + 0.03 * rng.random()
        tone: Colour = (0.035, 0.02, 0.05)
        crowd.ellipse(x, y, 0.032, 0.042, tone)
        crowd.ellipse(x, y + 0.085, 0.065, 0.06, tone)
    crowd.rim(0, -1, (0.9, 0.5, 0.5), 0.35, 0.006)
    s.add(crowd, 0.6, motion=lambda t: Placement(y=0.004 * np.sin(4.2 * t)))
    _ = light


def _stage_boards(s: FilmSet):
    def paint(canvas: Canvas, x: Floats, z: Floats) -> None:
        seam = np.abs((x * 5) % 1 - 0.5) > 0.485
        canvas.multiply((1 - 0.25 * seam * np.clip(2.5 / z, 0, 1)).astype(np.float32))
        pool = np.exp(-((x / 0.75) ** 2 + ((z - 1.25) / 0.5) ** 2))
        canvas.tint((1.0, 0.84, 0.66), (pool * 0.55).astype(np.float32))

    return paint


def _beam(s: FilmSet, x: float, colour: Colour, k: int) -> None:
    """A cone of light from above that swings slowly."""
    box = (x - 0.75, -0.75, x + 0.75, s.foot(2.4) + 0.05)
    canvas = Canvas(box, s.resolution * s.detail * 0.5)
    down = (canvas.ys[:, None] + 0.75) / (box[3] + 0.75)
    across = (canvas.xs[None, :] - x) / (0.02 + 0.20 * down)
    strength = np.exp(-(across**4)) * (0.42 - 0.30 * down) * np.clip((box[3] - canvas.ys[:, None]) / 0.05, 0, 1)
    canvas.rgba[..., :3] = np.clip(strength[..., None] * np.array(colour) * 255 * 0.62, 0, 255)
    swing, phase = 0.22 + 0.05 * k, k * 1.9
    s.add(
        canvas,
        2.4,
        anchor=(x, -0.75),
        sharp=True,
        motion=lambda t: Placement(angle=swing * np.sin(0.7 * t * s.speed**0.3 + phase)),
    )


def build_studio(s: FilmSet) -> None:
    """A seamless backdrop with a soft light, and a plinth's floor."""
    light, rng = s.light, s.rng
    hue = rng.random()
    tints: tuple[Colour, ...] = ((0.96, 0.86, 0.78), (0.80, 0.88, 0.94), (0.93, 0.84, 0.90), (0.86, 0.92, 0.84))
    tone = tints[int(hue * len(tints))]
    dim = 0.35 if light.night else 1.0
    canvas = s.canvas(30.0)
    canvas.fill(
        [
            (0, mix((0, 0, 0), tone, 0.58 * dim)),
            (0.55, mix((0, 0, 0), tone, 0.86 * dim)),
            (1, mix((0, 0, 0), tone, 0.80 * dim)),
        ],
        rng,
    )
    canvas.glow(0, -0.05, 0.6, (1, 1, 1), 0.07 * dim, 1.5)
    s.add(canvas, 30.0, sharp=True)
    floor = s.floor_canvas()
    below = (floor.ys - s.horizon)[:, None]
    seam = np.clip(below / 0.10, 0, 1)
    colour = (
        np.array(mix((0, 0, 0), tone, 0.80 * dim), np.float32)[None, None, :]
        * (0.93 + 0.07 * np.exp(-((floor.xs / 0.8) ** 2)))[None, :, None]
    )
    floor.rgba[..., :3] = np.clip(
        colour * 255 * (1 - 0.06 * seam[..., None]) + rng.random((floor.height, 1, 1)), 0, 255
    )
    floor.rgba[..., 3] = np.clip(seam * 255, 0, 255)
    rgb = floor.rgba[..., :3].astype(np.float32) * seam[..., None]
    floor.rgba[..., :3] = rgb.astype(np.uint8)
    s.add_floor(floor, opaque=False)
    s.stage_here()
