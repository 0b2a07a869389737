"""English glosses, as dictionaries have them, cut down to what may name something that is seen or say what is done."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_MOST = 2  # glosses of a word for each part of speech
_LONGEST = 4  # words of a gloss
_BRACKETS = re.compile(r"\([^()]{0,200}\)|\[[^\[\]]{0,200}\]|（[^（）]{0,200}）")
_NO_GLOSS = re.compile(
    r"(?:CL:|see |same as |(?:old |japanese |erroneous |archaic )?variant |abbr|used (?:in|to|as|for)|surname |lit\. |fig\. |also |esp\. |e\.g\. |cf\. |indicating)",
    re.IGNORECASE,
)
_NO_GLOSS_ANYWHERE = re.compile(r"市|镇|\b(?:surname|idiom)\b", re.IGNORECASE)
_ARTICLE = re.compile(
    r"(?:an?|the|some|one's|someone's|sb's|kind of|type of|sort of|piece of|pair of|set of|style of|form of|variety of)[ ]"
)
# Behind these words of a gloss stands what tells more of the thing, not what it is.
_MORE = re.compile(
    r"[ ](?:for|with|in|that|which|used|made|from|on|to|who|by|at|worn|whose|where|when|having|containing|consisting|carried|held|placed|attached|served|grown|during|after|before|under|as|against|into|between|featuring)\b.*"
)
_OF = re.compile(r"[ ]of[ ].*")
_NO_NOUN = re.compile(
    r"[a-z]{2,12}ing[ ].*|(?:both|either|everyone|same|original|another|upper|lower|latter|early|distant|as|without|in|on|at|by|with|not?|very|being|having|getting|becoming|each|every|all|any|how|what|who|it|to|from|out|so|too|more|most|much|many|several|other|such)\b"
)
_WHERE = frozenset(
    (
        "right",
        "left",
        "top",
        "bottom",
        "side",
        "front",
        "back",
        "inside",
        "outside",
        "middle",
        "center",
        "centre",
        "place",
        "point",
        "area",
        "part",
        "direction",
        "thing",
        "something",
        "object",
        "line",
        "end",
        "edge",
        "form",
        "shape",
        "appearance",
        "figure",
        "note",
        "piece",
        "item",
        "matter",
        "room",
        "space",
        "position",
        "location",
        "spot",
        "section",
        "region",
        "district",
        "here",
        "there",
        "above",
        "below",
        "north",
        "south",
        "east",
        "west",
        "image",
        "picture",
        "scene",
        "view",
        "background",
        "stage",
        "set",
        "distance",
        "depth",
        "reception",
        "field",
        "ground",
        "world",
        "vicinity",
        "neighborhood",
        "neighbourhood",
        "surroundings",
        "interior",
        "exterior",
        "surface",
        "level",
        "limit",
        "domain",
        "sphere",
        "territory",
        "character",
        "name",
        "title",
        "word",
        "letter",
        "number",
        "degree",
        "others",
        "state",
        "way",
        "me",
        "report",
        "sound",
        "check",
        "still",
        "movie",
        "video",
        "film",
        "cut",
        "shot",
        "rolls",
        "foot",
        "square",
        "country",
        "code",
        "whole",
        "sole",
        "peak",
        "ring",
        "crack",
        "both",
        "corner",
    )
)
_LETTERS = re.compile(r"[A-Za-z][A-Za-z '-]{1,40}")


@dataclass(frozen=True)
class EnglishNouns:
    """What is known of English words: the lines of `packing/english.py`."""

    kinds: Mapping[str, str]
    parts: Mapping[str, str]
    usual: Mapping[str, int]

    @classmethod
    def of(cls, lines: Iterable[str]) -> EnglishNouns:
        kinds: dict[str, str] = {}
        parts: dict[str, str] = {}
        usual: dict[str, int] = {}
        for line in lines:
            word, pos, kind, *_ = [*line.split("\t"), "", ""]
            if word.startswith("="):
                continue
            kinds[word], parts[word] = kind, pos[::2]
            usual[word] = max(map(int, pos[1::2]), default=0)
        return cls(kinds, parts, usual)

    def sees(self, phrase: str) -> bool:
        """Whether a phrase names what can be seen, by its last word."""
        return bool(self.kinds.get(singular(self, phrase.rpartition(" ")[2]), ""))

    def is_a(self, phrase: str, part: str) -> bool:
        return part in self.parts.get(phrase, "")


def singular(english: EnglishNouns, word: str) -> str:
    """The singular of a noun of the table."""
    if word in english.kinds or not word.endswith("s"):
        return word
    for end, instead in (("ies", "y"), ("ves", "f"), ("es", ""), ("s", "")):
        if word.endswith(end) and word.removesuffix(end) + instead in english.kinds:
            return word.removesuffix(end) + instead
    return word


def phrases_of(gloss: str) -> list[str]:
    """What a gloss says in a few words: "cheongsam, a traditional Chinese dress for women" is two phrases."""
    if _NO_GLOSS.match(gloss) or _NO_GLOSS_ANYWHERE.search(gloss):
        return []
    bare = gloss
    for _ in range(2):
        bare = _BRACKETS.sub(" ", bare)
    out: list[str] = []
    for part in re.split(r"[;,/]| or ", bare):
        verb = part.strip().startswith("to ")
        phrase = " ".join(part.split())
        while (shorter := _ARTICLE.sub("", phrase, count=1) if _ARTICLE.match(phrase) else phrase) != phrase:
            phrase = shorter
        if not verb:
            phrase = _MORE.sub("", phrase)
            if len(phrase.split()) > _LONGEST - 1:
                phrase = _OF.sub("", phrase)
        last = phrase.rpartition(" ")[2]
        if not phrase or _LETTERS.fullmatch(phrase) is None or len(phrase.split()) > _LONGEST or not last.islower():
            continue
        out.append(phrase.lower())
    return out


@dataclass
class Entry:
    """What a word means, by part of speech: n noun, v verb, a adjective; `hidden`: it names what is not seen."""

    nouns: list[str]
    verbs: list[str]
    adjectives: list[str]
    hidden: bool = False

    def add(self, other: Entry, *, hidden: bool) -> None:
        """Add what another entry with the same letters means; `hidden`: also that it may name what is not seen."""
        self.nouns += other.nouns
        self.verbs += other.verbs
        self.adjectives += other.adjectives
        self.hidden = self.hidden or (hidden and other.hidden)

    def line(self, word: str) -> str | None:
        """The line of the table; None where nothing of it is of use."""
        fields = [
            part + "/".join(list(dict.fromkeys(glosses))[:_MOST])
            for part, glosses in (("n", self.nouns), ("v", self.verbs), ("a", self.adjectives))
            if glosses
        ]
        if not fields and self.hidden:
            fields = ["n"]
        return "\t".join((word, *fields)) if fields else None


def sort_glosses(
    english: EnglishNouns, entry: Entry, phrases: Iterable[str], pos: str = "", *, by_use: bool = True
) -> None:
    """Put phrases where they belong.

    What first names something that is not seen names nothing that is seen either, whatever else it may: 音 is no note.

    Args:
        pos: the part of speech that the dictionary tells; where it tells none, English words do.
        by_use: whether usual meanings come first.
    """
    for phrase in phrases:
        bare = phrase.removeprefix("to ").removeprefix("be ")
        if phrase.startswith("to ") or pos == "v":
            if english.is_a(bare.split()[0], "v"):
                entry.verbs.append(bare)
        elif pos == "a" or (english.is_a(phrase, "a") and english.parts[phrase][0] == "a"):
            if " " not in phrase:
                entry.adjectives.append(phrase)
        elif english.sees(phrase) and _NO_NOUN.match(phrase) is None and phrase not in _WHERE:
            if not (by_use and entry.hidden):
                entry.nouns.append(phrase)
        elif not entry.nouns and english.is_a(phrase.rpartition(" ")[2], "n"):
            entry.hidden = True
