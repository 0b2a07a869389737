"""The nets that look at pictures: files that the build packs (`packing/models.py`), run by OpenCV on its one thread.

Each is loaded when the first picture of a film needs it, which takes 0.1 s, and let go once the scenes stand
(`forget_nets`): U2-Net-p keeps 250 MB while it is there, those of faces 50 MB.
"""

from __future__ import annotations

import os
import threading
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from opendance.engines.previs.photo.vision import Floats, cv
from opendance.packing.models import FACE_FINDER, FACE_MESH, OUTLINES, PACKAGED

_LARGE_NAME, _LARGE_BYTES = "u2net.onnx", 175_997_641


class Net:
    """A net; one thread at a time runs it.

    Args:
        file: ONNX.
    """

    def __init__(self, file: Path) -> None:
        # The newer of OpenCV's two runtimes: with the other the full U2-Net takes 1.2 GB, with this one 0.5.
        self._net: Any = cv.dnn.readNetFromONNX(str(file), cv.dnn.ENGINE_NEW)
        self._lock = threading.Lock()

    def run(self, batch: Floats, layer: str) -> Floats:
        """What a layer gives for a batch (1, 3, h, w), in its own shape."""
        with self._lock:
            self._net.setInput(batch)
            return np.asarray(self._net.forward(layer), np.float32)


class FaceNets:
    """MediaPipe's two nets for faces; one thread at a time runs them.

    Args:
        finder, mesh: TFLite.
    """

    def __init__(self, finder: Path, mesh: Path) -> None:
        # The newer of OpenCV's runtimes gives but one of the two outputs that each of them has.
        self._finder, self._mesh = (
            cv.dnn.readNetFromTFLite(str(file), cv.dnn.ENGINE_CLASSIC) for file in (finder, mesh)
        )
        self._lock = threading.Lock()

    def find(self, batch: Floats) -> tuple[Floats, Floats]:
        """(896, 16) boxes and points, and (896,) scores before the sigmoid, of a look (1, 3, 128, 128), -1 to 1."""
        with self._lock:
            self._finder.setInput(batch)
            boxes, scores = self._finder.forward(["regressors", "classificators"])
        return np.asarray(boxes, np.float32).reshape(-1, 16), np.asarray(scores, np.float32).reshape(-1)

    def measure(self, batch: Floats) -> tuple[Floats, float]:
        """(1404,) x, y and z of 468 points, px, and how surely it is a face, of a look (1, 3, 192, 192), 0 to 1."""
        with self._lock:
            self._mesh.setInput(batch)
            mesh, flag = self._mesh.forward(["conv2d_21", "conv2d_31"])
        score = float(np.clip(np.asarray(flag).reshape(-1)[0], -100, 100))
        return np.asarray(mesh, np.float32).reshape(-1), float(1 / (1 + np.exp(-score)))


@cache
def outline_net() -> Net | None:
    """U2-Net, large where the operator has put it, else small; None where the build has packed none."""
    large = large_outline_file()
    if large is not None:
        return Net(large)
    small = PACKAGED / OUTLINES
    return Net(small) if small.is_file() else None


@cache
def face_nets() -> FaceNets | None:
    """What finds faces and measures them; None where the build has packed none."""
    files = [PACKAGED / name for name in (FACE_FINDER, FACE_MESH)]
    return FaceNets(*files) if all(file.is_file() for file in files) else None


def forget_nets() -> None:
    """Let the memory go that the nets take; the next picture loads them again."""
    outline_net.cache_clear()
    face_nets.cache_clear()


def packed_nets() -> tuple[str, ...]:
    """The files of nets that the build has packed."""
    return tuple(name for name in (OUTLINES, FACE_FINDER, FACE_MESH) if (PACKAGED / name).is_file())


def large_outline_place() -> Path:
    """Where the full U2-Net is looked for: where `rembg` keeps it, too."""
    return Path(os.environ.get("U2NET_HOME") or Path.home() / ".u2net") / _LARGE_NAME


def large_outline_file() -> Path | None:
    """The full U2-Net, where it lies whole in its place."""
    file = large_outline_place()
    try:
        return file if file.stat().st_size == _LARGE_BYTES else None
    except OSError:
        return None
