"""What a place and its weather sound like."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from opendance.catalog import SAMPLE_RATE
from opendance.engines.previs.sound.effects import Effect, effect
from opendance.engines.previs.sound.synth import Wave, noise, swell
from opendance.engines.previs.traits import traits_of
from opendance.plan import Shot

Stereo = npt.NDArray[np.floating[Any]]  # (num_samples, 2)


def ambience(shot: Shot, rng: np.random.Generator) -> Stereo:
    """(n, 2) for the shot's length, rms about 0.05."""
    n = int(shot.seconds * SAMPLE_RATE)
    out = np.zeros((n, 2), np.float32)

    def bed(level: float, low: float, high: float, tilt: float, rate: float = 0.2, depth: float = 0.3) -> None:
        for side in range(2):
            wave = noise(shot.seconds + 0.01, rng, low=low, high=high, tilt=tilt)[:n]
            out[:, side] += wave * swell(n, rng, rate=rate, depth=depth) * np.float32(level)

    match shot.setting:
        case "sea":
            bed(0.020, 60, 900, 1.4)
            _waves(out, rng, 0.075)
        case "underwater":
            bed(0.060, 25, 220, 1.6, 0.3, 0.5)
            _scatter(out, "bubble", 2.4, 0.10, shot.seconds, rng)
        case "city":
            bed(0.035, 50, 700, 1.6)
            bed(0.006, 900, 4000, 0.8, 0.5, 0.7)
        case "street":
            bed(0.030, 60, 1200, 1.3, 0.3, 0.5)
        case "forest" | "garden" | "field":
            bed(0.013, 250, 3500, 1.0, 0.25, 0.6)
        case "mountains" | "desert" | "snow" | "sky":
            bed(0.030, 120, 900, 1.0, 0.22, 0.75)
        case "space":
            bed(0.050, 30, 120, 1.8, 0.1, 0.5)
        case "stage":
            bed(0.011, 200, 2500, 1.0, 0.3, 0.4)
            _scatter(out, "cheer", 0.22, 0.05, shot.seconds, rng)
        case "room":
            bed(0.006, 60, 500, 1.5)
        case "studio":
            bed(0.004, 60, 700, 1.4)
    if shot.setting in ("forest", "garden", "field", "mountains", "street") and shot.weather in (
        "clear",
        "wind",
        "clouds",
    ):
        if shot.hour == "night":
            _scatter(out, "cricket", 1.5, 0.035, shot.seconds, rng)
        else:
            _scatter(out, "chirp", 0.9 if shot.setting != "street" else 0.25, 0.055, shot.seconds, rng)
    if shot.weather in ("rain", "storm"):
        inside = 0.35 if shot.setting in ("room", "stage", "studio") else 1.0
        bed(
            0.052 * inside * (1.4 if shot.weather == "storm" else 1.0),
            500 if inside == 1 else 200,
            9000 if inside == 1 else 1500,
            0.5,
            0.3,
            0.2,
        )
        _scatter(out, "drop", 14, 0.030 * inside, shot.seconds, rng)
    if shot.weather in ("wind", "storm") or (shot.weather == "snow" and shot.setting != "room"):
        bed(0.035, 150, 800, 0.9, 0.35, 0.9)
    if "embers" in shot.particles or any(traits_of(s.emoji).fire for s in shot.subjects):
        _scatter(out, "crackle_one", 11, 0.09, shot.seconds, rng)
        bed(0.02, 60, 500, 1.5, 0.8, 0.5)
    return out


def _waves(out: Stereo, rng: np.random.Generator, level: float) -> None:
    """Breakers: they rise slowly, break, and draw back."""
    n = len(out)
    at = -rng.uniform(0.5, 2.0)
    while at < n / SAMPLE_RATE:
        length = rng.uniform(3.2, 4.6)
        wave = noise(length, rng, low=180, high=3200, tilt=0.9)
        share = np.linspace(0, 1, len(wave), dtype=np.float32)
        envelope = np.where(share < 0.42, (share / 0.42) ** 2.2, ((1 - share) / 0.58) ** 1.7).astype(np.float32)
        pan = rng.uniform(0.3, 0.7)
        add_wave(out, wave * envelope * np.float32(level * rng.uniform(0.7, 1.1)), at, pan)
        at += rng.uniform(2.2, 3.4)


def _scatter(out: Stereo, kind: Effect, rate: float, level: float, seconds: float, rng: np.random.Generator) -> None:
    """A sound that comes about `rate` times a second, here and there."""
    for at in np.sort(rng.uniform(0, seconds, rng.poisson(rate * seconds))):
        add_wave(
            out,
            effect(kind, rng, seconds) * np.float32(level * rng.uniform(0.5, 1.2)),
            float(at),
            rng.uniform(0.12, 0.88),
        )


def add_wave(out: Stereo, wave: Wave, at: float, pan: float) -> None:
    """Mix a mono wave, (n,), into (num_samples, 2) at `at` s; `pan` 0 is left, constant power."""
    begin = int(at * SAMPLE_RATE)
    if begin < 0:
        wave, begin = wave[-begin:], 0
    end = min(len(out), begin + len(wave))
    if end <= begin:
        return
    part = wave[: end - begin]
    out[begin:end, 0] += part * np.float32(np.cos(pan * np.pi / 2))
    out[begin:end, 1] += part * np.float32(np.sin(pan * np.pi / 2))
