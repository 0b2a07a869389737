"""Drawings in motion: legs in the order that legs go, wheels that turn, cycles that close."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from opendance.drawings.own import OwnDrawing, Part, own_drawings
from opendance.drawings.posing import Gait, is_driven, lies_down, lying, moves, posed

LEGS = ("leg-front-near", "leg-front-far", "leg-back-near", "leg-back-far")


def drawing(**parts: Part) -> OwnDrawing:
    named = {name.replace("_", "-"): part for name, part in parts.items()}
    svg = "".join(f'<g id="{name}"><path d="M0 0h9v9z"/></g>' for name in named) or '<path d="M0 0h100v50H0z"/>'
    return OwnDrawing("animal", ("it",), ("它",), ("그",), ("それ",), height=1.0, box=(100, 50), svg=svg, parts=named)


def horse() -> OwnDrawing:
    return drawing(**{name.replace("-", "_"): Part("swing", (10, 20), 22) for name in LEGS})


def turns(svg: str) -> dict[str, float]:
    return {name: float(by) for name, by in re.findall(r'<g id="([\w-]+)" transform="rotate\((-?[\d.]+)', svg)}


def test_walking_the_feet_come_down_one_after_the_other() -> None:
    furthest = {}
    for step in range(40):
        for name, by in turns(posed(horse(), "walk", step / 40)).items():
            if by > furthest.get(name, (0, -99))[1]:
                furthest[name] = (step / 40, by)
    order = [name for name, _ in sorted(furthest.items(), key=lambda each: each[1][0], reverse=True)]
    first = order.index("leg-back-near")
    assert order[first:] + order[:first] == ["leg-back-near", "leg-front-near", "leg-back-far", "leg-front-far"]


def test_running_both_hind_legs_go_nearly_together() -> None:
    at = turns(posed(horse(), "run", 0.2))
    assert abs(at["leg-back-near"] - at["leg-back-far"]) < abs(at["leg-back-near"] - at["leg-front-near"])


def test_who_rests_stands_still() -> None:
    assert not moves(horse(), "rest")
    assert posed(horse(), "rest", 0.3) == horse().document()


def test_wheels_turn_when_it_drives_and_sails_always() -> None:
    car, mill = drawing(wheel_front=Part("spin", (5, 5))), drawing(sails=Part("spin", (5, 5)))
    assert turns(posed(car, "roll", 0.25)) == {"wheel-front": 90.0}
    assert turns(posed(car, "rest", 0.25)) == {}
    assert turns(posed(mill, "rest", 0.25)) == {"sails": 90.0}
    assert is_driven(car)
    assert not is_driven(mill)


def test_wings_beat_against_each_other_in_flight_only() -> None:
    bird = drawing(wing_near=Part("flap", (5, 5), 30), wing_far=Part("flap", (5, 5), 30))
    at = turns(posed(bird, "fly", 0.25))
    assert at["wing-near"] == -at["wing-far"] == 30
    assert not moves(bird, "walk")


@pytest.mark.parametrize("gait", get_args(Gait))
def test_a_cycle_ends_as_it_began(gait: Gait) -> None:
    every = drawing(tail=Part("swing", (1, 1)), buoy=Part("bob", (1, 1)), wheel=Part("spin", (1, 1)))
    first, last = turns(posed(every, gait, 0.0)), turns(posed(every, gait, 1.0))
    assert {name: by % 360 for name, by in last.items()} == pytest.approx({name: first.get(name, 0) for name in last})


def test_an_animal_lies_on_legs_that_are_not_seen_and_a_table_does_not() -> None:
    fox, bench = own_drawings()["fox"], own_drawings()["park-bench"]
    assert lies_down(fox)
    assert lying(fox).count('display="none"') == sum(name.startswith("leg") for name in fox.parts)
    assert not lies_down(bench)
