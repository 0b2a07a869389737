"""Sets by place: which view or room, which ground lies over it, and what stands around. The table is `sets.toml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Gt, Interval, Len
from pydantic import ConfigDict, TypeAdapter

from opendance.drawings.own import own_drawings
from opendance.engines.previs.colour import Colour, Light, mix
from opendance.engines.previs.paint import Canvas, Floats
from opendance.engines.previs.places.dressing import Piece, dress
from opendance.engines.previs.places.interior import Interior, build_interior
from opendance.engines.previs.places.surfaces import COLOURS, SHINE, Surface, pattern
from opendance.engines.previs.scenery.built import reflect_sky
from opendance.engines.previs.scenery.ground import FilmSet
from opendance.plan import Setting
from opendance.typed_toml import read_toml

_TABLE = Path(__file__).parent / "sets.toml"
_ALIKE = Path(__file__).parent / "alike.toml"
_STRICT = ConfigDict(extra="forbid")
_NEAREST_METRE, _FARTHEST_METRE = 0.40, 0.02  # picture heights: closer than that a set is only a blur of large things


@dataclass(frozen=True)
class Row:
    """Drawings at one depth.

    Attributes:
        of: their names; they take turns.
        depth: 1 is the principal's.
        at: where each stands, in half widths of the picture; or `count` of them, spread from edge to edge.
        up: over the ground, m.
        height: m, in place of the drawings' own.
        vary: how much their sizes and places differ.
        mirrored: they look the other way than they are drawn.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    of: Annotated[tuple[str, ...], Len(1)]
    depth: Annotated[float, Interval(gt=0.3, le=60)]
    at: tuple[Annotated[float, Interval(ge=-1.5, le=1.5)], ...] = ()
    count: Annotated[int, Interval(ge=0, le=24)] = 0
    up: float = 0.0
    height: Annotated[float, Gt(0)] | None = None
    vary: Annotated[float, Interval(ge=0, le=1)] = 0.0
    mirrored: bool = False


@dataclass(frozen=True)
class Strip:
    """A ground that lies over the view's own, from the camera towards the horizon.

    Attributes:
        of: what it is made of.
        wide: m; None for everything.
        reach: how far, m from the camera.
        lanes: a road's white lines; `rails`: of a track.
        x: of its middle, m.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    of: Surface
    wide: Annotated[float, Gt(0)] | None = None
    reach: Annotated[float, Gt(0)] = 400.0
    colour: Colour | None = None
    lanes: bool = False
    rails: bool = False
    x: float = 0.0


@dataclass(frozen=True)
class PlaceSet:
    """A place, as parts.

    Attributes:
        view: the setting that it is built on, where it is no room.
        room: its walls, where it is one.
        rows: what stands behind the subjects; `near`: what stands before them.
        tint: of light and air, as on another planet.
        under: a drawing that the subjects are on, from edge to edge; its lower half is seen.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    view: Setting | None = None
    room: Interior | None = None
    strip: Strip | None = None
    rows: tuple[Row, ...] = ()
    near: tuple[Row, ...] = ()
    tint: Colour | None = None
    under: str | None = None


_SHAPE: TypeAdapter[dict[str, PlaceSet]] = TypeAdapter(dict[str, PlaceSet])


def read_sets(file: Path = _TABLE) -> dict[str, PlaceSet]:
    """The table.

    Raises:
        ValueError: a name or a value in it is not known, a place has neither view nor room or both, or a row names no
            drawing of ours; with the file and the place.
    """
    table = read_toml(file, _SHAPE)
    for place, each in table.items():
        if (each.view is None) == (each.room is None):
            raise ValueError(f"{file.name}: {place}: a place has a view or a room, and not both")
        under = () if each.under is None else (Row((each.under,), 1.0),)
        for row in (*each.rows, *each.near, *under):
            for name in row.of:
                if name not in own_drawings():
                    raise ValueError(f"{file.name}: {place}: there is no drawing {name}")
    return table


def read_alike(table: Mapping[str, PlaceSet], file: Path = _ALIKE) -> dict[str, PlaceSet]:
    """The sets of places that have none of their own in `table`: those of the places that they are like.

    Raises:
        ValueError: a place is like one that has no set, or has a set of its own; with the file and the place.
    """
    out: dict[str, PlaceSet] = {}
    for place, like in read_toml(file, TypeAdapter(dict[str, str])).items():
        if like not in table:
            raise ValueError(f"{file.name}: {place}: {like} has no set in {_TABLE.name}")
        if place in table:
            raise ValueError(f"{file.name}: {place}: it has a set of its own in {_TABLE.name}")
        out[place] = table[like]
    return out


@cache
def sets() -> Mapping[str, PlaceSet]:
    """The sets that come with the program, by the key of their place."""
    table = read_sets()
    return table | read_alike(table)


def names_in(place: PlaceSet) -> frozenset[str]:
    """The drawings that a place shows."""
    return frozenset(name for row in (*place.rows, *place.near) for name in row.of)


def metre_of(metre: float) -> float:
    """Picture heights of a metre that a set is drawn with, for those that its principal is."""
    return min(_NEAREST_METRE, max(_FARTHEST_METRE, metre))


def in_place(light: Light, place: str | None) -> Light:
    """The light, as the air of the place lets it through."""
    each = sets().get(place or "")
    if each is None or each.tint is None:
        return light
    tint = each.tint
    return replace(
        light,
        sky=tuple((at, mix(colour, tint, 0.65)) for at, colour in light.sky),
        haze=mix(light.haze, tint, 0.75),
        ambient=mix(light.ambient, tint, 0.30),
        key=mix(light.key, tint, 0.20),
    )


def build_behind(film_set: FilmSet, place: PlaceSet, metre: float) -> None:
    """What is behind the subjects, on top of the view that is there already."""
    if place.room is not None:
        build_interior(film_set, place.room, metre)
    if place.strip is not None:
        _lay_strip(film_set, place.strip, metre)
    dress(film_set, _pieces(film_set, place.rows), metre)


def build_under(film_set: FilmSet, name: str, top: float, metre: float) -> None:
    """A bridge, as often as it takes, that stands on the ground and whose top is at `top`, picture heights."""
    depth = 1.02
    height = film_set.foot(depth) - top
    own = own_drawings()[name]
    wide = height * own.box[0] / own.box[1]
    count = 2 * int(np.ceil(film_set.aspect * 1.3 / wide)) + 1
    xs = [(k - count // 2) * wide * 0.985 / (film_set.aspect / 2 * 1.12) for k in range(count)]
    dress(film_set, [Piece(name, x, depth, 0.0, height * depth / metre) for x in xs], metre)


def build_before(film_set: FilmSet, place: PlaceSet, metre: float) -> None:
    """What stands between the subjects and the camera."""
    dress(film_set, _pieces(film_set, place.near), metre)


def _pieces(film_set: FilmSet, rows: Sequence[Row]) -> list[Piece]:
    rng = film_set.rng
    pieces: list[Piece] = []
    for row in rows:
        xs = list(row.at) or [2.2 * ((k + 0.5) / row.count - 0.5) for k in range(row.count)]
        for k, x in enumerate(xs):
            name = row.of[k % len(row.of)]
            height = row.height or own_drawings()[name].height
            height *= 1 + row.vary * 0.5 * (float(rng.random()) - 0.5)
            moved = x + row.vary * 0.9 / max(1, len(xs)) * (float(rng.random()) - 0.5)
            turned = row.mirrored != (row.vary > 0 and bool(rng.random() < 0.5))
            pieces.append(Piece(name, moved, row.depth, row.up, height, turned))
    return pieces


def _lay_strip(film_set: FilmSet, strip: Strip, metre: float) -> None:
    """Paint it on a floor that is clear elsewhere."""
    canvas = film_set.floor_canvas()
    below = np.maximum(canvas.ys - film_set.horizon, 0.5 / canvas.density)
    depth = (film_set.eye / below)[:, None]
    x = canvas.xs[None, :] * depth / metre - strip.x  # m
    z = np.broadcast_to(depth * film_set.eye / metre * 2.2, x.shape)  # m from the camera
    cover = np.clip((strip.reach - z) * 2, 0, 1)
    if strip.wide is not None:
        cover = cover * np.clip((strip.wide / 2 - np.abs(x)) * metre / depth * canvas.density + 0.5, 0, 1)
    light = film_set.light
    base = light.lit(strip.colour or COLOURS[strip.of], 0.5)
    far = np.clip(2.2 / depth, 0.1, 1)
    value = pattern(strip.of, x, z, far)
    haze = 1 - np.exp(-light.density * np.maximum(0, depth - 1))
    colours = np.array(base, np.float32)[None, None] * value[..., None]
    colours = colours * (1 - haze[..., None]) + np.array(light.haze, np.float32) * haze[..., None]
    canvas.blend(np.clip(colours, 0, 1).astype(np.float32), cover.astype(np.float32))
    if strip.lanes:
        _lanes(film_set, canvas, x, z, strip.wide or 7.0)
    if strip.rails:
        _rails(film_set, canvas, x, z)
    shine = SHINE.get(strip.of, 0.0) + (0.4 if film_set.shot.wet else 0.0)
    if shine:
        reflect_sky(film_set, canvas, min(0.6, shine) * 0.6)
    film_set.add_floor(canvas, opaque=False)


def _lanes(film_set: FilmSet, canvas: Canvas, x: Floats, z: Floats, wide: float) -> None:
    white = film_set.light.lit((0.92, 0.90, 0.84), 0.6)
    dash = (np.abs(x) < 0.08) & (z % 6 < 3)
    edge = np.abs(np.abs(x) - (wide / 2 - 0.3)) < 0.07
    canvas.tint(white, ((dash | edge) * 0.8).astype(np.float32))


def _rails(film_set: FilmSet, canvas: Canvas, x: Floats, z: Floats) -> None:
    sleeper = (z % 0.7 < 0.26) & (np.abs(x) < 1.3)
    canvas.tint(film_set.light.lit((0.30, 0.22, 0.17), 0.4), (sleeper * 0.8).astype(np.float32))
    rail = np.abs(np.abs(x) - 0.72) < 0.05
    canvas.tint(film_set.light.lit((0.72, 0.74, 0.78), 0.7), (rail * 0.95).astype(np.float32))
