"""What Chinese, Japanese and Korean words mean in English, as dictionaries have it: CC-CEDICT, JMdict, the Basic Korean Dictionary.

The build makes the tables (`packing/dictionaries.py`), a word a line: the word, and behind tabs what it means as a noun (`n`), a
verb (`v`) or an adjective (`a`), usual meanings first, with `/` between them. `n` alone: a noun for what is not seen.
A table is loaded with the first word that is asked for, 0.1 s at most.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache, lru_cache

from opendance.packing.glosses import FILES, FOLDER
from opendance.plan import Language


@dataclass(frozen=True)
class Gloss:
    """What a word means in English, by part of speech, the usual meaning first.

    Attributes:
        names: it is a noun, be it of what is seen - then `nouns` has it - or not.
    """

    nouns: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    adjectives: tuple[str, ...] = ()
    names: bool = False


@cache
def _lines(language: Language) -> dict[str, str]:
    name = FILES.get(language)
    if name is None or not (FOLDER / name).is_file():
        return {}
    text = gzip.decompress((FOLDER / name).read_bytes()).decode("utf-8")
    return dict([line.split("\t", 1) for line in text.splitlines()])


def num_glosses(language: Language) -> int:
    """How many words of a language are glossed; 0 where the build left its table out."""
    return len(_lines(language))


@lru_cache(4096)
def gloss_of(word: str, language: Language) -> Gloss | None:
    """What a word means, as a dictionary has it; None where its table lacks it."""
    line = _lines(language).get(word)
    if line is None:
        return None
    fields = {field[0]: tuple(each for each in field[1:].split("/") if each) for field in line.split("\t")}
    return Gloss(fields.get("n", ()), fields.get("v", ()), fields.get("a", ()), "n" in fields)
