"""From high dynamic range to the standard one."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, cast

import av
import numpy as np

from opendance.catalog import FRAME_RATE

PQ, HLG = 16, 18  # transfer functions, by their numbers in ITU-T H.273


def tone_table(transfer: int, level: int = 6) -> av.VideoFrame:
    """A look-up table from HDR (BT.2100 PQ or HLG, BT.2020 colours) to BT.709, as a picture: a Hald CLUT.

    Args:
        level: the table has level squared steps of each colour, the picture level cubed rows.

    Sources: PQ and HLG from ITU-R BT.2100-2 (tables 4 and 5), the matrix from BT.2087-0, the curve from BT.709-6. The
    shoulder is Reinhard's, with 203 cd/m2 (BT.2408's reference white) at 0.8 of the range.
    """
    v = np.linspace(0, 1, level**2)
    if transfer == PQ:
        m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
        p = v ** (1 / m2)
        light = 10_000 * (np.maximum(p - c1, 0) / (c2 - c3 * p)) ** (1 / m1)
    else:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        scene = np.where(v <= 0.5, v * v / 3, (np.exp((v - c) / a) + b) / 12)
        light = 1000 * scene**1.2
    linear = light / 203.0
    blue, green, red = np.meshgrid(linear, linear, linear, indexing="ij")  # red changes fastest, as the format wants
    rgb = np.stack([red, green, blue], axis=-1).reshape(-1, 3)
    to_709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])
    rgb = np.maximum(rgb @ to_709.T, 0)
    peak = rgb.max(axis=1, keepdims=True)
    white = 4.9  # about 1,000 cd/m2
    mapped = peak * (1 + peak / white**2) / (1 + peak * 0.25)
    rgb = np.clip(rgb * (mapped / np.maximum(peak, 1e-9)), 0, 1)
    coded = cast(Any, np).where(rgb < 0.018, 4.5 * rgb, 1.099 * rgb**0.45 - 0.099)
    picture = np.asarray(coded * 65535 + 0.5, np.uint16).reshape(level**3, level**3, 3)
    frame = av.VideoFrame.from_ndarray(picture, format="rgb48le")
    frame.pts, frame.time_base = 0, Fraction(1, FRAME_RATE)
    return frame
