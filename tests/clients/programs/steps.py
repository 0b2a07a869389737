"""What each program of a published client tells of what it did: a line of JSON for each step, on stdout."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

ADDRESS, KEY = os.environ["OPENDANCE_BASE_URL"], os.environ["OPENDANCE_API_KEY"]
BROKEN_ADDRESS, BROKEN_KEY = os.environ["OPENDANCE_BROKEN_URL"], os.environ["OPENDANCE_BROKEN_KEY"]
PICTURE = os.environ["OPENDANCE_PICTURE"]  # path of a PNG
PROMPT = "a cat walks in a garden"


def step(name: str, do: Callable[[], Any]) -> Any:
    """Do it and tell how it went; a step that fails does not end the program, and gives None."""
    try:
        result = do()
    except Exception as error:  # noqa: BLE001 - whatever a client raises is what is told
        print(json.dumps({"step": name, "problem": f"{type(error).__name__}: {error}"[:600]}), flush=True)
        return None
    print(json.dumps({"step": name, "problem": None}), flush=True)
    return result


def check(holds: object, seen: object) -> None:
    """Raise what was seen instead."""
    if not holds:
        raise AssertionError(repr(seen)[:500])


class Counting:
    """Counts the requests of an httpx client, by its published hook."""

    def __init__(self) -> None:
        self.requests = 0

    def __call__(self, _request: object) -> None:
        self.requests += 1
