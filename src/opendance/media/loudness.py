"""Loudness: how loud a sound is to people, and bringing it to -16 LUFS with peaks held."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from opendance.catalog import SAMPLE_RATE

Stereo = npt.NDArray[np.floating[Any]]  # (num_samples, 2)
TARGET_LUFS = -16.0
_CEILING = 10 ** (-1.5 / 20)  # -1.5 dBFS: leaves room for what AAC adds between samples
_SILENCE = -60.0  # LUFS; what is quieter is left as it is
_LOWEST = 20.0  # Hz; what is lower nobody hears, and it takes the room under the ceiling


def loudness(wave: Stereo) -> float:
    """Integrated loudness of (num_samples, 2), LUFS.

    K-weighted blocks of 0.4 s, gated at -70 LUFS and at -10 LU (ITU-R BS.1770-4).
    """
    n = len(wave)
    size = 1 << (n - 1).bit_length()
    weighted = np.fft.irfft(np.fft.rfft(wave, size, axis=0) * _k_weight(size)[:, None], size, axis=0)[:n]
    block, hop = int(0.4 * SAMPLE_RATE), int(0.1 * SAMPLE_RATE)
    energy = np.concatenate([[0.0], np.cumsum((weighted**2).sum(axis=1))])
    starts = np.arange(0, max(1, n - block + 1), hop)
    power = (energy[np.minimum(starts + block, n)] - energy[starts]) / block
    levels = -0.691 + 10 * np.log10(np.maximum(power, 1e-12))
    kept = power[levels > -70]
    if not kept.size:
        return -70.0
    gate = -0.691 + 10 * np.log10(kept.mean()) - 10
    kept = power[(levels > -70) & (levels > gate)]
    return float(-0.691 + 10 * np.log10(kept.mean()))


@lru_cache(maxsize=1)
def _k_weight(size: int) -> npt.NDArray[np.complex128]:
    """The two filters of BS.1770-4 as a response at 48 kHz (tables 1 and 2), for transforms of so many samples."""
    f = np.maximum(np.fft.rfftfreq(size, 1 / SAMPLE_RATE), 1e-3)
    z: npt.NDArray[np.complex128] = np.exp(-2j * np.pi * f / SAMPLE_RATE)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high_pass = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    return shelf * high_pass


def master(wave: Stereo) -> Stereo:
    """Bring (num_samples, 2) to the target loudness and hold peaks under the ceiling; what is all but silent stays so.

    An offset and what lies under 20 Hz are taken out: some models' sound has them.
    """
    wave = _audible(wave)
    level = loudness(wave)
    if level < _SILENCE:
        return wave
    wave = _limited(wave * _gain(level))
    return _limited(wave * _gain(loudness(wave)))  # what the limiter takes is given back once


def _gain(level: float) -> np.float32:
    """From a loudness, LUFS, to the target."""
    return np.float32(10 ** ((TARGET_LUFS - level) / 20))


def _audible(wave: Stereo) -> Stereo:
    n = len(wave)
    size = 1 << (n - 1).bit_length()
    f = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    response = np.sin(np.pi / 2 * np.clip(2 * f / _LOWEST - 1, 0, 1))  # from 10 to 20 Hz
    offset = wave.mean(axis=0, dtype=np.float64)  # first, for the padding would make a step of it
    heard = np.fft.irfft(np.fft.rfft(wave - offset, size, axis=0) * response[:, None], size, axis=0)[:n]
    return heard.astype(np.float32)


def _limited(wave: Stereo) -> Stereo:
    """A limiter that looks ahead 5 ms: it turns down before a peak and lets go slowly."""
    peak = np.abs(wave).max(axis=1)
    if float(peak.max()) <= _CEILING:
        return wave
    need = np.minimum(1.0, _CEILING / np.maximum(peak, 1e-9)).astype(np.float32)
    reach = SAMPLE_RATE // 200
    held = cv2.erode(need[None, :], np.ones((1, 2 * reach + 1), np.uint8), borderType=cv2.BORDER_REPLICATE)
    smooth = np.asarray(cv2.blur(held, (2 * reach + 1, 1), borderType=cv2.BORDER_REPLICATE))[0]
    return np.clip(wave * smooth[:, None], -_CEILING, _CEILING).astype(np.float32)
