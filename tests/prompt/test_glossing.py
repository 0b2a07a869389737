"""Words that only a dictionary has are known by what they mean in English."""

from __future__ import annotations

import pytest

from opendance.packing.glosses import GLOSSES
from opendance.plan import Language, Plan
from opendance.prompt import plan_prompt
from opendance.prompt.glosses import gloss_of, num_glosses
from opendance.prompt.glossing import verb_meaning

pytestmark = pytest.mark.skipif(
    not GLOSSES.is_packed(), reason="the dictionaries are not packed: python -m opendance.packing"
)


def plan_of(prompt: str) -> Plan:
    return plan_prompt(prompt, seconds=4, aspect_ratio="16:9")


def test_every_language_but_english_has_a_dictionary() -> None:
    assert min(num_glosses(language) for language in ("zh", "ja", "ko")) > 30_000
    assert num_glosses("en") == 0


def test_a_gloss_is_what_the_thing_is_without_what_tells_more_of_it() -> None:
    gloss = gloss_of("探照灯", "zh")
    assert gloss is not None
    assert gloss.nouns[0] == "searchlight"


@pytest.mark.parametrize(
    ("prompt", "name", "words"),
    [
        ("一张藤椅放在院子里", "rattan chair", "藤椅"),
        ("カピバラが温泉に入る", "capybara", "カピバラ"),
        ("柵の前に足軽が立つ", "samurai", "足軽"),
        ("피난민이 눈길을 걷는다", "refugee", "피난민"),
    ],
)
def test_a_word_without_an_entry_is_what_it_means_in_english(prompt: str, name: str, words: str) -> None:
    plan = plan_of(prompt)
    assert name in [subject.name for subject in plan.shots[0].subjects]
    assert (f"glossed: {name}", words) in plan.found


def test_somebody_who_is_glossed_is_a_person_with_a_role() -> None:
    subject = next(each for each in plan_of("피난민이 눈길을 걷는다").shots[0].subjects if each.name == "refugee")
    assert (subject.role, subject.drawing) == ("refugee", "🧑")


def test_a_longer_word_of_the_dictionary_beats_the_known_one_in_it() -> None:
    assert "well" not in [subject.name for subject in plan_of("她在窗边喝龙井").shots[0].subjects]


def test_the_head_of_a_compound_is_what_it_is() -> None:
    assert [subject.emoji for subject in plan_of("川鵜鳥が飛ぶ").shots[0].subjects] == ["🐦"]


@pytest.mark.parametrize("prompt", ["古い音が響く", "真ん中に猫が座る", "고양이가 자리에서 일어난다"])
def test_what_is_not_seen_is_no_thing(prompt: str) -> None:
    names = {subject.name for subject in plan_of(prompt).shots[0].subjects}
    assert not names & {"report", "note", "bed", "red dragon tile", "center"}


@pytest.mark.parametrize(
    ("form", "language", "meaning"),
    [("추월하다", "ko", "pass"), ("焦げて", "ja", "burn"), ("慌てる", "ja", "panic"), ("쀼쀼하다", "ko", None)],
)
def test_a_form_of_a_verb_is_looked_up_as_a_dictionary_has_it(
    form: str, language: Language, meaning: str | None
) -> None:
    assert verb_meaning(form, language) == meaning


def test_a_word_for_a_place_that_first_means_somebody_is_somebody_where_it_acts() -> None:
    (employee, _) = plan_of("신입 사원이 커피를 마신다").shots[0].subjects
    assert (employee.name, employee.verb) == ("employee", "drink")
    assert plan_of("사원에서 종이 울린다").shots[0].place == "temple"


def test_the_members_of_a_club_that_a_dictionary_has_are_people() -> None:
    (players,) = plan_of("野球部員が四人、走る").shots[0].subjects
    assert (players.words, players.count, players.verb) == ("野球部員", 4, "run")
