"""Our own drawings: each can be drawn, fills its box, and its real size is no absurdity."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
import resvg_py

from opendance.drawings.own import OwnDrawing, own_drawings, read_drawings

# m, of the smallest and the largest that there is of a kind.
SIZES = {
    "animal": (0.02, 12.0), "bird": (0.03, 3.0), "fish": (0.02, 30.0), "person": (0.4, 4.0), "vehicle": (0.4, 12.0),
    "boat": (0.5, 80.0), "aircraft": (0.2, 120.0), "plant": (0.02, 60.0), "instrument": (0.02, 3.0),
    "building": (0.5, 900.0), "furniture": (0.1, 4.0), "clothing": (0.05, 2.0), "headgear": (0.02, 0.7),
    "tool": (0.01, 4.0), "weapon": (0.05, 4.0), "food": (0.005, 1.2), "drink": (0.03, 0.6), "machine": (0.02, 60.0),
    "nature": (0.01, 2000.0), "toy": (0.02, 3.0), "sport": (0.02, 6.0), "thing": (0.005, 60.0),
}  # fmt: skip


def picture(drawing: OwnDrawing) -> np.ndarray:
    png = resvg_py.svg_to_bytes(svg_string=drawing.document(), width=120, skip_system_fonts=True)
    return np.asarray(cv2.imdecode(np.array(bytearray(png), np.uint8), cv2.IMREAD_UNCHANGED))


def problem_of(drawing: OwnDrawing) -> str | None:
    smallest, largest = SIZES[drawing.kind]
    if not smallest <= drawing.height <= largest:
        return f"{drawing.height:g} m high, where a {drawing.kind} has {smallest:g} to {largest:g} m"
    seen = picture(drawing)[..., 3] > 40
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not rows.size:
        return "nothing is seen of it"
    if rows[0] > 0.08 * seen.shape[0] or rows[-1] < 0.92 * seen.shape[0] - 1:
        return f"it fills the rows {rows[0]} to {rows[-1]} of {seen.shape[0]}"
    if columns[0] > 0.1 * seen.shape[1] or columns[-1] < 0.9 * seen.shape[1] - 1:
        return f"it fills the columns {columns[0]} to {columns[-1]} of {seen.shape[1]}"
    if "<text" in drawing.svg or "href" in drawing.svg:
        return "it has text, or points at something outside"
    return None


def test_each_drawing_fills_its_box_and_has_a_real_size() -> None:
    problems = {name: found for name, drawing in own_drawings().items() if (found := problem_of(drawing))}
    assert not problems


def test_no_drawing_is_another_one_in_other_colours() -> None:
    shapes: dict[str, str] = {}
    for name, drawing in own_drawings().items():
        shape = re.sub(r"""(fill|stroke|stop-color)=["'][^"']*["']""", "", drawing.svg)
        assert shape not in shapes, f"{name} has the shapes of {shapes[shape]}"
        shapes[shape] = name


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("anchors = { hand = [50, 5] }", "hand lies at 50, 5, outside of the box of 10 x 10"),
        ('parts = { wheel = { movement = "spin", pivot = [5, 5] } }', "its part wheel has no group in the SVG"),
        ('colour = ["#ff0000"]', "its colour #ff0000 is not in the SVG"),
        ("weight = 3", "weight"),
    ],
)
def test_a_slip_of_the_pen_is_told_with_its_place(line: str, problem: str, tmp_path: Path) -> None:
    words = "\n".join(f'{language} = ["x"]' for language in ("en", "zh", "ko", "ja"))
    svg = '<rect width="10" height="10" fill="#00ff00"/>'
    table = f"[thing]\nkind = 'thing'\n{words}\nheight = 1\nbox = [10, 10]\nsvg = '{svg}'\n{line}\n"
    (tmp_path / "things.toml").write_text(table)
    with pytest.raises(ValueError, match=r"things\.toml: thing") as caught:
        read_drawings(tmp_path)
    assert problem.split(": ")[-1] in str(caught.value)
