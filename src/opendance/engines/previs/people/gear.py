"""What is in hands, under feet and before people: the table `gear.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Literal

import numpy as np
from pydantic import ConfigDict, TypeAdapter

from opendance.engines.previs.people.dressed import HEAD, TORSO, Dressed
from opendance.engines.previs.people.sheet import Paint, Place
from opendance.engines.previs.people.skeleton import SIDES, Side, Vector
from opendance.engines.previs.people.surface import Ball
from opendance.engines.previs.people.tables import FOLDER, STRICT, Colour
from opendance.typed_toml import read_toml

_UNDER, _OVER = -0.16, 0.30  # orders behind and before all of a figure
_WOOD: Paint = (154, 111, 67)


@dataclass(frozen=True)
class _Part:
    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    colour: Colour
    line: tuple[float, ...] = ()
    width: float = 0.02
    disc: tuple[float, float, float] | None = None
    oval: tuple[float, float, float, float] | None = None
    wheel: tuple[float, float, float] | None = None
    shape: tuple[float, ...] = ()


@dataclass(frozen=True)
class Gear:
    """A thing; the head of the table tells what its fields mean."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    at: Literal["right", "left", "hands", "ground", "hip", "feet", "chest", "mouth"]
    along: Literal["forearm", "up", "forward", "hands", "across", "shoulder"]
    parts: tuple[_Part, ...]
    tilt: float = 0.0
    order: Literal["hand", "over", "under", "front"] = "hand"
    bow: bool = False
    sticks: bool = False
    poles: bool = False
    oars: bool = False
    also: tuple[str, ...] = ()


_SHAPE: TypeAdapter[dict[str, Gear]] = TypeAdapter(dict[str, Gear])


@cache
def gears() -> dict[str, Gear]:
    """All things by name."""
    return read_toml(FOLDER / "gear.toml", _SHAPE)


def gear_named(name: str) -> str | None:
    """The thing that an English name means, by its last words: "fishing net" is the net; None where there is none."""
    words = name.lower().replace("-", " ").replace("_", " ").split()
    for begin in range(len(words)):
        for form in ("_".join(words[begin:]), "_".join(words[begin:]).removesuffix("s")):
            if form in gears():
                return form
    return None


def draw_gear(d: Dressed, name: str) -> None:
    """A thing on its place, and what belongs to it.

    Raises:
        ValueError: there is none of this name.
    """
    if (gear := gears().get(name)) is None:
        raise ValueError(f"gear.toml: there is no {name!r}")
    for other in gear.also:
        draw_gear(d, other)
    origin, axis = _origin(d, gear), _axis(d, gear)
    angle = np.radians(gear.tilt)
    x_axis = np.array(
        [axis[0] * np.cos(angle) - axis[1] * np.sin(angle), axis[0] * np.sin(angle) + axis[1] * np.cos(angle)]
    )
    y_axis = np.array([-x_axis[1], x_axis[0]])
    if gear.along == "forward" and axis[0] < 0:
        y_axis = -y_axis
    frame = np.stack([x_axis, y_axis])
    order = _order(d, gear)
    for k, part in enumerate(gear.parts):
        _part(d, order + k * 1e-5, part, origin, frame)
    if gear.bow:
        hand = np.array(d.camera.place(d.skeleton.hand("right")))
        strings = origin + np.array([0.19, 0.0]) @ frame
        way = (strings - hand) / max(1e-6, float(np.hypot(*(strings - hand))))
        d.sheet.stroke(_OVER + 0.01, [_at(hand - way * 0.03), _at(hand + way * 0.36)], 0.010, (90, 58, 38))
    if gear.sticks:
        _from_hands(d, 0.17, 0.014, 20.0)
    if gear.poles:
        _from_hands(d, 0.36, 0.010, -60.0)
    if gear.oars:
        hand = np.array(d.camera.place(d.skeleton.hand("right")))
        end = origin + np.array([0.28 - (hand[0] - origin[0]) * 0.9, -0.30])
        d.sheet.stroke(_OVER + 0.01, [_at(hand), _at(end)], 0.020, _WOOD)
        way = (end - hand) / max(1e-6, float(np.hypot(*(end - hand))))
        d.sheet.capsule(_OVER + 0.01, _at(end - way * 0.1), 0.022, _at(end), 0.034, _WOOD)


def _at(point: Vector) -> Place:
    return (float(point[0]), float(point[1]))


def _from_hands(d: Dressed, length: float, width: float, tilt: float) -> None:
    """Sticks in both hands, on from the forearms."""
    for side in SIDES:
        elbow, hand = (np.array(d.camera.place(p)) for p in (d.skeleton.arms[side][1], d.skeleton.hand(side)))
        way = (hand - elbow) / max(1e-6, float(np.hypot(*(hand - elbow))))
        if tilt < 0:
            way = np.array([-0.5, -0.85])
        end = hand + way * length
        d.sheet.stroke(d.arm_order(side) + 0.0045, [_at(hand - way * 0.05), _at(end)], width, _WOOD)


def _order(d: Dressed, gear: Gear) -> float:
    side: Side = "left" if gear.at == "left" else "right"
    hand = d.arm_order(side) + 0.0045
    if gear.order == "front":
        if d.trunk.turned_away:
            return TORSO - 0.02
        return min(max(TORSO + 0.016, min(d.arm_order(s) for s in SIDES) - 0.001), HEAD - 0.006)
    return {"hand": hand, "over": _OVER if not d.trunk.turned_away else TORSO - 0.02, "under": _UNDER}[gear.order]


def _origin(d: Dressed, gear: Gear) -> Vector:
    s, camera = d.skeleton, d.camera
    hands = {side: np.array(camera.place(s.hand(side))) for side in SIDES}
    hip = np.array(camera.place(s.hip))
    if gear.at in ("right", "left"):
        return hands["left" if gear.at == "left" else "right"]
    if gear.at == "hands":
        return (hands["right"] + hands["left"]) / 2
    if gear.at == "mouth":
        return np.array(Ball(s, camera).place(0, -44, 1.06))
    if gear.at == "chest":
        front = s.spine[1] + s.torso @ np.array([0.0, 0.02, s.proportions.depth * 2.2])
        return np.array(camera.place(front))
    if gear.at == "feet":
        feet = [np.array(camera.place(s.legs[side][2])) for side in SIDES]
        low = min(float(foot[1]) for foot in feet)
        return np.array([float(feet[0][0] + feet[1][0]) / 2 + 0.03, low - 0.036])
    return hip if gear.at == "hip" else np.array([hip[0], 0.0])


def _axis(d: Dressed, gear: Gear) -> Vector:
    s, camera = d.skeleton, d.camera
    ahead = 1.0 if abs(camera.yaw) < 120 else -1.0
    if gear.along == "up":
        return np.array([0.0, 1.0])
    if gear.along in ("forward", "across"):
        return np.array([ahead, 0.0])
    side: Side = "left" if gear.at == "left" else "right"
    if gear.along == "hands":
        way = np.array(camera.place(s.hand("right"))) - np.array(camera.place(s.hand("left")))
    elif gear.along == "shoulder":
        way = np.array(camera.place(s.skull - np.array([0.0, s.proportions.head * 0.42, 0.0]))) - np.array(
            camera.place(s.hand(side))
        )
    else:
        way = np.array(camera.place(s.hand(side))) - np.array(camera.place(s.arms[side][1]))
    length = float(np.hypot(*way))
    return way / length if length > 0.02 else np.array([ahead, 0.0])


def _part(d: Dressed, order: float, part: _Part, origin: Vector, frame: Vector) -> None:
    def places(numbers: tuple[float, ...]) -> Vector:
        return origin + np.array(numbers).reshape(-1, 2) @ frame

    angle = float(np.arctan2(frame[0][1], frame[0][0]))
    if part.line:
        d.sheet.stroke(order, places(part.line), part.width, part.colour)
    if part.shape:
        d.sheet.polygon(order, places(part.shape), part.colour)
    if part.disc is not None:
        d.sheet.disc(order, _at(places(part.disc[:2])[0]), part.disc[2], part.colour)
    if part.oval is not None:
        d.sheet.ellipse(order, _at(places(part.oval[:2])[0]), part.oval[2:], angle, part.colour)
    if part.wheel is not None:
        x, y = _at(places(part.wheel[:2])[0])
        radius, turn = part.wheel[2], np.linspace(0, 2 * np.pi, 33)
        rim = np.stack([np.cos(turn), np.sin(turn)], axis=1) * radius + (x, y)
        d.sheet.stroke(order, rim, 0.022, part.colour)
        for spoke in np.radians((0, 45, 90, 135)):
            way = np.array([np.cos(spoke), np.sin(spoke)]) * radius
            d.sheet.stroke(order, [_at(np.array((x, y)) - way), _at(np.array((x, y)) + way)], 0.005, (170, 176, 184))
