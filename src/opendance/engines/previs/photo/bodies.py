"""The body of who or what is cut out of a photograph."""

from __future__ import annotations

import numpy as np

from opendance.engines.previs.photo.cutout import Cutout
from opendance.engines.previs.photo.expressions import Layer, expressions_of
from opendance.engines.previs.photo.vision import Bytes, cv
from opendance.engines.previs.subjects import Body


def cutout_body(cutout: Cutout, size: int, *, width: float, speaks: bool = False) -> Body:
    """A cut-out, `size` px high, or less where it would be wider than `width`.

    Args:
        speaks: whether its largest face is to be seen with open mouths.
    """
    rgba = cutout.rgba
    scale = min(size / rgba.shape[0], max(16.0, width) / rgba.shape[1])
    shape = (max(4, round(rgba.shape[1] * scale)), max(4, round(rgba.shape[0] * scale)))
    how = cv.INTER_AREA if scale < 1 else cv.INTER_CUBIC
    picture = np.ascontiguousarray(cv.resize(rgba, shape, interpolation=how), np.uint8)
    picture[..., :3] = np.minimum(picture[..., :3], picture[..., 3:])
    if not cutout.faces:
        return Body((picture,), None, (), 1.0)
    face = cutout.faces[0].scaled(scale)
    able = expressions_of(np.ascontiguousarray(picture[..., :3]), face, speaks=speaks)
    pictures = [picture, *(_laid(picture, layer) for layer in (*able.lids, *able.mouths))]
    first = 1 + len(able.lids)
    return Body(
        tuple(pictures), None, (), 1.0, lids=tuple(range(1, first)), mouths=tuple(range(first, len(pictures)))
    )  # fmt: skip


def _laid(picture: Bytes, layer: Layer) -> Bytes:
    """A premultiplied picture with a layer over it, as far as there is something in the picture."""
    out = picture.copy()
    height, width = layer.rgba.shape[:2]
    part = out[layer.top : layer.top + height, layer.left : layer.left + width].astype(np.float32)
    share = layer.rgba[..., 3:].astype(np.float32) / 255
    mixed = part[..., :3] * (1 - share) + layer.rgba[..., :3]
    rgb = np.minimum(mixed + 0.5, part[..., 3:]).astype(np.uint8)
    out[layer.top : layer.top + height, layer.left : layer.left + width, :3] = rgb
    return out
