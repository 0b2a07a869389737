"""What the tables of this room say of bodies, clothes and heads; their first lines tell what each field means."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, ConfigDict, TypeAdapter

from opendance.engines.previs.people.sheet import Paint
from opendance.engines.previs.people.skeleton import Proportions
from opendance.typed_toml import read_toml

FOLDER = Path(__file__).parent
STRICT = ConfigDict(extra="forbid")

Age = Literal["baby", "child", "teen", "adult", "elderly"]
Gender = Literal["woman", "man"]
Build = Literal["slim", "usual", "stout"]
Part = Literal["top", "bottom", "whole", "over", "feet", "cape", "scarf", "hands"]
Neck = Literal[
    "none", "round", "wide", "bare", "v", "collar", "turtle", "cross", "lapels", "open", "hood", "mandarin", "sailor",
    "gorget", "ring", "toga", "wimple", "ermine", "fur", "straps", "under",
]  # fmt: skip


def paint(text: object) -> Paint:
    """A colour as `#rrggbb`.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(text, str) or len(text) != 7 or text[0] != "#":
        raise ValueError(f"{text!r} is no colour such as #b8863b")
    value = int(text[1:], 16)
    return (value >> 16, value >> 8 & 255, value & 255)


Colour = Annotated[Paint, BeforeValidator(paint)]


@dataclass(frozen=True)
class Garment:
    """A piece of clothing."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    part: Part
    colour: Colour
    second: Colour | None = None
    sleeves: float = 0.0
    sleeve_width: float = 1.12
    hanging: float = 0.0
    legs: float = 0.0
    leg_width: float = 1.15
    skirt: float = 0.0
    flare: float = 0.0
    rise: float = 0.0
    torso: float = 1.0
    puff: float = 0.003
    neck: Neck = "none"
    gloves: bool = False
    shaft: float = 0.0
    details: tuple[str, ...] = ()


Line = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Hair:
    """How hair is worn."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    line: Line
    thick: float = 1.08
    lift: float = 0.0
    jag: float = 0.0
    back: float = 0.0
    wide: float = 1.1
    curls: float = 0.0
    knots: tuple[tuple[float, float, float, float], ...] = ()
    tail: tuple[float, float, float] | None = None
    tails: tuple[tuple[float, float, float], ...] = ()
    braid: bool = False
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Beard:
    """How a beard is worn; without `face` there is a moustache alone."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    face: float | None = None
    ear: float = 0.0
    drop: float = 0.0
    within: float = 92.0
    moustache: bool = False


@dataclass(frozen=True)
class Hat:
    """What is on a head."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    colour: Colour
    second: Colour
    rings: tuple[tuple[float, float], ...] = ()
    brim: tuple[float, float, float] | None = None
    visor: float = 0.0
    line: Line = ()
    thick: float = 1.1
    back: float = 0.0
    open: bool = False
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Heads:
    """The table of what is on heads."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    hairs: dict[str, Hair]
    beards: dict[str, Beard]
    hats: dict[str, Hat]


@dataclass(frozen=True)
class Figures:
    """The table of proportions."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    ages: dict[Age, Proportions]
    woman: dict[str, float]
    builds: dict[Build, dict[str, float]] = field(default_factory=dict[Build, dict[str, float]])


_CLOTHES: TypeAdapter[dict[str, Garment]] = TypeAdapter(dict[str, Garment])
_HEADS: TypeAdapter[Heads] = TypeAdapter(Heads)
_FIGURES: TypeAdapter[Figures] = TypeAdapter(Figures)


@cache
def clothes() -> dict[str, Garment]:
    """All clothes by name."""
    return read_toml(FOLDER / "clothes.toml", _CLOTHES)


@cache
def heads() -> Heads:
    """Hair, beards and hats by name."""
    return read_toml(FOLDER / "heads.toml", _HEADS)


@cache
def _figures() -> Figures:
    return read_toml(FOLDER / "figures.toml", _FIGURES)


@cache
def proportions_of(age: Age, gender: Gender, build: Build) -> Proportions:
    """The body of somebody."""
    table = _figures()
    p = table.ages[age]
    changes = [table.builds[build]]
    if gender == "woman" and age in ("teen", "adult", "elderly"):
        changes.append(table.woman)
    for change in changes:
        p = replace(p, **{name: getattr(p, name) * factor for name, factor in change.items()})
    return p
