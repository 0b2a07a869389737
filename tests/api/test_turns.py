"""Turns of requests that come at the same moment."""

from __future__ import annotations

import asyncio

from opendance.api.turns import Turns


async def rounds_of(turns: Turns, count: int) -> list[int]:
    """In which round of the event loop each of those that come together begins."""
    begun: dict[int, int] = {}
    now = 0

    async def request(number: int) -> None:
        await turns.take()
        begun[number] = now

    requests = [asyncio.create_task(request(number)) for number in range(count)]
    while not all(each.done() for each in requests):
        await asyncio.sleep(0)
        now += 1
    return [begun[number] for number in range(count)]


async def test_of_a_crowd_a_few_begin_in_each_round_in_the_order_in_which_they_came() -> None:
    rounds = await rounds_of(Turns(4), 30)
    assert rounds == sorted(rounds)
    assert max(rounds.count(each) for each in set(rounds)) == 4


async def test_who_comes_alone_begins_at_once_and_so_does_who_comes_after_a_crowd() -> None:
    turns = Turns(4)
    assert await rounds_of(turns, 1) == [0]
    await rounds_of(turns, 30)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert await rounds_of(turns, 4) == [0, 0, 0, 0]


async def test_who_went_before_their_turn_keeps_nobody_else_waiting() -> None:
    turns = Turns(1)
    waiting = [asyncio.create_task(turns.take()) for _ in range(5)]
    await asyncio.sleep(0)
    for each in waiting[1:4]:
        each.cancel()
    async with asyncio.timeout(1):
        await waiting[4]
    assert [each.cancelled() for each in waiting] == [False, True, True, True, False]


async def test_nothing_turns_while_nobody_comes() -> None:
    turns, loop = Turns(), asyncio.get_running_loop()
    await turns.take()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not [handle for handle in loop._ready if "Turns" in repr(handle)]  # type: ignore[attr-defined]
