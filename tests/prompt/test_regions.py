"""Towns, lands and landmarks: told as the words have them, and what they look like."""

from __future__ import annotations

from pathlib import Path

import pytest

from opendance.prompt import plan_prompt
from opendance.prompt.lexicon import lexicon
from opendance.prompt.named_places import read_regions


@pytest.mark.parametrize(
    ("prompt", "region", "place"),
    [
        ("A nun sells fish in Marrakech", "Marrakech", "old_town"), ("冰岛，一个牧人看着天空", "冰岛", "volcano"), ("제주도의 목동이 쉰다", "제주도", "beach"),
        ("サハラで羊飼いが休む", "サハラ", "desert"), ("a nun walks down a wet lisbon alley", "lisbon", "alley"), ("江戸時代の京都、僧が歩く", "江戸時代の京都", "old_town"),
    ],
)  # fmt: skip
def test_a_named_place_is_told_and_looks_like_what_it_is(prompt: str, region: str, place: str) -> None:
    shot = plan_prompt(prompt, seconds=5, aspect_ratio="16:9").shots[0]
    assert (shot.region, shot.place) == (region, place)


@pytest.mark.parametrize("prompt", ["碗里加水", "두리마기를 입은 목동", "a turkey eats corn", "東北虎が走る"])
def test_a_name_within_another_word_is_no_place(prompt: str) -> None:
    assert plan_prompt(prompt, seconds=5, aspect_ratio="16:9").shots[0].region == ""


def test_every_named_place_looks_like_a_place_that_there_is() -> None:
    assert set(read_regions()) - {"land"} <= set(lexicon().places)


def test_a_line_without_all_four_languages_is_told_with_its_file(tmp_path: Path) -> None:
    table = tmp_path / "regions.toml"
    table.write_text('city = ["Atlantis|亚特兰蒂斯"]\n')
    with pytest.raises(ValueError, match=r"regions.toml: 'Atlantis"):
        read_regions(table)
