"""Fates that a program in test can choose for its task: what it must survive, without waiting for it to happen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from opendance.errors import TASK_ERROR_CODES

TEST_KEY = "od-test-"
"""How keys begin whose tasks are of the sandbox."""
LONGEST_SLOW, LONGEST_LATE = 600, 60  # s
_TIMED = re.compile(r"([a-z_]{1,20}):([0-9]{1,3})")


class Kind(Enum):
    """What comes of a task."""

    FAILS = "a task error code"
    SLOW = "slow"
    STUCK = "stuck"
    CALLBACK_LOST = "callback_lost"
    CALLBACK_LATE = "callback_late"
    LINK_ENDED = "link_ended"
    NO_CREDITS = "402"
    TOO_MANY = "429"
    ANSWER_LOST = "500"


@dataclass(frozen=True)
class Fate:
    """What comes of a task.

    Attributes:
        code: of the error that it fails with.
        seconds: that it, or its callback, takes longer.
    """

    kind: Kind
    code: str = ""
    seconds: int = 0


_PLAIN = {kind.value: Fate(kind) for kind in Kind if kind not in (Kind.FAILS, Kind.SLOW, Kind.CALLBACK_LATE)}
_LONGEST = {Kind.SLOW.value: LONGEST_SLOW, Kind.CALLBACK_LATE.value: LONGEST_LATE}
CHOICES = (
    f"slow:N (N s, at most {LONGEST_SLOW}), callback_late:N (at most {LONGEST_LATE}), {', '.join(_PLAIN)}, or a task "
    f"error code: {', '.join(sorted(TASK_ERROR_CODES))}"
)


def read_fate(text: str) -> Fate:
    """The fate of this name.

    Raises:
        ValueError: there is none.
    """
    if text in _PLAIN:
        return _PLAIN[text]
    if text in TASK_ERROR_CODES:
        return Fate(Kind.FAILS, code=text)
    timed = _TIMED.fullmatch(text)
    if timed is not None and timed[1] in _LONGEST and int(timed[2]) <= _LONGEST[timed[1]]:
        return Fate(Kind(timed[1]), seconds=int(timed[2]))
    raise ValueError(f"there is no fate {text[:60]!r}; choose {CHOICES}")
