"""The outline of what a picture is of: by U2-Net (Qin et al., 2020), and by rules where no net is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from opendance.engines.previs.photo.nets import Net, outline_net
from opendance.engines.previs.photo.regions import edge_quality, sharpened_mask, sky_mask, small_copy, subject_mask
from opendance.engines.previs.photo.vision import Bytes, Floats, Mask, cv

_SIDE = 320  # px, what U2-Net was trained with
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's colours, as U2-Net expects them
_SALIENT = "1959"  # the layer that joins all scales, by its name in rembg's release
_REFINED = 640  # px: the longest side on which edges are drawn to those of the picture
_EVEN = 2.0  # levels of 255: a picture that varies less shows nothing
_VAGUE = 0.26  # of the thing's area, undecided away from its edge: from there on it is not cut loose
_TOUCHES = 0.3  # of what moves: what stands out is it, or has it
_SMALL = 0.6  # of the picture: what is smaller is looked at from near
_AGREES = 0.75  # of two looks at a thing, by their common area
_LOOSE = 0.955  # edge quality from which rules are trusted to cut a layer loose
_CUT = 0.62  # and from which they are trusted to cut a thing out


@dataclass(frozen=True)
class Outline:
    """What stands out of a picture, and how surely.

    Attributes:
        small: (h, w) 0 or 255, at the working size.
        alpha: (H, W) 0 to 1, at the size of the picture.
        doubt: of its edge: from 1 on it is not cut loose from its surroundings, since a wrong outline would tear there.
        is_clean: whether it can stand elsewhere.
    """

    small: Bytes
    alpha: Floats
    doubt: float
    is_clean: bool


def outline_of(picture: Bytes, small: Bytes | None = None, sky: Mask | None = None) -> Outline | None:
    """What a picture (H, W, 3) is of; None where nothing stands out.

    Args:
        small: the picture at its working size, where there is one already; `sky`: (h, w) of it.
    """
    small = small_copy(picture) if small is None else small
    if float(small.std()) < _EVEN:
        return None
    salient = salience(picture)
    if salient is None:
        return _by_rules(picture, small, sky_mask(small) if sky is None else sky)
    return _by_salience(picture, small, salient)


def thing_mask(small: Bytes, moving: Mask) -> Bytes | None:
    """The thing in a frame of footage: what moves, or what stands out there, whichever is told more clearly.

    Args:
        small: (h, w, 3); `moving`: (h, w), where something moves by itself.

    Returns:
        (h, w) 0 or 255, or None where nothing stands out.
    """
    sky = sky_mask(small)
    outline = outline_of(small, small, sky)
    outstanding = None if outline is None else (outline.alpha > 0.5).astype(np.uint8) * np.uint8(255)
    if not moving.any():
        return outstanding
    is_seen = outline is not None and outline.doubt < 1 and outline_net() is not None
    if is_seen and outstanding is not None:
        # Often a part of it moves alone: an arm, an ear.
        near = cv.dilate(outstanding, np.ones((9, 9), np.uint8)) > 0
        if float(near[moving].mean()) > _TOUCHES:
            return outstanding
    moving_thing = subject_mask(small, forbidden=sky, moving=moving)
    if outstanding is None or moving_thing is None:
        return moving_thing if moving_thing is not None else outstanding
    share = float(moving[outstanding > 0].mean())
    clearer = edge_quality(small, outstanding) > edge_quality(small, moving_thing)
    # What a net sees clearly needs not move: behind somebody at a window the world goes by.
    return outstanding if clearer and (is_seen or share > 0.5) else moving_thing


def salience(picture: Bytes) -> Floats | None:
    """How much each place belongs to what a picture (h, w, 3) is of: (320, 320) 0 to 1; None without a net."""
    net = outline_net()
    return None if net is None else _seen_by(net, picture)


def _seen_by(net: Net, picture: Bytes) -> Floats:
    small = np.asarray(cv.resize(picture, (_SIDE, _SIDE), interpolation=cv.INTER_AREA), np.float32)
    small /= max(1.0, float(small.max()))
    batch = ((small - np.asarray(_MEAN, np.float32)) / np.asarray(_DEVIATION, np.float32)).transpose(2, 0, 1)[None]
    return net.run(np.ascontiguousarray(batch, np.float32), _SALIENT).reshape(_SIDE, _SIDE)


def _by_rules(picture: Bytes, small: Bytes, sky: Mask) -> Outline | None:
    mask = subject_mask(small, forbidden=sky)
    if mask is None:
        return None
    quality = edge_quality(small, mask)
    return Outline(mask, sharpened_mask(picture, mask), (1 - quality) / (1 - _LOOSE), quality > _CUT)


def _by_salience(picture: Bytes, small: Bytes, salient: Floats) -> Outline | None:
    kept = _main_parts(salient)
    if kept is None:
        return None
    vague = _vague_share(salient, kept)
    salient = _looked_at_closely(picture, np.where(kept, salient, 0).astype(np.float32))
    height, width = small.shape[:2]
    rough = np.asarray(cv.resize(salient, (width, height), interpolation=cv.INTER_AREA), np.float32)
    mask = (rough > 0.5).astype(np.uint8) * np.uint8(255)
    if not mask.any():
        return None
    return Outline(mask, _refined(picture, salient), vague / _VAGUE, vague < _VAGUE)


def _vague_share(salient: Floats, kept: Mask) -> float:
    """Undecided places as a share of the thing: at its edge there must be some, elsewhere the net does not know."""
    inside = ((salient > 0.5) & kept).astype(np.uint8)
    near_edge = cv.morphologyEx(inside, cv.MORPH_GRADIENT, np.ones((9, 9), np.uint8)) > 0
    around = cv.dilate(inside, np.ones((61, 61), np.uint8)) > 0
    undecided = (salient > 0.1) & (salient < 0.85) & around & ~near_edge
    return float(undecided.sum()) / max(1, int(inside.sum()))


def _looked_at_closely(picture: Bytes, salient: Floats) -> Floats:
    """A thing that is small in the picture is looked at once more from near, for a finer edge.

    Args:
        salient: (320, 320) of the whole picture.

    Returns:
        (n, n) of the whole picture, finer where the thing is; the same where the closer look sees something else.
    """
    net = outline_net()
    rows, columns = np.flatnonzero((salient > 0.5).any(axis=1)), np.flatnonzero((salient > 0.5).any(axis=0))
    tall, wide = rows[-1] + 1 - rows[0], columns[-1] + 1 - columns[0]
    if net is None or max(tall, wide) > _SMALL * _SIDE or min(picture.shape[:2]) < _SIDE:
        return salient
    margin = round(0.25 * max(tall, wide)) + 6
    top, bottom = max(0, rows[0] - margin), min(_SIDE, rows[-1] + 1 + margin)
    left, right = max(0, columns[0] - margin), min(_SIDE, columns[-1] + 1 + margin)
    scale_y, scale_x = picture.shape[0] / _SIDE, picture.shape[1] / _SIDE
    part = picture[round(top * scale_y) : round(bottom * scale_y), round(left * scale_x) : round(right * scale_x)]
    near = _seen_by(net, np.ascontiguousarray(part))
    before = np.asarray(cv.resize(salient[top:bottom, left:right], (_SIDE, _SIDE)), np.float32)
    both, either = ((near > 0.5) & (before > 0.5)).sum(), ((near > 0.5) | (before > 0.5)).sum()
    if both < _AGREES * either:
        return salient
    twice = np.asarray(cv.resize(salient, (3 * _SIDE, 3 * _SIDE), interpolation=cv.INTER_LINEAR), np.float32)
    size = (3 * int(right - left), 3 * int(bottom - top))
    twice[3 * top : 3 * bottom, 3 * left : 3 * right] = cv.resize(near, size, interpolation=cv.INTER_AREA)
    return twice


def _main_parts(salient: Floats) -> Mask | None:
    """(320, 320): the largest part with others that are no specks beside it; None where there is none to speak of."""
    inside = (salient > 0.5).astype(np.uint8)
    count, labels, stats, _ = cv.connectedComponentsWithStats(inside)
    if count < 2:
        return None
    areas = stats[1:, cv.CC_STAT_AREA]
    kept = [k + 1 for k, area in enumerate(areas) if area > 0.1 * areas.max()]
    share = float(areas[[k - 1 for k in kept]].sum()) / inside.size
    if not 0.008 < share < 0.8:
        return None
    body = np.isin(labels, kept).astype(np.uint8)
    # With the soft rim around them, which is where hair is.
    return np.asarray(cv.dilate(body, np.ones((17, 17), np.uint8))) > 0


def _refined(picture: Bytes, salient: Floats) -> Floats:
    """(H, W) 0 to 1: the net's answer drawn to the edges of the picture, in colour."""
    height, width = picture.shape[:2]
    scale = min(1.0, _REFINED / max(height, width))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    guide = np.asarray(cv.resize(picture, size, interpolation=cv.INTER_AREA), np.float32) / np.float32(255)
    rough = np.asarray(cv.resize(salient, size, interpolation=cv.INTER_LINEAR), np.float32)
    fine = guided_by_colour(guide, rough, max(3, round(max(size) / 90)))
    # Away from the edge there is nothing between in and out: what the net is unsure of there would be a smear.
    reach = max(5, round(max(size) / 40)) | 1
    inside = (rough > 0.5).astype(np.uint8)
    inner = cv.erode(inside, np.ones((reach, reach), np.uint8)).astype(np.float32)
    outer = cv.dilate(inside, np.ones((reach, reach), np.uint8)).astype(np.float32)
    inner, outer = (np.asarray(cv.blur(each, (reach, reach)), np.float32) for each in (inner, outer))
    fine = np.clip(np.maximum(fine, inner), 0, outer).astype(np.float32)
    fine = np.clip((fine - 0.5) * 1.5 + 0.5, 0, 1).astype(np.float32)
    return np.asarray(cv.resize(fine, (width, height), interpolation=cv.INTER_LINEAR), np.float32)


def guided_by_colour(guide: Floats, mask: Floats, radius: int, softness: float = 2e-4) -> Floats:
    """`mask` (h, w) drawn to the edges of `guide` (h, w, 3), 0 to 1 (He et al., as `guided`, in colour)."""
    size = (2 * radius + 1, 2 * radius + 1)

    def mean(values: Floats) -> Floats:
        return np.asarray(cv.boxFilter(values, -1, size, borderType=cv.BORDER_REFLECT), np.float32)

    r, g, b = (np.ascontiguousarray(guide[..., k]) for k in range(3))
    mr, mg, mb, mm = mean(r), mean(g), mean(b), mean(mask)
    rr, gg, bb = (mean(x * x) - m * m + np.float32(softness) for x, m in ((r, mr), (g, mg), (b, mb)))
    rg, rb, gb = mean(r * g) - mr * mg, mean(r * b) - mr * mb, mean(g * b) - mg * mb
    cr, cg, cb = mean(r * mask) - mr * mm, mean(g * mask) - mg * mm, mean(b * mask) - mb * mm
    # The inverse of the symmetric matrix of covariances, by its cofactors.
    i_rr, i_rg, i_rb = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    i_gg, i_gb, i_bb = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    whole = np.maximum(rr * i_rr + rg * i_rg + rb * i_rb, np.float32(1e-12))
    ar = (i_rr * cr + i_rg * cg + i_rb * cb) / whole
    ag = (i_rg * cr + i_gg * cg + i_gb * cb) / whole
    ab = (i_rb * cr + i_gb * cg + i_bb * cb) / whole
    level = mm - ar * mr - ag * mg - ab * mb
    return np.asarray(mean(ar) * r + mean(ag) * g + mean(ab) * b + mean(level), np.float32)
