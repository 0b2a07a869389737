"""Names in Korean and Japanese prompts: of people with an age, 美咲(24), or a title of honour, 이장님; in no name is a thing."""

from __future__ import annotations

import re
from bisect import bisect_left

from opendance.plan import Language
from opendance.prompt.lexicon import Hit, Lexicon
from opendance.prompt.measures import age_of
from opendance.prompt.named_places import next_named
from opendance.prompt.nouns import Noun
from opendance.prompt.word_tables import SUBJECT, Drawing

_NAMED = re.compile(
    r"(?<![가-힣一-鿿ァ-ヺー])(?P<name>[가-힣]{2,4}|[一-鿿]{1,4}|[ァ-ヺー]{2,8})(?=[ ]?\((?P<years>[1-9]\d?)(?:[,、)]|세|살|歳|才|代|대))"
    r"|(?<![가-힣])(?P<honoured>[가-힣]{2,4}님)(?=[은이의께을도]|[ ,.)\n]|$)"
)
# They say whose shot it is, or what follows is counted: no names.
_NO_NAMES = re.compile(r"장면|샷|컷|씬|カット|シーン|ショット|場面|第")
_LIVING = ("person", "animal", "bird", "fish")
_MOST = 4  # of a shot
_MOST_PLACES = 12  # named in a prompt that are looked at


_LINE = re.compile(
    r"(?m)^[ \t]{0,8}(?P<name>[가-힣]{2,4}|[一-鿿]{1,4}|[ァ-ヺー]{2,8})[ \t]{0,2}:[ \t]{0,2}(?:\([^()\n]{1,20}\)[ \t]{0,2})?"
    r"(?P<said>[^\n\"“”「」『』]{1,300})$"
)


def spoken_lines(text: str) -> list[tuple[int, int]]:
    """Where stands what people say of whom a cast tells name and age, each on a line of its own: 지혜: 내일도 비가 올까?"""
    names = {match["name"] for match in _NAMED.finditer(text) if match["name"]}
    return [match.span("said") for match in _LINE.finditer(text) if match["name"] in names] if names else []


def without_names(words: Lexicon, text: str, hits: list[Hit], language: Language) -> list[Hit]:
    """`hits` without those in a name, unless they say who that is: 통장 is a bank book, 통장님 somebody, 沖縄 has no rope in it."""
    if language not in ("ko", "ja"):
        return hits
    dropped: set[int] = set()
    begins = [hit.start for hit in hits]
    for match in _NAMED.finditer(text):
        inside = hits[bisect_left(begins, match.start()) : bisect_left(begins, match.end())]
        if not any(_lives(words, hit) for hit in inside) and _NO_NAMES.search(match[0]) is None:
            dropped.update(map(id, inside))
    at, places = 0, 0
    while places < _MOST_PLACES and (place := next_named(text, at, len(text))) is not None:
        inside = hits[bisect_left(begins, place.begin) : bisect_left(begins, place.end)]
        length = place.end - place.begin
        dropped.update(id(hit) for hit in inside if hit.value(SUBJECT) and hit.end - hit.start < length)
        at, places = place.end, places + 1
    return [hit for hit in hits if id(hit) not in dropped] if dropped else hits


def _lives(words: Lexicon, hit: Hit) -> bool:
    key = hit.value(SUBJECT)
    return key is not None and words.drawing(key).kind in _LIVING


def named_people(text: str, span: tuple[int, int], hits: list[Hit], language: Language) -> list[Noun]:
    """The people in `span` whom no word of `hits` names, at most `_MOST`."""
    out: list[Noun] = []
    begins = [hit.start for hit in hits]
    for match in _NAMED.finditer(text, *span) if language in ("ko", "ja") else ():
        at = bisect_left(begins, match.end())
        if (at and hits[at - 1].end > match.start()) or _NO_NAMES.search(match[0]) is not None:
            continue
        word, years = match[0], match["years"]
        drawing = Drawing("🧑", word, "person", role=word)
        age = age_of(int(years)) if years else None
        out.append(Noun(*match.span(), word, word, drawing, role=word, age=age))
        if len(out) == _MOST:
            break
    return out
