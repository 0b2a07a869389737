"""A pixel: a uint64 with four 16-bit lanes (red, green, blue, alpha; premultiplied, 0 to 255).

One multiplication weighs all four channels, which makes a bilinear tap three times as fast as channel by channel.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from opendance.engines.previs.jit import inlined

Pixels = npt.NDArray[np.uint64]  # (height, width)

MASK = np.uint64(0x00FF00FF00FF00FF)
ONES = np.uint64(0x0001000100010001)
FULL = np.uint64(255)
ONE = np.uint64(256)
EIGHT = np.uint64(8)
SEVEN = np.uint64(7)
ALPHA = np.uint64(48)
ZERO = np.uint64(0)
UNIT = np.uint64(1)
TWO = np.uint64(2)


def pack(rgba: npt.NDArray[np.uint8]) -> Pixels:
    """(h, w, 4) uint8, premultiplied, to (h, w) lanes."""
    return np.ascontiguousarray(rgba).astype(np.uint16).view(np.uint64)[..., 0]


def seen_box(pictures: Sequence[npt.NDArray[np.uint8]]) -> tuple[slice, slice]:
    """The rows and columns of pictures (h, w, 4) of one size that any of them has something in, and one more around."""
    rows, columns = (
        np.flatnonzero(np.any([picture[..., 3].any(axis=axis) for picture in pictures], axis=0)) for axis in (1, 0)
    )
    height, width = pictures[0].shape[:2]
    if not rows.size:
        return slice(0, height), slice(0, width)
    down = slice(max(0, int(rows[0]) - 1), min(height, int(rows[-1]) + 2))
    return down, slice(max(0, int(columns[0]) - 1), min(width, int(columns[-1]) + 2))


@inlined
def tap(picture: Pixels, row: np.uint64, column: np.uint64, right: np.uint64, down: np.uint64) -> np.uint64:
    """The pixel of `picture` between (row, column) and its neighbours; `right` and `down` in 1/256 px."""
    both = (right * down) >> EIGHT
    return (
        (
            picture[row, column] * (ONE - right - down + both)
            + picture[row, column + UNIT] * (right - both)
            + picture[row + UNIT, column] * (down - both)
            + picture[row + UNIT, column + UNIT] * both
        )
        >> EIGHT
    ) & MASK
