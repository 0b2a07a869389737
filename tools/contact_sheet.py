"""A contact sheet of the drawings, to be looked at: `make drawings`, or `python -m tools.contact_sheet [file or name]`.

Pictures go to `out/drawings/`, forty drawings each. With `--numbers` a number stands in the place of the name, with
`--lit` each is a body in the light of an afternoon, and with `--emoji` those of the packages are shown.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

from opendance.drawings.emoji_table import read_table
from opendance.drawings.library import words_for
from opendance.drawings.own import own_drawings, read_drawings
from opendance.engines.previs.colour import light_for
from opendance.engines.previs.inflating import inflate
from opendance.engines.previs.subjects import raster

_CELL, _COLUMNS, _ROWS = 180, 8, 5
_FOLDER = Path("out/drawings")


def _cell(name: str, words: str, *, lit: bool) -> np.ndarray:
    cell = np.full((_CELL, _CELL, 3), 214, np.uint8)
    room = _CELL - 34
    picture = raster(name, room - 20 if lit else room)
    if lit:
        picture = inflate(picture, light_for("golden", "clear", "natural", "field"), (-0.8, -0.7), depth=1.0)
    rows, columns = picture.shape[:2]
    top, left = 8 + (room - rows) // 2, (_CELL - columns) // 2
    part = cell[top : top + rows, left : left + columns]
    cover = picture[..., 3:].astype(np.float32) / 255
    part[:] = (part * (1 - cover) + picture[..., 2::-1]).astype(np.uint8)
    cv2.putText(cell, words[:26], (5, _CELL - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (30, 30, 30), 1, cv2.LINE_AA)
    return cell


def main() -> None:
    wishes = [word for word in sys.argv[1:] if not word.startswith("-")]
    names = list(own_drawings())
    if "--emoji" in sys.argv:
        names = [emoji for emoji in read_table() if not wishes or emoji in wishes]
    elif wishes:
        files = {Path(wish).stem for wish in wishes}
        folder = Path(sys.modules[read_drawings.__module__].__file__ or "").parent / "own"
        in_files = {name for each in files for name in _names_in(folder / f"{each}.toml")}
        names = [name for name in names if name in in_files or name in wishes]
    _FOLDER.mkdir(parents=True, exist_ok=True)
    for first in range(0, len(names), _COLUMNS * _ROWS):
        sheet = np.full((_ROWS * _CELL, _COLUMNS * _CELL, 3), 255, np.uint8)
        for place, name in enumerate(names[first : first + _COLUMNS * _ROWS]):
            y, x = divmod(place, _COLUMNS)
            words = str(first + place) if "--numbers" in sys.argv else words_for(name)
            sheet[y * _CELL : (y + 1) * _CELL, x * _CELL : (x + 1) * _CELL] = _cell(
                name, words, lit="--lit" in sys.argv
            )
        file = _FOLDER / f"sheet-{first // (_COLUMNS * _ROWS) + 1:02d}.png"
        cv2.imwrite(str(file), sheet)
        print(file)


def _names_in(file: Path) -> list[str]:
    if not file.is_file():
        return []
    lines = file.read_text("utf-8").splitlines()
    return [line[1:-1] for line in lines if line.startswith("[") and line.endswith("]")]


if __name__ == "__main__":
    main()
