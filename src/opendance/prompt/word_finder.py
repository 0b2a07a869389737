"""Finds which of many words stands first in a text: tables of words by their first letter, not a pattern of them all.

A regular expression of 37,000 words takes a second to compile, which every start of an engine would wait for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True, slots=True)
class FoundWord:
    """A word in a text, as a match of a regular expression tells it."""

    word: str
    begin: int

    def __getitem__(self, group: int) -> str:
        return self.word

    def start(self) -> int:
        return self.begin

    def end(self) -> int:
        return self.begin + len(self.word)


class WordFinder:
    """Words that are looked for, in small letters; of several at one place the longest, whole English ones first.

    Args:
        english: words that have no letter a-z before or behind them; `others`: words that stand anywhere.
    """

    def __init__(self, english: Iterable[str], others: Iterable[str]) -> None:
        self._english, self._english_lengths = _by_first_letter(english)
        self._others, self._other_lengths = _by_first_letter(others)

    def search(self, text: str, at: int = 0) -> FoundWord | None:
        """The first word that begins at `at` or behind it."""
        for begin in range(at, len(text)):
            if (found := self.match(text, begin)) is not None:
                return found
        return None

    def match(self, text: str, at: int) -> FoundWord | None:
        """The word that begins at `at`."""
        first = text[at : at + 1]
        lengths = self._english_lengths.get(first)
        if lengths is not None and (at == 0 or text[at - 1] not in _LETTERS):
            for length in lengths:
                word = text[at : at + length]
                if word in self._english and text[at + length : at + length + 1] not in _LETTERS:
                    return FoundWord(word, at)
        for length in self._other_lengths.get(first, ()):
            if (word := text[at : at + length]) in self._others:
                return FoundWord(word, at)
        return None


def _by_first_letter(words: Iterable[str]) -> tuple[frozenset[str], dict[str, tuple[int, ...]]]:
    """The words, and by their first letter how long they are, the longest first."""
    known = frozenset(words)
    lengths: dict[str, set[int]] = {}
    for word in known:
        lengths.setdefault(word[0], set()).add(len(word))
    return known, {letter: tuple(sorted(each, reverse=True)) for letter, each in lengths.items()}
