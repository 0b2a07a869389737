"""What hatchling does before each build: see `src/opendance/drawings/packing.py`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def _packing(root: str) -> ModuleType:
    # By its file: the package itself cannot be imported here, where nothing that it needs is installed.
    file = Path(root, "src", "opendance", "drawings", "packing.py")
    spec = importlib.util.spec_from_file_location("opendance_packing", file)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class PackDrawings(BuildHookInterface):
    """Packs the drawings of Fluent and Noto, once a checkout."""

    def dependencies(self) -> list[str]:
        packing = _packing(self.root)
        return [] if packing.is_packed() or packing.has_npm() else ["pip"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        _packing(self.root).pack_or_say()
