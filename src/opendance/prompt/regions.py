"""The town, land or age in which a prompt sets its film: "Lisbon", "1890s London", 唐代长安."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from opendance.prompt.english_words import english_word
from opendance.prompt.explanations import Explanations
from opendance.prompt.named_places import next_named

_AGES = (
    r"(?:1[0-9]|20)\d0s|(?:1[5-9]|20)\d\d(?=[ ](?:[A-Z]|in\b))|(?:[Aa]ncient|[Mm]edieval|[Vv]ictorian|[Ff]eudal|[Ee]dwardian|[Rr]enaissance|[Rr]ural|[Pp]rehistoric|[Cc]olonial|[Ii]mperial)"
    r"(?=[ ](?:[A-Z]|village|town|city|market|castle|street|era|times))"
)
_NAME = r"[A-Z][a-zà-ÿ'’-]{2,18}(?:[ ](?:de|do|da|la|el|al|of)(?=[ ][A-Z]))?"
_LEAD = r"(?:in|of|at|from|near|outside|across|over|above|through|on|to|around)"
_ENGLISH = re.compile(
    rf"(?:\b{_LEAD}[ ](?:the[ ]|an?[ ])?(?P<age>(?:{_AGES})[ ])?(?P<place>{_NAME}(?:[ ]{_NAME}){{0,2}}))|(?P<era>\b(?:{_AGES})[ ](?P<alone>{_NAME}))"
    rf"|(?<![\w])(?P<before>{_NAME})(?=[ ](?:street|alley|rooftop|subway|metro|market|sidewalk|skyline|village|beach|café|cafe|bar|pub|kitchen|apartment|countryside|harbou?r|coast|station|suburb|neighbou?rhood|square|night|bridge|river|canal|highway|desert|plateau|temple|train|tram|bay|hills?|crosswalk|crossing)\b)"
)
_EAST_ASIAN_AGES = (
    "唐代|宋代|明代|清代|元代|汉代|秦代|唐朝|宋朝|明朝|清朝|汉朝|民国|古代|中世纪|战国|三国|盛唐|北宋|南宋|晚清|上世纪|[二三四五六七八九]十年代|近未来|末日后"
    "|조선|조선 시대|고려|중세|빅토리아 시대|[789]0년대|江戸時代の?|江戸|明治時代の?|昭和の?|大正時代の?|平安時代の?|戦国時代の?|中世の?"
)
_AGE_ALONE = re.compile(rf"(?:{_EAST_ASIAN_AGES})")
_AGE_BEFORE = re.compile(rf"(?:{_AGES})[ ]$|(?:{_EAST_ASIAN_AGES})(?:的|의)?[ ]?$")
_LONGEST_AGE = 16  # letters
_NO_NAMES = frozenset(
    (
        "the", "shot", "camera", "scene", "gopro", "imax", "style", "action", "subject", "place", "night", "day", "summer", "winter", "spring", "autumn",
        "christmas", "halloween", "start", "cut", "then", "black", "white", "instagram", "tiktok", "earth", "god", "lego", "unreal", "pixar", "disney",
        "studio", "wes", "van", "netflix", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "golden", "macro", "wide", "close",
        "exterior", "interior", "slow", "fast", "street", "image", "video", "audio", "narrow", "empty", "rainy", "busy", "old", "dark", "two", "three", "one",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Region:
    """A town, land or age, as the words have it; `place`: the key of the place that it looks like.

    Attributes:
        begin, end: where its name stands.
    """

    words: str = ""
    place: str | None = None
    begin: int = 0
    end: int = 0


def region_of(text: str, spans: Sequence[tuple[int, int]], explanations: Explanations) -> Region:
    """The first town, land or age that the words in `spans` name; an empty one where they name none."""
    for begin, end in spans:
        named = next_named(text, begin, end)
        if named is not None:
            age = _AGE_BEFORE.search(text, max(begin, named.begin - _LONGEST_AGE), named.begin)
            first = named.begin if age is None else age.start()
            return Region(_told(text, first, named.end, explanations), named.place, first, named.end)
        for match in _ENGLISH.finditer(text, begin, end):
            name = match["place"] or match["alone"] or match["before"]
            if not _is_place(name, led=match["place"] is not None):
                continue
            at = text.index(name, match.start())
            first = match.start("age") if match["age"] else match.start("era") if match["era"] else at
            return Region(_told(text, first, at + len(name), explanations))
        age = next((each for each in _AGE_ALONE.finditer(text, begin, end) if not each[0].endswith("年代")), None)
        if age is not None:
            return Region(_told(text, age.start(), age.end(), explanations))
    return Region()


def _told(text: str, begin: int, end: int, explanations: Explanations) -> str:
    explanations.add(f"region: {text[begin:end]}", "", "place", text[begin:end], begin, end)
    return text[begin:end]


def _is_place(name: str, *, led: bool) -> bool:
    words = name.lower().split()
    if words[0] in _NO_NAMES:
        return False
    known = [english_word(word) for word in words]
    if any(word is not None and word.kind == "place" for word in known):
        return True
    return led and all(word is None for word in known)
