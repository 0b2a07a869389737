"""What hangs on a figure whatever it wears: packs, a stethoscope, capes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from opendance.engines.previs.people.dressed import TORSO, Dressed
from opendance.engines.previs.people.sheet import Paint, toned

_BEHIND = -0.14  # order of what hangs behind all


def draw_pack(d: Dressed, colour: Paint, wide: float) -> None:
    p, s = d.skeleton.proportions, d.skeleton
    middle = s.spine[1] + s.torso @ np.array([0.0, p.torso * 0.22, -p.depth * 1.75])
    corners = [np.array([x, y, z]) for x in (-1, 1) for y in (-1, 1) for z in (-0.5, 0.5)]
    size = np.array([p.chest * 0.72 * wide, p.torso * 0.34, p.depth * 0.9])
    points = d.camera.places(np.stack([middle + s.torso @ (c * size) for c in corners]))
    order = TORSO + 0.03 if d.trunk.turned_away else TORSO - 0.02
    d.sheet.blob(order, [((float(x), float(y)), 0.022) for x, y in points], colour)
    d.sheet.blob(
        order + 1e-4,
        [((float(x), float(y)), 0.006) for x, y in points * 0.6 + points.mean(axis=0) * 0.4],
        toned(colour, 0.88),
    )


def _stethoscope(d: Dressed) -> None:
    shape = [d.trunk.spot(a, t, 0.014) for a, t in ((-24, 0.98), (-14, 0.72), (0, 0.62), (14, 0.72), (24, 0.98))]
    seen = [place for place in shape if place is not None]
    if len(seen) > 2:
        d.sheet.stroke(TORSO + 0.013, seen, 0.011, (52, 56, 66))
        d.sheet.disc(TORSO + 0.0131, seen[len(seen) // 2], 0.017, (170, 178, 190))


def _backpack(d: Dressed) -> None:
    draw_pack(d, (176, 86, 58), 1.0)
    for side in (-1, 1):
        strap = d.trunk.patch([(side * 36, 0.4), (side * 32, 1.0), (side * 44, 1.0), (side * 50, 0.4)], 0.014)
        if strap is not None and not d.trunk.turned_away:
            d.sheet.polygon(TORSO + 0.013, strap, (140, 64, 42))


def _waiter_tie(d: Dressed) -> None:
    spot = d.trunk.spot(0, 0.92, 0.012)
    if spot is not None:
        x, y = spot
        for side in (-1, 1):
            d.sheet.polygon(
                TORSO + 0.013, [(x, y), (x + side * 0.028, y + 0.016), (x + side * 0.028, y - 0.016)], (36, 34, 40)
            )


CARRIED: dict[str, Callable[[Dressed], None]] = {
    "stethoscope": _stethoscope, "backpack": _backpack, "bow_tie": _waiter_tie,
}  # fmt: skip


def draw_cape(d: Dressed) -> None:
    """A cape: it hangs from the shoulders behind, and trails when the body lies in the air."""
    worn = next((each for _, each in d.layers if each.garment.part == "cape"), None)
    if worn is None:
        return
    s, p = d.skeleton, d.skeleton.proportions
    along = s.torso @ np.array([0.0, -1.0, 0.0])
    down = np.array([0.0, -1.0, 0.0])
    behind = s.torso @ np.array([0.0, 0.0, -1.0])
    flat = abs(float(along[1])) < 0.6  # it flies
    way = along + behind * 0.35 if flat else down + behind * 0.22
    top = [s.arms[side][0] + behind * p.depth * 0.5 for side in ("right", "left")]
    length = p.legs * 0.92 + p.torso
    aside = s.torso @ np.array([1.0, 0.0, 0.0])
    low = [point + way * length + aside * sign * 0.07 for point, sign in zip(top, (-1, 1), strict=True)]
    if not flat:
        low = [np.array([q[0], max(q[1], 0.05), q[2]]) for q in low]
    places = [(d.camera.place(q), 0.03) for q in (*top, *low)]
    order = TORSO + 0.025 if d.trunk.turned_away else _BEHIND
    d.sheet.blob(order, places, worn.colour)
    a, b = d.camera.place((top[0] + top[1]) / 2), d.camera.place((low[0] + low[1]) / 2)
    d.sheet.stroke(order + 1e-4, [a, b], 0.010, toned(worn.colour, 0.8))
    collar = d.camera.place(s.shoulders)
    d.sheet.ellipse(TORSO + 0.013, collar, (p.head * 0.36, p.head * 0.12), 0, worn.trim)
