"""A pictured face that speaks and blinks: its jaw and its lids moved in the picture, as layers to lay over it.

A layer holds the picture as it is but for what moved, so that it has no seams.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from opendance.engines.previs.photo.faces import (
    CHIN,
    LEFT_BROW,
    LEFT_LIDS,
    LOWER_LIP,
    RIGHT_BROW,
    RIGHT_LIDS,
    UPPER_LIP,
    Face,
)
from opendance.engines.previs.photo.vision import Bytes, Floats, Mask, cv

MOUTHS = 6  # steps from closed to wide open
LIDS = 2  # steps from open to closed
_SMALLEST = 34  # px from forehead to chin: lips and lids of smaller faces are a blur
_WIDE = 0.07  # of a face's height: how far a mouth opens in talk
_LIFTED = 0.15  # of an opening, by the upper lip; the rest is the jaw's
_PARTED = 0.012  # of a face's height: lips that are farther apart show what is between them already
_UNDER_NOSE, _RIGHT_CHEEK, _LEFT_CHEEK = 2, 234, 454
_SHUT = 0.16  # of an eye's width: lids that are nearer to each other are closed already
_FEATHER = 4  # px
_CLOSES = 1.08  # of the way to the lower lid, from the rim of the upper one
_BLINKS_EVERY, _BLINKS_FOR = 3.3, 0.19  # s
_RIM = 0.3  # of the skin over an eye that moves, with the lashes
_LASHES = 0.25  # of an eye's opening, over the upper lid
# How far the darkest and the lightest of the skin over an eye are apart, of what is usual there: 0.4 to 0.8 measured on
# bare eyes with shadow and make-up, 1.1 to 1.3 where the rim of glasses crosses it.
_GLASSES = 0.95
_TEETH = (0.0, 0.30, 0.54, 0.74, 0.90)  # where each upper tooth begins, from the middle of the mouth to its corner


@dataclass(frozen=True)
class Layer:
    """A part of a picture with something moved: premultiplied (h, w, 4), at `left`, `top`, px of the picture."""

    rgba: Bytes
    left: int
    top: int


@dataclass(frozen=True)
class Expressions:
    """What a face can do.

    Attributes:
        mouths: from a little open to wide open; none where the face is too small.
        lids: from half closed to closed; none where no open eyes are seen, or through glasses with rims alone.
    """

    mouths: tuple[Layer, ...]
    lids: tuple[Layer, ...]


def expressions_of(picture: Bytes, face: Face, *, speaks: bool) -> Expressions:
    """What a face in a picture (h, w, 3) can do.

    Args:
        speaks: whether its mouth is needed.
    """
    if face.height < _SMALLEST:
        return Expressions((), ())
    mouths = tuple(_with_mouth(picture, face, (k + 1) / MOUTHS) for k in range(MOUTHS)) if speaks else ()
    eyes = [
        eye
        for lids, brow in ((RIGHT_LIDS, RIGHT_BROW), (LEFT_LIDS, LEFT_BROW))
        if (eye := _eye(face, lids, brow)) is not None and not _has_rims(picture, eye)
    ]
    lids = tuple(_with_lids(picture, face, eyes, (k + 1) / LIDS) for k in range(LIDS)) if eyes else ()
    return Expressions(mouths, lids)


@dataclass(frozen=True)
class _Axes:
    """A face's own axes: `along` from the picture's left to its right, `down` to the chin, both (2,) of length 1."""

    origin: Floats
    along: Floats
    down: Floats

    def of(self, points: Floats) -> Floats:
        """Points (n, 2) of the picture in these axes, px."""
        away = points - self.origin
        return np.stack([away @ self.along, away @ self.down], axis=-1)

    def grid(self, left: int, top: int, width: int, height: int) -> tuple[Floats, Floats]:
        """Both coordinates of each pixel of a part of the picture, (h, w)."""
        x = np.arange(left, left + width, dtype=np.float32)[None, :] - self.origin[0]
        y = np.arange(top, top + height, dtype=np.float32)[:, None] - self.origin[1]
        return x * self.along[0] + y * self.along[1], x * self.down[0] + y * self.down[1]


def _axes(left: Floats, right: Floats) -> _Axes:
    along = (right - left) / max(1e-3, float(np.linalg.norm(right - left)))
    return _Axes((left + right) / 2, along.astype(np.float32), np.array([-along[1], along[0]], np.float32))


def _line(places: Floats, at: Floats) -> Floats:
    """Height of a line through places (n, 2) at each of `at`; beyond its ends that of the ends."""
    order = np.argsort(places[:, 0])
    return np.asarray(np.interp(at, places[order, 0], places[order, 1]), np.float32)


def _smooth(values: Floats) -> Floats:
    share = np.clip(values, 0, 1)
    return (share * share * (3 - 2 * share)).astype(np.float32)


def _part(picture: Bytes, points: Floats, room: float) -> tuple[int, int, int, int]:
    """Left, top, width and height of the part of a picture around points, px."""
    height, width = picture.shape[:2]
    low, high = points.min(axis=0) - room, points.max(axis=0) + room
    left, top = (int(np.clip(value, 0, most - 1)) for value, most in zip(low, (width, height), strict=True))
    right, bottom = (int(np.clip(value, 1, most)) for value, most in zip(high, (width, height), strict=True))
    return left, top, max(1, right - left), max(1, bottom - top)


def _moved(picture: Bytes, axes: _Axes, box: tuple[int, int, int, int], down: Floats) -> Floats:
    """A part of a picture, each place of which looks `down` px farther along the face's own axis."""
    left, top, width, height = box
    x = np.arange(left, left + width, dtype=np.float32)[None, :] + down * axes.down[0]
    y = np.arange(top, top + height, dtype=np.float32)[:, None] + down * axes.down[1]
    how = {"interpolation": cv.INTER_CUBIC, "borderMode": cv.BORDER_REPLICATE}
    return np.asarray(cv.remap(picture, x.astype(np.float32), y.astype(np.float32), **how), np.float32)


def _layer(pixels: Floats, box: tuple[int, int, int, int], changed: Mask) -> Layer:
    left, top, *_ = box
    reach = 2 * _FEATHER + 1
    near = cv.dilate(changed.astype(np.uint8), np.ones((reach, reach), np.uint8)).astype(np.float32)
    alpha = np.asarray(cv.blur(near, (reach, reach)), np.float32)
    alpha = np.where(changed, 1, alpha)
    rgb = np.clip(pixels, 0, 255) * alpha[..., None]
    rgba = np.dstack([(rgb + 0.5).astype(np.uint8), (alpha * 255 + 0.5).astype(np.uint8)])
    rgba[..., :3] = np.minimum(rgba[..., :3], rgba[..., 3:])
    return Layer(np.ascontiguousarray(rgba), left, top)


def _with_mouth(picture: Bytes, face: Face, opening: float) -> Layer:
    """The lower half of a face with its mouth open, 0 to 1: the jaw goes down, the neck gives way."""
    points, tall = face.points, face.height
    axes = _axes(points[UPPER_LIP[0]], points[UPPER_LIP[-1]])
    upper, lower = axes.of(points[list(UPPER_LIP)]), axes.of(points[list(LOWER_LIP)])
    half = float(upper[-1, 0] - upper[0, 0]) / 2
    chin, nose = (float(axes.of(points[[k]])[0, 1]) for k in (CHIN, _UNDER_NOSE))
    cheeks = float(np.linalg.norm(points[_LEFT_CHEEK] - points[_RIGHT_CHEEK])) / 2
    jaw = max(chin - float(lower[:, 1].max()), 0.08 * tall)
    corners = points[[UPPER_LIP[0], UPPER_LIP[-1], CHIN, _RIGHT_CHEEK, _LEFT_CHEEK, _UNDER_NOSE]]
    box = _part(picture, corners, 0.75 * jaw + 2 * _FEATHER)
    s, t = axes.grid(*box)
    shape = np.clip(1 - (s / half) ** 2, 0, 1) ** np.float32(0.75)
    most = np.float32(opening * _WIDE * tall)
    lip, under = _line(upper, s), _line(lower, s)
    under = np.maximum(lip, under)
    rise, drop = _LIFTED * most * shape, (1 - _LIFTED) * most * shape
    edge = under + drop  # of the lower lip, where it has come to
    # Below the mouth: as far as the lips at the lips, as far as the jaw farther down, and not at all below the neck.
    far = _smooth((t - edge) / (0.8 * jaw))
    whole = np.exp(-((s / (0.72 * cheeks)) ** 2)) * (1 - _LIFTED) * most
    fades = 1 - _smooth((t - chin - whole) / (0.75 * jaw))
    below = (drop * (1 - far) + whole * far) * fades
    above = rise * (1 - _smooth((lip - t) / max(1.0, 0.9 * float(-nose))))
    parted = under - lip
    is_below = t >= edge
    down = np.where(is_below, -below, np.where(t <= lip - rise, above, rise))
    pixels = _moved(picture, axes, box, down.astype(np.float32))
    # What was between the lips stays at the upper one, as teeth do; below it is what is new.
    top = lip - rise + parted
    inside = np.clip(t - top + 0.5, 0, 1) * np.clip(edge - t + 0.5, 0, 1) * (np.abs(s) < half)
    has_teeth = float(parted[np.abs(s) < half].max(initial=0)) > _PARTED * tall
    mouth = _inside(picture, face, s / half, (t - top) / np.maximum(edge - top, 1), edge - top, teeth=not has_teeth)
    pixels = pixels * (1 - inside[..., None]) + mouth * inside[..., None]
    return _layer(pixels, box, (np.abs(down) > 0.05) | (inside > 0))


def _inside(picture: Bytes, face: Face, across: Floats, depth: Floats, gap: Floats, *, teeth: bool) -> Floats:
    """What is seen in an open mouth, (h, w, 3): the dark, a tongue, and the upper teeth where none were seen before.

    Args:
        across: -1 to 1 from corner to corner; `depth`: 0 to 1 from the upper edge to the lower; `gap`: px between.
    """
    x, y, width, height = _part(picture, face.points, 0)
    skin = np.percentile(picture[y : y + height, x : x + width].reshape(-1, 3), 75, axis=0).astype(np.float32)
    dark = skin * np.array((0.22, 0.10, 0.11), np.float32) * (0.55 + 0.45 * np.clip(depth, 0, 1))[..., None]
    tongue = _smooth((depth - 0.5) / 0.5) * np.clip(1 - across**2 * 1.5, 0, 1) * _smooth(gap / (0.05 * face.height))
    out = dark * (1 - tongue[..., None]) + skin * np.array((0.66, 0.42, 0.44), np.float32) * tongue[..., None]
    if teeth:
        side = np.minimum(np.abs(across), 1)
        which = np.clip(np.searchsorted(_TEETH, side, side="right") - 1, 0, len(_TEETH) - 2)
        begin, end = np.array(_TEETH[:-1], np.float32)[which], np.array(_TEETH[1:], np.float32)[which]
        within = np.clip(2 * (side - begin) / (end - begin) - 1, -1, 1)  # of its tooth, -1 to 1
        # Round at their lower rims, shorter and darker towards the corners, with a shade between any two.
        row = np.minimum(0.030 * face.height, 0.45 * gap) * (1 - 0.45 * side) * (1 - 0.30 * within**4)
        shown = 1 - _smooth((depth * gap - row + 1) / 2)
        shown = (shown * _smooth((_TEETH[-1] - side) / 0.15) * _smooth(gap / (0.03 * face.height)))[..., None]
        pale = 0.45 * skin + 0.55 * float(skin.mean()) * np.array((1.16, 1.12, 1.06), np.float32)
        light = (
            (1 - 0.30 * within**6)
            * (1 - 0.55 * side**2)
            * (0.78 + 0.22 * np.clip(depth * gap / np.maximum(row, 1e-3), 0, 1))
        )
        out = out * (1 - shown) + pale * light[..., None] * shown
    return np.asarray(out, np.float32)


@dataclass(frozen=True)
class _Eye:
    """An open eye in its own axes: its lids and how much of the skin over it gives way, all (n, 2) and px."""

    axes: _Axes
    upper: Floats
    lower: Floats
    skin: float


def _eye(face: Face, lids: tuple[tuple[int, ...], tuple[int, ...]], brow: tuple[int, ...]) -> _Eye | None:
    points = face.points
    axes = _axes(points[lids[0][0]], points[lids[0][-1]])
    upper, lower, above = (axes.of(points[list(line)]) for line in (*lids, brow))
    wide = float(upper[-1, 0] - upper[0, 0])
    gap = float((_line(lower, upper[:, 0]) - upper[:, 1]).max())
    skin = 0.6 * float(upper[:, 1].min() - np.median(above[:, 1]))
    if wide < 0.12 * face.height or gap < _SHUT * wide or skin < 2:
        return None
    return _Eye(axes, upper, lower, skin)


def _has_rims(picture: Bytes, eye: _Eye) -> bool:
    """Whether glasses cross the skin over an eye: drawn down with it, they would smear."""
    corners = eye.axes.origin + eye.upper @ np.stack([eye.axes.along, eye.axes.down])
    box = left, top, width, height = _part(picture, corners, eye.skin + 4)
    s, t = eye.axes.grid(*box)
    upper, gap = _line(eye.upper, s), _line(eye.lower, s) - _line(eye.upper, s)
    skin = (np.abs(s) < 0.4 * np.ptp(eye.upper[:, 0])) & (t < upper - _LASHES * gap) & (t > upper - eye.skin)
    grey = cv.cvtColor(picture[top : top + height, left : left + width], cv.COLOR_RGB2GRAY)[skin]
    if not grey.size:
        return False
    dark, usual, light = np.percentile(grey, (2, 50, 98))
    return bool(light - dark > _GLASSES * max(1.0, float(usual)))


def _with_lids(picture: Bytes, face: Face, eyes: list[_Eye], closed: float) -> Layer:
    """The eyes of a face with their lids down, 0 to 1: the skin over them is drawn down with its lashes."""
    corners = np.concatenate([eye.axes.origin + eye.upper @ np.stack([eye.axes.along, eye.axes.down]) for eye in eyes])
    box = _part(picture, corners, max(eye.skin for eye in eyes) + 0.06 * face.height + 2 * _FEATHER)
    left, top, width, height = box
    pixels = picture[top : top + height, left : left + width].astype(np.float32)
    changed = np.zeros((height, width), np.bool_)
    for eye in eyes:
        s, t = eye.axes.grid(*box)
        inside = (s > eye.upper[:, 0].min()) & (s < eye.upper[:, 0].max())
        upper, lower = _line(eye.upper, s), _line(eye.lower, s)
        gap = np.maximum(lower - upper, 0)
        upper = upper - 0.10 * gap  # the lashes go along
        goes = closed * _CLOSES * gap
        begin, rim = upper - eye.skin, _RIM * eye.skin
        covers = inside & (t > begin) & (t < upper + goes)
        # The rim of the lid goes down as it is; the skin over it is drawn out.
        drawn_out = (eye.skin - rim) / (eye.skin - rim + goes)
        source = np.where(t > upper + goes - rim, t - goes, begin + (t - begin) * drawn_out)
        moved = _moved(picture, eye.axes, box, np.where(covers, source - t, 0).astype(np.float32))
        soft = np.clip(upper + goes - t + 0.5, 0, 1) * covers
        pixels = pixels * (1 - soft[..., None]) + moved * soft[..., None]
        changed |= covers
    return _layer(pixels, box, changed)


def mouth_at(opening: float, steps: int) -> int | None:
    """Which of so many mouths shows an opening of 0 to 1; None for the closed one."""
    step = round(opening * steps) - 1
    return None if step < 0 else min(step, steps - 1)


def lids_at(t: float, since: float, steps: int) -> int | None:
    """Which of so many lids are seen at `t`, s, of who blinked `since` s before; None while the eyes are open."""
    at = (t + since) % _BLINKS_EVERY
    if not steps or at >= _BLINKS_FOR:
        return None
    # Down and up again: open lids have no step.
    return min(steps - 1, int(steps * (1 - abs(2 * at / _BLINKS_FOR - 1)) * 1.25))
