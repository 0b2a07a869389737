"""Drawings that dress a set: each lit, in its true size, far ones in the haze; those of one depth on one canvas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from opendance.drawings.own import own_drawings
from opendance.engines.previs.inflating import inflate
from opendance.engines.previs.paint import Bytes, Canvas
from opendance.engines.previs.scenery.ground import FilmSet
from opendance.engines.previs.subjects import raster

_PIXELS = (16, 900)  # height of a drawing, least and most
_LARGEST = 1.1  # picture heights; a house next to the camera is cut by the frame


@dataclass(frozen=True)
class Piece:
    """A drawing somewhere in a set.

    Attributes:
        name: of the drawing.
        x: of its middle, in half widths of what is seen at its depth: -1 is the left edge.
        depth: 1 is the principal's.
        up: how far its foot is over the ground, m: of what hangs or stands on something.
        height: m; that of the drawing where it is not given.
        mirrored: it looks the other way than it is drawn.
    """

    name: str
    x: float
    depth: float
    up: float = 0.0
    height: float | None = None
    mirrored: bool = False


def dress(film_set: FilmSet, pieces: Sequence[Piece], metre: float) -> None:
    """Add the pieces, from far to near, as one plate for each depth.

    Args:
        metre: picture heights of a metre at depth 1.
    """
    for depth in sorted({piece.depth for piece in pieces}, reverse=True):
        here = [piece for piece in pieces if piece.depth == depth]
        _add(film_set, here, depth, metre)


def _add(film_set: FilmSet, pieces: Sequence[Piece], depth: float, metre: float) -> None:
    foot = film_set.foot(depth)
    heights = [min(_LARGEST, _metres(piece) * metre / depth) for piece in pieces]
    tops = [foot - piece.up * metre / depth - height for piece, height in zip(pieces, heights, strict=True)]
    canvas = film_set.canvas(depth, top=min(tops) - 0.03, bottom=foot + 0.04)
    half = canvas.width / canvas.density / 2
    middle = canvas.left + half
    seen = min(half, film_set.aspect / 2 * 1.12)
    for piece, height in zip(pieces, heights, strict=True):
        x = middle + piece.x * seen
        bottom = foot - piece.up * metre / depth
        _shade_under(canvas, x, bottom, height, grounded=piece.up == 0)
        lay(canvas, lit_drawing(film_set, piece, height, x, bottom, depth), x, bottom, height)
    film_set.add(canvas, depth)


def _metres(piece: Piece) -> float:
    return piece.height or own_drawings()[piece.name].height


def lit_drawing(film_set: FilmSet, piece: Piece, height: float, x: float, bottom: float, depth: float) -> Bytes:
    """The drawing in the light of the set, (h, w, 4), with the margin that `inflate` adds."""
    pixels = int(np.clip(height * film_set.resolution * film_set.detail, *_PIXELS))
    picture = raster(piece.name, pixels)
    if piece.mirrored:
        picture = np.ascontiguousarray(picture[:, ::-1])
    towards = (film_set.sun[0] - x, film_set.sun[1] - (bottom - height / 2))
    return inflate(picture, film_set.light, towards, depth=depth)


def _shade_under(canvas: Canvas, x: float, foot: float, height: float, *, grounded: bool) -> None:
    """A soft dark place on the ground; without it a thing seems to hover."""
    if grounded:
        away = ((canvas.xs[None, :] - x) / (height * 0.5)) ** 2 + ((canvas.ys[:, None] - foot) / (height * 0.05)) ** 2
        canvas.blend((0.05, 0.05, 0.08), (np.exp(-away) * 0.30).astype(np.float32))


def lay(canvas: Canvas, picture: Bytes, x: float, bottom: float, height: float, margin: int = 10) -> None:
    """Put a picture on a canvas: its foot at `bottom`, `height` picture heights high without its margin."""
    scale = height * canvas.density / max(1, picture.shape[0] - 2 * margin)
    shape = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    fitted = np.asarray(cv2.resize(picture, shape, interpolation=how), np.uint8)
    left = round(canvas.px(x) - shape[0] / 2)
    top = round(canvas.py(bottom) - shape[1] + margin * scale)
    y0, y1 = max(0, top), min(canvas.height, top + shape[1])
    x0, x1 = max(0, left), min(canvas.width, left + shape[0])
    if y0 >= y1 or x0 >= x1:
        return
    part = fitted[y0 - top : y1 - top, x0 - left : x1 - left].astype(np.float32)
    behind = canvas.rgba[y0:y1, x0:x1].astype(np.float32)
    canvas.rgba[y0:y1, x0:x1] = np.minimum(behind * (1 - part[..., 3:] / 255) + part + 0.5, 255).astype(np.uint8)
