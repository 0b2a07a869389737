"""Which of many words stands first in a text."""

from __future__ import annotations

import pytest

from opendance.prompt.word_finder import WordFinder

FINDER = WordFinder({"cat", "cats", "fire engine", "fire"}, {"눈", "눈사람", "火", "火山"})


@pytest.mark.parametrize(
    ("text", "word", "begin"),
    [
        ("two cats", "cats", 4), ("a fire engine", "fire engine", 2), ("a fire engines", "fire", 2), ("concatenate a cat", "cat", 14),
        ("큰 눈사람", "눈사람", 2), ("活火山", "火山", 1),
    ],
)  # fmt: skip
def test_the_longest_whole_word_is_found(text: str, word: str, begin: int) -> None:
    found = FINDER.search(text)
    assert found is not None
    assert (found[0], found.start(), found.end()) == (word, begin, begin + len(word))


def test_a_text_without_any_of_the_words_has_none() -> None:
    assert FINDER.search("catalogue firewood") is None
    assert FINDER.search("") is None
    assert FINDER.search("cat", 1) is None
