"""English text as tokens: words, known or not, with what part of speech each may be."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, replace

from opendance.prompt.english_words import Inflection, Use, uses_of
from opendance.prompt.lexicon import Hit
from opendance.prompt.word_tables import (  # fmt: skip
    AGE,
    COLOUR,
    GENDER,
    HOUR,
    INTRODUCED,
    MATERIAL,
    MOVE,
    PART,
    PARTICLES,
    PLACE,
    SETTING,
    SUBJECT,
    VERB,
    WEATHER,
)

_PIECE = re.compile(
    r"[ap]\.m\b\.?|'s\b|[a-z]+(?:[-'](?!s\b)[a-z]+){0,3}|\d(?:[\w.,:]{0,7}\w)?|[.;:!?,()\[\]\n—–\"“”|]", re.IGNORECASE
)
_FUNCTION: dict[str, str] = {
    word: tag
    for tag, words in {
        "DET": "a an the his her its their my your our some any each every another no both these those whose several many",
        "PREP": "in on at of with from into onto by for over under behind beside between through across along against around toward "
        "towards above below beneath underneath near inside outside past without within among amid amidst during upon atop off "
        "except versus after before until via opposite beyond despite like alongside throughout",
        "CONJ": "and or but nor",
        "SUB": "while when then where because although though once if so than whenever meanwhile",
        "PRON": "he she it they we you i someone somebody everyone who which what him them us me himself herself itself something anything nothing everything everybody "
        "themselves himself nobody",
        "AUX": "is are was were be been being am has have had having do does did can could will would shall should may might must "
        "'re 's isn't aren't don't doesn't let lets try tries tried seem seems appears",
        "SET": "begin begins began beginning start starts started starting stop stops stopped continue continues continued keep keeps kept",
        "NEG": "not never",
        "ADV": "slowly quickly gently softly away out up down back together again alone forward forwards backward backwards apart "
        "here there now just still very too also almost suddenly finally later soon once twice everywhere nearby home "
        "overhead indoors outdoors aside off-screen offscreen off-camera on-screen onscreen on-camera",
    }.items()
    for word in words.split()
}  # fmt: skip
_ADVERBS_TOO = ("up", "down", "off", "out", "past", "over", "around", "along", "through", "by", "inside", "outside")


@dataclass
class Token:
    """A word, a known one or not, or a mark.

    Attributes:
        tag: what it is in its sentence: DET, NUM, ADJ, NOUN, VERB, ADV, PREP, TO, CONJ, SUB, PRON, AUX, NEG, POSS, COMMA,
            END, OTHER for light, weather and kinds of places, FILM for other words of film; empty until that is decided.
        uses: the ways to take its form.
        use: the one that was taken.
    """

    begin: int
    end: int
    word: str
    tag: str = ""
    uses: tuple[Use, ...] = ()
    hit: Hit | None = None
    use: Use | None = None
    capital: bool = False

    def weight(self, pos: str) -> int:
        """How usual it is as a part of speech, -1 where it is none."""
        return max((use.weight for use in self.uses if use.pos == pos), default=-1)

    def as_verb(self) -> Use | None:
        return max((use for use in self.uses if use.pos == "v"), key=lambda use: use.weight, default=None)

    def as_noun(self) -> Use | None:
        return max((use for use in self.uses if use.pos == "n"), key=lambda use: use.weight, default=None)


_NAMES = (SUBJECT.name, PLACE.name, PART.name)
_LOOKS = (COLOUR.name, MATERIAL.name, AGE.name, GENDER.name)
_AIR = (HOUR.name, WEATHER.name, SETTING.name, PARTICLES.name)
_KNOWN = 5  # how usual a word of the lexicon is, in what the lexicon has it for


def tokens_of(text: str, span: tuple[int, int], hits: list[Hit], counted: list[tuple[int, int]]) -> list[Token]:
    """The words and marks of `text` within `span`; each of `hits` is one token, and so is each number in `counted`."""
    spans = sorted([(hit.start, hit.end, hit) for hit in hits] + _free(counted, hits), key=lambda each: each[0])
    out: list[Token] = []
    at = 0
    for match in _PIECE.finditer(text, *span):
        while at < len(spans) and spans[at][1] <= match.start():
            out.append(_known(text, *spans[at]))
            at += 1
        if at < len(spans) and spans[at][0] < match.end():
            continue
        out.append(_token(text, match))
    out += [_known(text, *each) for each in spans[at:]]
    return out


def _free(counted: list[tuple[int, int]], hits: list[Hit]) -> list[tuple[int, int, None]]:
    begins = [hit.start for hit in hits]
    out: list[tuple[int, int, None]] = []
    for begin, end in counted:
        at = bisect_left(begins, begin)
        inside = (at < len(hits) and hits[at].start < end) or (at > 0 and hits[at - 1].end > begin)
        if not inside:
            out.append((begin, end, None))
    return out


def _known(text: str, begin: int, end: int, hit: Hit | None) -> Token:
    word = text[begin:end].lower()
    if hit is None:
        return Token(begin, end, word, "NUM")
    uses = uses_of(word) if word.isalpha() else ()
    if _has(hit, _NAMES) and not any(use.pos == "n" for use in uses):
        uses += (Use("n", word, _KNOWN, plural=_is_plural(word, uses)),)
    if _has(hit, _NAMES) and hit.value(VERB) is None:  # the lexicon knows it as a name: it is less likely a verb
        uses = tuple(replace(use, weight=max(0, use.weight - 2)) if use.pos == "v" else use for use in uses)
    if (verb := hit.value(VERB)) is not None:
        usual = max((use.weight for use in uses if use.pos == "v"), default=_KNOWN)
        uses += (Use("v", verb, usual + 1, _inflection(word)),)
    if _has(hit, _LOOKS):
        uses += (Use("a", word, _KNOWN + 2),)
    token = Token(begin, end, word, uses=uses, hit=hit, capital=INTRODUCED in hit.meaning)
    if hit.value(AGE) is not None and word.startswith(("in ", "aged ")):
        token.tag = "ADV"  # "in their seventies"
        return token
    if hit.value(VERB) is None and not _has(hit, (*_NAMES, *_LOOKS)):
        token.tag = "ADV" if word.endswith("ly") else "FILM"
        if _has(hit, _AIR):
            token.tag = "" if token.weight("v") >= 0 and word.endswith("ing") and " " not in word else "OTHER"
    if word in ("overhead", "off-screen", "offscreen", "off-camera"):
        token.tag = "ADV"
    if (
        token.tag in ("OTHER", "FILM")
        and hit.value(MOVE) is None
        and "v" in {use.pos for use in uses}
        and word.endswith(("s", "ing"))
    ):
        token.tag = "MAYBE"  # "lights a cigarette"
    return token


def _has(hit: Hit, categories: tuple[str, ...]) -> bool:
    return any(category in hit.meaning for category in categories)


def _is_plural(word: str, uses: tuple[Use, ...]) -> bool:
    return any(use.plural for use in uses) or (word.endswith("s") and not word.endswith("ss") and not uses)


def _inflection(word: str) -> Inflection:
    head = word.split()[0]
    if head.endswith("ing"):
        return "ing"
    if head.endswith("ed"):
        return "ed"
    irregular = next((use for use in uses_of(head) if use.pos == "v" and use.inflection == "ed"), None)
    if irregular is not None:
        return "ed"
    return "s" if head.endswith("s") and not head.endswith("ss") else "base"


def _token(text: str, match: re.Match[str]) -> Token:
    word = match[0].lower()
    begin, end = match.span()
    if word in (".", ";", "!", "?", "\n", "|"):
        return Token(begin, end, word, "END")
    if not word[0].isalnum() and word != "'s":
        return Token(begin, end, word, "COMMA")
    if word[1:3] == ".m":
        return Token(begin, end, word, "OTHER")
    if word == "'s":
        return Token(begin, end, word, "POSS")
    if word[0].isdigit():
        return Token(begin, end, word, "NUM")
    if word == "to":
        return Token(begin, end, word, "TO")
    if word == "as":
        return Token(begin, end, word, "SUB")
    if word in ("that", "this"):
        return Token(begin, end, word, "THAT")
    capital = match[0][0].isupper() and match[0][1:].islower()
    tag = _FUNCTION.get(word, "")
    if not tag and word.endswith("ly") and not any(use.pos in "nv" for use in uses_of(word)):
        tag = "ADV"
    return Token(begin, end, word, tag, uses_of(word) or _uses_of_parts(word), capital=capital)


def _uses_of_parts(word: str) -> tuple[Use, ...]:
    """The ways to take a word with hyphens: a "leather-bound" or a "co-driver"."""
    if "-" not in word:
        return ()
    last = word.rpartition("-")[2]
    uses = uses_of(last)
    if last.endswith(("ed", "ing", "en", "t")) and any(use.pos == "v" for use in uses):
        return (Use("a", word, 3),)
    return tuple(Use(use.pos, word, use.weight, use.inflection, use.plural) for use in uses if use.pos in "na")


def is_function_word(word: str) -> bool:
    """Whether a word in small letters only joins others: "he", "over"."""
    return word in _FUNCTION or word in ("to", "as", "that", "this")


def turns(word: str) -> bool:
    """Whether a preposition stands as an adverb too: "looks up"."""
    return word in _ADVERBS_TOO
