"""What a scene is made of: plates (pictures at a depth), floors (planes that go to the horizon), and how they move."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from opendance.engines.previs.camera import Pose
from opendance.engines.previs.compositor import covers_of
from opendance.engines.previs.lanes import Packed, pack

Floats = npt.NDArray[np.float32]


@dataclass
class Placement:
    """How a plate stands at one moment, relative to how it was drawn.

    Attributes:
        x, y: shift, picture heights.
        scale_x, scale_y, angle: about its anchor; angle in radians.
        shear: x shift for one height up from the anchor.
        opacity: 0 to 1.
    """

    x: float = 0.0
    y: float = 0.0
    scale_x: float = 1.0
    scale_y: float = 1.0
    angle: float = 0.0
    shear: float = 0.0
    opacity: float = 1.0
    visible: bool = True


@dataclass
class Plate:
    """A picture that stands upright at a depth, or a floor.

    Attributes:
        pixels: premultiplied, packed (h, w).
        left, top: where its upper left corner is for the base camera, picture heights.
        density: pixels for one picture height.
        depth: 1 is the subject's; larger is farther. For a floor: unused.
        floor: it lies on the ground: row y is at depth `height / (y - horizon)`.
        anchor: the point that placements turn about, picture heights.
        motion: its placement at a time, s.
        wave: (amplitude in picture heights, rows for one wave as a share of the height, waves a second): rows shift
            sideways, for water, seaweed and flags; on a plate the shift grows from its foot up.
        others, choose: further pictures (closed eyes, steps), (h, w, 4) uint8, and which one is shown when.
    """

    pixels: Packed
    left: float
    top: float
    density: float
    depth: float
    floor: bool = False
    anchor: tuple[float, float] = (0.0, 0.0)
    motion: Callable[[float], Placement] | None = None
    wave: tuple[float, float, float] | None = None
    others: tuple[npt.NDArray[np.uint8], ...] = ()
    choose: Callable[[float], int] | None = None

    def picture(self, t: float) -> Packed:
        """What is shown at a time, (h, w): the only picture, or one of several of the same size."""
        index = self.choose(t) if self.choose is not None else 0
        return self.pixels if index == 0 else pack(self.others[index - 1])

    def cropped(self) -> Plate:
        """The same without the rows and columns at its edges that have nothing in them."""
        if self.floor or self.wave is not None or self.others:  # how waves move is told by all of their rows
            return self
        rows, columns = (self.pixels.any(axis=axis) for axis in (1, 0))
        if not rows.any():
            return self
        (y0, y1), (x0, x1) = (_around(np.flatnonzero(seen), seen.size) for seen in (rows, columns))
        if (y1 - y0) * (x1 - x0) > 0.94 * self.pixels.size:
            return self
        pixels = np.ascontiguousarray(self.pixels[y0:y1, x0:x1])
        return replace(self, pixels=pixels, left=self.left + x0 / self.density, top=self.top + y0 / self.density)

    def covers(self, t: float) -> npt.NDArray[np.uint8]:
        """Where `picture` has something and where it has gaps: `covers_of`, looked up once."""
        index = self.choose(t) if self.choose is not None else 0
        if index not in self._covers:
            self._covers[index] = covers_of(self.picture(t))
        return self._covers[index]

    @cached_property
    def _covers(self) -> dict[int, npt.NDArray[np.uint8]]:
        return {}

    @cached_property
    def shines(self) -> bool:
        """Whether it adds light: colour over its alpha."""
        rgba = self.pixels[..., None].view(np.uint8)
        return any(bool((rgba[..., channel] > rgba[..., 3]).any()) for channel in range(3))

    def rows(
        self, pose: Pose, t: float, *, width: int, height: int, horizon: float, eye: float
    ) -> tuple[Floats, float] | None:
        """The table for `blend_plate`, (height, 4), and the opacity, or None where nothing is to be seen.

        Args:
            eye: height of the camera over the ground, picture heights at depth 1.
        """
        placement = self.motion(t) if self.motion is not None else Placement()
        if not placement.visible or placement.opacity <= 0.004:
            return None
        if self.floor:
            return self._floor_rows(pose, t, placement, width, height, horizon, eye)
        return self._card_rows(pose, t, placement, width, height, horizon)

    def _card_rows(
        self, pose: Pose, t: float, placement: Placement, width: int, height: int, horizon: float
    ) -> tuple[Floats, float] | None:
        if self.depth - pose.dolly <= 0.08:
            return None
        scale = pose.zoom * self.depth / (self.depth - pose.dolly)
        cos, sin = math.cos(-pose.roll), math.sin(-pose.roll)
        c, s = math.cos(-placement.angle), math.sin(-placement.angle)
        ax, ay = self.anchor

        def read_at(x: float, y: float) -> tuple[float, float]:
            """Screen to picture: roll, turn, scale and position undone; then the plate's own placement undone."""
            qx, qy = cos * x - sin * y, sin * x + cos * y
            rx = (qx - pose.pan) / scale + pose.x / self.depth - ax - placement.x
            ry = (qy - horizon - pose.tilt) / scale + horizon + pose.y / self.depth - ay - placement.y
            rx, ry = c * rx - s * ry, s * rx + c * ry
            rx = (rx + placement.shear * ry) / placement.scale_x
            ry /= placement.scale_y
            return (rx + ax - self.left) * self.density - 0.5, (ry + ay - self.top) * self.density - 0.5

        # All of that is linear: three corners tell it for every row.
        x0, step = 0.5 / height - width / height / 2, 1.0 / height
        u0, v0 = read_at(x0, -0.5)
        u_down, v_down = read_at(x0, 0.5)
        u_across, v_across = read_at(x0 + 1.0, -0.5)
        down = (np.arange(height, dtype=np.float64) + 0.5) / height
        u, v = u0 + (u_down - u0) * down, v0 + (v_down - v0) * down
        if self.wave is not None:
            amplitude, length, speed = self.wave
            rows_in = self.pixels.shape[0]
            lift = np.clip(1 - v / rows_in, 0, 1)
            u = u + amplitude * self.density * lift**1.5 * np.sin(6.283 * (v / rows_in / length - speed * t))
        table = np.empty((height, 4), np.float32)
        table[:, 0], table[:, 1] = u, (u_across - u0) * step
        table[:, 2], table[:, 3] = v, (v_across - v0) * step
        return table, placement.opacity

    def _floor_rows(
        self, pose: Pose, t: float, placement: Placement, width: int, height: int, horizon: float, eye: float
    ) -> tuple[Floats, float]:
        y = (np.arange(height, dtype=np.float64) + 0.5) / height - 0.5
        x0 = 0.5 / height - width / height / 2
        below = y - horizon - pose.tilt  # of the horizon; roll is small enough to leave the rows level
        hidden = below <= 1e-4
        ahead = pose.zoom * (eye - pose.y) / np.maximum(below, 1e-4)
        far = np.maximum(ahead + pose.dolly, 1e-3)
        base = eye / far  # rows below the horizon for the base camera
        ratio = ahead / far
        u = ((x0 - pose.pan) / pose.zoom) * ratio + pose.x / far
        du = (1.0 / height) / pose.zoom * ratio
        if self.wave is not None:
            amplitude, length, speed = self.wave
            phase = 6.283 * (np.log(np.maximum(base, 1e-4)) / length)
            u = u + amplitude * (0.25 + base * 3) * (
                np.sin(phase * 3.1 + 6.283 * speed * t) * 0.6 + np.sin(phase * 7.3 - 9.1 * speed * t) * 0.4
            )
            base = base + amplitude * base * 0.22 * np.sin(phase * 5.2 + 4.1 * speed * t)
        table = np.empty((height, 4), np.float32)
        table[:, 0] = (u - self.left - placement.x) * self.density - 0.5
        table[:, 1] = du * self.density
        table[:, 2] = np.where(hidden, -1e6, (base + horizon - self.top) * self.density - 0.5)
        table[:, 3] = 0.0
        last = self.pixels.shape[0] - 1.002
        table[:, 2] = np.where((table[:, 2] > last) & ~hidden, last, table[:, 2])
        table[:, 2] = np.where((table[:, 2] < 0) & ~hidden, 0, table[:, 2])
        return table, placement.opacity


def _around(seen: npt.NDArray[np.intp], length: int) -> tuple[int, int]:
    """From the first to behind the last, with one more on each side, which fades the edge."""
    return max(0, int(seen[0]) - 1), min(length, int(seen[-1]) + 2)
