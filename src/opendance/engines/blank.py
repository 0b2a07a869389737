"""A dark picture with silence, made once for each size and length, then only copied: to measure the service itself."""

from __future__ import annotations

import os
import time
from pathlib import Path

import av
import numpy as np

from opendance.catalog import FRAME_RATE, SAMPLE_RATE
from opendance.engines.base import Cancelled, Progress, RenderCancelled
from opendance.job import Clip, Job
from opendance.media.encode import Encoding, encode_clip

SECONDS = "OPENDANCE_BLANK_SECONDS"  # how long a clip is to take, s; default: no longer than it takes
_STEP = 0.05  # s between two reports


class Blank:
    """Nothing to look at. What a task takes with it is what the service takes.

    Args:
        seconds: how long a clip is to take; None for what the environment says.
    """

    def __init__(self, *, seconds: float | None = None) -> None:
        # By size, number of frames and sound. In memory: a folder would stay behind wherever the process is killed.
        self._clips: dict[tuple[int, int, int, bool], bytes] = {}
        self._seconds = float(os.environ.get(SECONDS, "0")) if seconds is None else seconds

    def warm(self) -> None:
        """Nothing to load."""

    def render(self, job: Job, progress: Progress, cancelled: Cancelled) -> Clip:
        """Copy the clip that fits `job`.

        Raises:
            RenderCancelled: `cancelled` said so.
        """
        started = time.monotonic()
        Path(job.output).write_bytes(self._clip(job))
        while True:
            if cancelled():
                raise RenderCancelled
            taken = time.monotonic() - started
            if taken >= self._seconds:
                return Clip(path=job.output, seconds_taken=taken)
            progress(taken / self._seconds)
            time.sleep(min(_STEP, self._seconds - taken))

    def _clip(self, job: Job) -> bytes:
        width, height = job.size
        name = (width, height, job.num_frames, job.generate_audio)
        if name not in self._clips:
            luma = np.full((height, width), 16, np.uint8)
            chroma = np.full((height // 2, width), 128, np.uint8)
            frame = av.VideoFrame.from_ndarray(np.concatenate([luma, chroma]), format="yuv420p")
            samples = job.num_frames * SAMPLE_RATE // FRAME_RATE
            part = Path(job.work_folder) / "blank.mp4"
            encode_clip(
                part,
                (frame for _ in range(job.num_frames)),
                (lambda: np.zeros((samples, 2), np.float32)) if job.generate_audio else None,
                size=job.size,
                encoding=Encoding(preset="ultrafast", crf=40),
                metadata={"title": "blank", "comment": "A blank clip, for measurements of the service."},
            )
            self._clips[name] = part.read_bytes()
            part.unlink()
        return self._clips[name]
