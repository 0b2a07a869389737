"""What a finished clip really is, told by its container and its packets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import av.error

from opendance.errors import TaskError


@dataclass(frozen=True)
class ClipFacts:
    """Facts of an MP4 of ours."""

    width: int
    height: int
    num_frames: int
    frame_rate: float
    has_audio: bool
    audio_seconds: float


def probe_clip(path: Path) -> ClipFacts:
    """Read the facts of a clip that an engine left.

    Raises:
        TaskError: there is no readable video in the file.
    """
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise TaskError("generation_failed_no_content", "the engine left a file without a video")
            video = container.streams.video[0]
            sound = container.streams.audio[0] if container.streams.audio else None
            seconds = 0.0
            if sound is not None and sound.duration is not None and sound.time_base is not None:
                seconds = float(sound.duration * sound.time_base)
            return ClipFacts(
                width=video.width,
                height=video.height,
                num_frames=sum(1 for packet in container.demux(video) if packet.size),
                frame_rate=float(video.average_rate or 0),
                has_audio=sound is not None,
                audio_seconds=seconds,
            )
    except (av.error.FFmpegError, OSError) as error:
        raise TaskError("generation_failed_no_content", f"the engine left no readable video: {error}") from None
