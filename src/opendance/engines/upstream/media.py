"""The user's own files, as an upstream gets them: smaller than our copies, and what its limits were made for.

An upstream gets what was examined here, and no more: of a file that holds more than that, it gets a copy of ours.
"""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass
from pathlib import Path

import av

from opendance.asset import Asset
from opendance.engines.upstream.base import UpstreamRequest
from opendance.errors import TaskError
from opendance.media.audio import read_wav
from opendance.media.encode import Encoding, encode_clip
from opendance.media.formats import media_type, read_head

_SUFFIX = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "video/mp4": "mp4", "video/quicktime": "mov",
    "audio/wave": "wav", "audio/mpeg": "mp3",
}  # fmt: skip
_ENCODING = Encoding("veryfast", 18)  # an upstream takes files of some 50 MB; our copies are made for speed


@dataclass(frozen=True)
class SourceFile:
    """A file with the name and the media type to send it under."""

    path: Path
    name: str
    media_type: str


def examined_file(asset: Asset) -> SourceFile:
    """What the user gave, where all of it was examined; else our copy, that of a video in one file with its sound."""
    path = Path(asset.source_path or asset.path)
    if asset.has_more:
        path = Path(asset.path) if asset.kind != "video" else _small_copy(asset)
    kind = media_type(read_head(path))
    name = f"{asset.kind}-{asset.number}.{_SUFFIX.get(kind, 'bin')}"
    return SourceFile(path, name, "audio/wav" if kind == "audio/wave" else kind)


async def url_of(asset: Asset, request: UpstreamRequest) -> str:
    """A URL that the upstream can read; pictures and sound may also stand in the request itself.

    Raises:
        TaskError: this server has no address that a video can be read from.
    """
    if (url := await request.asset_url(asset)) is not None:
        return url
    if asset.kind == "video":
        raise TaskError(
            "service_unavailable",
            "this server has no address that the upstream can read videos from: its operator can set public_url",
        )
    file = await asyncio.to_thread(examined_file, asset)
    raw = await asyncio.to_thread(file.path.read_bytes)
    return f"data:{file.media_type};base64,{base64.b64encode(raw).decode()}"


def _small_copy(asset: Asset) -> Path:
    """Our copy of a video in one file with its sound, beside it; there already where it was asked for before."""
    target = Path(asset.path).with_suffix(".lent.mp4")
    if target.exists():
        return target
    part = target.with_suffix(".part")
    with av.open(asset.path) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_type = "AUTO"
        sound = asset.sound_path
        encode_clip(
            part,
            container.decode(stream),
            None if sound is None else lambda: read_wav(Path(sound)),
            size=(stream.width, stream.height),
            encoding=_ENCODING,
            metadata={},
        )
    part.replace(target)
    return target
