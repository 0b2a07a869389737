"""What a scene is made of: plates (pictures at a depth), floors (planes that go to the horizon), and how they move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from opendance.engines.previs.camera import Pose
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

    @cached_property
    def _solid(self) -> npt.NDArray[np.bool_]:
        """(h,) rows that hide all behind them."""
        return (self.pixels >> np.uint32(24)).min(axis=1) == 255

    @cached_property
    def shines(self) -> bool:
        """Whether it adds light: colour over its alpha."""
        rgba = self.pixels[..., None].view(np.uint8)
        return any(bool((rgba[..., channel] > rgba[..., 3]).any()) for channel in range(3))

    def covered(self, rows: Floats, width: int) -> npt.NDArray[np.uint8]:
        """(frame height,) 1 where this plate hides the whole row of the frame.

        Args:
            rows: of `rows`.
        """
        height, columns = self.pixels.shape
        v = np.floor(rows[:, 2]).astype(np.int64)
        inside = (v >= 0) & (v < height - 1) & (rows[:, 3] == 0) & (rows[:, 0] >= 0)
        inside &= rows[:, 0] + rows[:, 1] * (width - 1) < columns - 1.001
        v = np.clip(v, 0, height - 2)
        return (inside & self._solid[v] & self._solid[v + 1]).astype(np.uint8)

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
        # Screen to picture: roll, turn, scale and position undone; then the plate's own placement undone.
        cos, sin = np.cos(-pose.roll), np.sin(-pose.roll)
        y = (np.arange(height, dtype=np.float64) + 0.5) / height - 0.5
        x0 = 0.5 / height - width / height / 2
        step = 1.0 / height
        qx, qy = cos * x0 - sin * y, sin * x0 + cos * y
        dqx, dqy = cos * step, sin * step
        px = (qx - pose.pan) / scale + pose.x / self.depth
        py = (qy - horizon - pose.tilt) / scale + horizon + pose.y / self.depth
        dpx, dpy = dqx / scale, dqy / scale
        ax, ay = self.anchor
        rx, ry = px - ax - placement.x, py - ay - placement.y
        c, s = np.cos(-placement.angle), np.sin(-placement.angle)
        rx, ry = c * rx - s * ry, s * rx + c * ry
        dx, dy = c * dpx - s * dpy, s * dpx + c * dpy
        rx, dx = rx + placement.shear * ry, dx + placement.shear * dy
        rx, dx = rx / placement.scale_x, dx / placement.scale_x
        ry, dy = ry / placement.scale_y, dy / placement.scale_y
        u = (rx + ax - self.left) * self.density - 0.5
        v = (ry + ay - self.top) * self.density - 0.5
        if self.wave is not None:
            amplitude, length, speed = self.wave
            rows_in = self.pixels.shape[0]
            lift = np.clip(1 - v / rows_in, 0, 1)
            u = u + amplitude * self.density * lift**1.5 * np.sin(6.283 * (v / rows_in / length - speed * t))
        table = np.empty((height, 4), np.float32)
        table[:, 0], table[:, 1] = u, dx * self.density
        table[:, 2], table[:, 3] = v, dy * self.density
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
