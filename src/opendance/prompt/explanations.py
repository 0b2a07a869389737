"""Which words of a prompt led to what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from opendance.prompt.lexicon import Category, Hit

T = TypeVar("T", bound=str)


class Explanations:
    """(what, words) pairs, for people, in the order in which things were understood."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, str], None] = {}

    def add(self, what: str, words: str) -> None:
        """`words` of the prompt, or a reason, led to `what`."""
        self._pairs[what, words] = None

    def add_all(self, label: str, category: Category[T], hits: Iterable[Hit]) -> list[T]:
        """Every answer of the hits, each explained by its words, under `label`."""
        answers = [(value, hit.words) for hit in hits if (value := hit.value(category)) is not None]
        for value, words in answers:
            self.add(f"{label}: {value}", words)
        return [value for value, _ in answers]

    def choose(self, category: Category[T], hits: Iterable[Hit]) -> T | None:
        """The first answer of the hits, explained by its words."""
        for hit in hits:
            if (value := hit.value(category)) is not None:
                self.add(f"{category.name}: {value}", hit.words)
                return value
        return None

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        return tuple(self._pairs)
