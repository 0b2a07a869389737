"""Tables that come with the program: TOML, read once and checked, so that a slip of the pen is told where it stands."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from opendance.validation import in_words

T = TypeVar("T")


def read_toml(file: Path, shape: TypeAdapter[T]) -> T:
    """What `file` says, as `shape`; nothing is read as another type than it has.

    Raises:
        ValueError: it is no TOML, or has a name or a value that `shape` does not know; with the file and the key.
    """
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{file.name}: {error}") from None
    try:
        # By way of JSON, which has no tuples: strict, and lists may still become them.
        return shape.validate_json(json.dumps(table), strict=True)
    except ValidationError as error:
        raise ValueError(f"{file.name}: {in_words(error.errors())}") from None
