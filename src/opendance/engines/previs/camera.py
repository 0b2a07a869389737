"""The camera: every move of film vocabulary as a path, and the projection of plates at their depths.

Coordinates: 1 is the height of the picture; x to the right and y down from the middle; depth 1 is where the subject
stands. A plate at depth z is drawn as the base camera sees it; a camera that moved sees its point p at
q = zoom * (p - horizon - position / z) * z / (z - dolly) + horizon + turn, rolled about the middle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from opendance.plan import Camera, Move


@dataclass(frozen=True)
class Pose:
    """Where the camera stands and looks.

    Attributes:
        x, y: position, in picture heights at depth 1.
        dolly: how far it went forward (depth 1 would touch the subject).
        zoom: focal length over the base one.
        pan, tilt: shift of the whole picture, in picture heights.
        roll: radians.
    """

    x: float = 0.0
    y: float = 0.0
    dolly: float = 0.0
    zoom: float = 1.0
    pan: float = 0.0
    tilt: float = 0.0
    roll: float = 0.0


class Path(Protocol):
    """A camera move: the pose at a share of the shot, 0 to 1."""

    def __call__(self, share: float) -> Pose: ...


def ease(share: float) -> float:
    """Slow in, slow out: zero speed and acceleration at both ends (Perlin's quintic)."""
    s = min(1.0, max(0.0, share))
    return s * s * s * (s * (s * 6 - 15) + 10)


def glide(share: float) -> float:
    """Nearly even speed with soft ends, for moves that go on through the whole shot."""
    return 0.45 * ease(share) + 0.55 * share


@dataclass(frozen=True)
class Course:
    """What a move is made of.

    Attributes:
        amount: how far it goes, 1 for a calm move of some 5 s.
        follow: how far the subject travels to the right in the shot, picture heights.
        focus: where the subject is in the picture: pushes and zooms keep it framed.
        share: of the shot, 0 to 1; `eased` with soft ends, `glided` nearly even.
    """

    amount: float
    follow: float
    focus: tuple[float, float]
    share: float

    @property
    def eased(self) -> float:
        return ease(self.share)

    @property
    def glided(self) -> float:
        return glide(self.share)

    @property
    def side(self) -> float:
        """From -1 to 1, nearly even."""
        return 2 * glide(self.share) - 1

    def toward(self, dolly: float, zoom: float, roll: float = 0.0) -> Pose:
        """Forward and closer; what is in focus is kept where it is and drawn to the middle a little."""
        scale = zoom / (1 - dolly)
        keep = 0.86
        x, y = self.focus
        return Pose(dolly=dolly, zoom=zoom, pan=(1 - scale) * x * keep, tilt=(1 - scale) * y * keep, roll=roll)


CameraMove = Callable[[Course], Pose]


def _static(c: Course) -> Pose:
    return Pose(dolly=0.015 * c.glided)


def _time_lapse(c: Course) -> Pose:
    return Pose(x=0.06 * c.side, dolly=0.05 * c.glided)


def _push_in(c: Course) -> Pose:
    return c.toward(0.21 * c.amount * c.glided, 1.0)


def _pull_out(c: Course) -> Pose:
    return c.toward(0.26 * c.amount * (1 - c.glided), 1.0)


def _zoom_in(c: Course) -> Pose:
    return c.toward(0.0, 1 + 0.45 * c.amount * c.glided)


def _zoom_out(c: Course) -> Pose:
    return c.toward(0.0, 1 + 0.45 * c.amount * (1 - c.glided))


def _dolly_zoom(c: Course) -> Pose:
    dolly = 0.42 * c.amount * c.eased
    return c.toward(dolly, 1 - dolly)  # the subject keeps its size, the world behind it grows


def _pan(way: int) -> CameraMove:
    return lambda c: Pose(pan=way * 0.42 * c.amount * (2 * c.eased - 1))


def _tilt_up(c: Course) -> Pose:
    return Pose(tilt=0.30 * c.amount * (c.eased - 1))


def _tilt_down(c: Course) -> Pose:
    return Pose(tilt=-(0.30 * c.amount * c.eased))


def _truck(way: int) -> CameraMove:
    return lambda c: Pose(x=way * 0.42 * c.amount * c.side)


def _pedestal_up(c: Course) -> Pose:
    return Pose(y=-(0.17 * c.amount * c.glided))


def _pedestal_down(c: Course) -> Pose:
    return Pose(y=-(0.17 * c.amount * (1 - c.glided)))


def _crane_up(c: Course) -> Pose:
    return _crane(0.34 * c.amount * c.eased)


def _crane_down(c: Course) -> Pose:
    return _crane(0.34 * c.amount * (1 - c.eased))


def _crane(height: float) -> Pose:
    return Pose(y=-height, tilt=-height * 0.75, dolly=-0.10 * height)


def _orbit(c: Course) -> Pose:
    # An arc around the subject: it stays framed while the world turns behind it.
    x = 0.55 * c.amount * c.side
    return Pose(x=x, pan=x, dolly=0.06 - 0.06 * c.side * c.side)


def _tracking(c: Course) -> Pose:
    return Pose(x=c.follow * c.glided, dolly=0.05 * c.glided)


def _whip_pan(c: Course) -> Pose:
    turn = ease((c.share - 0.36) / 0.22)
    return Pose(pan=1.15 * (1 - turn) - 0.02 * c.glided)


def _roll(c: Course) -> Pose:
    return c.toward(0.10 * c.glided, 1.06, roll=0.16 * c.amount * (2 * c.eased - 1))


MOVES: dict[Move, CameraMove] = {
    "static": _static, "handheld": _static, "time_lapse": _time_lapse, "push_in": _push_in, "pull_out": _pull_out,
    "zoom_in": _zoom_in, "zoom_out": _zoom_out, "dolly_zoom": _dolly_zoom, "pan_left": _pan(1), "pan_right": _pan(-1),
    "tilt_up": _tilt_up, "tilt_down": _tilt_down, "truck_left": _truck(-1), "truck_right": _truck(1),
    "pedestal_up": _pedestal_up, "pedestal_down": _pedestal_down, "crane_up": _crane_up, "crane_down": _crane_down,
    "orbit": _orbit, "tracking": _tracking, "whip_pan": _whip_pan, "roll": _roll,
}  # fmt: skip


def camera_path(camera: Camera, seconds: float, *, follow: float, focus: tuple[float, float], seed: int) -> Path:
    """The path of a move.

    Args:
        follow: how far the subject travels to the right in the shot, picture heights; tracking goes along.
        focus: where the subject is in the picture: pushes and zooms keep it framed.
        seed: of the hand's shake.
    """
    amount = min(1.6, camera.speed * (0.75 + seconds / 20))
    steady = MOVES[camera.move]
    shaky = camera.handheld or camera.move == "handheld"
    rng = np.random.default_rng(seed)
    shake = [(rng.uniform(0.25, 1.9), rng.uniform(0, 6.28), rng.uniform(0.4, 1.0)) for _ in range(15)]

    def path(share: float) -> Pose:
        pose = steady(Course(amount, follow, focus, share))
        travelled = follow * glide(share) if camera.move != "tracking" else 0.0
        strength = 0.011 if shaky else 0.0012
        t = share * seconds
        wobble = [
            sum(np.sin(6.28 * f * t + p) * a for f, p, a in shake[k * 5 : k * 5 + 5]) * strength * 0.5 for k in range(3)
        ]
        return Pose(
            pose.x + 0.10 * travelled,
            pose.y,
            pose.dolly,
            pose.zoom,
            pose.pan + float(wobble[0]),
            pose.tilt + float(wobble[1]),
            pose.roll + (float(wobble[2]) * 0.35 if shaky else 0.0),  # level rows are drawn twice as fast
        )

    return path


def extent(
    path: Path, depth: float, aspect: float, horizon: float, *, samples: int = 9
) -> tuple[float, float, float, float, float]:
    """What a plate at `depth` must cover: (left, top, right, bottom) in picture heights, and the largest scale."""
    left = top = 9.0
    right = bottom = -9.0
    largest = 0.0
    for k in range(samples):
        pose = path(k / (samples - 1))
        scale = pose.zoom * depth / max(0.05, depth - pose.dolly)
        largest = max(largest, scale)
        reach = abs(pose.roll) * 0.6 + 0.012
        for sx in (-aspect / 2 - reach, aspect / 2 + reach):
            x = (sx - pose.pan) / scale + pose.x / depth
            left, right = min(left, x), max(right, x)
        for sy in (-0.5 - reach * aspect, 0.5 + reach * aspect):
            y = (sy - horizon - pose.tilt) / scale + horizon + pose.y / depth
            top, bottom = min(top, y), max(bottom, y)
    return left, top, right, bottom, largest
