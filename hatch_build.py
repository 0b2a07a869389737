"""What hatchling does before each build: see `src/opendance/packing`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def _build(root: str) -> ModuleType:
    # From the checkout: nothing is installed here, and that room needs nothing.
    source = str(Path(root, "src"))
    if source not in sys.path:
        sys.path.insert(0, source)
    return importlib.import_module("opendance.packing.build")


class Pack(BuildHookInterface):
    """Packs drawings and tables of words, once a checkout, and builds the Studio's page of each state of its source.

    An editable installation does not wait for the page: `make serve` builds it.
    """

    def dependencies(self) -> list[str]:
        return ["pip"] if _build(self.root).needs_pip() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        _build(self.root).pack_or_say(page=version != "editable")
