"""The invisible watermarks of any video: whether its picture and its sound were made by this program."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np

from opendance.catalog import FRAME_RATE
from opendance.errors import TaskError
from opendance.media.audio import decode_sound
from opendance.media.formats import damage
from opendance.media.sound_watermark import SURE, find_sound_watermark
from opendance.media.video import video_stream
from opendance.media.watermark import Grid, WatermarkReading, blue_of, cell_means, find_watermark

_MOST_SECONDS = 120.0  # that are looked at
_PLANAR = ("yuv420p", "yuvj420p", "yuv422p", "yuv444p")
_FORMATS = ("mov", "matroska")  # MP4, MOV; WebM, Matroska


def find_watermarks(path: Path) -> dict[str, Any]:
    """Look at every frame and all of the sound; call it where files from outside may be opened.

    Returns:
        `picture` and `sound`: whether each is marked, None where there is none, or too little of it to tell;
        `picture_sigmas`, `sound_sigmas`: how far each stands out from chance; `number`: what the picture's carries.

    Raises:
        TaskError: there is no readable video in the file.
    """
    reading, sigmas = WatermarkReading(0.0, None), None
    problem: Exception | None = None
    for name in _FORMATS:
        try:
            with path.open("rb") as file:
                with av.open(file, "r", format=name) as container:
                    reading = find_watermark(_frames(container))
                file.seek(0)
                with av.open(file, "r", format=name) as container:
                    if container.streams.audio:
                        samples, _ = decode_sound(container, most_seconds=_MOST_SECONDS)
                        sigmas = find_sound_watermark(samples.astype(np.float32) / np.float32(32768))
            break
        except (av.error.FFmpegError, OSError, ValueError) as error:
            problem = problem or error
    else:
        raise TaskError("invalid_video", f"it cannot be read as a video: {damage(problem or ValueError())}")
    return {
        "picture": reading.is_there,
        "picture_sigmas": round(reading.sigmas, 1),
        "number": reading.number if reading.is_there else None,
        "sound": None if sigmas is None else sigmas >= SURE,
        "sound_sigmas": None if sigmas is None else round(sigmas, 1),
    }


def _frames(container: Any) -> Generator[tuple[float, Grid]]:
    stream = video_stream(container)
    begins = None
    for frame in container.decode(stream):
        if frame.pts is None or frame.time_base is None:
            continue
        begins = frame.pts if begins is None else begins
        seconds = float((frame.pts - begins) * frame.time_base)
        if seconds > _MOST_SECONDS:
            return
        whole = frame if frame.format.name in _PLANAR else frame.reformat(format="yuv420p")
        yield round(seconds * FRAME_RATE), cell_means(blue_of(whole))
