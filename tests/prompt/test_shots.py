from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendance.prompt.shots import split_shots


@pytest.mark.parametrize(
    ("prompt", "times"),
    [
        ("a cat", [(0, 8)]),
        ("[0-3s] a cat [3-8s] a dog", [(0, 3), (3, 8)]),
        ("[0s - 3s]: a cat. [3s - 8s]: a dog", [(0, 3), (3, 8)]),
        ("（0-2秒）猫 （2-5秒）狗 （5-8秒）鸟", [(0, 2), (2, 5), (5, 8)]),
        ("0-4초: 고양이, 4-8초: 강아지", [(0, 4), (4, 8)]),
        ("00:00-00:05 is ignored without brackets", [(0, 8)]),
        ("[00:00-00:05] a cat [00:05-00:08] a dog", [(0, 5), (5, 8)]),
        ("[0-5s] a cat [5-10s] a dog", [(0, 4), (4, 8)]),
        ("Shot 1: a cat. Shot 2: a dog.", [(0, 4), (4, 8)]),
        ("镜头1：猫。镜头2：狗。", [(0, 4), (4, 8)]),
        ("a cat, then cut to a dog", [(0, 4), (4, 8)]),
        ("一只猫，切到一只狗", [(0, 4), (4, 8)]),
        ("고양이, 컷 투 강아지", [(0, 4), (4, 8)]),
        ("猫がいる。カットして犬", [(0, 4), (4, 8)]),
    ],
)
def test_shots_are_told_by_times_numbers_and_cuts(prompt: str, times: list[tuple[float, float]]) -> None:
    assert [(round(s.start, 3), round(s.end, 3)) for s in split_shots(prompt, 8)] == times


@given(st.text(alphabet="[]0123456789-s秒: cut to shotcat,。", max_size=80), st.integers(4, 15))
def test_shots_cover_the_clip_without_gaps(prompt: str, seconds: int) -> None:
    shots = split_shots(prompt or "x", seconds)
    assert shots[0].start == 0
    assert shots[-1].end == pytest.approx(seconds)
    for before, after in pairwise(shots):
        assert before.end == pytest.approx(after.start)
        assert before.end > before.start
