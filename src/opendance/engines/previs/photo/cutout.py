"""A thing cut out of its picture, to stand somewhere else."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from opendance.engines.previs.photo.depth import filled
from opendance.engines.previs.photo.faces import Face, faces_in
from opendance.engines.previs.photo.outline import outline_of
from opendance.engines.previs.photo.vision import Bytes, Floats, cv


@dataclass(frozen=True)
class Cutout:
    """A thing cut out of its picture.

    Attributes:
        rgba: premultiplied (h, w, 4), cut to what is seen.
        cut_off: it goes on below the lower edge of its picture, as people in portraits do.
        faces: in it, the largest first, px of `rgba`.
    """

    rgba: Bytes
    cut_off: bool = False
    faces: tuple[Face, ...] = ()


def cut_out(picture: Bytes, *, plain_background: bool, longest: int = 1400) -> Cutout:
    """The thing that a picture shows; where nothing can be told apart, the whole picture as a print.

    Args:
        picture: (h, w, 4), not premultiplied.
        plain_background: it stands before one colour.
    """
    height, width = picture.shape[:2]
    if max(height, width) > longest:
        scale = longest / max(height, width)
        size = (round(width * scale), round(height * scale))
        picture = np.asarray(cv.resize(picture, size, interpolation=cv.INTER_AREA), np.uint8)
    rgb = np.ascontiguousarray(picture[..., :3])
    transparency = picture[..., 3].astype(np.float32) / 255
    if float((transparency < 0.9).mean()) > 0.01:
        return _trimmed(rgb, transparency, faces_in(rgb))
    if plain_background:
        alpha = _before_plain(rgb)
    else:
        outline = outline_of(rgb)
        alpha = outline.alpha if outline is not None and outline.is_clean else None
    if alpha is None or float((alpha > 0.5).mean()) < 0.004:
        return _print(rgb)
    return _trimmed(_own_colours(rgb, alpha), alpha, faces_in(rgb))


def _own_colours(rgb: Bytes, alpha: Floats) -> Bytes:
    """The picture (h, w, 3) whose soft rim has the colours of the thing, not those of what was behind it."""
    rim = (alpha < 0.97) & (alpha > 0)
    if not rim.any() or not (alpha >= 0.97).any():
        return rgb
    within = filled(rgb.astype(np.float32), alpha < 0.97)
    return np.where(rim[..., None], np.clip(within, 0, 255), rgb).astype(np.uint8)


def _is_cut_off(alpha: Floats) -> bool:
    return bool((alpha[-max(2, alpha.shape[0] // 60) :] > 0.6).mean() > 0.12)


def _before_plain(rgb: Bytes) -> Floats | None:
    """(h, w): what is not of the border's colour, or is enclosed by it."""
    lab = cv.cvtColor(rgb, cv.COLOR_RGB2LAB).astype(np.float32)
    border = np.concatenate([side.reshape(-1, 3) for side in (lab[:4], lab[-4:], lab[:, :4], lab[:, -4:])])
    away = np.linalg.norm(lab - np.median(border, axis=0), axis=-1).astype(np.float32)
    soft = np.clip((away - 9) / 14, 0, 1).astype(np.float32)
    hard = np.asarray(cv.morphologyEx((soft > 0.5).astype(np.uint8), cv.MORPH_CLOSE, np.ones((9, 9), np.uint8)))
    contours, _ = cv.findContours(hard, cv.RETR_EXTERNAL, cv.CHAIN_APPROX_SIMPLE)
    if not contours:
        return None
    largest = max(cv.contourArea(c) for c in contours)
    inside = np.zeros_like(hard)
    cv.drawContours(inside, [c for c in contours if cv.contourArea(c) > 0.08 * largest], -1, 1, -1)
    core = cv.erode(inside, np.ones((5, 5), np.uint8)).astype(np.float32)
    alpha = np.maximum(core, soft * inside).astype(np.float32)
    return _matted(rgb, np.median(np.concatenate([side.reshape(-1, 3) for side in _sides(rgb)]), axis=0), inside, alpha)


def _matted(rgb: Bytes, behind: Floats, inside: Bytes, alpha: Floats) -> Floats:
    """`alpha` with its rim as it must be for the thing's own colour over `behind`, (3,), to give what is seen."""
    reach = max(7, round(min(alpha.shape) / 60)) | 1
    solid = cv.erode(inside, np.ones((reach, reach), np.uint8)) > 0
    rim = (inside > 0) & ~solid
    if not solid.any() or not rim.any():
        return alpha
    away = filled(rgb.astype(np.float32), ~solid)[rim] - behind
    length = (away * away).sum(axis=1)
    share = ((rgb[rim].astype(np.float32) - behind) * away).sum(axis=1) / np.maximum(length, 1)
    out = alpha.copy()
    # Where the thing is nearly of the background's colour its share cannot be told.
    out[rim] = np.where(length > 40**2, np.minimum(np.clip(share * 1.06 - 0.03, 0, 1), alpha[rim] + 0.02), alpha[rim])
    return out


def _sides(picture: Bytes) -> tuple[Bytes, ...]:
    return (picture[:4], picture[-4:], picture[:, :4], picture[:, -4:])


def _trimmed(rgb: Bytes, alpha: Floats, faces: tuple[Face, ...]) -> Cutout:
    """What is seen of a thing, with those of the faces that are seen."""
    rgba = np.dstack([(rgb * alpha[..., None] + 0.5).astype(np.uint8), (alpha * 255 + 0.5).astype(np.uint8)])
    rows, columns = np.flatnonzero((alpha > 0.05).any(axis=1)), np.flatnonzero((alpha > 0.05).any(axis=0))
    if not rows.size or not columns.size:
        return Cutout(rgba)
    seen = tuple(face.moved(-int(columns[0]), -int(rows[0])) for face in faces if face.is_in(alpha))
    part = np.ascontiguousarray(rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    return Cutout(part, _is_cut_off(alpha), seen)


def _print(rgb: Bytes) -> Cutout:
    """The whole picture with a white rim and soft corners, as a print that stands in the scene."""
    height, width = rgb.shape[:2]
    rim = max(6, min(height, width) // 28)
    framed = cv.copyMakeBorder(rgb, rim, rim, rim, rim, cv.BORDER_CONSTANT, value=(246, 244, 240))
    alpha = np.zeros(framed.shape[:2], np.uint8)
    cv.rectangle(alpha, (2, 2), (framed.shape[1] - 3, framed.shape[0] - 3), 255, -1)
    soft = cv.GaussianBlur(alpha, (0, 0), 1.2).astype(np.float32) / 255
    faces = tuple(face.moved(rim, rim) for face in faces_in(rgb))
    return replace(_trimmed(np.asarray(framed, np.uint8), soft, faces), cut_off=False)
