"""The confined process as the server sees it: what it has of ours, and what is left when a file is refused."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from opendance.errors import TaskError
from opendance.media.confinement import MEMORY
from opendance.media.examine import Examiner
from tests.files import image_bytes, saved
from tests.media.conftest import sandboxes

resource = pytest.importorskip("resource")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc tells what is looked at")


async def test_its_environment_has_nothing_of_ours(
    examiner: Examiner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("OPENDANCE_ADMIN_KEY", "OPENDANCE_DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "HF_TOKEN"):
        monkeypatch.setenv(name, "secret")
    await examiner.layers()
    (process_id,) = sandboxes()
    environment = Path(f"/proc/{process_id}/environ").read_text()
    assert "secret" not in environment
    assert {entry.partition("=")[0] for entry in environment.split("\0") if entry} <= {
        "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "MALLOC_ARENA_MAX", "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
    }  # fmt: skip


async def test_no_thread_runs_and_no_file_is_open_but_its_own_when_the_first_file_comes(examiner: Examiner) -> None:
    await examiner.layers()
    (process_id,) = sandboxes()
    assert len(os.listdir(f"/proc/{process_id}/task")) == 1, "a thread that ran before the layers has none of them"
    assert int(Path(f"/proc/{process_id}/oom_score_adj").read_text()) == 1000
    assert os.getpriority(os.PRIO_PROCESS, process_id) >= 10, "it gives way to those that answer requests"
    opened = [os.readlink(f"/proc/{process_id}/fd/{name}") for name in os.listdir(f"/proc/{process_id}/fd")]
    assert not [path for path in opened[3:] if path.startswith("/") and not path.startswith("/dev/")]


async def test_what_a_refused_file_would_have_left_is_taken_away(examiner: Examiner, tmp_path: Path) -> None:
    source = saved(tmp_path, "source", b"<html>")
    for kind in ("image", "video", "audio"):
        with pytest.raises(TaskError):
            await examiner.examine(kind, source, tmp_path / "copy.x", most_pixels=1)
    assert os.listdir(tmp_path) == ["source"]


async def test_a_file_that_is_not_there_is_told(examiner: Examiner, tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="cannot be opened: No such file"):
        await examiner.marks(tmp_path / "nothing")


async def test_what_takes_too_much_memory_is_refused_and_the_process_goes_on(
    examiner: Examiner, tmp_path: Path
) -> None:
    source = saved(tmp_path, "source", image_bytes(2000, 2000, "PNG", compress_level=1))
    await examiner.layers()
    (process_id,) = sandboxes()
    # As if the picture were larger than any that the rules let through.
    _, hard = resource.prlimit(process_id, resource.RLIMIT_AS)
    assert hard == MEMORY
    taken = int(Path(f"/proc/{process_id}/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.prlimit(process_id, resource.RLIMIT_AS, (taken + 100_000, hard))
    with pytest.raises(TaskError) as caught:
        await examiner.examine("image", source, tmp_path / "copy.png", most_pixels=1)
    assert (caught.value.code, caught.value.message) == ("resource_exhausted", "it takes too much memory to open")
    resource.prlimit(process_id, resource.RLIMIT_AS, (hard, hard))
    assert (await examiner.examine("image", source, tmp_path / "copy.png", most_pixels=1))["width"] == 2000
