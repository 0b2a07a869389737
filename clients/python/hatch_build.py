"""Takes the client from the repository's one source: `src/opendance/client`. A source distribution has it beside this.

There is no `opendance/__init__.py` in it: where the server is installed too, that is the server's.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_HERE = Path(__file__).parent
_SOURCE = _HERE.parent.parent / "src" / "opendance"
_PACKED = _HERE / "opendance" / "client"


def version() -> str:
    """The release of the server that the client is of."""
    if _PACKED.is_dir():
        found = re.search(r"^Version: (\S+)$", (_HERE / "PKG-INFO").read_text("utf-8"), re.MULTILINE)
    else:
        found = re.search(r'^__version__ = "([^"]+)"$', (_SOURCE / "__init__.py").read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise ValueError("no version is told")
    return found[1]


class TakeClient(BuildHookInterface):
    """Names each module of the client, at the place that it is imported from."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        source = _PACKED if _PACKED.is_dir() else _SOURCE / "client"
        for file in sorted(source.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                build_data["force_include"][str(file)] = f"opendance/client/{file.relative_to(source).as_posix()}"
