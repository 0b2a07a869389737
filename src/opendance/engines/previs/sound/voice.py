"""What is spoken in a clip, and when the mouth of who speaks is open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from opendance.catalog import SAMPLE_RATE
from opendance.engines.previs.sound.speech import speak
from opendance.engines.previs.sound.synth import Wave
from opendance.engines.previs.traits import Speaker, traits_of
from opendance.plan import Plan

# Of the voice, 0 to 99 as eSpeak NG counts; who stands first here speaks, where several are seen.
_PITCHES: dict[Speaker, int] = {"child": 85, "woman": 66, "man": 42}
_BEGINS = 0.5  # s after its shot
_LETTERS = 13.0  # a second, of a calm voice that is not heard
_WIDE_LETTERS = 4.5  # the same, of Chinese and its neighbours
_LOOKED_AT = 24  # times a second: a mouth changes from one picture to the next at most
_OPEN = 0.28  # of the loudest moment: from there on the mouth is open


class Wanted(Protocol):
    """What will be there, such as a future."""

    def result(self) -> Wave | None:
        """Wait for it."""
        ...


def spoken(plan: Plan, num_samples: int, folder: Path) -> Wave | None:
    """All lines of dialogue, (num_samples,), one after the other, each from 0.5 s after its shot begins.

    Args:
        folder: for the files of the voice.
    """
    out = np.zeros(num_samples, np.float32)
    at, was_spoken = int(_BEGINS * SAMPLE_RATE), False
    speakers = {traits_of(s.emoji).speaker for shot in plan.shots for s in shot.subjects}
    pitch = next((_PITCHES[speaker] for speaker in _PITCHES if speaker in speakers), _PITCHES["man"])
    for line in plan.dialogue:
        wave = speak(line, folder, pitch=pitch)
        if line.start is not None:
            at = max(at, int((line.start + _BEGINS) * SAMPLE_RATE))
        if wave is None or at >= num_samples:
            continue
        part = wave[: num_samples - at]
        out[at : at + len(part)] += part
        at += len(part) + SAMPLE_RATE // 3
        was_spoken = True
    return out if was_spoken else None


def mouth_of(plan: Plan, voice: Wanted | None) -> Callable[[float], bool] | None:
    """Whether the mouth of who speaks is open, by seconds of the clip; None where nothing is said.

    Args:
        voice: what is spoken; where there is none, the mouth moves for as long as the words would take.
    """
    if not plan.dialogue:
        return None
    return Mouth(plan, voice)


class Mouth:
    """When a mouth is open. The voice is waited for when that is first asked, which is after the sets are built."""

    def __init__(self, plan: Plan, voice: Wanted | None) -> None:
        self._plan, self._voice = plan, voice
        self._open: npt.NDArray[np.bool_] | None = None

    def __call__(self, t: float) -> bool:
        if self._open is None:  # two threads may both find it out, and find the same
            wave = None if self._voice is None else self._voice.result()
            self._open = self._guessed() if wave is None else _by_loudness(wave)
        at = int(t * _LOOKED_AT)
        return bool(0 <= at < len(self._open) and self._open[at])

    def _guessed(self) -> npt.NDArray[np.bool_]:
        moments = np.arange(int(self._plan.seconds * _LOOKED_AT) + 1) / _LOOKED_AT
        says = np.zeros(len(moments), bool)
        at = _BEGINS
        for line in self._plan.dialogue:
            at = at if line.start is None else max(at, line.start + _BEGINS)
            end = at + len(line.text) / (_LETTERS if line.language == "en" else _WIDE_LETTERS)
            says |= (moments >= at) & (moments < end)
            at = end + 1 / 3
        return says & (np.sin(moments * 26.0) + 0.5 * np.sin(moments * 15.7) > -0.2)


def _by_loudness(wave: Wave) -> npt.NDArray[np.bool_]:
    step = SAMPLE_RATE // _LOOKED_AT
    level = np.abs(wave[: len(wave) // step * step]).reshape(-1, step).mean(axis=1)
    return np.asarray(level > _OPEN * max(1e-6, float(level.max())))
