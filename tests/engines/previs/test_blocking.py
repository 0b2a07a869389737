"""Where subjects stand: true proportions, relations as places, everything in the picture."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import get_args

import pytest

from opendance.engines.previs.blocking import Figure, Stage, block
from opendance.plan import Relation

MEDIUM = Stage(aspect=16 / 9, height=0.56, foot=0.39, horizon=0.05)
WIDE = Stage(aspect=16 / 9, height=0.25, foot=0.33, horizon=0.09)
MAN, DOG, CASTLE = Figure(1.75, 0.6), Figure(0.55, 0.8), Figure(30.0, 34.0)
HORSE = Figure(1.6, 2.2, anchors={"seat": (0.05, 0.72), "top": (-0.4, 1.0)})
CAR = Figure(1.4, 4.3, anchors={"seat": (0.0, 0.45)}, is_vehicle=True)
TABLE = Figure(0.75, 1.6, anchors={"top": (0.0, 1.0)})
BOTTLE = Figure(0.12, 0.07, stands="table")
GULL = Figure(0.45, 1.1, stands="air", flies=True, count=5)
UMBRELLA = Figure(0.9, 1.0, stands="hand", anchors={"hand": (0.0, 0.15)})


def of(figure: Figure, relation: Relation, to: int) -> Figure:
    return replace(figure, relation=(relation, to))


def test_the_principal_is_as_high_as_the_framing_says() -> None:
    [[man]] = block([MAN], MEDIUM)
    assert man.height == pytest.approx(0.56)
    assert man.foot == pytest.approx(0.39)


def test_others_keep_their_true_proportions() -> None:
    [[man], [dog]] = block([MAN, DOG], MEDIUM)
    assert dog.height * dog.depth / (man.height * man.depth) == pytest.approx(0.55 / 1.75)


def test_what_would_not_fit_stands_far_away_in_true_size() -> None:
    [[man], [castle]] = block([MAN, CASTLE], MEDIUM)
    assert castle.height <= 0.8
    assert castle.depth > 5
    assert castle.height * castle.depth / man.height == pytest.approx(30 / 1.75, rel=0.15)
    assert MEDIUM.horizon < castle.foot < man.foot


def test_a_small_thing_beside_a_man_is_large_enough_to_be_seen() -> None:
    [[_], [bottle]] = block([MAN, BOTTLE], WIDE)
    assert bottle.height >= 0.085


def test_a_rider_sits_on_the_seat_before_the_horse_and_behind_the_side_of_a_car() -> None:
    [[rider], [horse]] = block([of(MAN, "riding", 1), HORSE], MEDIUM)
    seat = horse.foot - 0.72 * horse.height
    assert rider.top < seat < rider.foot
    assert rider.depth < horse.depth
    assert rider.carrier == 1
    [[driver], [car]] = block([of(MAN, "riding", 1), CAR], MEDIUM)
    assert driver.depth > car.depth


def test_what_is_on_a_table_stands_on_its_top() -> None:
    for figures in ([of(BOTTLE, "on", 1), TABLE], [MAN, of(BOTTLE, "on", 2), TABLE]):
        [bottle], [table] = block(figures, MEDIUM)[-2:]
        assert bottle.foot == pytest.approx(table.top, abs=0.03)
        assert bottle.x == pytest.approx(table.x)


def test_a_bottle_on_a_table_is_what_the_shot_is_about() -> None:
    [[bottle], _] = block([of(BOTTLE, "on", 1), TABLE], MEDIUM)
    assert (bottle.height, bottle.foot) == pytest.approx((0.56, 0.39))


def test_what_is_held_is_in_the_hand_and_moves_with_the_holder() -> None:
    [[man], [umbrella]] = block([of(MAN, "holding", 1), UMBRELLA], MEDIUM)
    assert umbrella.carrier == 0
    grip = umbrella.foot - 0.15 * umbrella.height
    assert grip == pytest.approx(man.foot - 0.5 * man.height, abs=0.01)
    assert umbrella.depth < man.depth


def test_two_that_face_each_other_look_at_each_other() -> None:
    [[left], [right]] = block([of(MAN, "facing", 1), MAN], MEDIUM)
    assert (left.facing, right.facing) == ((1, -1) if left.x < right.x else (-1, 1))


def test_over_is_above_and_behind_is_farther() -> None:
    [[_], [gull]] = [[*each[:1]] for each in block([MAN, of(GULL, "over", 0)], WIDE)]
    assert gull.foot <= block([MAN], WIDE)[0][0].top
    [[man], [tower]] = block([MAN, of(CASTLE, "behind", 0)], MEDIUM)
    assert tower.depth > man.depth


def test_a_flock_is_spread_over_the_sky() -> None:
    [gulls] = block([GULL], WIDE)
    assert len(gulls) == 5
    assert len({round(gull.x, 2) for gull in gulls}) == 5


@pytest.mark.parametrize("stage", [MEDIUM, WIDE, Stage(9 / 16, 0.42, 0.34, 0.05), Stage(16 / 9, 1.3, 0.82, 0.06)])
def test_any_two_in_any_relation_are_in_the_picture(stage: Stage) -> None:
    """Of each some part is seen, however they are related."""
    figures = (MAN, DOG, CASTLE, HORSE, CAR, TABLE, BOTTLE, replace(GULL, count=1), UMBRELLA)
    for first, second, relation in product(figures, figures, get_args(Relation)):
        for pair in ([of(first, relation, 1), second], [first, of(second, relation, 0)]):
            for figure, spots in zip(pair, block(pair, stage), strict=True):
                [spot] = spots
                half = spot.height * figure.width / figure.height / 2
                assert 0.01 < spot.height <= 3
                assert 0.05 < spot.depth <= 40
                assert abs(spot.x) - half < stage.aspect / 2
                assert spot.top < max(0.5, stage.foot + 0.2)  # of the closest shots the ground is not seen
                assert spot.foot > -0.5


PERSON = Figure(1.75, 0.6, is_person=True, is_alive=True, acts=True)


def test_who_stands_behind_a_counter_has_it_before_the_waist() -> None:
    [[man], [counter]] = block([of(PERSON, "behind", 1), TABLE], MEDIUM)
    assert (man.height, man.foot) == pytest.approx((MEDIUM.height, MEDIUM.foot))
    assert counter.depth < man.depth
    assert man.top < counter.top < man.foot


def test_who_stands_before_a_tower_is_as_large_as_the_framing_says() -> None:
    [[man], [tower]] = block([of(PERSON, "in_front_of", 1), Figure(300, 120, is_building=True)], MEDIUM)
    assert man.height == pytest.approx(MEDIUM.height)
    assert tower.depth > man.depth


def test_an_animal_on_a_sofa_is_seen_with_the_sofa() -> None:
    cat = Figure(0.3, 0.5, is_alive=True, acts=True)
    [[small], [sofa]] = block([of(cat, "on", 1), Figure(0.9, 2.0)], MEDIUM)
    assert sofa.height < 0.8
    assert small.height > 0.2


def test_somebody_larger_than_the_picture_shows_the_head() -> None:
    hedgehog = Figure(0.15, 0.2, is_alive=True, acts=True)
    [_, [vet]] = block([hedgehog, PERSON], MEDIUM)
    assert -0.5 < vet.top < -0.2


def test_a_puddle_lies_under_the_feet() -> None:
    [[man], [puddle]] = block([of(PERSON, "in", 1), Figure(0.1, 0.4, lies=True)], MEDIUM)
    assert puddle.top < man.foot < puddle.foot
    assert puddle.depth > man.depth


def test_a_shape_with_a_name_is_small_and_never_what_the_shot_is_about() -> None:
    shape = Figure(6, 8, is_plain=True, tallest=0.13, acts=True)
    [[plain], [man]] = block([shape, PERSON], MEDIUM)
    assert plain.height <= 0.13
    assert man.height == pytest.approx(MEDIUM.height)


def test_the_moon_is_high_up() -> None:
    [_, [moon]] = block([PERSON, Figure(3e6, 3e6, in_sky=True)], MEDIUM)
    assert moon.foot < -0.2
    assert moon.height < 0.2


def test_who_takes_a_selfie_turns_from_who_is_beside() -> None:
    [[one], [other]] = block([of(replace(PERSON, shows_itself=True), "beside", 1), PERSON], MEDIUM)
    assert one.facing == other.facing == (1 if other.x < one.x else -1)
