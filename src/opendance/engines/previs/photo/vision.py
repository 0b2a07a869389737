"""OpenCV, whose own types are too narrow (arrays of any shape and kind count as `Mat`) and leave much out."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

cv: Any = cv2
Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating[Any]]
Mask = npt.NDArray[np.bool_]
