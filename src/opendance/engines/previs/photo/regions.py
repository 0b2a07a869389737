"""What a picture is of, by rules: its subject, its sky, the soft edges of both."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from opendance.engines.previs.photo.vision import Bytes, Floats, Mask, cv

_WORKING = 256  # px: what is decided about a picture is decided on its longest side so small


def small_copy(picture: Bytes, longest: int = _WORKING) -> Bytes:
    """The picture (h, w, 3) with its longest side at `longest` px."""
    height, width = picture.shape[:2]
    scale = longest / max(height, width)
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    return np.asarray(cv.resize(picture, size, interpolation=cv.INTER_AREA), np.uint8)


def guided(guide: Floats, mask: Floats, radius: int, softness: float = 1e-3) -> Floats:
    """`mask` drawn to the edges of `guide`, both (h, w), 0 to 1 (He et al., Guided Image Filtering, 2010)."""
    size = (2 * radius + 1, 2 * radius + 1)

    def mean(values: Floats) -> Floats:
        return np.asarray(cv.boxFilter(values, -1, size, borderType=cv.BORDER_REFLECT), np.float32)

    g, m = mean(guide), mean(mask)
    a = (mean(guide * mask) - g * m) / (mean(guide * guide) - g * g + np.float32(softness))
    return np.asarray(mean(a) * guide + mean(m - a * g), np.float32)


def sharpened_mask(picture: Bytes, small: Bytes) -> Floats:
    """A mask of the working size, (h, w) 0 or 255, brought to the size of `picture` along its edges: 0 to 1."""
    height, width = picture.shape[:2]
    half = (max(8, width // 2), max(8, height // 2))
    guide = cv.resize(cv.cvtColor(picture, cv.COLOR_RGB2GRAY), half, interpolation=cv.INTER_AREA)
    rough = cv.resize(small, half, interpolation=cv.INTER_LINEAR)
    fine = guided(
        guide.astype(np.float32) / np.float32(255), rough.astype(np.float32) / np.float32(255), max(3, half[0] // 110)
    )
    fine = np.clip((fine - 0.5) * 2.2 + 0.5, 0, 1).astype(np.float32)
    return np.asarray(cv.resize(fine, (width, height), interpolation=cv.INTER_LINEAR), np.float32)


def saliency(small: Bytes) -> Floats:
    """(h, w) 0 to 1: what differs from the border in colour, is sharp, and is near the middle."""
    height, width = small.shape[:2]
    lab = cv.cvtColor(small, cv.COLOR_RGB2LAB).astype(np.float32)
    band = max(3, min(height, width) // 14)
    # The sides and the top are background more often than the bottom, where people are cut off.
    border = np.concatenate([lab[:band].reshape(-1, 3), lab[:, :band].reshape(-1, 3), lab[:, -band:].reshape(-1, 3)])
    rng = np.random.default_rng(1)
    border = np.ascontiguousarray(border[rng.choice(len(border), min(600, len(border)), replace=False)])
    cv.setRNGSeed(1)
    criteria = (cv.TERM_CRITERIA_EPS + cv.TERM_CRITERIA_MAX_ITER, 12, 1.0)
    _, _, centres = cv.kmeans(border, 5, np.empty(0, np.int32), criteria, 2, cv.KMEANS_PP_CENTERS)
    away = np.min(np.linalg.norm(lab[:, :, None, :] - np.asarray(centres)[None, None], axis=-1), axis=-1)
    grey = lab[..., 0]
    detail = cv.GaussianBlur(np.abs(cv.Laplacian(grey, cv.CV_32F)), (0, 0), width / 28)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    middle = np.exp(-(((x / width - 0.5) / 0.30) ** 2) - ((y / height - 0.54) / 0.36) ** 2)
    away = cv.GaussianBlur(away.astype(np.float32), (0, 0), width / 60)
    score = (away / (np.percentile(away, 98) + 1e-3)) * (0.45 + 0.55 * detail / (np.percentile(detail, 98) + 1e-3))
    score = np.clip(score, 0, 1.2) * middle
    return np.asarray(score / max(1e-6, float(score.max())), np.float32)


def subject_mask(
    small: Bytes,
    *,
    forbidden: Mask | None = None,
    moving: Mask | None = None,
) -> Bytes | None:
    """(h, w) 0 or 255: what the picture is of; None where nothing stands out.

    Args:
        forbidden: where it is not, such as the sky.
        moving: where something moves by itself: that is it, then, whatever else stands out.
    """
    height, width = small.shape[:2]
    score = saliency(small)
    if forbidden is not None:
        score = np.where(forbidden, 0, score).astype(np.float32)
    if moving is not None and moving.any():
        near = cv.dilate(moving.astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
        core = cv.GaussianBlur(moving.astype(np.float32), (0, 0), 3)
        score = np.where(near, 0.25 * score + core, 0).astype(np.float32)
        score /= max(1e-6, float(score.max()))
        forbidden = ~near if forbidden is None else ~near | (forbidden & ~moving)
    high, low = np.percentile(score, 90), np.percentile(score, 55)
    if float(high) < 0.12 and (moving is None or not moving.any()):
        return None
    marks = np.full((height, width), cv.GC_PR_BGD, np.uint8)
    marks[score > low] = cv.GC_PR_BGD
    marks[score > max(float(high) * 0.72, 0.16)] = cv.GC_PR_FGD
    marks[score > max(float(np.percentile(score, 97)), 0.55)] = cv.GC_FGD
    _mark_people(small, marks)
    edge = max(2, min(height, width) // 40)
    for side in (marks[:edge], marks[:, :edge], marks[:, -edge:]):
        side[:] = cv.GC_BGD
    if forbidden is not None:
        marks[forbidden] = cv.GC_BGD
    if not (marks == cv.GC_FGD).any() or not (marks == cv.GC_BGD).any():
        return None
    cv.setRNGSeed(1)
    try:
        cv.grabCut(small, marks, None, np.zeros((1, 65)), np.zeros((1, 65)), 4, cv.GC_INIT_WITH_MASK)
    except cv.error:
        return None
    mask = ((marks == cv.GC_FGD) | (marks == cv.GC_PR_FGD)).astype(np.uint8)
    return _one_thing(mask, score)


def _mark_people(small: Bytes, marks: Bytes) -> None:
    """Faces belong to the subject, with the hair around and the body below them: a coat alone is no person.

    Skin by its chroma (Chai and Ngan, Face segmentation using skin-color map, 1999), in one compact upright patch.
    """
    height, width = marks.shape
    ycrcb = cv.cvtColor(cv.GaussianBlur(small, (0, 0), 1.2), cv.COLOR_RGB2YCrCb)
    red, blue = ycrcb[..., 1], ycrcb[..., 2]
    skin = ((red > 136) & (red < 176) & (blue > 82) & (blue < 128) & (ycrcb[..., 0] > 70)).astype(np.uint8)
    skin = np.asarray(cv.morphologyEx(skin, cv.MORPH_OPEN, np.ones((5, 5), np.uint8)), np.uint8)
    contours, _ = cv.findContours(skin, cv.RETR_EXTERNAL, cv.CHAIN_APPROX_SIMPLE)
    for contour in contours:
        x, y, w, h = cv.boundingRect(contour)
        area = cv.contourArea(contour)
        share = area / (height * width)
        solid = area / max(1.0, cv.contourArea(cv.convexHull(contour)))
        inside = x > 2 and x + w < width - 2
        if not (0.008 < share < 0.16 and solid > 0.72 and 0.75 < h / w < 2.2 and inside and y + h / 2 < 0.7 * height):
            continue
        centre = (x + w // 2, y + h // 2)
        body = np.array(
            [
                (centre[0] - w, y + h),
                (centre[0] + w, y + h),
                (centre[0] + round(1.9 * w), height - 1),
                (centre[0] - round(1.9 * w), height - 1),
            ]
        )
        likely = np.zeros_like(marks)
        cv.ellipse(likely, (centre[0], centre[1] - h // 6), (round(w * 0.95), round(h * 0.85)), 0, 0, 360, 1, -1)
        cv.fillPoly(likely, [body], 1)
        marks[(likely == 1) & (marks != cv.GC_FGD)] = cv.GC_PR_FGD
        core = np.zeros_like(marks)
        cv.drawContours(core, [cv.convexHull(contour)], -1, 1, -1)
        # The neck and the collar too, which are often as dark as what is behind.
        cv.rectangle(
            core, (centre[0] - round(0.55 * w), y + h // 2), (centre[0] + round(0.55 * w), y + round(1.55 * h)), 1, -1
        )
        marks[cv.erode(core, np.ones((3, 3), np.uint8)) == 1] = cv.GC_FGD


def _one_thing(mask: Bytes, score: Floats) -> Bytes | None:
    """The largest part with its near companions, without holes; None where it is no one thing."""
    height, width = mask.shape
    whole = mask
    mask = np.asarray(cv.morphologyEx(mask, cv.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
    count, labels, stats, _ = cv.connectedComponentsWithStats(mask)
    if count < 2:
        return None
    weights = [float(score[labels == k].sum()) for k in range(1, count)]
    best = int(np.argmax(weights)) + 1
    kept = np.isin(
        labels,
        [k for k in range(1, count) if k == best or stats[k, cv.CC_STAT_AREA] > 0.12 * stats[best, cv.CC_STAT_AREA]],
    ).astype(np.uint8)
    for _ in range(6):  # thin parts that the opening took, such as a spire, come back as far as they hang together
        kept |= whole & np.asarray(cv.dilate(kept, np.ones((5, 5), np.uint8)), np.uint8)
    kept = np.asarray(cv.morphologyEx(kept, cv.MORPH_CLOSE, np.ones((5, 5), np.uint8)), np.uint8)
    contours, _ = cv.findContours(kept, cv.RETR_EXTERNAL, cv.CHAIN_APPROX_SIMPLE)
    cv.drawContours(kept, contours, -1, 1, -1)
    share = float(kept.mean())
    sides = float(kept[0].mean()) + float(kept[:, 0].mean()) + float(kept[:, -1].mean())
    if not 0.012 < share < 0.62 or sides > 0.9:
        return None
    hull = sum(cv.contourArea(cv.convexHull(c)) for c in contours) / (height * width)
    if share < 0.30 * hull:  # a net of bits and pieces
        return None
    return kept * np.uint8(255)


def edge_quality(small: Bytes, mask: Bytes) -> float:
    """Share of a mask's outline, (h, w), along which inside and outside differ in the picture (h, w, 3): 1 is all."""
    lab = cv.cvtColor(small, cv.COLOR_RGB2LAB).astype(np.float32)
    inside = (mask > 0).astype(np.float32)
    size = (9, 9)

    def mean(weight: Floats) -> Floats:
        return cv.blur(lab * weight[..., None], size) / np.maximum(cv.blur(weight, size), 1e-3)[..., None]

    away = np.linalg.norm(mean(inside) - mean(1 - inside), axis=-1)
    outline = cv.morphologyEx(mask, cv.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    outline[:3] = outline[-3:] = outline[:, :3] = outline[:, -3:] = False
    return float((away[outline] > 13).mean()) if outline.any() else 0.0


def sky_mask(small: Bytes) -> Mask:
    """(h, w): the sky: even or softly clouded, hanging together with the upper edge, blue, grey, white or aglow."""
    height, width = small.shape[:2]
    grey = cv.GaussianBlur(cv.cvtColor(small, cv.COLOR_RGB2GRAY), (0, 0), 1.0).astype(np.float32)
    slope = cv.magnitude(cv.Sobel(grey, cv.CV_32F, 1, 0), cv.Sobel(grey, cv.CV_32F, 0, 1))
    rgb = small.astype(np.int16)
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    y = np.linspace(0, 1, height)[:, None]
    chroma = np.ptp(rgb, axis=-1)
    blues = (blue >= green - 4) & (blue > red + 6)
    whites = (chroma < 26) & (grey > 150)
    glow = (red >= green) & (green >= blue - 30) & (grey > 120) & (slope < 18)  # sunrise and sunset
    calm = (slope < 46) & (blues | whites | glow) & (y < 0.72)
    seeds = calm.astype(np.uint8)
    seeds = np.asarray(cv.morphologyEx(seeds, cv.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
    _, labels = cv.connectedComponents(seeds)
    top = {int(label) for label in np.unique(labels[: max(2, height // 40)])} - {0}
    mask = np.isin(labels, np.asarray(list(top)))
    mask = np.asarray(cv.morphologyEx(mask.astype(np.uint8), cv.MORPH_CLOSE, np.ones((5, 5), np.uint8))) > 0
    wide = float(mask[: max(2, height // 40)].mean())
    share = float(mask.mean())
    if wide < 0.45 or share < 0.05:
        return np.zeros((height, width), np.bool_)
    sky, rest = float(grey[mask].mean()), float(grey[~mask].mean()) if (~mask).any() else 0.0
    if sky < max(70.0, rest * 0.9):  # dark above: a ceiling or the night; nothing drifts there
        return np.zeros((height, width), np.bool_)
    # A sky ends where something rises into it: an even wall behind a portrait leaves room on both sides to the bottom.
    if float(mask[-height // 6 :].mean()) > 0.05 or (float(grey[mask].std()) < 1.2 and not _bluish(rgb, mask)):
        return np.zeros((height, width), np.bool_)
    return mask


def _bluish(rgb: npt.NDArray[np.int16], mask: Mask) -> bool:
    mean = rgb[mask].mean(axis=0)
    return bool(mean[2] > mean[0] + 8)
