"""What stands before an English noun and says how it is: "a half-eaten blueberry muffin"; and the words for a place."""

from __future__ import annotations

from opendance.prompt.english_tokens import Token
from opendance.prompt.word_tables import AGE, COLOUR, GENDER, MATERIAL

_LOOKS = (COLOUR.name, MATERIAL.name, AGE.name, GENDER.name)
_WITHIN = ("ADJ", "NOUN", "NUM", "OTHER", "FILM", "ADV")  # what stands before the last noun of a phrase
_LONGEST = 6  # words of a phrase before its noun
_MOST = 4  # qualities of one thing
# Adjectives that say of nothing how it is.
_EMPTY = frozenset(
    (
        "same", "other", "own", "such", "whole", "main", "only", "next", "last", "first", "various", "different", "more", "most", "certain",
        "left", "right", "few", "many", "several", "single", "entire", "rest", "half", "far", "very", "much", "another", "all", "both",
    )
)  # fmt: skip


def qualities_of(tokens: list[Token]) -> dict[int, list[Token]]:
    """By where a noun ends: the words before it, or behind "is", that say how it is and that no table of looks has."""
    out: dict[int, list[Token]] = {}
    for index, token in enumerate(tokens):
        if not _is_head(tokens, index):
            continue
        words = [tokens[at] for at in range(_begin(tokens, index), index) if _qualifies(tokens[at])]
        words += _behind(tokens, index)
        if words:
            out[token.end] = words[:_MOST]
    return out


def phrase_of(tokens: list[Token], begin: int, end: int) -> tuple[int, int]:
    """Where the noun phrase stands that the words from `begin` to `end` are of: "a flooded london street"."""
    inside = [at for at, token in enumerate(tokens) if begin < token.end and token.begin < end]
    if not inside:
        return begin, end
    last = inside[-1]
    while last + 1 < len(tokens) and tokens[last + 1].tag == "NOUN" and tokens[last].tag in ("NOUN", "OTHER"):
        last += 1
    first = _begin(tokens, inside[0])
    while first < inside[0] and tokens[first].tag in ("ADV", "FILM"):
        first += 1
    return min(begin, tokens[first].begin), max(end, tokens[last].end)


def _is_head(tokens: list[Token], index: int) -> bool:
    """Whether the noun at `index` is the last of its phrase."""
    if tokens[index].tag not in ("NOUN", "OTHER"):
        return False
    return index + 1 == len(tokens) or tokens[index + 1].tag not in ("NOUN", "OTHER")


def _begin(tokens: list[Token], index: int) -> int:
    """Where the phrase begins whose noun is at `index`."""
    at = index
    while at > 0 and index - at < _LONGEST:
        before = tokens[at - 1]
        if before.tag == "COMMA" and before.word == "," and at > 1 and tokens[at - 2].tag == tokens[at].tag == "ADJ":
            at -= 1
            continue
        if before.tag not in _WITHIN:
            break
        at -= 1
    return at


def _qualifies(token: Token) -> bool:
    if token.tag != "ADJ" or token.word in _EMPTY or len(token.word) < 3:
        return False
    if token.hit is None or not any(name in token.hit.meaning for name in _LOOKS):
        return True
    return MATERIAL.name in token.hit.meaning and token.word.endswith(("ed", "y", "en"))  # rusted is more than metal


def _behind(tokens: list[Token], index: int) -> list[Token]:
    """What is said behind a noun with "is": "the walls are wet"."""
    at = index + 1
    if at >= len(tokens) or tokens[at].word not in ("is", "are", "was", "were", "looks", "look"):
        return []
    at += 1
    while at < len(tokens) and tokens[at].tag == "ADV":
        at += 1
    ends = at + 1 >= len(tokens) or tokens[at + 1].tag in ("END", "COMMA", "CONJ", "PREP", "SUB")
    return [tokens[at]] if at < len(tokens) and _qualifies(tokens[at]) and ends else []
