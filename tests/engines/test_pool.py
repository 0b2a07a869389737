"""The processes of an engine: loaded, watched, replaced."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from opendance.cancelling import WorkCancelled
from opendance.engines import compiled, pool
from opendance.engines.base import CannotLoad
from opendance.engines.compiled import compiled_cache
from opendance.engines.pool import EnginePool
from tests.engines.moody import KEY, NAME, installed
from tests.until import until


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """The file without which the engine cannot be loaded."""
    return tmp_path / "weights"


@pytest.fixture
async def moody(tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[EnginePool]:
    monkeypatch.setattr(pool, "_FIRST_PAUSE", 0.05)
    made = EnginePool(NAME, size=1, options={}, environments=[installed(tmp_path / "site", weights)])
    yield made
    await made.close()
    assert made.process_ids == []


def gauge() -> float | None:
    return REGISTRY.get_sample_value("opendance_engine_processes", {"engine": NAME})


async def test_an_engine_that_cannot_be_loaded_is_told_once_and_tried_until_it_can(
    moody: EnginePool, weights: Path, caplog: pytest.LogCaptureFixture
) -> None:
    changes, processes = list[bool](), set[int]()
    moody.listen(lambda: changes.append(moody.is_loaded))
    await moody.start()
    assert (moody.is_loaded, moody.problem) == (False, None), "nobody knows yet"

    async def tries(count: int) -> None:
        while len(processes) < count:
            processes.update(moody.process_ids)
            await asyncio.sleep(0.01)

    await tries(3)
    assert not moody.is_loaded
    assert moody.problem == "RuntimeError: no weights for [secret]"
    with pytest.raises(CannotLoad, match=r"engine moody cannot be loaded: RuntimeError: no weights"):
        async with moody.process(asyncio.Event()):
            raise AssertionError("there is none")
    weights.touch()
    await until(lambda: moody.is_loaded)
    assert moody.problem is None
    assert changes[-1]
    lines = [record.getMessage() for record in caplog.records if record.name == pool.__name__]
    assert lines == [
        "engine moody cannot be loaded, it is tried again: RuntimeError: no weights for [secret]",
        "engine moody is loaded now",
    ]
    assert KEY not in str(lines)


async def test_a_process_that_dies_idle_is_missed_at_once_and_replaced(moody: EnginePool, weights: Path) -> None:
    weights.touch()
    await moody.start()
    await until(lambda: moody.is_loaded)
    weights.unlink()
    assert gauge() == 1
    [process_id] = moody.process_ids
    os.kill(process_id, signal.SIGKILL)
    await until(lambda: not moody.is_loaded and process_id not in moody.process_ids)
    await until(lambda: moody.problem is not None)
    await until(lambda: gauge() == 0)
    weights.touch()
    await until(lambda: moody.is_loaded)
    assert (gauge(), moody.problem) == (1, None)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such priority")
async def test_an_engine_gives_way_to_those_that_answer_requests(moody: EnginePool, weights: Path) -> None:
    weights.touch()
    async with moody.process(asyncio.Event()) as process:
        assert os.getpriority(os.PRIO_PROCESS, process.pid) >= 10


async def test_a_job_waits_for_an_engine_that_is_being_loaded_and_can_be_cancelled(
    moody: EnginePool, weights: Path
) -> None:
    weights.touch()
    async with moody.process(asyncio.Event()) as process:  # nobody has started it before
        assert process.pid in moody.process_ids
        cancel = asyncio.Event()

        async def another() -> None:
            async with moody.process(cancel):
                raise AssertionError("there is only one")

        waiting = asyncio.create_task(another())
        await asyncio.sleep(0)
        cancel.set()
        with pytest.raises(WorkCancelled):
            await waiting
    async with moody.process(asyncio.Event()) as again:
        assert again is process


async def test_an_engine_that_is_not_there_cannot_be_loaded() -> None:
    made = EnginePool("nosuch", size=1, options={}, environments=[])
    try:
        with pytest.raises(CannotLoad, match="there is no 'nosuch'"):
            async with made.process(asyncio.Event()):
                pass
    finally:
        await made.close()


# ── what is compiled ──


def test_what_is_compiled_goes_below_the_data_folder_only_where_nothing_else_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = {"NUMBA_CACHE_DIR": str(tmp_path / "data" / "compiled")}
    closed = tmp_path / "file"
    closed.touch()  # below a file nobody can write, whoever runs this
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    assert compiled_cache(tmp_path / "data") == {}, "the package can be written"
    monkeypatch.setattr(compiled, "_PACKAGE", closed / "package")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache" / "that is made when needed"))
    assert compiled_cache(tmp_path / "data") == {}, "the user's cache can"
    monkeypatch.setenv("XDG_CACHE_HOME", str(closed / "cache"))
    assert compiled_cache(tmp_path / "data") == below
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(closed))
    assert compiled_cache(tmp_path / "data") == below
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/somewhere")
    assert compiled_cache(tmp_path / "data") == {}, "the operator says where"
