"""How subjects move: a placement for every moment of an action, and the moments at which it makes a sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from opendance.engines.previs.camera import ease
from opendance.engines.previs.plates import Placement
from opendance.engines.previs.sound.effects import Effect
from opendance.plan import Action

BEAT = 0.5  # s; dances and songs without a score move at 120 beats a minute
STEPS: dict[Action, float] = {"walk": 1.9, "run": 3.1, "jump": 1.15}  # a second
WING_BEATS = 2.6  # a second
GOLDEN_ANGLE = 2.399  # radians, pi (3 - sqrt 5): turned by it again and again, no two take the same way

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
    rate = STEPS.get(action)
    if rate is None:
        return []
    times = (np.arange(int(seconds * rate) + 2) - phase) / rate
    return [float(t) for t in times if 0.03 < t < seconds - 0.02]


@dataclass(frozen=True)
class Acting:
    """Who does something.

    Attributes:
        height: of the subject, picture heights.
        seconds: length of the shot.
        phase: 0 to 1, so that a group does not move as one.
        beats: moments of notes, (n,) s, for those who play.
    """

    height: float
    seconds: float
    phase: float
    beats: npt.NDArray[np.float64]

    @property
    def cycle(self) -> float:
        """The phase as an angle."""
        return _TAU * self.phase

    def since_beat(self, t: float) -> float:
        """s since the last note; 1 before the first."""
        before = self.beats[self.beats <= t + 1e-6]
        return float(t - before[-1]) if before.size else 1.0


def move(
    action: Action, *, height: float, seconds: float, phase: float, beats: list[float] | None
) -> Callable[[float], Placement]:
    """The placement of a subject at a time, about its foot; travel across the picture comes on top.

    Args:
        height: of the subject, picture heights.
        phase: 0 to 1, so that a group does not move as one.
        beats: when the music has its notes, for those who play it.
    """
    beats = beats or [i * BEAT for i in range(int(seconds / BEAT) + 2)]
    acting, motion = Acting(height, seconds, phase, np.array(beats)), MOTIONS[action]
    return lambda t: motion(acting, t)


_TAU = 6.2832


def _wave(hertz: float, t: float, shift: float = 0.0) -> float:
    return np.sin(_TAU * hertz * t + shift)


def _walk(a: Acting, t: float) -> Placement:
    return _stride(a, t, STEPS["walk"], lift=0.045, give=0.03, lean=0.02)


def _run(a: Acting, t: float) -> Placement:
    return _stride(a, t, STEPS["run"], lift=0.10, give=0.07, lean=0.10)


def _stride(a: Acting, t: float, rate: float, *, lift: float, give: float, lean: float) -> Placement:
    swing = np.pi * (rate * t + a.phase)
    land = max(0.0, 1 - abs(np.sin(swing)) * 3.2) * give
    return Placement(
        y=-(abs(np.sin(swing)) * lift * a.height),
        angle=lean + 0.045 * np.sin(swing),
        scale_y=1 - land,
        scale_x=1 + land * 0.7,
    )


def _jump(a: Acting, t: float) -> Placement:
    share = (STEPS["jump"] * t + a.phase) % 1
    air = max(0.0, 1 - ((share - 0.55) / 0.42) ** 2)
    squash = 0.16 * np.exp(-(((share - 0.04) / 0.07) ** 2)) - 0.07 * air
    return Placement(
        y=-0.34 * a.height * air,
        scale_y=1 - squash,
        scale_x=1 + squash * 0.8,
        angle=0.10 * np.sin(_TAU * share),
    )


def _fly(a: Acting, t: float) -> Placement:
    flap = np.sin(_TAU * (WING_BEATS * t + a.phase))
    return Placement(
        y=a.height * (0.10 * _wave(0.33, t, a.cycle) + 0.035 * flap),
        angle=0.08 * np.sin(_TAU * 0.33 * t + a.cycle + 1.2),
        scale_y=1 + 0.05 * flap,
    )


def _swim(a: Acting, t: float) -> Placement:
    beat = np.sin(_TAU * (1.15 * t + a.phase))
    return Placement(
        y=a.height * 0.10 * _wave(0.4, t, a.cycle),
        angle=0.07 * np.sin(_TAU * 0.4 * t + a.cycle + 1.0),
        shear=0.07 * beat,
        scale_x=1 + 0.035 * beat,
    )


def _dance(a: Acting, t: float) -> Placement:
    b = t / BEAT + a.phase
    hop = abs(np.sin(np.pi * b))
    turn = np.cos(np.pi * ease((b % 4 - 3) if b % 4 > 3 else 0.0)) * (1 if int(b / 4) % 2 == 0 else -1)
    return Placement(
        x=a.height * 0.10 * np.sin(np.pi * b / 2),
        y=-0.09 * a.height * hop,
        angle=0.16 * np.sin(np.pi * b),
        scale_y=1 - 0.07 * (1 - hop) ** 2,
        scale_x=(0.12 * np.sign(turn) if abs(turn) < 0.12 else turn),
    )


def _play(a: Acting, t: float) -> Placement:
    nod = np.exp(-a.since_beat(t) * 7.0)
    return Placement(
        y=a.height * (0.018 * nod - 0.010 * _wave(0.22, t)),
        angle=0.045 * _wave(0.20, t, a.cycle) + 0.012 * nod,
        x=a.height * 0.020 * _wave(0.20, t, a.cycle),
        scale_y=1 - 0.014 * nod,
    )


def falls_for(seconds: float) -> float:
    """How long a fall takes in a shot of this length, s."""
    return max(0.9, seconds * 0.55)


def _fall(a: Acting, t: float) -> Placement:
    share = min(1.0, t / falls_for(a.seconds))
    drop = (share**2 - 1) * (0.9 + a.height)
    bounce = 0.0
    if share >= 1:
        after = t - falls_for(a.seconds)
        bounce = -abs(np.sin(after * 6.5)) * 0.22 * a.height * np.exp(-after * 3.0)
    return Placement(y=drop + bounce, angle=(1 - share) * 2.6 * (1 if a.phase < 0.5 else -1))


def _rise(a: Acting, t: float) -> Placement:
    share = t / a.seconds
    climb = ease(min(1.0, share * 0.9)) ** 1.4 * 0.95
    tremble = 0.004 * _wave(17, t) * (1 - share)
    return Placement(x=tremble, y=-climb + 0.18, scale_y=1 + 0.05 * share)


def _drive(a: Acting, t: float) -> Placement:
    return Placement(y=a.height * 0.008 * abs(_wave(5.5, t, a.cycle)), angle=0.010 * _wave(1.3, t))


def _float(a: Acting, t: float) -> Placement:
    return Placement(
        x=a.height * 0.05 * _wave(0.13, t, a.cycle),
        y=a.height * (0.11 * _wave(0.19, t, a.cycle)) - 0.03 * t * 0.5,
        angle=0.10 * _wave(0.16, t, a.cycle),
    )


def _sail(a: Acting, t: float) -> Placement:
    return Placement(
        y=a.height * 0.030 * _wave(0.42, t, a.cycle),
        angle=0.055 * np.sin(_TAU * 0.36 * t + a.cycle + 0.7),
    )


def _spin(a: Acting, t: float) -> Placement:
    turn = np.cos(_TAU * 0.42 * t + a.cycle)
    return Placement(scale_x=turn if abs(turn) > 0.10 else 0.10 * (1 if turn >= 0 else -1))


def _sleep(a: Acting, t: float) -> Placement:
    breath = _wave(0.24, t, a.cycle)
    return Placement(scale_y=0.97 + 0.030 * breath, scale_x=1.01 - 0.010 * breath, angle=0.04)


def _eat(a: Acting, t: float) -> Placement:
    chew = max(0.0, _wave(0.45, t, a.cycle)) * abs(_wave(2.1, t))
    return Placement(y=a.height * 0.022 * chew, angle=0.06 * chew, scale_y=1 - 0.025 * chew)


def _greet(a: Acting, t: float) -> Placement:
    talk = abs(_wave(1.7, t)) * (0.55 + 0.45 * _wave(0.31, t))
    return Placement(angle=0.065 * _wave(0.55, t, a.cycle), y=-a.height * 0.018 * talk, scale_y=1 + 0.012 * talk)


def _shake(a: Acting, t: float) -> Placement:
    return Placement(x=a.height * 0.012 * _wave(11, t), angle=0.02 * _wave(9, t, 1))


def _bloom(a: Acting, t: float) -> Placement:
    grow = 0.25 + 0.75 * ease(t / (a.seconds * 0.85))
    return Placement(scale_x=grow, scale_y=grow, angle=0.05 * _wave(0.3, t, a.cycle))


def _burn(a: Acting, t: float) -> Placement:
    flicker = _wave(5.1, t) * 0.5 + _wave(8.3, t, 2) * 0.5
    return Placement(scale_y=1 + 0.06 * flicker, scale_x=1 - 0.025 * flicker, shear=0.04 * _wave(2.2, t))


def _idle(a: Acting, t: float) -> Placement:
    breath = _wave(0.32, t, a.cycle)
    return Placement(scale_y=1 + 0.011 * breath, scale_x=1 - 0.005 * breath, angle=0.014 * _wave(0.17, t, a.cycle))


MOTIONS: dict[Action, Callable[[Acting, float], Placement]] = {
    "idle": _idle, "walk": _walk, "run": _run, "jump": _jump, "fly": _fly, "swim": _swim, "dance": _dance,
    "play_instrument": _play, "fall": _fall, "rise": _rise, "drive": _drive, "float": _float, "spin": _spin,
    "sleep": _sleep, "eat": _eat, "wave": _greet, "sail": _sail, "shake": _shake, "bloom": _bloom, "burn": _burn,
}  # fmt: skip
