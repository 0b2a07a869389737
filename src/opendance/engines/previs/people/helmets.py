"""What is on helmets, hoods, masks and headphones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from opendance.engines.previs.people.brush import ON, Brush
from opendance.engines.previs.people.dressed import HEAD
from opendance.engines.previs.people.sheet import Paint, toned
from opendance.engines.previs.people.skeleton import Vector

_GOLD: Paint = (240, 194, 60)
_BLACK: Paint = (32, 32, 38)


def _strap(b: Brush) -> None:
    for side in (-1.0, 1.0):
        places = [
            b.ball.place(side * a, e, 1.04)
            for a, e in ((84, 0), (70, -40), (30, -66))
            if b.ball.facing(side * a) > -0.1
        ]
        if len(places) > 1:
            b.sheet.stroke(HEAD + 0.0046, places, b.unit * 0.06, b.second)


def _ridge(b: Brush) -> None:
    places = [b.ball.place(0, float(e), b.hat.thick + 0.03) for e in np.linspace(30, 150, 13)]
    b.sheet.stroke(ON + 2e-4, places if b.ball.facing(0) > -0.4 else places[6:], b.unit * 0.13, b.second)


def _shield(b: Brush) -> None:
    b.front([(-0.3, 0.95, 1.0), (0.3, 0.95, 1.0), (0.34, 0.55, 1.2), (0, 0.38, 1.25), (-0.34, 0.55, 1.2)], b.second)


def _stripes(b: Brush) -> None:
    for azimuth in (-30, 0, 30):
        places = [b.ball.place(azimuth, float(e), b.hat.thick + 0.02) for e in np.linspace(42, 86, 5)]
        if b.ball.facing(azimuth) > 0:
            b.sheet.stroke(ON + 2e-4, places, b.unit * 0.10, b.second)


def _goggles(b: Brush) -> None:
    b.strip((-180, 180), 40, 0.14, b.second)
    for side in (-24.0, 24.0):
        if b.ball.facing(side) > 0.1:
            b.disc(side, 42, b.hat.thick + 0.03, 0.30, (180, 140, 84))
            b.disc(side, 42, b.hat.thick + 0.03, 0.20, (150, 200, 220), 4e-4)


def _plume(b: Brush) -> None:
    base = np.array(b.ball.place(180, 80, 1.12))
    back = np.array(b.ball.place(180, 30, 1.9)) - np.array(b.ball.place(0, 30, 0.0))
    back = back if np.hypot(*back) > b.unit else np.array([b.unit * 0.5, b.unit * 0.4])
    tip = base + back * 0.42 + np.array([0.0, b.unit * 0.1])
    middle = base + back * 0.2 + np.array([0.0, b.unit * 0.5])
    places = [(float(p[0]), float(p[1])) for p in (base, middle, tip)]
    b.sheet.capsule(ON + 5e-5, places[0], b.unit * 0.14, places[1], b.unit * 0.26, (190, 34, 46))
    b.sheet.capsule(ON + 5e-5, places[1], b.unit * 0.26, places[2], b.unit * 0.16, (190, 34, 46))


def _slit(b: Brush) -> None:
    """A visor with holes over the lower face, that leaves the eyes."""
    azimuths = b.ball.clamped(np.array([-62, -40, 0, 40, 62, 62, 30, 0, -30, -62], float))
    elevations = np.array([-14, -16, -20, -16, -14, -60, -72, -76, -72, -60], float)
    if b.ball.facing(0) < -0.3:
        return
    b.sheet.polygon(ON + 2e-4, b.ball.points(azimuths, elevations, 1.17), toned(b.colour, 0.92))
    for azimuth in (-24, -8, 8, 24):
        for elevation in (-34, -50):
            b.disc(azimuth, elevation, 1.17, 0.055, (70, 76, 86))


def _horns(b: Brush) -> None:
    centre = b.ball.local(np.array([[0.0, 0.62, 1.2]]))[0]
    for side in (-1.0, 1.0):
        tip = b.ball.local(np.array([[side * 0.95, 1.75, 1.0]]))[0]
        bend = b.ball.local(np.array([[side * 0.62, 0.92, 1.1]]))[0]
        places = [(float(q[0]), float(q[1])) for q in (centre, bend, tip)]
        if b.ball.facing(0) > -0.2:
            b.sheet.capsule(ON + 3e-4, places[0], b.unit * 0.10, places[1], b.unit * 0.10, b.second)
            b.sheet.capsule(ON + 3e-4, places[1], b.unit * 0.10, places[2], b.unit * 0.03, b.second)
    if b.ball.facing(0) > 0:
        b.sheet.disc(ON + 4e-4, (float(centre[0]), float(centre[1])), b.unit * 0.16, b.second)


def _neck_guard(b: Brush) -> None:
    around = np.radians(np.linspace(70, 290, 12))
    for k, (up, wide) in enumerate(((-0.30, 1.32), (-0.62, 1.48))):
        rows = np.stack([np.sin(around) * wide, np.full(12, up), np.cos(around) * wide], axis=1)
        low = rows - np.array([0.0, 0.26, 0.0])
        order = HEAD - 0.004 - k * 1e-4 if b.ball.facing(0) > -0.3 else ON + 2e-4
        b.sheet.hull(order, b.ball.local(np.concatenate([rows, low])), toned((125, 37, 48), 1.0 - 0.1 * k))


def _crest(b: Brush) -> None:
    places = [b.ball.place(0, float(e), 1.36) for e in np.linspace(40, 165, 12)]
    b.sheet.stroke(ON + 5e-5, places, b.unit * 0.44, b.second)


def _ox_horns(b: Brush) -> None:
    for side in (-90.0, 90.0):
        if b.ball.facing(side) < -0.7:
            continue
        start, bend, tip = (b.ball.place(side, e, r) for e, r in ((34, 1.1), (34, 1.62), (56, 2.0)))
        b.sheet.capsule(ON + 5e-5, start, b.unit * 0.20, bend, b.unit * 0.15, b.second)
        b.sheet.capsule(ON + 5e-5, bend, b.unit * 0.15, tip, b.unit * 0.03, b.second)


def _mask(b: Brush) -> None:
    around = b.ball.clamped(np.linspace(-90, 90, 13))
    low = b.ball.points(around[::-1], np.full(13, -78.0), 1.06)
    b.sheet.polygon(ON, np.concatenate([b.ball.points(around, np.full(13, -14.0), 1.07), low]), b.colour)
    if b.ball.facing(0) < 0.3:
        b.sheet.polygon(ON, b.ball.cap(((0, 90), (70, 90), (82, -70), (180, -70)), 1.07), b.colour)


def _coif(b: Brush) -> None:
    """White linen around the face."""
    if b.ball.facing(0) < -0.2:
        return
    for points in (
        ((-50, 4), (-40, 32), (0, 42), (40, 32), (50, 4)),
        ((-52, 4), (-46, -40), (0, -66), (46, -40), (52, 4)),
    ):
        places = [b.ball.place(float(b.ball.clamped(np.array([a]))[0]), e, 1.08) for a, e in points]
        b.sheet.stroke(ON + 3e-4, places, b.unit * 0.2, b.second)


def _headphones(b: Brush) -> None:
    arc = [b.ball.place(90 if e < 90 else -90, float(e if e < 90 else 180 - e), 1.2) for e in np.linspace(0, 180, 15)]
    b.sheet.stroke(ON + 1e-4, arc, b.unit * 0.13, b.colour)
    for side in (-90.0, 90.0):
        facing = b.ball.facing(side)
        if facing > -0.35:
            x, y = b.ball.place(side, -6, 1.12)
            b.sheet.ellipse(
                ON + 2e-4, (x, y), (b.unit * (0.18 + 0.16 * max(0.0, facing)), b.unit * 0.36), b.ball.angle, b.colour
            )
            b.sheet.ellipse(
                ON + 3e-4, (x, y), (b.unit * (0.08 + 0.12 * max(0.0, facing)), b.unit * 0.24), b.ball.angle, b.second
            )


def _headband(b: Brush) -> None:
    b.strip((-180, 180), 30, 0.20, b.colour)


def _swim_goggles(b: Brush) -> None:
    b.strip((-180, 180), 6, 0.07, _BLACK)
    for side in (-25.0, 25.0):
        b.disc(side, 3, 1.06, 0.22, _BLACK)
        b.disc(side, 3, 1.06, 0.15, (120, 190, 220), 4e-4)


def _mask_of(b: Brush, colour: Paint, frame: Paint, low: float, high: float) -> None:
    if b.ball.facing(0) < -0.2:
        b.strip((-180, 180), (low + high) / 2, 0.12, frame)
        return
    azimuths = b.ball.clamped(np.array([-52, -46, 0, 46, 52, 44, 10, 0, -10, -44], float))
    elevations = np.array([low + 8, high - 4, high, high - 4, low + 8, low, low + 2, low + 7, low + 2, low], float)
    shape = b.ball.points(azimuths, elevations, 1.12)
    b.sheet.polygon(ON + 3e-4, shape, colour)
    b.sheet.stroke(ON + 4e-4, np.concatenate([shape, shape[:1]]), b.unit * 0.10, frame)
    b.strip((60, 180), (low + high) / 2, 0.10, frame)
    b.strip((-180, -60), (low + high) / 2, 0.10, frame)


def _diving_mask(b: Brush) -> None:
    _mask_of(b, (150, 206, 226), (224, 184, 60), -20, 30)
    if b.ball.facing(0) > -0.1:
        side = b.ball.place(62, -10, 1.15)
        b.sheet.stroke(
            ON + 3e-4,
            [b.ball.place(10, -44, 1.1), b.ball.place(50, -40, 1.15), side, b.ball.place(80, 60, 1.4)],
            b.unit * 0.12,
            (240, 196, 60),
        )


def _ski_goggles(b: Brush) -> None:
    _mask_of(b, (236, 130, 60), (44, 48, 58), -8, 24)


def _space_helmet(b: Brush) -> None:
    x, y = b.ball.centre
    radius = float(b.ball.radii[1]) * 1.34
    b.sheet.disc(HEAD - 0.003, (x, y), radius, b.colour)
    around = np.linspace(-58, 58, 15)
    turned = b.ball.clamped(around)
    if b.ball.facing(0) < -0.25:
        b.sheet.disc(ON, (x, y), radius, b.colour)
        return
    curve = 1 - (around / 58) ** 4
    shape = np.concatenate(
        [b.ball.points(turned, 46 * curve + 4, 1.24), b.ball.points(turned[::-1], -52 * curve[::-1] - 2, 1.24)]
    )
    rim = shape.mean(axis=0) + (shape - shape.mean(axis=0)) * 1.12
    # The face is seen through an opening: the shell is drawn as a ring around it.
    outline = np.stack(
        [np.cos(np.linspace(0, 2 * np.pi, 49)), np.sin(np.linspace(0, 2 * np.pi, 49))], axis=1
    ) * radius + (x, y)
    _with_hole(b, outline, rim)
    b.sheet.stroke(ON + 2e-4, np.concatenate([rim, rim[:1]]), b.unit * 0.12, toned(b.colour, 0.8))
    b.sheet.capsule(
        ON + 3e-4,
        b.ball.place(float(b.ball.clamped(np.array([-30.0]))[0]), 34, 1.24),
        b.unit * 0.05,
        b.ball.place(float(b.ball.clamped(np.array([-44.0]))[0]), 8, 1.24),
        b.unit * 0.05,
        (255, 255, 255),
    )


def _with_hole(b: Brush, outline: Vector, hole: Vector) -> None:
    """The shell of a helmet without what is seen through its opening."""
    middle = hole.mean(axis=0)
    angles = np.arctan2(hole[:, 1] - middle[1], hole[:, 0] - middle[0])
    order = np.argsort(angles)
    around = np.linspace(-np.pi, np.pi, 73)
    reach = np.hypot(*(hole - middle).T)
    ways, lengths = angles[order], reach[order]
    inner = np.asarray(np.interp(around, ways, lengths, period=2 * np.pi), np.float64)  # pyright: ignore[reportUnknownArgumentType]
    centre = outline.mean(axis=0)
    radius = float(np.hypot(*(outline[0] - centre)))
    rays = np.stack([np.cos(around), np.sin(around)], axis=1)
    near, far = middle + np.reshape(inner, (-1, 1)) * rays, centre + radius * rays
    for k in range(72):
        b.sheet.polygon(ON + 1e-4, np.concatenate([near[k : k + 2], far[k : k + 2][::-1]]), b.colour)


def _antenna(b: Brush) -> None:
    low, high = b.ball.local(np.array([[0.0, 0.95, 0.0]]))[0], b.ball.local(np.array([[0.0, 1.42, 0.0]]))[0]
    b.sheet.stroke(
        ON - 0.004, [(float(low[0]), float(low[1])), (float(high[0]), float(high[1]))], b.unit * 0.10, b.colour
    )
    b.sheet.disc(ON, (float(high[0]), float(high[1])), b.unit * 0.16, b.second)


HELMET_DETAILS: dict[str, Callable[[Brush], None]] = {
    "strap": _strap,
    "ridge": _ridge,
    "shield": _shield,
    "stripes": _stripes,
    "goggles": _goggles,
    "plume": _plume,
    "slit": _slit,
    "horns": _horns,
    "neck_guard": _neck_guard,
    "crest": _crest,
    "ox_horns": _ox_horns,
    "mask": _mask,
    "coif": _coif,
    "headphones": _headphones,
    "headband": _headband,
    "swim_goggles": _swim_goggles,
    "diving_mask": _diving_mask,
    "ski_goggles": _ski_goggles,
    "space_helmet": _space_helmet,
    "antenna": _antenna,
}
