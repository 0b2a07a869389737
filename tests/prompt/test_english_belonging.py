"""Whose deed, garment, part of a body or place it is in English sentences, and who is called by a name."""

from __future__ import annotations

import pytest

from opendance.plan import Subject
from opendance.prompt import plan_prompt
from tests.prompt.packages import needs_words

pytestmark = needs_words


def subjects_of(prompt: str) -> dict[str, Subject]:
    """By their names."""
    return {each.name: each for each in plan_prompt(prompt, seconds=5, aspect_ratio="16:9").shots[0].subjects}


def deeds_of(prompt: str) -> dict[str, list[str]]:
    """By name of each subject, the verbs of what it does."""
    return {name: [deed.verb for deed in each.deeds] for name, each in subjects_of(prompt).items()}


def relations_of(prompt: str) -> list[tuple[str, str, str]]:
    subjects = list(subjects_of(prompt).values())
    return [(each.name, how, subjects[other].name) for each in subjects for how, other in each.relations]


def worn_in(prompt: str) -> dict[str, list[tuple[str, str | None]]]:
    """By name of each subject, what it wears and of which colour."""
    subjects = subjects_of(prompt).items()
    return {name: list(zip(each.wears, each.colours_worn, strict=True)) for name, each in subjects if each.wears}


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("A farmer and his daughter plant a tree", {"farmer": ["plant"], "daughter": ["plant"], "tree": []}),
        ("A monk with a lantern and sandals climbs a hill", {"monk": ["climb"]}),
        ("A nurse wearing gloves waters the flowers", {"nurse": ["water"]}),
        ("A clown juggles and a dog barks", {"clown": ["juggle"], "dog": ["bark"]}),
        ("Lena, 30s, in a green coat, peels two apples", {"Lena": ["peel"]}),
    ],
)
def test_what_and_joins_is_done_by_both_and_no_more(prompt: str, expected: dict[str, list[str]]) -> None:
    deeds = deeds_of(prompt)
    assert {name: [verb for verb in deeds[name] if verb != "wear"] for name in expected} == expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("A lifeguard whistling from the tower in a red cap", {"lifeguard": [("cap", "red")]}),
        ("A couple waltzes in a hall, she in a blue gown and he in a grey suit", {"woman": [("gown", "blue")], "man": [("suit", "grey")]}),
        ("A goalkeeper in a yellow number 1 jersey dives", {"goalkeeper": [("jersey", "yellow")]}),
        ("A singer in a gold dress waits", {"singer": [("dress", "golden")]}),
    ],
)  # fmt: skip
def test_clothes_are_worn_by_whom_the_sentence_is_about(
    prompt: str, expected: dict[str, list[tuple[str, str | None]]]
) -> None:
    assert worn_in(prompt) == expected


@pytest.mark.parametrize(
    ("prompt", "relation"),
    [
        ("A shepherd rests under a tree, a lamb lying at his feet", ("lamb", "beside", "shepherd")),
        ("An old man reads in an armchair, his dog asleep on his lap", ("dog", "on", "old man")),
        ("Sparrows pick at seeds by her feet while a girl laughs. A woman sits, a robin hopping by her feet", ("robin", "beside", "woman")),
        ("A player is carried on the shoulders of his friends", ("player", "on", "friend")),
        ("A samurai turns, his sword drawn", ("samurai", "holding", "sword")),
        ("A rabbit nibbles a carrot, behind it two foxes creep out of a hole", ("fox", "behind", "carrot")),
        ("Whales leap out of the water behind a boy. Crabs crawl out of a bucket behind him", ("crab", "behind", "boy")),
        ("A monk bows before a king", ("monk", "in_front_of", "king")),
        ("A log on which three frogs sit", ("frog", "on", "log")),
        ("A canoe glides between two icebergs", ("canoe", "between", "iceberg")),
        ("A waiter carries a cake on a tray", ("cake", "on", "tray")),
        ("A boy films his sister from a boat", ("boy", "in", "boat")),
        ("A table with candles stands in a hall", ("candle", "on", "table")),
        ("A girl runs, followed by a pack of white dogs", ("dog", "following", "girl")),
    ],
)  # fmt: skip
def test_how_one_stands_to_another(prompt: str, relation: tuple[str, str, str]) -> None:
    relations = relations_of(prompt)
    name, how, other = relation
    near = [each for each in relations if each[1] == how and each[2] == other and each[0].startswith(name[:3])]
    assert near, relations


def test_a_preposition_before_while_governs_nobody_behind_it() -> None:
    assert relations_of("Kenji walks through Shibuya while his sister waves") == []
    assert ("rug", "in_front_of", "window") not in relations_of("A cat on a rug, snow outside the window")


@pytest.mark.parametrize(
    ("prompt", "name", "role"),
    [
        ("Nadia, an old potter, shapes a bowl", "Nadia", "potter"),
        ("Omar and his uncle fix a bicycle", "Omar", None),
        ("A girl named Yuki feeds a goat. Yuki smiles.", "Yuki", None),
        ("A dancer waits with Pavel", "Pavel", None),
    ],
)
def test_whom_words_call_by_a_name_is_a_person(prompt: str, name: str, role: str | None) -> None:
    somebody = subjects_of(prompt)[name]
    assert somebody.drawing == "🧑" or somebody.gender is not None or somebody.role == role
    assert (somebody.role, somebody.count) == (role, 1)


@pytest.mark.parametrize(
    "prompt", ["Raindrops hit the roof", "Paris glows at night", "He eats soup. It steams", "Red Kites soar"]
)
def test_other_words_with_a_capital_are_no_people(prompt: str) -> None:
    assert not {"Raindrops", "Paris", "It", "Red", "Kites"} & set(subjects_of(prompt))


def test_what_the_words_for_a_thing_say_of_its_material_and_hair() -> None:
    assert subjects_of("A porcelain bowl on a table")["bowl"].material == "porcelain"
    assert subjects_of("A dwarf made of iron chains sings")["dwarf"].material == "metal"
    assert subjects_of("A witch with silver hair sings")["witch"].hair == "silver"
    woman = subjects_of("A blonde woman sings")["woman"]
    assert (woman.hair, woman.colour) == ("golden", None)


def test_an_adjective_that_is_a_name_too_names_nobody() -> None:
    assert "giant" not in subjects_of("A giant mechanical crab climbs a crane")
