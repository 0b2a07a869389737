"""Skirts, coat tails, robes and aprons."""

from __future__ import annotations

import itertools

import numpy as np

from opendance.engines.previs.people.dressed import SKIRT, TORSO, Dressed, along, star
from opendance.engines.previs.people.looks import Worn
from opendance.engines.previs.people.sheet import toned
from opendance.engines.previs.people.skeleton import SIDES, Vector

_AROUND = np.radians(np.linspace(0, 360, 14, endpoint=False))


def draw_skirts(d: Dressed) -> None:
    """Skirts, coat tails and robes: around both legs, wherever these go."""
    legs = d.skeleton.legs
    over = max(d.leg_order(side) for side in SIDES) + 0.014
    for layer, worn in d.layers:
        g = worn.garment
        if not g.skirt:
            continue
        order = max(SKIRT, over) + layer if "apron" not in g.details else max(SKIRT, over) + layer + 0.004
        if "apron" in g.details:
            _apron(d, order, worn)
            continue
        top = [d.trunk.ring(g.rise, g.puff), d.trunk.ring(0.0, g.puff + 0.004)]
        levels: list[Vector] = [np.concatenate(top)]
        for share in (0.5, 1.0) if g.skirt <= 1 else (0.9 / g.skirt, 1.0):
            radius = d.skeleton.proportions.leg * 1.05 + g.puff + g.flare * share
            levels.append(np.concatenate([_around(d, along(legs[s][:3], g.skirt * share), radius) for s in SIDES]))
        if "tutu" in g.details:
            _tutu(d, order, worn)
            continue
        for a, b in itertools.pairwise(levels):
            d.sheet.hull(order, np.concatenate([a, b]), worn.colour)
        if g.flare > 0.09 and g.rise:
            d.sheet.hull(order, np.concatenate([levels[0], levels[-1]]), worn.colour)
        _skirt_details(d, order, worn, levels)


def _around(d: Dressed, part: Vector, radius: float) -> Vector:
    """A ring at the end of a part of a limb, across it, (n, 2) in the picture."""
    way = part[-1] - part[-2]
    way = way / max(1e-6, float(np.linalg.norm(way)))
    side = np.cross(way, np.array([0.0, 0.0, 1.0]) if abs(way[2]) < 0.9 else np.array([1.0, 0.0, 0.0]))
    side = side / max(1e-6, float(np.linalg.norm(side)))
    other = np.cross(way, side)
    ring = part[-1] + radius * (np.cos(_AROUND)[:, None] * side + np.sin(_AROUND)[:, None] * other)
    return d.camera.places(ring)


def _tutu(d: Dressed, order: float, worn: Worn) -> None:
    hip = d.skeleton.hip
    for wide, low, colour in ((1.0, 0.0, worn.trim), (0.86, 0.022, worn.colour)):
        radius = (d.skeleton.proportions.hips + 0.13) * wide
        ring = np.stack([radius * np.cos(_AROUND), np.full(len(_AROUND), low), radius * np.sin(_AROUND)], axis=1)
        d.sheet.hull(order + low * 0.01, np.concatenate([d.camera.places(hip + ring), d.trunk.ring(0.12)]), colour)


def _skirt_details(d: Dressed, order: float, worn: Worn, levels: list[Vector]) -> None:
    g, sheet = worn.garment, d.sheet
    hem = levels[-1]
    low, high = hem.mean(axis=0), levels[0].mean(axis=0)
    left, right = hem[hem[:, 0].argmin()], hem[hem[:, 0].argmax()]
    if {"border", "hem_fur", "lace", "trim"} & set(g.details):
        sheet.stroke(order + 2e-4, [left, (left + right) / 2 - (high - low) * 0.018, right], 0.028, worn.trim)
    if "coat_line" in g.details and not d.trunk.turned_away:
        front = d.trunk.spot(0, 0.0)
        if front is not None:
            foot = (low[0] + (front[0] - high[0]) * 1.4, float(min(hem[:, 1])) + 0.006)
            sheet.stroke(order + 2e-4, [front, foot], 0.007, toned(worn.colour, 0.72))
    if "wrap" in g.details and not d.trunk.turned_away:
        start = d.trunk.spot(20, 0.1)
        if start is not None:
            sheet.stroke(
                order + 2e-4,
                [start, (right[0] * 0.6 + left[0] * 0.4, right[1] + 0.01)],
                0.008,
                toned(worn.colour, 0.74),
            )
    if "flowers" in g.details:
        for share, side in ((0.45, 0.2), (0.66, -0.35), (0.80, 0.3), (0.92, -0.1)):
            x, y = high + (low - high) * share
            sheet.disc(order + 3e-4, (x + side * (right[0] - left[0]) * 0.6, y), 0.013, worn.trim)
    if "stars" in g.details:
        for share, side in ((0.4, -0.2), (0.6, 0.25), (0.75, -0.3), (0.88, 0.1)):
            x, y = high + (low - high) * share
            star(sheet, order + 3e-4, (x + side * (right[0] - left[0]), y), 0.018, worn.trim)
    if g.flare > 0.04:  # folds
        for share in (0.3, 0.62):
            x = left[0] + (right[0] - left[0]) * share
            y = left[1] + (right[1] - left[1]) * share
            middle = high + (low - high) * 0.45
            begin = (middle[0] + (x - middle[0]) * 0.45, middle[1])
            sheet.stroke(order + 1e-4, [begin, (x, y + 0.014)], 0.006, toned(worn.colour, 0.86))


def _apron(d: Dressed, order: float, worn: Worn) -> None:
    """A panel before torso and thighs."""
    g, trunk = worn.garment, d.trunk
    if trunk.turned_away:
        for t in (0.42,):
            if (tie := trunk.spot(180, t)) is not None:
                d.sheet.stroke(
                    TORSO + 0.012,
                    [(tie[0] - 0.03, tie[1] - 0.03), tie, (tie[0] + 0.03, tie[1] - 0.03)],
                    0.012,
                    worn.trim,
                )
        return
    bib = trunk.patch([(-38, 0.40), (-30, g.torso), (30, g.torso), (38, 0.40)], 0.012)
    band = trunk.patch([(-88, 0.34), (-88, 0.44), (-40, 0.46), (40, 0.46), (88, 0.44), (88, 0.34)], 0.012)
    panel = trunk.patch([(-70, 0.0), (-64, 0.44), (64, 0.44), (70, 0.0)], 0.014)
    legs = d.skeleton.legs
    if panel is None or bib is None:
        return
    front = d.skeleton.torso @ np.array([0, 0, d.skeleton.proportions.leg * 1.2 + 0.012])
    ends = np.concatenate(
        [_around(d, along(legs[s][:3] + front * 0.55, g.skirt), d.skeleton.proportions.leg * 0.9) for s in SIDES]
    )
    d.sheet.hull(order, np.concatenate([panel, ends]), worn.colour)
    torso = TORSO + 0.012
    d.sheet.polygon(torso, bib, worn.colour)
    d.sheet.polygon(torso, panel, worn.colour)
    if band is not None:
        d.sheet.polygon(torso + 1e-4, band, worn.trim)
    for side in (-1, 1):
        strap = trunk.patch([(side * 30, g.torso), (side * 38, 0.98), (side * 30, 1.0), (side * 22, g.torso)], 0.012)
        if strap is not None:
            d.sheet.polygon(torso, strap, worn.trim)
