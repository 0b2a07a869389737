"""Pictures of drawings that outlive the process: files in one folder, bounded in size, shared by all processes.

A picture is written under a name of its own and then takes its place, so that nobody reads half of one; a file that is
damaged is taken for missing. Those that were not read for longest go first.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from opendance.engines.compiled import kept_folder

Bytes = npt.NDArray[np.uint8]

# What paints them: as in numba's cache, another state of these files makes all pictures anew.
_PAINTERS = ("subjects.py", "surfaces.py", "materials.py", "inflating.py", "blinking.py", "colour.py", "paint.py")
_SUM = 4  # bytes at the beginning of a file: the CRC-32 of what follows
_LOOK = 64  # so many pictures are written before the folder is measured again


class RasterCache:
    """Pictures by what they are made of.

    Args:
        folder: none keeps nothing.
        limit: bytes that may lie there.
    """

    def __init__(self, folder: Path | None, limit: int = 256 << 20) -> None:
        self._folder, self._limit, self._written = folder, limit, 0

    def get(self, key: str, make: Callable[[], Bytes]) -> Bytes:
        """The picture (h, w, 4) of this key, read or made; what cannot be kept is made again the next time."""
        if self._folder is None:
            return make()
        file = self._folder / (hashlib.sha256(f"{_painters()}\n{key}".encode()).hexdigest()[:40] + ".png")
        picture = _read(file)
        if picture is None:
            picture = make()
            self._write(file, picture)
        return picture

    def _write(self, file: Path, picture: Bytes) -> None:
        encoded = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes()
        draft = file.with_name(f".{os.getpid()}-{file.name}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(zlib.crc32(encoded).to_bytes(_SUM) + encoded)
            draft.replace(file)
        except OSError:  # the disk is full, or the folder went: then it is only not kept
            with contextlib.suppress(OSError):
                draft.unlink()
            return
        if self._written % _LOOK == 0:
            self._trim(file.parent)
        self._written += 1

    def _trim(self, folder: Path) -> None:
        """Remove what was not read for longest, down to three quarters of the limit."""
        files: list[tuple[float, int, Path]] = []
        for file in folder.glob("*.png"):
            with contextlib.suppress(OSError):  # another process removed it
                facts = file.stat()
                files.append((facts.st_mtime, facts.st_size, file))
        total = sum(size for _, size, _ in files)
        if total <= self._limit:
            return
        for _, size, file in sorted(files, key=lambda each: each[0]):
            with contextlib.suppress(OSError):
                file.unlink()
            total -= size
            if total <= self._limit * 3 // 4:
                return


@cache
def _painters() -> str:
    facts = [(Path(__file__).parent / name).stat() for name in _PAINTERS]
    return " ".join(f"{each.st_mtime_ns}-{each.st_size}" for each in facts)


def _read(file: Path) -> Bytes | None:
    try:
        content = file.read_bytes()
        os.utime(file)  # it was of use now
    except OSError:
        return None
    encoded = content[_SUM:]
    if not encoded or zlib.crc32(encoded).to_bytes(_SUM) != content[:_SUM]:
        return None
    picture = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED)
    return None if picture is None or picture.ndim != 3 or picture.shape[2] != 4 else np.asarray(picture, np.uint8)


@cache
def raster_cache() -> RasterCache:
    """The one beside what numba compiled."""
    return RasterCache(kept_folder("rasters"))
