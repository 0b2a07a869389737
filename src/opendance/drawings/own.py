"""Drawings of our own: flat SVG of a few lines each, as data in `own/*.toml`, for what no package draws.

A file is a group (tools, furniture, food ...). A table in it is a drawing; `OwnDrawing` says what its fields mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from annotated_types import Gt, Le, Len
from pydantic import ConfigDict, TypeAdapter

from opendance.typed_toml import read_toml

_FOLDER = Path(__file__).parent / "own"
_STRICT = ConfigDict(extra="forbid")

DrawingKind = Literal[
    "animal", "bird", "fish", "person", "vehicle", "boat", "aircraft", "plant", "instrument", "building", "furniture",
    "clothing", "headgear", "tool", "weapon", "food", "drink", "machine", "nature", "toy", "sport", "thing",
]  # fmt: skip
Stands = Literal["ground", "water", "under_water", "air", "table", "hand", "wall", "ceiling", "worn"]
Facing = Literal["left", "right", "front"]
AnchorName = Literal["hand", "mouth", "seat", "top", "ground", "middle", "light"]
Point = tuple[float, float]
Movement = Literal["spin", "swing", "flap", "bob"]


@dataclass(frozen=True)
class Part:
    """A group of the SVG, by its id, that moves by itself.

    Attributes:
        movement: `spin` turns round and round, `swing` and `flap` to and fro, `bob` up and down.
        pivot: what it turns around, in units of the box.
        degrees: how far to each side it swings or flaps; for `bob` per cent of the height.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    movement: Movement
    pivot: Point
    degrees: float = 20.0


@dataclass(frozen=True)
class OwnDrawing:
    """One drawing.

    Attributes:
        kind: groups drawings that behave alike.
        en, zh, ko, ja: the words for it, the usual one first; English in the singular.
        height: of the real thing, m, from the lowest to the highest point of the box.
        stands: where it is when nothing else is said.
        faces: which way it looks as it is drawn.
        box: width and height of the drawing's units; the drawing fills it, up to 2 units at each side.
        anchors: where it is held, eats, is sat on, ends above, touches the ground, and where its light is, in units of
            the box; `ground` is the middle of the lower edge where it is not given, `top` that of the upper one.
        colour: the fills, as they stand in `svg`, that a word for a colour changes; none where its colour is what it
            is.
        parts: groups of the SVG that move, by their id.
        svg: what stands between `<svg>` and `</svg>`: plain shapes and paths with flat fills and few gradients; no
            text, no filters, no references to anything outside. Ids of gradients are only of this drawing.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    kind: DrawingKind
    en: Annotated[tuple[str, ...], Len(1, 12)]
    zh: Annotated[tuple[str, ...], Len(1, 12)]
    ko: Annotated[tuple[str, ...], Len(1, 12)]
    ja: Annotated[tuple[str, ...], Len(1, 12)]
    height: Annotated[float, Gt(0), Le(2000)]
    box: tuple[Annotated[float, Gt(0)], Annotated[float, Gt(0)]]
    svg: Annotated[str, Len(20, 6000)]
    stands: Stands = "ground"
    faces: Facing = "front"
    anchors: Mapping[AnchorName, Point] = field(default_factory=dict[AnchorName, Point])
    colour: tuple[str, ...] = ()
    parts: Mapping[str, Part] = field(default_factory=dict[str, Part])

    def document(self) -> str:
        """The whole SVG."""
        width, height = self.box
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}">{self.svg}</svg>'

    def anchor(self, name: AnchorName) -> Point | None:
        """Where it is, in units of the box; every drawing has `ground`, `top` and `middle`."""
        width, height = self.box
        always: dict[AnchorName, Point] = {
            "ground": (width / 2, height),
            "top": (width / 2, 0.0),
            "middle": (width / 2, height / 2),
        }
        return self.anchors.get(name, always.get(name))


_SHAPE: TypeAdapter[dict[str, OwnDrawing]] = TypeAdapter(dict[str, OwnDrawing])


def read_drawings(folder: Path = _FOLDER) -> dict[str, OwnDrawing]:
    """All drawings of a folder's files, by name, in the order of the files and of what stands in them.

    Raises:
        ValueError: a name or a value is not known, two drawings have one name, an anchor or pivot lies outside of its
            box, or a part or colour is not in the SVG; with the file and the drawing.
    """
    drawings: dict[str, OwnDrawing] = {}
    for file in sorted(folder.glob("*.toml")):
        for name, drawing in read_toml(file, _SHAPE).items():
            if name in drawings:
                raise ValueError(f"{file.name}: {name}: another file has a drawing of this name")
            if (problem := _problem_of(drawing)) is not None:
                raise ValueError(f"{file.name}: {name}: {problem}")
            drawings[name] = drawing
    return drawings


def _problem_of(drawing: OwnDrawing) -> str | None:
    width, height = drawing.box
    points = {**drawing.anchors, **{f"pivot of {part}": each.pivot for part, each in drawing.parts.items()}}
    for name, (x, y) in points.items():
        if not (-2 <= x <= width + 2 and -2 <= y <= height + 2):
            return f"{name} lies at {x:g}, {y:g}, outside of the box of {width:g} x {height:g}"
    for part in drawing.parts:
        if f'id="{part}"' not in drawing.svg:
            return f"its part {part} has no group in the SVG"
    for colour in drawing.colour:
        if colour not in drawing.svg:
            return f"its colour {colour} is not in the SVG"
    return None


@cache
def own_drawings() -> dict[str, OwnDrawing]:
    """The drawings that come with the program, read once."""
    return read_drawings()
