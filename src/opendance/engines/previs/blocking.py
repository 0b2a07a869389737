"""Blocking: where each subject of a shot stands, in metres first and in the picture then.

The camera is placed for the principal, whom the shot is about: that one is as high in the picture as the framing says,
which tells how many metres the picture's height is at depth 1. All others keep their true proportions to it. What would
not fit stands farther away, as a castle does behind a knight; what could not be seen is drawn larger than life, up to
`_SEEN`. A relation - on, under, riding, holding - puts one where an anchor of the other is.

Coordinates as in `camera.py`: 1 is the picture's height, x to the right and y down from its middle, depth 1 is where
the principal stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from opendance.drawings.own import AnchorName, Stands
from opendance.plan import Relation

_SEEN = 0.085  # least height in the picture of what is there to be seen
_SEEN_HELD = 0.11  # of what hands hold or a table carries: that is looked at
_LARGEST = 0.80  # what is higher at depth 1 stands farther away, until it is no higher than this
_LARGEST_RELATED = 1.15  # of what a relation puts near; a ship may be cut by the frame
_COUNTER = 0.75  # of one's height: what is lower hides no face of who stands behind it
_CARRIER = 0.74  # height in the picture of what carries whom the shot is about, so that both are seen
_LEAST_CARRIED = 0.25  # and of that one
_HOLDS = 0.25  # of one's height: what is lower holds nobody
_HEAD_ROOM, _CUT_BELOW = -0.35, 1.15  # y of the top and height of somebody who is larger than the picture
_BEHIND_ALL, _TALL = 1.2, 0.38  # depth and least height of what only stands there
_LARGEST_BEHIND = 0.92  # of what somebody stands before: more of it than of what is there by chance
_OVER_HEAD = 0.98  # height of what the principal is under
_LARGEST_BELOW = 3.0  # of what the principal is on: more of it is never seen
_INSIDE = 0.86  # of the half width: the middle of everything is within it
_FARTHEST = 14.0  # depth; beyond it haze has taken it
_BEHIND, _IN_FRONT = 1.35, 0.80  # depth over that of the other one
_LAYER = 0.006  # between two that touch: which one is drawn over the other
_SEATED = 0.24  # height of who sits that is below the seat
_GAP = 0.06  # between two side by side, picture heights
_SKY_TOP, _SKY_HEIGHT, _SKY_DEPTH = -0.42, 0.15, 12.0  # of what is in the sky; y and height, picture heights
_AIR = -0.10  # y of the middle of what flies and is nowhere else
_FEW = 3  # so many of one kind stand side by side
_GOLDEN_ANGLE = 2.399  # radians: turned by it again and again, no two take the same place

# Of a figure, from its middle and its foot up, in shares of its width and height, where nothing else is known.
_ANCHORS: dict[AnchorName, tuple[float, float]] = {
    "hand": (0.22, 0.50), "mouth": (-0.30, 0.82), "seat": (0.0, 0.62), "top": (0.0, 1.0), "ground": (0.0, 0.0),
    "middle": (0.0, 0.5), "light": (0.0, 0.9),
}  # fmt: skip
# The principal stays where it is framed, and the other one of these is put to it.
_STAYS: tuple[Relation, ...] = ("in_front_of", "behind", "beside")
# Who stands so to another one may hide a part of it.
_CLOSE_BY: tuple[Relation, ...] = (
    "in_front_of",
    "holding",
    "wearing",
    "between",
    "on",
    "in",
    "inside",
    "leaning_on",
    "riding",
)
_CARRIED: tuple[Relation, ...] = ("on", "riding", "in", "inside", "leaning_on")


@dataclass(frozen=True)
class Figure:
    """A subject, as blocking sees it.

    Attributes:
        height, width: of one of it, m.
        stands: where it is when nothing else is said.
        count: how many of it.
        anchors: from the middle of its foot, in shares of its width (to the right) and height (up).
        relation: how it stands to another figure, and that one's index.
        flies: it is in the air, whatever it is.
        widest: share of the picture's width that one of it may take.
        is_vehicle: who rides it sits behind its near side.
        acts: it does something, so that the shot is about it before what only stands there.
        sits: it sits on what it is on.
        is_pair: two of it do something with each other, and face each other.
        tallest: height in the picture at most.
        is_plain: it is a shape with a name, and what the shot is about only where there is nothing else.
        in_sky: it is far away and high up, as the moon is.
        is_alive: it is an animal.
        is_person: where it is larger than the picture its head is what is seen.
        is_building: who is in or at it stands before it, but for what one stands on top of.
        lies: it is flat on the ground, and who is in it has it under the feet.
        shows_itself: it turns from who is beside it to a camera in its hand, and so does that one.
    """

    height: float
    width: float
    stands: Stands = "ground"
    count: int = 1
    anchors: Mapping[AnchorName, tuple[float, float]] = field(default_factory=dict[AnchorName, tuple[float, float]])
    relation: tuple[Relation, int] | None = None
    flies: bool = False
    widest: float = 0.9
    is_vehicle: bool = False
    acts: bool = False
    is_pair: bool = False
    sits: bool = False
    tallest: float = 9.0
    is_plain: bool = False
    in_sky: bool = False
    is_alive: bool = False
    is_person: bool = False
    is_building: bool = False
    lies: bool = False
    shows_itself: bool = False

    def anchor(self, name: AnchorName) -> tuple[float, float]:
        """Where it is, with a usual place where the drawing says none."""
        return self.anchors.get(name, _ANCHORS[name])

    @property
    def floats(self) -> bool:
        """It needs no ground."""
        return self.flies or self.stands in ("air", "under_water", "ceiling")


@dataclass(frozen=True)
class Stage:
    """What the framing gives.

    Attributes:
        aspect: width over height of the picture.
        height: of the principal, picture heights; `foot`: y of its foot.
        horizon: y of the horizon.
        has_floor: False under water, in the sky and in space: there nobody stands.
        is_close: head and shoulders of people are seen.
        farthest: depth behind which nothing stands: of the wall of a room.
    """

    aspect: float
    height: float
    foot: float
    horizon: float
    has_floor: bool = True
    is_close: bool = False
    farthest: float = _FARTHEST

    def foot_at(self, depth: float) -> float:
        """y of the ground at a depth."""
        return self.horizon + (self.foot - self.horizon) / depth


@dataclass(frozen=True)
class Spot:
    """Where one figure is: x of its middle, y of its foot, its height there, all picture heights; and its depth.

    Attributes:
        facing: -1 where it must look to the left, 1 to the right; 0 where it may look as it likes.
        carrier: the figure whose movement carries it along.
        touches_ground: it throws its shadow on the ground at its foot.
        angle: how far it leans, radians.
        grip: where a hand holds it, and what it leans about.
    """

    x: float
    foot: float
    height: float
    depth: float
    facing: int = 0
    carrier: int | None = None
    touches_ground: bool = True
    angle: float = 0.0
    grip: tuple[float, float] | None = None

    @property
    def top(self) -> float:
        return self.foot - self.height


def principal_of(figures: Sequence[Figure], *, is_close: bool = False) -> int:
    """Whom the shot is about: the first one that does something, else the first one that is there by itself.

    "A lighthouse behind a fisherman" is about the fisherman; "under a cherry tree runs a dog" is about the dog.
    """
    placed = [
        index
        for index, figure in enumerate(figures)
        if figure.relation is None or figure.relation[0] != "behind" or figure.is_person
    ]
    solid = [
        index for index in placed or range(len(figures)) if not figures[index].is_plain and not figures[index].in_sky
    ]
    acting = [index for index in solid if figures[index].acts]
    people = [index for index in solid if figures[index].is_person]
    if is_close and people and acting[:1] != people[:1] and not (acting and figures[acting[0]].is_alive):
        return people[0]  # a close shot is of a face
    return next(iter(acting or solid or placed), 0)


def block(figures: Sequence[Figure], stage: Stage, *, side: float = 0.0) -> list[list[Spot]]:
    """The spots of every figure, as many for each as its count says.

    Args:
        side: x of the principal, where it stands alone.
    """
    if not figures:
        return []
    principal = principal_of(figures, is_close=stage.is_close)
    scale = scale_of(figures, stage)
    heights = [_height(figure, scale) for figure in figures]
    places = _rough_places(figures, heights, stage, principal, side)
    related = {index for each in figures if each.relation is not None for index in (each.relation[1],)}
    framed = set[int]() if figures[principal].relation or principal in related else {principal}
    for index in carriers_first(figures):
        relation = figures[index].relation
        if relation is None or not 0 <= relation[1] < len(figures) or relation[1] == index:
            continue
        other = figures[relation[1]]
        if relation[0] in ("in", "inside") and not other.lies and other.height < _HOLDS * figures[index].height:
            continue
        if index == principal and relation[0] == "under" and heights[relation[1]] > _LARGEST:
            own = places[index]  # stays as it is framed; the tree is behind it, as high as the picture
            places[relation[1]] = _standing(figures[relation[1]], own.x, _OVER_HEAD, _BEHIND, stage)
            framed |= {index, relation[1]}
        elif index == principal and relation[0] in _STAYS and not figures[relation[1]].in_sky:
            _bring_near(places, figures, index, relation, heights[relation[1]], stage)
            framed |= {index, relation[1]} if relation[0] == "behind" else {index}
        elif index == principal and relation[0] in _CARRIED and figures[relation[1]].is_building:
            _bring_near(places, figures, index, ("in_front_of", relation[1]), heights[relation[1]], stage)
            framed.add(index)
        elif index == principal and relation[0] == "over" and stage.is_close:
            _bring_near(places, figures, index, ("behind", relation[1]), heights[relation[1]], stage)
            framed |= {index, relation[1]}
        elif relation[0] in ("in", "inside", "on", "under") and figures[relation[1]].lies:
            own = places[index]
            under = replace(own, foot=own.foot + heights[relation[1]] * 0.5, depth=own.depth + _LAYER)
            places[relation[1]] = replace(under, height=heights[relation[1]], touches_ground=False)
            framed |= {principal} & {index}
        elif index == principal and relation[0] in _CARRIED and heights[relation[1]] > _LARGEST:
            _bring_below(places, figures, index, relation, heights[relation[1]])
            framed |= {index, relation[1]}
        else:
            _relate(places, figures, index, relation, stage)
    places = [spot if index in framed else _in_picture(spot, stage) for index, spot in enumerate(places)]
    _clear(places, figures, principal, stage)
    places = [_no_taller(spot, figure) for spot, figure in zip(places, figures, strict=True)]
    return [_group(places[index], figures[index], stage) for index in range(len(figures))]


def _no_taller(spot: Spot, figure: Figure) -> Spot:
    return spot if spot.height <= figure.tallest else replace(spot, height=figure.tallest)


def _in_picture(spot: Spot, stage: Stage) -> Spot:
    """So that enough of it is seen: what a relation puts somewhere may be cut off otherwise, or fill the picture."""
    height = min(spot.height, _LARGEST_RELATED)
    half = stage.aspect / 2 * _INSIDE
    foot = min(max(spot.foot, -0.47 + height * 0.85), 0.44 + height * 0.75)
    return replace(spot, x=min(max(spot.x, -half), half), foot=foot, height=height)


def _bring_near(
    places: list[Spot],
    figures: Sequence[Figure],
    principal: int,
    relation: tuple[Relation, int],
    height: float,
    stage: Stage,
) -> None:
    """Who the shot is about stays as it is framed; what it stands before, beside or behind is put there."""
    kind, to = relation
    own, other = places[principal], figures[to]
    way = -1 if own.x > 0 else 1
    width = other.width / other.height
    if kind == "behind" and other.height < _COUNTER * figures[principal].height:  # as one stands behind a counter
        places[to] = Spot(own.x, own.foot, min(height, 0.95), own.depth - 2 * _LAYER)
    elif kind == "behind":  # low and aside, so that the one behind it is seen
        shown = min(height / _IN_FRONT, own.height * 0.62, 0.5)
        x = own.x + way * (own.height * 0.22 + shown * width * 0.3)
        places[to] = _standing(other, x, shown, _IN_FRONT, stage)
    elif kind == "in_front_of":
        depth = min(stage.farthest, max(_BEHIND, height / _LARGEST_BEHIND))
        x = own.x + way * max(0.16, 0.5 * own.height * figures[principal].width / figures[principal].height)
        places[to] = _standing(other, x, height / depth, depth, stage)
    else:
        depth = min(stage.farthest, max(1.03, height / _LARGEST))
        shown = height / depth
        x = own.x + way * (
            (own.height * figures[principal].width / figures[principal].height + shown * width) / 2 + _GAP
        )
        places[to] = _standing(other, x, shown, depth, stage)
        if figures[principal].shows_itself:
            places[principal], places[to] = replace(own, facing=-way), replace(places[to], facing=-way)


def _clear(places: list[Spot], figures: Sequence[Figure], principal: int, stage: Stage) -> None:
    """What would hide whom the shot is about goes behind it, or aside."""
    own, tied = places[principal], figures[principal].relation
    half = own.height * figures[principal].width / figures[principal].height / 2
    for index, (spot, figure) in enumerate(zip(places, figures, strict=True)):
        relation = figure.relation
        if index == principal or spot.carrier is not None or spot.depth > own.depth or figure.in_sky:
            continue
        if tied is not None and tied[1] == index:
            continue
        if relation is not None and relation[1] == principal and relation[0] in _CLOSE_BY:
            continue
        wide = spot.height * figure.width / figure.height / 2
        across = min(own.x + half, spot.x + wide) - max(own.x - half, spot.x - wide)
        along = min(own.foot, spot.foot) - max(own.top, spot.top)
        if across > 0.25 * 2 * half and along > 0.30 * own.height:
            way = 1 if spot.x >= own.x else -1
            depth = own.depth * (1.08 if spot.height <= _LARGEST else spot.height / _LARGEST)
            height = spot.height * spot.depth / depth
            x = own.x + way * (half + 0.7 * wide * height / spot.height)
            places[index] = replace(_standing(figure, x, height, depth, stage), facing=spot.facing, carrier=None)


def scale_of(figures: Sequence[Figure], stage: Stage) -> float:
    """Picture heights of a metre at depth 1: by the principal's height, or by its width where that is what limits; what
    carries it is seen as well."""
    principal = figures[principal_of(figures, is_close=stage.is_close)]
    by_height = stage.height / principal.height
    by_width = stage.aspect * principal.widest / max(principal.width, 1e-3)
    few = min(1.0, 2.2 / max(1, principal.count)) if principal.count > _FEW else 1.0
    scale = min(by_height, by_width) * few
    relation = principal.relation
    if (
        stage.is_close
        or not principal.is_alive
        or relation is None
        or relation[0] not in _CARRIED
        or not 0 <= relation[1] < len(figures)
    ):
        return scale
    other = figures[relation[1]]
    if other.is_building or other.lies or other.height * scale <= _CARRIER:
        return scale
    return min(scale, max(_CARRIER / other.height, _LEAST_CARRIED / principal.height))


def _height(figure: Figure, scale: float) -> float:
    """Height at depth 1, picture heights."""
    held = figure.stands in ("hand", "table", "worn") or (figure.relation is not None and figure.relation[0] == "on")
    return min(max(figure.height * scale, _seen(figure, _SEEN_HELD if held else _SEEN)), figure.tallest)


def _seen(figure: Figure, least: float) -> float:
    """Least height at which something is seen: what is long may be lower."""
    return least / max(1.0, figure.width / figure.height)


def _rough_places(
    figures: Sequence[Figure], heights: Sequence[float], stage: Stage, principal: int, side: float
) -> list[Spot]:
    """Where each would be without relations: side by side, what is large behind, what flies above."""
    beside = [index for index, figure in enumerate(figures) if _stands_for_itself(figure, figures, index)]
    large = [
        index for index in beside if heights[index] > _LARGEST and index != principal and not figures[index].is_person
    ]
    row = [index for index in beside if index not in large]
    xs = _side_by_side(row, figures, heights, stage, principal, side)
    spots: list[Spot] = []
    for index, (figure, height) in enumerate(zip(figures, heights, strict=True)):
        depth = 1.0
        x = xs.get(index, 0.0)
        if index != principal and figure.is_person and height > _LARGEST:
            height = min(height, _CUT_BELOW)
            spots.append(Spot(x, _HEAD_ROOM + height, height, 1.0 + _LAYER * 4, touches_ground=False))
            continue
        if index in large or (index != principal and height > _LARGEST):
            depth = min(stage.farthest, height / _LARGEST * 1.15)
            turn = large.index(index) if index in large else 0
            x = stage.aspect * (0.22 if turn % 2 == 0 else -0.24) * (1 if xs.get(principal, 0.0) <= 0 else -1)
        elif index != principal and index in row:
            depth = 1.0 + 0.05 * row.index(index)
            if height > _TALL and not figure.acts and not figure.is_person:
                depth = max(depth, _BEHIND_ALL)
        spots.append(_standing(figure, x, height / depth, depth, stage))
    return spots


def _stands_for_itself(figure: Figure, figures: Sequence[Figure], index: int) -> bool:
    """Neither placed by its own relation nor held by another one."""
    held = any(each.relation in (("holding", index), ("wearing", index)) for each in figures)
    return (
        not held
        and not figure.in_sky
        and (figure.relation is None or figure.relation[0] in ("holding", "wearing", "facing", "following"))
    )


def _side_by_side(
    row: Sequence[int],
    figures: Sequence[Figure],
    heights: Sequence[float],
    stage: Stage,
    principal: int,
    side: float,
) -> dict[int, float]:
    """x of each, from left to right in the order of the words; a row too wide for the picture is pushed together."""
    if len(row) == 1:
        return {row[0]: side if row[0] == principal and figures[principal].count == 1 else 0.0}
    widths = [heights[index] * figures[index].width / figures[index].height for index in row]
    whole = sum(widths) + _GAP * 2 * (len(row) - 1)
    room = stage.aspect * 0.86
    squeeze = min(1.0, room / whole)
    spread = max(1.0, min(1.5, room * 0.7 / whole))  # two small ones do not huddle in the middle
    x = -whole * squeeze * spread / 2
    places: dict[int, float] = {}
    for index, width in zip(row, widths, strict=True):
        places[index] = x + width * squeeze * spread / 2
        x += (width + _GAP * 2) * squeeze * spread
    return places


def _standing(figure: Figure, x: float, height: float, depth: float, stage: Stage) -> Spot:
    foot = stage.foot_at(depth)
    if figure.in_sky and stage.has_floor:
        way = -1 if x > 0 else 1
        return Spot(way * 0.27 * stage.aspect, _SKY_TOP + _SKY_HEIGHT, _SKY_HEIGHT, _SKY_DEPTH, touches_ground=False)
    if figure.floats or not stage.has_floor:
        middle = _AIR if stage.has_floor else min(0.0, _AIR + 0.06)
        top_room = -0.46 + height / 2
        foot = max(middle, top_room) + height / 2
        if figure.stands == "ceiling":
            foot = -0.5 + height
        return Spot(x, foot, height, depth, touches_ground=False)
    if figure.stands == "wall":
        depth = max(depth, 1.6)
        return Spot(x, stage.foot_at(depth) - 0.34, height, depth, touches_ground=False)
    return Spot(x, foot, height, depth, touches_ground=figure.stands != "water")


def carriers_first(figures: Sequence[Figure]) -> list[int]:
    """An order in which the other one of a relation stands before the one that is placed by it; a ring is cut."""
    order: list[int] = []
    waiting: set[int] = set()

    def visit(index: int) -> None:
        if index in order or index in waiting:
            return
        waiting.add(index)
        relation = figures[index].relation
        if relation is not None and 0 <= relation[1] < len(figures) and relation[1] != index:
            visit(relation[1])
        waiting.discard(index)
        order.append(index)

    for index in range(len(figures)):
        visit(index)
    return order


def _anchored(spot: Spot, figure: Figure, name: AnchorName) -> tuple[float, float]:
    """x and y of an anchor of a figure at its spot."""
    right, up = figure.anchor(name)
    way = -1 if spot.facing > 0 else 1
    width = spot.height * figure.width / figure.height
    return spot.x + way * right * width, spot.foot - up * spot.height


def _relate(
    places: list[Spot], figures: Sequence[Figure], index: int, relation: tuple[Relation, int], stage: Stage
) -> None:
    """Put one to the other, or for what is held and worn the other to the one."""
    kind, to = relation
    own, other = figures[index], figures[to]
    at = places[to]
    true = at.height * at.depth * own.height / other.height / at.depth  # the same metres as the other one
    height = min(max(true, _seen(own, _SEEN_HELD if kind in _CARRIED else _SEEN)), own.tallest)
    width, other_width = height * own.width / own.height, at.height * other.width / other.height
    match kind:
        case "on" | "leaning_on" if other.height > 0.25 * own.height and kind == "leaning_on":
            x = at.x - other_width / 2 - width * 0.3
            places[index] = Spot(x, at.foot, height, at.depth - _LAYER, facing=0, angle=0.14)
        case "on" | "leaning_on":
            x, y = _anchored(at, other, "seat" if "seat" in other.anchors else "top")
            sunk = _SEATED * height if own.sits else 0.02 * at.height
            places[index] = Spot(x, y + sunk, height, at.depth - _LAYER, carrier=to, touches_ground=other.height < 0.1)
        case "riding":
            x, y = _anchored(at, other, "seat")
            sunk = 0.42 * height if other.is_vehicle else 0.47 * height  # legs hang down on each side, or are inside
            layer = _LAYER if other.is_vehicle else -_LAYER
            places[index] = Spot(
                x, y + sunk, height, at.depth + layer, facing=at.facing, carrier=to, touches_ground=False
            )
        case "in" | "inside":
            large = other.height > 1.4 * own.height
            y = at.foot - 0.04 * at.height if large else at.top + 0.55 * height
            places[index] = Spot(
                at.x, y, height, at.depth + (-_LAYER if large else _LAYER), carrier=to, touches_ground=large
            )
        case "under":
            if other.height < own.height and other.stands == "ground":  # under a table: before it
                places[index] = Spot(at.x, at.foot, min(height, at.height * 0.85), at.depth - _LAYER)
            elif other.stands in ("hand", "worn"):  # an umbrella: over the head
                mine = places[index]
                places[to] = replace(
                    at, x=mine.x, foot=mine.top + mine.height * 0.35, depth=mine.depth - _LAYER, carrier=index,
                    touches_ground=False,
                )  # fmt: skip
            else:
                places[index] = Spot(at.x, stage.foot_at(at.depth * 0.97), height, at.depth * 0.97)
        case "over":
            foot = max(at.top - 0.05, -0.47 + height)
            places[index] = Spot(at.x, foot, height, at.depth, touches_ground=False)
        case "beside":
            way = 1 if at.x <= 0 else -1
            x = at.x + way * ((width + other_width) / 2 + _GAP)
            places[index] = Spot(x, stage.foot_at(at.depth), height, at.depth)
        case "behind":
            depth = min(stage.farthest, at.depth * _BEHIND * max(1.0, height / _LARGEST))
            way = 1 if at.x <= 0 else -1
            shown = height * at.depth / depth
            x = at.x + way * max(0.10, other_width * 0.5)
            places[index] = _standing(own, x, shown, depth, stage)
        case "in_front_of":
            depth = at.depth * _IN_FRONT
            places[index] = _standing(own, at.x, min(height * at.depth / depth, 0.95), depth, stage)
        case "holding" | "wearing":
            in_mouth = own.is_alive and not own.is_person
            _give(places, figures, index, to, "top" if kind == "wearing" else "mouth" if in_mouth else "hand")
        case "facing":
            mine = places[index]
            left, right = (index, to) if mine.x <= at.x else (to, index)
            places[left] = replace(places[left], facing=1)
            places[right] = replace(places[right], facing=-1)
        case "following":
            x = at.x + (other_width + width) / 2 + _GAP * 2
            places[index] = _standing(own, x, height, at.depth, stage)
        case "between":
            lifted = 0.38 * at.height if own.stands in ("table", "hand") else 0.0  # as on a low table, or on knees
            places[index] = Spot(
                at.x, stage.foot_at(at.depth) - lifted, height, at.depth - _LAYER, touches_ground=lifted == 0
            )
        case "coming_out_of":
            places[index] = Spot(at.x, stage.foot_at(at.depth * 0.96), height, at.depth * 0.96, carrier=None)


def _bring_below(
    places: list[Spot], figures: Sequence[Figure], index: int, relation: tuple[Relation, int], height: float
) -> None:
    """What the principal is on or in is larger than the picture: the principal stays framed, it is brought there."""
    kind, to = relation
    own, other = places[index], figures[to]
    height = min(height, _LARGEST_BELOW)
    name: AnchorName = {"riding": "seat", "on": "top"}.get(kind, "middle")  # pyright: ignore[reportAssignmentType]
    right, up = other.anchor("seat" if name == "top" and "seat" in other.anchors else name)
    y = own.foot if kind in ("on", "riding") else own.foot - own.height / 2
    layer = -_LAYER if kind == "riding" and other.is_vehicle else _LAYER
    width = height * other.width / other.height
    places[to] = Spot(own.x - right * width, y + up * height, height, own.depth + layer, touches_ground=False)
    places[index] = replace(own, touches_ground=False)


def _give(places: list[Spot], figures: Sequence[Figure], holder: int, held: int, anchor: AnchorName) -> None:
    """What is held goes to the hand, what is worn to the head; at its true size, but so that it is seen."""
    spot, figure, thing = places[holder], figures[holder], figures[held]
    least = 0.02 if anchor == "top" else _seen(thing, _SEEN_HELD)
    height = min(max(spot.height * thing.height / figure.height, least), thing.tallest)
    x, y = _anchored(spot, figure, anchor)
    grip = thing.anchors.get("hand", (0.0, 0.5))
    places[held] = Spot(
        x - grip[0] * height * thing.width / thing.height,
        y + grip[1] * height,
        height,
        spot.depth - _LAYER,
        facing=spot.facing,
        carrier=holder,
        touches_ground=False,
    )


def _group(spot: Spot, figure: Figure, stage: Stage) -> list[Spot]:
    """The spots of all of a kind: a row for a few, a crowd in depth for many, a flock for those in the air."""
    count = figure.count
    if count == 1:
        return [spot]
    width = spot.height * figure.width / figure.height
    floating = not spot.touches_ground and spot.carrier is None
    if spot.carrier is not None:  # three birds on a wire
        step = min(width * 1.05, stage.aspect * 0.5 / count)
        return [replace(spot, x=spot.x + (k - (count - 1) / 2) * step) for k in range(count)]
    if figure.is_pair and count == 2:
        apart = width / 2 + max(_GAP * 1.6, spot.height * 0.20)
        return [replace(spot, x=spot.x + way * apart, facing=-way) for way in (-1, 1)]
    spots: list[Spot] = []
    few = count <= _FEW
    spread = min(stage.aspect * 0.86 - width, (width + _GAP) * (count - 1) if few else stage.aspect * 0.80)
    for k in range(count):
        depth = spot.depth * (1.0 + (0.06 if few else 0.16) * ((k * 2) % count if not few else k))
        height = spot.height * spot.depth / depth
        x = spot.x * (1.0 if few else 0.3) + spread * ((k + 0.5) / count - 0.5)
        if floating:
            turn = k * _GOLDEN_ANGLE + 0.6
            y = spot.foot + 0.16 * float(np.sin(turn)) - 0.12  # a flock is over what it flies over
            spots.append(replace(spot, x=x, foot=max(y, -0.47 + height), height=height, depth=depth))
        else:
            spots.append(replace(spot, x=x, foot=stage.foot_at(depth), height=height, depth=depth))
    return spots
