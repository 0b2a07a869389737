"""What is said of things, places, sounds and the camera in a prompt's own words."""

from __future__ import annotations

import pytest

from opendance.plan import Shot
from opendance.prompt import plan_prompt
from tests.prompt.packages import needs_words


def shot_of(prompt: str) -> Shot:
    return plan_prompt(prompt, seconds=5, aspect_ratio="16:9").shots[0]


@needs_words
@pytest.mark.parametrize(
    ("prompt", "qualities"),
    [
        ("A half-eaten pear lies on a plate", ("half-eaten",)), ("a dented kettle boils", ("dented",)), ("一座沉没的雕像立在海底", ("沉没",)),
        ("the kettle is wet", ("wet",)),
    ],
)  # fmt: skip
def test_words_that_say_how_a_thing_is_are_told_of_it(prompt: str, qualities: tuple[str, ...]) -> None:
    assert shot_of(prompt).subjects[0].qualities == qualities


@needs_words
@pytest.mark.parametrize(
    ("prompt", "where"),
    [
        ("A nun waits in a flooded narrow alley", "flooded narrow alley"),
        ("一位修女站在长满青苔的废墟里", "长满青苔的废墟"),
    ],
)
def test_a_place_is_told_with_what_is_said_of_it(prompt: str, where: str) -> None:
    assert shot_of(prompt).where == where


@pytest.mark.parametrize(
    ("prompt", "sound"),
    [("A smith rests, just the hiss of the kettle", "the hiss of the kettle"), ("铁匠休息，只有炉火的声音", "炉火的声音"), ("대장장이가 쉰다, 빗소리", "빗소리"), ("鍛冶屋が休む、波の音", "波の音")],
)  # fmt: skip
def test_what_is_to_be_heard_is_told_in_its_own_words(prompt: str, sound: str) -> None:
    assert any(sound.removeprefix("the ") in each for each in shot_of(prompt).sounds)


def test_all_moves_of_the_camera_are_told_in_their_order() -> None:
    camera = shot_of("A nun walks, tracking shot, then whip pan, handheld").camera
    assert (camera.move, camera.then, camera.handheld) == ("tracking", ("whip_pan",), True)


def test_all_seasons_that_are_named_are_told() -> None:
    assert shot_of("an oak in spring, summer and autumn").seasons == ("spring", "summer", "autumn")


@pytest.mark.parametrize(
    ("prompt", "style"),
    [
        ("a nun, muted colours", "muted colours"),
        ("一位修女，青绿色调", "青绿色调"),
        ("一位修女，像费里尼的电影", "像费里尼的电影"),
    ],
)
def test_light_and_manner_are_told_in_the_words_of_the_prompt(prompt: str, style: str) -> None:
    assert style in plan_prompt(prompt, seconds=5, aspect_ratio="16:9").styles


@needs_words
@pytest.mark.parametrize(
    ("prompt", "name", "colour"),
    [("One small robot, rusty orange, crawls", "robot", "orange"), ("银色悬浮列车驶过", "列车", "silver"), ("一辆卡车驶过，车身是军绿色", "truck", "green")],
)  # fmt: skip
def test_a_colour_that_stands_apart_is_of_its_thing(prompt: str, name: str, colour: str) -> None:
    subject = next(each for each in shot_of(prompt).subjects if name in (each.name, each.words) or name in each.words)
    assert subject.colour == colour


@needs_words
@pytest.mark.parametrize(
    ("prompt", "deed"),
    [
        ("A cook plates scallops", ("plate", "scallop")), ("Her coach, a bald man in his sixties, watches from the bench", ("watch", "")), ("A nun swerves around a bus", ("swerve", "bus")),
        ("A porter grips the pole and whispers orders", ("grip", "pole")), ("A nun on a bicycle weaving through the crowd", ("weave", "crowd")), ("电车穿楼而过", ("pass", "")),
    ],
)  # fmt: skip
def test_who_does_it_is_told_with_what_it_is_done_to(prompt: str, deed: tuple[str, str]) -> None:
    deeds = [(each.verb, each.object_words) for each in shot_of(prompt).subjects[0].deeds]
    assert any(verb == deed[0] and deed[1] in words for verb, words in deeds)


def test_who_is_told_of_again_is_one_person() -> None:
    subjects = shot_of("The driver, a woman in her forties, waits").subjects
    assert [(each.role, each.gender) for each in subjects] == [("driver", "female")]


@needs_words
def test_clothes_and_hair_are_of_whom_they_are_said() -> None:
    swordsman = shot_of("红衣剑客站着").subjects[0]
    assert swordsman.colours_worn == ("red",)
    girl = shot_of("一个紫发少女坐着").subjects[0]
    assert (girl.hair, girl.colour) == ("purple", None)
