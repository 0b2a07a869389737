"""An engine of one's own, complete: a slow wash of colour, and a tone."""

import time
from pathlib import Path

import numpy as np
from pydantic import BaseModel

from opendance.catalog import Mode
from opendance.engines.base import RenderCancelled
from opendance.engines.registry import EngineFacts
from opendance.job import Clip
from opendance.media.finish import Finish, finish_frames


class Options(BaseModel, extra="forbid"):
    hue: float = 0.6  # what `[engine.gradient]` can say


class Gradient:
    def __init__(self, options):
        self.hue = options.hue

    def warm(self):
        self.ramp = np.linspace(0, 1, 320)[None, :, None] * np.ones((180, 1, 3))

    def render(self, job, progress, cancelled):
        started = time.monotonic()

        def frames():
            for index in range(job.num_frames):
                if cancelled():
                    raise RenderCancelled
                progress(index / job.num_frames)
                colour = 0.5 + 0.5 * np.cos(6.28 * (self.hue + index / 96 + np.array([0, 0.33, 0.67])))
                yield (255 * self.ramp * colour).astype(np.uint8)

        tone = np.sin(2 * np.pi * 220 * np.arange(job.num_frames * 2000) / 48000, dtype=np.float32)
        finish = Finish.of(job, "gradient")
        finish_frames(Path(job.output), frames(), (tone[None], 48000), finish)
        return Clip(job.output, time.monotonic() - started)


FACTS = EngineFacts(
    "gradient", "a wash of colour", frozenset({Mode.TEXT}), __name__ + ":Gradient", options=__name__ + ":Options"
)
