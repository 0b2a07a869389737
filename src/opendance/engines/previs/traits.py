"""What is known of drawings: how they stand, face and sound. The table is `drawings/traits.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from annotated_types import Interval
from pydantic import ConfigDict, TypeAdapter

from opendance.drawings.library import is_drawing, svg_of
from opendance.engines.previs.sound.effects import Effect
from opendance.engines.previs.sound.synth import Timbre
from opendance.typed_toml import read_toml

_FOLDER = Path(__file__).parent / "drawings"  # ours, by name, for subjects that have no emoji
_TABLE = _FOLDER / "traits.toml"

_Byte = Annotated[int, Interval(ge=0, le=255)]
Cloth = tuple[_Byte, _Byte, _Byte]  # sRGB
Speaker = Literal["child", "woman", "man"]


@dataclass(frozen=True)
class Hold:
    """How an instrument is held: size and place over the foot, in heights of the player (y up); angle in radians."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    size: float = 0.5
    x: float = 0.0
    y: float = 0.3
    angle: float = 0.0


@dataclass(frozen=True)
class Traits:
    """What is known of one drawing; the head of the table says what each means."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    lettered: bool = False
    speaker: Speaker = "man"
    voice: Effect | None = None
    step: Effect | None = None
    motor: bool = True
    flaps: bool = True
    fire: bool = False
    flame: bool = False
    keyboard: bool = False
    timbre: Timbre | None = None
    hold: Hold = Hold()


_SHAPE: TypeAdapter[dict[str, Traits]] = TypeAdapter(dict[str, Traits])


def drawing_svg(name: str) -> str | None:
    """The SVG of an emoji, or of a drawing of ours by its name; none: then a stand-in takes its place."""
    own = _FOLDER / f"{name}.svg"
    return own.read_text("utf-8") if own.is_file() else svg_of(name)


def _is_drawing(name: str) -> bool:
    return (_FOLDER / f"{name}.svg").is_file() or is_drawing(name)


def read_traits(file: Path = _TABLE) -> dict[str, Traits]:
    """The table.

    Raises:
        ValueError: a name, a value or a drawing in it is not known; with the file and the key.
    """
    table = read_toml(file, _SHAPE)
    for emoji in table:
        if not _is_drawing(emoji):
            raise ValueError(f"{file.name}: {emoji}: there is no such drawing")
    return table


@cache
def _table() -> dict[str, Traits]:
    return read_traits()


_PLAIN = Traits()


def traits_of(emoji: str | None) -> Traits:
    """What is known of a drawing; of one that is not in the table, and of none, nothing out of the ordinary."""
    return _PLAIN if emoji is None else _table().get(emoji, _PLAIN)
