"""Every drawing that a prompt can bring on stage has a real size, and none that is an absurdity."""

from __future__ import annotations

from pathlib import Path

import pytest

from opendance.drawings.emoji_table import read_table, row_of
from opendance.drawings.library import height_of, name_of
from opendance.prompt.emoji_names import emoji_subjects
from opendance.prompt.lexicon import lexicon
from tests.drawings.test_own import SIZES

# m, where drawings of our own have nothing as small or as large.
EMOJI_SIZES = SIZES | {
    "animal": (0.001, 12.0), "bird": (0.05, 3.0), "clothing": (0.02, 2.0), "weapon": (0.05, 4.0),
    "building": (0.5, 900.0), "aircraft": (0.2, 120.0), "toy": (0.01, 3.0), "person": (0.2, 4.0),
    "vehicle": (0.2, 12.0),
}  # fmt: skip
PLANETS = ("🪐", "🌍")


def test_each_emoji_that_can_be_a_subject_has_a_row() -> None:
    drawings = [d for d in lexicon().drawings.values() if d.drawing is not None and name_of(d.drawing) is not None]
    faces = [d.face for d in drawings if d.face is not None and name_of(d.face) is not None]
    poses = [pose for d in drawings for pose in d.poses.values()]
    known = [char for char, _, _, _ in emoji_subjects()] + [d.drawing or "" for d in drawings] + faces + poses
    assert not [emoji for emoji in known if row_of(emoji) is None]


def test_each_row_is_an_emoji_of_a_real_size() -> None:
    absurd: dict[str, str] = {}
    for emoji, row in read_table().items():
        smallest, largest = EMOJI_SIZES[row.kind] if emoji not in PLANETS else (1e7, 2e8)
        if name_of(emoji) is None:
            absurd[emoji] = "no emoji"
        elif not smallest <= row.height <= largest:
            absurd[emoji] = f"{row.height:g} m, where a {row.kind} has {smallest:g} to {largest:g} m"
        elif row.shows == "head" and row.drawn > 0.65:
            absurd[emoji] = f"its head is {row.drawn:g} of it"
    assert not absurd


def test_things_have_their_order_of_size() -> None:
    order = ["🐜", "🐝", "🐁", "🐈", "🐕", "🐐", "🐎", "🐘", "🦒", "🏠", "⛵", "🚢", "🏰", "🎡", "🗽", "🗼", "🌋", "🌍"]
    heights = [height_of(emoji) or 0 for emoji in order]
    assert heights == sorted(heights)
    assert height_of("👧") < height_of("👩") < height_of("👨")  # type: ignore[operator]
    assert height_of("🚗") < height_of("🚌") < height_of("🚂")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ('{ kind = "animal", height = 1, shows = "head" }', "🐈: shows head, and 1 of it is drawn"),
        ('{ kind = "animal", height = 0 }', "🐈.height: must be greater than 0"),
        ('{ kind = "beast", height = 1 }', "🐈.kind: 'beast' is not possible"),
    ],
)
def test_a_slip_of_the_pen_is_told_with_its_place(row: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "emoji.toml").write_text(f'"🐈" = {row}', "utf-8")
    with pytest.raises(ValueError) as problem:
        read_table(tmp_path / "emoji.toml")
    assert words in str(problem.value)
