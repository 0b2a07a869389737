"""A picture drawn through a mesh: every node says where in the picture it looks; between nodes it is even."""

from __future__ import annotations

import numpy as np

from opendance.engines.previs.jit import compiled
from opendance.engines.previs.lanes import ALPHA, EIGHT, FULL, MASK, ONE, SEVEN, ZERO, Packed, Pixels, tap
from opendance.engines.previs.photo.vision import Floats

CELL = 8  # px between two nodes


def nodes(width: int, height: int) -> tuple[Floats, Floats]:
    """x and y of the nodes of a frame, px, (rows, columns); the last reach over the edge."""
    columns, rows = (width + CELL - 1) // CELL + 1, (height + CELL - 1) // CELL + 1
    x, y = np.meshgrid(
        np.arange(columns, dtype=np.float32) * CELL, np.arange(rows, dtype=np.float32) * CELL, indexing="xy"
    )
    return x, y


@compiled
def draw_mesh(frame: Pixels, picture: Packed, u: Floats, v: Floats, opacity: int, solid: bool) -> None:
    """Lay `picture` over `frame`, pixel centres at whole numbers.

    Args:
        u, v: (rows, columns) place in the picture of each node, px.
        opacity: 0 to 256.
        solid: the picture hides all behind it; places over its edge show the edge. Otherwise they show nothing.
    """
    height, width = frame.shape
    rows_in, columns_in = picture.shape
    most_u, most_v = np.int64((columns_in - 1) * 65536 - 66), np.int64((rows_in - 1) * 65536 - 66)
    fade = np.uint64(opacity)
    step = np.float32(1.0 / CELL)
    for y in range(height):
        gy = y // CELL
        fy = np.float32(y - gy * CELL) * step
        line = frame[y]
        for gx in range((width + CELL - 1) // CELL):
            ul = u[gy, gx] + (u[gy + 1, gx] - u[gy, gx]) * fy
            ur = u[gy, gx + 1] + (u[gy + 1, gx + 1] - u[gy, gx + 1]) * fy
            vl = v[gy, gx] + (v[gy + 1, gx] - v[gy, gx]) * fy
            vr = v[gy, gx + 1] + (v[gy + 1, gx + 1] - v[gy, gx + 1]) * fy
            if not solid and (
                (ul < 0 and ur < 0)
                or (vl < 0 and vr < 0)
                or (ul > columns_in and ur > columns_in)
                or (vl > rows_in and vr > rows_in)
            ):
                continue
            ui, su = np.int64(ul * 65536.0 + 0.5), np.int64((ur - ul) * (65536.0 / CELL))
            vi, sv = np.int64(vl * 65536.0 + 0.5), np.int64((vr - vl) * (65536.0 / CELL))
            for x in range(gx * CELL, min(width, (gx + 1) * CELL)):
                uu, vv = ui, vi
                ui += su
                vi += sv
                if uu < 0 or uu > most_u or vv < 0 or vv > most_v:
                    if not solid:
                        continue
                    uu, vv = min(max(uu, np.int64(0)), most_u), min(max(vv, np.int64(0)), most_v)
                c, r = np.uint64(uu >> 16), np.uint64(vv >> 16)
                fu, fv = np.uint64((uu >> 8) & 255), np.uint64((vv >> 8) & 255)
                p = tap(picture, r, c, fu, fv)
                if fade != ONE:
                    p = ((p * fade) >> EIGHT) & MASK
                alpha = p >> ALPHA
                if alpha == FULL:
                    line[x] = p
                elif p != ZERO:
                    line[x] = p + (((line[x] * (ONE - alpha - (alpha >> SEVEN))) >> EIGHT) & MASK)


@compiled
def apply_gain(frame: Pixels, gain: Floats) -> None:
    """Brighten or darken a frame by a mesh of gains, (rows, columns, 3), 1 leaves it."""
    height, width = frame.shape
    step = np.float32(1.0 / CELL)
    for y in range(height):
        gy = y // CELL
        fy = np.float32(y - gy * CELL) * step
        for gx in range((width + CELL - 1) // CELL):
            for x in range(gx * CELL, min(width, (gx + 1) * CELL)):
                fx = np.float32(x - gx * CELL) * step
                p = frame[y, x]
                out = p & np.uint64(0x00FF000000000000)
                for c in range(3):
                    top = gain[gy, gx, c] + (gain[gy, gx + 1, c] - gain[gy, gx, c]) * fx
                    low = gain[gy + 1, gx, c] + (gain[gy + 1, gx + 1, c] - gain[gy + 1, gx, c]) * fx
                    value = np.float32((p >> np.uint64(16 * c)) & np.uint64(255)) * (top + (low - top) * fy)
                    out |= np.uint64(
                        min(np.float32(255.0), max(np.float32(0.0), value + np.float32(0.5)))
                    ) << np.uint64(16 * c)
                frame[y, x] = out


@compiled
def blend_frames(frame: Pixels, other: Pixels, weight: Floats) -> None:
    """Mix `other` into `frame` by a mesh of weights, (rows, columns), 0 to 1."""
    height, width = frame.shape
    step = np.float32(1.0 / CELL)
    for y in range(height):
        gy = y // CELL
        fy = np.float32(y - gy * CELL) * step
        for gx in range((width + CELL - 1) // CELL):
            left = weight[gy, gx] + (weight[gy + 1, gx] - weight[gy, gx]) * fy
            right = weight[gy, gx + 1] + (weight[gy + 1, gx + 1] - weight[gy, gx + 1]) * fy
            for x in range(gx * CELL, min(width, (gx + 1) * CELL)):
                share = np.uint64(min(256.0, max(0.0, (left + (right - left) * (x - gx * CELL) * step) * 256.0 + 0.5)))
                frame[y, x] = ((frame[y, x] * (ONE - share) + other[y, x] * share) >> EIGHT) & MASK
