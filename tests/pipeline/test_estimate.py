"""How long tasks will take, from what was measured and what waits."""

from __future__ import annotations

import asyncio

import pytest

from opendance.catalog import MODELS, Quality
from opendance.engines.configured import Engines
from opendance.engines.limits import Limits
from opendance.engines.routes import Routes
from opendance.order import Order
from opendance.pipeline.ending import Ending, MadeBy
from opendance.pipeline.estimate import Estimator
from opendance.task import Status
from tests import tasks
from tests.until import until
from tests.workshop import MadeUpHost, Workshop


def estimator(workshop: Workshop, *, concurrency: int = 1, engines: tuple[str, ...] = ("previs",)) -> Estimator:
    """One that has counted and measured nothing yet."""
    return Estimator(workshop.database, Routes(dict.fromkeys(MODELS, engines)), concurrency=concurrency)


def order(**changes: object) -> Order:
    return tasks.order(**{"duration": 10, **changes})


async def measured(workshop: Workshop, seconds: float, **changes: object) -> Estimator:
    """One that knows how long one video took here."""
    made = estimator(workshop)
    await made.record(order(**changes), "previs", seconds)
    return made


async def test_before_anything_was_measured_a_dearer_video_takes_longer(workshop: Workshop) -> None:
    fresh = estimator(workshop)
    tiers = [fresh.engine_seconds(order(model=f"seedance-2.0{tier}-text-to-video")) for tier in ("-mini", "-fast", "")]
    qualities = [
        fresh.engine_seconds(order(model="seedance-2.0-text-to-video", quality=quality))
        for quality in (Quality.P480, Quality.P720, Quality.P1080)
    ]
    for growing in (tiers, qualities):
        assert growing == sorted(set(growing))
    assert fresh.engine_seconds(order(duration=8)) == 2 * fresh.engine_seconds(order(duration=4))


SLOW = {"slow": {"kind": "ltx2", "timeout": 600}, "quick": {"kind": "ltx2", "timeout": 600}}


async def test_a_job_that_cannot_end_within_its_limit_is_refused_when_it_is_asked_for(workshop: Workshop) -> None:
    made = Estimator(workshop.database, Routes(dict.fromkeys(MODELS, ("slow",)), Engines(SLOW)), concurrency=1)
    assert made.refusal(order()) is None, "nothing is known yet"
    await made.record(order(duration=5), "slow", 450.0)
    assert made.refusal(order(duration=5)) is None
    assert made.refusal(order(duration=10)) is None, "an estimate is no verdict"
    assert made.refusal(order(duration=15)) == (
        "no engine of this server makes such a video (slow: it would take some 23 min, it may take 10); choose a "
        "shorter or smaller one"
    )
    with_another = Routes(dict.fromkeys(MODELS, ("slow", "quick")), Engines(SLOW))
    other = Estimator(workshop.database, with_another, concurrency=1)
    await other.load()
    assert other.refusal(order(duration=15)) is None, "another engine may"


async def test_what_a_gpu_can_do_counts_before_anything_was_measured(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Engines, "least_seconds", lambda self, name, demand, gpu: demand.seconds * (500 if "T4" in gpu else 5)
    )
    routes = Routes(dict.fromkeys(MODELS, ("slow",)), Engines(SLOW))

    def refusal(*gpus: str) -> str | None:
        return Estimator(workshop.database, routes, concurrency=1, gpus=gpus).refusal(order())

    assert "84 min, it may take 10" in (refusal("Tesla T4") or "")
    assert refusal("Tesla T4", "NVIDIA H100") is None


async def test_what_no_engine_can_make_is_refused_with_the_reasons_of_each(workshop: Workshop) -> None:
    class Short(Engines):
        def limits(self, name: str) -> Limits:
            return Limits(longest=5.0)

    made = Estimator(workshop.database, Routes(dict.fromkeys(MODELS, ("previs",)), Short({})), concurrency=1)
    assert made.refusal(order(duration=5)) is None
    assert "previs: it makes 5 s at most, not 10" in (made.refusal(order(duration=10)) or "")


async def test_while_its_engine_is_being_loaded_a_video_takes_longer(workshop: Workshop) -> None:
    loading, routes = MadeUpHost(is_loaded=False), Routes(dict.fromkeys(MODELS, ("previs",)))
    cold = Estimator(workshop.database, routes, concurrency=1, hosts={"previs": loading})
    at_first = cold.seconds_until_done(order())
    loading.is_loaded = True
    assert at_first - cold.seconds_until_done(order()) == 2


async def test_what_was_measured_counts_by_the_second_of_video(workshop_on_each: Workshop) -> None:
    made = await measured(workshop_on_each, 50.0)
    assert made.engine_seconds(order()) == pytest.approx(50)
    assert made.engine_seconds(order(duration=4)) == pytest.approx(20)
    assert made.seconds_until_done(order()) == 51, "half a second for all else, rounded up"
    another = estimator(workshop_on_each)
    await another.load()
    assert another.engine_seconds(order()) == pytest.approx(50)


async def test_measurements_are_of_one_engine_tier_and_quality(workshop: Workshop) -> None:
    made, fresh = await measured(workshop, 50.0), estimator(workshop)
    for other in (order(model="seedance-2.0-text-to-video"), order(quality=Quality.P480)):
        assert made.engine_seconds(other) == fresh.engine_seconds(other)
    elsewhere = estimator(workshop, engines=("minimax_h3", "previs"))
    await elsewhere.load()
    assert elsewhere.engine_seconds(order()) == fresh.engine_seconds(order()), "another engine comes first there"


async def test_new_measurements_move_the_estimate_towards_them(workshop: Workshop) -> None:
    made = await measured(workshop, 50.0)
    seen = [made.engine_seconds(order())]
    for _ in range(3):
        await made.record(order(), "previs", 100.0)
        seen.append(made.engine_seconds(order()))
    assert seen == sorted(set(seen))
    assert seen[-1] < 100


async def test_those_who_wait_share_the_places(workshop: Workshop) -> None:
    await measured(workshop, 50.0)
    for concurrency, expected in ((1, 151), (2, 101)):
        made = estimator(workshop, concurrency=concurrency)
        await made.load()
        made.add(order())
        made.add(order())
        assert made.seconds_until_done(order()) == expected
        made.remove(order())
        made.remove(order())
        made.remove(order())  # of a task that another process took: it is no reason to promise less than nothing
        assert made.seconds_until_done(order()) == 51


async def test_the_backlog_is_what_waits_and_runs_whoever_asked(workshop_on_each: Workshop) -> None:
    await measured(workshop_on_each, 50.0)
    await workshop_on_each.submit(order())
    running = await workshop_on_each.claim()
    for _ in range(2):
        await workshop_on_each.submit(order(duration=4))
    made = estimator(workshop_on_each)
    await made.load()
    await made.load_backlog()
    assert made.seconds_until_done(order()) == 50 + 2 * 20 + 50 + 1
    assert await workshop_on_each.endings.end(running, Ending(Status.CANCELLED)) is not None
    await made.load_backlog()
    assert made.seconds_until_done(order()) == 2 * 20 + 50 + 1


async def test_a_model_that_is_in_no_catalogue_any_more_holds_nobody_up(workshop: Workshop) -> None:
    task = await workshop.submit(order())
    await workshop.change(task, model="seedance-0.9-forgotten")
    made = estimator(workshop)
    await made.load_backlog()
    assert made.seconds_until_done(order()) == estimator(workshop).seconds_until_done(order())


async def test_what_other_processes_do_is_noticed(workshop_on_each: Workshop) -> None:
    made = estimator(workshop_on_each)
    following = asyncio.create_task(made.follow(0.01))
    await workshop_on_each.submit(order())
    await estimator(workshop_on_each).record(order(), "previs", 50.0)
    await until(lambda: made.seconds_until_done(order()) == 101)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


async def test_only_a_completed_task_teaches_how_long_it_takes(workshop: Workshop) -> None:
    made_by = MadeBy("previs", substitute=False, seconds=200.0)
    guessed = estimator(workshop).engine_seconds(tasks.order())
    for status, expected in ((Status.FAILED, guessed), (Status.COMPLETED, 200)):
        task = await workshop.submit()
        assert await workshop.endings.end(task, Ending(status, made_by=made_by)) is not None
        made = estimator(workshop)
        await made.load()
        assert made.engine_seconds(tasks.order()) == pytest.approx(expected)
