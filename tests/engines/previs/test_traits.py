from __future__ import annotations

from pathlib import Path

import pytest

from opendance.engines.previs.traits import Traits, drawing_svg, read_traits, traits_of
from tests.drawings.packages import needs_packages


def test_what_is_known_of_drawings_is_read_from_the_table() -> None:
    assert traits_of("🐈").voice == "meow"
    assert traits_of("🚀").flame
    assert traits_of("🏪").lettered
    assert not traits_of("🎈").motor
    assert traits_of("👧").speaker == "child"
    assert traits_of("eagle").voice == "cry"
    assert (traits_of("🎻").hold.angle, traits_of("🎻").timbre) == (-0.25, "strings")


def test_a_drawing_that_is_not_in_the_table_has_nothing_out_of_the_ordinary() -> None:
    assert traits_of("🪨") == traits_of(None) == Traits()


@needs_packages
def test_every_drawing_of_the_table_can_be_drawn() -> None:
    assert all(drawing_svg(emoji) for emoji in read_traits())


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('"🐈" = { voize = "meow" }', "traits.toml: 🐈.voize: is not taken here"),
        ('"🐈" = { voice = "miaow" }', "traits.toml: 🐈.voice: 'miaow' is not possible"),
        ('"🐈" = { step = true }', "traits.toml: 🐈.step: true is not possible"),
        ('"eagel" = { lettered = true }', "traits.toml: eagel: there is no such drawing"),
    ],
)
def test_a_slip_of_the_pen_in_the_table_is_told_when_it_is_read(tmp_path: Path, line: str, words: str) -> None:
    (tmp_path / "traits.toml").write_text(line, "utf-8")
    with pytest.raises(ValueError) as problem:
        read_traits(tmp_path / "traits.toml")
    assert words in str(problem.value)
