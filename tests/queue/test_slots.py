"""Slots and places: who gets one when, and who is told to wait."""

from __future__ import annotations

import asyncio

import pytest

from opendance.catalog import MODELS, Mode
from opendance.queue.slots import Fetching, Seat, Slots

TEXT = frozenset(name for name, model in MODELS.items() if model.mode is Mode.TEXT)


async def soon() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


# ── slots ──


async def test_who_left_a_slot_gets_one_before_those_who_begin() -> None:
    slots, order = Slots(1), list[str]()
    first = Seat(slots)
    await first.take()

    async def take(name: str, *, again: bool) -> None:
        await slots.take(again=again)
        order.append(name)

    waiting = [
        asyncio.create_task(take(name, again=name.startswith("again"))) for name in ("a", "again", "b", "again 2")
    ]
    await soon()
    assert slots.wanted_back.is_set()
    first.leave()
    for _ in range(3):
        await soon()
        slots.leave()
    await asyncio.gather(*waiting)
    assert order == ["again", "again 2", "a", "b"]
    assert not slots.wanted_back.is_set()


@pytest.mark.parametrize("at_the_same_moment", [True, False])
async def test_a_slot_is_not_lost_with_who_waited_for_it(at_the_same_moment: bool) -> None:
    slots = Slots(1)
    await slots.take()
    waiting = asyncio.create_task(slots.take())
    await soon()
    if at_the_same_moment:
        slots.leave()
        waiting.cancel()
    else:
        waiting.cancel()
        await soon()
        slots.leave()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.wait_for(slots.take(), 30)


async def test_a_seat_is_taken_and_left_once() -> None:
    slots = Slots(2)
    seat = Seat(slots)
    for _ in range(2):
        await seat.take()
    await Seat(slots).take()
    for _ in range(2):
        seat.leave()
    await slots.take()
    taking = asyncio.create_task(slots.take())
    await soon()
    assert not taking.done()
    taking.cancel()


# ── places ──


async def test_an_account_has_so_many_places_and_others_have_their_own() -> None:
    fetching = Fetching(of_each=2, of_all=16)
    for _ in range(2):
        await fetching.take("a")
    third = asyncio.create_task(fetching.take("a"))
    await asyncio.wait_for(fetching.take("b"), 30)
    assert (fetching.busy, third.done()) == ({"a"}, False)
    fetching.leave("a")
    await asyncio.wait_for(third, 30)
    for account in ("a", "a", "b"):
        fetching.leave(account)
    assert not fetching._held, "accounts that left are forgotten"


async def test_all_together_have_so_many_places_and_tasks_without_files_need_none() -> None:
    fetching = Fetching(of_each=2, of_all=3)
    assert fetching.open_to(MODELS) == frozenset(MODELS)
    for account in ("a", "a", "b"):
        await fetching.take(account)
    assert fetching.is_full
    assert fetching.open_to(MODELS) == TEXT
    waiting = asyncio.create_task(fetching.take("c"))
    await soon()
    assert not waiting.done()
    fetching.leave("b")
    await asyncio.wait_for(waiting, 30)


async def test_whoever_waits_counts_and_may_go() -> None:
    fetching = Fetching(of_each=1)
    await fetching.take("a")
    waiting = asyncio.create_task(fetching.take("a"))
    await soon()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    fetching.leave("a")
    assert not fetching.busy


async def test_listeners_are_told_that_a_place_was_left() -> None:
    fetching, told = Fetching(of_each=1), list[frozenset[str]]()
    fetching.listen(lambda: told.append(fetching.busy))
    await fetching.take("a")
    fetching.leave("a")
    assert told == [frozenset()]
