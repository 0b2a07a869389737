"""The net that looks at pictures: a file that the build packs (`packing/models.py`), run by OpenCV on its one thread.

It is loaded when the first picture of a film needs it, which takes 0.1 s, and let go once the scenes stand
(`forget_nets`): U2-Net-p keeps 250 MB while it is there.
"""

from __future__ import annotations

import os
import threading
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from opendance.engines.previs.photo.vision import Floats, cv
from opendance.packing.models import OUTLINES, PACKAGED

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


@cache
def outline_net() -> Net | None:
    """U2-Net, large where the operator has put it, else small; None where the build has packed none."""
    large = large_outline_file()
    if large is not None:
        return Net(large)
    return Net(PACKAGED / OUTLINES) if packed_nets() else None


def forget_nets() -> None:
    """Let the memory go that the net takes; the next picture loads it again."""
    outline_net.cache_clear()


def packed_nets() -> tuple[str, ...]:
    """The files of nets that the build has packed."""
    return (OUTLINES,) if (PACKAGED / OUTLINES).is_file() else ()


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
