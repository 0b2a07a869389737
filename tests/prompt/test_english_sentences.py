"""Who does what and where in English sentences whose parts stand far from each other."""

from __future__ import annotations

import pytest

from opendance.plan import Subject
from opendance.prompt import plan_prompt
from tests.prompt.packages import needs_words

pytestmark = needs_words


def subjects_of(prompt: str) -> tuple[Subject, ...]:
    return plan_prompt(prompt, seconds=5, aspect_ratio="16:9").shots[0].subjects


def deeds_of(prompt: str) -> dict[str, list[str]]:
    """By name of each subject, the verbs of what it does."""
    return {each.name: [deed.verb for deed in each.deeds] for each in subjects_of(prompt)}


def relations_of(prompt: str) -> list[tuple[str, str, str]]:
    subjects = subjects_of(prompt)
    return [(each.name, how, subjects[other].name) for each in subjects for how, other in each.relations]


@pytest.mark.parametrize(
    ("prompt", "doer", "verbs"),
    [
        ("A boy in a striped scarf and rubber boots climbs onto a fence", "boy", ["climb"]),
        ('Her aunt off-screen calls, "Dinner!" while a boy plays', "aunt", ["call"]),
        ("Raindrops hit the roof and bead off.", "raindrop", ["hit", "bead"]),
        ("A man sits. Behind him the lit towers slide by.", "tower", ["slide"]),
        ("A monk wearing round glasses sorts letters on a bench.", "monk", ["wear", "sort"]),
        (
            "Two brothers run a taco stand on a corner. The older one counts tickets, the younger sneaks a bite.",
            "brother",
            ["run", "count", "sneak"],
        ),
        ("A doctor in green scrubs, around 50, washes a dog.", "doctor", ["wash"]),
        (
            "A skater in a red hoodie noseslides down a rail, lands, hugs a postman.",
            "skater",
            ["noseslide", "land", "hug"],
        ),
        ("A squid changes from red to pale blue.", "squid", ["change"]),
        ("A clerk turns pale and faints.", "clerk", ["turn", "faint"]),
    ],
)
def test_a_verb_that_is_a_noun_too_is_what_is_done(prompt: str, doer: str, verbs: list[str]) -> None:
    assert deeds_of(prompt)[doer] == verbs


@pytest.mark.parametrize(
    ("prompt", "doer", "verbs"),
    [
        ("a baker, flour on his cheek, kneads dough and hums", "baker", ["knead", "hum"]),
        ("A chef wipes the plate with the back of his mitten, and bows to the guests", "chef", ["wipe", "bow"]),
        ("A girl with a long braid and freckles sits on a bench", "girl", ["sit"]),
    ],
)
def test_what_is_worn_or_on_a_body_does_nothing(prompt: str, doer: str, verbs: list[str]) -> None:
    deeds = deeds_of(prompt)
    assert deeds.pop(doer) == verbs
    assert not any(deeds.values())


def test_all_that_one_wears_is_worn() -> None:
    assert subjects_of("A ranger wears a red cap and a backpack")[0].wears == ("cap", "backpack")
    assert subjects_of("A hand in a wool glove lifts a cup")[0].wears == ("glove",)


def test_a_player_who_cuts_to_the_left_cuts_no_film() -> None:
    shots = plan_prompt("A girl spins, cuts to the left and jumps", seconds=5, aspect_ratio="16:9").shots
    assert [[deed.verb for deed in shot.subjects[0].deeds] for shot in shots] == [["spin", "cut", "jump"]]


@pytest.mark.parametrize(
    ("prompt", "relation"),
    [
        ("A man sits. Below him two goats graze.", ("goat", "under", "man")), ("A man waits. Behind him stands a tall guard.", ("guard", "behind", "man")),
        ("On a bench a girl sleeps", ("girl", "on", "bench")), ("Under a tree sit three monks", ("monk", "under", "tree")),
        ("Behind the glass a shark circles", ("shark", "behind", "glass")), ("A monk sits. Two other monks pray behind him.", ("other monk", "behind", "monk")),
        ("A groom brushes the mane of a horse on a ramp", ("horse", "on", "ramp")),
    ],
)  # fmt: skip
def test_who_is_named_behind_where_it_is_stands_there(prompt: str, relation: tuple[str, str, str]) -> None:
    assert relation in relations_of(prompt)


@pytest.mark.parametrize(
    ("prompt", "quality"),
    [
        ("A man with a bushy beard waits by the door", "bushy beard"), ("A nurse with tired eyes pours the tea", "tired eyes"), ("A snail with a moustache paints", "moustache"),
        ("A sailor with a missing tooth grins", "missing tooth"), ("A monk (old, shaved head) reads", "shaved head"),
    ],
)  # fmt: skip
def test_how_a_body_is_is_told_of_whose_it_is(prompt: str, quality: str) -> None:
    assert quality in subjects_of(prompt)[0].qualities


def test_whoever_lifts_her_mask_is_a_woman() -> None:
    people = subjects_of("A plumber sighs. He smiles. A mason, wiping her brow, sings")
    assert [(each.name, each.gender) for each in people] == [("plumber", "male"), ("mason", "female")]


def test_an_action_of_a_list_is_done_by_whatever_the_list_names() -> None:
    prompt = '{"subject": "a blue tractor", "action": "climbs a muddy hill, spraying mud"}'
    assert deeds_of(prompt)["tractor"] == ["climb", "spray"]
    assert all(each.words.strip(" :,.") for each in subjects_of(prompt))


_SCREENPLAY = """EXT. HARBOUR - DAWN

MAY (30s, yellow raincoat, tired eyes) coils a rope beside a FISHERMAN (70s, denim cap, thick grey beard). He doesn't look up.

FISHERMAN
Storm's coming.

MAY
(quietly)
Let it.

She walks to the boat.
"""


def test_whom_a_screenplay_introduces_is_somebody_with_age_clothes_deeds_and_lines() -> None:
    plan = plan_prompt(_SCREENPLAY, seconds=5, aspect_ratio="16:9")
    people = {each.name: each for each in plan.shots[0].subjects if each.age is not None}
    assert {name: (each.age, each.gender, each.wears) for name, each in people.items()} == {
        "May": ("adult", "female", ("raincoat",)), "fisherman": ("elderly", "male", ("cap",))
    }  # fmt: skip
    assert [deed.verb for deed in people["May"].deeds] == ["coil", "walk"]
    lines = [(line.text, plan.shots[0].subjects[line.speaker or 0].name) for line in plan.dialogue]
    assert lines == [("Storm's coming.", "fisherman"), ("Let it.", "May")]
