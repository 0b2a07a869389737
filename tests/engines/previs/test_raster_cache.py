"""Pictures that are kept: read again by every process, made again where they are damaged, and never too many."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from opendance.engines.compiled import kept_folder
from opendance.engines.previs.raster_cache import RasterCache

Bytes = npt.NDArray[np.uint8]


def picture_of(seed: int) -> Bytes:
    return np.random.default_rng(seed).integers(0, 255, (40, 30, 4), dtype=np.uint8)


class Maker:
    def __init__(self, seed: int = 1) -> None:
        self.picture, self.times = picture_of(seed), 0

    def __call__(self) -> Bytes:
        self.times += 1
        return self.picture


def test_a_picture_is_made_once_and_read_by_the_next_process(tmp_path: Path) -> None:
    make = Maker()
    for _ in range(2):
        assert np.array_equal(RasterCache(tmp_path).get("cat 300", make), make.picture)
    assert make.times == 1
    RasterCache(tmp_path).get("cat 301", make)
    assert make.times == 2


@pytest.mark.parametrize("damage", ["empty", "cut", "changed"])
def test_a_damaged_picture_is_made_again(tmp_path: Path, damage: str) -> None:
    make = Maker()
    RasterCache(tmp_path).get("cat", make)
    (file,) = tmp_path.glob("*.png")
    content = file.read_bytes()
    middle = len(content) // 2
    changed = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    file.write_bytes({"empty": b"", "cut": content[:middle], "changed": changed}[damage])
    assert np.array_equal(RasterCache(tmp_path).get("cat", make), make.picture)
    RasterCache(tmp_path).get("cat", make)
    assert make.times == 2


def test_those_that_were_not_read_for_longest_go_first(tmp_path: Path) -> None:
    cache = RasterCache(tmp_path, limit=1 << 30)
    for k in range(8):
        cache.get(f"{k}", Maker(k))
    files = sorted(tmp_path.glob("*.png"), key=lambda file: file.stat().st_ctime_ns)
    for age, file in enumerate(files):
        os.utime(file, (1000 + age, 1000 + age))
    size = files[0].stat().st_size
    kept = Maker(0)
    RasterCache(tmp_path).get("0", kept)  # the oldest is read now
    RasterCache(tmp_path, limit=size * 6).get("new", Maker(9))
    assert sum(file.stat().st_size for file in tmp_path.glob("*.png")) <= size * 6
    RasterCache(tmp_path).get("0", kept)
    assert kept.times == 0


def test_a_folder_that_cannot_be_written_only_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    make = Maker()
    for folder in (tmp_path / "file" / "rasters", None):
        assert np.array_equal(RasterCache(folder).get("cat", make), make.picture)


def _fill(folder: Path) -> int:
    cache = RasterCache(folder, limit=20_000)
    return sum(int(np.array_equal(cache.get(f"{k % 12}", Maker(k % 12)), picture_of(k % 12))) for k in range(120))


def test_several_processes_share_one_folder(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2) as processes:
        assert list(processes.map(_fill, [tmp_path, tmp_path])) == [120, 120]
    assert not list(tmp_path.glob(".*")), "no drafts are left"


def test_it_lies_beside_what_was_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert kept_folder("rasters") == tmp_path / "rasters"
