"""One name for every drawing: emoji, drawings of our own, and English names."""

from __future__ import annotations

import pytest

from opendance.drawings.library import (
    drawn_height_of,
    faces_of,
    height_of,
    is_drawing,
    name_of,
    shows_of,
    stands_of,
    svg_of,
    words_for,
)
from opendance.drawings.own import own_drawings
from opendance.drawings.packaged import packaged_drawings
from tests.drawings.packages import needs_packages


@needs_packages
def test_an_emoji_is_drawn_by_fluent_and_else_by_noto() -> None:
    packaged = packaged_drawings()
    assert svg_of("🐈") == packaged.svg("fluent", "cat")
    assert svg_of("🧙") == packaged.svg("fluent", "person-mage"), "Fluent says who it is"
    assert svg_of("🧜‍♀️") == packaged.svg("fluent", "woman-merpeople"), "what it calls otherwise"
    assert svg_of("🪅") == packaged.svg("noto", "pinata"), "Fluent has none"
    assert svg_of("hot dog") == svg_of("🌭"), "by its English name as well"


def test_a_drawing_of_our_own_has_its_name() -> None:
    assert svg_of("anvil") == own_drawings()["anvil"].document()
    assert words_for("anvil") == "anvil"
    assert (height_of("anvil"), stands_of("anvil")) == (0.35, "ground")


def test_what_nobody_draws_has_words_for_its_stand_in() -> None:
    assert svg_of("perfume_sprayer") is None
    assert not is_drawing("perfume_sprayer")
    assert words_for("perfume_sprayer") == "perfume sprayer"
    assert words_for("🏎️") == "racing car"
    assert height_of("perfume_sprayer") is None


@pytest.mark.parametrize("name", ["❤️", "❤", "red heart"])
def test_emoji_are_known_with_and_without_their_selector_and_by_name(name: str) -> None:
    assert height_of(name) == 0.3


def test_heads_know_the_whole_figure_and_what_is_drawn() -> None:
    assert shows_of("🐶") == "head"
    assert height_of("🐶") == height_of("🐕") == 0.6
    assert drawn_height_of("🐶") == pytest.approx(0.252)
    assert shows_of("🐕") == "whole"
    assert (faces_of("🐕"), faces_of("🚀"), name_of("🐕")) == ("left", "right", "dog")
