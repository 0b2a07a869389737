"""Requests that are sent once more: the key that says so, and the headers that tell what came of it."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Header

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Opendance's own: within 24 hours the same key with the same request gives the same task, and "
        "no second charge.",
    ),
]
REPLAYED: Final = {"Idempotent-Replayed": "true", "Idempotency-Replayed": "true"}  # clients look for one or the other
