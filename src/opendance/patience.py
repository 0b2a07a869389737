"""How long others are taken before whoever comes next, where that saves loading a model's weights anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Hashable

LONGEST_WAIT = 600.0
"""s that what comes next waits for others; loading some 100 GB takes a few minutes."""

_MOST = 100  # that are remembered: of those that were cancelled, or taken elsewhere, nobody tells


class Patience:
    """That of whoever comes next: others may be taken before it until it has waited so long, by a clock of its own.

    Args:
        longest: s.
    """

    def __init__(self, longest: float = LONGEST_WAIT) -> None:
        self._longest = longest
        # When each was passed over first, by the monotonic clock; whoever was last stands last.
        self._since: dict[Hashable, float] = {}

    def is_left(self, who: Hashable) -> bool:
        """Whether another may be taken before it."""
        since = self._since.get(who)
        return since is None or time.monotonic() - since < self._longest

    def pass_over(self, who: Hashable) -> None:
        """Another was taken before it, whose turn it was."""
        self._since[who] = self._since.pop(who, time.monotonic())
        if len(self._since) > _MOST:
            del self._since[next(iter(self._since))]

    def forget(self, who: Hashable) -> None:
        """It was taken, or waits no more."""
        self._since.pop(who, None)


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
        """Ids of the models whose tasks are begun first."""
        return frozenset(self._models())
