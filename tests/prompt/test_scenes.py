"""Prompts in the manner of real users: who does what to what, where, when and how it is filmed."""

from __future__ import annotations

from typing import Any

import pytest

from opendance.drawings.own import own_drawings
from opendance.plan import Plan
from opendance.prompt import plan_prompt
from opendance.prompt.lexicon import lexicon
from opendance.prompt.word_tables import read_places
from tests.prompt.packages import needs_words
from tests.prompt.scenes import SCENES, missing, score

# What the plans do not have, each with the reason; what is mended is taken out.
NOT_YET = 4


@needs_words
@pytest.mark.parametrize("scene", SCENES, ids=[scene["prompt"][:40] for scene in SCENES])
def test_a_scene_is_understood(scene: dict[str, Any]) -> None:
    assert len(missing(scene)) <= 1


@needs_words
def test_nearly_all_that_is_named_is_understood() -> None:
    understood, named = score()
    assert named - understood <= NOT_YET


def test_no_scene_is_an_empty_stage() -> None:
    for scene in SCENES:
        plan: Plan = plan_prompt(scene["prompt"], seconds=10, aspect_ratio="16:9")
        assert plan.shots[0].subjects, scene["prompt"]


def test_a_plan_points_only_to_subjects_that_are_there() -> None:
    for scene in SCENES:
        for shot in plan_prompt(scene["prompt"], seconds=10, aspect_ratio="16:9").shots:
            for index, subject in enumerate(shot.subjects):
                pointed = [subject.object] if subject.object is not None else []
                pointed += [other for _, other in subject.relations]
                assert all(0 <= other < len(shot.subjects) and other != index for other in pointed)
                assert subject.relation == (subject.relations[0] if subject.relations else None)


def test_many_places_have_words_in_four_languages() -> None:
    places = read_places()
    assert len(places) >= 60
    assert all(entry.en and entry.zh and entry.ko and entry.ja for entry in places.values())


def test_drawings_of_our_own_are_found_by_their_words() -> None:
    words = lexicon()
    own = {name: drawing for name, drawing in own_drawings().items() if drawing.kind != "person"}
    for language in ("en", "zh", "ko", "ja"):
        found = [name for name, drawing in own.items() if words.named(getattr(drawing, language)[0]) is not None]
        assert len(found) > 0.9 * len(own), language
    anvil = plan_prompt("an anvil", seconds=4, aspect_ratio="16:9").shots[0].subjects[0]
    for prompt in ("铁砧", "모루", "金床"):
        assert (
            plan_prompt(prompt, seconds=4, aspect_ratio="16:9").shots[0].subjects[0].drawing == anvil.drawing == "anvil"
        )
