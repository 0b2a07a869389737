"""The invisible watermark in the sound: noise that is the same in every clip, 27 dB below whatever is heard there.

The noise follows the sound, in time and from one third of an octave to the next, so that the sound hides it (direct
sequence spread spectrum: Boney, Tewfik and Hamdy, Digital watermarks for audio signals, 1996). It returns every 1.4 s;
to find it, the sound is made white, its repetitions are laid over each other and compared with the noise at every
shift. It says that a sound was generated, no more. Encoding as AAC or MP3, cutting and other loudness leave it; playing
faster or slower does not. In silence there is none.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from opendance.catalog import SAMPLE_RATE

_SIZE, _HOP = 2048, 1024
_PERIOD = 65_536  # samples
_LOWEST, _HIGHEST = 300.0, 9000.0  # Hz
_BELOW = 27.0  # dB, of what is to be heard in the same third of an octave
_BELOW_ALL = 40.0  # dB, of the mean over all bins; a single tone stands some 20 dB above that
_SEED = 0x50D
_SILENT = 1e-4  # of full scale
SURE = 7.0  # standard deviations: of the 65,536 shifts one in 1e7 sounds without a watermark has one that reaches it
LEAST_SECONDS = 1.5

Floats = npt.NDArray[np.float32]
_WINDOW = np.sin(np.pi * (np.arange(_SIZE) + 0.5) / _SIZE).astype(np.float32)
"""Used before and after, so that two halves that overlap give one."""
_FIRST, _LAST = (round(hertz * _SIZE / SAMPLE_RATE) for hertz in (_LOWEST, _HIGHEST))


@cache
def _noise() -> Floats:
    """One period, of unit power in its band."""
    rng = np.random.default_rng(_SEED)
    spectrum = np.zeros(_PERIOD // 2 + 1, np.complex64)
    inside = slice(round(_LOWEST * _PERIOD / SAMPLE_RATE), round(_HIGHEST * _PERIOD / SAMPLE_RATE))
    spectrum[inside] = np.exp(2j * np.pi * rng.random(inside.stop - inside.start))
    wave = np.fft.irfft(spectrum, _PERIOD).astype(np.float32)
    return wave / np.float32(wave.std())


def add_sound_watermark(wave: npt.NDArray[np.floating[Any]]) -> Floats:
    """The sound with its watermark.

    Args:
        wave: (num_samples, num_channels) at 48 kHz, -1 to 1.
    """
    wave = np.asarray(wave, np.float32)
    mono = wave.mean(axis=1)
    sound = _spectra(mono)
    noise = _spectra(np.resize(_noise(), len(mono)))
    # Beside a single tone there is nothing that could hide it but the tone itself: a little goes everywhere.
    overall = np.sqrt((np.abs(sound[:, _FIRST:_LAST]) ** 2).mean(axis=1, keepdims=True))
    level = np.maximum(_envelope(sound) * _gain(_BELOW), overall * _gain(_BELOW_ALL))
    added = noise / (_envelope(noise) + 1e-9) * level
    added[:, :_FIRST] = added[:, _LAST:] = 0
    return wave + _wave(added, len(mono))[:, None]


def _gain(below: float) -> np.float32:
    return np.float32(10 ** (-below / 20))


def find_sound_watermark(wave: npt.NDArray[np.floating[Any]]) -> float | None:
    """How far the watermark stands out from chance, standard deviations; None where the sound is too short or silent.

    Args:
        wave: (num_samples, num_channels) at 48 kHz, -1 to 1.
    """
    mono = np.asarray(wave, np.float32).mean(axis=1) if len(wave) else np.zeros(0, np.float32)
    if len(mono) < LEAST_SECONDS * SAMPLE_RATE or float(np.abs(mono).mean()) < _SILENT:
        return None
    spectra = _spectra(mono)
    white = spectra / (np.abs(spectra) + 1e-6)
    white[:, :_FIRST] = white[:, _LAST:] = 0
    flat = _wave(white, len(mono))
    folded = np.pad(flat, (0, -len(flat) % _PERIOD)).reshape(-1, _PERIOD).sum(axis=0)
    likeness = np.fft.irfft(np.fft.rfft(folded) * np.conj(np.fft.rfft(_noise())), _PERIOD)
    return float(likeness.max() / likeness.std())


def _spectra(wave: Floats) -> npt.NDArray[np.complexfloating[Any]]:
    """(num_hops, bins)."""
    num_hops = -(-len(wave) // _HOP) + 1
    padded = np.zeros((num_hops + 1) * _HOP, np.float32)
    padded[_HOP : _HOP + len(wave)] = wave
    return np.fft.rfft(np.lib.stride_tricks.sliding_window_view(padded, _SIZE)[::_HOP] * _WINDOW, axis=1)


def _wave(spectra: npt.NDArray[np.complexfloating[Any]], count: int) -> Floats:
    parts = np.fft.irfft(spectra, _SIZE, axis=1).astype(np.float32) * _WINDOW
    out = np.zeros((len(parts) + 1) * _HOP, np.float32)
    out[:-_HOP] += parts[:, :_HOP].reshape(-1)
    out[_HOP:] += parts[:, _HOP:].reshape(-1)
    return out[_HOP : _HOP + count]


@cache
def _thirds() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For each bin the first and the last of the third of an octave around it."""
    bins = np.arange(_SIZE // 2 + 1)
    return np.floor(bins * 2 ** (-1 / 6)).astype(np.int64), np.minimum(np.ceil(bins * 2 ** (1 / 6)), bins[-1]).astype(
        np.int64
    )


def _envelope(spectra: npt.NDArray[np.complexfloating[Any]]) -> Floats:
    """Root of the mean power around each bin."""
    low, high = _thirds()
    sums = np.cumsum(np.pad(np.abs(spectra) ** 2, ((0, 0), (1, 0))), axis=1)
    return np.sqrt((sums[:, high + 1] - sums[:, low]) / (high + 1 - low)).astype(np.float32)
