"""People whom an English prompt names: "Mia", "her brother Max", "Sarah, 30s,"."""

from __future__ import annotations

import re
from bisect import bisect_left

from opendance.prompt.english_tokens import is_function_word
from opendance.prompt.english_words import english_word, uses_of
from opendance.prompt.lexicon import Hit, Lexicon
from opendance.prompt.named_places import next_named
from opendance.prompt.word_tables import INTRODUCED, SUBJECT

_MOST = 24  # people of one prompt
_MOST_WORDS = 600  # of those with a capital that are looked at
_CAPITAL = re.compile(r"(?<![\w'-])[A-Z][a-z]{1,14}(?=[ ,.:;()\n]|'s\b|$)")
_BEGINS = re.compile(r"(?:^|[.!?;:,\n][ ]{0,4}|\b(?:and|while|as|when|then|where|until|but|after|before)[ ])$")
_CALLED = re.compile(r"\b(?:named|called)[ ]$")
_WITH = re.compile(r"\b(?:with|beside|behind|facing|toward|towards|next to|hugs|kisses|follows|joins)[ ]$")
_AGED = re.compile(r"(?:,[ ]|[ ]?\()(?:(?:early|mid|late)[ -])?\d{1,2}(?:'?s)?(?=[,). ])")
_SAID_TO_BE = re.compile(r",[ ]an?[ ][a-z]")  # "Tom, an old sailor"
_AND_ONES_OWN = re.compile(r"[ ]and[ ](?:her|his)[ ]")
_NEXT = re.compile(r"[ ]([a-z]{2,14})\b")
_DOING = ("is", "has", "was")
_PERSON = "person person"


def people_named(lexicon: Lexicon, text: str, hits: list[Hit]) -> list[Hit]:
    """Words of `text` that name people, where something says so: an age, what they do, whose brother they are.

    Args:
        hits: the known words; none of them becomes a name.
    """
    begins = [hit.start for hit in hits]
    spans: list[tuple[int, int]] = []
    for match, _ in zip(_CAPITAL.finditer(text), range(_MOST_WORDS), strict=False):
        begin, end = match.span()
        at = bisect_left(begins, begin)
        taken = (at < len(hits) and hits[at].start < end) or (at and hits[at - 1].end > begin)
        if taken or not _may_be_name(lexicon, match[0]):
            continue
        if spans and spans[-1][1] == begin - 1 and text[begin - 1] == " ":
            spans[-1] = (spans[-1][0], end)  # a first name and another
        else:
            spans.append((begin, end))
    known: dict[str, None] = {}
    for begin, end in spans:
        at = bisect_left(begins, begin)
        before = hits[at - 1] if at and hits[at - 1].end == begin - 1 and text[begin - 1] == " " else None
        titled = before is not None and (before.value(SUBJECT) or "").startswith("person ")
        if len(known) < _MOST and (titled or _is_told(text, begin, end)):
            known[_first(text[begin:end])] = None
    return [
        Hit(begin, end, text[begin:end], {SUBJECT.name: _PERSON, INTRODUCED: text[begin:end]})
        for begin, end in spans
        if _first(text[begin:end]) in known
    ]


def _first(name: str) -> str:
    return name.partition(" ")[0]


def _may_be_name(lexicon: Lexicon, word: str) -> bool:
    """Whether a word with a capital is in no daily use besides."""
    lower = word.lower()
    if is_function_word(lower) or lexicon.meaning(lower) or next_named(word, 0, len(word)) is not None:
        return False
    return all(use.weight <= 0 and not use.plural and use.inflection == "base" for use in uses_of(lower))


def _is_told(text: str, begin: int, end: int) -> bool:
    """Whether the words around a name say that it is somebody's."""
    before = text[max(0, begin - 16) : begin]
    if _CALLED.search(before) or _AGED.match(text, end) or _AND_ONES_OWN.match(text, end):
        return True
    word = english_word(text[begin:end].lower())
    if word is not None and word.kind == "place":
        return False
    if _WITH.search(before) is not None or (_SAID_TO_BE.match(text, end) and _BEGINS.search(before)):
        return True
    following = _NEXT.match(text, end)
    if following is None or _BEGINS.search(before) is None:
        return False
    if following[1] in _DOING:
        return True
    uses = uses_of(following[1])
    verb = max((use.weight for use in uses if use.pos == "v" and use.inflection in ("s", "ed")), default=-1)
    noun = max((use.weight for use in uses if use.pos in "na"), default=-1)
    return verb >= 0 and (verb >= noun or word is None)
