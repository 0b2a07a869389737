"""What is worn on heads."""

from __future__ import annotations

import numpy as np

from opendance.engines.previs.people.brush import ON, Brush
from opendance.engines.previs.people.dressed import HEAD, Dressed
from opendance.engines.previs.people.hat_details import HAT_DETAILS
from opendance.engines.previs.people.helmets import HELMET_DETAILS
from opendance.engines.previs.people.sheet import Paint, toned
from opendance.engines.previs.people.surface import Ball
from opendance.engines.previs.people.tables import Hat, heads

_BEHIND = -0.018
_BLACK: Paint = (32, 32, 38)
_DETAILS = HAT_DETAILS | HELMET_DETAILS


def draw_hat(d: Dressed) -> None:
    """The hat of a look."""
    if d.look.hat is None:
        return
    hat = heads().hats[d.look.hat.name]
    b = Brush(d, Ball(d.skeleton, d.camera), hat, d.look.hat.colour)
    if hat.back:
        _falling(b, hat)
    if hat.brim is not None:
        height, radius, drop = hat.brim
        ring = b.ball.ring(height, radius, drop=drop)
        low = b.ball.ring(height - 0.07, radius * 0.99, drop=drop)
        d.sheet.polygon(ON, ring, toned(b.colour, 0.84))
        d.sheet.hull(ON, np.concatenate([ring, low]), toned(b.colour, 0.84))
    if hat.line:
        d.sheet.polygon(ON + 1e-4, b.ball.cap(hat.line, hat.thick, inner=hat.thick - 0.02), b.colour)
    if hat.visor:
        _visor(b, hat)
    for k, ((low, at_low), (high, at_high)) in enumerate(zip(hat.rings, hat.rings[1:], strict=False)):
        b.band(low, high, at_low, at_high, b.colour, 1e-4 + k * 1e-6)
    for detail in hat.details:
        _DETAILS[detail](b)


def _visor(b: Brush, hat: Hat) -> None:
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
    b.sheet.hull(ON + 2e-4, b.ball.local(thick), colour)


def _falling(b: Brush, hat: Hat) -> None:
    away, side = b.ball.facing(0) < -0.3, abs(b.ball.facing(0)) <= 0.35
    around = np.radians(np.linspace(95, 265, 12))
    rows = [
        np.stack([np.sin(around) * wide, np.full(12, up), np.cos(around) * deep - back], axis=1)
        for wide, up, deep, back in ((1.08, 0.3, 1.1, 0.0), (1.16, -0.7, 1.0, 0.1), (1.3, -hat.back, 0.85, 0.25))
    ]
    order = ON + 2e-4 if away else (HEAD - 0.003 if side else _BEHIND)
    b.sheet.hull(order, b.ball.local(np.concatenate(rows)), toned(b.colour, 0.93))
