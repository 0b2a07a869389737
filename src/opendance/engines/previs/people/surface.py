"""Round surfaces of a figure - torso and skull - to lay clothes, hair and features on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from opendance.engines.previs.people.sheet import Place
from opendance.engines.previs.people.skeleton import Camera, Skeleton, Vector
from opendance.engines.previs.people.tables import Line

_LIMB = 88.0  # degrees from the direction to the camera: what lies further around is not seen
_ROUND = np.linspace(-180, 180, 16, endpoint=False)
RINGS = (0.0, 0.22, 0.45, 0.66, 0.84, 0.97)
_HEIGHTS = (0.0, 0.45, 0.80, 1.0)


def _azimuth(frame: Vector, camera: Camera) -> float:
    """Where the camera is around a body, degrees from its front to its left."""
    towards = camera.towards @ frame
    return float(np.degrees(np.arctan2(towards[0], towards[2])))


@dataclass(frozen=True)
class Trunk:
    """The torso: t is 0 at the hips and 1 at the shoulders; azimuth 0 its front, 90 its left, degrees."""

    skeleton: Skeleton
    camera: Camera

    @cached_property
    def azimuth(self) -> float:
        return _azimuth(self.skeleton.torso, self.camera)

    @property
    def turned_away(self) -> bool:
        """Its front is not seen."""
        return abs(self.azimuth) > 100

    def points(self, azimuths: Vector, heights: Vector, puff: float = 0.0) -> Vector:
        """(n, 3) of places on the surface."""
        s, p = self.skeleton, self.skeleton.proportions
        widths = np.interp(heights, _HEIGHTS, (p.hips, p.waist, p.chest, p.chest * 0.80)) + puff
        depths = np.interp(heights, _HEIGHTS, (p.depth * 1.05, p.depth * 0.98, p.depth, p.depth * 0.66)) + puff
        centres = np.stack([np.interp(heights, (0.0, 0.45, 1.0), s.spine[:, k]) for k in range(3)], axis=1)
        around = np.radians(azimuths)
        flat = np.stack([widths * np.sin(around), np.zeros_like(widths), depths * np.cos(around)], axis=1)
        return centres + flat @ s.torso.T

    def ring(self, height: float, puff: float = 0.0) -> Vector:
        """(n, 2) around it at a height, in the picture."""
        return self.camera.places(self.points(_ROUND, np.full(len(_ROUND), height), puff))

    def patch(self, corners: list[tuple[float, float]], puff: float = 0.004) -> Vector | None:
        """A shape on it, of (azimuth, height) corners, in the picture; None where nothing of it is seen."""
        table = np.array(corners)
        away = _wrapped(table[:, 0] - self.azimuth)
        if (np.abs(away) > _LIMB).all():
            return None
        table[:, 0] = self.azimuth + np.clip(away, -_LIMB, _LIMB)
        return self.camera.places(self.points(table[:, 0], table[:, 1], puff))

    def spot(self, azimuth: float, height: float, puff: float = 0.004) -> Place | None:
        """A place on it, or None where it is not seen."""
        if abs(float(_wrapped(np.array([azimuth - self.azimuth]))[0])) > 75:
            return None
        x, y = self.camera.places(self.points(np.array([azimuth]), np.array([height]), puff))[0]
        return (float(x), float(y))


def _wrapped(degrees: Vector) -> Vector:
    return (degrees + 180) % 360 - 180


@dataclass(frozen=True)
class Ball:
    """The skull: azimuth 0 the face, 90 its left; elevation 90 the crown, degrees; lengths in its radii."""

    skeleton: Skeleton
    camera: Camera

    @cached_property
    def azimuth(self) -> float:
        return _azimuth(self.skeleton.head, self.camera)

    @cached_property
    def radii(self) -> Vector:
        half = self.skeleton.proportions.head / 2
        return np.array([half * 0.86, half, half * 0.92])

    @cached_property
    def across(self) -> float:
        """Half of its breadth, heights of the figure."""
        return float(self.radii[0])

    @property
    def up(self) -> Vector:
        """(2,) the direction of the crown in the picture."""
        way = self.camera.places((self.skeleton.head @ np.array([0.0, 1.0, 0.0]))[None])[0]
        return way / max(1e-6, float(np.hypot(*way)))

    @property
    def angle(self) -> float:
        """How far its x axis is turned in the picture, radians."""
        return float(np.arctan2(-self.up[0], self.up[1]))

    @property
    def centre(self) -> Place:
        return self.camera.place(self.skeleton.skull)

    def local(self, points: Vector) -> Vector:
        """(n, 3) in radii of the skull - left, up, forward - to (n, 2) in the picture."""
        return self.camera.places(self.skeleton.skull + (points * self.radii) @ self.skeleton.head.T)

    def points(self, azimuths: Vector, elevations: Vector, distance: float | Vector = 1.0) -> Vector:
        """(n, 2) in the picture of places on it."""
        a, e = np.radians(azimuths), np.radians(elevations)
        on = np.stack([np.cos(e) * np.sin(a), np.sin(e), np.cos(e) * np.cos(a)], axis=1)
        return self.local(on * np.reshape(distance, (-1, 1)))

    def place(self, azimuth: float, elevation: float, distance: float = 1.0) -> Place:
        x, y = self.points(np.array([azimuth]), np.array([elevation]), distance)[0]
        return (float(x), float(y))

    def facing(self, azimuth: float) -> float:
        """Cosine between a meridian and the direction to the camera: 1 it looks at it, below 0 it is not seen."""
        return float(np.cos(np.radians(azimuth - self.azimuth)))

    def clamped(self, azimuths: Vector) -> Vector:
        """Azimuths with those that are not seen moved to the edge."""
        return self.azimuth + np.clip(_wrapped(azimuths - self.azimuth), -_LIMB, _LIMB)

    def cap(self, line: Line, thick: float, *, jag: float = 0.0, inner: float = 1.02) -> Vector:
        """What is seen of all above a line (azimuth, elevation) around it, (n, 2) in the picture.

        Args:
            thick: radius of its outline.
            jag: how much the line goes up and down, degrees.
            inner: radius at the line.
        """
        table = np.array(line)
        azimuths = np.linspace(self.azimuth - 90, self.azimuth + 90, 37)
        round_ = np.abs(_wrapped(azimuths))
        elevations = np.interp(round_, table[:, 0], table[:, 1])
        if jag:
            elevations = elevations - jag * np.abs(np.sin(np.radians(azimuths * 5.5 + 20))) * (round_ < 70)
        edge = self.points(azimuths, elevations, inner)
        right = np.linspace(float(elevations[-1]), 90.0, 14)
        left = np.linspace(90.0, float(elevations[0]), 14)
        over = self.points(
            np.concatenate([np.full(14, azimuths[-1]), np.full(14, azimuths[0])]), np.concatenate([right, left]), thick
        )
        return np.concatenate([edge, over])

    def ring(self, height: float, radius: float, *, drop: float = 0.0) -> Vector:
        """(n, 2) around its axis at a height, in the picture; `drop` lowers its front and back by so much."""
        around = np.radians(_ROUND)
        rows = np.stack(
            [radius * np.sin(around), height - drop * np.abs(np.cos(around)), radius * np.cos(around)], axis=1
        )
        return self.local(rows)
