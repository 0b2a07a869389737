"""Drawing on a head, in the colours of one hat."""

from __future__ import annotations

import numpy as np

from opendance.engines.previs.people.dressed import HEAD, Dressed
from opendance.engines.previs.people.sheet import Paint
from opendance.engines.previs.people.surface import Ball
from opendance.engines.previs.people.tables import Hat

ON = HEAD + 0.0060  # order: over hair and face


class Brush:
    """Draws on a head, in the colours of one hat."""

    def __init__(self, d: Dressed, ball: Ball, hat: Hat, colour: Paint) -> None:
        self.d, self.ball, self.hat, self.colour = d, ball, hat, colour
        self.sheet, self.unit = d.sheet, ball.across
        self.second = hat.second

    def band(self, low: float, high: float, at_low: float, at_high: float, colour: Paint, over: float) -> None:
        """A part of a cone around the head's axis."""
        rings = np.concatenate([self.ball.ring(low, at_low), self.ball.ring(high, at_high)])
        self.sheet.hull(ON + over, rings, colour)

    def disc(
        self, azimuth: float, elevation: float, distance: float, radius: float, colour: Paint, over: float = 3e-4
    ) -> None:
        """A ball on it, where it is seen."""
        if self.ball.facing(azimuth) > 0.02 or elevation > 75:
            self.sheet.disc(ON + over, self.ball.place(azimuth, elevation, distance), self.unit * radius, colour)

    def front(self, corners: list[tuple[float, float, float]], colour: Paint, over: float = 3e-4) -> None:
        """A shape of (left, up, forward) corners; it is seen from the front only."""
        if self.ball.facing(0) > -0.1:
            self.sheet.polygon(ON + over, self.ball.local(np.array(corners)), colour)

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
            self.sheet.stroke(ON + over, seen, self.unit * width, colour)
