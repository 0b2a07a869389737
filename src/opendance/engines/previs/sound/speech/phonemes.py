"""Words as phonemes in the letters that Kokoro and hibari know, sentence by sentence, in any of the four languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from functools import cache
from importlib import import_module
from typing import Any

from opendance.engines.previs.sound.speech import chinese, japanese, korean
from opendance.plan import Language

# What each letter is called in the nets, whose alphabet is one. Source: config.json of Kokoro-82M 1.0.
TOKENS = {
    ";": 1, ":": 2, ",": 3, ".": 4, "!": 5, "?": 6, "—": 9, "…": 10, '"': 11, "(": 12, ")": 13, "“": 14,
    "”": 15, " ": 16, "̃": 17, "ʣ": 18, "ʥ": 19, "ʦ": 20, "ʨ": 21, "ᵝ": 22, "ꭧ": 23, "A": 24, "I": 25,
    "O": 31, "Q": 33, "S": 35, "T": 36, "W": 39, "Y": 41, "ᵊ": 42, "a": 43, "b": 44, "c": 45, "d": 46,
    "e": 47, "f": 48, "h": 50, "i": 51, "j": 52, "k": 53, "l": 54, "m": 55, "n": 56, "o": 57, "p": 58,
    "q": 59, "r": 60, "s": 61, "t": 62, "u": 63, "v": 64, "w": 65, "x": 66, "y": 67, "z": 68, "ɑ": 69,
    "ɐ": 70, "ɒ": 71, "æ": 72, "β": 75, "ɔ": 76, "ɕ": 77, "ç": 78, "ɖ": 80, "ð": 81, "ʤ": 82, "ə": 83,
    "ɚ": 85, "ɛ": 86, "ɜ": 87, "ɟ": 90, "ɡ": 92, "ɥ": 99, "ɨ": 101, "ɪ": 102, "ʝ": 103, "ɯ": 110, "ɰ": 111,
    "ŋ": 112, "ɳ": 113, "ɲ": 114, "ɴ": 115, "ø": 116, "ɸ": 118, "θ": 119, "œ": 120, "ɹ": 123, "ɾ": 125,
    "ɻ": 126, "ʁ": 128, "ɽ": 129, "ʂ": 130, "ʃ": 131, "ʈ": 132, "ʧ": 133, "ʊ": 135, "ʋ": 136, "ʌ": 138,
    "ɣ": 139, "ɤ": 140, "χ": 142, "ʎ": 143, "ʒ": 147, "ʔ": 148, "ˈ": 156, "ˌ": 157, "ː": 158, "ʰ": 162,
    "ʲ": 164, "↓": 169, "→": 171, "↗": 172, "↘": 173, "ᵻ": 177,
}  # fmt: skip
LONGEST = 160  # phonemes read in one go: more take more memory, and the nets were trained on few that are longer
_SENTENCES = re.compile(r"[^.!?。！？…\n]+[.!?。！？…]*[\"”'’」』)）]*\s*")
_ENGLISH_SENTENCES = re.compile(r"(?<=[.!?…])[\"”’)\]]*\s+(?=[\"“‘(A-Z0-9])")
_OTHER_SCRIPTS = "\u0250"  # behind all Latin letters with their accents
_LATIN = re.compile(r"[A-Za-z][A-Za-z'’.& -]*")
_SOUNDING = re.compile(r"[^\s\W↓→↗↘ˈˌːʰʲ]")


def phonemes_of(text: str, language: Language) -> list[str]:
    """The phonemes of each sentence, at most `LONGEST` in one piece; none where no letter has a sound.

    Raises:
        ImportError: what knows how the words of this language sound is not installed.
    """
    sentences = _ENGLISH_SENTENCES.split(text) if language == "en" else _SENTENCES.findall(text)
    pieces = [piece for each in sentences for piece in _cut(_known(_sentence(each.strip(), language)))]
    return [piece for piece in pieces if _SOUNDING.search(piece)]


def _sentence(text: str, language: Language) -> str:
    if language == "en":
        return english(text)
    words = _READERS[language]
    out: list[str] = []
    at = 0
    for name in _LATIN.finditer(text):  # a name in the middle of it is read as English
        out += [words(text[at : name.start()]), english(name[0])]
        at = name.end()
    return " ".join(part for part in (*out, words(text[at:])) if part)


_READERS: dict[Language, Callable[[str], str]] = {
    "zh": chinese.phonemes,
    "ja": japanese.phonemes,
    "ko": korean.phonemes,
}


def english(text: str) -> str:
    """The phonemes of English words, by hibari's reading of misaki's lexicon.

    Raises:
        ImportError: hibari is not installed.
    """
    # [word](/phonemes/) would be read as phonemes, and letters of other scripts by their names: neither is meant.
    plain = "".join(each for each in text if each not in "[]" and (not each.isalpha() or each < _OTHER_SCRIPTS))
    return str(_reader()(plain))


@cache
def _reader() -> Any:
    return import_module("hibari.g2p").G2P()


def _known(phonemes: str) -> str:
    known = " ".join("".join(each for each in phonemes if each in TOKENS).split())
    return re.sub(r" (?=[,.!?;:…])", "", known)


def _cut(phonemes: str) -> Generator[str]:
    """In pieces: behind the last mark that fits, else the last space, else anywhere."""
    while len(phonemes) > LONGEST:
        head = phonemes[:LONGEST]
        at = max((match.end() for match in re.finditer(r"[,;:—…](?= )", head)), default=-1)
        at = at if at > LONGEST // 3 else head.rfind(" ")
        at = at if at > 0 else LONGEST
        yield phonemes[:at].strip()
        phonemes = phonemes[at:].strip()
    if phonemes:
        yield phonemes
