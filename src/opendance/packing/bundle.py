"""Files made of packages, once a checkout: a stamp beside them says of which."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from opendance.packing.npm import Fetch, Package, fetch_checked

_STAMP = "stamp.json"
_FORMAT = 2  # of the files; another one is packed anew


@dataclass(frozen=True)
class Bundle:
    """Files that are made of packages and lie in a folder of their own.

    Attributes:
        name: what they are, in words; `without`: what there is where they are not.
        files: their names in `folder`.
        packages: by a name of ours, what they are made of.
        make: writes the files into a folder, of the packages' archives.
    """

    name: str
    without: str
    folder: Path
    files: tuple[str, ...]
    packages: Mapping[str, Package]
    make: Callable[[Mapping[str, Path], Path], None]

    def is_packed(self) -> bool:
        """Whether the files lie there as this version packs them."""
        try:
            stamp = (self.folder / _STAMP).read_text("utf-8")
        except OSError:
            return False
        return stamp == self._stamp() and all((self.folder / file).is_file() for file in self.files)

    def pack(self, fetch: Fetch | None = None) -> None:
        """Fetch the packages and make the files of them; nothing is done where they are there.

        Raises:
            NotPacked: npm or its registry cannot be reached, or an archive is not what was expected.
        """
        if self.is_packed():
            return
        with tempfile.TemporaryDirectory() as scratch:
            archives = {name: fetch_checked(each, Path(scratch), fetch) for name, each in self.packages.items()}
            self.folder.mkdir(parents=True, exist_ok=True)
            # Beside where they belong, so that each takes its place at once.
            with tempfile.TemporaryDirectory(prefix=".draft-", dir=self.folder) as drafts:
                self.make(archives, Path(drafts))
                for file in self.files:
                    (Path(drafts) / file).replace(self.folder / file)
        (self.folder / _STAMP).write_text(self._stamp(), "utf-8")

    def _stamp(self) -> str:
        packages = {name: asdict(package) for name, package in self.packages.items()}
        return json.dumps({"format": _FORMAT, "files": self.files, "packages": packages}, indent=1)
