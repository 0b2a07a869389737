"""Which words of a prompt led to what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from opendance.plan import Reason, ReasonKind
from opendance.prompt.lexicon import Hit
from opendance.prompt.reading import Reading
from opendance.prompt.word_tables import Category

T = TypeVar("T", bound=str)

_KINDS: dict[str, ReasonKind] = {
    "move": "camera",
    "speed": "camera",
    "focus": "lens",
    "silent": "music",
    "ratio": "length",
    "genre": "style",
    "framing": "size",
}


class Explanations:
    """What was understood and from which words, for people and for programs, in the order of understanding."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._pairs: dict[tuple[str, str], None] = {}
        self._reasons: dict[Reason, None] = {}
        self._used: list[tuple[int, int]] = []

    def add(
        self, what: str, words: str, kind: ReasonKind | None = None, value: str = "", begin: int = 0, end: int = 0
    ) -> None:
        """`words` of the prompt, or a reason, led to `what`; with `kind`, they stand from `begin` to `end` in what was read."""
        if kind is None:
            self._pairs[what, words] = None
            return
        self._pairs[what, self._reading.words(begin, end)] = None
        self.reason(kind, value, begin, end)

    def reason(self, kind: ReasonKind, value: str, begin: int, end: int, score: float | None = None) -> None:
        """The words from `begin` to `end` of what was read led to `value`."""
        first, last = self._reading.span(begin, end)
        self._reasons[Reason(kind, value, self._reading.prompt[first:last], first, last, score)] = None
        self._used.append((begin, end))

    def words(self, begin: int, end: int) -> str:
        """What stands from `begin` to `end` of what was read, as the prompt has it."""
        return self._reading.words(begin, end)

    def use(self, hit: Hit) -> None:
        """A word had its part, though it led to nothing of its own."""
        self._used.append((hit.start, hit.end))

    def _kind(self, category: Category[T]) -> ReasonKind:
        return _KINDS.get(category.name) or category.name  # type: ignore[return-value]

    def add_all(self, label: str, category: Category[T], hits: Iterable[Hit]) -> list[T]:
        """Every answer of the hits, each explained by its words, under `label`."""
        answers: list[T] = []
        for hit in hits:
            if (value := hit.value(category)) is not None:
                self.add(f"{label}: {value}", hit.words, self._kind(category), value, hit.start, hit.end)
                answers.append(value)
        return answers

    def choose(self, category: Category[T], hits: Iterable[Hit]) -> T | None:
        """The first answer of the hits, explained by its words."""
        for hit in hits:
            if (value := hit.value(category)) is not None:
                self.add(f"{category.name}: {value}", hit.words, self._kind(category), value, hit.start, hit.end)
                return value
        return None

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        return tuple(self._pairs)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return tuple(self._reasons)

    @property
    def used(self) -> list[tuple[int, int]]:
        """Where the words stand that led to something, in what was read."""
        return self._used
