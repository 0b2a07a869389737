"""What a walk holds: a seat to begin with, a place to fetch, and the seat again to render."""

from __future__ import annotations

import asyncio

import pytest

from opendance.cancelling import WorkCancelled
from opendance.pipeline.places import Holding, Places
from opendance.pipeline.step import Place
from opendance.queue.slots import Fetching, Seat, Slots
from tests import tasks


async def seated(slots: Slots) -> Seat:
    seat = Seat(slots)
    await seat.take()
    return seat


def holding(fetching: Fetching, seat: Seat, cancel: asyncio.Event | None = None) -> Holding:
    return Holding(fetching, tasks.waiting_task("a"), seat, cancel or asyncio.Event())


async def soon() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_who_needs_nothing_keeps_what_it_has() -> None:
    seat = await seated(Slots(1))
    await holding(Fetching(), seat).need(Place.NONE)
    assert seat.is_held


async def test_who_fetches_leaves_its_seat_and_holds_its_place_until_it_sits_again() -> None:
    slots, fetching = Slots(1), Fetching(of_each=1)
    seat = await seated(slots)
    walk = holding(fetching, seat)
    await walk.need(Place.FETCHING)
    assert (seat.is_held, fetching.busy) == (False, {"a"})
    other = await seated(slots)
    await walk.need(Place.FETCHING)  # the next step that does: one place is enough
    rendering = asyncio.create_task(walk.need(Place.RENDERING))
    await soon()
    assert (rendering.done(), fetching.busy) == (False, {"a"})
    other.leave()
    await rendering
    assert (seat.is_held, fetching.busy) == (True, frozenset())


@pytest.mark.parametrize("place", [Place.FETCHING, Place.RENDERING])
async def test_who_waits_can_be_cancelled_and_holds_nothing(place: Place) -> None:
    slots, fetching, cancel = Slots(1), Fetching(of_each=1), asyncio.Event()
    await fetching.take("a")
    other = await seated(slots)
    walk = holding(fetching, Seat(slots), cancel)
    waiting = asyncio.create_task(walk.need(place))
    await soon()
    cancel.set()
    with pytest.raises(WorkCancelled):
        await waiting
    fetching.leave("a")
    other.leave()
    assert not fetching.busy
    await asyncio.wait_for(slots.take(), 30)


async def test_when_a_walk_ends_its_place_is_free() -> None:
    fetching = Fetching(of_each=1)
    async with Places(fetching).held_by(tasks.waiting_task("a"), await seated(Slots(1)), asyncio.Event()) as walk:
        await walk.need(Place.FETCHING)
        assert fetching.busy == {"a"}
    assert not fetching.busy
