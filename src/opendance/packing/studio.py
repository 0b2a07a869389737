"""The Studio's page: `studio/static`, built by npm of the source in `web/`, once for each state of it.

It is built in a copy, so that nobody who works on the source at the same time is disturbed. Where there is no source -
in a package of the source that brings the page - there is nothing to build.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from opendance.packing.npm import NotPacked, has_npm, run_npm

_LEAST_NODE = (20, 19)
_STAMP = "stamp.json"
_NOT_OF_THE_SOURCE = ("node_modules", "openapi.json", ".svelte-kit")


@dataclass(frozen=True)
class Page:
    """The page, and what it is made of.

    Attributes:
        source: the folder `web`; `target`: where the page is put.
    """

    source: Path
    target: Path
    name: str = "the Studio's page"
    without: str = "no page at /"

    def is_packed(self) -> bool:
        """Whether the page is there as this source makes it, or there is no source of it."""
        if not (self.source / "package-lock.json").is_file():
            return True
        try:
            return (self.target / _STAMP).read_text("utf-8") == self._stamp() and (self.target / "index.html").is_file()
        except OSError:
            return False

    def needs_node(self) -> bool:
        """Whether a Node.js is to be fetched for it."""
        return not self.is_packed() and not has_npm(_LEAST_NODE)

    def pack(self) -> None:
        """Build it; nothing is done where it is there.

        Raises:
            NotPacked: npm's registry cannot be reached, or the page cannot be built of this source.
        """
        if self.is_packed():
            return
        stamp = self._stamp()
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch, "web")
            shutil.copytree(self.source, copy, ignore=shutil.ignore_patterns(*_NOT_OF_THE_SOURCE[:1]))
            built = Path(scratch, "src", "opendance", "studio", "static")  # where the source puts it
            built.parent.mkdir(parents=True)
            node = Path(scratch, "of-pypi")
            node.mkdir()
            for words in (["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], ["run", "build"]):
                run_npm(words, copy, node, least=_LEAST_NODE)
            if not (built / "index.html").is_file():
                raise NotPacked("npm run build left no index.html")
            (built / _STAMP).write_text(stamp, "utf-8")
            # Beside where it belongs, so that it takes its place at once.
            with tempfile.TemporaryDirectory(prefix=".draft-", dir=self.target.parent) as drafts:
                draft = Path(drafts, "static")
                shutil.copytree(built, draft)
                if self.target.exists():
                    self.target.rename(Path(drafts, "before"))
                draft.rename(self.target)

    def _stamp(self) -> str:
        """What says of which source a page was made."""
        digest = hashlib.sha256()
        for folder, inside, files in os.walk(self.source):
            inside[:] = sorted(name for name in inside if name not in _NOT_OF_THE_SOURCE)
            for name in sorted(name for name in files if name not in _NOT_OF_THE_SOURCE):
                file = Path(folder, name)
                within = file.relative_to(self.source).as_posix()
                digest.update(f"{within}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
        return json.dumps({"source": digest.hexdigest()})


_HERE = Path(__file__).parent
STUDIO = Page(source=_HERE.parents[2] / "web", target=_HERE.parent / "studio" / "static")
