"""What comes out of things: steam, smoke, flames, sparks, drops, light, and the pieces of what breaks.

Each is a small picture that is shown several times, every time at another point of its way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from opendance.engines.previs.blocking import Spot
from opendance.engines.previs.colour import Colour, mix
from opendance.engines.previs.happenings import Happening, breaks_at
from opendance.engines.previs.motion import GOLDEN_ANGLE
from opendance.engines.previs.paint import Canvas
from opendance.engines.previs.plates import Placement, Plate
from opendance.engines.previs.scenery.ground import FilmSet

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.float32]
Motion = Callable[[float], Placement]
_BEFORE = 0.004  # depth over that of what it comes from: it is seen before it
_PIECES = 14
_GRAVITY = 1.5  # picture heights a second squared: what is small falls as slowly as what is large is seen to


def emitted(happening: Happening, film_set: FilmSet, spot: Spot, width: float, motion: Motion) -> list[Plate]:
    """The plates of what comes out of something while it happens.

    Args:
        width: of it, picture heights.
        motion: of it: what comes out goes along.
    """
    light = film_set.light
    steam = mix(light.ambient, (1.0, 1.0, 1.0), 0.7)
    match happening:
        case "steam":
            return _puffs(film_set, spot, width, motion, steam, count=6, rise=0.42, size=0.11, strength=0.34)
        case "smoke":
            dark = mix(light.haze, (0.22, 0.21, 0.22), 0.7)
            return _puffs(film_set, spot, width, motion, dark, count=7, rise=0.8, size=0.17, strength=0.72)
        case "erupt":
            dark = mix(light.haze, (0.20, 0.17, 0.17), 0.8)
            smoke = _puffs(film_set, spot, width * 0.5, motion, dark, count=7, rise=0.7, size=0.22, strength=0.6)
            return smoke + _thrown(
                film_set, spot, motion, (1.0, 0.45, 0.12), count=12, top=0.95, speed=0.75, glows=True
            )
        case "splash":
            return _thrown(film_set, spot, motion, steam, count=12, top=0.10, speed=0.55, glows=False)
        case "drip":
            return _drops(film_set, spot, width, motion, steam)
        case "burn":
            return _flames(film_set, spot, width, motion)
        case "glow":
            return [_halo(film_set, spot, motion, mix(light.key, (1.0, 0.90, 0.62), 0.7))]
        case "sparkle":
            return _glints(film_set, spot, width, motion)
        case _:
            return []


def _density(film_set: FilmSet) -> float:
    return film_set.resolution * film_set.detail


def _plate(canvas: Canvas, spot: Spot, motion: Motion, anchor: tuple[float, float] = (0.0, 0.0)) -> Plate:
    return Plate(
        canvas.pixels(), canvas.left, canvas.top, canvas.density, spot.depth - _BEFORE, anchor=anchor, motion=motion
    )


def _many(plate: Plate, motions: Sequence[Motion]) -> list[Plate]:
    return [replace(plate, motion=motion) for motion in motions]


def _light(canvas: Canvas, radius: float, colour: Colour, strength: float, y: float = 0.0) -> None:
    """Light around (0, y) that ends at `radius`: a small picture shows no edge of it."""
    away = np.hypot(canvas.xs[None, :], canvas.ys[:, None] - y) / radius
    add = (np.clip(1 - away, 0, 1) ** 2 * strength * 255)[..., None] * np.array(colour, np.float32)
    canvas.rgba[..., :3] = np.clip(canvas.rgba[..., :3] + add, 0, 255).astype(np.uint8)


def _puffs(
    film_set: FilmSet, spot: Spot, width: float, motion: Motion, colour: Colour, *,
    count: int, rise: float, size: float, strength: float,
) -> list[Plate]:  # fmt: skip
    """Soft puffs that rise from its top, grow and fade."""
    radius = max(0.03, size * max(spot.height, 0.18))
    canvas = Canvas((-radius, -radius, radius, radius), max(24.0, _density(film_set) * 0.4))
    away = np.hypot(canvas.xs[None, :], canvas.ys[:, None]) / radius
    canvas.blend(colour, (np.clip(1 - away, 0, 1) ** 1.4).astype(np.float32))
    reach = rise * max(spot.height, 0.25)

    def going(k: int) -> Motion:
        turn = k * GOLDEN_ANGLE

        def motion_of(t: float) -> Placement:
            life = (t / 2.6 + k / count) % 1
            at = motion(t)
            grown = 0.55 + 1.1 * life
            return Placement(
                x=spot.x + at.x + width * 0.22 * float(np.sin(turn)) + 0.10 * reach * float(np.sin(3 * life + turn)),
                y=spot.foot - spot.height * 0.92 + at.y - reach * life,
                scale_x=grown, scale_y=grown, opacity=strength * float(np.sin(np.pi * life)) * at.opacity,
                visible=at.visible,
            )  # fmt: skip

        return motion_of

    return _many(_plate(canvas, spot, motion), [going(k) for k in range(count)])


def _thrown(
    film_set: FilmSet, spot: Spot, motion: Motion, colour: Colour, *, count: int, top: float, speed: float, glows: bool
) -> list[Plate]:
    """Drops or sparks that are thrown up and fall."""
    radius = max(0.008, 0.035 * spot.height)
    canvas = Canvas((-radius * 2, -radius * 2, radius * 2, radius * 2), max(24.0, _density(film_set)))
    if glows:
        _light(canvas, radius * 2, colour, 1.0)
        canvas.ellipse(0, 0, radius * 0.5, radius * 0.5, (1.0, 0.9, 0.6))
    else:
        canvas.ellipse(0, 0, radius, radius * 1.15, colour)
    high = speed * max(0.3, spot.height)

    def going(k: int) -> Motion:
        turn = k * GOLDEN_ANGLE
        sideways, up = 0.5 * float(np.sin(turn)), 0.75 + 0.35 * float(np.cos(2.1 * turn))

        def motion_of(t: float) -> Placement:
            life = (t / 1.25 + k / count) % 1
            at = motion(t)
            return Placement(
                x=spot.x + at.x + sideways * high * life * 1.6,
                y=spot.foot - spot.height * top + at.y - high * up * (2.4 * life - 2.6 * life * life),
                opacity=1 - life**3, visible=at.visible,
            )  # fmt: skip

        return motion_of

    return _many(_plate(canvas, spot, motion), [going(k) for k in range(count)])


def _drops(film_set: FilmSet, spot: Spot, width: float, motion: Motion, colour: Colour) -> list[Plate]:
    radius = max(0.006, 0.028 * spot.height)
    canvas = Canvas((-radius * 1.4, -radius * 2.4, radius * 1.4, radius * 1.4), max(24.0, _density(film_set)))
    canvas.ellipse(0, 0, radius, radius, colour)
    canvas.polygon([(-radius * 0.8, -radius * 0.4), (0, -radius * 2.2), (radius * 0.8, -radius * 0.4)], colour)

    def going(k: int) -> Motion:
        def motion_of(t: float) -> Placement:
            life = (t / 1.1 + k / 4) % 1
            at = motion(t)
            fall = max(0.0, life - 0.3) ** 2 * 1.9
            return Placement(
                x=spot.x + at.x + width * 0.3 * float(np.sin(k * GOLDEN_ANGLE + 1)),
                y=spot.foot - 0.42 * spot.height + at.y + fall * 0.42 * spot.height / 0.93,
                scale_y=0.4 + 0.6 * min(1.0, life * 3.3), opacity=1 if life < 0.95 else 0, visible=at.visible,
            )  # fmt: skip

        return motion_of

    return _many(_plate(canvas, spot, motion), [going(k) for k in range(4)])


def _flames(film_set: FilmSet, spot: Spot, width: float, motion: Motion) -> list[Plate]:
    """Tongues of fire that lick up from it."""
    tall = max(0.06, 0.42 * spot.height)
    wide = max(0.04, min(width, spot.height) * 0.24)
    canvas = Canvas((-wide, -tall, wide, wide), max(24.0, _density(film_set) * 0.5))
    for step in range(6):
        y, size = -tall * 0.72 * step / 6, wide * (0.98 - step / 7)
        _light(canvas, size, (1.0, 0.34, 0.05), 0.42, y)
        _light(canvas, size * 0.6, (1.0, 0.66, 0.16), 0.42, y * 0.8)
    _light(canvas, wide * 0.4, (1.0, 0.9, 0.6), 0.6)
    count = 8

    def going(k: int) -> Motion:
        place, level = (k + 0.5) / count - 0.5, 0.25 + 0.55 * ((k * 0.618) % 1)

        def motion_of(t: float) -> Placement:
            at = motion(t)
            lick = 0.5 + 0.5 * float(np.sin(9.1 * t + k * 2.4)) * float(np.sin(5.3 * t + k))
            return Placement(
                x=spot.x + at.x + width * 0.8 * place, y=spot.foot - spot.height * level + at.y,
                scale_y=0.65 + 0.6 * lick, scale_x=0.9 + 0.2 * lick, shear=0.10 * float(np.sin(3.7 * t + k)),
                opacity=(0.75 + 0.25 * lick) * at.opacity, visible=at.visible,
            )  # fmt: skip

        return motion_of

    return _many(_plate(canvas, spot, motion), [going(k) for k in range(count)])


def _halo(film_set: FilmSet, spot: Spot, motion: Motion, colour: Colour) -> Plate:
    radius = max(0.12, 0.85 * spot.height)
    canvas = Canvas((-radius, -radius, radius, radius), max(24.0, _density(film_set) * 0.25))
    _light(canvas, radius, colour, 0.75)

    def pulsing(t: float) -> Placement:
        at = motion(t)
        pulse = 0.62 + 0.38 * float(np.sin(2.4 * t - 1.2))
        return Placement(
            x=spot.x + at.x, y=spot.foot - spot.height * 0.55 + at.y, opacity=pulse * at.opacity, visible=at.visible
        )

    return _plate(canvas, spot, pulsing)


def _glints(film_set: FilmSet, spot: Spot, width: float, motion: Motion) -> list[Plate]:
    """Stars of light that come and go on it."""
    radius = max(0.02, 0.09 * spot.height)
    canvas = Canvas((-radius, -radius, radius, radius), max(24.0, _density(film_set)))
    _light(canvas, radius * 0.6, (1.0, 0.98, 0.9), 0.9)
    for x, y in ((1.0, 0.06), (0.06, 1.0)):
        canvas.ellipse(0, 0, radius * x, radius * y, (1.0, 1.0, 0.96))
    count = 9

    def going(k: int) -> Motion:
        x, y = 0.42 * float(np.sin(k * GOLDEN_ANGLE)), 0.1 + 0.8 * ((k * 0.618) % 1)

        def motion_of(t: float) -> Placement:
            at = motion(t)
            shine = max(0.0, float(np.sin(3.1 * t + k * 2.2))) ** 3
            return Placement(
                x=spot.x + at.x + width * x, y=spot.foot - spot.height * y + at.y, scale_x=0.3 + shine,
                scale_y=0.3 + shine, angle=0.3 * k, opacity=shine * at.opacity, visible=at.visible,
            )  # fmt: skip

        return motion_of

    return _many(_plate(canvas, spot, motion), [going(k) for k in range(count)])


def flame(film_set: FilmSet, spot: Spot, motion: Motion) -> Plate:
    """The flame under what lifts off."""
    x, foot, height, depth = spot.x, spot.foot, spot.height, spot.depth
    canvas = Canvas((-height * 0.35, -height * 0.1, height * 0.35, height * 0.8), _density(film_set))
    for radius, colour, strength in (
        (0.22, (1.0, 0.40, 0.08), 0.8),
        (0.13, (1.0, 0.72, 0.22), 1.0),
        (0.06, (1.0, 0.98, 0.8), 1.0),
    ):
        for step in range(5):
            canvas.glow(
                -0.02 * step * height, height * (0.02 + 0.09 * step), height * radius * (1 - 0.15 * step), colour,
                strength * (1 - 0.17 * step), 2.0,
            )  # fmt: skip

    def burning(t: float) -> Placement:
        placement = motion(t)
        return Placement(
            x=x + placement.x - height * 0.36, y=foot + placement.y - height * 0.10, angle=0.78,
            scale_y=1 + 0.16 * float(np.sin(47 * t)) + 0.1 * float(np.sin(71 * t)),
        )  # fmt: skip

    return Plate(canvas.pixels(), canvas.left, canvas.top, canvas.density, depth, motion=burning)


def pieces(whole: Plate, spot: Spot, motion: Motion, *, seconds: float, bursts: bool) -> list[Plate]:
    """What is left of something that breaks: pieces that fall to the ground, or fly apart and fade.

    Args:
        whole: the plate that it was until then.
        bursts: they fly apart.
    """
    rows, columns = whole.pixels.shape
    rng = np.random.default_rng(rows * 7919 + columns)
    seeds = np.stack([rng.random(_PIECES) * columns, rng.random(_PIECES) * rows], axis=1)
    x: Places = np.arange(columns, dtype=np.float32)[None, :]
    y: Places = np.arange(rows, dtype=np.float32)[:, None]
    nearest = np.argmin(np.stack([(x - sx) ** 2 + (y - sy) ** 2 for sx, sy in seeds.astype(np.float32)]), axis=0)
    begin = breaks_at(seconds)
    out: list[Plate] = []
    for k in range(_PIECES):
        mask = nearest == k
        mask &= whole.pixels > 0
        if not mask.any():
            continue
        down, across = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        box = (slice(max(0, down[0] - 1), down[-1] + 2), slice(max(0, across[0] - 1), across[-1] + 2))
        part = np.where(mask[box], whole.pixels[box], np.uint32(0))
        left, top = whole.left + box[1].start / whole.density, whole.top + box[0].start / whole.density
        middle = (left + part.shape[1] / whole.density / 2, top + part.shape[0] / whole.density / 2)
        out.append(
            Plate(
                np.ascontiguousarray(part), left, top, whole.density, whole.depth - _BEFORE, anchor=middle,
                motion=_thrown_piece(middle, spot, motion, begin, bursts, float(rng.uniform(-3, 3))),
            )
        )  # fmt: skip
    return out


def _thrown_piece(
    middle: tuple[float, float], spot: Spot, motion: Motion, begin: float, bursts: bool, turn: float
) -> Motion:
    height = max(0.05, spot.height)
    out, up = (middle[0] - spot.x) / height, (spot.foot - middle[1]) / height
    speed = (2.6 if bursts else 0.45) * height
    ground = max(0.0, spot.foot - middle[1] - 0.03 * height * (1 + abs(turn)))

    def flying(t: float) -> Placement:
        age = t - begin
        if age < 0:
            return Placement(visible=False)
        at = motion(begin)
        y = -speed * (up - (0.25 if bursts else 0.0)) * age * (1.6 if bursts else 0.2) + _GRAVITY * age * age / 2
        landed = y >= ground
        since = min(age, 0.9)
        fades = max(0.0, 1 - max(0.0, age - 0.7) / 1.2) if bursts else 1.0
        return Placement(
            x=at.x + speed * out * since, y=at.y + (ground if landed else y),
            angle=turn * since * (1.5 if bursts else 0.5), opacity=fades,
        )  # fmt: skip

    return flying


def flash(film_set: FilmSet, spot: Spot, seconds: float) -> Plate:
    """The flash of what bursts."""
    radius = max(0.2, 1.1 * spot.height)
    canvas = Canvas((-radius, -radius, radius, radius), max(24.0, _density(film_set) * 0.25))
    _light(canvas, radius, (1.0, 0.55, 0.18), 1.0)
    _light(canvas, radius * 0.55, (1.0, 0.93, 0.7), 1.0)
    begin = breaks_at(seconds)

    def burst(t: float) -> Placement:
        age = t - begin
        size = 0.3 + 1.1 * min(1.0, max(0.0, age) * 6)
        return Placement(
            x=spot.x, y=spot.foot - spot.height / 2, scale_x=size, scale_y=size,
            opacity=float(np.exp(-max(0.0, age) * 3.2)), visible=0 <= age < 1.6,
        )  # fmt: skip

    return _plate(canvas, spot, burst)
