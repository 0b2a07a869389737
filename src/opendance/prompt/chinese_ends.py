"""What the last letters of Chinese nouns tell: the table `chinese_ends.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from opendance.drawings.own import DrawingKind
from opendance.typed_toml import read_toml

_ENDS_FILE = Path(__file__).parent / "chinese_ends.toml"
WholeKind = DrawingKind | Literal["planet", "none"]


@dataclass(frozen=True)
class _End:
    """Ends of words that name one kind of thing."""

    kind: DrawingKind
    of: tuple[str, ...]


@dataclass(frozen=True)
class _Table:
    """What `chinese_ends.toml` says."""

    ends: tuple[_End, ...]
    whole: dict[WholeKind, tuple[str, ...]]
    places: dict[str, tuple[str, ...]]
    heads: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Ends:
    """By the end of a word: its kind, and the place it is; `whole`: by words that end like others, theirs.

    Attributes:
        heads: by the end of a compound, the English name of what it is.
    """

    kinds: dict[str, DrawingKind]
    whole: dict[str, WholeKind]
    places: dict[str, str]
    heads: dict[str, str]


@cache
def ends_of_words() -> Ends:
    """What `chinese_ends.toml` says, read once."""
    table = read_toml(_ENDS_FILE, TypeAdapter(_Table))
    kinds: dict[str, DrawingKind] = {}
    for each in table.ends:
        for end in each.of:
            kinds.setdefault(end, each.kind)
    whole: dict[str, WholeKind] = {word: kind for kind, words in table.whole.items() for word in words}
    return Ends(
        kinds,
        whole,
        {end: place for place, ends in table.places.items() for end in ends},
        {end: name for name, ends in table.heads.items() for end in ends},
    )
