"""The drawings of Fluent and Noto, which builds put beside the code (`packing`): SVG by the name of the emoji."""

from __future__ import annotations

import zipfile
from functools import cache
from pathlib import Path
from typing import Literal

from opendance.packing.drawings import FILE, PACKAGED

PackagedSet = Literal["fluent", "noto"]


class PackagedDrawings:
    """One packed file; an empty one where the file is not there."""

    def __init__(self, file: Path = PACKAGED / FILE) -> None:
        self._archive = zipfile.ZipFile(file) if file.is_file() else None
        self._members = frozenset(self._archive.namelist()) if self._archive is not None else frozenset[str]()

    def svg(self, drawing_set: PackagedSet, name: str) -> str | None:
        """The whole SVG of a drawing, by its name in words with hyphens; none where the set has none."""
        member = f"{drawing_set}/{name}.svg"
        if self._archive is None or member not in self._members:
            return None
        return self._archive.read(member).decode("utf-8")

    def names(self, drawing_set: PackagedSet) -> frozenset[str]:
        """What a set has."""
        start = f"{drawing_set}/"
        return frozenset(member[len(start) : -4] for member in self._members if member.startswith(start))


@cache
def packaged_drawings() -> PackagedDrawings:
    """Those that came with the program."""
    return PackagedDrawings()
