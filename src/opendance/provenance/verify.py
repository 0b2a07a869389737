"""What can be told of where a file comes from: its manifest and its marks."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import c2pa

from opendance.media.examine import Examiner
from opendance.provenance.manifest import Manifest, read_manifest


@dataclass(frozen=True)
class Report:
    """What was found.

    Attributes:
        manifest: None where the file has none.
        marks: what `media.watermarks.find_watermarks` says.
    """

    manifest: Manifest | None
    marks: dict[str, Any]

    @property
    def is_ours(self) -> bool:
        """Whether a whole manifest, or a mark, says that this program made it."""
        manifest = self.manifest
        has_origin = manifest is not None and bool(manifest.generation) and not manifest.problems
        return has_origin or self.marks["picture"] or bool(self.marks["sound"])

    def as_json(self) -> dict[str, Any]:
        number = self.marks["number"]
        return {
            "generated": self.is_ours,
            "manifest": None if self.manifest is None else asdict(self.manifest),
            "marks": {**self.marks, "number": None if number is None else f"{number:08x}"},
        }


async def verify(path: Path) -> Report:
    """Look at a file: its marks in a confined process, its manifest with C2PA's own reader, which asks nobody.

    Raises:
        TaskError: there is no readable video in it.
    """
    examiner = Examiner()
    try:
        marks = await examiner.marks(path)
    finally:
        await examiner.close()
    try:
        manifest = read_manifest(path)
    except c2pa.C2paError:  # such as a WebM file, which can hold none, or a manifest elsewhere
        manifest = None
    return Report(manifest, marks)
