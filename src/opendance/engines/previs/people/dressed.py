"""A figure that is being drawn: what hides what, and what is worn over what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from opendance.engines.previs.people.looks import Look, Worn
from opendance.engines.previs.people.sheet import Paint, Place, Sheet
from opendance.engines.previs.people.skeleton import Camera, Side, Skeleton, Vector
from opendance.engines.previs.people.surface import Trunk

# What hides what, from far to near; limbs are shifted by how near they are.
LEGS, SKIRT, TORSO, HEAD, ARMS = -0.050, -0.012, 0.0, 0.040, 0.020
_LAYER = 0.0008  # from one garment to the next over it
_FAR = 0.86  # how dark the limb is that is farther away


@dataclass(frozen=True)
class Dressed:
    """A figure that is being drawn."""

    look: Look
    skeleton: Skeleton
    camera: Camera
    trunk: Trunk
    sheet: Sheet

    def near(self, point: Vector) -> float:
        """How near a point is, from the middle of the body."""
        return self.camera.nearness(point - self.skeleton.spine[1])

    def leg_order(self, side: Side) -> float:
        hip, knee, *_ = self.skeleton.legs[side]
        return LEGS + float(np.clip(self.near(knee), -0.3, 0.3)) * 0.25 + self.near(hip) * 0.1

    def arm_order(self, side: Side) -> float:
        elbow = self.skeleton.arms[side][1]
        mean = 0.4 * self.near(elbow) + 0.6 * self.near(self.skeleton.hand(side))
        return ARMS + float(np.clip(mean, -0.3, 0.3)) * 0.6

    def tone(self, side: Side, limb: Vector) -> float:
        """Limbs on the far side are darker, so that they stand apart."""
        other = {"left": "right", "right": "left"}[side]
        rest = self.skeleton.arms if len(limb) == 3 else self.skeleton.legs
        mine, theirs = self.near(limb[0]), self.near(rest[other][0])  # pyright: ignore[reportArgumentType]
        return _FAR if mine < theirs - 0.03 else 1.0

    @property
    def layers(self) -> list[tuple[float, Worn]]:
        """What is worn, from the skin outwards, each with its share of the order."""
        order = {"bottom": 0, "top": 1, "whole": 1, "over": 3, "scarf": 4, "cape": 5, "feet": 6, "hands": 6}
        worn = sorted(self.look.wears, key=lambda each: order[each.garment.part])
        return [(_LAYER * (k + 1), each) for k, each in enumerate(worn)]


def along(points: Vector, cover: float) -> Vector:
    """The part of a limb (3, 3) that is covered: 1 ends at its middle joint, 2 at its end."""
    first, middle, end = points[0], points[1], points[2]
    if cover <= 1:
        return np.stack([first, first + (middle - first) * cover])
    return np.stack([first, middle, middle + (end - middle) * min(1.0, cover - 1)])


def star(sheet: Sheet, order: float, centre: Place, radius: float, colour: Paint) -> None:
    """A star of five points."""
    angles = np.radians(np.arange(10) * 36 + 90)
    lengths = np.where(np.arange(10) % 2 == 0, radius, radius * 0.45)
    sheet.polygon(order, np.stack([np.cos(angles), np.sin(angles)], axis=1) * lengths[:, None] + centre, colour)
