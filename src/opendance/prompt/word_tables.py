"""The words that are known, as tables that come with the program: of a film set, places, people, verbs and things."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, Literal, TypeVar, get_args

from pydantic import ConfigDict, TypeAdapter

from opendance.catalog import AspectRatio
from opendance.drawings.own import DrawingKind
from opendance.plan import (
    Action,
    Age,
    Colour,
    Gender,
    Hour,
    Lens,
    Material,
    Mood,
    Move,
    Pace,
    Particle,
    Relation,
    Season,
    Setting,
    ShotSize,
    Style,
    View,
    Weather,
)  # fmt: skip
from opendance.prompt.emoji_names import Kind, emoji_subjects
from opendance.typed_toml import read_toml

_FILM_WORDS = Path(__file__).parent / "lexicon.toml"
_SUBJECTS = Path(__file__).parent / "subjects.toml"
_PLACES = Path(__file__).parent / "places.toml"
_PEOPLE = Path(__file__).parent / "people.toml"
_VERBS = Path(__file__).parent / "verbs.toml"
_LOOKS = Path(__file__).parent / "looks.toml"
_THINGS = Path(__file__).parent / "things.toml"
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
SEASON: Category[Season] = Category("season", get_args(Season))
LENS: Category[Lens] = Category("lens", get_args(Lens))
VIEW: Category[View] = Category("view", get_args(View))
PACE: Category[Pace] = Category("pace", get_args(Pace))
GENRE: Category[str] = Category("genre")
FRAMING: Category[str] = Category("framing")
PART: Category[Literal["body"]] = Category("part", ("body",))
PLACE: Category[str] = Category("place")
VERB: Category[str] = Category("verb")
COLOUR: Category[Colour] = Category("colour", get_args(Colour))
MATERIAL: Category[Material] = Category("material", get_args(Material))
INTRODUCED = "introduced"  # of a hit: the name of somebody whom no word of the lexicon names
ABSTRACT: Category[str] = Category("abstract")
PRONOUN: Category[str] = Category("pronoun")
AGE: Category[Age] = Category("age", get_args(Age))
GENDER: Category[Gender] = Category("gender", get_args(Gender))
_IN_FILE: dict[str, Category[Any]] = {
    category.name: category
    for category in (
        SETTING, HOUR, WEATHER, SIZE, MOVE, SPEED, STYLE, MOOD, ACTION, PARTICLES, FOCUS, RATIO, MUSIC, SILENT, IGNORED,
        SEASON, LENS, VIEW, PACE, PART, GENRE, FRAMING,
    )
}  # fmt: skip
_OF_LOOKS: dict[str, Category[Any]] = {category.name: category for category in (COLOUR, MATERIAL, AGE, GENDER)}


@dataclass(frozen=True)
class Drawing:
    """Someone or something that words name.

    Attributes:
        emoji: the packaged drawing that stands for it, or for what is like it.
        key: what it is called in `Lexicon.drawings`.
        drawn: whether `emoji` shows just that; else `own` does, or a simple shape with its name.
        own: the name of the drawing of our own that shows it.
        role, age, gender: of a person, as the word itself says.
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
    key: str = ""
    drawn: bool = True
    own: str | None = None
    role: str | None = None
    age: Age | None = None
    gender: Gender | None = None

    @property
    def drawing(self) -> str | None:
        """What shows it, as a plan says it."""
        return self.own or (self.emoji if self.drawn else None)


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
        return [form for word in self.en for form in english_forms(word)] + [*self.zh, *self.ko, *self.ja]


@dataclass(frozen=True)
class SubjectEntry:
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
        return Drawing(emoji, name, self.kind or kind, self.face, self.setting, self.poses, self.tall, emoji)


@dataclass(frozen=True)
class PlaceEntry(Words):
    """A line of `places.toml`; `setting`: the kind of place it is."""

    setting: Setting = "street"


@dataclass(frozen=True)
class PersonEntry(Words):
    """A line of `people.toml`; `name`: what one is called where the key is no name."""

    emoji: str = "🧑"
    gender: Gender | None = None
    age: Age | None = None
    name: str | None = None
    setting: Setting | None = None


@dataclass(frozen=True)
class VerbEntry(Words):
    """A line of `verbs.toml`."""

    action: Action = "idle"
    relation: Relation | None = None
    moves: bool = False


@dataclass(frozen=True)
class ThingEntry(Words):
    """A line of `things.toml`; `emoji`: the packaged drawing that shows it, where none of our own does."""

    kind: DrawingKind | Literal["planet", "balloon"] = "thing"
    emoji: str | None = None
    setting: Setting | None = None


_FILM_SHAPE: TypeAdapter[dict[str, dict[str, Words]]] = TypeAdapter(dict[str, dict[str, Words]])
_SUBJECTS_SHAPE: TypeAdapter[dict[str, SubjectEntry]] = TypeAdapter(dict[str, SubjectEntry])


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


def read_subjects(file: Path = _SUBJECTS) -> dict[str, SubjectEntry]:
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


def read_places(file: Path = _PLACES) -> dict[str, PlaceEntry]:
    """The places, by key.

    Raises:
        ValueError: a name or value in it is not known; with the file and the key.
    """
    return read_toml(file, TypeAdapter(dict[str, PlaceEntry]))


def read_people(file: Path = _PEOPLE) -> dict[str, PersonEntry]:
    """The people, by role. Raises ValueError as `read_places` does."""
    return read_toml(file, TypeAdapter(dict[str, PersonEntry]))


def read_verbs(file: Path = _VERBS) -> dict[str, VerbEntry]:
    """What may be done, by English lemma. Raises ValueError as `read_places` does."""
    return read_toml(file, TypeAdapter(dict[str, VerbEntry]))


def read_things(file: Path = _THINGS) -> dict[str, ThingEntry]:
    """Things that have a name and no packaged drawing, by name. Raises ValueError as `read_places` does."""
    return read_toml(file, TypeAdapter(dict[str, ThingEntry]))


def read_looks(file: Path = _LOOKS) -> dict[str, dict[str, Words]]:
    """How somebody or something looks, by category and value.

    Raises:
        ValueError: a category, value or language in it is not known; with the file and the key.
    """
    table = read_toml(file, _FILM_SHAPE)
    for name, values in table.items():
        category = _OF_LOOKS.get(name)
        if category is None:
            raise ValueError(f"{file.name}: [{name}]: there is no such category: {', '.join(_OF_LOOKS)}")
        for value in values:
            if value not in category.values:
                raise ValueError(
                    f"{file.name}: [{name}.{value}]: {name} has no such value: {', '.join(category.values)}"
                )
    return table


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


def english_forms(word: str) -> list[str]:
    if "~" in word:
        return _verb_forms(word.replace("~", ""))
    plural = word[:-1] + "ies" if word.endswith("y") and word[-2:-1] not in ("a", "e", "o") else word + "s"
    return [word, plural, word + "es"] if word.endswith(("s", "x", "ch", "sh")) else [word, plural]
