"""Where engines keep what they have compiled or drawn for this machine."""

from __future__ import annotations

import os
from pathlib import Path

_VARIABLE = "NUMBA_CACHE_DIR"
_PACKAGE = Path(__file__).parent


def compiled_cache(data_dir: Path) -> dict[str, str]:
    """Variables for an engine's process; none where Numba finds a place by itself.

    It looks for one beside the code and in the user's cache, and refuses to compile where it can write to neither: as
    for a service whose user has no home and has not installed it. Only there the cache goes below the data folder, so
    that nobody else compiles again.
    """
    if os.environ.get(_VARIABLE) or can_be_written(_PACKAGE) or can_be_written(_user_cache()):
        return {}
    return {_VARIABLE: str(data_dir.absolute() / "compiled")}


def kept_folder(name: str) -> Path | None:
    """A folder for what an engine need not make twice, beside what it compiled; none where nothing can be written."""
    if (chosen := os.environ.get(_VARIABLE)) is not None:
        places = [Path(chosen) / name]
    else:
        places = [_PACKAGE / "__pycache__" / name, _user_cache() / "opendance" / name]
    return next((place for place in places if can_be_written(place)), None)


def _user_cache() -> Path:
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:  # there is no such user
        return Path("/nonexistent")


def can_be_written(folder: Path) -> bool:
    """Whether files can be made in the folder, or the folder itself where it is not there."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)
