"""Where the words of a plan stand in the prompt: a plan says them with its own spaces, and in one form of letters."""

from __future__ import annotations

import unicodedata

Span = tuple[int, int]


class Places:
    """Finds words in a prompt.

    Args:
        prompt: as it was written.
    """

    def __init__(self, prompt: str) -> None:
        letters: list[str] = []
        self._at: list[int] = []
        for place, letter in enumerate(prompt):
            for plain in unicodedata.normalize("NFKC", letter).casefold():
                if not plain.isspace():
                    letters.append(plain)
                    self._at.append(place)
        self._text = "".join(letters)

    def of(self, words: str, near: Span | None = None) -> list[Span]:
        """Begin and end of the words, code points of the prompt; nothing where they are no words of it.

        Args:
            near: a place that must be among them, such as that of an asset's name.
        """
        plain = "".join(unicodedata.normalize("NFKC", words).casefold().split())
        begin = self._text.find(plain) if plain else -1
        while begin >= 0:
            span = self._at[begin], self._at[begin + len(plain) - 1] + 1
            if near is None or (span[0] <= near[0] and near[1] <= span[1]):
                return [span]
            begin = self._text.find(plain, begin + 1)
        return []
