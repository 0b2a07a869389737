"""The torso with what covers it."""

from __future__ import annotations

import itertools

import numpy as np

from opendance.engines.previs.people.dressed import TORSO, Dressed
from opendance.engines.previs.people.sheet import Paint
from opendance.engines.previs.people.skeleton import SIDES
from opendance.engines.previs.people.surface import RINGS


def draw_trunk(d: Dressed) -> None:
    """The torso with all that covers it."""
    _torso(d, TORSO, d.look.skin, 0.0, 1.0)
    for layer, worn in d.layers:
        g = worn.garment
        if g.part in ("feet", "cape", "scarf", "hands") or "apron" in g.details:
            continue
        if g.neck == "toga":
            shape = d.trunk.patch([(-88, 0.0), (-88, 0.62), (-30, 0.80), (60, 1.0), (88, 0.9), (88, 0.0)], g.puff)
            _torso(d, TORSO + layer, worn.colour, g.puff, 0.55)
            if shape is not None:
                d.sheet.polygon(TORSO + layer, shape, worn.colour)
            continue
        _torso(d, TORSO + layer, worn.colour, g.puff, g.torso)


def _torso(d: Dressed, order: float, colour: Paint, puff: float, upto: float) -> None:
    heights = [t for t in RINGS if t < upto] + [min(upto, RINGS[-1])]
    rings = [d.trunk.ring(t, puff) for t in heights]
    for a, b in itertools.pairwise(rings):
        d.sheet.hull(order, np.concatenate([a, b]), colour)
    if upto > 0.9:  # the shoulders close the gap to the arms
        p = d.skeleton.proportions
        tops = [(d.camera.place(d.skeleton.arms[side][0]), p.arm * 0.96 + puff * 0.5) for side in SIDES]
        d.sheet.blob(order, tops, colour)
