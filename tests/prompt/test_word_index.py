"""Which of many words stands first in a text."""

from __future__ import annotations

import pytest

from opendance.prompt.word_index import WordIndex

INDEX = WordIndex({"cat", "cats", "fire engine", "fire", "눈", "눈사람", "火", "火山"})


@pytest.mark.parametrize(
    ("text", "word", "begin"),
    [
        ("two cats", "cats", 4), ("a fire engine", "fire engine", 2), ("a fire engines", "fire", 2), ("concatenate a cat", "cat", 14),
        ("큰 눈사람", "눈사람", 2), ("活火山", "火山", 1),
    ],
)  # fmt: skip
def test_the_longest_whole_word_is_found(text: str, word: str, begin: int) -> None:
    assert INDEX.next(text, 0) == (begin, word)


def test_a_text_without_any_of_the_words_has_none() -> None:
    assert INDEX.next("catalogue firewood", 0) is None
    assert INDEX.next("", 0) is None
    assert INDEX.next("cat", 1) is None
