"""What words mean: one pass over the text gives every known word with its senses, longest words first."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Generic, Literal, TypeVar, cast, get_args

from pydantic import ConfigDict, TypeAdapter

from opendance.catalog import AspectRatio
from opendance.plan import Action, Hour, Mood, Move, Particle, Setting, ShotSize, Style, Weather
from opendance.prompt.emoji_names import Kind, emoji_subjects, kind_of
from opendance.typed_toml import read_toml

_FILM_WORDS = Path(__file__).parent / "lexicon.toml"
_SUBJECTS = Path(__file__).parent / "subjects.toml"

MOST_HITS = 500  # known words of a text that are looked at: twice what a prompt of the recommended length has

T = TypeVar("T", bound=str)


@dataclass(frozen=True)
class Category(Generic[T]):
    """One question that a word may answer.

    Attributes:
        values: its answers; none: any word is one.
    """

    name: str
    values: tuple[T, ...] = ()


Speed = Literal["fast", "slow"]

SETTING: Category[Setting] = Category("setting", get_args(Setting))
HOUR: Category[Hour] = Category("hour", get_args(Hour))
WEATHER: Category[Weather] = Category("weather", get_args(Weather))
SIZE: Category[ShotSize] = Category("size", get_args(ShotSize))
MOVE: Category[Move] = Category("move", get_args(Move))
SPEED: Category[Speed] = Category("speed", get_args(Speed))
STYLE: Category[Style] = Category("style", get_args(Style))
MOOD: Category[Mood] = Category("mood", get_args(Mood))
ACTION: Category[Action] = Category("action", get_args(Action))
PARTICLES: Category[Particle] = Category("particles", get_args(Particle))
FOCUS: Category[Literal["shallow"]] = Category("focus", ("shallow",))
RATIO: Category[str] = Category("ratio", tuple(ratio.value for ratio in AspectRatio if ratio != AspectRatio.ADAPTIVE))
MUSIC: Category[str] = Category("music")
SILENT: Category[Literal["music"]] = Category("silent", ("music",))
IGNORED: Category[Literal["words"]] = Category("ignored", ("words",))
SUBJECT: Category[str] = Category("subject")

_IN_FILE: dict[str, Category[Any]] = {
    category.name: category
    for category in (
        SETTING, HOUR, WEATHER, SIZE, MOVE, SPEED, STYLE, MOOD, ACTION, PARTICLES, FOCUS, RATIO, MUSIC, SILENT, IGNORED,
    )
}  # fmt: skip


@dataclass(frozen=True)
class Sense:
    """One meaning of a word, such as ("setting", "city") or ("subject", "🐈")."""

    category: str
    value: str


@dataclass(frozen=True)
class Hit:
    """A known word in a text."""

    start: int
    end: int
    words: str
    senses: tuple[Sense, ...]

    def value(self, category: Category[T]) -> T | None:
        """The word's meaning in this category, if it has one."""
        meant = next((sense.value for sense in self.senses if sense.category == category.name), None)
        return cast("T | None", meant)  # what the files say of each category was checked when they were read


@dataclass(frozen=True)
class Drawing:
    """A subject that can be drawn.

    Attributes:
        kind: groups subjects that behave alike.
        face: the drawing for close shots.
        setting: where it is at home.
        poses: by action: a drawing that does it better than a standing figure.
        tall: alone in a picture, it wants an upright one.
    """

    emoji: str
    name: str
    kind: Kind
    face: str | None = None
    setting: Setting | None = None
    poses: dict[Action, str] = field(default_factory=dict[Action, str])
    tall: bool = False


@dataclass(frozen=True)
class Words:
    """The words for something in each language."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    en: tuple[str, ...]
    zh: tuple[str, ...]
    ko: tuple[str, ...]
    ja: tuple[str, ...]

    def forms(self) -> list[str]:
        """All of them, English ones in all their forms."""
        return [form for word in self.en for form in _english_forms(word)] + [*self.zh, *self.ko, *self.ja]


@dataclass(frozen=True)
class _Entry:
    """A line of `subjects.toml`; without words and kind it tells more of one of Unicode's emoji."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    kind: Kind | None = None
    face: str | None = None
    setting: Setting | None = None
    poses: dict[Action, str] = field(default_factory=dict[Action, str])
    tall: bool = False
    en: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()
    ko: tuple[str, ...] = ()
    ja: tuple[str, ...] = ()

    def drawing(self, emoji: str, name: str, kind: Kind) -> Drawing:
        return Drawing(emoji, name, self.kind or kind, self.face, self.setting, self.poses, self.tall)


_FILM_SHAPE: TypeAdapter[dict[str, dict[str, Words]]] = TypeAdapter(dict[str, dict[str, Words]])
_SUBJECTS_SHAPE: TypeAdapter[dict[str, _Entry]] = TypeAdapter(dict[str, _Entry])


def read_film_words(file: Path = _FILM_WORDS) -> dict[str, dict[str, Words]]:
    """The words of a film set, by category and value.

    Raises:
        ValueError: a category, value or language in it is not known; with the file and the key.
    """
    table = read_toml(file, _FILM_SHAPE)
    for name, values in table.items():
        category = _IN_FILE.get(name)
        if category is None:
            raise ValueError(f"{file.name}: [{name}]: there is no such category: {', '.join(_IN_FILE)}")
        for value in values:
            if category.values and value not in category.values:
                known = ", ".join(category.values)
                raise ValueError(f"{file.name}: [{name}.{value}]: {name} has no such value: {known}")
    return table


def read_subjects(file: Path = _SUBJECTS) -> dict[str, _Entry]:
    """The subjects, by drawing.

    Raises:
        ValueError: a name or value in it is not known, or a subject has words and no kind; with the file and the key.
    """
    entries = read_toml(file, _SUBJECTS_SHAPE)
    known = {char for char, _, _, _ in emoji_subjects()}
    for char, entry in entries.items():
        if (entry.kind is None) == bool(entry.en):
            raise ValueError(f"{file.name}: {char}: a subject of ours has both a kind and English words")
        if entry.kind is None and char not in known:
            raise ValueError(f"{file.name}: {char}: it has no words, and Unicode has no such subject")
    return entries


def _verb_forms(verb: str) -> list[str]:
    head, _, tail = verb.partition(" ")
    forms = [head, head + "s", head + "ing", head + "ed", head + "es"]
    if head.endswith("e"):
        forms += [head[:-1] + "ing", head + "d"]
    if head.endswith("y"):
        forms += [head[:-1] + "ies", head[:-1] + "ied"]
    if len(head) > 2 and head[-1] not in "aeiouwy" and head[-2] in "aeiou":
        forms += [head + head[-1] + "ing", head + head[-1] + "ed"]
    return [f"{form} {tail}".strip() for form in forms]


def _english_forms(word: str) -> list[str]:
    if "~" in word:
        return _verb_forms(word.replace("~", ""))
    plural = word[:-1] + "ies" if word.endswith("y") and word[-2:-1] not in ("a", "e", "o") else word + "s"
    return [word, plural, word + "es"] if word.endswith(("s", "x", "ch", "sh")) else [word, plural]


class Lexicon:
    """All known words, by `lexicon.toml`, `subjects.toml` and the names of emoji, strongest first."""

    def __init__(self) -> None:
        self._senses: dict[str, dict[str, str]] = {}
        self.drawings: dict[str, Drawing] = {}
        self._load_film_words()
        entries = read_subjects()
        self._load_subjects(entries)
        self._load_emoji(entries)
        english = sorted((w for w in self._senses if w.isascii() or "é" in w or "ü" in w), key=len, reverse=True)
        others = sorted((w for w in self._senses if not (w.isascii() or "é" in w or "ü" in w)), key=len, reverse=True)
        self._pattern = re.compile(rf"(?<![A-Za-z])(?:{_any_of(english)})(?![A-Za-z])|(?:{_any_of(others)})")

    def _add(self, word: str, category: str, value: str, *, weak: bool = False) -> None:
        senses = self._senses.setdefault(word.lower(), {})
        if not (weak and senses):
            senses.setdefault(category, value)

    def _load_film_words(self) -> None:
        for category, values in read_film_words().items():
            for value, words in values.items():
                for form in words.forms():
                    self._add(form, category, value)

    def _load_subjects(self, entries: dict[str, _Entry]) -> None:
        for char, entry in entries.items():
            if entry.kind is not None:
                words = Words(entry.en, entry.zh, entry.ko, entry.ja)
                self.drawings[char] = entry.drawing(char, entry.en[0], entry.kind)
                for form in words.forms():
                    self._add(form, SUBJECT.name, char)

    def _load_emoji(self, entries: dict[str, _Entry]) -> None:
        for char, name, category, names in emoji_subjects():
            if char not in self.drawings:
                self.drawings[char] = entries.get(char, _Entry()).drawing(char, name, kind_of(name, category))
            plain = name.removeprefix("person ").removesuffix(" face")
            for form in _english_forms(plain):
                self._add(form, SUBJECT.name, char, weak=True)
            for language in ("zh", "ko", "ja"):
                word = names.get(language, "")
                if len(word) >= 2:
                    self._add(word, SUBJECT.name, char, weak=True)

    def hits(self, text: str) -> list[Hit]:
        """The known words of `text`, in order, the first `MOST_HITS`; none overlaps another."""
        return [
            Hit(match.start(), match.end(), match[0], tuple(Sense(c, v) for c, v in self._senses[match[0]].items()))
            for match in islice(self._pattern.finditer(text.lower()), MOST_HITS)
        ]


_TOGETHER = 40  # first letters that are looked for at once


def _any_of(words: list[str]) -> str:
    """A pattern of the first of `words` that fits, which are sorted by length.

    A letter that none, or only few, begin with is seen to be so at once: tried one by one, thousands of words cost
    20 us at each letter of a text.
    """
    by_letter: dict[str, dict[str, list[str]]] = {}
    for word in words:
        by_letter.setdefault(word[0], {}).setdefault(word[:2], []).append(word)
    letters = sorted(by_letter)
    groups = [letters[at : at + _TOGETHER] for at in range(0, len(letters), _TOGETHER)]
    ways = "|".join(
        f"(?=[{_escaped(group)}])(?:{'|'.join(_with_letter(by_letter[letter]) for letter in group)})"
        for group in groups
    )
    return f"(?=[{_escaped(letters)}])(?:{ways})"


def _escaped(letters: list[str]) -> str:
    return "".join(map(re.escape, letters))


def _with_letter(by_begin: dict[str, list[str]]) -> str:
    longest_first = sorted(by_begin.items(), key=lambda each: -len(each[0]))  # a word of one letter comes last
    return "|".join(
        f"{re.escape(begin)}(?:{'|'.join(re.escape(word[2:]) for word in words)})" for begin, words in longest_first
    )


@cache
def lexicon() -> Lexicon:
    """The lexicon, loaded once."""
    return Lexicon()
