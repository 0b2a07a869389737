from __future__ import annotations

import numpy as np
import pytest

from opendance.engines.previs.marks import marks_of
from opendance.engines.previs.writing import Caption, captions, lettered, written_on
from opendance.plan import Camera, Shot, Subject, Writing


def shot(text: str, *subjects: Subject) -> Shot:
    return Shot(0, 4, text, "street", "day", "clear", "medium", Camera(), subjects)


OPEN = (Writing("OPEN", 0, 4),)


def test_words_stand_on_the_thing_that_bears_them_else_over_the_picture() -> None:
    on_banner = shot("a banner", Subject("🐈", "cat", "cat"), Subject("🪧", "banner", "banner"))
    marks = marks_of(on_banner, 0, {})
    assert written_on(OPEN, on_banner, marks) == {1: "OPEN"}
    assert captions(OPEN, on_banner, marks) == ()
    plain = shot("a cat", Subject("🐈", "cat", "cat"))
    assert [each.text for each in captions(OPEN, plain, marks_of(plain, 0, {}))] == ["OPEN"]
    assert captions((Writing("LATER", 6, 8),), plain, []) == ()


@pytest.mark.parametrize("words", ["OPEN", "开业大吉", "어서 오세요", "いらっしゃいませ", "x" * 500])
def test_letters_of_all_languages_are_drawn_within_the_picture(words: str) -> None:
    picture = np.full((200, 260, 4), 255, np.uint8)
    written = lettered(picture, words)
    inked = (written[..., :3].max(axis=2) < 128).sum()
    assert 60 < inked < 0.5 * 200 * 260
    assert (written[0] == 255).all()


def test_a_caption_is_written_into_the_lower_part_alone() -> None:
    planes = (np.full((180, 320), 60, np.uint8), np.full((90, 160), 90, np.uint8), np.full((90, 160), 90, np.uint8))
    Caption("The end 终", (320, 180)).draw(planes)
    assert planes[0][:120].max() == 60
    assert planes[0].max() > 200
    assert planes[1].max() > 110
