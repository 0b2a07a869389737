"""Tones and noises: the raw material of music, ambience and effects."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from opendance.catalog import SAMPLE_RATE

Wave = npt.NDArray[np.floating[Any]]  # (num_samples,)

Timbre = Literal["piano", "strings", "pad", "bell", "guitar", "koto", "flute", "bass", "pluck"]
# Strength of the partials, and how fast each instrument speaks and dies away (s).
_INSTRUMENTS: dict[Timbre, tuple[tuple[float, ...], float, float]] = {
    "piano": ((1.0, 0.52, 0.26, 0.15, 0.08, 0.05), 0.004, 1.35),
    "strings": ((1.0, 0.55, 0.38, 0.22, 0.16, 0.10), 0.16, 9.0),
    "pad": ((1.0, 0.34, 0.16, 0.06), 0.55, 14.0),
    "bell": ((1.0, 0.0, 0.42, 0.0, 0.22, 0.16), 0.002, 1.5),
    "guitar": ((1.0, 0.62, 0.42, 0.28, 0.18, 0.12), 0.003, 0.75),
    "koto": ((1.0, 0.75, 0.50, 0.36, 0.25, 0.16), 0.002, 0.60),
    "flute": ((1.0, 0.26, 0.09, 0.04), 0.06, 8.0),
    "bass": ((1.0, 0.45, 0.20, 0.08), 0.012, 0.85),
    "pluck": ((1.0, 0.40, 0.22, 0.10), 0.003, 0.30),
}


def frequency(pitch: int) -> float:
    """Of a MIDI pitch, Hz (A4 = 440)."""
    return 440.0 * 2 ** ((pitch - 69) / 12)


@lru_cache(maxsize=512)
def tone(instrument: Timbre, pitch: int, milliseconds: int) -> Wave:
    """One note, (num_samples,), peak about 1; it is held for its length and then dies away."""
    partials, attack, decay = _INSTRUMENTS[instrument]
    held = milliseconds / 1000
    release = 0.55 if instrument in ("piano", "bell", "pad", "strings") else 0.25
    t = np.arange(int((held + release) * SAMPLE_RATE), dtype=np.float32) / SAMPLE_RATE
    f = frequency(pitch)
    vibrato = np.float32(0.0)
    if instrument in ("strings", "flute"):
        vibrato = (0.0035 * np.minimum(1, t * 2) * np.sin(2 * np.pi * 5.1 * t) / 5.1 * f).astype(np.float32)
    wave = np.zeros_like(t)
    for k, strength in enumerate(partials, start=1):
        if strength and f * k < SAMPLE_RATE * 0.42:
            stretch = (
                k * np.sqrt(1 + 0.0004 * k * k) if instrument == "piano" else k * (1.002 if instrument == "bell" else 1)
            )
            fade = np.exp(-t * (k - 1) * (0.9 if instrument in ("piano", "guitar", "koto") else 0.25) / decay)
            wave += (strength * np.sin(2 * np.pi * (f * stretch * t + vibrato * k)) * fade).astype(np.float32)
    envelope = np.minimum(1, t / attack) * np.exp(-t / decay) * np.clip(1 - (t - held) / release, 0, 1) ** 1.6
    wave = (wave * envelope).astype(np.float32)
    return wave / np.float32(sum(partials) * 0.62)


def noise(seconds: float, rng: np.random.Generator, *, low: float, high: float, tilt: float = 0.0) -> Wave:
    """Noise between two frequencies, (num_samples,), rms about 1.

    Args:
        low, high: Hz, with soft edges.
        tilt: power of frequency by which it falls; 1 is pink, 2 is brown.
    """
    n = max(16, int(seconds * SAMPLE_RATE))
    size = 1 << (n - 1).bit_length()
    f = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    shape = 1 / (1 + (low / np.maximum(f, 1)) ** 4) / (1 + (f / high) ** 4) / np.maximum(f, 20) ** (tilt / 2)
    spectrum = (rng.standard_normal(len(f)) + 1j * rng.standard_normal(len(f))) * shape
    wave = np.fft.irfft(spectrum, size)[:n]
    return (wave / max(1e-9, float(np.sqrt(np.mean(wave**2))))).astype(np.float32)


def swell(n: int, rng: np.random.Generator, *, rate: float, depth: float) -> Wave:
    """(n,) a slow change around 1: something that comes and goes `rate` times a second."""
    knots = max(4, int(n / SAMPLE_RATE * rate * 2) + 4)
    values = 1 + depth * (rng.random(knots) * 2 - 1)
    at = np.linspace(0, knots - 1, n)
    k = np.minimum(at.astype(int), knots - 2)
    f = at - k
    f = f * f * (3 - 2 * f)
    return (values[k] * (1 - f) + values[k + 1] * f).astype(np.float32)


def glide(points: list[tuple[float, float]], seconds: float) -> Wave:
    """A sine whose frequency goes through (share of the time, Hz)."""
    t = np.linspace(0, 1, max(2, int(seconds * SAMPLE_RATE)), dtype=np.float64)
    f = np.interp(t, [p for p, _ in points], [v for _, v in points])
    return np.sin(2 * np.pi * np.cumsum(f) / SAMPLE_RATE).astype(np.float32)


def shaped(wave: Wave, attack: float, decay: float) -> Wave:
    """A wave (num_samples,) with a beginning and an end, both in s."""
    t = np.arange(len(wave), dtype=np.float32) / SAMPLE_RATE
    end = np.clip((len(wave) / SAMPLE_RATE - t) / 0.01, 0, 1)
    return (wave * np.minimum(1, t / max(attack, 1e-4)) * np.exp(-t / decay) * end).astype(np.float32)


def padded(wave: Wave, seconds: float) -> Wave:
    """A wave (num_samples,) of exactly this length, s, cut or with silence behind it."""
    n = int(seconds * SAMPLE_RATE)
    return np.pad(wave, (0, max(0, n - len(wave))))[:n].astype(np.float32)


def length_of(seconds: float) -> int:
    """Samples of a sound that goes on for so long, s: a quarter of a second at least."""
    return max(SAMPLE_RATE // 4, int(seconds * SAMPLE_RATE))


def lasting(
    synth: Callable[[Wave, float, np.random.Generator], Wave],
) -> Callable[[np.random.Generator, float], Wave]:
    """A sound that lasts as long as the shot, with soft ends; `synth` gets its moments and its length, s."""

    def whole(rng: np.random.Generator, seconds: float) -> Wave:
        t = np.arange(length_of(seconds), dtype=np.float32) / SAMPLE_RATE
        ends = np.minimum(1, np.minimum(t / 0.12, (t[-1] - t) / 0.15 + 0.02))
        return (synth(t, max(seconds, 0.25), rng) * ends).astype(np.float32)

    return whole
