"""Jobs that fit what an engine has loaded come first, and nobody waits for ever for that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from opendance.cancelling import WorkCancelled
from opendance.catalog import MODELS, Mode, Tier
from opendance.engines.blank import SECONDS
from opendance.engines.host import EngineHost
from opendance.engines.upstream.base import UpstreamRequest
from opendance.errors import TaskError
from opendance.patience import Patience
from opendance.running import _lane
from tests.engines.test_host import job
from tests.until import until

STANDARD, FAST = Tier.STANDARD, Tier.FAST


class Card:
    """An engine that has to load something else for each tier.

    Attributes:
        done: the jobs that ended, in order.
    """

    def __init__(self, folder: Path, processes: int) -> None:
        self._folder = folder
        self.host = EngineHost("blank", slots=processes, timeout=60, loaded_for=lambda _mode, tier: tier.value)
        self.done = list[str]()

    def job(self, name: str, tier: Tier, cancel: asyncio.Event | None = None) -> asyncio.Task[None]:
        async def on_progress(share: float) -> None: ...

        async def run() -> None:
            asked = replace(job(self._folder / name), tier=tier)
            await self.host.render(asked, UpstreamRequest(name), on_progress, cancel or asyncio.Event())
            self.done.append(name)

        return asyncio.create_task(run())

    @property
    def fits(self) -> set[Tier]:
        return {MODELS[name].tier for name in self.host.fitting(frozenset(MODELS))}


@pytest.fixture
async def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Card]:
    monkeypatch.setenv(SECONDS, "0.1")
    made = Card(tmp_path, 1)
    yield made
    await made.host.close()


async def test_jobs_that_fit_are_made_before_others_and_each_kind_in_its_order(card: Card) -> None:
    order = [("a", STANDARD), ("b", FAST), ("c", STANDARD), ("d", FAST), ("e", STANDARD)]
    await asyncio.gather(*(card.job(*each) for each in order))
    assert card.done == ["a", "c", "e", "b", "d"], "one change of weights instead of four"
    assert card.fits == {FAST}


async def test_the_first_job_is_one_that_fits_what_the_engine_loads_by_itself(card: Card) -> None:
    await asyncio.gather(card.job("a", FAST), card.job("b", STANDARD))
    assert card.done == ["b", "a"]


async def test_a_job_that_does_not_fit_waits_no_longer_than_so_long(card: Card) -> None:
    card.host._pool._patience = Patience(0.0)
    order = [("a", FAST), ("b", STANDARD), ("c", STANDARD), ("d", FAST)]
    await asyncio.gather(*(card.job(*each) for each in order))
    assert card.done == ["b", "a", "d", "c"], "one was let by; then the one whose turn it was, and what fits that"


async def test_each_job_that_is_let_wait_has_a_clock_of_its_own(card: Card) -> None:
    card.host._pool._patience = Patience(0.0)
    cancel = asyncio.Event()
    working = card.job("a", STANDARD)
    leaving = card.job("b", FAST, cancel)
    others = [card.job(*each) for each in [("c", STANDARD), ("d", FAST), ("e", STANDARD), ("f", STANDARD)]]
    await until(lambda: len(card.host._pool._waiting) >= 5)
    taken = card.host._pool._waiting[-4].process
    taken.add_done_callback(lambda _: cancel.set())  # c is taken before b, whose patience is used up with that
    with pytest.raises(WorkCancelled):
        await leaving
    await asyncio.gather(working, *others)
    assert card.done == ["a", "c", "e", "d", "f"], "d lets one by, as b did"


async def test_a_job_that_was_cancelled_as_its_process_came_has_loaded_nothing(card: Card) -> None:
    await card.job("a", STANDARD)
    cancel = asyncio.Event()
    working = card.job("b", STANDARD)
    await until(lambda: not card.host._pool._idle)
    leaving = card.job("c", FAST, cancel)
    await until(lambda: card.host._pool._waiting)
    [waiting] = card.host._pool._waiting
    waiting.process.add_done_callback(lambda _: cancel.set())
    with pytest.raises(WorkCancelled):
        await leaving
    await working
    assert card.fits == {STANDARD}


async def test_nobody_knows_what_is_loaded_after_a_job_that_failed_before_its_first_step(
    card: Card, tmp_path: Path
) -> None:
    await card.job("a", STANDARD)
    full = replace(job(tmp_path / "full"), tier=FAST, output="/dev/full")

    async def on_progress(share: float) -> None: ...

    with pytest.raises(TaskError):
        await card.host.render(full, UpstreamRequest("full"), on_progress, asyncio.Event())
    assert card.fits == set()
    await card.job("b", FAST)
    assert card.fits == {FAST}


async def test_of_two_processes_each_keeps_its_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECONDS, "0.1")
    card = Card(tmp_path, 2)
    try:
        await asyncio.gather(card.job("a", STANDARD), card.job("b", FAST))
        await asyncio.gather(card.job("c", FAST), card.job("d", STANDARD))
        assert card.fits == {STANDARD, FAST}
        await card.job("e", FAST)
        assert card.fits == {STANDARD, FAST}, "the process that fits made it, not the one that ended last"
    finally:
        await card.host.close()


async def test_a_job_that_is_cancelled_while_it_waits_leaves_its_place(card: Card) -> None:
    cancel = asyncio.Event()
    working = card.job("a", STANDARD)
    leaving, waiting = card.job("b", STANDARD, cancel), card.job("c", STANDARD)
    await until(lambda: len(card.host._pool._waiting) >= 2)
    cancel.set()
    with pytest.raises(WorkCancelled):
        await leaving
    await asyncio.gather(working, waiting)
    assert card.done == ["a", "c"]
    assert not card.host._pool._waiting


async def test_a_lane_begins_first_what_fits_its_first_engine(card: Card) -> None:
    models = frozenset(MODELS)
    lane = _lane(models, [card.host])
    assert lane.fitting is not None
    assert lane.fitting.models == models, "nothing is loaded: each in its turn"
    await card.job("a", FAST)
    assert {MODELS[name].tier for name in lane.fitting.models} == {FAST}
    assert {MODELS[name].mode for name in lane.fitting.models} == set(Mode)
