"""How a voice is used: its pitch, a whisper, a shout, a robot's; and how loud it is."""

from __future__ import annotations

import numpy as np

from opendance.engines.previs.sound.speech.nets import RATE
from opendance.engines.previs.sound.speech.voices import Kind
from opendance.engines.previs.sound.synth import Wave
from opendance.plan import Manner

_FRAME = 512  # samples of a short-time spectrum, at the rate of the nets
_ENVELOPE = 44  # quefrencies, samples, that tell the vowels; what is above them tells the pitch
_LOUD = 0.13  # root mean square of what is spoken, of calm words
_LEVELS: dict[Manner, float] = {"whisper": 0.6, "shout": 1.5}
_QUIET = 0.05  # of the loudest moment: what is quieter is a pause
_PEAK = 0.95


def resampled(wave: Wave, ratio: float) -> Wave:
    """As many samples as `ratio` says, (num_samples * ratio,), with nothing above what either rate can hold."""
    if len(wave) < 2 or ratio == 1:
        return wave
    size = len(wave) + 64  # so that the end does not run into the beginning
    out = round(size * ratio)
    spectrum = np.fft.rfft(wave, size)[: out // 2 + 1]
    return (np.fft.irfft(spectrum, out) * (out / size))[: round(len(wave) * ratio)].astype(np.float32)


def in_manner(wave: Wave, manners: tuple[Manner, ...], kind: Kind, rng: np.random.Generator) -> Wave:
    """A voice (num_samples,) as it whispers, shouts, or comes out of a robot."""
    if not len(wave):
        return wave
    if kind == "robot":
        wave = _robots(wave)
    if "whisper" in manners:
        wave = _whispered(wave, rng)
    if "shout" in manners:
        wave = _shouted(wave)
    return wave


def levelled(wave: Wave, manners: tuple[Manner, ...]) -> Wave:
    """As loud as people are who speak like that, pauses left out; peaks at most 0.95."""
    size = RATE // 50  # 20 ms
    if len(wave) < size:
        return wave
    power = (wave[: len(wave) // size * size].reshape(-1, size) ** 2).mean(axis=1)
    said = power[power > power.max() * _QUIET**2]
    if not said.size or said.max() <= 0:
        return wave
    target = _LOUD
    for manner in manners:
        target *= _LEVELS.get(manner, 1.0)
    wave = wave * np.float32(target / np.sqrt(said.mean()))
    return (np.tanh(wave / _PEAK) * _PEAK).astype(np.float32) if np.abs(wave).max() > _PEAK else wave


def trimmed(wave: Wave, rate: int) -> Wave:
    """Without the silence at its ends, but for 30 ms."""
    loud = np.flatnonzero(np.abs(wave) > 0.01)
    if not loud.size:
        return wave[:0]
    pad = rate * 3 // 100
    return wave[max(0, loud[0] - pad) : loud[-1] + pad]


def _whispered(wave: Wave, rng: np.random.Generator) -> Wave:
    """The vowels stay, the cords do not sound: noise in the shape of each moment's spectrum."""
    hop = _FRAME // 4
    padded = np.pad(wave, _FRAME)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::hop]
    window = np.hanning(_FRAME).astype(np.float32)
    logs = np.log(np.abs(np.fft.rfft(frames * window, axis=1)) + 1e-4)
    cepstrum = np.fft.irfft(logs, axis=1)
    cepstrum[:, _ENVELOPE:-_ENVELOPE] = 0
    shape = np.exp(np.fft.rfft(cepstrum, axis=1).real)
    hertz_share = np.linspace(0, 1, shape.shape[1])
    shape *= 0.15 + 0.85 * np.clip(hertz_share / 0.10, 0, 1)  # a whisper has no chest
    noise = np.fft.rfft(rng.standard_normal(frames.shape) * window, axis=1)
    breathed = np.fft.irfft(noise * shape, axis=1) * window
    out = np.zeros(len(padded) + _FRAME, np.float32)
    for at, frame in enumerate(breathed):
        out[at * hop : at * hop + _FRAME] += frame
    out = out[_FRAME : _FRAME + len(wave)]
    return (out / max(1e-6, float(np.abs(out).max()))).astype(np.float32)


def _shouted(wave: Wave) -> Wave:
    """More of what is high, and a little too much for the throat."""
    edge = np.concatenate([[0.0], np.diff(wave)])
    bright = wave + 1.2 * edge
    return (np.tanh(2.2 * bright / max(1e-6, float(np.abs(bright).max()))) / np.tanh(2.2)).astype(np.float32)


def _robots(wave: Wave) -> Wave:
    """Out of a tin: echoes of some milliseconds, and a hum of 70 Hz in it."""
    out = wave.astype(np.float32).copy()
    for delay, gain in ((150, 0.55), (300, 0.35), (450, 0.2)):
        if len(wave) > delay:
            out[delay:] += wave[:-delay] * np.float32(gain)
    t = np.arange(len(wave)) / RATE
    return (out * (0.72 + 0.28 * np.sin(2 * np.pi * 70 * t))).astype(np.float32)
