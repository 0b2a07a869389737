"""Contact sheets of people, to be looked at: `python -m tools.people_sheet`; all looks, all actions, walk and run.

Pictures go to `out/people/`. With the name of a role, the actions are done by that one.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from opendance.engines.previs.people import Look, View, actions, look_for, rig, roles

Bytes = npt.NDArray[np.uint8]
_FOLDER = Path("out/people")
_WIDTH, _HEIGHT, _COLUMNS = 170, 240, 11
_FIGURE = 180  # px


def _cell(picture: Bytes, words: str) -> Bytes:
    cell = np.full((_HEIGHT, _WIDTH, 3), 214, np.uint8)
    room = _HEIGHT - 18
    scale = min(1.0, room / picture.shape[0], (_WIDTH - 4) / picture.shape[1])
    small = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    rows, columns = small.shape[:2]
    top, left = room - rows, (_WIDTH - columns) // 2
    part = cell[top:room, left : left + columns]
    cover = small[..., 3:].astype(np.float32) / 255
    part[:] = (part * (1 - cover) + small[..., :3]).clip(0, 255).astype(np.uint8)
    cv2.putText(cell, words[:24], (4, _HEIGHT - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (30, 30, 30), 1, cv2.LINE_AA)
    return cell


def _save(cells: list[Bytes], name: str) -> None:
    rows = -(-len(cells) // _COLUMNS)
    sheet = np.full((rows * _HEIGHT, _COLUMNS * _WIDTH, 3), 255, np.uint8)
    for k, cell in enumerate(cells):
        y, x = divmod(k, _COLUMNS)
        sheet[y * _HEIGHT : (y + 1) * _HEIGHT, x * _WIDTH : (x + 1) * _WIDTH] = cell
    file = _FOLDER / f"{name}.png"
    cv2.imwrite(str(file), sheet[..., ::-1])
    print(file)


def _posing(look: Look) -> Bytes:
    action = look.does if look.does != "stand" else "hold" if look.holds else "stand"
    view: View = "three_quarter" if action in ("stand", "hold") else actions()[action].view
    return rig(look, view, action, _FIGURE).pictures[0]


def main() -> None:
    _FOLDER.mkdir(parents=True, exist_ok=True)
    looks = [(name, look_for(name, seed=k)) for k, name in enumerate(roles())]
    for first in range(0, len(looks), 66):
        _save([_cell(_posing(look), name) for name, look in looks[first : first + 66]], f"looks-{first // 66 + 1}")
    who = look_for(sys.argv[1] if len(sys.argv) > 1 else "fisherman")
    done = [(name, rig(who, action.view, name, _FIGURE)) for name, action in actions().items()]
    _save([_cell(of.pictures[len(of.steps) // 2], name) for name, of in done], "actions")
    strips = [rig(look_for("woman"), "side", name, _FIGURE).pictures for name in ("walk", "run", "dance")]
    _save(
        [_cell(picture, str(k)) for strip in strips for k, picture in enumerate((*strip, *strip)[:_COLUMNS])], "gaits"
    )


if __name__ == "__main__":
    main()
