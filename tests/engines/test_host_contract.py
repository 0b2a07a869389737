"""What every host promises, wherever its engine runs: processes of this machine, and tasks of an upstream."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from opendance.cancelling import WorkCancelled
from opendance.catalog import Quality, Tier
from opendance.engines.base import Host
from opendance.engines.blank import SECONDS
from opendance.engines.host import EngineHost
from opendance.engines.upstream.base import Submission, UpstreamRequest, UpstreamStatus
from opendance.engines.upstream.host import UpstreamHost
from opendance.errors import TaskError
from opendance.job import Clip, Job
from opendance.media.probe import probe_clip
from opendance.prompt import plan_prompt
from tests.engines.upstream.test_host import DONE, MadeUpUpstream

SIZE, FRAMES = (320, 320), 24


@dataclass
class Slow(MadeUpUpstream):
    """Each of its tasks is asked for some twenty times before it is done."""

    seen: Counter[str] = field(default_factory=Counter)

    async def status(self, handle: str) -> UpstreamStatus:
        self.seen[handle] += 1
        return DONE if self.seen[handle] > 20 else UpstreamStatus("running", self.seen[handle] / 21)


def processes(slots: int) -> Host:
    return EngineHost("blank", slots=slots, timeout=60)


def upstream(slots: int) -> Host:
    return UpstreamHost("up", Slow(at_once=slots, poll=0.02), timeout=60)


Make = Callable[..., Host]


@pytest.fixture(params=[processes, upstream], ids=["processes", "upstream"])
async def host(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Make]:
    """Makes hosts of each kind, whose jobs take about half a second; they are closed afterwards."""
    monkeypatch.setenv(SECONDS, "0.4")
    async with AsyncExitStack() as stack:

        def make(slots: int = 1) -> Host:
            made = request.param(slots)
            stack.push_async_callback(made.close)
            return made

        yield make


def job(folder: Path, name: str = "clip") -> Job:
    (folder / name).mkdir(exist_ok=True)
    return Job(
        plan=plan_prompt("a cat walks", seconds=4, aspect_ratio="1:1"), tier=Tier.MINI, quality=Quality.P480,
        size=SIZE, num_frames=FRAMES, seed=1, generate_audio=True, title="a cat",
        work_folder=str(folder / name), output=str(folder / name / "clip.mp4"),
    )  # fmt: skip


async def nobody(share: float) -> None:
    """Listens to nothing."""


def check(clip: Clip, asked: Job) -> None:
    assert clip.path == asked.output
    assert clip.seconds_taken > 0
    facts = probe_clip(Path(clip.path))
    assert (facts.width, facts.height, facts.num_frames, facts.frame_rate) == (*SIZE, FRAMES, 24)
    assert facts.audio_seconds == pytest.approx(FRAMES / 24, abs=0.1)


@pytest.mark.parametrize("started", [True, False])
async def test_it_makes_the_clip_of_the_job_and_tells_how_far_it_is(host: Make, started: bool, tmp_path: Path) -> None:
    made, shares = host(), list[float]()

    async def on_progress(share: float) -> None:
        shares.append(share)

    if started:
        await made.start()
    asked = job(tmp_path)
    check(await made.render(asked, UpstreamRequest("task-0"), on_progress, asyncio.Event()), asked)
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 1


async def test_it_does_as_many_jobs_at_once_as_it_says_and_no_more(host: Make, tmp_path: Path) -> None:
    made = host(2)
    assert made.slots == 2
    at_work, most = set[str](), 0

    async def one(name: str) -> None:
        nonlocal most

        async def on_progress(share: float) -> None:
            nonlocal most
            at_work.add(name)
            most = max(most, len(at_work))

        try:
            await made.render(job(tmp_path, name), UpstreamRequest(name), on_progress, asyncio.Event())
        finally:
            at_work.discard(name)

    await asyncio.gather(*(one(f"task-{number}") for number in range(3)))
    assert most == 2


async def test_a_cancel_ends_the_job_and_the_next_one_is_made(host: Make, tmp_path: Path) -> None:
    made, cancel = host(), asyncio.Event()

    async def cancel_soon(share: float) -> None:
        cancel.set()

    with pytest.raises(WorkCancelled):
        await made.render(job(tmp_path, "first"), UpstreamRequest("task-0"), cancel_soon, cancel)
    second = job(tmp_path, "second")
    check(await made.render(second, UpstreamRequest("task-1"), nobody, asyncio.Event()), second)


async def test_a_job_that_waits_for_its_turn_can_be_cancelled(
    host: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECONDS, "2")  # on a busy machine a quick one may be over before it has told anything
    made, at_work, cancel = host(), asyncio.Event(), asyncio.Event()

    async def on_progress(share: float) -> None:
        at_work.set()

    first = job(tmp_path, "first")
    working = asyncio.create_task(made.render(first, UpstreamRequest("task-0"), on_progress, asyncio.Event()))
    told = asyncio.create_task(at_work.wait())
    await asyncio.wait({working, told}, return_when=asyncio.FIRST_COMPLETED)
    assert told.done(), working
    waiting = asyncio.create_task(made.render(job(tmp_path, "second"), UpstreamRequest("task-1"), nobody, cancel))
    await asyncio.sleep(0)
    cancel.set()
    with pytest.raises(WorkCancelled):
        await waiting
    assert not working.done()
    check(await working, first)


async def test_a_clip_that_cannot_be_made_is_a_task_error_and_the_next_one_is_made(host: Make, tmp_path: Path) -> None:
    made = host()
    lost, good = job(tmp_path, "lost"), job(tmp_path, "good")
    Path(lost.output).mkdir()  # where the clip should be
    with pytest.raises(TaskError) as caught:
        await made.render(lost, UpstreamRequest("task-0"), nobody, asyncio.Event())
    assert caught.value.code in ("service_error", "generation_failed_no_content")
    assert str(tmp_path) not in caught.value.message
    check(await made.render(good, UpstreamRequest("task-1"), nobody, asyncio.Event()), good)


async def test_what_may_not_have_been_begun_waits_for_a_worker_and_hints_for_nobody_do_no_harm(host: Make) -> None:
    made = host()
    assert await made.has_ended(Submission("task-0", None, 1.0)) is True
    assert await made.abandon(Submission("task-0", None, 1.0)) in (True, False)
    made.hint("task-0")


async def test_it_can_be_closed_more_than_once(host: Make) -> None:
    made = host()
    await made.start()
    await made.close()
    await made.close()
