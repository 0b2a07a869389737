"""The people in a picture: where their faces are, which are drawn as they are, speak and blink."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from opendance.engines.previs.lanes import Packed, pack
from opendance.engines.previs.photo.expressions import Expressions, Layer, expressions_of, lids_at, mouth_at
from opendance.engines.previs.photo.faces import OVAL, Face
from opendance.engines.previs.photo.vision import Bytes, Floats, cv

Opening = Callable[[float], float]  # how far a mouth is open, 0 to 1, by seconds of the shot

_AROUND = 1.12  # of a face's outline: hair and ears go along with it
_EASED = 0.35  # of a face's height, outside of it: as soft is the way from what is stiff to what bends


@dataclass(frozen=True)
class Person:
    """A face in a picture, and when its mouth is open: None for who says nothing."""

    face: Face
    opens: Opening | None = None


def stiff(people: Sequence[Person], size: tuple[int, int], shape: tuple[int, ...]) -> list[Floats]:
    """Of each face (h, w) 0 to 1: 1 where nothing may bend.

    Args:
        size: of the picture, px; `shape`: of what is given, which covers all of it.
    """
    out: list[Floats] = []
    for person in people:
        scale = np.array([shape[1] / size[0], shape[0] / size[1]], np.float32)
        outline = person.face.points[list(OVAL)]
        centre = outline.mean(axis=0)
        grown = (centre + (outline - centre) * _AROUND) * scale
        soft = _EASED * person.face.height * float(scale[1])
        mask = np.zeros(shape[:2], np.uint8)
        cv.fillConvexPoly(mask, cv.convexHull(np.round(grown).astype(np.int32)), 1)
        away = np.asarray(cv.distanceTransform(1 - mask, cv.DIST_L2, 5), np.float32)
        share = np.clip(1 - away / max(1.0, soft), 0, 1)
        out.append((share * share * (3 - 2 * share)).astype(np.float32))
    return out


def flattened(field: Floats, masks: Sequence[Floats]) -> Floats:
    """`field` (h, w, ...) with one value for each face, of `stiff`."""
    for mask in masks:
        inside = mask >= 1
        if inside.any():
            share = mask if field.ndim == 2 else mask[..., None]
            field = (field * (1 - share) + field[inside].mean(axis=0) * share).astype(np.float32)
    return field


@dataclass(frozen=True)
class _Laid:
    """A layer, packed, with one empty pixel around: `left` and `top` are of the first pixel that has something."""

    pixels: Packed
    left: int
    top: int


class Acting:
    """What is laid over a picture to let its people speak and blink.

    Args:
        picture: (h, w, 3).
        over: (h, w) 0 to 1, how much of each place belongs to what the people stand in.
        rests: s of the shot without a blink, at its beginning and from this moment on.
    """

    def __init__(
        self, picture: Bytes, people: Sequence[Person], over: Floats | None, *, seed: int, rests: tuple[float, float]
    ) -> None:
        self._parts: list[tuple[Person, list[_Laid], list[_Laid], float]] = []
        self._rests = rests
        rng = np.random.default_rng(seed)
        for person in people:
            able: Expressions = expressions_of(picture, person.face, speaks=person.opens is not None)
            mouths, lids = ([_laid(layer, over) for layer in layers] for layers in (able.mouths, able.lids))
            self._parts.append((person, mouths, lids, float(rng.uniform(0, 3))))

    def at(self, t: float) -> list[_Laid]:
        """What is laid over the picture at `t`, s of the shot."""
        out: list[_Laid] = []
        for person, mouths, lids, since in self._parts:
            step = None if person.opens is None else mouth_at(person.opens(t), len(mouths))
            if step is not None:
                out.append(mouths[step])
            closed = lids_at(t, since, len(lids)) if self._rests[0] < t < self._rests[1] else None
            if closed is not None:
                out.append(lids[closed])
        return out


def _laid(layer: Layer, over: Floats | None) -> _Laid:
    rgba = layer.rgba
    if over is not None:
        share = over[layer.top : layer.top + rgba.shape[0], layer.left : layer.left + rgba.shape[1]]
        rgba = (rgba * share[..., None] + np.float32(0.5)).astype(np.uint8)
    rgba = np.asarray(cv.copyMakeBorder(rgba, 1, 1, 1, 1, cv.BORDER_CONSTANT), np.uint8)
    return _Laid(pack(rgba), layer.left, layer.top)
