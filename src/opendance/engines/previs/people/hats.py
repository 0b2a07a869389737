"""What is worn on heads."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np

from opendance.engines.previs.people.garments import HEAD, Dressed, star
from opendance.engines.previs.people.sheet import Paint, toned
from opendance.engines.previs.people.skeleton import Vector
from opendance.engines.previs.people.surface import Ball
from opendance.engines.previs.people.tables import Hat, heads

_ON = HEAD + 0.0060  # over hair and face
_BEHIND = -0.018
_GOLD: Paint = (240, 194, 60)
_BLACK: Paint = (32, 32, 38)


class _Brush:
    """Draws on a head, in the colours of one hat."""

    def __init__(self, d: Dressed, ball: Ball, hat: Hat, colour: Paint) -> None:
        self.d, self.ball, self.hat, self.colour = d, ball, hat, colour
        self.sheet, self.unit = d.sheet, ball.across
        self.second = hat.second

    def band(self, low: float, high: float, at_low: float, at_high: float, colour: Paint, over: float) -> None:
        """A part of a cone around the head's axis."""
        rings = np.concatenate([self.ball.ring(low, at_low), self.ball.ring(high, at_high)])
        self.sheet.hull(_ON + over, rings, colour)

    def disc(
        self, azimuth: float, elevation: float, distance: float, radius: float, colour: Paint, over: float = 3e-4
    ) -> None:
        """A ball on it, where it is seen."""
        if self.ball.facing(azimuth) > 0.02 or elevation > 75:
            self.sheet.disc(_ON + over, self.ball.place(azimuth, elevation, distance), self.unit * radius, colour)

    def front(self, corners: list[tuple[float, float, float]], colour: Paint, over: float = 3e-4) -> None:
        """A shape of (left, up, forward) corners; it is seen from the front only."""
        if self.ball.facing(0) > -0.1:
            self.sheet.polygon(_ON + over, self.ball.local(np.array(corners)), colour)

    def strip(
        self, azimuths: tuple[float, float], elevation: float, width: float, colour: Paint, over: float = 2e-4
    ) -> None:
        """A line along a circle of latitude."""
        around = np.linspace(*azimuths, 15)
        seen = [
            self.ball.place(float(a), elevation, self.hat.thick + 0.01)
            for a in around
            if self.ball.facing(float(a)) > -0.05
        ]
        if len(seen) > 1:
            self.sheet.stroke(_ON + over, seen, self.unit * width, colour)


def draw_hat(d: Dressed) -> None:
    """The hat of a look."""
    if d.look.hat is None:
        return
    hat = heads().hats[d.look.hat.name]
    b = _Brush(d, Ball(d.skeleton, d.camera), hat, d.look.hat.colour)
    if hat.back:
        _falling(b, hat)
    if hat.brim is not None:
        height, radius, drop = hat.brim
        ring = b.ball.ring(height, radius, drop=drop)
        low = b.ball.ring(height - 0.07, radius * 0.99, drop=drop)
        d.sheet.polygon(_ON, ring, toned(b.colour, 0.84))
        d.sheet.hull(_ON, np.concatenate([ring, low]), toned(b.colour, 0.84))
    if hat.line:
        d.sheet.polygon(_ON + 1e-4, b.ball.cap(hat.line, hat.thick, inner=hat.thick - 0.02), b.colour)
    if hat.visor:
        _visor(b, hat)
    for k, ((low, at_low), (high, at_high)) in enumerate(zip(hat.rings, hat.rings[1:], strict=False)):
        b.band(low, high, at_low, at_high, b.colour, 1e-4 + k * 1e-6)
    for detail in hat.details:
        _DETAILS[detail](b)


def _visor(b: _Brush, hat: Hat) -> None:
    if b.ball.facing(0) < -0.35:
        return
    around = np.radians(np.linspace(-62, 62, 11))
    height = hat.line[0][1] / 90 * 1.25 if hat.line else hat.rings[0][0]
    height = min(height, 0.42)
    inner = np.stack([np.sin(around), np.full(11, height), np.cos(around)], axis=1)
    outer = np.stack(
        [np.sin(around) * 1.06, np.full(11, height - 0.08), np.cos(around) * (1 + hat.visor) + 0.1], axis=1
    )
    colour = b.second if b.d.look.hat is None or b.colour == hat.colour else toned(b.colour, 0.78)
    if "low_band" in hat.details:
        colour = _BLACK
    points = np.concatenate([inner, outer])
    thick = np.concatenate([points, points - np.array([0.0, 0.08, 0.0])])
    b.sheet.hull(_ON + 2e-4, b.ball.local(thick), colour)


def _falling(b: _Brush, hat: Hat) -> None:
    away, side = b.ball.facing(0) < -0.3, abs(b.ball.facing(0)) <= 0.35
    around = np.radians(np.linspace(95, 265, 12))
    rows = [
        np.stack([np.sin(around) * wide, np.full(12, up), np.cos(around) * deep - back], axis=1)
        for wide, up, deep, back in ((1.08, 0.3, 1.1, 0.0), (1.16, -0.7, 1.0, 0.1), (1.3, -hat.back, 0.85, 0.25))
    ]
    order = _ON + 2e-4 if away else (HEAD - 0.003 if side else _BEHIND)
    b.sheet.hull(order, b.ball.local(np.concatenate(rows)), toned(b.colour, 0.93))


# ── details ──


def _band(b: _Brush) -> None:
    b.strip((-180, 180), float(np.mean([e for _, e in b.hat.line])) + 4, 0.24, b.second)


def _ribbon(b: _Brush) -> None:
    (low, radius), (high, at_high) = b.hat.rings[0], b.hat.rings[1]
    share = min(1.0, 0.2 / (high - low))
    b.band(low + 0.02, low + 0.22, radius + 0.012, radius + (at_high - radius) * share + 0.012, b.second, 2e-4)


def _low_band(b: _Brush) -> None:
    b.band(b.hat.rings[0][0], b.hat.rings[0][0] + 0.16, 1.01, 1.02, toned(b.colour, 0.6), 2e-4)


def _rows(b: _Brush) -> None:
    (low, wide), (high, narrow) = b.hat.rings[0], b.hat.rings[-1]
    for share in (0.25, 0.5, 0.72):
        h, r = low + (high - low) * share, wide + (narrow - wide) * share
        b.band(h, h + 0.035, r + 0.01, r - 0.02, b.second, 2e-4)


def _toque(b: _Brush) -> None:
    b.band(0.40, 0.60, 0.97, 0.98, toned(b.second, 0.97), 2e-4)
    for azimuth in (b.ball.azimuth - 75, b.ball.azimuth + 75, b.ball.azimuth - 30, b.ball.azimuth + 30, b.ball.azimuth):
        a = np.radians(azimuth)
        x, y = b.ball.local(np.array([[np.sin(a) * 0.66, 1.28, np.cos(a) * 0.66]]))[0]
        b.sheet.disc(_ON + 1.5e-4, (float(x), float(y)), b.unit * 0.52, b.colour)


def _strap(b: _Brush) -> None:
    for side in (-1.0, 1.0):
        places = [
            b.ball.place(side * a, e, 1.04)
            for a, e in ((84, 0), (70, -40), (30, -66))
            if b.ball.facing(side * a) > -0.1
        ]
        if len(places) > 1:
            b.sheet.stroke(HEAD + 0.0046, places, b.unit * 0.06, b.second)


def _ridge(b: _Brush) -> None:
    places = [b.ball.place(0, float(e), b.hat.thick + 0.03) for e in np.linspace(30, 150, 13)]
    b.sheet.stroke(_ON + 2e-4, places if b.ball.facing(0) > -0.4 else places[6:], b.unit * 0.13, b.second)


def _shield(b: _Brush) -> None:
    b.front([(-0.3, 0.95, 1.0), (0.3, 0.95, 1.0), (0.34, 0.55, 1.2), (0, 0.38, 1.25), (-0.34, 0.55, 1.2)], b.second)


def _stripes(b: _Brush) -> None:
    for azimuth in (-30, 0, 30):
        places = [b.ball.place(azimuth, float(e), b.hat.thick + 0.02) for e in np.linspace(42, 86, 5)]
        if b.ball.facing(azimuth) > 0:
            b.sheet.stroke(_ON + 2e-4, places, b.unit * 0.10, b.second)


def _goggles(b: _Brush) -> None:
    b.strip((-180, 180), 40, 0.14, b.second)
    for side in (-24.0, 24.0):
        if b.ball.facing(side) > 0.1:
            b.disc(side, 42, b.hat.thick + 0.03, 0.30, (180, 140, 84))
            b.disc(side, 42, b.hat.thick + 0.03, 0.20, (150, 200, 220), 4e-4)


def _plume(b: _Brush) -> None:
    base = np.array(b.ball.place(180, 80, 1.12))
    back = np.array(b.ball.place(180, 30, 1.9)) - np.array(b.ball.place(0, 30, 0.0))
    back = back if np.hypot(*back) > b.unit else np.array([b.unit * 0.5, b.unit * 0.4])
    tip = base + back * 0.42 + np.array([0.0, b.unit * 0.1])
    middle = base + back * 0.2 + np.array([0.0, b.unit * 0.5])
    places = [(float(p[0]), float(p[1])) for p in (base, middle, tip)]
    b.sheet.capsule(_ON + 5e-5, places[0], b.unit * 0.14, places[1], b.unit * 0.26, (190, 34, 46))
    b.sheet.capsule(_ON + 5e-5, places[1], b.unit * 0.26, places[2], b.unit * 0.16, (190, 34, 46))


def _slit(b: _Brush) -> None:
    """A visor with holes over the lower face, that leaves the eyes."""
    azimuths = b.ball.clamped(np.array([-62, -40, 0, 40, 62, 62, 30, 0, -30, -62], float))
    elevations = np.array([-14, -16, -20, -16, -14, -60, -72, -76, -72, -60], float)
    if b.ball.facing(0) < -0.3:
        return
    b.sheet.polygon(_ON + 2e-4, b.ball.points(azimuths, elevations, 1.17), toned(b.colour, 0.92))
    for azimuth in (-24, -8, 8, 24):
        for elevation in (-34, -50):
            b.disc(azimuth, elevation, 1.17, 0.055, (70, 76, 86))


def _horns(b: _Brush) -> None:
    centre = b.ball.local(np.array([[0.0, 0.62, 1.2]]))[0]
    for side in (-1.0, 1.0):
        tip = b.ball.local(np.array([[side * 0.95, 1.75, 1.0]]))[0]
        bend = b.ball.local(np.array([[side * 0.62, 0.92, 1.1]]))[0]
        places = [(float(q[0]), float(q[1])) for q in (centre, bend, tip)]
        if b.ball.facing(0) > -0.2:
            b.sheet.capsule(_ON + 3e-4, places[0], b.unit * 0.10, places[1], b.unit * 0.10, b.second)
            b.sheet.capsule(_ON + 3e-4, places[1], b.unit * 0.10, places[2], b.unit * 0.03, b.second)
    if b.ball.facing(0) > 0:
        b.sheet.disc(_ON + 4e-4, (float(centre[0]), float(centre[1])), b.unit * 0.16, b.second)


def _neck_guard(b: _Brush) -> None:
    around = np.radians(np.linspace(70, 290, 12))
    for k, (up, wide) in enumerate(((-0.30, 1.32), (-0.62, 1.48))):
        rows = np.stack([np.sin(around) * wide, np.full(12, up), np.cos(around) * wide], axis=1)
        low = rows - np.array([0.0, 0.26, 0.0])
        order = HEAD - 0.004 - k * 1e-4 if b.ball.facing(0) > -0.3 else _ON + 2e-4
        b.sheet.hull(order, b.ball.local(np.concatenate([rows, low])), toned((125, 37, 48), 1.0 - 0.1 * k))


def _crest(b: _Brush) -> None:
    places = [b.ball.place(0, float(e), 1.36) for e in np.linspace(40, 165, 12)]
    b.sheet.stroke(_ON + 5e-5, places, b.unit * 0.44, b.second)


def _ox_horns(b: _Brush) -> None:
    for side in (-90.0, 90.0):
        if b.ball.facing(side) < -0.7:
            continue
        start, bend, tip = (b.ball.place(side, e, r) for e, r in ((34, 1.1), (34, 1.62), (56, 2.0)))
        b.sheet.capsule(_ON + 5e-5, start, b.unit * 0.20, bend, b.unit * 0.15, b.second)
        b.sheet.capsule(_ON + 5e-5, bend, b.unit * 0.15, tip, b.unit * 0.03, b.second)


def _points(b: _Brush) -> None:
    for azimuth in np.arange(0, 360, 45.0):
        if b.ball.facing(float(azimuth)) < -0.15:
            continue
        a = np.radians(azimuth)
        ring = [[np.sin(a + s) * 0.97, 0.92, np.cos(a + s) * 0.97] for s in (-0.34, 0.34)]
        tip = [np.sin(a) * 1.08, 1.42, np.cos(a) * 1.08]
        shape = b.ball.local(np.array([ring[0], tip, ring[1]]))
        b.sheet.polygon(_ON + 1e-4, shape, b.colour)
        b.sheet.disc(_ON + 3e-4, (float(shape[1][0]), float(shape[1][1])), b.unit * 0.09, b.second)
    b.band(0.56, 0.66, 0.92, 0.94, toned(b.colour, 0.85), 2e-4)


def _tiara(b: _Brush) -> None:
    for azimuth, high in ((-40, 1.0), (-20, 1.15), (0, 1.38), (20, 1.15), (40, 1.0)):
        a = np.radians(azimuth)
        if b.ball.facing(azimuth) > 0:
            shape = [[np.sin(a + s) * 0.86, 0.66, np.cos(a + s) * 0.86] for s in (-0.2, 0.2)]
            tip = [np.sin(a) * 0.86, high, np.cos(a) * 0.86]
            b.sheet.polygon(_ON + 1e-4, b.ball.local(np.array([shape[0], tip, shape[1]])), b.colour)
            x, y = b.ball.local(np.array([tip]))[0]
            b.sheet.disc(_ON + 3e-4, (float(x), float(y)), b.unit * 0.07, b.second)


def _blossoms(b: _Brush) -> None:
    for k, azimuth in enumerate(np.arange(-80, 81, 32.0)):
        b.disc(float(azimuth), 34 if b.hat.rings else 46, 1.14, 0.19, b.second if k % 2 else (250, 240, 214))
        b.disc(float(azimuth), 34 if b.hat.rings else 46, 1.14, 0.07, _GOLD, 4e-4)


def _mask(b: _Brush) -> None:
    around = b.ball.clamped(np.linspace(-90, 90, 13))
    low = b.ball.points(around[::-1], np.full(13, -78.0), 1.06)
    b.sheet.polygon(_ON, np.concatenate([b.ball.points(around, np.full(13, -14.0), 1.07), low]), b.colour)
    if b.ball.facing(0) < 0.3:
        b.sheet.polygon(_ON, b.ball.cap(((0, 90), (70, 90), (82, -70), (180, -70)), 1.07), b.colour)


def _coif(b: _Brush) -> None:
    """White linen around the face."""
    if b.ball.facing(0) < -0.2:
        return
    for points in (
        ((-50, 4), (-40, 32), (0, 42), (40, 32), (50, 4)),
        ((-52, 4), (-46, -40), (0, -66), (46, -40), (52, 4)),
    ):
        places = [b.ball.place(float(b.ball.clamped(np.array([a]))[0]), e, 1.08) for a, e in points]
        b.sheet.stroke(_ON + 3e-4, places, b.unit * 0.2, b.second)


def _pompom(b: _Brush) -> None:
    b.disc(0, 90, b.hat.thick + 0.18, 0.34, b.second if b.hat.second != b.colour else toned(b.colour, 1.3))


def _hat_stars(b: _Brush) -> None:
    for height, radius, azimuth in ((0.62, 0.86, -25), (0.95, 0.70, 30), (1.35, 0.48, -10)):
        a = np.radians(azimuth)
        if b.ball.facing(azimuth) > 0.1:
            x, y = b.ball.local(np.array([[np.sin(a) * radius, height, np.cos(a) * radius]]))[0]
            star(b.sheet, _ON + 3e-4, (float(x), float(y)), b.unit * 0.17, b.second)


def _fur_band(b: _Brush) -> None:
    b.sheet.blob(_ON + 2e-4, [((float(x), float(y)), b.unit * 0.12) for x, y in b.ball.ring(0.40, 1.04)], b.second)


def _bobble(b: _Brush) -> None:
    top = np.array(b.ball.local(np.array([[0.0, 1.28, 0.0]]))[0])
    end = b.ball.local(np.array([[0.9, 1.0, -0.45]]))[0]
    middle = (top + end) / 2 + np.array([0, b.unit * 0.18])
    places = [(float(q[0]), float(q[1])) for q in (top, middle, end)]
    b.sheet.capsule(_ON + 1.5e-4, places[0], b.unit * 0.36, places[1], b.unit * 0.24, b.colour)
    b.sheet.capsule(_ON + 1.5e-4, places[1], b.unit * 0.24, places[2], b.unit * 0.12, b.colour)
    b.sheet.disc(_ON + 3e-4, places[2], b.unit * 0.24, b.second)


def _wrap(b: _Brush) -> None:
    for low, high in ((26, 58), (40, 72), (22, 44)):
        places = [
            b.ball.place(float(a), float(e), b.hat.thick)
            for a, e in zip(np.linspace(-80, 80, 9) + b.ball.azimuth, np.linspace(low, high, 9), strict=True)
        ]
        b.sheet.stroke(_ON + 2e-4, places, b.unit * 0.08, b.second)
    b.disc(0, 38, b.hat.thick, 0.14, (60, 120, 190))


def _board(b: _Brush) -> None:
    corners = [[-1.35, 1.06, 0.0], [0.0, 1.06, 1.35], [1.35, 1.06, 0.0], [0.0, 1.06, -1.35]]
    low = [[x, y - 0.07, z] for x, y, z in corners]
    b.sheet.hull(_ON + 2e-4, b.ball.local(np.array(corners + low)), b.colour)
    places = [b.ball.local(np.array([q]))[0] for q in ([0.0, 1.08, 0.0], [1.1, 1.06, 0.25], [1.14, 0.5, 0.3])]
    b.sheet.stroke(_ON + 3e-4, [(float(x), float(y)) for x, y in places], b.unit * 0.07, b.second)
    b.sheet.disc(_ON + 4e-4, (float(places[2][0]), float(places[2][1])), b.unit * 0.11, b.second)


def _cross(b: _Brush) -> None:
    b.front([(-0.07, 1.08, 0.8), (0.07, 1.08, 0.8), (0.07, 0.82, 0.76), (-0.07, 0.82, 0.76)], b.second)
    b.front([(-0.15, 1.01, 0.8), (0.15, 1.01, 0.8), (0.15, 0.89, 0.76), (-0.15, 0.89, 0.76)], b.second)


def _cap_badge(b: _Brush) -> None:
    if b.ball.facing(0) > 0.1:
        x, y = b.ball.local(np.array([[0.0, 0.72, 1.14]]))[0]
        b.sheet.disc(_ON + 3e-4, (float(x), float(y)), b.unit * 0.15, b.second)


def _tricorn(b: _Brush) -> None:
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
        b.sheet.stroke(_ON + 2.5e-4, b.ball.local(np.array(corners[:5])), b.unit * 0.08, _GOLD)
    back = [(x, y, -z) for x, y, z in corners]
    if b.ball.facing(0) < 0.5:
        b.sheet.polygon(
            _ON + (2e-4 if b.ball.facing(0) < 0 else 0.0), b.ball.local(np.array(back)), toned(b.colour, 1.04)
        )


def _skull(b: _Brush) -> None:
    if b.ball.facing(0) < 0.2:
        return
    x, y = (float(v) for v in b.ball.local(np.array([[0.0, 0.86, 1.1]]))[0])
    b.sheet.disc(_ON + 4e-4, (x, y), b.unit * 0.20, b.second)
    b.sheet.ellipse(_ON + 4e-4, (x, y - b.unit * 0.17), (b.unit * 0.12, b.unit * 0.10), 0, b.second)
    for side in (-1, 1):
        b.sheet.disc(_ON + 5e-4, (x + side * b.unit * 0.075, y), b.unit * 0.055, _BLACK)


def _knot(b: _Brush) -> None:
    x, y = b.ball.place(150, 0, 1.12)
    order = _ON + 2e-4 if b.ball.facing(150) > 0 else HEAD - 0.004
    b.sheet.disc(order, (x, y), b.unit * 0.14, b.colour)
    b.sheet.capsule(order, (x, y), b.unit * 0.1, (x - b.unit * 0.25, y - b.unit * 0.5), b.unit * 0.14, b.colour)


def _spots(b: _Brush) -> None:
    for azimuth, elevation in ((-50, 36), (-20, 46), (15, 38), (48, 48), (0, 66), (90, 40), (-90, 44)):
        b.disc(azimuth, elevation, b.hat.thick, 0.065, b.second)


def _beret(b: _Brush) -> None:
    rings = np.concatenate(
        [
            b.ball.ring(0.52, 1.0),
            b.ball.ring(0.86, 1.32) + np.array([-b.unit * 0.12, 0.0]),
            b.ball.ring(1.12, 0.8) + np.array([-b.unit * 0.18, 0.0]),
        ]
    )
    b.sheet.hull(_ON + 2e-4, rings, b.colour)
    x, y = b.ball.local(np.array([[-0.1, 1.2, 0.0]]))[0]
    b.sheet.disc(_ON + 3e-4, (float(x), float(y)), b.unit * 0.07, b.second)


def _headphones(b: _Brush) -> None:
    arc = [b.ball.place(90 if e < 90 else -90, float(e if e < 90 else 180 - e), 1.2) for e in np.linspace(0, 180, 15)]
    b.sheet.stroke(_ON + 1e-4, arc, b.unit * 0.13, b.colour)
    for side in (-90.0, 90.0):
        facing = b.ball.facing(side)
        if facing > -0.35:
            x, y = b.ball.place(side, -6, 1.12)
            b.sheet.ellipse(
                _ON + 2e-4, (x, y), (b.unit * (0.18 + 0.16 * max(0.0, facing)), b.unit * 0.36), b.ball.angle, b.colour
            )
            b.sheet.ellipse(
                _ON + 3e-4, (x, y), (b.unit * (0.08 + 0.12 * max(0.0, facing)), b.unit * 0.24), b.ball.angle, b.second
            )


def _headband(b: _Brush) -> None:
    b.strip((-180, 180), 30, 0.20, b.colour)


def _swim_goggles(b: _Brush) -> None:
    b.strip((-180, 180), 6, 0.07, _BLACK)
    for side in (-25.0, 25.0):
        b.disc(side, 3, 1.06, 0.22, _BLACK)
        b.disc(side, 3, 1.06, 0.15, (120, 190, 220), 4e-4)


def _mask_of(b: _Brush, colour: Paint, frame: Paint, low: float, high: float) -> None:
    if b.ball.facing(0) < -0.2:
        b.strip((-180, 180), (low + high) / 2, 0.12, frame)
        return
    azimuths = b.ball.clamped(np.array([-52, -46, 0, 46, 52, 44, 10, 0, -10, -44], float))
    elevations = np.array([low + 8, high - 4, high, high - 4, low + 8, low, low + 2, low + 7, low + 2, low], float)
    shape = b.ball.points(azimuths, elevations, 1.12)
    b.sheet.polygon(_ON + 3e-4, shape, colour)
    b.sheet.stroke(_ON + 4e-4, np.concatenate([shape, shape[:1]]), b.unit * 0.10, frame)
    b.strip((60, 180), (low + high) / 2, 0.10, frame)
    b.strip((-180, -60), (low + high) / 2, 0.10, frame)


def _diving_mask(b: _Brush) -> None:
    _mask_of(b, (150, 206, 226), (224, 184, 60), -20, 30)
    if b.ball.facing(0) > -0.1:
        side = b.ball.place(62, -10, 1.15)
        b.sheet.stroke(
            _ON + 3e-4,
            [b.ball.place(10, -44, 1.1), b.ball.place(50, -40, 1.15), side, b.ball.place(80, 60, 1.4)],
            b.unit * 0.12,
            (240, 196, 60),
        )


def _ski_goggles(b: _Brush) -> None:
    _mask_of(b, (236, 130, 60), (44, 48, 58), -8, 24)


def _space_helmet(b: _Brush) -> None:
    x, y = b.ball.centre
    radius = float(b.ball.radii[1]) * 1.34
    b.sheet.disc(HEAD - 0.003, (x, y), radius, b.colour)
    around = np.linspace(-58, 58, 15)
    turned = b.ball.clamped(around)
    if b.ball.facing(0) < -0.25:
        b.sheet.disc(_ON, (x, y), radius, b.colour)
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
    b.sheet.stroke(_ON + 2e-4, np.concatenate([rim, rim[:1]]), b.unit * 0.12, toned(b.colour, 0.8))
    b.sheet.capsule(
        _ON + 3e-4,
        b.ball.place(float(b.ball.clamped(np.array([-30.0]))[0]), 34, 1.24),
        b.unit * 0.05,
        b.ball.place(float(b.ball.clamped(np.array([-44.0]))[0]), 8, 1.24),
        b.unit * 0.05,
        (255, 255, 255),
    )


def _with_hole(b: _Brush, outline: Vector, hole: Vector) -> None:
    """The shell of a helmet without what is seen through its opening."""
    middle = hole.mean(axis=0)
    angles = np.arctan2(hole[:, 1] - middle[1], hole[:, 0] - middle[0])
    order = np.argsort(angles)
    around = np.linspace(-np.pi, np.pi, 73)
    reach = np.hypot(*(hole - middle).T)
    inner = cast(Vector, np.interp(around, angles[order], reach[order], period=2 * np.pi))
    centre = outline.mean(axis=0)
    radius = float(np.hypot(*(outline[0] - centre)))
    for k in range(72):
        quad = [middle + inner[j] * np.array([np.cos(around[j]), np.sin(around[j])]) for j in (k, k + 1)]
        out = [centre + radius * np.array([np.cos(around[j]), np.sin(around[j])]) for j in (k + 1, k)]
        b.sheet.polygon(_ON + 1e-4, np.stack(quad + out), b.colour)


def _antenna(b: _Brush) -> None:
    low, high = b.ball.local(np.array([[0.0, 0.95, 0.0]]))[0], b.ball.local(np.array([[0.0, 1.42, 0.0]]))[0]
    b.sheet.stroke(
        _ON - 0.004, [(float(low[0]), float(low[1])), (float(high[0]), float(high[1]))], b.unit * 0.10, b.colour
    )
    b.sheet.disc(_ON, (float(high[0]), float(high[1])), b.unit * 0.16, b.second)


_DETAILS: dict[str, Callable[[_Brush], None]] = {
    "band": _band, "ribbon": _ribbon, "low_band": _low_band, "rows": _rows, "toque": _toque, "strap": _strap,
    "ridge": _ridge, "shield": _shield, "stripes": _stripes, "goggles": _goggles, "plume": _plume, "slit": _slit,
    "horns": _horns, "neck_guard": _neck_guard, "crest": _crest, "ox_horns": _ox_horns, "points": _points,
    "tiara": _tiara, "blossoms": _blossoms, "mask": _mask, "coif": _coif, "pompom": _pompom, "hat_stars": _hat_stars,
    "fur_band": _fur_band, "bobble": _bobble, "wrap": _wrap, "board": _board, "cross": _cross, "cap_badge": _cap_badge,
    "tricorn": _tricorn, "skull": _skull, "knot": _knot, "dots": _spots, "beret": _beret, "headphones": _headphones,
    "headband": _headband, "swim_goggles": _swim_goggles, "diving_mask": _diving_mask, "ski_goggles": _ski_goggles,
    "space_helmet": _space_helmet, "antenna": _antenna,
}  # fmt: skip
