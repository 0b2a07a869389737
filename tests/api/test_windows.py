"""How often something happened within the last minute, here and in other processes."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from opendance.api.limits import COUNTED, RateLimiter
from opendance.api.windows import Windows
from opendance.background import in_background
from opendance.store.accounts import Group
from opendance.store.database import database_url
from opendance.store.listening import Listener
from tests.callers import new_caller
from tests.databases import PostgresqlServer, opened


def test_what_happened_fades_over_the_next_minute_and_is_forgotten_then() -> None:
    now = 600.0
    windows = Windows(lambda: now)
    for _ in range(10):
        windows.add("a")
    assert (windows.count("a"), windows.count("b")) == (10, 0)
    now = 660.0
    assert windows.count("a") == 10
    now = 690.0
    assert windows.count("a") == 5
    now = 720.0
    assert windows.count("a") == 0


def test_what_others_tell_late_counts_for_the_minute_it_was_in() -> None:
    now = 661.0
    here, there = Windows(lambda: now), Windows(lambda: now)
    there.add("a")
    [(name, minute, count)] = there.untold()
    assert there.untold() == []
    here.add("a")
    here.add_of_others(name, minute, count)
    here.add_of_others(name, minute - 5, 100)
    assert here.count("a") == 2


def test_names_that_nobody_uses_any_more_are_forgotten_though_nobody_asks_what_was_counted() -> None:
    now = 600.0
    windows = Windows(lambda: now)
    for number in range(200):
        windows.add(f"name {number}")
    now += 180
    windows.add("a")
    assert [name for name, *_ in windows.untold()] == ["a"]


async def test_a_limit_holds_over_two_processes_on_one_database(postgresql: PostgresqlServer) -> None:
    url = postgresql.new_database()
    async with opened(url) as database:
        group = Group("few", Decimal(1), requests_per_minute=10)
        caller = await new_caller(database, "a", group=group)
        limiters, loops = [RateLimiter(), RateLimiter()], []
        for limiter in limiters:
            listener = Listener(database_url(url))
            listener.on(COUNTED, limiter.add_of_others)
            loops += [listener.work(), limiter.share(database)]
        async with in_background(*loops):
            await asyncio.sleep(1)  # until both listen
            for _ in range(10):
                state = limiters[0].hit(caller, reading=False)
                assert state is not None
                assert not state.exceeded
            name = f"write:account:{caller.account_id}"
            while limiters[1]._windows.count(name) < 9:  # noqa: ASYNC110 - what is waited for comes from another process
                await asyncio.sleep(0.1)
            states = [limiters[1].hit(caller, reading=False) for _ in range(3)]  # the minute may have changed
            assert any(state is not None and state.exceeded for state in states)
