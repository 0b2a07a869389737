"""Clips of the engine, judged by an independent decoder (OpenCV brings its own FFmpeg, apart from PyAV's)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from opendance.catalog import AspectRatio, Quality, Tier, pixels_for
from opendance.engines.previs.engine import Previs
from opendance.job import Job
from opendance.prompt import plan_prompt


@dataclass
class Decoded:
    """A clip as the independent decoder sees it: frames (n, h, w, 3) uint8, BGR."""

    path: Path
    frames: npt.NDArray[np.uint8]
    frame_rate: float
    codec: str


def decode(path: Path) -> Decoded:
    capture = cv2.VideoCapture(str(path))
    assert capture.isOpened()
    frames = []
    while True:
        found, frame = capture.read()
        if not found:
            break
        frames.append(frame)
    code = int(capture.get(cv2.CAP_PROP_FOURCC))
    return Decoded(path, np.stack(frames), capture.get(cv2.CAP_PROP_FPS), code.to_bytes(4, "little").decode())


@pytest.fixture(scope="session")
def previs() -> Previs:
    engine = Previs()
    engine.warm()
    return engine


Make = Callable[..., Decoded]


@pytest.fixture
def make(previs: Previs, tmp_path: Path) -> Make:
    """Makes a clip: mini, 480p, 4 s and silent unless asked otherwise."""
    count = 0

    def render(prompt: str, **changes: Any) -> Decoded:
        nonlocal count
        count += 1
        folder = tmp_path / f"clip{count}"
        folder.mkdir()
        seconds = changes.get("seconds", 4)
        quality, ratio = Quality(changes.get("quality", "480p")), AspectRatio(changes.get("ratio", "16:9"))
        job = Job(
            plan=plan_prompt(prompt, seconds=seconds, aspect_ratio=ratio), tier=changes.get("tier", Tier.MINI), quality=quality,
            size=pixels_for(ratio, quality), num_frames=seconds * 24, seed=changes.get("seed", 1),
            generate_audio=changes.get("audio", False), title=prompt, work_folder=str(folder), output=str(folder / "clip.mp4"),
        )  # fmt: skip
        previs.render(job, lambda share: None, lambda: False)
        return decode(folder / "clip.mp4")

    return render
