"""Effects, each synthesised: steps, animals, engines, weather; those of work are in `work.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from opendance.catalog import SAMPLE_RATE
from opendance.engines.previs.sound.synth import Wave, glide, lasting, length_of, noise, padded, shaped, swell
from opendance.engines.previs.sound.work import WORK, WorkEffect

Effect = Literal[
    WorkEffect,
    "step", "step_soft", "hoof", "thud", "flap", "meow", "bark", "chirp", "cry", "hoot", "moo", "baa", "howl", "roar",
    "buzz", "rotor", "jet", "engine", "rocket", "train", "wind", "creak", "crackle", "crackle_one", "thunder",
    "firework", "bubble", "drop", "cricket", "cheer",
]  # fmt: skip
Synth = Callable[[np.random.Generator, float], Wave]  # random numbers, and s that are left of the shot


def effect(kind: Effect, rng: np.random.Generator, seconds: float) -> Wave:
    """One sound, (num_samples,), peak about 1; bursts of noise reach 3.

    Args:
        seconds: what is left of the shot; sounds that go on fill it.
    """
    return EFFECTS[kind](rng, seconds)


# ── feet and falls ──


def _step(rng: np.random.Generator, _: float) -> Wave:
    return shaped(noise(0.14, rng, low=90, high=900, tilt=1), 0.002, 0.035) * 0.6


def _step_soft(rng: np.random.Generator, _: float) -> Wave:
    return shaped(noise(0.18, rng, low=250, high=3200, tilt=0.8), 0.006, 0.045) * 0.4


def _hoof(rng: np.random.Generator, _: float) -> Wave:
    tap = shaped(glide([(0, 420), (1, 180)], 0.10), 0.001, 0.022)
    return tap * 0.6 + shaped(noise(0.10, rng, low=200, high=1800), 0.001, 0.02) * 0.3


def _thud(rng: np.random.Generator, _: float) -> Wave:
    return (
        shaped(glide([(0, 130), (1, 42)], 0.5), 0.002, 0.13)
        + padded(shaped(noise(0.2, rng, low=60, high=700), 0.001, 0.05), 0.5) * 0.4
    )


def _flap(rng: np.random.Generator, _: float) -> Wave:
    return shaped(noise(0.20, rng, low=120, high=1400, tilt=0.6), 0.05, 0.06) * 0.45


# ── voices ──


def _meow(rng: np.random.Generator, _: float) -> Wave:
    voice = glide([(0, 480), (0.25, 760), (0.6, 700), (1, 430)], 0.62)
    voice = voice + 0.5 * glide([(0, 960), (0.25, 1520), (0.6, 1400), (1, 860)], 0.62)
    return voice * np.sin(np.linspace(0, np.pi, len(voice))).astype(np.float32) ** 0.7 * 0.45


def _bark(rng: np.random.Generator, _: float) -> Wave:
    one = (
        shaped(glide([(0, 520), (0.3, 430), (1, 210)], 0.15), 0.004, 0.05)
        + shaped(noise(0.15, rng, low=400, high=2200), 0.004, 0.04) * 0.25
    )
    return np.concatenate([one, np.zeros(int(0.13 * SAMPLE_RATE), np.float32), one * 0.9])


def _chirp(rng: np.random.Generator, _: float) -> Wave:
    base = rng.uniform(2300, 4300)
    parts: list[Wave] = []
    for _part in range(int(rng.integers(2, 5))):
        parts += [
            shaped(glide([(0, base), (0.5, base * rng.uniform(1.1, 1.4)), (1, base * 0.92)], 0.07), 0.01, 0.04),
            np.zeros(int(rng.uniform(0.03, 0.09) * SAMPLE_RATE), np.float32),
        ]
    return np.concatenate(parts) * 0.5


def _cry(rng: np.random.Generator, _: float) -> Wave:
    return shaped(glide([(0, 2500), (0.2, 2900), (1, 1500)], 0.75), 0.03, 0.4) * 0.4


def _hoot(rng: np.random.Generator, _: float) -> Wave:
    one = glide([(0, 360), (1, 340)], 0.34)
    one = one * np.sin(np.linspace(0, np.pi, len(one))).astype(np.float32)
    return np.concatenate([one * 0.6, np.zeros(int(0.16 * SAMPLE_RATE), np.float32), one]) * 0.5


def _call(low: float, high: float, length: float, *, tremble: bool = False, grit: bool = False) -> Synth:
    """A large animal's call.

    Args:
        low, high: Hz, at its ends and at its height.
        length: s.
    """

    def synth(rng: np.random.Generator, _: float) -> Wave:
        wave = sum(
            (glide([(0, low * k), (0.35, high * k), (1, low * 0.9 * k)], length) / k for k in range(1, 7)),
            np.float32(0),
        )
        arch = np.sin(np.linspace(0, np.pi, int(length * SAMPLE_RATE))).astype(np.float32)
        wave = np.asarray(wave, np.float32) * arch
        trembling = swell(len(wave), rng, rate=22, depth=0.5) if tremble else np.float32(1)
        rough = noise(length, rng, low=80, high=900)[: len(wave)] * 0.12 if grit else np.float32(0)
        return ((wave * 0.35 + rough) * trembling).astype(np.float32)

    return synth


def _cheer(rng: np.random.Generator, _: float) -> Wave:
    wave = noise(1.6, rng, low=500, high=2600, tilt=0.6)
    return wave * np.sin(np.linspace(0, np.pi, len(wave))).astype(np.float32) * 0.4


# ── sky, water, night, fire ──


def _thunder(rng: np.random.Generator, _: float) -> Wave:
    boom = noise(2.4, rng, low=24, high=240, tilt=1.2)
    crack = shaped(noise(2.4, rng, low=200, high=3500), 0.004, 0.12) * 0.3
    return (shaped(boom, 0.03, 0.75) * swell(len(boom), rng, rate=6, depth=0.6) * 0.7 + crack).astype(np.float32)


def _firework(rng: np.random.Generator, _: float) -> Wave:
    burst = shaped(noise(1.5, rng, low=60, high=2200, tilt=0.8), 0.003, 0.22) * 0.6
    sparkle = shaped(noise(1.5, rng, low=3000, high=11000), 0.15, 0.4) * (rng.random(len(burst)) > 0.985) * 1.6
    return (burst + sparkle).astype(np.float32)


def _bubble(rng: np.random.Generator, _: float) -> Wave:
    f = rng.uniform(380, 900)
    return shaped(glide([(0, f), (1, f * 1.9)], 0.09), 0.008, 0.035)


def _drop(rng: np.random.Generator, _: float) -> Wave:
    f = rng.uniform(1500, 5200)
    return shaped(glide([(0, f), (1, f * 0.7)], 0.03), 0.001, 0.008)


def _cricket(rng: np.random.Generator, _: float) -> Wave:
    f = rng.uniform(4100, 4700)
    pulse = shaped(glide([(0, f), (1, f)], 0.028), 0.004, 0.012)
    return np.concatenate([pulse, np.zeros(int(0.018 * SAMPLE_RATE), np.float32)] * 5)


def _crackle_one(rng: np.random.Generator, _: float) -> Wave:
    return shaped(noise(0.03, rng, low=900, high=7000), 0.0005, 0.005) * rng.uniform(0.3, 1)


# ── what goes on as long as the shot ──


def _engine(t: Wave, seconds: float, rng: np.random.Generator) -> Wave:
    f = 52 + 9 * np.sin(2 * np.pi * 0.17 * t)
    phase = 2 * np.pi * np.cumsum(f) / SAMPLE_RATE
    tone = sum((np.sin(phase * k + k) / k for k in range(1, 8)), np.zeros(len(t))) * 0.16
    return tone + _hiss(seconds, rng, low=120, high=1500, tilt=1) * 0.05


def _buzz(t: Wave, seconds: float, rng: np.random.Generator) -> Wave:
    wings = (np.sin(2 * np.pi * (210 * k * t + 3 * np.sin(2 * np.pi * 1.3 * t))) / k for k in range(1, 6))
    return sum(wings, np.zeros(len(t))) * 0.10


def _rotor(t: Wave, seconds: float, rng: np.random.Generator) -> Wave:
    return _hiss(seconds, rng, low=70, high=900, tilt=1) * (0.5 + 0.5 * np.sin(2 * np.pi * 13 * t)) ** 3 * 0.4


def _jet(t: Wave, seconds: float, rng: np.random.Generator) -> Wave:
    return _hiss(seconds, rng, low=150, high=2600, tilt=0.7) * 0.16


def _rocket(t: Wave, seconds: float, rng: np.random.Generator) -> Wave:
    return _hiss(seconds, rng, low=25, high=700, tilt=1.1) * 0.34 * np.minimum(1, t / 0.6)


def _train(t: Wave, seconds: float, rng: np.random.Generator) -> Wave:
    clack = ((t * 3.4) % 1 < 0.05) | (((t * 3.4) + 0.22) % 1 < 0.05)
    return _hiss(seconds, rng, low=100, high=1300, tilt=0.8) * (0.07 + 0.35 * clack)


def _creak(t: Wave, seconds: float, rng: np.random.Generator) -> Wave:
    gate = np.clip(np.sin(2 * np.pi * 0.36 * t) - 0.55, 0, 1) * 2
    wood = np.sin(2 * np.pi * (260 * t + 4 * np.sin(2 * np.pi * 7 * t))) * gate * 0.06
    return wood + _hiss(seconds, rng, low=300, high=2500, tilt=0.8) * (0.5 + 0.5 * np.sin(2 * np.pi * 0.42 * t)) * 0.05


def _crackle(t: Wave, seconds: float, rng: np.random.Generator) -> Wave:
    return _hiss(seconds, rng, low=60, high=600, tilt=1.4) * 0.10


def _wind(t: Wave, seconds: float, rng: np.random.Generator) -> Wave:
    return _hiss(seconds, rng, low=200, high=1400, tilt=0.8) * swell(len(t), rng, rate=0.4, depth=0.7) * 0.12


def _hiss(seconds: float, rng: np.random.Generator, *, low: float, high: float, tilt: float) -> Wave:
    return noise(seconds + 1, rng, low=low, high=high, tilt=tilt)[: length_of(seconds)]


EFFECTS: dict[Effect, Synth] = {
    "step": _step, "step_soft": _step_soft, "hoof": _hoof, "thud": _thud, "flap": _flap,
    "meow": _meow, "bark": _bark, "chirp": _chirp, "cry": _cry, "hoot": _hoot, "cheer": _cheer,
    "moo": _call(140, 175, 1.2), "baa": _call(390, 450, 0.7, tremble=True), "howl": _call(300, 620, 1.9),
    "roar": _call(70, 120, 1.3, tremble=True, grit=True),
    "thunder": _thunder, "firework": _firework, "bubble": _bubble, "drop": _drop, "cricket": _cricket,
    "crackle_one": _crackle_one,
    "engine": lasting(_engine), "buzz": lasting(_buzz), "rotor": lasting(_rotor), "jet": lasting(_jet),
    "rocket": lasting(_rocket), "train": lasting(_train), "creak": lasting(_creak),
    "crackle": lasting(_crackle), "wind": lasting(_wind), **WORK,
}  # fmt: skip
