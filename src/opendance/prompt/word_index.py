"""Where known words stand in a text: the longest that begins at a place, found by its first two letters."""

from __future__ import annotations

from collections.abc import Collection


class WordIndex:
    """The words of all languages. Latin ones match whole only, others anywhere.

    A table of lengths by first letters, since a pattern of twenty thousand words takes a second to be compiled.
    """

    def __init__(self, words: Collection[str]) -> None:
        self._words = frozenset(words)
        self._whole = frozenset(word for word in self._words if word.isascii() or "é" in word or "ü" in word)
        lengths: dict[str, set[int]] = {}
        for word in self._words:
            lengths.setdefault(word[:2], set()).add(len(word))
        self._lengths = {begin: sorted(found, reverse=True) for begin, found in lengths.items()}

    def at(self, text: str, begin: int) -> str | None:
        """The longest word that begins at `begin` of a text in small letters; None where none does."""
        in_latin = begin > 0 and "a" <= text[begin - 1] <= "z"
        for letters in (text[begin : begin + 2], text[begin : begin + 1]):
            for length in self._lengths.get(letters, ()):
                word = text[begin : begin + length]
                if word not in self._words:
                    continue
                if word not in self._whole or not (in_latin or "a" <= text[begin + length : begin + length + 1] <= "z"):
                    return word
        return None

    def next(self, text: str, begin: int) -> tuple[int, str] | None:
        """Where the next word from `begin` on begins, and the word."""
        for at in range(begin, len(text)):
            if (word := self.at(text, at)) is not None:
                return at, word
        return None
