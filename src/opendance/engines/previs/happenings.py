"""What happens to things by themselves: how they move when they roll, melt, swing or land, and what comes out of them.

A verb of the plan (an English lemma) names a happening. Those that are verbs of bodies - walk, fly, swim - are motions
(`motion.py`); what people do is acted (`people/actions.toml`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Literal, get_args

import numpy as np

from opendance.engines.previs.camera import ease
from opendance.engines.previs.motion import BEAT, Acting
from opendance.engines.previs.plates import Placement

Happening = Literal[
    "roll", "rotate", "swing", "sway", "bounce", "tremble", "grow", "shrink", "open", "melt", "vanish", "appear",
    "land", "take_off", "dock", "crash", "explode", "shatter", "burn", "flicker", "glow", "sparkle", "steam", "smoke",
    "erupt", "drip", "splash",
]  # fmt: skip
HAPPENINGS: tuple[Happening, ...] = get_args(Happening)
_TAU = 6.2832

# By happening: the lemmas that mean it, beside its own name.
_WORDS: Mapping[Happening, tuple[str, ...]] = {
    "roll": ("trundle",),
    "rotate": ("turn", "twirl", "whirl"),
    "swing": ("dangle", "hang", "ring", "toll", "rock"),
    "sway": ("flutter", "rustle", "ripple", "billow", "bend", "wave"),
    "bounce": ("hop",),
    "tremble": ("rattle", "vibrate", "quake", "wobble", "rumble"),
    "grow": ("sprout", "inflate", "expand", "swell"),
    "shrink": ("deflate", "contract", "shrivel", "wither"),
    "open": ("unfold", "unfurl", "spread"),
    "melt": ("thaw",),
    "vanish": ("disappear", "fade", "dissolve", "evaporate"),
    "appear": ("materialise", "materialize"),
    "land": ("descend", "settle", "touch down", "alight", "perch"),
    "take_off": ("take off",),
    "dock": ("park", "moor", "anchor", "arrive", "stop"),
    "crash": ("collide", "slam"),
    "explode": ("burst", "blow up", "detonate", "pop"),
    "shatter": ("break", "crumble", "collapse", "smash", "crack", "fall apart"),
    "burn": ("blaze", "catch fire", "be on fire", "ignite", "light"),
    "flicker": ("blink", "flash", "twinkle", "strobe"),
    "glow": ("shine", "gleam", "light up", "radiate", "glimmer", "turn on", "illuminate"),
    "sparkle": ("glisten", "shimmer", "glitter"),
    "steam": ("simmer", "boil", "brew", "cook", "bake"),
    "smoke": ("smoulder", "smolder", "fume", "puff"),
    "erupt": ("spew", "gush"),
    "drip": ("leak", "ooze", "trickle"),
    "splash": ("spill", "overflow", "pour out"),
}
# What is done to a thing and happens to it then: "breaks a vase", "lights a candle".
_DONE_TO: tuple[Happening, ...] = (
    "roll", "rotate", "swing", "bounce", "melt", "explode", "shatter", "burn", "glow", "open", "grow",
)  # fmt: skip
# What may happen to people and animals as well; the rest of the verbs they do to something, if only in thought.
_TO_ANYBODY: tuple[Happening, ...] = ("shrink", "melt", "vanish", "appear", "glow", "sparkle")


@cache
def _by_lemma() -> dict[str, Happening]:
    own: dict[str, Happening] = {name.replace("_", " "): name for name in HAPPENINGS}
    own.update({lemma: name for name, lemmas in _WORDS.items() for lemma in lemmas})
    return own


def happening_of(verb: str, *, is_alive: bool) -> Happening | None:
    """What a verb, an English lemma, lets happen to who or what does it; None where that is no happening."""
    name = _by_lemma().get(verb.lower().replace("_", " "))
    return None if is_alive and name not in _TO_ANYBODY else name


def happening_to(verb: str) -> Happening | None:
    """What a verb lets happen to the thing that it is done to."""
    name = _by_lemma().get(verb.lower().replace("_", " "))
    return name if name in _DONE_TO else None


def breaks_at(seconds: float) -> float:
    """When in a shot of this length things break or burst, s."""
    return seconds * 0.32


def happen(
    happening: Happening, *, height: float, aspect: float, seconds: float, phase: float
) -> Callable[[float], Placement]:
    """The placement of what it happens to, at a time, about its foot.

    Args:
        height: of it; aspect: width of the picture; both picture heights.
        phase: 0 to 1, so that a group does not move as one.
    """
    motion = _MOTIONS.get(happening, _rest)
    acting = Acting(height, seconds, phase, np.zeros(0))
    return lambda t: motion(acting, t, aspect)


def _wave(hertz: float, t: float, shift: float = 0.0) -> float:
    return float(np.sin(_TAU * hertz * t + shift))


def _rest(a: Acting, t: float, aspect: float) -> Placement:
    return Placement()


def _roll(a: Acting, t: float, aspect: float) -> Placement:
    way = aspect * 0.62
    x = way * (t / a.seconds - 0.5)
    angle = x / (a.height / 2)
    return _about_middle(a, angle, Placement(x=x))


def _rotate(a: Acting, t: float, aspect: float) -> Placement:
    return _about_middle(a, _TAU * (0.28 * t + a.phase), Placement())


def _about_middle(a: Acting, angle: float, at: Placement) -> Placement:
    """Turned about its middle: placements turn about the foot."""
    half = a.height / 2
    return Placement(x=at.x - np.sin(angle) * half, y=at.y - half + np.cos(angle) * half, angle=angle)


def _swing(a: Acting, t: float, aspect: float) -> Placement:
    angle = 0.34 * _wave(0.55, t, a.cycle)
    return Placement(x=-np.sin(angle) * a.height, y=-a.height + np.cos(angle) * a.height, angle=angle)


def _sway(a: Acting, t: float, aspect: float) -> Placement:
    return Placement(shear=0.10 * _wave(0.42, t, a.cycle) + 0.035 * _wave(1.3, t, 2 * a.cycle), angle=0.02)


def _bounce(a: Acting, t: float, aspect: float) -> Placement:
    air = abs(np.sin(np.pi * (t / BEAT / 1.5 + a.phase)))
    flat = max(0.0, 1 - air * 4) * 0.2
    return Placement(y=-0.55 * max(a.height, 0.2) * air, scale_y=1 - flat, scale_x=1 + flat * 0.8)


def _tremble(a: Acting, t: float, aspect: float) -> Placement:
    return Placement(x=a.height * 0.012 * _wave(11, t), angle=0.02 * _wave(9, t, 1))


def _grow(a: Acting, t: float, aspect: float) -> Placement:
    size = 0.16 + 0.84 * ease(t / (a.seconds * 0.85))
    return Placement(scale_x=size * (0.92 + 0.08 * size), scale_y=size, shear=0.03 * _wave(0.5, t, a.cycle))


def _shrink(a: Acting, t: float, aspect: float) -> Placement:
    size = 1 - 0.75 * ease(t / (a.seconds * 0.9))
    return Placement(scale_x=size, scale_y=size)


def _open(a: Acting, t: float, aspect: float) -> Placement:
    return Placement(scale_x=0.22 + 0.78 * ease(t / (a.seconds * 0.6)))


def _melt(a: Acting, t: float, aspect: float) -> Placement:
    share = ease((t - 0.08 * a.seconds) / (a.seconds * 0.85))
    return Placement(
        scale_y=1 - 0.80 * share, scale_x=1 + 0.42 * share, shear=0.03 * _wave(0.3, t) * share, opacity=1 - 0.18 * share
    )


def _vanish(a: Acting, t: float, aspect: float) -> Placement:
    share = ease((t - 0.25 * a.seconds) / (a.seconds * 0.55))
    return Placement(opacity=1 - share, scale_x=1 + 0.06 * share, scale_y=1 + 0.06 * share)


def _appear(a: Acting, t: float, aspect: float) -> Placement:
    share = ease((t - 0.1 * a.seconds) / (a.seconds * 0.45))
    return Placement(opacity=share, scale_x=0.9 + 0.1 * share, scale_y=0.9 + 0.1 * share)


def _land(a: Acting, t: float, aspect: float) -> Placement:
    left = 1 - ease(t / (a.seconds * 0.75))
    return Placement(x=-0.28 * aspect * left, y=-0.75 * left, angle=-0.05 * left + 0.015 * _wave(0.7, t) * left)


def _take_off(a: Acting, t: float, aspect: float) -> Placement:
    share = t / a.seconds
    climb = ease((share - 0.30) / 0.85)
    return Placement(x=aspect * (0.75 * share**1.6 - 0.30), y=-0.85 * climb, angle=-0.16 * ease((share - 0.25) / 0.2))


def _dock(a: Acting, t: float, aspect: float) -> Placement:
    left = 1 - ease(t / (a.seconds * 0.8))
    return Placement(x=-0.55 * aspect * left, y=0.01 * a.height * _wave(0.4, t, a.cycle))


def hits_at(seconds: float) -> float:
    """When what crashes is there, s, in a shot of so many seconds."""
    return seconds * 0.4


def _crash(a: Acting, t: float, aspect: float) -> Placement:
    hit = hits_at(a.seconds)
    if t < hit:
        return Placement(x=-aspect * 0.75 * (1 - (t / hit) ** 1.5))
    after = t - hit
    jolt = float(np.exp(-after * 5) * np.sin(after * 40))
    flat = 0.14 * (1 - float(np.exp(-after * 14)))
    return Placement(x=0.03 * jolt, angle=0.05 * (1 - float(np.exp(-after * 6))) + 0.06 * jolt, scale_x=1 - flat)


def _explode(a: Acting, t: float, aspect: float) -> Placement:
    tense = min(1.0, t / breaks_at(a.seconds))
    return Placement(
        x=0.012 * a.height * tense * _wave(13, t), scale_x=1 + 0.10 * tense**3, scale_y=1 + 0.10 * tense**3,
        visible=t < breaks_at(a.seconds),
    )  # fmt: skip


def _shatter(a: Acting, t: float, aspect: float) -> Placement:
    return Placement(x=0.006 * a.height * _wave(15, t), visible=t < breaks_at(a.seconds))


def _flicker(a: Acting, t: float, aspect: float) -> Placement:
    off = _wave(2.3, t, a.cycle) + _wave(5.9, t) + 0.7 * _wave(9.7, t, 2) < -0.7
    return Placement(opacity=0.55 if off else 1.0)


def _boil(a: Acting, t: float, aspect: float) -> Placement:
    return Placement(y=-0.006 * a.height * abs(_wave(4.1, t)), angle=0.008 * _wave(3.3, t))


_MOTIONS: Mapping[Happening, Callable[[Acting, float, float], Placement]] = {
    "roll": _roll, "rotate": _rotate, "swing": _swing, "sway": _sway, "bounce": _bounce, "tremble": _tremble,
    "grow": _grow, "shrink": _shrink, "open": _open, "melt": _melt, "vanish": _vanish, "appear": _appear,
    "land": _land, "take_off": _take_off, "dock": _dock, "crash": _crash, "explode": _explode, "shatter": _shatter,
    "flicker": _flicker, "steam": _boil, "erupt": _tremble,
}  # fmt: skip
