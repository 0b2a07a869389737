"""The task: its id, its states, and the only ways it can go."""

from __future__ import annotations

import re
import secrets
import string
import time
from enum import StrEnum

_TAIL = string.ascii_lowercase + string.digits
_PLACES = tuple(len(_TAIL) ** place for place in range(8))
_TASK_ID = re.compile(r"task-unified-\d{10,12}-[a-z0-9]{6,32}")


class Status(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def terminal(self) -> bool:
        return self in (Status.COMPLETED, Status.FAILED, Status.CANCELLED)


LIVE = tuple(status.value for status in Status if not status.terminal)
"""The states that a task has not ended in, as the database has them."""


def new_task_id(now: float | None = None) -> str:
    """A new id: the unix second, then eight random letters and digits (2.8e12 of them a second)."""
    number = secrets.randbelow(len(_TAIL) ** 8)  # of all letters at once: each question to the system takes a while
    tail = "".join(_TAIL[number // place % len(_TAIL)] for place in _PLACES)
    return f"task-unified-{int(time.time() if now is None else now)}-{tail}"  # TK-02


def is_task_id(text: str) -> bool:
    """Whether `text` has the form of a task id."""
    return _TASK_ID.fullmatch(text) is not None
