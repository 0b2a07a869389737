"""The camera: every move of film vocabulary as a path, and the projection of plates at their depths.

Coordinates: 1 is the height of the picture; x to the right and y down from the middle; depth 1 is where the subject
stands. A plate at depth z is drawn as the base camera sees it; a camera that moved sees its point p at
q = zoom * (p - horizon - position / z) * z / (z - dolly) + horizon + turn, rolled about the middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from opendance.plan import Camera


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


def camera_path(camera: Camera, seconds: float, *, follow: float, focus: tuple[float, float], seed: int) -> Path:
    """The path of a move.

    Args:
        follow: how far the subject travels to the right in the shot, picture heights; tracking goes along.
        focus: where the subject is in the picture: pushes and zooms keep it framed.
        seed: of the hand's shake.
    """
    amount = min(1.6, camera.speed * (0.75 + seconds / 20))
    fx, fy = focus
    move = camera.move
    shaky = camera.handheld or move == "handheld"
    rng = np.random.default_rng(seed)
    shake = [(rng.uniform(0.25, 1.9), rng.uniform(0, 6.28), rng.uniform(0.4, 1.0)) for _ in range(15)]

    def steady(share: float) -> Pose:
        s, g = ease(share), glide(share)
        side = 2 * g - 1
        match move:
            case "static" | "handheld":
                return Pose(dolly=0.015 * g)
            case "time_lapse":
                return Pose(x=0.06 * side, dolly=0.05 * g)
            case "push_in":
                return _toward(0.21 * amount * g, 1.0, fx, fy)
            case "pull_out":
                return _toward(0.26 * amount * (1 - g), 1.0, fx, fy)
            case "zoom_in":
                return _toward(0.0, 1 + 0.45 * amount * g, fx, fy)
            case "zoom_out":
                return _toward(0.0, 1 + 0.45 * amount * (1 - g), fx, fy)
            case "dolly_zoom":
                dolly = 0.42 * amount * s
                return _toward(dolly, 1 - dolly, fx, fy)  # the subject keeps its size, the world behind it grows
            case "pan_left" | "pan_right":
                return Pose(pan=(1 if move == "pan_left" else -1) * 0.42 * amount * (2 * s - 1))
            case "tilt_up" | "tilt_down":
                return Pose(
                    tilt=(1 if move == "tilt_up" else -1) * (0.30 * amount * (s - 1 if move == "tilt_up" else s))
                )
            case "truck_left" | "truck_right":
                return Pose(x=(-1 if move == "truck_left" else 1) * 0.42 * amount * side)
            case "pedestal_up" | "pedestal_down":
                height = 0.17 * amount * (g if move == "pedestal_up" else 1 - g)
                return Pose(y=-height)
            case "crane_up" | "crane_down":
                height = 0.34 * amount * (s if move == "crane_up" else 1 - s)
                return Pose(y=-height, tilt=-height * 0.75, dolly=-0.10 * height)
            case "orbit":
                # An arc around the subject: it stays framed while the world turns behind it.
                x = 0.55 * amount * side
                return Pose(x=x, pan=x, dolly=0.06 - 0.06 * side * side)
            case "tracking":
                return Pose(x=follow * g, dolly=0.05 * g)
            case "whip_pan":
                turn = ease((share - 0.36) / 0.22)
                return Pose(pan=1.15 * (1 - turn) - 0.02 * g)
            case "roll":
                return _toward(0.10 * g, 1.06, fx, fy, roll=0.16 * amount * (2 * s - 1))

    def path(share: float) -> Pose:
        pose = steady(share)
        travelled = follow * glide(share) if move != "tracking" else 0.0
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


def _toward(dolly: float, zoom: float, fx: float, fy: float, roll: float = 0.0) -> Pose:
    """Forward and closer, with what is at (fx, fy) at depth 1 kept where it is and drawn to the middle a little."""
    scale = zoom / (1 - dolly)
    keep = 0.86
    return Pose(dolly=dolly, zoom=zoom, pan=(1 - scale) * fx * keep, tilt=(1 - scale) * fy * keep, roll=roll)


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
