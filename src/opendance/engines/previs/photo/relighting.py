"""A photograph in the light of a set: its own light and volume stay, hour and air come over them."""

from __future__ import annotations

import numpy as np

from opendance.engines.previs.colour import Light, light_for
from opendance.engines.previs.inflating import MARGIN
from opendance.engines.previs.paint import with_rim
from opendance.engines.previs.photo.vision import Bytes, Floats, cv

_EXPOSURE = 0.5  # as what is lit from the side
_BRIGHT = 105.0  # of 255: a photograph that is darker in the mean has the night in it already
_SIDE = 0.13  # how much lighter its lit side is than its middle
_FOOT, _SHADED = 0.22, 0.16  # the lowest part of what stands, and how much less light comes there
_CENTRE = 0.5  # of a level, to round
_OWN = 0.2  # of its own light, that no place takes from it


def relit(
    rgba: Bytes, light: Light, towards: tuple[float, float], *, depth: float, curve: Floats | None, stands: bool
) -> Bytes:
    """A cut-out (h, w, 4), premultiplied, as it would look in a place; `MARGIN` px more come back on each side.

    Args:
        towards: direction of the light from it, x right and y down.
        depth: how far away it is; the subject's is 1.
        curve: (256,) what the frame's finish makes of each level, which is taken back; None where it changes none.
        stands: it stands on something that keeps the light from its foot.
    """
    rgba = np.asarray(cv.copyMakeBorder(rgba, MARGIN, MARGIN, MARGIN, MARGIN, cv.BORDER_CONSTANT), np.uint8)
    alpha = rgba[..., 3:].astype(np.float32)
    rgb = rgba[..., :3].astype(np.float32) * 255 / np.maximum(alpha, 1)
    seen = alpha[..., 0] > 128
    mean = float(rgb[seen].mean()) if seen.any() else _BRIGHT
    gain = _gain(light) ** np.float32(np.clip(mean / _BRIGHT, 0.25, 1))
    height, width = rgba.shape[:2]
    length = max(1e-6, float(np.hypot(*towards)))
    across = np.linspace(-1, 1, width, dtype=np.float32) * np.float32(_SIDE * light.strength * towards[0] / length)
    down = np.linspace(0, 1, height, dtype=np.float32)
    shade = 1 - _SHADED * np.clip((down - (1 - _FOOT)) / _FOOT, 0, 1) if stands else np.ones_like(down)
    rgb *= gain * (shade[:, None] * (1 + across[None, :]))[..., None]
    rgb += (np.asarray(light.haze, np.float32) * 255 - rgb) * np.float32(light.haze_share(depth))
    rgb = np.clip(rgb, 0, 255)
    if curve is not None:
        levels = np.interp(np.arange(256), curve, np.arange(256)).astype(np.float32)
        rgb = levels[(rgb + _CENTRE).astype(np.uint8)]
    out = np.dstack([(rgb * alpha / 255 + _CENTRE).astype(np.uint8), rgba[..., 3]])
    out[..., :3] = np.minimum(out[..., :3], out[..., 3:])
    rim = max(1.0, height * 0.005)
    return with_rim(out, towards, light.key, 0.30 * light.strength, rim)


def _gain(light: Light) -> Floats:
    """(3,): how much of the light of a clear day there is."""
    here, day = (
        np.asarray(each.lit((1.0, 1.0, 1.0), _EXPOSURE), np.float32)
        for each in (light, light_for("day", "clear", "natural", "field"))
    )
    return np.clip(here / day, 0.1, 1.25).astype(np.float32) * (1 - _OWN) + _OWN
