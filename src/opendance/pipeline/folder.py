"""The work folder of a task: where its files lie while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from opendance.order import Link

_COPIES = {"image": ".png", "video": ".mp4", "audio": ".wav"}


@dataclass(frozen=True)
class Folder:
    """What lies in `path`."""

    path: Path

    def source(self, link: Link) -> Path:
        """The file as the user gave it."""
        return self.path / f"{link.kind}-{link.number}.source"

    def copy(self, link: Link) -> Path:
        """Our own copy of it, in the form that engines read."""
        return self.path / f"{link.kind}-{link.number}{_COPIES[link.kind]}"

    @property
    def clip(self) -> Path:
        """What the engine made."""
        return self.path / "clip.mp4"

    @property
    def signed(self) -> Path:
        """The clip with its manifest."""
        return self.path / "signed.mp4"

    def has(self, *paths: str | Path) -> bool:
        """Whether all are files of this very folder: an earlier worker may have had another."""
        return all(Path(path).parent == self.path and Path(path).is_file() for path in paths)
