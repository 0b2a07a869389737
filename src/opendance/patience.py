"""How long others are taken before whoever comes next, where that saves loading a model's weights anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

LONGEST_WAIT = 600.0
"""s that what comes next waits for others; loading some 100 GB takes a few minutes."""


class Patience:
    """That of whoever comes next: others may be taken before it until it has waited so long.

    Args:
        longest: s.
    """

    def __init__(self, longest: float = LONGEST_WAIT) -> None:
        self._longest = longest
        self._since: float | None = None  # by the monotonic clock: when it was passed over first

    @property
    def is_left(self) -> bool:
        """Whether another may be taken before it."""
        return self._since is None or time.monotonic() - self._since < self._longest

    def took(self, *, in_turn: bool) -> None:
        """One was taken: the one that came next, or another before it."""
        if in_turn:
            self._since = None
        elif self._since is None:
            self._since = time.monotonic()


class Fitting(Patience):
    """Which models' tasks are begun before others: those that fit the weights which are loaded.

    Args:
        models: ids of those that fit now.
    """

    def __init__(self, models: Callable[[], Collection[str]], longest: float = LONGEST_WAIT) -> None:
        super().__init__(longest)
        self._models = models

    @property
    def models(self) -> frozenset[str]:
        """Ids of the models whose tasks are begun first; none where it is whoever comes next."""
        return frozenset(self._models()) if self.is_left else frozenset()
