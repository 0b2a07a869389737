"""What a prompt costs to read grows with its length, and no faster."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import pytest

from opendance.asset import Asset
from opendance.catalog import Mode
from opendance.prompt import find_references, plan_prompt
from opendance.prompt.lexicon import MOST_HITS, lexicon
from opendance.prompt.roles import assign_roles
from opendance.safety.text import normalised

ASSETS = [Asset(kind="image", number=1), Asset(kind="video", number=1)]


def steps(work: Callable[[], Any]) -> int:
    """How many calls of Python functions it takes: unlike time, the same on a slow machine."""
    count = 0

    def see(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(see)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "piece",
    [
        "camera of video 1 ", "use image 1 as the style of image ", "image 1. ", "image 1, ", "a red cat runs. ", "cut to ",
        "[1-2s] a ", "“a” ", "a cat and a dog ", "replace the dog in video 1 with image 1 ",
        "a glazier hauls a kerbstone, ", "who zorbles ", "without umbrellas and kerbstones, ",
    ],
)  # fmt: skip
def test_planning_is_linear_in_what_a_prompt_names(piece: str) -> None:
    lexicon()

    def plan(times: int) -> Callable[[], Any]:
        return lambda: plan_prompt(
            piece * times, seconds=8, aspect_ratio="adaptive", mode=Mode.REFERENCE, assets=ASSETS
        )

    steps(plan(100))
    assert steps(plan(1000)) < 15 * steps(plan(100))


def test_the_first_mentions_of_an_asset_say_what_it_is_for() -> None:
    def use(prompt: str) -> str:
        uses = assign_roles(prompt, find_references(prompt), ASSETS[1:], [], 8.0)
        return uses[0].role

    assert use("video 1. " * 5 + "Use the camera of video 1") == "camera"
    assert use("video 1. " * 50 + "Use the camera of video 1") != "camera"


def test_only_so_many_known_words_count() -> None:
    assert len(lexicon().hits("cat " * 10_000)) == MOST_HITS


def test_one_letter_that_stands_for_a_phrase_counts_as_a_few() -> None:
    assert len(normalised("ﷺ" * 1000).text) <= 4000
    assert normalised("㎏ ﬁ").text == "kg fi"


def test_two_words_that_begin_alike_are_told_apart_as_by_a_plain_list_of_all() -> None:
    words = lexicon()
    plain = re.compile("|".join(map(re.escape, sorted(words._senses, key=len, reverse=True))))  # pyright: ignore
    for text in ("sea", "sea lion", "cats", "猫", "小猫咪", "고양이들", "ねこ"):
        hits = words.hits(text)
        assert [hit.words for hit in hits][:1] == plain.findall(text)[:1], text
