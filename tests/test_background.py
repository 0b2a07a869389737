"""Work in the background: whatever goes wrong in a turn, the next one comes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from opendance.background import OUTAGES_TOLD, Outages, every, in_background, keep_doing
from opendance.errors import StorageError
from opendance.store.database import OUTAGES

OUTAGE = OperationalError("SELECT 1", {}, Exception("the database is away"))


@pytest.fixture(autouse=True)
def _nothing_told() -> None:
    """Tests meet the same outages, in one process."""
    OUTAGES_TOLD._told_at.clear()


class Stopped(BaseException):
    """Ends a loop that has no end."""


class Turns:
    """Turns and pauses of a loop; each turn takes its fate, and after the last one the loop is stopped."""

    def __init__(self, *fates: Exception | None) -> None:
        self._fates = list(fates)
        self.happened: list[str] = []

    async def turn(self) -> None:
        if not self._fates:
            raise Stopped
        self.happened.append("turn")
        if (fate := self._fates.pop(0)) is not None:
            raise fate

    async def pause(self) -> None:
        self.happened.append("pause")


def looping(entered: asyncio.Event, ended: list[str], name: str) -> Callable[[], Coroutine[Any, Any, None]]:
    async def loop() -> None:
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)

    return loop


# ── turn after turn ──


@pytest.mark.parametrize(
    ("fate", "level"),
    [
        (StorageError("the store is away\nand tells much"), logging.WARNING),
        (StorageError(""), logging.WARNING),
        (OUTAGE, logging.WARNING),
        (InterfaceError("SELECT 1", {}, Exception("closed")), logging.WARNING),
        (PoolTimeout("the pool is empty"), logging.WARNING),
        (ValueError("a mistake of ours"), logging.ERROR),
        (TimeoutError("of something"), logging.ERROR),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_the_next_turn_comes_whatever_went_wrong(
    caplog: pytest.LogCaptureFixture, fate: Exception, level: int
) -> None:
    turns = Turns(None, fate, None)
    with pytest.raises(Stopped):
        await keep_doing("the test", turns.turn, turns.pause, outages=(StorageError, *OUTAGES))
    assert turns.happened == ["turn", "pause"] * 3
    (record,) = caplog.records
    assert (record.levelno, record.getMessage().partition(" was interrupted")[0]) == (level, "the test")
    assert bool(record.exc_info) is (level == logging.ERROR), "what nobody expected is told with its traceback"
    assert "\n" not in record.getMessage()


async def test_an_outage_is_told_once_and_its_end_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    other = Turns(OUTAGE, OUTAGE)
    turns = Turns(None, *[OUTAGE] * 50, None, None, OUTAGE, None)
    for each in (other, turns):
        with pytest.raises(Stopped):
            await keep_doing("the test", each.turn, each.pause, outages=OUTAGES)
    told = [(record.levelno, record.getMessage().partition(",")[0]) for record in caplog.records]
    begin, end = (logging.WARNING, "the test was interrupted"), (logging.INFO, "what interrupted the test is over")
    assert told == [begin, end, begin, end], "two loops and fifty turns meet one outage; the next one is news again"


def test_a_long_outage_is_told_again_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("opendance.background.time.monotonic", lambda: now)
    outages = Outages()
    news = list[float]()
    for _ in range(3600):
        news += [now] * outages.is_news("the database is away")
        now += 1.0
    assert news == [1000.0 + 600.0 * number for number in range(6)]
    assert outages.is_news("the store is away"), "another one is told at once"
    assert outages.are_over({"the store is away"})
    assert not outages.are_over({"the store is away", "unheard of"})


def test_what_is_remembered_of_outages_is_bounded() -> None:
    outages = Outages()
    for number in range(5000):
        assert outages.is_news(f"connection {number} is away")
    assert len(outages._told_at) <= 1000


async def test_what_is_called_no_outage_is_told_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    turns = Turns(OUTAGE)
    with pytest.raises(Stopped):
        await keep_doing("the test", turns.turn, turns.pause)
    assert caplog.records[0].exc_info


async def test_a_loop_can_be_stopped_in_its_turn_and_in_its_pause() -> None:
    for turn, pause in ((asyncio.Event().wait, every(0)), (every(0), every(3600))):
        running = asyncio.create_task(keep_doing("the test", turn, pause))
        await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_a_pause_of_nothing_lets_others_go_on() -> None:
    running = asyncio.create_task(keep_doing("the test", every(0), every(0)))
    await asyncio.sleep(0.01)
    assert not running.done()
    running.cancel()


# ── beside a block ──


async def test_loops_run_beside_the_block_and_end_with_it() -> None:
    begun, ended = [asyncio.Event(), asyncio.Event()], list[str]()
    async with in_background(looping(begun[0], ended, "a")(), looping(begun[1], ended, "b")()):
        await asyncio.gather(*(event.wait() for event in begun))
        assert ended == []
    assert sorted(ended) == ["a", "b"]


@pytest.mark.parametrize("error", [ValueError("of the block"), KeyboardInterrupt(), asyncio.CancelledError()])
async def test_what_the_block_raises_comes_out_as_it_is(error: BaseException) -> None:
    begun, ended = asyncio.Event(), list[str]()

    async def block() -> None:
        async with in_background(looping(begun, ended, "a")()):
            await begun.wait()
            raise error

    with pytest.raises(type(error)) as raised:
        await block()
    assert raised.value is error
    assert ended == ["a"]


async def test_a_block_without_loops_is_just_a_block() -> None:
    async with in_background():
        pass
