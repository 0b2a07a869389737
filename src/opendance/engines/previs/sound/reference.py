"""Sound that the user gave: music in time, effects at their moment, voices, and the sound of footage."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from opendance.catalog import SAMPLE_RATE
from opendance.job import Job
from opendance.media.audio import read_wav
from opendance.plan import AssetUse

Stereo = npt.NDArray[np.floating[Any]]

_HOP = SAMPLE_RATE // 100  # 10 ms
_SEAM = int(0.03 * SAMPLE_RATE)  # crossfade of a loop
_MUSIC, _VOICE, _EFFECT, _FOOTAGE = 0.16, 0.16, 0.20, 0.16  # rms that each is brought to before the mix


@dataclass(frozen=True)
class HeardReferences:
    """What is heard of the user's sound, each (num_samples, 2) over the whole clip, or None.

    Attributes:
        music: looped or cut on beats; ducked under voices by the mix.
        voice: as it is, in its length and rhythm.
        effects: at their moments.
        footage: the own sound of videos that are extended or joined, or edited.
    """

    music: Stereo | None = None
    voice: Stereo | None = None
    effects: Stereo | None = None
    footage: Stereo | None = None


def load_references(job: Job) -> HeardReferences:
    """Everything that the plan lets be heard of the job's assets."""
    plan, total = job.plan, round(job.plan.seconds * SAMPLE_RATE)
    if not job.generate_audio:
        return HeardReferences()
    music = _blank_or(
        [
            (use, in_time(_levelled(_wave(job, use), _MUSIC), _samples(use.end - use.start)))
            for use in plan.uses("music")
        ],
        total,
    )
    voices = [(use, _levelled(_wave(job, use), _VOICE)) for use in plan.uses("voice")]
    effects = [(use, _levelled(_wave(job, use), _EFFECT)) for use in plan.uses("effect")]
    return HeardReferences(
        music=music,
        voice=_one_after_the_other(voices, total),
        effects=_blank_or([(_timed(use, plan.seconds, k), w) for k, (use, w) in enumerate(effects)], total),
        footage=_footage(job, total),
    )


def _samples(seconds: float) -> int:
    return max(1, round(seconds * SAMPLE_RATE))


def _wave(job: Job, use: AssetUse) -> Stereo:
    return read_wav(Path(job.asset(use.kind, use.number).path))


def _levelled(wave: Stereo, rms: float) -> Stereo:
    """Brought to a loudness, by what is not silence in it."""
    power = (wave**2).mean(axis=1)
    heard = power > 1e-6
    level = float(np.sqrt(power[heard].mean())) if heard.any() else 1.0
    return (wave * np.float32(rms / max(level, 1e-4))).astype(np.float32)


def _timed(use: AssetUse, seconds: float, index: int) -> AssetUse:
    """An effect without a time of its own comes after a third of the clip, the next one later."""
    if use.start > 0:
        return use
    return replace(use, start=min(seconds * 0.85, seconds * (0.33 + 0.22 * index)))


def _blank_or(parts: list[tuple[AssetUse, Stereo]], total: int) -> Stereo | None:
    if not parts:
        return None
    out = np.zeros((total, 2), np.float32)
    for use, wave in parts:
        _lay(out, wave, use.start)
    return out


def _lay(out: Stereo, wave: Stereo, at: float) -> None:
    begin = _samples(at) if at > 0 else 0
    part = wave[: max(0, len(out) - begin)].copy()
    edge = min(len(part) // 2, SAMPLE_RATE // 100)
    if edge:
        ramp = np.linspace(0, 1, edge, dtype=np.float32)[:, None]
        part[:edge] *= ramp
        part[-edge:] *= ramp[::-1]
    out[begin : begin + len(part)] += part


def _one_after_the_other(voices: list[tuple[AssetUse, Stereo]], total: int) -> Stereo | None:
    if not voices:
        return None
    out = np.zeros((total, 2), np.float32)
    free = 0.3
    for use, wave in voices:
        at = max(free, use.start)
        if use.end - use.start + 0.05 < total / SAMPLE_RATE:  # it was given a time of its own
            at = use.start
            wave = wave[: _samples(use.end - use.start)]
        _lay(out, wave, at)
        free = at + len(wave) / SAMPLE_RATE + 0.2
    return out


def beat(wave: Stereo) -> tuple[int, int] | None:
    """Length of a beat of (num_samples, 2) and the place of the first one, samples; None where no pulse can be told.

    The autocorrelation of the onset strength, for 60 to 190 beats a minute.
    """
    mono = wave.mean(axis=1)
    n = len(mono) // _HOP
    if n < 100:
        return None
    frames = mono[: n * _HOP].reshape(n, _HOP)
    spectra = np.abs(np.fft.rfft(frames * np.hanning(_HOP), axis=1))
    onset = np.maximum(np.diff(np.log1p(spectra * 40), axis=0), 0).sum(axis=1)
    onset = onset - onset.mean()
    if float(onset.std()) < 1e-6:
        return None
    size = 1 << (2 * len(onset) - 1).bit_length()
    spectrum = np.fft.rfft(onset, size)
    correlation = np.fft.irfft(spectrum * np.conj(spectrum))[: len(onset)]
    low, high = round(100 * 60 / 190), min(len(onset) // 2, 100)
    if high <= low:
        return None
    window = correlation[low:high] / (correlation[0] + 1e-9)
    best = int(np.argmax(window))
    if window[best] < 0.12:
        return None
    period = low + best
    strength = [float(onset[k::period].sum()) for k in range(period)]
    return period * _HOP, (int(np.argmax(strength)) + 1) * _HOP


def in_time(wave: Stereo, length: int) -> Stereo:
    """The music at a length, (length, 2): cut with a fade, or looped by whole beats so that the pulse goes on."""
    if len(wave) >= length:
        out = wave[:length].copy()
    else:
        pulse = beat(wave)
        if pulse is None:
            begin, end = 0, len(wave)
        else:
            period, begin = pulse
            end = begin + max(1, (len(wave) - _SEAM - begin) // period) * period
        loop = end - begin
        if loop < SAMPLE_RATE // 4:
            begin, end, loop = 0, len(wave), len(wave)
        out = np.zeros((length, 2), np.float32)
        head = wave[:end]
        out[: min(length, len(head))] = head[:length]
        at = end
        ramp = np.linspace(0, 1, _SEAM, dtype=np.float32)[:, None]
        while at < length:
            part = wave[begin : begin + min(loop, length - at)].copy()
            tail = wave[end : end + _SEAM]
            k = min(len(tail), len(part), _SEAM)
            if k:  # the old turn fades out over the beginning of the new one
                part[:k] = part[:k] * ramp[:k] + tail[:k] * (1 - ramp[:k])
            out[at : at + len(part)] = part
            at += loop
    fade = min(length, int(1.2 * SAMPLE_RATE))
    out[-fade:] *= (np.linspace(1, 0, fade, dtype=np.float32)[:, None]) ** 1.2
    return out


def _footage(job: Job, total: int) -> Stereo | None:
    plan = job.plan
    joined, extended, edited = plan.uses("join"), plan.uses("extend"), plan.uses("edit")
    out = np.zeros((total, 2), np.float32)
    heard = False
    if len(joined) > 1:
        for at, use, offset, seconds in joined_places(job):
            asset = job.asset("video", use.number)
            if asset.sound_path:
                wave = _levelled(read_wav(Path(asset.sound_path)), _FOOTAGE)[_samples(offset) if offset else 0 :]
                _lay(out, wave[: _samples(seconds)], at)
                heard = True
    elif extended:
        asset = job.asset("video", extended[0].number)
        if asset.sound_path:
            wave = _levelled(read_wav(Path(asset.sound_path)), _FOOTAGE)
            tail = wave[: SAMPLE_RATE * 2] if extended[0].backwards else wave[-SAMPLE_RATE * 2 :]
            out[:] = in_time(_endless(tail, total), total)
            heard = True
    elif edited:
        asset = job.asset("video", edited[0].number)
        if asset.sound_path:
            _lay(out, _levelled(read_wav(Path(asset.sound_path)), _FOOTAGE), 0.0)
            heard = True
    return out if heard else None


def _endless(wave: Stereo, length: int) -> Stereo:
    """There and back again, so that a room goes on without a seam."""
    there_and_back = np.concatenate([wave, wave[::-1]])
    return np.tile(there_and_back, (length // max(1, len(there_and_back)) + 1, 1))[:length]


def joined_places(job: Job) -> list[tuple[float, AssetUse, float, float]]:
    """(beginning in the clip, which, offset in its footage, length), s, of the clips that are joined."""
    uses = job.plan.uses("join")
    lengths = [job.asset("video", use.number).seconds for use in uses]
    shown, passage = join_lengths(lengths, job.plan.seconds)
    places: list[tuple[float, AssetUse, float, float]] = []
    at = 0.0
    for index, (use, length, seconds) in enumerate(zip(uses, lengths, shown, strict=True)):
        spare = max(0.0, length - seconds)
        # The first keeps its end, the last its beginning, those between their middle.
        offset = spare if index == 0 else 0.0 if index == len(uses) - 1 else spare / 2
        places.append((at, use, offset, seconds))
        at += seconds + passage
    return places


_PASSAGE = 1.0  # s between two joined clips, at least
_FRAMES = 24


def join_lengths(lengths: list[float], total: float) -> tuple[list[float], float]:
    """How long each joined clip is shown, and the passages between them, s, on whole frames.

    What there is too much of is cut; what there is too little of, the passages fill.
    """
    gaps = len(lengths) - 1
    room = max(0.4 * total, total - gaps * _PASSAGE)
    scale = min(1.0, room / sum(lengths))
    shown = [max(1, int(length * scale * _FRAMES)) / _FRAMES for length in lengths]
    passage = int((total - sum(shown)) / gaps * _FRAMES) / _FRAMES
    return shown, passage
