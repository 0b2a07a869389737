"""The upper sides of tables: drawings show tables from the side, and what is put on one stands on a plane."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from opendance.engines.previs.blocking import Spot
from opendance.engines.previs.materials import RECIPES
from opendance.engines.previs.paint import Canvas, noise, repeated
from opendance.engines.previs.plates import Placement, Plate
from opendance.engines.previs.scenery.ground import FilmSet
from opendance.engines.previs.subjects import Bytes
from opendance.plan import Material

Floats = npt.NDArray[np.float32]
_DEEP = 0.9  # how deep a table is, over its height
_FOCAL = 1.2  # picture heights: what a metre is at depth 1, over that, is a metre of depth
_FLAT, _UPPER = 0.95, 0.4  # of the width, that an edge takes at least; of the height, above which it is: what is drawn
# on a kitchen counter rises over its edge.
_LEAST = 0.012  # picture heights from front to back: less is an edge
_STANDS = 0.42  # where things stand, from the front to the back
_LIGHTER, _GRAIN = 0.08, 0.10  # of its brightness: towards the back, and by its grain
_PATTERN, _SEED = 192, 5  # px of the texture's sides, each as long as the table is high; it is the same each time


@dataclass(frozen=True)
class Top:
    """The upper side of a table.

    Attributes:
        plate: as it is seen.
        front, foot: y of its front edge and of what stands on it, picture heights.
    """

    plate: Plate
    front: float
    foot: float


def top_of(
    picture: Bytes,
    plate: Plate,
    motion: Callable[[float], Placement],
    spot: Spot,
    film_set: FilmSet,
    material: Material | None,
) -> Top | None:
    """The upper side of a table, None where it has no flat one, or where the camera is not above it.

    Args:
        picture: (h, w, 4), as it is drawn; plate: its plate.
    """
    edge = _edge(picture)
    if edge is None:
        return None
    row, left, right = edge
    front = plate.top + row / plate.density
    rise = front - film_set.horizon
    far = 1 + _DEEP * spot.height / _FOCAL  # how much farther the back is than the front
    back = film_set.horizon + rise / far
    if front - back < _LEAST:
        return None
    left, right = (plate.left + column / plate.density for column in (left, right))
    seen = film_set.canvas(spot.depth, top=back, bottom=front)
    ends = seen.left + seen.width / seen.density
    if min(right, ends) - max(left, seen.left) < _LEAST:
        return None
    canvas = Canvas((max(left, seen.left), back, min(right, ends), front), seen.density)
    farther = (rise / np.maximum(canvas.ys - film_set.horizon, rise / far))[:, None]
    across = canvas.xs[None, :] * farther
    reach = canvas.density / farther
    cover = np.clip((across - left) * reach + 0.5, 0, 1) * np.clip((right - across) * reach + 0.5, 0, 1)
    deep = (farther - 1) / (far - 1)
    grain = repeated(_texture(material), deep * _DEEP * _PATTERN, across / spot.height * _PATTERN)
    bright = (1 + _LIGHTER * deep) * (1 + grain)
    *colour, alpha = _colour(picture, row)
    colours = np.minimum(np.array(colour) * bright[..., None], alpha)
    canvas.rgba[..., :3] = colours * cover[..., None] + 0.5
    canvas.rgba[..., 3] = cover * alpha + 0.5
    shown = Plate(
        canvas.pixels(), canvas.left, canvas.top, canvas.density, spot.depth - 0.0005, anchor=plate.anchor,
        motion=motion,
    )  # fmt: skip
    return Top(shown, front, front - _STANDS * (front - back))


def _edge(picture: Bytes) -> tuple[int, int, int] | None:
    """Row of the front edge of a flat upper side, and its first and last column."""
    solid = _is_solid(picture)
    rows = np.flatnonzero(solid.any(axis=1))
    if not rows.size:
        return None
    first, tall = int(rows[0]), int(rows[-1]) + 1 - int(rows[0])
    upper = solid[first : first + max(2, round(_UPPER * tall))]
    wide = np.flatnonzero(upper.sum(axis=1) >= _FLAT * solid.any(axis=0).sum())
    if not wide.size:
        return None
    row = first + int(wide[0])
    columns = np.flatnonzero(solid[row])
    return row, int(columns[0]), int(columns[-1]) + 1


def _texture(material: Material | None) -> Floats:
    """(h, w): by how much of its brightness each place of a surface is lighter."""
    rng = np.random.default_rng(_SEED)
    recipe = None if material is None else RECIPES[material]
    if recipe is None or recipe.pattern is None:
        return np.asarray((noise(_PATTERN, _PATTERN, rng, base=6) - 0.5) * _GRAIN, np.float32)
    return recipe.pattern(_PATTERN, _PATTERN, rng) * np.float32(recipe.strength)


def _colour(picture: Bytes, row: int) -> Floats:
    """(4,) of the upper side, premultiplied, as far as the drawing shows it around its edge; ice lets light through."""
    around = max(1, picture.shape[0] // 50)
    strip = picture[max(0, row - around) : row + around + 1]
    return np.asarray(np.median(strip[_is_solid(strip)], axis=0), np.float32)


def _is_solid(picture: Bytes) -> npt.NDArray[np.bool_]:
    """(h, w) whether a pixel is of the table, and no air or edge."""
    return picture[..., 3] > 128
