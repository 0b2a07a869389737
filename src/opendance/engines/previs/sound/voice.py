"""What is spoken in a clip, by whom, and when the mouth of who speaks is open."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from opendance.catalog import SAMPLE_RATE
from opendance.engines.base import Cancelled
from opendance.engines.previs.performers import performer_of
from opendance.engines.previs.sound.speech.speaking import speak
from opendance.engines.previs.sound.speech.voices import Age, Character
from opendance.engines.previs.sound.synth import Wave
from opendance.engines.previs.traits import traits_of
from opendance.engines.previs.views import SPEAKING
from opendance.plan import Dialogue, Plan, Shot, Subject

_BEGINS, _BEGINS_EARLY = 0.5, 0.2  # s after its shot; early where there is much to say
_BETWEEN = 1 / 3  # s, two lines
_ENDS = 0.15  # s before its shot
_HURRY = 1.3  # how much faster than by itself a line is spoken at most, to end with its shot
_LETTERS = 15.0  # a second, of a calm voice
_WIDE_LETTERS = 5.0  # the same, of Chinese and its neighbours
_LOOKED_AT = 24  # times a second: a mouth changes from one picture to the next at most
_OPEN = 0.28  # of the loudest moment: from there on the mouth is open
_SILENT, _WIDE = 0.05, 0.75  # of the loudest moment: from where on a mouth begins to open, and is as open as it gets
_AGES: dict[str, Age] = {"baby": "child", "child": "child", "teen": "teen", "adult": "adult", "elderly": "elderly"}


@dataclass(frozen=True)
class LineSpan:
    """When a line of the plan's dialogue, by its number, is spoken: s of the clip."""

    begin: float
    end: float
    line: int


@dataclass(frozen=True)
class Spoken:
    """What is spoken in a clip: (num_samples,) at `SAMPLE_RATE`, and when each line is."""

    wave: Wave
    spans: tuple[LineSpan, ...]


class Wanted(Protocol):
    """What will be there, such as a future."""

    def result(self) -> Spoken | None:
        """Wait for it."""
        ...


def spoken(
    plan: Plan, num_samples: int, folder: Path, cast: int = 0, cancelled: Cancelled = lambda: False
) -> Spoken | None:
    """All lines of dialogue, one after the other, each from 0.5 s after its shot begins; None where none is spoken.

    Where there is more to say than a shot has time for, it begins earlier and is spoken faster; what is still too long
    goes on over the cut, and the lines behind it wait.

    Args:
        folder: for the files of the voice.
        cast: seed of what people look like, and so of their voices.
        cancelled: asked before each line; where it says so, the rest stays silent.
    """
    out = np.zeros(num_samples, np.float32)
    at = 0
    spans: list[LineSpan] = []
    seconds = num_samples / SAMPLE_RATE
    for start, end, lines in _by_shot(plan, seconds):
        begins, hurry = _pace([line for _, line in lines], end - max(start, at / SAMPLE_RATE))
        at = max(at, int((start + begins) * SAMPLE_RATE))
        for number, line in lines:
            if at >= num_samples or cancelled():
                break
            wave = speak(line, character_of(plan, line, cast), folder, hurry=hurry)
            if wave is None:
                continue
            part = wave[: num_samples - at]
            out[at : at + len(part)] += part
            spans.append(LineSpan(at / SAMPLE_RATE, (at + len(part)) / SAMPLE_RATE, number))
            at += len(part) + int(_BETWEEN * SAMPLE_RATE)
    return Spoken(out, tuple(spans)) if spans else None


def _by_shot(plan: Plan, seconds: float) -> list[tuple[float, float, list[tuple[int, Dialogue]]]]:
    """Beginning and end, s, of each shot in which something is said, and its lines with their numbers.

    Where no shot is told, it is the whole clip.
    """
    out: list[tuple[float, float, list[tuple[int, Dialogue]]]] = []
    for number, line in enumerate(plan.dialogue):
        start = 0.0 if line.start is None else line.start
        if out and out[-1][0] == start:
            out[-1][2].append((number, line))
            continue
        shot = None if line.start is None else _shot_of(plan, line)
        out.append((start, seconds if shot is None else min(seconds, shot.end), [(number, line)]))
    return out


def _pace(lines: list[Dialogue], seconds: float) -> tuple[float, float]:
    """When the first line begins, s, and how much faster than by themselves all are spoken."""
    needed = sum(_length(line) for line in lines) + _BETWEEN * (len(lines) - 1)
    left = seconds - _BEGINS - _ENDS
    if needed <= left:
        return _BEGINS, 1.0
    left = max(0.1, seconds - _BEGINS_EARLY - _ENDS)
    return _BEGINS_EARLY, min(_HURRY, max(1.0, needed / left))


def _length(line: Dialogue) -> float:
    """About how long a calm voice takes, s."""
    wide = sum("\u3040" <= letter <= "\ud7ff" for letter in line.text)
    length = wide / _WIDE_LETTERS + (len(line.text) - wide) / _LETTERS
    return length / (0.75 if "slow" in line.manners else 1.0)


def _shot_of(plan: Plan, line: Dialogue) -> Shot | None:
    start = line.start or 0.0
    return next((shot for shot in plan.shots if shot.start - 1e-3 <= start < shot.end), None)


def character_of(plan: Plan, line: Dialogue, cast: int) -> Character:
    """Who says a line: as old and of the gender that is seen; a narrator where nobody is there to say it."""
    if "narration" in line.manners:
        return Character(kind="narrator")
    shot = _shot_of(plan, line) if line.start is not None else None
    if shot is None and plan.shots:
        shot = plan.shots[0]
    speaker = None if shot is None else speaker_in(shot, line, cast)
    if shot is None or speaker is None:
        others = [each for other in plan.shots for each in other.subjects if performer_of(each, 0, cast) is not None]
        if not others:
            animals = (
                [] if shot is None else [each for each in shot.subjects if traits_of(each.emoji).voice is not None]
            )
            return Character("woman", kind="creature") if animals else Character(kind="narrator")
        return _character(others[0], plan, cast)
    return _character(shot.subjects[speaker], plan, cast)


def speaker_in(shot: Shot, line: Dialogue, cast: int) -> int | None:
    """Index of the subject that says a line: as the words tell, else who speaks by its verb, else the first person."""
    if line.speaker is not None and line.speaker < len(shot.subjects):
        return line.speaker
    people = [at for at, each in enumerate(shot.subjects) if performer_of(each, 0, cast) is not None]
    return next((at for at in people if shot.subjects[at].verb in SPEAKING), next(iter(people), None))


def _character(subject: Subject, plan: Plan, cast: int) -> Character:
    performer = performer_of(subject, 0, cast)
    if performer is None:  # an animal, a thing, a photograph
        gender = {"female": "woman", "male": "man"}.get(subject.gender or "")
        speaker = traits_of(subject.emoji).speaker
        if speaker == "child":
            return Character("woman", "child")
        kind = "person" if subject.image is not None else "creature"
        return Character("woman" if "woman" in (gender, speaker) else "man", kind=kind)
    look = performer.look
    if look.face == "robot":
        return Character(look.gender, kind="robot")
    character = Character(look.gender, _AGES[look.age])
    # Who are alike are told apart by their voices, and keep them in all shots.
    alike: list[str] = []
    for shot in plan.shots:
        for each in shot.subjects:
            other = performer_of(each, 0, cast)
            if other is not None and other.look.gender == look.gender and each.name not in alike:
                alike.append(each.name)
    return replace(character, number=alike.index(subject.name) if subject.name in alike else 0)


def mouth_of(plan: Plan, voice: Wanted | None) -> Mouth | None:
    """When the mouths of those who speak are open; None where nothing is said by who is seen.

    Args:
        voice: what is spoken; where there is none, the mouth moves for as long as the words would take.
    """
    if all("narration" in line.manners for line in plan.dialogue):
        return None
    return Mouth(plan, voice)


class Mouth:
    """When mouths are open. The voice is waited for when that is first asked, which is after the sets are built."""

    def __init__(self, plan: Plan, voice: Wanted | None) -> None:
        self._plan, self._voice = plan, voice
        self._known: tuple[npt.NDArray[np.float32], tuple[LineSpan, ...]] | None = None

    def is_open(self, t: float, lines: Collection[int]) -> bool:
        """Whether the mouth of who says these lines of the plan, by their numbers, is open at `t` s of the clip."""
        return self._loudness(t, lines) > _OPEN

    def opening(self, t: float, lines: Collection[int]) -> float:
        """How far it is open, 0 to 1."""
        return float(np.clip((self._loudness(t, lines) - _SILENT) / (_WIDE - _SILENT), 0, 1))

    def _loudness(self, t: float, lines: Collection[int]) -> float:
        """Of who says these lines at `t`, as a share of the loudest moment of all; 0 while others speak or nobody."""
        if self._known is None:  # two threads may both find it out, and find the same
            voice = None if self._voice is None else self._voice.result()
            self._known = self._guessed() if voice is None else (_by_loudness(voice.wave), voice.spans)
        levels, spans = self._known
        at = int(t * _LOOKED_AT)
        is_theirs = any(span.begin <= t < span.end and span.line in lines for span in spans)
        return float(levels[at]) if is_theirs and 0 <= at < len(levels) else 0.0

    def _guessed(self) -> tuple[npt.NDArray[np.float32], tuple[LineSpan, ...]]:
        moments = np.arange(int(self._plan.seconds * _LOOKED_AT) + 1) / _LOOKED_AT
        spans: list[LineSpan] = []
        at = 0.0
        for start, _, lines in _by_shot(self._plan, self._plan.seconds):
            at = max(at, start + _BEGINS)
            for number, line in lines:
                spans.append(LineSpan(at, at + _length(line), number))
                at = spans[-1].end + _BETWEEN
        wave = (np.sin(moments * 26.0) + 0.5 * np.sin(moments * 15.7) + 0.2) * 0.45
        return (np.clip(wave, 0, 1) + _OPEN * (wave > 0)).astype(np.float32), tuple(spans)


def _by_loudness(wave: Wave) -> npt.NDArray[np.float32]:
    step = SAMPLE_RATE // _LOOKED_AT
    level = np.abs(wave[: len(wave) // step * step]).reshape(-1, step).mean(axis=1)
    return np.asarray(level / max(1e-6, float(level.max(initial=0))), np.float32)
