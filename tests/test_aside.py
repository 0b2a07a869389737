"""Work in processes of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest

from opendance import aside
from opendance.aside import TookTooLong, run_aside
from opendance.prompt import plan_prompt


async def test_another_process_works_and_is_kept_for_the_next() -> None:
    processes = {await run_aside(os.getpid) for _ in range(6)}
    assert os.getpid() not in processes
    assert len(processes) <= aside.PROCESSES


async def test_the_answer_is_that_of_the_function() -> None:
    there = await run_aside(plan_prompt, "a cat runs in the rain", seconds=5, aspect_ratio="adaptive")
    assert there == plan_prompt("a cat runs in the rain", seconds=5, aspect_ratio="adaptive")


async def test_what_takes_too_long_is_given_up_and_the_next_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "DEADLINE", 0.2)
    with pytest.raises(TookTooLong):
        await run_aside(time.sleep, 60)
    monkeypatch.undo()
    assert await run_aside(abs, -1) == 1


async def test_the_event_loop_goes_on_while_one_long_match_runs_there() -> None:
    await run_aside(abs, -1)
    turns = 0
    work = asyncio.ensure_future(run_aside(time.sleep, 0.3))
    while not work.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 100


async def test_a_process_that_was_killed_is_replaced() -> None:
    for _ in range(aside.PROCESSES):
        os.kill(await run_aside(os.getpid), signal.SIGKILL)
    assert await run_aside(abs, -1) == 1


async def test_an_error_there_is_told_here() -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        await run_aside(divmod, 1, 0)
