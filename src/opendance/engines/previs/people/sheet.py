"""The shapes of one picture of a figure: flat polygons in heights of the figure, painted from far to near."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Points = npt.NDArray[np.floating[Any]]
Paint = tuple[int, int, int]  # sRGB
Place = tuple[float, float]

_SHIFT = 4  # sub-pixel bits of OpenCV's drawing calls
_ANGLES = np.linspace(0, 2 * np.pi, 20, endpoint=False)
_CIRCLE = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)


def toned(colour: Paint, factor: float) -> Paint:
    """Darker (below 1), or lighter (over 1, towards white)."""
    if factor <= 1:
        red, green, blue = (round(c * factor) for c in colour)
    else:
        red, green, blue = (round(c + (255 - c) * (factor - 1)) for c in colour)
    return (red, green, blue)


class Sheet:
    """Takes shapes in any order; x to the right, y up, the ground at 0, in heights of the figure.

    A shape's `order` says how near it is: those of a higher order hide the others.
    """

    def __init__(self) -> None:
        self._shapes: list[tuple[float, Points, Paint]] = []

    def polygon(self, order: float, points: Points | Sequence[Place], colour: Paint) -> None:
        """A filled shape with (n, 2) corners."""
        self._shapes.append((order, np.asarray(points, np.float64), colour))

    def hull(self, order: float, points: Points, colour: Paint) -> None:
        """The smallest convex shape around (n, 2) points."""
        around = cv2.convexHull(np.asarray(points, np.float32))
        self.polygon(order, np.asarray(around, np.float64)[:, 0], colour)

    def disc(self, order: float, centre: Place, radius: float, colour: Paint) -> None:
        """A circle."""
        self.polygon(order, _CIRCLE * radius + np.array(centre), colour)

    def ellipse(self, order: float, centre: Place, radii: Place, angle: float, colour: Paint) -> None:
        """An ellipse; `angle` of its first radius against the x axis, radians."""
        cos, sin = np.cos(angle), np.sin(angle)
        turned = (_CIRCLE * np.array(radii)) @ np.array([[cos, sin], [-sin, cos]])
        self.polygon(order, turned + np.array(centre), colour)

    def capsule(self, order: float, a: Place, at_a: float, b: Place, at_b: float, colour: Paint) -> None:
        """A round stroke from `a` to `b` whose radius changes from `at_a` to `at_b`."""
        self.hull(order, np.concatenate([_CIRCLE * at_a + np.array(a), _CIRCLE * at_b + np.array(b)]), colour)

    def stroke(self, order: float, points: Points | Sequence[Place], width: float, colour: Paint) -> None:
        """A round line through points."""
        corners = [(float(x), float(y)) for x, y in points]
        for a, b in itertools.pairwise(corners):
            self.capsule(order, a, width / 2, b, width / 2, colour)

    def blob(self, order: float, circles: Sequence[tuple[Place, float]], colour: Paint) -> None:
        """The smallest convex shape around circles of (centre, radius)."""
        self.hull(order, np.concatenate([_CIRCLE * radius + np.array(centre) for centre, radius in circles]), colour)

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top of all shapes."""
        everything = np.concatenate([points for _, points, _ in self._shapes])
        left, bottom = everything.min(axis=0)
        right, top = everything.max(axis=0)
        return float(left), float(bottom), float(right), float(top)

    def painted(self, box: tuple[float, float, float, float], density: float) -> Bytes:
        """The picture, premultiplied (h, w, 4).

        Args:
            box: left, bottom, right, top of what is shown.
            density: pixels for one height of the figure.
        """
        left, bottom, right, top = box
        size = (max(4, round((right - left) * density)), max(4, round((top - bottom) * density)))
        finer = 2 if density < _FINE_ENOUGH else 1
        canvas = np.zeros((size[1] * finer, size[0] * finer, 4), np.uint8)
        scale, unit = density * finer, 1 << _SHIFT
        for _, points, colour in sorted(self._shapes, key=lambda shape: shape[0]):
            corners = np.empty((len(points), 2))
            corners[:, 0] = (points[:, 0] - left) * scale - 0.5
            corners[:, 1] = (top - points[:, 1]) * scale - 0.5
            cv2.fillPoly(canvas, [np.rint(corners * unit).astype(np.int32)], (*colour, 255), cv2.LINE_AA, _SHIFT)
        if finer == 1:
            return canvas
        return np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), np.uint8)


_FINE_ENOUGH = 700  # pixels: figures higher than this need no finer drawing
