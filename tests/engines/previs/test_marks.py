from __future__ import annotations

from dataclasses import replace

import pytest

from opendance.engines.previs.blocking import Stage, block
from opendance.engines.previs.marks import marks_of
from opendance.engines.previs.people.words import action_for
from opendance.plan import Camera, Shot, Subject

MAN = Subject("👨", "man", "man")


def shot(*subjects: Subject) -> Shot:
    return Shot(0, 4, "", "room", "day", "clear", "medium", Camera(), subjects)


def man(verb: str, **more: object) -> Subject:
    return Subject("👨", "man", "man", verb=verb, object=1, **more)  # pyright: ignore[reportArgumentType]


def thing(name: str, drawing: str | None = None) -> Subject:
    return Subject("📦", name, name, drawing=drawing)


@pytest.mark.parametrize(
    ("subjects", "action", "gear"),
    [
        ((man("open"), thing("jewellery box")), "open_chest", "treasure_chest"),
        ((man("open"), thing("door", "wooden-door")), "open", "door"),
        ((man("mend"), thing("fishing net", "fishing-net")), "mend", "net"),
        ((man("push"), thing("stroller", "baby-stroller")), "push_cart", "stroller"),
        ((man("eat"), thing("ramen", "ramen-bowl")), "eat_noodles", "noodles"),
        ((man("play", action="play_instrument"), thing("guzheng", "guzheng")), "play_zither", "zither"),
    ],
)  # fmt: skip
def test_what_is_done_to_something_is_acted_with_it_in_the_hands(
    subjects: tuple[Subject, ...], action: str, gear: str
) -> None:
    marks = marks_of(shot(*subjects), 0, {})
    assert len(marks) == 1  # the thing is drawn as it is held
    performer = marks[0].performer
    assert performer is not None
    assert (performer.action, performer.gear) == (action, gear)


def test_a_thing_in_a_colour_of_its_own_is_drawn_by_itself() -> None:
    red = Subject("📦", "box", "box", drawing="wooden-crate", colour="red")
    assert len(marks_of(shot(man("open"), red), 0, {})) == 2


def test_who_flies_a_kite_stands_on_the_ground() -> None:
    child = Subject("👦", "child", "child", action="fly", verb="fly", object=1)
    mark = marks_of(shot(child, thing("kite", "🪁")), 0, {})[0]
    assert mark.subject.action == "idle"
    assert not mark.figure.flies


def test_who_reads_on_a_bench_sits_on_it() -> None:
    reader = Subject("👨", "man", "man", verb="read", relation=("on", 1))
    marks = marks_of(shot(reader, thing("bench", "park-bench")), 0, {})
    assert marks[0].figure.sits
    spots = block([mark.figure for mark in marks], Stage(16 / 9, 0.56, 0.39, 0.05))
    man_, bench = spots[0][0], spots[1][0]
    assert bench.top < man_.foot - 0.2 * man_.height < bench.foot + 0.02
    dancer = Subject("👨", "man", "man", verb="dance", action="dance", relation=("on", 1))
    assert not marks_of(shot(dancer, thing("bench", "park-bench")), 0, {})[0].figure.sits


def test_the_last_words_of_a_thing_say_what_a_verb_means() -> None:
    assert action_for("open", "old wooden box") == "open_chest"
    assert action_for("open", "door") == action_for("open") == "open"
    assert action_for("brush", "teeth") == "brush_teeth"


def test_what_has_no_drawing_and_is_in_somebodys_hands_is_not_shown_again() -> None:
    baker = Subject("👩‍🍳", "cook", "baker", role="cook")
    assert len(marks_of(shot(baker, thing("dough")), 0, {})) == 1
    assert len(marks_of(shot(baker, replace(thing("gizmo"), relation=("beside", 0))), 0, {})) == 2


def test_what_nobody_draws_is_shown_where_somebody_has_to_do_with_it_or_where_nothing_else_is() -> None:
    assert [mark.subject.name for mark in marks_of(shot(MAN, thing("gizmo")), 0, {})] == ["man"]
    kicked = marks_of(shot(replace(MAN, verb="kick", object=1), thing("gizmo")), 0, {})
    assert [mark.subject.name for mark in kicked] == ["man", "gizmo"]
    alone = marks_of(shot(thing("gizmo")), 0, {})
    assert alone[0].figure.tallest > kicked[1].figure.tallest


@pytest.mark.parametrize("name", ["window", "sun", "floor"])
def test_a_room_has_its_own_windows_floor_and_light(name: str) -> None:
    assert [mark.subject.name for mark in marks_of(shot(MAN, thing(name, "window")), 0, {})] == ["man"]


def test_fire_goes_to_the_only_one_who_is_there() -> None:
    dragon = Subject("🐉", "dragon", "dragon", verb="breathe", object=1)
    marks = marks_of(shot(dragon, thing("fire", "🔥"), MAN), 0, {})
    assert [mark.jet_to for mark in marks] == [1, None]


def test_a_loose_hammer_is_in_the_hand_of_who_strikes() -> None:
    smith = Subject("👨", "man", "blacksmith", verb="strike", role="blacksmith")
    marks = marks_of(shot(smith, thing("hammer", "hammer")), 0, {})
    assert len(marks) == 1
    assert marks[0].performer is not None
    assert (marks[0].performer.action, marks[0].performer.gear) == ("hammer", "hammer")


def test_who_rolls_dough_on_a_table_stands_at_it_and_who_dances_on_it_is_on_it() -> None:
    for verb, relation in (("knead", "behind"), ("dance", "on")):
        someone = Subject("👨", "man", "man", verb=verb, relation=("on", 1))
        marks = marks_of(shot(someone, thing("table", "dining-table")), 0, {})
        assert marks[0].figure.relation == (relation, 1)


def test_nothing_stands_on_a_shape_with_a_name() -> None:
    marks = marks_of(shot(replace(MAN, relation=("on", 1)), thing("gizmo")), 0, {})
    assert marks[0].figure.relation is None


def test_a_dog_carries_a_newspaper_in_its_mouth() -> None:
    dog = Subject("🐕", "dog", "dog", verb="carry", object=1)
    marks = marks_of(shot(dog, thing("newspaper", "📰")), 0, {})
    assert marks[0].figure.relation == ("holding", 1)
    assert marks[0].figure.is_alive
