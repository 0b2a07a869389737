"""How the jobs of an engine on a GPU end: a cancel is answered at once and costs nobody the loaded model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from opendance.engines import host as hosting
from opendance.engines.base import EngineBroken, RenderCancelled
from opendance.engines.host import EngineHost
from opendance.engines.upstream.base import UpstreamRequest
from opendance.errors import TaskError
from tests.engines.stubborn import BROKEN, FINE, HOPELESS, NAME, SLOW, installed
from tests.engines.test_host import job
from tests.until import until


@pytest.fixture
async def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[EngineHost]:
    monkeypatch.setattr(hosting, "_CPU_GRACE", 20.0)  # this process does not know the package: it takes it for another
    monkeypatch.setattr(hosting, "_CANCEL_GRACE", 0.1)
    made = EngineHost(NAME, slots=1, timeout=60, environments=[installed(tmp_path / "site")])
    await made.start()
    yield made
    await made.close()
    assert made.process_ids == []


async def render(host: EngineHost, folder: Path, seed: int, cancel: asyncio.Event | None = None) -> str:
    stopping = cancel or asyncio.Event()

    async def on_progress(_share: float) -> None:
        if cancel is not None:
            cancel.set()

    asked = replace(job(folder), seed=seed)
    return (await host.render(asked, UpstreamRequest("e"), on_progress, stopping)).path


async def test_a_cancel_is_answered_before_the_step_has_ended_and_the_process_stays(
    host: EngineHost, tmp_path: Path
) -> None:
    [process_id] = host.process_ids
    with pytest.raises(RenderCancelled):
        await render(host, tmp_path / "a", SLOW, asyncio.Event())
    assert host._endings, "the step goes on while nobody waits for it"
    assert await render(host, tmp_path / "b", FINE)
    assert host.process_ids == [process_id]
    assert not host._endings


async def test_a_process_that_does_not_return_is_replaced(
    host: EngineHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host._grace = 0.2
    [process_id] = host.process_ids
    with pytest.raises(RenderCancelled):
        await render(host, tmp_path / "a", SLOW, asyncio.Event())
    await until(lambda: process_id not in host.process_ids)
    assert await render(host, tmp_path / "b", FINE)


async def test_a_process_that_failed_in_a_way_it_does_not_know_is_replaced(host: EngineHost, tmp_path: Path) -> None:
    [process_id] = host.process_ids
    with pytest.raises(EngineBroken) as caught:
        await render(host, tmp_path / "a", BROKEN)
    assert (caught.value.code, "CUDA" in caught.value.message) == ("service_error", False)
    assert await render(host, tmp_path / "b", FINE)
    assert process_id not in host.process_ids


async def test_a_job_that_cannot_end_in_its_time_is_given_up_before_and_the_process_stays(
    host: EngineHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosting, "_SURE", 0.5)
    host._timeout = 3.0  # by its speed it takes some twenty
    [process_id] = host.process_ids
    with pytest.raises(TaskError) as caught:
        await render(host, tmp_path / "a", HOPELESS)
    assert caught.value.code == "generation_timeout"
    assert await render(host, tmp_path / "b", FINE)
    assert host.process_ids == [process_id]
