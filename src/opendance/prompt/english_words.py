"""The words of English: what part of speech each may be, what kind of thing it names, what it does in other words.

The table is made of WordNet 3.0 by the build (`packing/english.py`), one word a line: the word, its parts of speech with how usual
each is (0 to 9), the kind of thing, what that is a kind of, and for a verb what it does in other words, nearest first.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from opendance.packing.words import ENGLISH, PACKAGED

_TABLE = PACKAGED / ENGLISH
PERSONAL = ("er", "or", "ist", "ian", "smith", "man", "woman", "eer", "girl", "boy", "ess", "herd", "wright", "monger")
"""How words end that mean somebody."""
PartOfSpeech = Literal["n", "v", "a", "r"]
Inflection = Literal["base", "s", "ing", "ed"]


@dataclass(frozen=True)
class EnglishWord:
    """A word as the table has it.

    Attributes:
        weights: by part of speech - noun, verb, adjective (`a`), adverb (`r`) -, how usual it is, 0 to 9.
        kind: the kind of thing; empty where it names nothing that is seen.
        above: what it is a kind of, nearest first; `does`: for a verb, the same.
    """

    weights: dict[str, int]
    kind: str = ""
    above: tuple[str, ...] = ()
    does: tuple[str, ...] = ()


@dataclass(frozen=True)
class Use:
    """One way to take a form: as a part of speech of a lemma. `plural`: of a noun."""

    pos: PartOfSpeech
    lemma: str
    weight: int
    inflection: Inflection = "base"
    plural: bool = False


@cache
def _lines() -> dict[str, str]:
    if not _TABLE.is_file():
        return {}
    text = gzip.decompress(_TABLE.read_bytes()).decode("ascii")
    return {word: rest for line in text.splitlines() for word, _, rest in (line.partition("\t"),)}


def num_english_words() -> int:
    """How many words the table has; 0 where the build left it out."""
    return len(_lines())


@lru_cache(4096)
def english_word(lemma: str) -> EnglishWord | None:
    """What the table says of a lemma in small letters; nothing where the build left the table out."""
    line = _lines().get(lemma)
    if line is None:
        return None
    pos, kind, above, does = [*line.split("\t"), "", "", ""][:4]
    weights = {pos[at]: int(pos[at + 1]) for at in range(0, len(pos), 2)}
    return EnglishWord(weights, kind, _several(above), _several(does))


def _several(words: str) -> tuple[str, ...]:
    return tuple(words.split(">")) if words else ()


_HISSING = ("s", "x", "z", "ch", "sh", "o")  # behind which a form has -es
# What a form may end in, what its lemma ends in then, and as what.
_NOUN_ENDS = (("ies", "y"), ("ves", "f"), ("es", ""), ("s", ""), ("men", "man"))
_VERB_ENDS: tuple[tuple[str, str, Inflection], ...] = (
    ("ies", "y", "s"), ("es", "e", "s"), ("es", "", "s"), ("s", "", "s"), ("ying", "ie", "ing"), ("ing", "e", "ing"),
    ("ing", "", "ing"), ("ied", "y", "ed"), ("ed", "e", "ed"), ("ed", "", "ed"),
)  # fmt: skip


@lru_cache(4096)
def uses_of(form: str) -> tuple[Use, ...]:
    """The ways to take a form in small letters; none where the table has nothing that it may be a form of."""
    out: dict[tuple[str, str, str], Use] = {}
    if (word := english_word(form)) is not None:
        for pos, weight in word.weights.items():
            _note(out, Use(pos, form, weight))  # type: ignore[arg-type]
    if (irregular := _lines().get(f"={form}")) is not None:
        pos, lemma = irregular.split("\t")
        weight = _weight(lemma, pos)
        if pos == "v":
            _note(out, Use("v", lemma, weight, "ing" if form.endswith("ing") else "ed"))
        else:
            _note(out, Use("n", lemma, weight, plural=True))
    nouns = [Use("n", lemma, _weight(lemma, "n"), plural=True) for lemma in _nouns_of(form)]
    verbs = [Use("v", lemma, _weight(lemma, "v"), inflection) for lemma, inflection in _verbs_of(form)]
    for uses in (nouns, verbs):
        best = max(uses, key=lambda use: use.weight, default=None)
        if best is not None and best.weight >= 0:
            _note(out, best)
    return tuple(out.values())


def _nouns_of(form: str) -> list[str]:
    if form.endswith("ss"):
        return []
    return [
        form[: -len(ending)] + instead
        for ending, instead in _NOUN_ENDS
        if form.endswith(ending) and (ending != "es" or form[:-2].endswith(_HISSING))
    ]


def _verbs_of(form: str) -> list[tuple[str, Inflection]]:
    out: list[tuple[str, Inflection]] = []
    for ending, instead, inflection in _VERB_ENDS:
        if form.endswith(ending) and len(form) > len(ending) + 1 and not form.endswith("ss"):
            lemma = form[: -len(ending)] + instead
            if ending == "es" and not instead and not lemma.endswith(_HISSING):
                continue
            out.append((lemma, inflection))
            if len(lemma) > 3 and lemma[-1] == lemma[-2] and inflection in ("ing", "ed"):
                out.append((lemma[:-1], inflection))
    return out


def _note(out: dict[tuple[str, str, str], Use], use: Use) -> None:
    out.setdefault((use.pos, use.inflection, use.lemma), use)


def _weight(lemma: str, pos: str) -> int:
    """How usual a lemma is as a part of speech; -1 where it is none."""
    word = english_word(lemma)
    return -1 if word is None else word.weights.get(pos, -1)
