"""Camera moves through a picture that begin where it was taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from opendance.engines.previs.camera import Path, Pose, ease, glide
from opendance.plan import Camera, Move


@dataclass(frozen=True)
class Course:
    """What a move through a picture is made of.

    Attributes:
        amount: how far it goes, 1 for a calm move.
        focus: what pushes and orbits keep in sight.
        share: of the shot, 0 to 1; `eased` with soft ends, `glided` nearly even.
    """

    amount: float
    focus: tuple[float, float]
    share: float

    @property
    def eased(self) -> float:
        return ease(self.share)

    @property
    def glided(self) -> float:
        return glide(self.share)

    @property
    def back(self) -> float:
        """The amount of moves out of the picture, which has no more to show than it has."""
        return min(1.0, self.amount)

    def toward(self, dolly: float, zoom: float = 1.0, roll: float = 0.0) -> Pose:
        """Forward and closer, to what is in focus."""
        scale = zoom / (1 - 0.85 * dolly)
        x, y = self.focus
        return Pose(dolly=dolly, zoom=zoom, pan=(1 - scale) * x * 0.7, tilt=(1 - scale) * y * 0.7, roll=roll)


PictureMove = Callable[[Course], Pose]


def _static(c: Course) -> Pose:
    return Pose(dolly=0.02 * c.glided)


def _push_in(c: Course) -> Pose:
    return c.toward(0.24 * c.amount * c.glided)


def _pull_out(c: Course) -> Pose:
    return c.toward(-0.14 * c.back * c.glided)


def _zoom_in(c: Course) -> Pose:
    return c.toward(0.03 * c.glided, 1 + 0.34 * c.amount * c.glided)


def _zoom_out(c: Course) -> Pose:
    return c.toward(0.0, 1 - 0.18 * c.back * c.glided)


def _dolly_zoom(c: Course) -> Pose:
    dolly = 0.30 * c.amount * c.eased
    return c.toward(dolly, 1 - 0.9 * dolly)


def _pan(way: int) -> PictureMove:
    return lambda c: Pose(pan=way * 0.20 * c.amount * c.eased, dolly=0.02 * c.glided)


def _tilt(way: int) -> PictureMove:
    return lambda c: Pose(tilt=way * 0.13 * c.amount * c.eased, dolly=0.02 * c.glided)


def _truck(way: int) -> PictureMove:
    return lambda c: Pose(x=way * 0.16 * c.amount * c.glided, dolly=0.03 * c.glided)


def _tracking(c: Course) -> Pose:
    return Pose(x=0.15 * c.amount * c.glided, dolly=0.06 * c.glided)


def _pedestal(way: int) -> PictureMove:
    return lambda c: Pose(y=way * 0.12 * c.amount * c.glided)


def _crane(way: int) -> PictureMove:
    return lambda c: Pose(
        y=way * 0.15 * c.amount * c.eased, tilt=way * 0.07 * c.amount * c.eased, dolly=0.05 * c.glided
    )


def _orbit(c: Course) -> Pose:
    x = float(0.24 * c.amount * np.sin(np.pi * 0.5 * c.glided))
    return Pose(x=x, pan=x * 0.92, dolly=0.05 * c.glided)


def _whip_pan(c: Course) -> Pose:
    return Pose(pan=-0.26 * ease((c.share - 0.40) / 0.16), dolly=0.03 * c.glided)


def _roll(c: Course) -> Pose:
    return c.toward(0.08 * c.glided, 1.0, roll=0.14 * c.amount * c.eased)


def _time_lapse(c: Course) -> Pose:
    return Pose(dolly=0.06 * c.glided)


PICTURE_MOVES: dict[Move, PictureMove] = {
    "static": _static, "handheld": _static, "push_in": _push_in, "pull_out": _pull_out, "zoom_in": _zoom_in,
    "zoom_out": _zoom_out, "dolly_zoom": _dolly_zoom, "pan_left": _pan(1), "pan_right": _pan(-1), "tilt_up": _tilt(1),
    "tilt_down": _tilt(-1), "truck_left": _truck(-1), "truck_right": _truck(1), "tracking": _tracking,
    "pedestal_up": _pedestal(-1), "pedestal_down": _pedestal(1), "crane_up": _crane(-1), "crane_down": _crane(1),
    "orbit": _orbit, "whip_pan": _whip_pan, "roll": _roll, "time_lapse": _time_lapse,
}  # fmt: skip


def photo_path(camera: Camera, seconds: float, *, focus: tuple[float, float], seed: int, still: bool = False) -> Path:
    """A camera move that begins where the picture was taken: at share 0 it is the picture.

    Args:
        focus: what pushes and orbits keep in sight.
        still: nobody asked for a move: the least that shows depth.
    """
    amount = min(1.35, camera.speed * (0.8 + seconds / 30)) * (0.75 if still else 1.0)
    steady = PICTURE_MOVES[camera.move]
    shaky = camera.handheld or camera.move == "handheld"
    rng = np.random.default_rng(seed)
    shake = [(rng.uniform(0.25, 1.7), rng.uniform(0, 6.28), rng.uniform(0.4, 1.0)) for _ in range(10)]

    def path(share: float) -> Pose:
        pose = steady(Course(amount, focus, share))
        if not shaky:
            return pose
        t = share * seconds
        strength = 0.008 * min(1.0, t / 0.7)
        wobble = [sum(np.sin(6.28 * f * t + p) * a for f, p, a in shake[k : k + 5]) * strength * 0.5 for k in (0, 5)]
        return Pose(
            pose.x, pose.y, pose.dolly, pose.zoom, pose.pan + float(wobble[0]), pose.tilt + float(wobble[1]), pose.roll
        )

    return path
