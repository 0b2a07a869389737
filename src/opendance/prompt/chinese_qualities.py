"""What stands before a Chinese noun and says how it is, 沉没的古城; and the words for a place, 长满青苔的废墟城市."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from opendance.prompt.chinese_words import Word, split_words
from opendance.prompt.lexicon import lexicon
from opendance.prompt.word_tables import AGE, COLOUR, GENDER, HOUR, MATERIAL, SEASON, SUBJECT, WEATHER

_LONGEST = 7  # words of a phrase before its noun
_MOST = 4  # qualities of one thing
_NAMING = frozenset(("n", "a", "s", "h", "w", "x", "t", "q"))
_KNOWN = (COLOUR.name, MATERIAL.name, AGE.name, GENDER.name, SUBJECT.name, HOUR.name, SEASON.name, WEATHER.name)
_EMPTY = frozenset("很太更最都还也就才又再便却均皆仍只大小新老多少男女")


def phrase_of(text: str, begin: int, end: int) -> tuple[int, int]:
    """Where the noun phrase stands whose noun stands from `begin` to `end`."""
    words = split_words(text)
    first = _first(words, bisect_right([word.begin for word in words], begin) - 1)
    return (min(begin, first.begin) if first is not None else begin), end


def qualities_of(text: str, begin: int, end: int) -> list[Word]:
    """The words before the noun from `begin` to `end` that say how it is and that no table of looks has."""
    words = split_words(text)
    begins = [word.begin for word in words]
    last = bisect_left(begins, end)
    first = _first(words, bisect_right(begins, begin) - 1)
    if first is None:
        return []
    out: list[Word] = []
    for at in range(bisect_left(begins, first.begin), last):
        word = words[at]
        if word.part not in ("a", "v") or word.text in _EMPTY or word.end > end:
            continue
        meaning = lexicon().meaning(word.text)
        if any(name in meaning for name in _KNOWN) and not (word.part == "v" and MATERIAL.name in meaning):
            continue
        following = words[at + 1] if at + 1 < len(words) else None
        if word.part == "v" and (
            following is None
            or following.end > end
            or len(word.text) == 1
            or word.text.endswith(("满", "过", "起", "出", "在", "向", "往", "到", "上", "入", "着", "了", "见"))
        ):
            continue  # it is what the noun does, or its last part
        out.append(word)
    return out[:_MOST]


def _first(words: tuple[Word, ...], at: int) -> Word | None:
    """The first word of the phrase whose noun is at `at`."""
    if at < 0:
        return None
    first = at
    said = False  # behind 的, where a verb may stand
    verbs = 0
    while first > 0 and at - first < _LONGEST and words[first - 1].end == words[first].begin:
        before = words[first - 1]
        if before.text == "的":
            said, verbs = True, 0
        elif before.part == "v":
            led = first > 1 and (words[first - 2].text == "的" or words[first - 2].part in ("m", "q"))
            if not (said or led) or verbs or before.text.endswith(("着", "了", "在", "向", "到", "往")):
                break
            verbs += 1
        elif before.part not in _NAMING:
            break
        first -= 1
    while first < at and words[first].text == "的":
        first += 1
    return words[first]
