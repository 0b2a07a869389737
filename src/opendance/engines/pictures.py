"""Pictures as a model is to get them: upright, and of a size that it does not stretch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from opendance.media.frames import cover, middle
from opendance.media.image import read_png


def picture(path: str, size: tuple[int, int]) -> Image.Image:
    """The middle of a picture, scaled to cover `size`: models stretch what has another shape."""
    whole = whole_picture(path)
    scaled = whole.resize(cover(whole.width, whole.height, size), Image.Resampling.LANCZOS)
    return Image.fromarray(np.ascontiguousarray(middle(np.asarray(scaled), size)))


def whole_picture(path: str, *, long_edge: int | None = None) -> Image.Image:
    """A picture of ours (upright, sRGB) without what is transparent.

    Args:
        long_edge: larger ones are scaled down to it, px.
    """
    whole = Image.fromarray(np.ascontiguousarray(read_png(Path(path))[..., :3]))
    if long_edge is not None and max(whole.size) > long_edge:
        whole.thumbnail((long_edge, long_edge), Image.Resampling.LANCZOS)
    return whole
