"""Faces in a picture, point by point: found by MediaPipe's BlazeFace, and measured by its face mesh.

Bazarevsky et al., BlazeFace, 2019; Kartynnik et al., Real-time Facial Surface Geometry, 2019. Numbers of both nets are
those of MediaPipe's graphs (`modules/face_detection`, `modules/face_landmark`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from opendance.engines.previs.photo.nets import FaceNets, face_nets
from opendance.engines.previs.photo.vision import Bytes, Floats, cv

_LOOK, _MEASURED = 128, 192  # px, the sides of what the nets look at
_GRIDS = ((16, 2), (8, 6))  # places along a side, and guesses at each
_LIKELY = 0.55  # from there on it is looked at as a face
_SURE = 0.6  # and from there on it is one, by the net that measures it
_ROOM = 1.5  # sides of a found face that are measured
_ALIKE = 0.3  # common area from which two finds are one face
_CLOSER = (1.0, 0.6)  # of the shorter side: squares that are looked at besides the whole
_LEAST = 0.045  # of the picture's height: smaller faces are left alone
_MOST = 8  # faces that are measured
_RIGHT_EYE, _LEFT_EYE = 0, 1  # of the six points of a find, as the person has them
# Points of the mesh. Along a lid from one corner to the other, and likewise along the lips where they meet.
RIGHT_LIDS = ((33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133))
LEFT_LIDS = ((362, 398, 384, 385, 386, 387, 388, 466, 263), (362, 382, 381, 380, 374, 373, 390, 249, 263))
RIGHT_BROW, LEFT_BROW = (46, 53, 52, 65, 55), (285, 295, 282, 283, 276)
UPPER_LIP = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LOWER_LIP = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
CHIN, NOSE, FOREHEAD = 152, 1, 10
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
    136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip


@dataclass(frozen=True)
class Face:
    """A face.

    Attributes:
        points: (468, 2) x and y of the mesh, px of the picture.
        sureness: 0 to 1.
    """

    points: Floats
    sureness: float

    @property
    def height(self) -> float:
        """From forehead to chin, px."""
        return float(np.linalg.norm(self.points[CHIN] - self.points[FOREHEAD]))

    def is_in(self, alpha: Floats) -> bool:
        """Whether it belongs to what was cut out of its picture, (h, w) 0 to 1."""
        x, y = np.clip(self.points.T.astype(int), 0, np.array(alpha.shape[::-1])[:, None] - 1)
        return bool((alpha[y, x] > 0.5).mean() > 0.7)

    def moved(self, x: float, y: float) -> Face:
        """The same in a picture that begins elsewhere, px."""
        return replace(self, points=self.points + np.array((x, y), np.float32))

    def scaled(self, by: float) -> Face:
        """The same in its picture made larger or smaller."""
        return replace(self, points=(self.points + np.float32(0.5)) * np.float32(by) - np.float32(0.5))


@dataclass(frozen=True)
class _Find:
    """Where a face may be: (4,) left, top, right, bottom, and (6, 2) points, px of the picture."""

    box: Floats
    points: Floats
    score: float


def faces_in(picture: Bytes) -> tuple[Face, ...]:
    """The faces in a picture (h, w, 3), the largest first; none where the nets are not packed."""
    nets = face_nets()
    if nets is None or min(picture.shape[:2]) < 2 * _LOOK // 3:
        return ()
    finds = [find for look in _looks(picture) for find in _found(nets, look)]
    faces: list[Face] = []
    for find in _distinct(finds)[:_MOST]:
        face = _measured(nets, picture, find)
        if face is not None and face.height > _LEAST * picture.shape[0]:
            faces.append(face)
    return tuple(sorted(faces, key=lambda face: -face.height))


@dataclass(frozen=True)
class _Look:
    """A square part of a picture: (128, 128, 3), its place and how many px of it are one px of the picture."""

    pixels: Bytes
    left: float
    top: float
    scale: float


def _looks(picture: Bytes) -> Iterator[_Look]:
    """The whole picture, then squares of it from nearer."""
    height, width = picture.shape[:2]
    scale = _LOOK / max(width, height)
    small = _resized(picture, scale)
    below, beside = _LOOK - small.shape[0], _LOOK - small.shape[1]
    yield _Look(np.asarray(cv.copyMakeBorder(small, 0, below, 0, beside, cv.BORDER_CONSTANT), np.uint8), 0, 0, scale)
    for share in _CLOSER:
        scale = _LOOK / (share * min(width, height))
        near = _resized(picture, scale)
        steps = [np.linspace(0, n - _LOOK, int(np.ceil(1.5 * (n / _LOOK - 1))) + 1, dtype=int) for n in near.shape[:2]]
        for top in steps[0]:
            for left in steps[1]:
                part = np.ascontiguousarray(near[top : top + _LOOK, left : left + _LOOK])
                yield _Look(part, left / scale, top / scale, scale)


def _resized(picture: Bytes, scale: float) -> Bytes:
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return np.asarray(cv.resize(picture, size, interpolation=cv.INTER_AREA if scale < 1 else cv.INTER_LINEAR), np.uint8)


def _found(nets: FaceNets, look: _Look) -> list[_Find]:
    batch = (look.pixels.astype(np.float32) / np.float32(127.5) - np.float32(1)).transpose(2, 0, 1)[None]
    numbers, scores = nets.find(np.ascontiguousarray(batch))
    likely = 1 / (1 + np.exp(-np.clip(scores.astype(np.float64), -100, 100)))
    finds: list[_Find] = []
    for k in np.flatnonzero(likely > _LIKELY):
        # The box's middle and size, then the points: all from the place of the guess, px of the look.
        pairs = numbers[k].reshape(8, 2)
        places = (pairs + _guesses()[k] * _LOOK) / look.scale + np.array((look.left, look.top), np.float32)
        centre, size = places[0], pairs[1] / look.scale
        box = np.concatenate([centre - size / 2, centre + size / 2])
        finds.append(_Find(box.astype(np.float32), places[2:].astype(np.float32), float(likely[k])))
    return finds


@cache
def _guesses() -> Floats:
    """(896, 2): the place of each guess, as a share of the look's side."""
    out: list[tuple[float, float]] = []
    for places, times in _GRIDS:
        for y in range(places):
            for x in range(places):
                out += [((x + 0.5) / places, (y + 0.5) / places)] * times
    return np.asarray(out, np.float32)


def _distinct(finds: list[_Find]) -> list[_Find]:
    """The likeliest of those that are one face."""
    left: list[_Find] = []
    for find in sorted(finds, key=lambda each: -each.score):
        if all(_common(find.box, other.box) < _ALIKE for other in left):
            left.append(find)
    return left


def _common(a: Floats, b: Floats) -> float:
    """Common area, of the smaller one."""
    width, height = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    if width <= 0 or height <= 0:
        return 0.0
    return float(width * height / max(1e-3, min(float(np.prod(each[2:] - each[:2])) for each in (a, b))))


def _measured(nets: FaceNets, picture: Bytes, find: _Find) -> Face | None:
    """The mesh of a face: looked at upright, and once more from where the first look says it is."""
    eyes = find.points[_LEFT_EYE] - find.points[_RIGHT_EYE]
    centre, side = (find.box[:2] + find.box[2:]) / 2, _ROOM * float(max(find.box[2:] - find.box[:2]))
    face: Face | None = None
    for _ in range(2):
        face = _looked_at(nets, picture, centre, side, float(np.arctan2(eyes[1], eyes[0])))
        if face is None or face.sureness < _SURE:
            return None
        eyes = face.points[263] - face.points[33]
        low, high = face.points.min(axis=0), face.points.max(axis=0)
        centre, side = (low + high) / 2, _ROOM * float(max(high - low))
    return face


def _looked_at(nets: FaceNets, picture: Bytes, centre: Floats, side: float, angle: float) -> Face | None:
    if side < 24:
        return None
    scale = _MEASURED / side
    c, s = np.cos(angle) * scale, np.sin(angle) * scale
    half = _MEASURED / 2
    forward = np.array([[c, s, half - c * centre[0] - s * centre[1]], [-s, c, half + s * centre[0] - c * centre[1]]])
    how = cv.INTER_AREA if scale < 1 else cv.INTER_LINEAR
    blurred = picture if scale > 0.5 else cv.GaussianBlur(picture, (0, 0), 0.4 / scale)
    look = cv.warpAffine(blurred, forward, (_MEASURED, _MEASURED), flags=how, borderMode=cv.BORDER_REPLICATE)
    batch = np.ascontiguousarray((look.astype(np.float32) / np.float32(255)).transpose(2, 0, 1)[None])
    mesh, sureness = nets.measure(batch)
    back = cv.invertAffineTransform(forward)
    points = mesh.reshape(468, 3)[:, :2] @ back[:, :2].T + back[:, 2]
    return Face(points.astype(np.float32), sureness)
