"""Drawing on the torso of a figure, over one garment."""

from __future__ import annotations

import numpy as np

from opendance.engines.previs.people.dressed import TORSO, Dressed
from opendance.engines.previs.people.looks import Worn
from opendance.engines.previs.people.sheet import Paint

Corners = list[tuple[float, float]]
WHITE: Paint = (244, 244, 242)
BLACK: Paint = (34, 34, 40)
_OVER = 4e-4  # the details of a garment over it


class Pen:
    """Draws on the torso of a figure, over one garment."""

    def __init__(self, d: Dressed, layer: float, worn: Worn) -> None:
        self.d, self.worn, self.order = d, worn, TORSO + layer + _OVER
        self.puff = worn.garment.puff + 0.002

    def patch(self, corners: Corners, colour: Paint, over: float = 0.0) -> None:
        shape = self.d.trunk.patch(corners, self.puff)
        if shape is not None:
            self.d.sheet.polygon(self.order + over, shape, colour)

    def band(self, low: float, high: float, colour: Paint, over: float = 0.0) -> None:
        """All around."""
        rings = [self.d.trunk.ring(t, self.puff + 0.001) for t in (low, high)]
        self.d.sheet.hull(self.order + over, np.concatenate(rings), colour)

    def dot(self, azimuth: float, t: float, radius: float, colour: Paint, over: float = 1e-5) -> None:
        spot = self.d.trunk.spot(azimuth, t, self.puff)
        if spot is not None:
            self.d.sheet.disc(self.order + over, spot, radius, colour)

    def line(self, corners: Corners, width: float, colour: Paint, over: float = 1e-5) -> None:
        places = [self.d.trunk.spot(a, t, self.puff) for a, t in corners]
        seen = [place for place in places if place is not None]
        if len(seen) > 1:
            self.d.sheet.stroke(self.order + over, seen, width, colour)


def inner_colour(d: Dressed, worn: Worn) -> Paint:
    """The colour of what is worn under something."""
    for _, other in reversed(d.layers):
        if other.garment.part in ("top", "whole") and other is not worn:
            return other.colour
    return d.look.skin if worn.garment.part != "over" else WHITE
