"""Which Chinese words are to be looked up in a dictionary: not those that make sentences or are known by their last letters."""

from __future__ import annotations

from opendance.prompt.chinese_ends import ends_of_words
from opendance.prompt.chinese_function_words import LOCALS, MARKS, PRONOUNS
from opendance.prompt.chinese_nouns import head_of
from opendance.prompt.chinese_words import Word
from opendance.prompt.glosses import Gloss
from opendance.prompt.lexicon import Hit, Lexicon
from opendance.prompt.word_tables import SUBJECT

_LEADING = "把被将让给"  # what stands before an object, and is no part of its name: 把头
_PERSON = 2  # letters of a name for somebody


def is_looked_up(words: Lexicon, word: Word, gloss: Gloss) -> bool:
    """Whether a dictionary tells more of a word than what is known of it."""
    if word.text in LOCALS or word.text in MARKS or word.text in PRONOUNS or word.text[0] in _LEADING:
        return False
    ends = ends_of_words()
    if word.text in ends.whole or word.text in ends.heads:
        return False
    if any(each in phrase.split() for phrase in gloss.nouns[:1] for each in ("sth", "sb", "guy", "location")):
        return False
    if word.part == "a" and not gloss.adjectives:
        return False
    head = head_of(words, word.text)
    if head is None:
        return True
    meant = [each for phrase in gloss.nouns for each in (phrase, phrase.rpartition(" ")[2])]
    named = next((key for each in meant if (key := words.named(each)) is not None), None)
    return named is not None and words.drawing(named).drawing is not None


def is_known_by_its_end(hits: list[Hit], end: int) -> bool:
    """Whether the last known word within one of the dictionary says who or what it is: 老大爷."""
    last = hits[-1] if hits else None
    return last is not None and last.end == end and len(last.words) >= _PERSON and SUBJECT.name in last.meaning
