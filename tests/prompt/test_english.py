"""English words that no table of ours has, and what a sentence makes of them."""

from __future__ import annotations

import pytest

from opendance.plan import Subject
from opendance.prompt import plan_prompt
from opendance.prompt.english_words import english_word, uses_of
from tests.prompt.packages import needs_words


def subjects(prompt: str, shot: int = 0) -> tuple[Subject, ...]:
    return plan_prompt(prompt, seconds=8, aspect_ratio="16:9").shots[shot].subjects


def deeds(prompt: str, shot: int = 0) -> list[str]:
    """Who does what to what: "glazier carry glass"."""
    return [
        f"{subject.name} {deed.verb} {deed.object_words}".strip()
        for subject in subjects(prompt, shot)
        for deed in subject.deeds
    ]


def relations(prompt: str) -> list[str]:
    seen = subjects(prompt)
    return [f"{each.name} {how} {seen[other].name}" for each in seen for how, other in each.relations]


@needs_words
@pytest.mark.parametrize(
    ("form", "lemma"),
    [("ties", "tie"), ("carries", "carry"), ("slid", "slide"), ("hopping", "hop"), ("lies", "lie"), ("swims", "swim")],
)
def test_a_form_of_a_verb_is_led_back_to_its_lemma(form: str, lemma: str) -> None:
    verbs = [use for use in uses_of(form) if use.pos == "v"]
    assert max(verbs, key=lambda use: use.weight).lemma == lemma


@needs_words
def test_breathes_is_no_plural_of_breath() -> None:
    assert {use.pos for use in uses_of("breathes")} == {"v"}


@needs_words
@pytest.mark.parametrize(
    ("word", "kind"),
    [("glazier", "person"), ("marmot", "animal"), ("rhubarb", "food"), ("parka", "clothing"), ("schooner", "boat"), ("oboe", "instrument")],
)  # fmt: skip
def test_a_word_is_of_the_kind_that_it_names(word: str, kind: str) -> None:
    found = english_word(word)
    assert found is not None
    assert found.kind == kind


@needs_words
@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("A glazier carries a sheet of glass up a ladder and hands it to his brother", ["glazier carry glass", "glazier hand glass"]),
        ("the phlebotomist labels a vial", ["phlebotomist label vial"]),
        ("a llama chewing hay beside a rusty tractor", ["llama chew hay"]),
        ("An electrician climbs a pylon to replace a broken insulator", ["electrician climb pylon", "electrician replace insulator"]),
        ("A tailor measures a bride, then pins the hem of her dress", ["tailor measure bride", "tailor pin hem"]),
        ("Beavers gnaw a trunk until it topples into the pond", ["beaver gnaw trunk", "trunk topple"]),
        ("A parrot perched on a pirate's hat squawks", ["parrot perch", "parrot squawk"]),
        ("A sculptor who lost his glasses squints at a lump of clay", ["sculptor lose glasses", "sculptor squint lump of clay"]),
        ("Two rival chefs, chased by a furious goose, crash through a market stall", ["chef crash market stall", "goose chase chef"]),
        ("A clown crosses a drawbridge and waves", ["clown cross drawbridge", "clown wave"]),
        ("A widow tells him a joke", ["widow tell joke"]),
        ("a widow wipes her hands", ["widow wipe hands"]),
        ("Three abbots in grey habits roll a barrel", ["abbot roll barrel"]),
        ("Four welders in green vests bend pipes", ["welder bend pipe"]),
        ("thick fog rolls along the quay and an old ferry passes behind her", ["ferry pass", "fog drive dock"]),
        ("a van, four children waiting, one drops a cone", ["children wait", "children drop cone"]),
        ("A climber vaults over a rail, lands on a crate", ["climber vault rail", "climber land"]),
        ("a waiter varnishing a cello hanging from the ceiling", ["waiter varnish cello", "cello hang"]),
        ("a pilot in a torn coat, leather cap, sings", ["pilot sing"]),
        ("Overhead shot of hands knotting a rope", ["hands knot rope"]),
        ("He whistles", ["man whistle"]),
        ("steam curling from the teapot", ["steam curl"]),
    ],
)  # fmt: skip
def test_every_verb_of_a_sentence_is_done_by_its_subject(prompt: str, expected: list[str]) -> None:
    assert deeds(prompt) == expected


@needs_words
@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("An owl hoots above a gravedigger who leans on his spade", ["owl over gravedigger", "gravedigger leaning_on spade"]),
        ("a plate of dumplings topped with chives", ["chives on dumpling"]),
        ("A toddler drags a teddy bear behind her", ["teddy bear behind toddler"]),
        ("a marmot crawls out from under a wheelbarrow", ["marmot coming_out_of wheelbarrow"]),
        ("a wasp on a heap of radishes", ["wasp on radish"]),
    ],
)  # fmt: skip
def test_a_preposition_says_where_something_is(prompt: str, expected: list[str]) -> None:
    assert [each for each in relations(prompt) if each in expected] == expected


def test_a_word_that_no_table_has_is_somebody_by_its_ending() -> None:
    (somebody,) = subjects("the zorbleman hauls a kerbstone")[:1]
    assert (somebody.name, somebody.role, somebody.verb) == ("zorbleman", "zorbleman", "haul")


@needs_words
def test_a_pronoun_means_who_was_seen_in_the_shot_before() -> None:
    prompt = "Shot 1: a cellist tunes her cello. Shot 2: she plays it on a balcony."
    assert deeds(prompt, 1) == ["cellist play cello"]


def test_a_noun_that_qualifies_another_is_no_thing_of_its_own() -> None:
    assert [each.name for each in subjects("a rally car skids past a fuel pump")] == ["car", "fuel pump"]


@needs_words
def test_what_one_wears_goes_on_behind_and() -> None:
    (girl,) = subjects("a girl in a green cardigan and a bonnet")
    assert girl.wears == ("cardigan", "bonnet")


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("A lamp on a desk, no captions, no reflections", ("subtitles", "reflections")),
        ("A fox. Avoid: gore, blurry edges.", ("gore", "blur")),
        ("거리의 고양이, 자막 없이", ("subtitles",)),
        ("街角的猫，不要水印", ("watermark",)),
        ("猫。字幕なし", ("subtitles",)),
    ],
)
def test_what_is_not_wanted_is_told_by_its_name(prompt: str, expected: tuple[str, ...]) -> None:
    assert plan_prompt(prompt, seconds=4, aspect_ratio="16:9").excluded == expected


def test_a_town_is_the_place_of_the_scene() -> None:
    shot = plan_prompt("A violinist plays on a bridge in Prague", seconds=4, aspect_ratio="16:9").shots[0]
    assert shot.setting in ("city", "sea", "street")
    assert "prague" not in [each.name for each in shot.subjects]


@needs_words
@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("A cellist plays, a nurse in the background", "nurse behind cellist"), ("a boxer hits a bag, spectators below", "spectators under boxer"),
        ("a thimble on blue velvet", "thimble on velvet"), ("a cook kneading pasta on a steel table", "pasta on table"),
        ("a sailor with a parrot on his shoulder", "parrot on sailor"),
        ("a lamp hanging from a rafter", "lamp under rafter"), ("a cart loaded with melons", "melon in cart"),
    ],
)  # fmt: skip
def test_where_something_is_stands_to_the_right_thing(prompt: str, expected: str) -> None:
    assert expected in relations(prompt)


@needs_words
def test_what_qualifies_a_place_is_no_thing_in_it() -> None:
    shot = plan_prompt("a troll opens an iron vault door inside a mushroom cave", seconds=4, aspect_ratio="16:9").shots[
        0
    ]
    assert shot.place == "cave"
    assert [each.material for each in shot.subjects if each.name == "door"] == ["metal"]
    assert "mushroom" not in [each.name for each in shot.subjects]


@needs_words
@pytest.mark.parametrize(
    ("prompt", "age"), [("a smith in her fifties", "adult"), ("a smith, about seventy, hammers", "elderly"), ("an older smith", "elderly"), ("a nine-year-old smith", "child")],
)  # fmt: skip
def test_an_age_in_words_is_an_age(prompt: str, age: str) -> None:
    assert subjects(prompt)[0].age == age


def test_what_is_worn_has_its_material_and_hair_its_colour() -> None:
    (somebody,) = subjects("A woman with red hair in a denim jacket")
    assert (somebody.materials_worn, somebody.hair) == (("cloth",), "red")


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a girl rides a bike without stabilisers in a car park", ("stabilisers",)), ("a judge, no crowd noise, no slow motion", ("crowd noise", "slow motion")),
        ("a judge, text-free", ("text",)), ("裁判，无人声，不要字幕", ("voices", "subtitles")), ("裁判。禁止：现代物品、水印", ("modern", "watermark")),
        ('{"subject": "一位裁判", "禁止": ["水印"]}', ("watermark",)),
    ],
)  # fmt: skip
def test_what_is_not_wanted_is_told_however_it_is_said(prompt: str, expected: tuple[str, ...]) -> None:
    assert plan_prompt(prompt, seconds=4, aspect_ratio="16:9").excluded == expected


def test_an_action_that_a_layout_names_is_done_by_its_subject() -> None:
    prompt = '{"subject": "a rusty robot", "action": "stacks green boxes onto a cart"}'
    assert deeds(prompt) == ["robot stack box"]
