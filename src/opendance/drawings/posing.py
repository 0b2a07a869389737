"""Drawings in motion: their parts turned as they are at a moment of a walk, a run, a flight, or by themselves.

Legs go in the order that legs go. Walking, the four feet come down a quarter of a cycle after each other: left hind,
left fore, right hind, right fore; galloping, both hind feet nearly together and then both fore feet. Source: Muybridge,
"Animals in Motion", 1899; in a side view "near" is the left.
"""

from __future__ import annotations

import math
import re
from typing import Literal

from opendance.drawings.own import OwnDrawing, Part

Gait = Literal["rest", "walk", "run", "fly", "swim", "roll"]
"""What it does: `roll` are wheels that turn; at `rest` only that moves which always does."""

# Where in the cycle, 0 to 1, each leg is.
_WALK = {"leg-back-near": 0.0, "leg-front-near": 0.25, "leg-back-far": 0.5, "leg-front-far": 0.75}
_RUN = {"leg-back-near": 0.0, "leg-back-far": 0.1, "leg-front-near": 0.45, "leg-front-far": 0.55}
_TWO_LEGS = {"leg-near": 0.0, "leg-far": 0.5}
_LEGS = ("leg", "foot")
_RUN_REACH = 1.5  # how much farther the legs swing than in a walk
_WHEELS = re.compile(r"wheel|tyre|tire|rotor|propeller|blade|sail|fan|reel")
_DRIVEN = re.compile(r"wheel|tyre|tire")
_ALWAYS = re.compile(r"sails|blades|rotor|propeller|pendulum|flag|flame")


def moves(drawing: OwnDrawing, gait: Gait) -> bool:
    """Whether anything of the drawing moves by itself in this gait."""
    return any(
        _turn(name, part, gait, 0.2) != 0 or _turn(name, part, gait, 0.4) != 0 for name, part in drawing.parts.items()
    )


def posed(drawing: OwnDrawing, gait: Gait, phase: float) -> str:
    """The whole SVG at a moment.

    Args:
        phase: of the cycle, 0 to 1; a cycle ends as it began.
    """
    svg = drawing.document()
    for name, part in drawing.parts.items():
        turn = _turn(name, part, gait, phase)
        if not turn:
            continue
        x, y = part.pivot
        if part.movement == "bob":
            transform = f"translate(0 {turn / 100 * drawing.box[1]:.2f})"
        else:
            transform = f"rotate({turn:.2f} {x:g} {y:g})"
        svg = svg.replace(f'<g id="{name}"', f'<g id="{name}" transform="{transform}"', 1)
    return svg


def lies_down(drawing: OwnDrawing) -> bool:
    """Whether it has legs that it can lie on."""
    return sum(name.startswith(_LEGS) for name in drawing.parts) > 1


def lying(drawing: OwnDrawing) -> str:
    """The whole SVG of an animal that lies on its legs."""
    svg = drawing.document()
    for name in drawing.parts:
        if name.startswith(_LEGS):
            svg = svg.replace(f'<g id="{name}"', f'<g id="{name}" display="none"', 1)
    return svg


def _turn(name: str, part: Part, gait: Gait, phase: float) -> float:
    """Degrees, clockwise; for `bob` per cent of the height."""
    match part.movement:
        case "spin":
            return 360.0 * phase if _ALWAYS.search(name) or (gait != "rest" and _WHEELS.search(name)) else 0.0
        case "bob":
            return part.degrees * _sine(phase)
        case "flap":
            if gait != "fly" and not name.startswith(("jaw", "mouth", "fin")):
                return 0.0
            return part.degrees * _sine(phase) * (-1 if "far" in name else 1)
        case "swing":
            return _swung(name, part, gait, phase)


def _swung(name: str, part: Part, gait: Gait, phase: float) -> float:
    legs = {**(_RUN if gait == "run" else _WALK), **_TWO_LEGS}
    if name in legs or name.startswith(_LEGS):
        if gait not in ("walk", "run"):
            return 0.0
        reach = _RUN_REACH if gait == "run" else 1.0
        return part.degrees * reach * _sine(phase + legs.get(name, 0.0))
    if name == "head":
        return part.degrees * 0.4 * _sine(2 * phase if gait in ("walk", "run") else phase)
    return part.degrees * (0.5 if gait == "rest" else 1.0) * _sine(phase + 0.2)


def _sine(phase: float) -> float:
    return math.sin(2 * math.pi * phase)


def is_driven(drawing: OwnDrawing) -> bool:
    """Whether it goes on wheels."""
    return any(_DRIVEN.search(name) for name in drawing.parts)
