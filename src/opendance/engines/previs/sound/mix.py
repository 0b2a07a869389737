"""The mix: beds, effects, music, speech; ducked, brought to -16 LUFS, limited."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from opendance.catalog import SAMPLE_RATE
from opendance.engines.previs.motion import SoundEvent
from opendance.engines.previs.sound.ambience import add_wave, ambience
from opendance.engines.previs.sound.effects import effect
from opendance.engines.previs.sound.reference import HeardReferences
from opendance.engines.previs.sound.score import Note
from opendance.engines.previs.sound.synth import Wave, tone
from opendance.media.loudness import Stereo, master
from opendance.plan import Plan

_FADE = 0.35  # s at the end


def mix_sound(
    plan: Plan,
    notes: list[Note],
    events: Callable[[], list[tuple[float, SoundEvent]]],
    heard: HeardReferences,
    *,
    num_samples: int,
    seed: int,
    speech: Wave | None,
) -> Stereo:
    """The sound of a clip, (num_samples, 2), -16 LUFS, peaks under -1.5 dBFS.

    Args:
        events: gives (beginning of the shot, event) pairs, asked once the music and the ambience are made.
        heard: the user's own sound; music of theirs takes the place of ours, and footage that of the ambience.
        speech: what is spoken, (num_samples,).
    """
    rng = np.random.default_rng(seed + 5)
    seconds = num_samples / SAMPLE_RATE
    out = np.zeros((num_samples, 2), np.float32)
    music = _music(notes, num_samples, performed=_performed(plan)) if heard.footage is None else np.zeros_like(out)
    for shot in plan.shots if heard.footage is None else ():
        part = ambience(shot, rng)
        begin = int(shot.start * SAMPLE_RATE)
        part = part[: num_samples - begin]
        edge = min(len(part) // 2, SAMPLE_RATE // 50)
        if edge and len(plan.shots) > 1:
            ramp = np.linspace(0, 1, edge, dtype=np.float32)[:, None]
            part[:edge] *= ramp
            part[-edge:] *= ramp[::-1]
        out[begin : begin + len(part)] += part
    for start, event in events():
        left = next((s.end for s in reversed(plan.shots) if start >= s.start - 1e-6), seconds) - start - event.at
        if left > 0.02:
            wave = effect(event.kind, rng, left)
            add_wave(out, wave * np.float32(0.20 * event.strength), start + event.at, float(rng.uniform(0.35, 0.65)))
    if heard.footage is not None:
        out += heard.footage[:num_samples]
    if heard.music is not None:
        music = music * np.float32(0) + heard.music[:num_samples]
        out *= np.float32(0.5)
    voices = None if speech is None else speech[:, None] * np.full((1, 2), 0.42, np.float32)
    if heard.voice is not None:
        voices = heard.voice[:num_samples] if voices is None else voices + heard.voice[:num_samples]
    if voices is not None:
        duck = _duck(voices.mean(axis=1))
        music *= duck
        out *= 0.35 + 0.65 * duck
        out += voices
    if heard.effects is not None:
        out += heard.effects[:num_samples]
    out += music
    fade = min(num_samples, int(_FADE * SAMPLE_RATE))
    out[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None] ** 1.5
    edge = min(num_samples, SAMPLE_RATE // 100)
    out[:edge] *= np.linspace(0, 1, edge, dtype=np.float32)[:, None]
    return master(out)


def _performed(plan: Plan) -> bool:
    return any(s.action == "play_instrument" for shot in plan.shots for s in shot.subjects)


def _music(notes: list[Note], num_samples: int, *, performed: bool) -> Stereo:
    out = np.zeros((num_samples, 2), np.float32)
    level = 0.20 if performed else 0.085
    for note in notes:
        wave = tone(note.instrument, note.pitch, round(note.length * 1000))
        pan = 0.5 + (note.pitch - 60) * 0.006
        add_wave(out, wave * np.float32(note.strength * level), note.at, float(np.clip(pan, 0.25, 0.75)))
    return _with_room(out, 0.16)


def _with_room(wave: Stereo, wet: float) -> Stereo:
    """A small hall: a few echoes that cross the sides, softened."""
    echoes = np.zeros_like(wave)
    for delay, gain, crossed in (
        (0.031, 0.50, True),
        (0.047, 0.42, False),
        (0.079, 0.33, True),
        (0.127, 0.26, False),
        (0.191, 0.18, True),
        (0.283, 0.12, False),
    ):
        n = int(delay * SAMPLE_RATE)
        source = wave[:-n, ::-1] if crossed else wave[:-n]
        echoes[n:] += source * np.float32(gain)
    kernel = np.ones(24, np.float32) / 24
    soft = cv2.filter2D(echoes, -1, kernel[:, None])
    return wave + np.asarray(soft, np.float32) * np.float32(wet * 2)


def _duck(speech: Wave) -> Stereo:
    """(n, 1): 0.3 while somebody speaks, 1 otherwise, with soft changes."""
    step = SAMPLE_RATE // 100
    frames = np.abs(speech[: len(speech) // step * step]).reshape(-1, step).max(axis=1)
    active = np.asarray(cv2.dilate((frames > 0.02).astype(np.float32)[None, :], np.ones((1, 45), np.uint8)))[0]
    soft = np.asarray(cv2.GaussianBlur(active[None, :], (0, 0), 9), np.float32)[0]
    level = cv2.resize(np.ascontiguousarray(soft[:, None]), (1, len(speech)), interpolation=cv2.INTER_LINEAR)
    return np.float32(1) - np.float32(0.7) * np.asarray(level, np.float32)
