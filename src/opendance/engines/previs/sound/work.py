"""Effects of what people do with their hands and things: struck, cut, swept, poured; each synthesised.

A thing that is struck rings at frequencies of its own, each of which dies away by itself; what is rubbed, poured or
fried is noise in a band, in grains.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from opendance.catalog import SAMPLE_RATE
from opendance.engines.previs.sound.synth import Wave, glide, lasting, noise, padded, shaped, swell

WorkEffect = Literal[
    "hammer", "chop", "saw", "sweep", "scribble", "typing", "clap", "splash", "pour", "sizzle", "dig", "swish", "clang",
    "shutter", "crunch", "page", "ball", "punch", "machine", "spark", "door", "glass", "explosion", "crash", "steam",
    "bell", "drum", "clink", "snip", "chatter",
]  # fmt: skip
Synth = Callable[[np.random.Generator, float], Wave]  # random numbers, and s that are left of the shot
_Ring = tuple[float, float, float]  # Hz, strength, s until it is at a third


def _struck(rings: tuple[_Ring, ...], seconds: float) -> Wave:
    t = np.arange(int(seconds * SAMPLE_RATE), dtype=np.float32) / SAMPLE_RATE
    wave = sum(
        (level * np.sin(2 * np.pi * hertz * t) * np.exp(-t / decay) for hertz, level, decay in rings), np.zeros(len(t))
    )
    return (wave * np.minimum(1, t / 0.0008)).astype(np.float32)


def _knock(rng: np.random.Generator, low: float, high: float, seconds: float) -> Wave:
    """The moment at which two things meet: a short noise between two frequencies, Hz."""
    return shaped(noise(max(0.03, seconds * 4), rng, low=low, high=high), 0.0005, seconds)


def _both(first: Wave, second: Wave, share: float) -> Wave:
    size = max(len(first), len(second))
    return np.pad(first, (0, size - len(first))) + np.pad(second, (0, size - len(second))) * np.float32(share)


def _hammer(rng: np.random.Generator, _: float) -> Wave:
    tune = rng.uniform(0.97, 1.03)
    iron = _struck(
        ((1180 * tune, 0.5, 0.09), (2760 * tune, 0.35, 0.06), (4310 * tune, 0.2, 0.05), (210, 0.6, 0.03)), 0.35
    )
    return _both(iron, _knock(rng, 300, 6000, 0.006), 0.35)


def _chop(rng: np.random.Generator, _: float) -> Wave:
    tune = rng.uniform(0.93, 1.07)
    return _both(
        _struck(((290 * tune, 0.8, 0.030), (760 * tune, 0.4, 0.018)), 0.16), _knock(rng, 900, 7000, 0.005), 0.3
    )


def _saw(rng: np.random.Generator, _: float) -> Wave:
    wave = noise(0.3, rng, low=700, high=5200, tilt=0.4)
    t = np.arange(len(wave)) / SAMPLE_RATE
    teeth = 0.4 + 0.6 * np.maximum(0, np.sin(2 * np.pi * 95 * t))
    return (wave * teeth * np.sin(np.linspace(0, np.pi, len(wave))) * 0.35).astype(np.float32)


def _sweep(rng: np.random.Generator, _: float) -> Wave:
    return _swelling(rng, 0.34, 1400, 8000, 0.22)


def _scribble(rng: np.random.Generator, _: float) -> Wave:
    wave = _swelling(rng, 0.24, 2200, 7500, 0.16)
    return (wave * swell(len(wave), rng, rate=28, depth=0.9)).astype(np.float32)


def _swelling(rng: np.random.Generator, seconds: float, low: float, high: float, level: float) -> Wave:
    wave = noise(seconds, rng, low=low, high=high, tilt=0.3)
    return wave * np.sin(np.linspace(0, np.pi, len(wave))).astype(np.float32) ** 1.5 * np.float32(level)


def _typing(rng: np.random.Generator, _: float) -> Wave:
    key = _both(_knock(rng, 1600, 9000, 0.004), _struck(((170 * rng.uniform(0.9, 1.2), 0.8, 0.012),), 0.06), 0.6)
    return key * np.float32(rng.uniform(0.12, 0.3))


def _clap(rng: np.random.Generator, _: float) -> Wave:
    palms = [
        padded(np.pad(_knock(rng, 700, 4800, 0.012), (int(at * SAMPLE_RATE), 0)), 0.12) for at in (0, 0.004, 0.009)
    ]
    return (palms[0] + palms[1] * 0.7 + palms[2] * 0.9) * np.float32(0.25)


def _splash(rng: np.random.Generator, _: float) -> Wave:
    wave = shaped(noise(0.9, rng, low=350, high=7000, tilt=0.6), 0.012, 0.16) * 0.4
    for at in rng.uniform(0.1, 0.7, 9):
        hertz = rng.uniform(500, 1600)
        drop = shaped(glide([(0, hertz), (1, hertz * 1.7)], 0.06), 0.004, 0.02) * np.float32(rng.uniform(0.1, 0.3))
        begin = int(at * SAMPLE_RATE)
        wave[begin : begin + len(drop)] += drop[: len(wave) - begin]
    return wave.astype(np.float32)


def _pour(t: Wave, seconds: float, rng: np.random.Generator) -> Wave:
    wave = noise(seconds + 1, rng, low=500, high=4200, tilt=0.5)[: len(t)] * 0.05
    for at in rng.uniform(0, max(0.1, t[-1] - 0.1), int(24 * seconds) + 1):
        hertz = rng.uniform(600, 1500)
        drop = shaped(glide([(0, hertz), (1, hertz * 1.5)], 0.05), 0.004, 0.016) * np.float32(rng.uniform(0.05, 0.2))
        begin = int(at * SAMPLE_RATE)
        wave[begin : begin + len(drop)] += drop[: len(wave) - begin]
    return wave


def _sizzle(t: Wave, seconds: float, rng: np.random.Generator) -> Wave:
    fat = noise(seconds + 1, rng, low=2800, high=13_000)[: len(t)]
    return fat * (0.05 + 0.05 * _grains(len(t), rng, 320, 0.004)) * swell(len(t), rng, rate=1.5, depth=0.35)


def _spark(t: Wave, seconds: float, rng: np.random.Generator) -> Wave:
    arc = noise(seconds + 1, rng, low=900, high=9000)[: len(t)]
    return arc * (0.03 + 0.12 * _grains(len(t), rng, 130, 0.006)) + 0.03 * np.sin(2 * np.pi * 100 * t)


def _grains(size: int, rng: np.random.Generator, rate: float, decay: float) -> Wave:
    """(size,) crackles that come `rate` times a second and are gone after `decay` s; up to about 1."""
    hits = np.where(rng.random(size) < rate / SAMPLE_RATE, rng.random(size) ** 2, 0)
    kernel = np.exp(-np.arange(int(decay * 5 * SAMPLE_RATE)) / (decay * SAMPLE_RATE))
    whole = 1 << (size + len(kernel)).bit_length()
    return np.fft.irfft(np.fft.rfft(hits, whole) * np.fft.rfft(kernel, whole), whole)[:size]


def _dig(rng: np.random.Generator, _: float) -> Wave:
    grit = noise(0.3, rng, low=350, high=4200, tilt=0.8)
    return (shaped(grit, 0.03, 0.09) * swell(len(grit), rng, rate=60, depth=0.8) * 0.5).astype(np.float32)


def _swish(rng: np.random.Generator, _: float) -> Wave:
    low, high = noise(0.24, rng, low=300, high=1200), noise(0.24, rng, low=900, high=4200)
    share = np.linspace(0, 1, len(low), dtype=np.float32)
    return (low * (1 - share) + high * share) * np.sin(np.pi * share**1.4) ** 2 * np.float32(0.28)


def _clang(rng: np.random.Generator, _: float) -> Wave:
    tune = rng.uniform(0.95, 1.05)
    steel = ((1730, 0.3, 0.45), (2890, 0.3, 0.32), (4130, 0.22, 0.22), (5570, 0.16, 0.15), (7310, 0.1, 0.1))
    return _both(
        _struck(tuple((f * tune, level, s) for f, level, s in steel), 0.9), _knock(rng, 1500, 9000, 0.004), 0.3
    )


def _clink(rng: np.random.Generator, _: float) -> Wave:
    tune = rng.uniform(0.97, 1.03)
    return _struck(((2640 * tune, 0.4, 0.30), (4480 * tune, 0.25, 0.2), (7120 * tune, 0.15, 0.1)), 0.7)


def _shutter(rng: np.random.Generator, _: float) -> Wave:
    second = np.pad(_knock(rng, 1200, 7000, 0.006), (int(0.07 * SAMPLE_RATE), 0))
    return _both(_knock(rng, 900, 9000, 0.004), second, 0.8) * np.float32(0.3)


def _snip(rng: np.random.Generator, _: float) -> Wave:
    blades = _swelling(rng, 0.07, 3000, 10_000, 0.12)
    return _both(blades, np.pad(_knock(rng, 2500, 9000, 0.004), (int(0.06 * SAMPLE_RATE), 0)), 0.25)


def _crunch(rng: np.random.Generator, _: float) -> Wave:
    bite = noise(0.22, rng, low=900, high=6500)
    return (bite * _grains(len(bite), rng, 160, 0.005) * 0.6).astype(np.float32)


def _page(rng: np.random.Generator, _: float) -> Wave:
    wave = _swelling(rng, 0.36, 1500, 8000, 0.16)
    return (wave * swell(len(wave), rng, rate=14, depth=0.8)).astype(np.float32)


def _ball(rng: np.random.Generator, _: float) -> Wave:
    return _both(
        shaped(glide([(0, 210), (1, 95)], 0.16), 0.001, 0.04), _knock(rng, 300, 2200, 0.006), 0.15
    ) * np.float32(0.9)


def _punch(rng: np.random.Generator, _: float) -> Wave:
    return _both(shaped(glide([(0, 160), (1, 60)], 0.18), 0.001, 0.04), _knock(rng, 200, 1600, 0.014), 0.25)


def _drum(rng: np.random.Generator, _: float) -> Wave:
    skin = shaped(glide([(0, 118), (0.2, 92), (1, 84)], 0.9), 0.001, 0.24)
    return _both(skin, _knock(rng, 200, 2400, 0.008), 0.18)


def _machine(t: Wave, seconds: float, rng: np.random.Generator) -> Wave:
    stitches = np.maximum(0, np.sin(2 * np.pi * 13 * t)) ** 12
    return noise(seconds + 1, rng, low=500, high=5000, tilt=0.6)[: len(t)] * (0.02 + 0.16 * stitches) + 0.03 * np.sin(
        2 * np.pi * 78 * t
    )


def _door(rng: np.random.Generator, _: float) -> Wave:
    """A latch, and hinges that catch and let go, ever faster."""
    latch = _both(
        _knock(rng, 500, 4000, 0.008), _struck(((1350, 0.3, 0.02), (2400, 0.2, 0.015)), 0.12), 1.0
    ) * np.float32(0.5)
    t = np.arange(int(0.8 * SAMPLE_RATE)) / SAMPLE_RATE
    catches = np.diff(np.floor(np.cumsum(38 + 46 * t) / SAMPLE_RATE), prepend=0) > 0
    ring = _struck(((420, 0.6, 0.010), (910, 0.5, 0.007), (1640, 0.25, 0.004)), 0.05)
    hinge = np.convolve(catches * rng.uniform(0.5, 1.0, len(t)), ring)[: len(t)]
    hinge = hinge * np.sin(np.linspace(0, np.pi, len(t))) * 0.22
    return _both(latch, np.pad(hinge.astype(np.float32), (int(0.12 * SAMPLE_RATE), 0)), 1.0)


def _glass(rng: np.random.Generator, _: float) -> Wave:
    wave = padded(_knock(rng, 1200, 12_000, 0.02) * np.float32(0.4), 1.3)
    for at in np.concatenate([[0.0, 0.004, 0.01], rng.gamma(1.3, 0.16, 26)]):
        piece = _struck(((rng.uniform(2200, 9500), rng.uniform(0.05, 0.28), rng.uniform(0.02, 0.09)),), 0.3)
        begin = int(at * SAMPLE_RATE)
        if begin < len(wave):
            wave[begin : begin + len(piece)] += piece[: len(wave) - begin]
    return wave


def _explosion(rng: np.random.Generator, _: float) -> Wave:
    boom = shaped(noise(2.2, rng, low=22, high=260, tilt=1.2), 0.004, 0.55) * 0.8
    return _both(boom, shaped(noise(0.8, rng, low=200, high=4000, tilt=0.6), 0.002, 0.12), 0.4)


def _crash(rng: np.random.Generator, _: float) -> Wave:
    sheet = tuple((rng.uniform(300, 3800), rng.uniform(0.05, 0.16), rng.uniform(0.08, 0.4)) for _ in range(14))
    return _both(_struck(sheet, 1.2), shaped(noise(0.9, rng, low=60, high=3000, tilt=0.8), 0.002, 0.14), 0.5)


def _steam(t: Wave, seconds: float, rng: np.random.Generator) -> Wave:
    return noise(seconds + 1, rng, low=2500, high=11_000)[: len(t)] * swell(len(t), rng, rate=0.8, depth=0.4) * 0.05


def _bell(rng: np.random.Generator, _: float) -> Wave:
    """Hum, prime, tierce, quint and nominal of a church bell."""
    note = 415.0 * rng.uniform(0.98, 1.02)
    parts = ((0.5, 0.3, 2.2), (1.0, 0.5, 1.5), (1.2, 0.35, 1.1), (1.5, 0.2, 0.8), (2.0, 0.4, 0.7), (2.67, 0.15, 0.4))
    return _struck(tuple((note * share, level, decay) for share, level, decay in parts), 3.0)


def _chatter(t: Wave, seconds: float, rng: np.random.Generator) -> Wave:
    """Many who talk: bands of vowels, each in the rhythm of syllables of its own."""
    out = np.zeros(len(t))
    for low, high in ((260, 520), (420, 900), (900, 1700), (1500, 2700)):
        for _ in range(3):
            voice = noise(seconds + 1, rng, low=low, high=high)[: len(t)]
            syllables = np.maximum(0, swell(len(t), rng, rate=rng.uniform(3.0, 4.6), depth=1.0) - 0.7)
            out += voice * syllables * (0.055 if low < 900 else 0.03)
    return out


WORK: dict[WorkEffect, Synth] = {
    "hammer": _hammer, "chop": _chop, "saw": _saw, "sweep": _sweep, "scribble": _scribble, "typing": _typing,
    "clap": _clap, "splash": _splash, "dig": _dig, "swish": _swish, "clang": _clang, "shutter": _shutter,
    "crunch": _crunch, "page": _page, "ball": _ball, "punch": _punch, "door": _door, "glass": _glass,
    "explosion": _explosion, "crash": _crash, "bell": _bell, "drum": _drum, "clink": _clink, "snip": _snip,
    "pour": lasting(_pour), "sizzle": lasting(_sizzle), "machine": lasting(_machine), "spark": lasting(_spark),
    "steam": lasting(_steam), "chatter": lasting(_chatter),
}  # fmt: skip
