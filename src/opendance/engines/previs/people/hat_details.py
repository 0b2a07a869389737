"""What is on hats and crowns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from opendance.engines.previs.people.brush import ON, Brush
from opendance.engines.previs.people.dressed import HEAD, star
from opendance.engines.previs.people.sheet import Paint, toned

_GOLD: Paint = (240, 194, 60)
_BLACK: Paint = (32, 32, 38)


def _band(b: Brush) -> None:
    b.strip((-180, 180), float(np.mean([e for _, e in b.hat.line])) + 4, 0.24, b.second)


def _ribbon(b: Brush) -> None:
    (low, radius), (high, at_high) = b.hat.rings[0], b.hat.rings[1]
    share = min(1.0, 0.2 / (high - low))
    b.band(low + 0.02, low + 0.22, radius + 0.012, radius + (at_high - radius) * share + 0.012, b.second, 2e-4)


def _low_band(b: Brush) -> None:
    b.band(b.hat.rings[0][0], b.hat.rings[0][0] + 0.16, 1.01, 1.02, toned(b.colour, 0.6), 2e-4)


def _rows(b: Brush) -> None:
    (low, wide), (high, narrow) = b.hat.rings[0], b.hat.rings[-1]
    for share in (0.25, 0.5, 0.72):
        h, r = low + (high - low) * share, wide + (narrow - wide) * share
        b.band(h, h + 0.035, r + 0.01, r - 0.02, b.second, 2e-4)


def _toque(b: Brush) -> None:
    b.band(0.40, 0.60, 0.97, 0.98, toned(b.second, 0.97), 2e-4)
    for azimuth in (b.ball.azimuth - 75, b.ball.azimuth + 75, b.ball.azimuth - 30, b.ball.azimuth + 30, b.ball.azimuth):
        a = np.radians(azimuth)
        x, y = b.ball.local(np.array([[np.sin(a) * 0.66, 1.28, np.cos(a) * 0.66]]))[0]
        b.sheet.disc(ON + 1.5e-4, (float(x), float(y)), b.unit * 0.52, b.colour)


def _points(b: Brush) -> None:
    for azimuth in np.arange(0, 360, 45.0):
        if b.ball.facing(float(azimuth)) < -0.15:
            continue
        a = np.radians(azimuth)
        ring = [[np.sin(a + s) * 0.97, 0.92, np.cos(a + s) * 0.97] for s in (-0.34, 0.34)]
        tip = [np.sin(a) * 1.08, 1.42, np.cos(a) * 1.08]
        shape = b.ball.local(np.array([ring[0], tip, ring[1]]))
        b.sheet.polygon(ON + 1e-4, shape, b.colour)
        b.sheet.disc(ON + 3e-4, (float(shape[1][0]), float(shape[1][1])), b.unit * 0.09, b.second)
    b.band(0.56, 0.66, 0.92, 0.94, toned(b.colour, 0.85), 2e-4)


def _tiara(b: Brush) -> None:
    for azimuth, high in ((-40, 1.0), (-20, 1.15), (0, 1.38), (20, 1.15), (40, 1.0)):
        a = np.radians(azimuth)
        if b.ball.facing(azimuth) > 0:
            shape = [[np.sin(a + s) * 0.86, 0.66, np.cos(a + s) * 0.86] for s in (-0.2, 0.2)]
            tip = [np.sin(a) * 0.86, high, np.cos(a) * 0.86]
            b.sheet.polygon(ON + 1e-4, b.ball.local(np.array([shape[0], tip, shape[1]])), b.colour)
            x, y = b.ball.local(np.array([tip]))[0]
            b.sheet.disc(ON + 3e-4, (float(x), float(y)), b.unit * 0.07, b.second)


def _blossoms(b: Brush) -> None:
    for k, azimuth in enumerate(np.arange(-80, 81, 32.0)):
        b.disc(float(azimuth), 34 if b.hat.rings else 46, 1.14, 0.19, b.second if k % 2 else (250, 240, 214))
        b.disc(float(azimuth), 34 if b.hat.rings else 46, 1.14, 0.07, _GOLD, 4e-4)


def _pompom(b: Brush) -> None:
    b.disc(0, 90, b.hat.thick + 0.18, 0.34, b.second if b.hat.second != b.colour else toned(b.colour, 1.3))


def _hat_stars(b: Brush) -> None:
    for height, radius, azimuth in ((0.62, 0.86, -25), (0.95, 0.70, 30), (1.35, 0.48, -10)):
        a = np.radians(azimuth)
        if b.ball.facing(azimuth) > 0.1:
            x, y = b.ball.local(np.array([[np.sin(a) * radius, height, np.cos(a) * radius]]))[0]
            star(b.sheet, ON + 3e-4, (float(x), float(y)), b.unit * 0.17, b.second)


def _fur_band(b: Brush) -> None:
    b.sheet.blob(ON + 2e-4, [((float(x), float(y)), b.unit * 0.12) for x, y in b.ball.ring(0.40, 1.04)], b.second)


def _bobble(b: Brush) -> None:
    top = np.array(b.ball.local(np.array([[0.0, 1.28, 0.0]]))[0])
    end = b.ball.local(np.array([[0.9, 1.0, -0.45]]))[0]
    middle = (top + end) / 2 + np.array([0, b.unit * 0.18])
    places = [(float(q[0]), float(q[1])) for q in (top, middle, end)]
    b.sheet.capsule(ON + 1.5e-4, places[0], b.unit * 0.36, places[1], b.unit * 0.24, b.colour)
    b.sheet.capsule(ON + 1.5e-4, places[1], b.unit * 0.24, places[2], b.unit * 0.12, b.colour)
    b.sheet.disc(ON + 3e-4, places[2], b.unit * 0.24, b.second)


def _wrap(b: Brush) -> None:
    for low, high in ((26, 58), (40, 72), (22, 44)):
        places = [
            b.ball.place(float(a), float(e), b.hat.thick)
            for a, e in zip(np.linspace(-80, 80, 9) + b.ball.azimuth, np.linspace(low, high, 9), strict=True)
        ]
        b.sheet.stroke(ON + 2e-4, places, b.unit * 0.08, b.second)
    b.disc(0, 38, b.hat.thick, 0.14, (60, 120, 190))


def _board(b: Brush) -> None:
    corners = [[-1.35, 1.06, 0.0], [0.0, 1.06, 1.35], [1.35, 1.06, 0.0], [0.0, 1.06, -1.35]]
    low = [[x, y - 0.07, z] for x, y, z in corners]
    b.sheet.hull(ON + 2e-4, b.ball.local(np.array(corners + low)), b.colour)
    places = [b.ball.local(np.array([q]))[0] for q in ([0.0, 1.08, 0.0], [1.1, 1.06, 0.25], [1.14, 0.5, 0.3])]
    b.sheet.stroke(ON + 3e-4, [(float(x), float(y)) for x, y in places], b.unit * 0.07, b.second)
    b.sheet.disc(ON + 4e-4, (float(places[2][0]), float(places[2][1])), b.unit * 0.11, b.second)


def _cross(b: Brush) -> None:
    b.front([(-0.07, 1.08, 0.8), (0.07, 1.08, 0.8), (0.07, 0.82, 0.76), (-0.07, 0.82, 0.76)], b.second)
    b.front([(-0.15, 1.01, 0.8), (0.15, 1.01, 0.8), (0.15, 0.89, 0.76), (-0.15, 0.89, 0.76)], b.second)


def _cap_badge(b: Brush) -> None:
    if b.ball.facing(0) > 0.1:
        x, y = b.ball.local(np.array([[0.0, 0.72, 1.14]]))[0]
        b.sheet.disc(ON + 3e-4, (float(x), float(y)), b.unit * 0.15, b.second)


def _tricorn(b: Brush) -> None:
    corners = [
        (-1.75, 0.50, 0.2),
        (-1.0, 1.12, 0.95),
        (0.0, 1.32, 1.1),
        (1.0, 1.12, 0.95),
        (1.75, 0.50, 0.2),
        (0.9, 0.36, 0.95),
        (0.0, 0.30, 1.1),
        (-0.9, 0.36, 0.95),
    ]
    if b.ball.facing(0) > -0.2:
        b.front(corners, toned(b.colour, 1.08), 2e-4)
        b.sheet.stroke(ON + 2.5e-4, b.ball.local(np.array(corners[:5])), b.unit * 0.08, _GOLD)
    back = [(x, y, -z) for x, y, z in corners]
    if b.ball.facing(0) < 0.5:
        b.sheet.polygon(
            ON + (2e-4 if b.ball.facing(0) < 0 else 0.0), b.ball.local(np.array(back)), toned(b.colour, 1.04)
        )


def _skull(b: Brush) -> None:
    if b.ball.facing(0) < 0.2:
        return
    x, y = (float(v) for v in b.ball.local(np.array([[0.0, 0.86, 1.1]]))[0])
    b.sheet.disc(ON + 4e-4, (x, y), b.unit * 0.20, b.second)
    b.sheet.ellipse(ON + 4e-4, (x, y - b.unit * 0.17), (b.unit * 0.12, b.unit * 0.10), 0, b.second)
    for side in (-1, 1):
        b.sheet.disc(ON + 5e-4, (x + side * b.unit * 0.075, y), b.unit * 0.055, _BLACK)


def _knot(b: Brush) -> None:
    x, y = b.ball.place(150, 0, 1.12)
    order = ON + 2e-4 if b.ball.facing(150) > 0 else HEAD - 0.004
    b.sheet.disc(order, (x, y), b.unit * 0.14, b.colour)
    b.sheet.capsule(order, (x, y), b.unit * 0.1, (x - b.unit * 0.25, y - b.unit * 0.5), b.unit * 0.14, b.colour)


def _spots(b: Brush) -> None:
    for azimuth, elevation in ((-50, 36), (-20, 46), (15, 38), (48, 48), (0, 66), (90, 40), (-90, 44)):
        b.disc(azimuth, elevation, b.hat.thick, 0.065, b.second)


def _beret(b: Brush) -> None:
    rings = np.concatenate(
        [
            b.ball.ring(0.52, 1.0),
            b.ball.ring(0.86, 1.32) + np.array([-b.unit * 0.12, 0.0]),
            b.ball.ring(1.12, 0.8) + np.array([-b.unit * 0.18, 0.0]),
        ]
    )
    b.sheet.hull(ON + 2e-4, rings, b.colour)
    x, y = b.ball.local(np.array([[-0.1, 1.2, 0.0]]))[0]
    b.sheet.disc(ON + 3e-4, (float(x), float(y)), b.unit * 0.07, b.second)


HAT_DETAILS: dict[str, Callable[[Brush], None]] = {
    "band": _band,
    "ribbon": _ribbon,
    "low_band": _low_band,
    "rows": _rows,
    "toque": _toque,
    "points": _points,
    "tiara": _tiara,
    "blossoms": _blossoms,
    "pompom": _pompom,
    "hat_stars": _hat_stars,
    "fur_band": _fur_band,
    "bobble": _bobble,
    "wrap": _wrap,
    "board": _board,
    "cross": _cross,
    "cap_badge": _cap_badge,
    "tricorn": _tricorn,
    "skull": _skull,
    "knot": _knot,
    "dots": _spots,
    "beret": _beret,
}
