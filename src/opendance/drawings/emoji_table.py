"""What is known of the drawings of emoji: real size, how they stand, which way they look. The table is `emoji.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from annotated_types import Gt, Interval, Le
from pydantic import ConfigDict, TypeAdapter

from opendance.drawings.own import DrawingKind, Facing, Stands
from opendance.drawings.packaged import PackagedSet
from opendance.typed_toml import read_toml

Shows = Literal["whole", "head", "bust"]

_TABLE = Path(__file__).parent / "emoji.toml"


@dataclass(frozen=True)
class EmojiRow:
    """One emoji.

    Attributes:
        kind: groups drawings that behave alike.
        height: of the real thing in the position that is drawn, m; where only a part is drawn, of the whole figure.
        stands: where it is when nothing else is said.
        faces: which way it looks as it is drawn.
        shows: whether the figure is whole, or a head, or a head with shoulders or chest.
        drawn: the share of `height` that is drawn, from the top.
        drawn_by: whose drawing is taken first.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    kind: DrawingKind
    height: Annotated[float, Gt(0), Le(2e8)]
    stands: Stands = "ground"
    faces: Facing = "front"
    shows: Shows = "whole"
    drawn: Annotated[float, Interval(gt=0, le=1)] = 1.0
    drawn_by: PackagedSet = "fluent"


_SHAPE: TypeAdapter[dict[str, EmojiRow]] = TypeAdapter(dict[str, EmojiRow])
_AS_EMOJI = "\ufe0f"  # some have it at their end or within, and some programs leave it out


def read_table(file: Path = _TABLE) -> dict[str, EmojiRow]:
    """The table, by the emoji as they stand in it.

    Raises:
        ValueError: a name or a value in it is not known, or a head is drawn whole; with the file and the key.
    """
    table = read_toml(file, _SHAPE)
    for emoji, row in table.items():
        if (row.shows == "whole") != (row.drawn == 1):
            raise ValueError(f"{file.name}: {emoji}: shows {row.shows}, and {row.drawn:g} of it is drawn")
    return table


@cache
def _rows() -> dict[str, EmojiRow]:
    return {emoji.replace(_AS_EMOJI, ""): row for emoji, row in read_table().items()}


def row_of(emoji: str) -> EmojiRow | None:
    """What the table that comes with the program says of an emoji."""
    return _rows().get(emoji.replace(_AS_EMOJI, ""))
