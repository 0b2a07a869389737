"""Packages of PyPI of which the build wants files, not the package: by version and hash, through pip."""

from __future__ import annotations

import base64
import sys
from dataclasses import dataclass
from pathlib import Path

from opendance.packing.npm import NotPacked, Package, run_quietly


@dataclass(frozen=True)
class PythonPackage(Package):
    """A package of PyPI; `archive` and `sha512` are those of its wheel or its source.

    Attributes:
        python: the Python that pip is to take a wheel for, such as "3.10": its code does not run here, so that ours
            does not matter; empty: this one.
    """

    python: str = ""

    def fetch(self, scratch: Path) -> Path:
        digest = base64.b64decode(self.sha512).hex()
        asked = scratch / f"{self.name}.txt"
        asked.write_text(f"{self.name}=={self.version} --hash=sha512:{digest}\n", "utf-8")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        kind = [f"--{'only-binary' if self.archive.endswith('.whl') else 'no-binary'}=:all:"]
        python = [f"--python-version={self.python}"] if self.python else []
        run_quietly([*pip, *kind, *python, "--require-hashes", "-r", str(asked), "-d", str(scratch)], scratch)
        archive = scratch / self.archive
        if not archive.is_file():
            raise NotPacked(f"pip gave no {self.archive}")
        return archive
