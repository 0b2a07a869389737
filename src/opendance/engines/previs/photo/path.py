"""Camera moves through a picture that begin where it was taken."""

from __future__ import annotations

import numpy as np

from opendance.engines.previs.camera import Path, Pose, ease, glide
from opendance.plan import Camera


def photo_path(camera: Camera, seconds: float, *, focus: tuple[float, float], seed: int, still: bool = False) -> Path:
    """A camera move that begins where the picture was taken: at share 0 it is the picture.

    Args:
        focus: what pushes and orbits keep in sight.
        still: nobody asked for a move: the least that shows depth.
    """
    amount = min(1.35, camera.speed * (0.8 + seconds / 30)) * (0.75 if still else 1.0)
    fx, fy = focus
    move = camera.move
    shaky = camera.handheld or move == "handheld"
    rng = np.random.default_rng(seed)
    shake = [(rng.uniform(0.25, 1.7), rng.uniform(0, 6.28), rng.uniform(0.4, 1.0)) for _ in range(10)]

    def toward(dolly: float, zoom: float = 1.0, roll: float = 0.0) -> Pose:
        scale = zoom / (1 - 0.85 * dolly)
        return Pose(dolly=dolly, zoom=zoom, pan=(1 - scale) * fx * 0.7, tilt=(1 - scale) * fy * 0.7, roll=roll)

    def steady(share: float) -> Pose:
        s, g = ease(share), glide(share)
        sign = -1 if move.endswith(("left", "up")) else 1
        match move:
            case "static" | "handheld":
                return Pose(dolly=0.02 * g)
            case "push_in":
                return toward(0.24 * amount * g)
            case "pull_out":
                return toward(-0.14 * min(1.0, amount) * g)
            case "zoom_in":
                return toward(0.03 * g, 1 + 0.34 * amount * g)
            case "zoom_out":
                return toward(0.0, 1 - 0.18 * min(1.0, amount) * g)
            case "dolly_zoom":
                dolly = 0.30 * amount * s
                return toward(dolly, 1 - 0.9 * dolly)
            case "pan_left" | "pan_right":
                return Pose(pan=-sign * 0.20 * amount * s, dolly=0.02 * g)
            case "tilt_up" | "tilt_down":
                return Pose(tilt=-sign * 0.13 * amount * s, dolly=0.02 * g)
            case "truck_left" | "truck_right":
                return Pose(x=sign * 0.16 * amount * g, dolly=0.03 * g)
            case "tracking":
                return Pose(x=0.15 * amount * g, dolly=0.06 * g)
            case "pedestal_up" | "pedestal_down":
                return Pose(y=sign * 0.12 * amount * g)
            case "crane_up" | "crane_down":
                return Pose(y=sign * 0.15 * amount * s, tilt=sign * 0.07 * amount * s, dolly=0.05 * g)
            case "orbit":
                x = 0.24 * amount * np.sin(np.pi * 0.5 * g)
                return Pose(x=float(x), pan=float(x) * 0.92, dolly=0.05 * g)
            case "whip_pan":
                return Pose(pan=-0.26 * ease((share - 0.40) / 0.16), dolly=0.03 * g)
            case "roll":
                return toward(0.08 * g, 1.0, roll=0.14 * amount * s)
            case "time_lapse":
                return Pose(dolly=0.06 * g)

    def path(share: float) -> Pose:
        pose = steady(share)
        if not shaky:
            return pose
        t = share * seconds
        strength = 0.008 * min(1.0, t / 0.7)
        wobble = [sum(np.sin(6.28 * f * t + p) * a for f, p, a in shake[k : k + 5]) * strength * 0.5 for k in (0, 5)]
        return Pose(
            pose.x, pose.y, pose.dolly, pose.zoom, pose.pan + float(wobble[0]), pose.tilt + float(wobble[1]), pose.roll
        )

    return path
