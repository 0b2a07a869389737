from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from opendance.catalog import Quality, Tier
from opendance.engines.base import RenderCancelled
from opendance.engines.blank import SECONDS
from opendance.engines.host import EngineHost
from opendance.engines.upstream.base import UpstreamRequest
from opendance.errors import TaskError
from opendance.job import Job
from opendance.prompt import plan_prompt


def job(folder: Path) -> Job:
    folder.mkdir(exist_ok=True)
    return Job(
        plan=plan_prompt("a cat walks", seconds=4, aspect_ratio="16:9"), tier=Tier.MINI, quality=Quality.P480, size=(864, 496),
        num_frames=96, seed=1, generate_audio=False, title="t", work_folder=str(folder), output=str(folder / "clip.mp4"),
    )  # fmt: skip


@pytest.fixture
async def host(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[EngineHost]:
    monkeypatch.setenv(SECONDS, "1")
    made = EngineHost("blank", slots=1, timeout=60)
    await made.start()
    yield made
    await made.close()
    assert made.process_ids == []


async def test_progress_comes_out_and_the_process_stays_warm(host: EngineHost, tmp_path: Path) -> None:
    seen: list[float] = []

    async def on_progress(share: float) -> None:
        seen.append(share)

    process_ids = host.process_ids
    for _ in range(2):
        clip = await host.render(job(tmp_path / "a"), UpstreamRequest("e"), on_progress, asyncio.Event())
        assert Path(clip.path).stat().st_size > 1000
    assert len(seen) > 5
    assert all(0 <= share <= 1 for share in seen)
    assert host.process_ids == process_ids


async def test_a_killed_engine_fails_its_job_and_is_replaced(host: EngineHost, tmp_path: Path) -> None:
    async def kill(share: float) -> None:
        for process_id in host.process_ids:
            os.kill(process_id, signal.SIGKILL)

    with pytest.raises(TaskError) as caught:
        await host.render(job(tmp_path / "a"), UpstreamRequest("e"), kill, asyncio.Event())
    assert caught.value.code == "service_error"

    async def nothing(share: float) -> None: ...

    assert (await host.render(job(tmp_path / "b"), UpstreamRequest("e"), nothing, asyncio.Event())).path


async def test_a_cancelled_job_stops_and_leaves_the_engine_usable(host: EngineHost, tmp_path: Path) -> None:
    cancel = asyncio.Event()

    async def cancel_soon(share: float) -> None:
        cancel.set()

    with pytest.raises(RenderCancelled):
        await host.render(job(tmp_path / "a"), UpstreamRequest("e"), cancel_soon, cancel)

    async def nothing(share: float) -> None: ...

    assert (await host.render(job(tmp_path / "b"), UpstreamRequest("e"), nothing, asyncio.Event())).path


async def test_a_frozen_engine_does_not_hold_up_the_cancel(host: EngineHost, tmp_path: Path) -> None:
    cancel = asyncio.Event()

    async def freeze(share: float) -> None:
        for process_id in host.process_ids:
            os.kill(process_id, signal.SIGSTOP)
        cancel.set()

    with pytest.raises(RenderCancelled):
        await host.render(job(tmp_path / "a"), UpstreamRequest("e"), freeze, cancel)


async def test_a_job_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECONDS, "5")
    host = EngineHost("blank", slots=1, timeout=0.05)

    async def nothing(share: float) -> None: ...

    with pytest.raises(TaskError) as caught:
        await host.render(job(tmp_path / "a"), UpstreamRequest("e"), nothing, asyncio.Event())
    assert caught.value.code == "generation_timeout"
    await host.close()
