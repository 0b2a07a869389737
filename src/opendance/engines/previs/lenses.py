"""What a lens does: how far and near stand to each other, how deep the focus is, and how the picture is bent.

Wide and long lenses are paths of the camera: from nearer with a shorter focal length, or from farther with a longer
one, what stands at depth 1 is as large, but what is behind it is smaller or larger. The rest is done to frames.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from opendance.engines.previs.camera import Path, Pose
from opendance.plan import Lens

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint64]

_FOCAL: Mapping[Lens, float] = {"wide_angle": 0.74, "fisheye": 0.70, "telephoto": 1.7}  # over that of a usual lens
_USUAL, _SOFTENED, _FOCAL_RANGE = 40, 0.75, (0.62, 2.2)  # mm; power; least and most
_BLUR: Mapping[Lens, float] = {"macro": 2.4, "telephoto": 1.8, "wide_angle": 0.4, "fisheye": 0.3, "tilt_shift": 0.6}
_BULGE: Mapping[Lens, float] = {"fisheye": 0.42, "wide_angle": 0.05}
_SCOPE = 2.39  # width over height of an anamorphic picture
_SHARP, _SOFT = (
    0.13,
    0.34,
)  # of a tilted lens: from the line of focus to where it is soft, and all soft, picture heights
_FOCUS_LINE = 0.62  # share of the height, where subjects stand
_BLACK = (16, 128, 128)  # Y, Cb, Cr, limited range


def blur_of(lens: Lens | None, millimetres: int | None = None) -> float:
    """How much softer than usual a lens shows what is out of focus.

    Args:
        millimetres: its focal length, where the words tell one.
    """
    if lens is None and millimetres is not None:
        return float(np.clip(millimetres / _USUAL, 0.3, 3.0))
    return 1.0 if lens is None else _BLUR.get(lens, 1.0)


def focal_of(lens: Lens | None, millimetres: int | None) -> float:
    """Focal length over that of a usual lens; of one in mm softened, since a set is painted for the usual one."""
    if millimetres is not None and lens in (None, "wide_angle", "telephoto"):
        return float(np.clip((millimetres / _USUAL) ** _SOFTENED, *_FOCAL_RANGE))
    return 1.0 if lens is None else _FOCAL.get(lens, 1.0)


def through(lens: Lens | None, path: Path, millimetres: int | None = None) -> Path:
    """The path with the focal length of a lens; what is at depth 1 stays as large as it was."""
    focal = focal_of(lens, millimetres)
    if focal == 1.0:
        return path

    def seen(share: float) -> Pose:
        pose = path(share)
        return replace(pose, zoom=pose.zoom * focal, dolly=1 - focal * (1 - pose.dolly))

    return seen


class LensEffect:
    """What a lens does to frames of one size.

    Args:
        size: width and height, px.
    """

    def __init__(self, lens: Lens, size: tuple[int, int]) -> None:
        self._lens = lens
        width, height = size
        bulge = _BULGE.get(lens, 0.0)
        self._maps: tuple[Floats, Floats] | None = None
        if bulge:
            x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
            dx, dy = (x - width / 2) / (width / 2), (y - height / 2) / (width / 2)
            # What is seen at a place comes from nearer the middle, the more the farther out it is; corners stay.
            scale = (1 + bulge * (dx * dx + dy * dy)) / (1 + bulge * (1 + (height / width) ** 2))
            self._maps = (
                (dx * scale * width / 2 + width / 2).astype(np.float32),
                (dy * scale * width / 2 + height / 2).astype(np.float32),
            )
        away = np.abs((np.arange(height) + 0.5) / height - _FOCUS_LINE)
        self._soft = np.clip((away - _SHARP) / (_SOFT - _SHARP), 0, 1).astype(np.float32)

    def bend(self, frame: Pixels) -> None:
        """Bend the picture, (h, w) lanes, where the lens does."""
        if self._maps is None:
            return
        lanes = frame.view(np.uint16).reshape(*frame.shape, 4)
        bent = cv2.remap(lanes, *self._maps, interpolation=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        lanes[:] = np.asarray(bent, np.uint16)

    def finish(self, planes: tuple[Bytes, Bytes, Bytes]) -> None:
        """What is done to the finished picture, Y, Cb and Cr: softness by height, bars."""
        if self._lens == "tilt_shift":
            for plane in planes:
                self._soften(plane)
        if self._lens == "anamorphic":
            for plane, black in zip(planes, _BLACK, strict=True):
                bar = round((plane.shape[0] - planes[0].shape[1] / _SCOPE * plane.shape[0] / planes[0].shape[0]) / 2)
                if bar > 0:
                    plane[:bar] = black
                    plane[-bar:] = black

    def _soften(self, plane: Bytes) -> None:
        sharp = np.ascontiguousarray(plane)
        height, width = sharp.shape
        small = cv2.resize(sharp, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        soft = cv2.resize(
            cv2.GaussianBlur(small, (0, 0), height / 190), (width, height), interpolation=cv2.INTER_LINEAR
        )
        share = cv2.resize(self._soft[:, None], (1, height), interpolation=cv2.INTER_LINEAR)
        weights = np.asarray(share, np.float32).reshape(height, 1)
        plane[:] = np.clip(sharp + (soft.astype(np.float32) - sharp) * weights + 0.5, 0, 255).astype(np.uint8)
