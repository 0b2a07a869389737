"""Music: openings of public-domain pieces by name, and beds in the mood of the prompt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Gt
from pydantic import ConfigDict, TypeAdapter

from opendance.engines.previs.sound.synth import Timbre
from opendance.engines.previs.traits import traits_of
from opendance.plan import Mood, Plan
from opendance.typed_toml import read_toml

_STEPS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_NOTE = re.compile(r"([a-g])(#?)(\d)")


@dataclass(frozen=True)
class Note:
    """s, s, MIDI pitch, 0 to 1, instrument of `synth`."""

    at: float
    length: float
    pitch: int
    strength: float
    instrument: Timbre


@dataclass(frozen=True)
class Piece:
    """The opening of a piece in the public domain.

    Attributes:
        unit: length of one note, s.
        voices: each a line of pitch[:units], chords joined with +, r a rest.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    instrument: Timbre
    unit: Annotated[float, Gt(0)]
    voices: tuple[str, ...]


_SHAPE: TypeAdapter[dict[str, Piece]] = TypeAdapter(dict[str, Piece])


@cache
def read_pieces() -> dict[str, Piece]:
    """The score book, by the ids of `Plan.music`.

    Raises:
        ValueError: a name or a value in it is not known; with the file and the key.
    """
    return read_toml(Path(__file__).parent / "pieces.toml", _SHAPE)


def compose(plan: Plan, seed: int) -> list[Note]:
    """The notes of a clip: the piece that the prompt names, else a bed in its mood; none where none is wanted."""
    if plan.silent_music:
        return []
    performing = [s for shot in plan.shots for s in shot.subjects if s.action == "play_instrument"]
    if plan.music is not None and plan.music in read_pieces():
        return _piece(plan.music, plan.seconds, performing[0].instrument if performing else None)
    return _bed(plan.mood, plan.seconds, seed, performing[0].instrument if performing else None)


def _piece(name: str, seconds: float, played_on: str | None) -> list[Note]:
    piece = read_pieces()[name]
    instrument: Timbre = traits_of(played_on).timbre or piece.instrument
    notes: list[Note] = []
    length = max(_length(voice) for voice in piece.voices) * piece.unit
    for index, voice in enumerate(piece.voices):
        at = 0.15
        while at < seconds:
            begin = at
            for token in voice.split():
                pitches, _, units = token.partition(":")
                duration = float(units or 1) * piece.unit
                if pitches != "r" and at < seconds - 0.1:
                    strength = 0.62 if index else 0.85
                    length_held = min(duration * 1.05, 2.4)
                    notes += [Note(at, length_held, _pitch(p), strength, instrument) for p in pitches.split("+")]
                at += duration
            at = begin + max(length, 1.0)  # once more from the beginning, all voices together
    return sorted(notes, key=lambda n: n.at)


def _length(voice: str) -> float:
    return sum(float(token.partition(":")[2] or 1) for token in voice.split())


def _pitch(text: str) -> int:
    match = _NOTE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a pitch")
    return 12 * (int(match[3]) + 1) + _STEPS[match[1]] + (1 if match[2] else 0)


# Chords as semitones over the key note, and how each mood plays them: (chords, beat in s, lead, backing, key).
_BEDS: dict[Mood, tuple[tuple[tuple[int, ...], ...], float, Timbre, Timbre, int]] = {
    "calm": (((0, 4, 7, 11), (9, 12, 16, 19), (5, 9, 12, 16), (7, 11, 14, 17)), 0.50, "piano", "pad", 57),
    "joyful": (((0, 4, 7), (7, 11, 14), (9, 12, 16), (5, 9, 12)), 0.25, "pluck", "guitar", 60),
    "melancholic": (((0, 3, 7), (8, 12, 15), (3, 7, 10), (10, 14, 17)), 0.58, "piano", "strings", 57),
    "epic": (((0, 3, 7), (8, 12, 15), (5, 8, 12), (7, 11, 14)), 0.25, "strings", "bass", 50),
    "tense": (((0, 3, 6), (1, 4, 7), (0, 3, 6), (-1, 2, 6)), 0.25, "bass", "pad", 45),
    "romantic": (((0, 4, 7, 11), (4, 7, 11, 14), (5, 9, 12, 16), (7, 11, 14, 17)), 0.42, "guitar", "strings", 55),
    "playful": (((0, 4, 7), (5, 9, 12), (2, 5, 9), (7, 11, 14)), 0.22, "pluck", "bass", 62),
    "mysterious": (((0, 4, 7, 14), (2, 6, 9, 16), (-3, 0, 4, 11), (0, 4, 6, 11)), 0.46, "bell", "pad", 57),
}
_BAR = 8  # beats of a bed for one chord


def _bed(mood: Mood, seconds: float, seed: int, played_on: str | None) -> list[Note]:
    chords, beat, lead, backing, key = _BEDS[mood]
    lead = traits_of(played_on).timbre or lead
    rng = np.random.default_rng(seed + 11)
    key += int(rng.integers(-3, 4))
    notes: list[Note] = []
    bar = _BAR * beat
    orders = ((0, 1, 2, 1), (0, 2, 1, 2), (2, 1, 0, 1), (0, 1, 2, 3))
    order = orders[int(rng.integers(len(orders)))]
    for index in range(int(seconds / bar) + 1):
        chord = chords[index % len(chords)]
        start = 0.1 + index * bar
        held: Timbre = backing if backing != "bass" else "strings"
        notes += [Note(start, bar * 0.98, key + pitch, 0.30, held) for pitch in chord[:3]]
        notes.append(
            Note(start, bar * 0.9, key + chord[0] - 12, 0.46, "bass" if mood not in ("calm", "mysterious") else "pad")
        )
        for step in range(_BAR):
            at = start + step * beat
            if at >= seconds - 0.15:
                break
            if mood in ("calm", "melancholic", "mysterious") and rng.random() < 0.30:
                continue
            tone = chord[order[step % 4] % len(chord)] + (12 if step % 4 != 0 or mood != "tense" else 0)
            if mood in ("joyful", "playful", "romantic") and step == 6 and rng.random() < 0.6:
                tone += 12
            notes.append(
                Note(
                    at,
                    beat * (1.6 if lead in ("piano", "bell") else 1.0),
                    key + tone,
                    0.55 + 0.2 * (step % 4 == 0),
                    lead,
                )
            )
            if mood == "epic" and step % 2 == 0:
                notes.append(Note(at, beat * 0.9, key + chord[0] - 12, 0.5 + 0.3 * (step == 0), "bass"))
    return sorted((n for n in notes if n.at < seconds - 0.1), key=lambda n: n.at)
