"""Work side by side that ends as one: results in order, the first failure, and nothing that goes on behind."""

from __future__ import annotations

import asyncio
import sys

import pytest

from opendance.cancelling import WorkCancelled, all_done, end_process, held


class Work:
    """Pieces of work that wait until they are let go, and say whether they were stopped."""

    def __init__(self) -> None:
        self.go: dict[str, asyncio.Event] = {}
        self.begun: list[str] = []
        self.stopped: list[str] = []

    async def piece(self, name: str, *, error: Exception | None = None) -> str:
        self.begun.append(name)
        try:
            await self.go.setdefault(name, asyncio.Event()).wait()
        except asyncio.CancelledError:
            for _ in range(10):  # tidying up takes a moment
                await asyncio.sleep(0)
            self.stopped.append(name)
            raise
        if error is not None:
            raise error
        return name.upper()

    def let(self, name: str) -> None:
        self.go.setdefault(name, asyncio.Event()).set()


@pytest.fixture
def work() -> Work:
    return Work()


async def until(condition: object) -> None:
    """Give others the turn until the condition holds."""
    assert callable(condition)
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to that")


async def test_results_stand_in_the_order_of_the_work_not_of_its_end(work: Work) -> None:
    doing = asyncio.create_task(all_done([work.piece("a"), work.piece("b"), work.piece("c")], asyncio.Event()))
    await until(lambda: len(work.begun) == 3)  # side by side: none waits for another
    for name in ("c", "a", "b"):
        work.let(name)
    assert await doing == ["A", "B", "C"]


async def test_no_work_is_done_at_once() -> None:
    assert await all_done([], asyncio.Event()) == []


async def test_whoever_waits_is_told_how_many_are_left(work: Work) -> None:
    left: list[int] = []

    async def on_done(count: int) -> None:
        left.append(count)

    doing = asyncio.create_task(all_done([work.piece("a"), work.piece("b")], asyncio.Event(), on_done))
    await until(lambda: len(work.begun) == 2)
    work.let("b")
    await until(lambda: left == [1])
    work.let("a")
    await doing
    assert left == [1, 0]


async def test_the_first_failure_ends_the_others_before_it_is_raised(work: Work) -> None:
    failing = [work.piece("a"), work.piece("b", error=ValueError("no")), work.piece("c")]
    doing = asyncio.create_task(all_done(failing, asyncio.Event()))
    await until(lambda: len(work.begun) == 3)
    work.let("b")
    with pytest.raises(ValueError, match="no"):
        await doing
    assert sorted(work.stopped) == ["a", "c"]


async def test_a_cancel_ends_all_of_them_before_it_is_raised(work: Work) -> None:
    cancel = asyncio.Event()
    doing = asyncio.create_task(all_done([work.piece("a"), work.piece("b")], cancel))
    await until(lambda: len(work.begun) == 2)
    cancel.set()
    with pytest.raises(WorkCancelled):
        await doing
    assert sorted(work.stopped) == ["a", "b"]


async def test_after_a_cancel_nothing_is_begun(work: Work) -> None:
    cancel = asyncio.Event()
    cancel.set()
    work.let("a")
    with pytest.raises(WorkCancelled):
        await all_done([work.piece("a"), work.piece("b")], cancel)
    await asyncio.sleep(0)
    assert work.begun == []


async def test_whoever_is_stopped_while_waiting_leaves_nothing_behind(work: Work) -> None:
    doing = asyncio.create_task(all_done([work.piece("a"), work.piece("b")], asyncio.Event()))
    await until(lambda: len(work.begun) == 2)
    before = asyncio.all_tasks()
    doing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await doing
    assert sorted(work.stopped) == ["a", "b"]
    assert {task for task in before if not task.done()} == {asyncio.current_task()}


async def test_a_failure_of_who_is_told_ends_the_work_too(work: Work) -> None:
    async def on_done(count: int) -> None:
        raise RuntimeError("nobody listens")

    doing = asyncio.create_task(all_done([work.piece("a"), work.piece("b")], asyncio.Event(), on_done))
    await until(lambda: len(work.begun) == 2)
    work.let("a")
    with pytest.raises(RuntimeError, match="nobody listens"):
        await doing
    assert work.stopped == ["b"]


# ── a place that is waited for ──


class Places:
    """One place, and those who want it."""

    def __init__(self) -> None:
        self.semaphore, self.cancel = asyncio.Semaphore(1), asyncio.Event()
        self.inside = 0

    async def hold(self, until: asyncio.Event) -> None:
        async with held(self.semaphore, self.cancel):
            self.inside += 1
            assert self.inside == 1
            await until.wait()
            self.inside -= 1


async def settle() -> None:
    """Give all others the turn until they wait for something."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_one_holds_the_place_and_the_next_gets_it_afterwards() -> None:
    places, go = Places(), [asyncio.Event(), asyncio.Event()]
    holding = [asyncio.create_task(places.hold(each)) for each in go]
    await settle()
    assert places.inside == 1
    go[0].set()
    await holding[0]
    await settle()
    assert places.inside == 1
    go[1].set()
    await holding[1]
    assert not places.semaphore.locked()


async def test_whoever_waits_for_a_place_can_be_told_to_stop_and_leaves_the_place_to_others() -> None:
    places, go = Places(), asyncio.Event()
    first, second = (asyncio.create_task(places.hold(go)) for _ in range(2))
    await settle()
    places.cancel.set()
    with pytest.raises(WorkCancelled):
        await second
    assert not first.done()
    go.set()
    await first
    assert not places.semaphore.locked()


async def test_a_place_that_comes_in_the_moment_of_the_cancel_is_not_lost() -> None:
    places = Places()
    await places.semaphore.acquire()
    waiting = asyncio.create_task(places.hold(asyncio.Event()))
    await settle()
    places.semaphore.release()
    places.cancel.set()
    with pytest.raises(WorkCancelled):
        await waiting
    assert not places.semaphore.locked()


async def test_a_failure_inside_gives_the_place_back() -> None:
    semaphore = asyncio.Semaphore(1)
    with pytest.raises(ValueError, match="no"):
        async with held(semaphore, asyncio.Event()):
            raise ValueError("no")
    assert not semaphore.locked()


async def test_a_place_that_is_free_is_taken_also_by_who_was_told_to_stop() -> None:
    semaphore, cancel = asyncio.Semaphore(1), asyncio.Event()
    cancel.set()
    async with held(semaphore, cancel):  # what goes on there finds out by itself
        assert semaphore.locked()


async def test_a_process_is_gone_whoever_is_cancelled_meanwhile() -> None:
    sleeps = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", sleeps, stdin=asyncio.subprocess.PIPE)
    ending = asyncio.create_task(end_process(process))
    await asyncio.sleep(0)
    for _ in range(3):  # as where a server goes down while a request is being given up
        ending.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await ending
    assert process.returncode == -9


async def test_a_process_that_has_ended_by_itself_is_no_trouble() -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await process.wait()
    await end_process(process)
    assert process.returncode == 0
