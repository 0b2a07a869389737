"""Footage whose thing stands before another background."""

from __future__ import annotations

from pathlib import Path as FilePath

import numpy as np

from opendance.engines.previs.photo.footage import Footage, Reel, frame_at, small_frames
from opendance.engines.previs.photo.mattes import mattes_of_all
from opendance.engines.previs.photo.outline import guided_by_colour
from opendance.engines.previs.photo.tracking import Track, camera_matrix, track
from opendance.engines.previs.photo.vision import Bytes, cv

_FARTHEST = 0.2  # picture heights


class KeyedFootage(Footage):
    """What stands out in footage, before a picture that follows its camera; as it is where nothing stands out.

    Args:
        path: of the clip.
        behind: the new background, (h, w, 3), of the frame's size.
    """

    def __init__(self, reel: Reel, path: FilePath, size: tuple[int, int], behind: Bytes, num_frames: int) -> None:
        super().__init__(reel)
        self._size, self._behind = size, behind
        frames = list(small_frames(path, size[0] / size[1], num_frames))
        greys = [np.asarray(cv.cvtColor(frame, cv.COLOR_RGB2GRAY), np.uint8) for frame in frames]
        camera, _ = track(greys)
        # A picture has nothing to show far beyond its edge: where the camera goes that far, or is cut, it stays.
        self._camera = camera if _goes(camera) < _FARTHEST else None
        self._alphas = mattes_of_all(frames).frames

    def picture(self, t: float) -> Bytes:
        index = frame_at(t)
        rgb = super().picture(t)
        if not self._alphas:
            return rgb
        width, height = self._size
        rough = self._alphas[min(index, len(self._alphas) - 1)].astype(np.float32) / np.float32(255)
        size = (rough.shape[1], rough.shape[0])
        guide = np.asarray(cv.resize(rgb, size, interpolation=cv.INTER_AREA), np.float32) / np.float32(255)
        fine = np.clip((guided_by_colour(guide, rough, 4, 1e-3) - 0.5) * 1.8 + 0.42, 0, 1)
        alpha = np.asarray(cv.resize(fine.astype(np.float32), (width, height), interpolation=cv.INTER_CUBIC))
        alpha = np.clip(alpha, 0, 1)[..., None]
        behind = self._behind
        if self._camera is not None:
            move, flags = camera_matrix(self._camera, index, self._size), cv.INTER_LINEAR
            behind = cv.warpAffine(behind, move, (width, height), flags=flags, borderMode=cv.BORDER_REFLECT_101)
        return (rgb * alpha + np.asarray(behind, np.float32) * (1 - alpha) + 0.5).astype(np.uint8)


def _goes(camera: Track) -> float:
    """How far a camera goes from where it begins, picture heights."""
    return float(max(np.abs(camera.x).max(), np.abs(camera.y).max(), np.abs(camera.scale - 1).max()))
