"""Prompts where the build left the tables of words out: the lexicon alone is known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from opendance.packing.words import CHINESE, ENGLISH
from opendance.prompt import chinese_words, english_words, glosses, plan_prompt

_CACHES = (
    english_words._lines, english_words.english_word, english_words.uses_of, chinese_words.chinese_words,
    chinese_words.split_words, glosses._lines, glosses.gloss_of,
)  # fmt: skip


@pytest.fixture(autouse=True)
def without_tables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(english_words, "_TABLE", tmp_path / ENGLISH)
        patch.setattr(chinese_words, "_TABLE", tmp_path / CHINESE)
        patch.setattr(glosses, "FOLDER", tmp_path)
        for cached in _CACHES:
            cached.cache_clear()
        yield
    for cached in _CACHES:
        cached.cache_clear()


def test_no_table_has_a_word() -> None:
    assert (english_words.num_english_words(), chinese_words.num_chinese_words()) == (0, 0)
    assert english_words.english_word("dog") is None
    assert english_words.uses_of("ran") == ()
    assert glosses.num_glosses("ja") == 0
    assert glosses.gloss_of("足軽", "ja") is None


@pytest.mark.parametrize("prompt", ["A dog runs on a beach", "一只狗在沙滩上奔跑"])
def test_what_the_lexicon_has_is_understood(prompt: str) -> None:
    shot = plan_prompt(prompt, seconds=4, aspect_ratio="16:9").shots[0]
    assert [(subject.name, subject.action) for subject in shot.subjects] == [("dog", "run")]


def test_chinese_is_split_by_the_words_of_the_lexicon() -> None:
    assert [word.text for word in chinese_words.split_words("一只狗在沙滩上奔跑")][-1] == "奔跑"


@pytest.mark.parametrize(
    "prompt",
    ["A glazier carries a quern up a ladder", "渔民在船上撒网，旁边有个陀螺仪", "カピバラが走る", "전기 난로가 있다"],
)
def test_words_that_nothing_has_stop_no_plan(prompt: str) -> None:
    assert plan_prompt(prompt, seconds=4, aspect_ratio="16:9").shots[0].subjects
