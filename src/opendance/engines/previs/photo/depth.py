"""How far things are in a picture, and what is behind what stands in front."""

from __future__ import annotations

import numpy as np

from opendance.engines.previs.photo.patches import patched
from opendance.engines.previs.photo.regions import guided
from opendance.engines.previs.photo.vision import Bytes, Floats, Mask, cv

FAR, NEAR = 0.30, 1.12  # inverse depths of the horizon and of the lower edge; 1 is where a subject stands


def inverse_depth(small: Bytes, sky: Mask, subject: Bytes | None) -> Floats:
    """(h, w) inverse depth: the sky far, the ground nearer the lower it is, upright things as near as their foot.

    Args:
        small: the picture at its working size.
        subject: mask of what stands in front; the depth behind it is that of its surroundings.
    """
    height, width = small.shape[:2]
    horizon = _horizon(sky)
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    ground = np.clip((y - horizon) / (1 - horizon), 0, 1) ** 0.85
    depth = np.broadcast_to(FAR + (NEAR - FAR) * ground, (height, width)).astype(np.float32).copy()
    # What rises over the horizon is not at its distance: sharp and rich in contrast is nearer than soft and pale.
    grey = cv.cvtColor(small, cv.COLOR_RGB2GRAY).astype(np.float32)
    detail = cv.GaussianBlur(np.abs(cv.Laplacian(grey, cv.CV_32F)), (0, 0), width / 20)
    detail = detail / (float(np.percentile(detail, 95)) + 1e-3)
    chroma = cv.GaussianBlur(np.ptp(small.astype(np.float32), axis=-1), (0, 0), width / 24) / 160
    nearness = np.clip(0.65 * detail + 0.5 * chroma, 0, 1)
    above = np.clip((horizon + 0.12 - y) / 0.24, 0, 1)
    depth += above * 0.30 * nearness
    depth = np.where(sky, np.float32(0.16), depth).astype(np.float32)
    if subject is not None:
        hole = cv.dilate(subject, np.ones((7, 7), np.uint8)) > 0
        depth = filled(depth[..., None], hole)[..., 0]
    depth = guided(grey / np.float32(255), depth, max(3, width // 24), 4e-3)
    return np.clip(cv.GaussianBlur(depth, (0, 0), width / 44), 0.12, 1.25).astype(np.float32)


def _horizon(sky: Mask) -> float:
    """Where the ground begins, 0 (top) to 1: under the sky, else a little over the middle."""
    if not sky.any():
        return 0.38
    bottom = np.where(sky.any(axis=0), sky.shape[0] - np.argmax(sky[::-1], axis=0), 0)
    return float(np.clip(np.median(bottom) / sky.shape[0], 0.12, 0.68))


def subject_depth(subject: Bytes) -> float:
    """Inverse depth of what stands in front, a mask (h, w): nearer the lower its foot is."""
    rows = np.flatnonzero(subject.any(axis=1))
    foot = float(rows[-1] + 1) / subject.shape[0]
    return 0.74 + 0.34 * foot**2


def raised(depth: Floats, subject: Bytes, strength: float, *, spread: float) -> Floats:
    """Inverse depth (h, w) with the subject and what is around it brought forward softly.

    Args:
        subject: its mask, (h, w).
        strength: 0 leaves it, 1 brings it all the way.
        spread: how softly, as a share of the width: a slope that is too steep shows as a dent.
    """
    bump = cv.GaussianBlur((subject > 0).astype(np.float32), (0, 0), spread * depth.shape[1]) * np.float32(strength)
    return np.clip(np.maximum(depth, depth * (1 - bump) + bump * max(0.85, subject_depth(subject))), 0.12, 1.25).astype(
        np.float32
    )


def filled(picture: Floats, hole: Mask) -> Floats:
    """`picture` (h, w, c) with the hole filled from its rim inwards (pull and push over a pyramid)."""
    weight = (~hole).astype(np.float32)
    if weight.all() or not weight.any():
        return picture
    levels: list[tuple[Floats, Floats]] = [((picture * weight[..., None]).astype(np.float32), weight)]
    while max(levels[-1][1].shape) > 1:  # to the end: a coarser picture is known everywhere only then
        colours, weights = levels[-1]
        size = ((weights.shape[1] + 1) // 2, (weights.shape[0] + 1) // 2)
        c = np.asarray(cv.resize(colours, size, interpolation=cv.INTER_AREA), np.float32)
        levels.append(
            (c.reshape(size[1], size[0], -1), np.asarray(cv.resize(weights, size, interpolation=cv.INTER_AREA)))
        )
    out = levels[-1][0] / np.maximum(levels[-1][1], 1e-4)[..., None]
    for colours, weights in reversed(levels[:-1]):
        size = (weights.shape[1], weights.shape[0])
        coarse = np.asarray(cv.resize(out, size, interpolation=cv.INTER_LINEAR), np.float32).reshape(*weights.shape, -1)
        known = np.minimum(weights, 1)[..., None]
        out = np.where(known > 1e-3, colours / np.maximum(known, 1e-3), coarse) * known + coarse * (1 - known)
    return np.where(hole[..., None], out, picture).astype(np.float32)


def inpainted(picture: Bytes, hole: Mask) -> Bytes:
    """`picture` (h, w, 3), its hole filled with patches of what is around it, or smoothly if there is too little."""
    if not hole.any():
        return picture
    smooth = filled(picture.astype(np.float32), hole)
    patches = patched(picture, hole, smooth)
    return np.clip(smooth, 0, 255).astype(np.uint8) if patches is None else patches
