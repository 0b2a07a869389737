"""A worker in the process of the test, without what works in it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from opendance import worker
from opendance.settings import Settings


@pytest.fixture
def handlers() -> Generator[None]:
    """Those of this process are as before afterwards."""
    before = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads have no priority of their own")
@pytest.mark.usefixtures("handlers")
async def test_what_a_worker_does_in_threads_gives_way_and_what_it_writes_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[int] = []

    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, 0)

    @asynccontextmanager
    async def running(settings: Settings) -> AsyncGenerator[Any]:
        found.extend([niceness(), await asyncio.to_thread(niceness)])
        yield SimpleNamespace(settings=settings)

    monkeypatch.setattr(worker, "running", running)
    before = niceness()
    await worker.work(Settings(data_dir=tmp_path), lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert found == [before, max(10, before)]
