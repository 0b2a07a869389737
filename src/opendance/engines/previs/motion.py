"""How subjects move: a placement for every moment of an action, and the moments at which it makes a sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from opendance.engines.previs.camera import ease
from opendance.engines.previs.plates import Placement
from opendance.engines.previs.sound.effects import Effect
from opendance.plan import Action

BEAT = 0.5  # s; dances and songs without a score move at 120 beats a minute
_STEPS: dict[Action, float] = {"walk": 1.9, "run": 3.1, "jump": 1.15}

# How far an action carries its subject, picture heights in a second, at subject height 0.5.
TRAVEL: dict[Action, float] = {
    "walk": 0.15, "run": 0.36, "jump": 0.16, "fly": 0.30, "swim": 0.16, "drive": 0.55, "sail": 0.09, "float": 0.03,
}  # fmt: skip


@dataclass(frozen=True)
class SoundEvent:
    """Something that is heard when it is seen.

    Attributes:
        at: s from the beginning of the shot.
        strength: 0 to 1.
    """

    kind: Effect
    at: float
    strength: float = 1.0


def steps(action: Action, seconds: float, phase: float) -> list[float]:
    """The moments when feet touch the ground."""
    rate = _STEPS.get(action)
    if rate is None:
        return []
    times = (np.arange(int(seconds * rate) + 2) - phase) / rate
    return [float(t) for t in times if 0.03 < t < seconds - 0.02]


def move(
    action: Action, *, height: float, seconds: float, phase: float, beats: list[float] | None
) -> Callable[[float], Placement]:
    """The placement of a subject at a time, about its foot; travel across the picture comes on top.

    Args:
        height: of the subject, picture heights.
        phase: 0 to 1, so that a group does not move as one.
        beats: when the music has its notes, for those who play it.
    """
    tau = 6.2832
    beats = beats or [i * BEAT for i in range(int(seconds / BEAT) + 2)]
    onsets = np.array(beats)

    def since_beat(t: float) -> float:
        before = onsets[onsets <= t + 1e-6]
        return float(t - before[-1]) if before.size else 1.0

    def placement(t: float) -> Placement:
        cycle = tau * phase
        match action:
            case "walk" | "run":
                rate = _STEPS[action]
                swing = np.pi * (rate * t + phase)
                lift = abs(np.sin(swing)) * (0.045 if action == "walk" else 0.10) * height
                land = max(0.0, 1 - abs(np.sin(swing)) * 3.2) * (0.03 if action == "walk" else 0.07)
                lean = (0.02 if action == "walk" else 0.10) + 0.045 * np.sin(swing)
                return Placement(y=-lift, angle=lean, scale_y=1 - land, scale_x=1 + land * 0.7)
            case "jump":
                share = (_STEPS["jump"] * t + phase) % 1
                air = max(0.0, 1 - ((share - 0.55) / 0.42) ** 2)
                squash = 0.16 * np.exp(-(((share - 0.04) / 0.07) ** 2)) - 0.07 * air
                return Placement(
                    y=-0.34 * height * air,
                    scale_y=1 - squash,
                    scale_x=1 + squash * 0.8,
                    angle=0.10 * np.sin(tau * share),
                )
            case "fly":
                flap = np.sin(tau * (2.6 * t + phase))
                return Placement(
                    y=height * (0.10 * np.sin(tau * 0.33 * t + cycle) + 0.035 * flap),
                    angle=0.08 * np.sin(tau * 0.33 * t + cycle + 1.2), scale_y=1 + 0.05 * flap,
                )  # fmt: skip
            case "swim":
                beat = np.sin(tau * (1.15 * t + phase))
                return Placement(
                    y=height * 0.10 * np.sin(tau * 0.4 * t + cycle), angle=0.07 * np.sin(tau * 0.4 * t + cycle + 1.0),
                    shear=0.07 * beat, scale_x=1 + 0.035 * beat,
                )  # fmt: skip
            case "dance":
                b = t / BEAT + phase
                hop = abs(np.sin(np.pi * b))
                turn = np.cos(np.pi * ease((b % 4 - 3) if b % 4 > 3 else 0.0)) * (1 if int(b / 4) % 2 == 0 else -1)
                return Placement(
                    x=height * 0.10 * np.sin(np.pi * b / 2), y=-0.09 * height * hop, angle=0.16 * np.sin(np.pi * b),
                    scale_y=1 - 0.07 * (1 - hop) ** 2, scale_x=(0.12 * np.sign(turn) if abs(turn) < 0.12 else turn),
                )  # fmt: skip
            case "play_instrument":
                nod = np.exp(-since_beat(t) * 7.0)
                return Placement(
                    y=height * (0.018 * nod - 0.010 * np.sin(tau * 0.22 * t)),
                    angle=0.045 * np.sin(tau * 0.20 * t + cycle) + 0.012 * nod,
                    x=height * 0.020 * np.sin(tau * 0.20 * t + cycle),
                    scale_y=1 - 0.014 * nod,
                )
            case "fall":
                share = min(1.0, t / max(0.9, seconds * 0.55))
                drop = (share**2 - 1) * (0.9 + height)
                bounce = 0.0
                if share >= 1:
                    after = t - max(0.9, seconds * 0.55)
                    bounce = -abs(np.sin(after * 6.5)) * 0.22 * height * np.exp(-after * 3.0)
                return Placement(y=drop + bounce, angle=(1 - share) * 2.6 * (1 if phase < 0.5 else -1))
            case "rise":
                share = t / seconds
                climb = ease(min(1.0, share * 0.9)) ** 1.4 * 0.95
                tremble = 0.004 * np.sin(tau * 17 * t) * (1 - share)
                return Placement(x=tremble, y=-climb + 0.18, scale_y=1 + 0.05 * share)
            case "drive":
                return Placement(
                    y=height * 0.008 * abs(np.sin(tau * 5.5 * t + cycle)), angle=0.010 * np.sin(tau * 1.3 * t)
                )
            case "float":
                return Placement(
                    x=height * 0.05 * np.sin(tau * 0.13 * t + cycle),
                    y=height * (0.11 * np.sin(tau * 0.19 * t + cycle)) - 0.03 * t * 0.5,
                    angle=0.10 * np.sin(tau * 0.16 * t + cycle),
                )
            case "sail":
                return Placement(
                    y=height * 0.030 * np.sin(tau * 0.42 * t + cycle),
                    angle=0.055 * np.sin(tau * 0.36 * t + cycle + 0.7),
                )
            case "spin":
                turn = np.cos(tau * 0.42 * t + cycle)
                return Placement(scale_x=turn if abs(turn) > 0.10 else 0.10 * (1 if turn >= 0 else -1))
            case "sleep":
                breath = np.sin(tau * 0.24 * t + cycle)
                return Placement(scale_y=0.97 + 0.030 * breath, scale_x=1.01 - 0.010 * breath, angle=0.04)
            case "eat":
                chew = max(0.0, np.sin(tau * 0.45 * t + cycle)) * abs(np.sin(tau * 2.1 * t))
                return Placement(y=height * 0.022 * chew, angle=0.06 * chew, scale_y=1 - 0.025 * chew)
            case "wave":
                talk = abs(np.sin(tau * 1.7 * t)) * (0.55 + 0.45 * np.sin(tau * 0.31 * t))
                return Placement(
                    angle=0.065 * np.sin(tau * 0.55 * t + cycle), y=-height * 0.018 * talk, scale_y=1 + 0.012 * talk
                )
            case "shake":
                return Placement(x=height * 0.012 * np.sin(tau * 11 * t), angle=0.02 * np.sin(tau * 9 * t + 1))
            case "bloom":
                grow = 0.25 + 0.75 * ease(t / (seconds * 0.85))
                return Placement(scale_x=grow, scale_y=grow, angle=0.05 * np.sin(tau * 0.3 * t + cycle))
            case "burn":
                flicker = np.sin(tau * 5.1 * t) * 0.5 + np.sin(tau * 8.3 * t + 2) * 0.5
                return Placement(
                    scale_y=1 + 0.06 * flicker, scale_x=1 - 0.025 * flicker, shear=0.04 * np.sin(tau * 2.2 * t)
                )
            case "idle":
                breath = np.sin(tau * 0.32 * t + cycle)
                return Placement(
                    scale_y=1 + 0.011 * breath, scale_x=1 - 0.005 * breath, angle=0.014 * np.sin(tau * 0.17 * t + cycle)
                )

    return placement
