"""Which codecs are decoded: those that phones, cameras, browsers and editors write, and no other of FFmpeg's hundreds.

A file names its codecs itself, so that each decoder is one that a stranger can choose.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import av
from av.container import InputContainer
from av.stream import Disposition

from opendance.errors import TaskError

VIDEO: Mapping[str, str] = {
    "h264": "H.264",
    "hevc": "HEVC",
    "av1": "AV1",
    "vp9": "VP9",
    "mpeg4": "MPEG-4",
    "mjpeg": "Motion JPEG",
    "prores": "ProRes",
}
"""Names by FFmpeg's."""
_PCM = [f"pcm_{form}{end}" for form in ("s16", "s24", "s32", "f32", "f64") for end in ("le", "be")]
SOUND: Mapping[str, str] = {
    "aac": "AAC",
    "mp3": "MP3",
    "alac": "Apple Lossless",
    "opus": "Opus",
    "ac3": "AC-3",
    "eac3": "E-AC-3",
} | dict.fromkeys([*_PCM, "pcm_u8", "pcm_s8", "pcm_alaw", "pcm_mulaw"], "PCM")
MOST_STORED = 4096 * 2304
"""Pixels of a picture as it is stored: 4K. For a larger one no decoder makes room, whatever it is to become."""

WEB_VIDEO, WEB_SOUND = {"vp8": "VP8"}, {"vorbis": "Vorbis"}
"""What WebM has beside those."""
# FFmpeg opens decoders before we see what they are; these are the names of its decoders, not of codecs.
_DECODERS = [*VIDEO, *SOUND, *WEB_VIDEO, *WEB_SOUND, "libdav1d", "libvpx", "libvpx-vp9", "mp3float", "libopus"]


def decoders_only() -> dict[str, str]:
    """Options for `av.open` and for what decodes: no other decoder is opened, and none makes room for more than 4K."""
    return {"codec_whitelist": ",".join(_DECODERS), "max_pixels": str(MOST_STORED)}


def picture_stream(container: InputContainer, codecs: Mapping[str, str] = VIDEO) -> av.VideoStream:
    """The picture of a video.

    Args:
        codecs: that are decoded, and their names.

    Raises:
        TaskError: there is none, or it is coded in another way.
    """
    for stream in container.streams.video:  # a cover picture is no video
        if not stream.disposition & Disposition.attached_pic:
            _check("picture", "invalid_video", stream, codecs, "H.264")
            return stream
    raise TaskError("invalid_video", "there is no video in it")


def sound_stream(
    container: InputContainer, codecs: Mapping[str, str] = SOUND, *, code: str = "invalid_video", better: str = "AAC"
) -> av.AudioStream | None:
    """The first sound that can be decoded; None where there is no sound at all.

    Args:
        codecs: that are decoded, and their names.
        code: of the error.
        better: what a file should have that has none of `codecs`.

    Raises:
        TaskError: there is sound, and all of it is coded in another way.
    """
    streams = container.streams.audio
    for stream in streams:  # phones write a second one that only they can play
        if _codec(stream) in codecs:
            return stream
    if streams:
        _check("sound", code, streams[0], codecs, better)
    return None


def _check(what: str, code: str, stream: Any, codecs: Mapping[str, str], better: str) -> None:
    codec = _codec(stream)
    if codec not in codecs:
        names = sorted(set(codecs.values()))
        known = f"{', '.join(names[:-1])} or {names[-1]}"
        raise TaskError(code, f"its {what} is coded as {codec}; it must be {known}: export it with {better}")


def _codec(stream: Any) -> str:
    context = stream.codec_context
    return "something unknown" if context is None else context.codec.canonical_name
