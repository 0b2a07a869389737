"""Towns, lands and landmarks that have a name, in four languages, and what they look like: the table `regions.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from opendance.prompt.chinese_words import split_words
from opendance.prompt.english_words import english_word
from opendance.prompt.reading import lowered
from opendance.prompt.word_index import WordIndex
from opendance.typed_toml import read_toml

_TABLE = Path(__file__).parent / "regions.toml"
_LANGUAGES = 4
_UNLIKE = "land"  # the key of lands that look like many things
# Small letters that mean something else.
_COMMON = frozenset(
    (
        "turkey", "china", "jordan", "georgia", "bath", "java", "chile", "mali", "nice", "rio", "queens", "outback", "highlands", "arctic", "bund",
        "amazon", "nile", "haiti", "porto", "lima", "dali", "goa", "fez", "riga", "nara", "petra", "reading", "highlands", "caribbean", "rockies",
    )
)  # fmt: skip
_PARTICLES = (
    "의에을를은는이가과와로도만시역풍식산섬항도거골해"  # what follows the name of a town in Korean, among others
)
_SHORT = 2


@dataclass(frozen=True)
class NamedPlace:
    """A named place in a text; `place`: the key of the place that it looks like, None where it looks like many things."""

    begin: int
    end: int
    place: str | None


def read_regions(file: Path = _TABLE) -> dict[str, tuple[str, ...]]:
    """The names, by key of a place.

    Raises:
        ValueError: a line has not a name in each of the four languages; with the file and the line.
    """
    table = read_toml(file, TypeAdapter(dict[str, tuple[str, ...]]))
    for lines in table.values():
        for line in lines:
            if len(line.split("|")) != _LANGUAGES:
                raise ValueError(f"{file.name}: {line!r}: it must have names in four languages, with | between them")
    return table


@cache
def _names() -> dict[str, tuple[str, str | None]]:
    """By name in small letters: the name as it is written, and the key of its place."""
    out: dict[str, tuple[str, str | None]] = {}
    for key, lines in read_regions().items():
        for line in lines:
            for names in line.split("|"):
                for name in names.split("/"):
                    out.setdefault(name.lower(), (name, None if key == _UNLIKE else key))
    return out


@cache
def _index() -> WordIndex:
    return WordIndex(_names())


def next_named(text: str, begin: int, end: int) -> NamedPlace | None:
    """The first named place in `text` from `begin` to `end`."""
    lower = lowered(text)
    at = begin
    while at < end and (match := _index().next(lower[:end], at)) is not None:
        first, word = match
        name, place = _names()[word]
        last = first + len(word)
        if _stands(text, first, last, name):
            return NamedPlace(first, last, place)
        at = first + 1
    return None


def _stands(text: str, begin: int, end: int, name: str) -> bool:
    """Whether a name stands there as a name, and not within another word."""
    before, behind = text[begin - 1 : begin], text[end : end + 1]
    if name[0].isascii():
        if text[begin:end] == name:
            return not behind.isalnum()
        word = english_word(name.lower())
        named = word is None or word.kind in ("place", "") or " " in name
        return named and name.lower() not in _COMMON and text[begin:end] == name.lower()
    if "가" <= name[0] <= "힣":
        short = len(name) <= _SHORT
        return not ("가" <= before <= "힣") and (not short or not ("가" <= behind <= "힣") or behind in _PARTICLES)
    if "ァ" <= name[0] <= "ヺ":
        return not (_is_katakana(before) or _is_katakana(behind))
    words = split_words(text)
    if any("ぁ" <= letter <= "ヺ" for letter in text) or not words:
        return True
    # In Chinese it is no part of two words: 碗里加水 is not Riga.
    return not any(word.begin < begin < word.end < end or begin < word.begin < end < word.end for word in words)


def _is_katakana(letter: str) -> bool:
    return "ァ" <= letter <= "ー"
