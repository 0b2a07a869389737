from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import pytest
from pydantic import ConfigDict, TypeAdapter

from opendance.typed_toml import read_toml


@dataclass(frozen=True)
class Row:
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    colour: tuple[int, int, int] = (0, 0, 0)
    faces: Literal["left", "right"] = "left"
    flies: bool = False


SHAPE = TypeAdapter(dict[str, Row])


def read(folder: Path, text: str) -> dict[str, Row]:
    (folder / "table.toml").write_text(text)
    return read_toml(folder / "table.toml", SHAPE)


def test_a_table_is_read_as_its_shape(tmp_path: Path) -> None:
    rows = read(tmp_path, 'bird = { colour = [1, 2, 3], flies = true }\n[cat]\nfaces = "right"')
    assert rows == {"bird": Row((1, 2, 3), flies=True), "cat": Row(faces="right")}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('cat = { face = "left" }', "table.toml: cat.face: is not taken here"),
        ('cat = { faces = "up" }', "table.toml: cat.faces: 'up' is not possible; choose left or right"),
        ('cat = { flies = "true" }', "table.toml: cat.flies: must be true or false, not 'true'"),
        ("cat = { colour = [1, 2] }", "table.toml: cat.colour[2]: is required"),
        ("cat = {", "table.toml: "),
    ],
)
def test_what_is_wrong_in_it_is_told_with_file_and_key(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ValueError) as problem:
        read(tmp_path, text)
    assert str(problem.value).startswith(words)
