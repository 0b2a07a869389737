"""The user's own files, as an upstream gets them: smaller than our copies, and what its limits were made for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from opendance.asset import Asset
from opendance.media.formats import media_type, read_head

_SUFFIX = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "video/mp4": "mp4", "video/quicktime": "mov",
    "audio/wave": "wav", "audio/mpeg": "mp3",
}  # fmt: skip


@dataclass(frozen=True)
class SourceFile:
    """A file with the name and the media type to send it under."""

    path: Path
    name: str
    media_type: str


def source_file(asset: Asset) -> SourceFile:
    """What the user gave, else our copy of it."""
    path = Path(asset.source_path or asset.path)
    kind = media_type(read_head(path))
    name = f"{asset.kind}-{asset.number}.{_SUFFIX.get(kind, 'bin')}"
    return SourceFile(path, name, "audio/wav" if kind == "audio/wave" else kind)
