"""Engines that share a GPU take turns on it by demand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from opendance.engines.blank import SECONDS
from opendance.engines.host import EngineHost
from opendance.engines.sharing import Turns
from opendance.engines.upstream.base import UpstreamRequest
from tests.engines.test_host import job
from tests.until import until


class Shared:
    """Two engines on one GPU, and what became of their jobs.

    Attributes:
        done: names of the jobs that ended, in order.
    """

    def __init__(self, stack: AsyncExitStack, folder: Path) -> None:
        self._stack, self._folder = stack, folder
        self.turns = Turns(longest_wait=30.0)
        self.done = list[str]()

    def engine(self, name: str, *gpus: str, unload_after: float = 0.0) -> EngineHost:
        places = [self.turns.place(name, [gpu], unload_after=unload_after) for gpu in gpus]
        made = EngineHost("blank", slots=len(places), timeout=60, turns=places)
        self._stack.push_async_callback(made.close)
        return made

    def job(self, host: EngineHost, name: str) -> asyncio.Task[None]:
        async def on_progress(share: float) -> None: ...

        async def run() -> None:
            await host.render(job(self._folder / name), UpstreamRequest(name), on_progress, asyncio.Event())
            self.done.append(name)

        return asyncio.create_task(run())


@pytest.fixture
async def gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Shared]:
    monkeypatch.setenv(SECONDS, "0.1")
    async with AsyncExitStack() as stack:
        yield Shared(stack, tmp_path)


async def test_the_first_has_it_and_the_other_comes_by_demand_once_it_is_idle(gpu: Shared) -> None:
    one, other = gpu.engine("one", "0"), gpu.engine("other", "0")
    await one.start()
    await other.start()
    await until(lambda: len(one.process_ids) == 1)
    assert (other.process_ids, other.is_loaded, other.problem) == ([], True, None), "it rests, and can be asked"
    await gpu.job(other, "a")
    assert (one.process_ids, len(other.process_ids)) == ([], 1), "never both"
    await gpu.job(one, "b")
    assert (len(one.process_ids), other.process_ids) == (1, [])


async def test_jobs_that_fit_the_loaded_weights_come_first(gpu: Shared) -> None:
    one, other = gpu.engine("one", "0"), gpu.engine("other", "0")
    await one.start()
    jobs = [gpu.job(one, "a"), gpu.job(other, "b"), gpu.job(one, "c"), gpu.job(one, "d")]
    await asyncio.gather(*jobs)
    assert gpu.done == ["a", "c", "d", "b"]


async def test_nobody_waits_for_ever_for_one_that_always_has_work(gpu: Shared) -> None:
    gpu.turns = Turns(longest_wait=0.0)
    one, other = gpu.engine("one", "0", unload_after=60), gpu.engine("other", "0")
    await one.start()
    jobs = [gpu.job(one, "a"), gpu.job(one, "b"), gpu.job(other, "c")]
    await asyncio.gather(*jobs[:1])
    await jobs[2]
    assert gpu.done == ["a", "c"]
    await jobs[1]


async def test_an_idle_engine_keeps_its_weights_for_a_while(gpu: Shared) -> None:
    one, other = gpu.engine("one", "0", unload_after=60), gpu.engine("other", "0")
    await one.start()
    await until(lambda: len(one.process_ids) == 1 and one._pool._loaded)
    waiting = gpu.job(other, "b")
    await gpu.job(one, "a")
    assert (gpu.done, len(one.process_ids), other.process_ids) == (["a"], 1, [])
    waiting.cancel()


async def test_only_as_many_gpus_change_hands_as_there_are_jobs_for(gpu: Shared) -> None:
    one, other = gpu.engine("one", "0", "1"), gpu.engine("other", "0", "1")
    await one.start()
    await other.start()
    await until(lambda: len(one.process_ids) == 2)
    await gpu.job(other, "a")
    assert (len(one.process_ids), len(other.process_ids)) == (1, 1)
