from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from opendance.engines.previs.places.sets import sets
from opendance.engines.previs.sound.score import read_pieces
from opendance.engines.previs.traits import drawing_svg
from opendance.prompt.lexicon import lexicon
from opendance.prompt.roles import read_cues
from opendance.prompt.word_tables import read_film_words, read_subjects
from tests.drawings.packages import needs_packages

WORDS = 'en = ["a"]\nzh = ["b"]\nko = ["c"]\nja = ["d"]\n'


def test_subjects_carry_what_is_known_of_them() -> None:
    drawings = lexicon().drawings
    assert drawings["🐈"].face == "🐱"
    assert drawings["👽"].setting == "space"
    assert drawings["👩"].poses == {"run": "🏃", "swim": "🏊", "sail": "🚣", "dance": "💃"}
    assert {
        emoji for emoji, drawing in drawings.items() if drawing.tall and drawing.own is None and drawing.role is None
    } == set("🚀🏃💃🚶🌳🦒🗼")


def test_an_entry_without_words_tells_more_of_one_of_unicodes_emoji() -> None:
    walking = lexicon().drawings["🚶"]
    assert (walking.name, walking.kind, walking.tall) == ("person walking", "person", True)


@needs_packages
def test_everything_that_the_prompt_may_show_can_be_drawn() -> None:
    for drawing in lexicon().drawings.values():
        for emoji in (drawing.emoji, drawing.face, *drawing.poses.values()):
            assert emoji is None or drawing_svg(emoji)


def test_every_piece_of_music_that_a_prompt_may_name_can_be_played() -> None:
    assert set(read_film_words()["music"]) <= set(read_pieces())


@pytest.mark.parametrize(
    ("read", "text", "words"),
    [
        (read_film_words, f"[move.pushin]\n{WORDS}", "table.toml: [move.pushin]: move has no such value: static, push_in"),
        (read_film_words, f"[moves.push_in]\n{WORDS}", "table.toml: [moves]: there is no such category: setting, hour"),
        (read_film_words, f'[hour.day]\n{WORDS}fr = ["e"]', "table.toml: hour.day.fr: is not taken here"),
        (read_film_words, '[hour.day]\nen = ["a"]', "table.toml: hour.day.zh: is required"),
        (read_subjects, '"🐈" = { kind = "animla", en = ["cat"] }', "table.toml: 🐈.kind: 'animla' is not possible"),
        (read_subjects, '"🐈" = { kind = "animal", fase = "🐱" }', "table.toml: 🐈.fase: is not taken here"),
        (read_subjects, '"🐈" = { kind = "animal", poses = { rum = "🏃" } }', "table.toml: 🐈.poses.rum"),
        (read_subjects, '"🐈" = { en = ["cat"] }', "table.toml: 🐈: a subject of ours has both a kind and English words"),
        (read_subjects, "eagel = { tall = true }", "table.toml: eagel: it has no words, and Unicode has no such subject"),
        (read_cues, f"[image.firstframe]\n{WORDS}", "table.toml: image.firstframe"),
        (read_cues, f"[picture.subject]\n{WORDS}", "table.toml: picture"),
        (read_cues, '[image.subject]\nen = ["("]\nzh = []\nko = []\nja = []', "table.toml: [image.subject]: no regular "),
    ],
)  # fmt: skip
def test_a_slip_of_the_pen_is_told_with_its_file_and_key(
    read: Callable[[Path], object], text: str, words: str, tmp_path: Path
) -> None:
    (tmp_path / "table.toml").write_text(text, "utf-8")
    with pytest.raises(ValueError) as problem:
        read(tmp_path / "table.toml")
    assert str(problem.value).startswith(words)


def test_a_place_without_a_set_of_its_own_has_that_of_one_like_it() -> None:
    assert sets()["bakery"] == sets()["cafe"]
    assert set(sets()) <= set(lexicon().places)
