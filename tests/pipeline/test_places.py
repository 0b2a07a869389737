from __future__ import annotations

import asyncio

import pytest

from opendance.cancelling import WorkCancelled
from opendance.catalog import MODELS
from opendance.engines.routes import Routes
from opendance.pipeline.places import Places
from opendance.pipeline.step import Place
from opendance.store.tasks import TaskRecord
from tests import tasks

ROUTES = Routes({model: ("blank",) if "mini" in model else ("previs",) for model in MODELS})
FAST = "seedance-2.0-fast-text-to-video"


def a_task(account: str = "a", model: str = tasks.MINI) -> TaskRecord:
    return tasks.waiting_task(account, tasks.order(model))


class Holding:
    """Steps that hold places, and how many of them do at the same time."""

    def __init__(self, places: Places) -> None:
        self.places, self.now, self.most = places, 0, 0
        self.release = asyncio.Event()

    async def hold(self, place: Place, task: TaskRecord, cancel: asyncio.Event | None = None) -> None:
        async with self.places.hold(place, task, cancel or asyncio.Event()):
            self.now += 1
            self.most = max(self.most, self.now)
            await self.release.wait()
            self.now -= 1


async def most_at_once(places: Places, place: Place, tasks_: list[TaskRecord]) -> int:
    holding = Holding(places)
    working = asyncio.gather(*(holding.hold(place, task) for task in tasks_))
    for _ in range(20):
        await asyncio.sleep(0)
    holding.release.set()
    await working
    return holding.most


async def test_nothing_is_held_by_steps_that_need_no_place() -> None:
    places = Places(ROUTES, {"blank": 1}, fetching=1)
    assert await most_at_once(places, Place.NONE, [a_task() for _ in range(5)]) == 5


async def test_an_account_fetches_for_so_many_tasks_at_once_and_others_have_their_own() -> None:
    places = Places(ROUTES, {}, fetching=2)
    assert await most_at_once(places, Place.FETCHING, [a_task("a") for _ in range(5)]) == 2
    assert await most_at_once(places, Place.FETCHING, [a_task(f"{n}") for n in range(5)]) == 5


async def test_a_lane_renders_as_many_as_it_has_slots_and_lanes_do_not_hold_each_other_up() -> None:
    places = Places(ROUTES, {"blank": 2, "previs": 1})
    assert await most_at_once(places, Place.RENDERING, [a_task() for _ in range(5)]) == 2
    mixed = [a_task(), a_task(), a_task(), a_task(model=FAST), a_task(model=FAST)]
    assert await most_at_once(places, Place.RENDERING, mixed) == 3


async def test_a_model_that_nobody_here_makes_is_left_to_the_step_to_tell() -> None:
    assert await most_at_once(Places(ROUTES, {}), Place.RENDERING, [a_task()]) == 1


async def test_who_waits_for_a_place_can_be_cancelled_and_takes_none() -> None:
    places, cancel = Places(ROUTES, {}, fetching=1), asyncio.Event()
    holding = Holding(places)
    first = asyncio.create_task(holding.hold(Place.FETCHING, a_task()))
    second = asyncio.create_task(holding.hold(Place.FETCHING, a_task(), cancel))
    await asyncio.sleep(0)
    cancel.set()
    with pytest.raises(WorkCancelled):
        await second
    holding.release.set()
    await first
    assert await most_at_once(places, Place.FETCHING, [a_task() for _ in range(3)]) == 1


async def test_places_of_accounts_that_left_are_forgotten() -> None:
    places = Places(ROUTES, {})
    await most_at_once(places, Place.FETCHING, [a_task(f"{n}") for n in range(50)])
    assert (len(places._fetching), len(places._interested)) == (0, 0)
