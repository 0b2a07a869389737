"""Who speaks with which voice, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from opendance.plan import Language, Manner

Gender = Literal["woman", "man"]
Age = Literal["child", "teen", "adult", "elderly"]
Kind = Literal["person", "robot", "creature", "narrator"]


@dataclass(frozen=True)
class Character:
    """Who speaks.

    Attributes:
        number: tells several of the same age and gender apart.
    """

    gender: Gender = "man"
    age: Age = "adult"
    kind: Kind = "person"
    number: int = 0


@dataclass(frozen=True)
class Voice:
    """A voice and how it is used.

    Attributes:
        name: of Kokoro's voices; hibari has one of its own.
        pitch: over the voice's own, with the size of its throat: a child's is above 1.
        speed: over the voice's own.
    """

    name: str
    pitch: float = 1.0
    speed: float = 1.0


# By language: voices of women and of men; those of Japanese and English speak Korean, which Kokoro never learnt.
_VOICES: dict[Language, dict[Gender, tuple[str, ...]]] = {
    "en": {"woman": ("af_heart", "af_bella", "bf_emma"), "man": ("am_michael", "am_fenrir", "am_puck")},
    "zh": {"woman": ("zf_xiaoxiao", "zf_xiaoyi"), "man": ("zm_yunxi", "zm_yunyang")},
    "ja": {"woman": ("jf_alpha", "jf_gongitsune", "jf_tebukuro"), "man": ("jm_kumo",)},
    "ko": {"woman": ("af_heart", "jf_alpha"), "man": ("am_michael", "jm_kumo")},
}
_NARRATORS: dict[Language, Voice] = {"en": Voice("bm_george", speed=0.95)}
# Pitch of the throat and pace, by age; a child of either gender has a woman's voice, made small.
_AGES: dict[tuple[Age, Gender], tuple[float, float]] = {
    ("child", "woman"): (1.22, 1.0),
    ("child", "man"): (1.16, 1.0),
    ("teen", "woman"): (1.07, 1.03),
    ("teen", "man"): (1.08, 1.03),
    ("elderly", "woman"): (0.94, 0.88),
    ("elderly", "man"): (0.93, 0.88),
}
_PACES: dict[Manner, float] = {"slow": 0.78, "fast": 1.25, "whisper": 0.95, "shout": 1.04}
_HIBARIS_MAN = 0.80  # hibari's voice is a woman's; with a throat a quarter longer it passes for a man's
_KOREAN_PACE = 0.92  # what a voice never learnt, it says more clearly in calm


def voice_for(character: Character, language: Language, manners: tuple[Manner, ...] = ()) -> Voice:
    """The voice of Kokoro for somebody."""
    if character.kind == "narrator" and language in _NARRATORS:
        chosen = _NARRATORS[language]
    else:
        voices = _VOICES[language]
        names = voices["woman" if character.age == "child" else character.gender]
        pitch, speed = _AGES.get((character.age, character.gender), (1.0, 1.0))
        if character.kind == "creature":
            pitch *= 1.12
        chosen = Voice(names[character.number % len(names)], pitch, speed)
    return _in_manner(chosen, manners, _KOREAN_PACE if language == "ko" else 1.0)


def hibaris_voice_for(character: Character, manners: tuple[Manner, ...] = ()) -> Voice:
    """The same with the one voice of hibari."""
    pitch, speed = _AGES.get((character.age, character.gender), (1.0, 1.0))
    if character.gender == "man" and character.age != "child":
        pitch *= _HIBARIS_MAN
    if character.kind == "creature":
        pitch *= 1.12
    return _in_manner(Voice("heart", pitch, speed), manners, 1.0)


def _in_manner(voice: Voice, manners: tuple[Manner, ...], pace: float) -> Voice:
    for manner in manners:
        pace *= _PACES.get(manner, 1.0)
    return Voice(voice.name, voice.pitch * (1.06 if "shout" in manners else 1.0), voice.speed * pace)
