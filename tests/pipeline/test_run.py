"""What a worker does with a task: to its end, through outages, crashes and upstreams that take their time."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from opendance.engines.base import CannotLoad, StillWorking
from opendance.engines.upstream.base import UpstreamRequest
from opendance.errors import StorageError, TaskError
from opendance.pipeline.journal import FAILURES, UPSTREAM, Failure
from opendance.pipeline.step import Parked, Place, Scope, Step
from opendance.pipeline.steps import RENDER, STEPS
from opendance.queue.slots import Seat, Slots
from opendance.store import accounts
from opendance.store.tasks import TaskRecord
from opendance.task import Status
from tests import files, tasks
from tests.databases import opened
from tests.workshop import MadeUpHost, Workshop, a_workshop

URL = "https://a.example/a.png"


@pytest.fixture
async def two_engines(tmp_path: Path) -> AsyncGenerator[Workshop]:
    """`ark` works elsewhere and comes first, `blank` is here."""
    async with (
        opened(tmp_path / "db.sqlite3") as database,
        a_workshop(database, tmp_path, engines=("ark", "blank")) as workshop,
    ):
        workshop.hosts["ark"].begins = True
        workshop.web.files[URL] = files.image_bytes(640, 480)
        yield workshop


def image_order(**changes: Any) -> Any:
    return tasks.order(tasks.MINI_IMAGE, links=(tasks.link("image", URL),), **changes)


async def test_a_video_is_made_and_everything_about_it_kept(workshop_on_each: Workshop) -> None:
    workshop = workshop_on_each
    task = await workshop.made()
    assert (task.status, task.progress, task.engine, task.substitute) == (Status.COMPLETED, 100, "blank", False)
    assert task.result_key == f"{task.id}.mp4"
    assert (workshop.folder / "objects" / task.result_key).stat().st_size > 1000
    assert await workshop.entries(task) == ["reserve", "settle"]
    assert not list(workshop.work_dir.iterdir()), "its folder is gone"


async def test_what_fails_is_told_and_costs_nothing(workshop: Workshop) -> None:
    workshop.hosts["blank"].fates = [TaskError("invalid_parameters", "too dark")]
    task = await workshop.made()
    assert (task.status, task.error_code, task.error_message) == (Status.FAILED, "invalid_parameters", "too dark")
    assert await workshop.entries(task) == ["reserve", "refund"]


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (ZeroDivisionError("secret detail"), "unknown_error"),
        (OSError(errno.ENOSPC, "No space left on device"), "resource_exhausted"),
        (OSError(errno.EDQUOT, "Quota exceeded"), "resource_exhausted"),
    ],
)
async def test_what_nobody_foresaw_fails_the_task_without_its_details(
    workshop: Workshop, problem: Exception, code: str
) -> None:
    workshop.hosts["blank"].fates = [problem]
    task = await workshop.made()
    assert (task.status, task.error_code) == (Status.FAILED, code)
    assert "secret detail" not in (task.error_message or "")


async def test_a_clip_that_fails_its_check_tells_which_engine_made_it(workshop: Workshop) -> None:
    async def wrong(at: Scope) -> Any:
        raise TaskError("service_error", "it is upside down")

    steps = [step if step.name != "check" else _like(step, wrong) for step in STEPS]
    task = await workshop.made(steps=steps)
    assert (task.status, task.engine) == (Status.FAILED, "blank")


async def test_while_the_object_store_is_away_the_walk_waits(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, away = workshop.tools.storage.put, iter(range(3))

    async def put_later(*args: Any, **options: Any) -> None:
        if next(away, None) is not None:
            raise StorageError("it does not answer")
        await put(*args, **options)

    monkeypatch.setattr(workshop.tools.storage, "put", put_later)
    task = await workshop.made()
    assert task.status is Status.COMPLETED
    assert len(workshop.hosts["blank"].jobs) == 1, "what was made before stays"


async def test_a_store_that_stays_away_fails_the_task(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*args: Any, **options: Any) -> None:
        raise StorageError("it does not answer")

    monkeypatch.setattr(workshop.tools.storage, "put", never)
    task = await workshop.made()
    assert (task.status, task.error_code) == (Status.FAILED, "service_unavailable")
    assert await workshop.entries(task) == ["reserve", "refund"]


async def test_while_the_database_is_away_the_walk_waits_as_long_as_it_takes(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await workshop.submit()
    claimed = await workshop.claim()
    away, kind = iter(range(20)), type(workshop.database)
    write = kind.write

    def write_later(self: Any) -> Any:
        if next(away, None) is not None:
            raise OperationalError("UPDATE tasks", {}, Exception("connection refused"))
        return write(self)

    monkeypatch.setattr(kind, "write", write_later)
    await workshop.pipeline().run(claimed, asyncio.Event())
    assert (await workshop.read(task)).status is Status.COMPLETED
    assert len(workshop.hosts["blank"].jobs) == 1


async def test_a_task_whose_worker_died_five_times_fails_uncharged(workshop: Workshop) -> None:
    await workshop.submit()
    for number in range(5):
        await workshop.claim(f"dead {number}")
    task = await workshop.run(await workshop.claim("alive"))
    assert (task.status, task.error_code) == (Status.FAILED, "service_error")
    assert "stopped 5 times" in (task.error_message or "")
    assert workshop.hosts["blank"].jobs == []
    assert await workshop.entries(task) == ["reserve", "refund"]


async def test_what_was_begun_elsewhere_for_a_task_that_is_given_up_is_abandoned(two_engines: Workshop) -> None:
    workshop = two_engines
    workshop.hosts["ark"].fates = [StillWorking()]
    parked = await workshop.made()
    await workshop.change(parked, attempts=9, parks=1)
    await workshop.reconciler().look()
    await workshop.change(parked, parked_until=None)
    task = await workshop.run(await workshop.claim())
    assert task.status is Status.FAILED
    assert workshop.hosts["ark"].abandoned == [f"there-{task.id}-0"]


async def test_five_times_is_not_too_often(workshop: Workshop) -> None:
    await workshop.submit()
    for number in range(4):
        await workshop.claim(f"dead {number}")
    assert (await workshop.run(await workshop.claim("alive"))).status is Status.COMPLETED


async def test_a_worker_that_was_taken_for_dead_leaves_the_task_to_the_other(workshop: Workshop) -> None:
    await workshop.submit()
    late = await workshop.claim("late")
    await workshop.claim("another")
    task = await workshop.run(late)
    assert task.status is Status.PROCESSING
    assert await workshop.entries(task) == ["reserve"]


async def test_a_group_may_use_only_its_engines(two_engines: Workshop) -> None:
    workshop = two_engines
    async with workshop.database.write() as connection:
        group = await accounts.get_group(connection, "default")
        assert group is not None
        await accounts.put_group(connection, accounts.Group(**{**vars(group), "engines": ("blank",)}))
    task = await workshop.made()
    assert (task.engine, task.substitute) == ("blank", False)
    assert workshop.hosts["ark"].jobs == []


# ── cancelling ──


async def test_a_task_that_was_cancelled_before_its_worker_looked_is_not_made(workshop: Workshop) -> None:
    await workshop.submit()
    task = await workshop.claim()
    await workshop.change(task, cancel_requested=1)
    assert (await workshop.run(task)).status is Status.CANCELLED
    assert workshop.hosts["blank"].jobs == []


async def test_what_was_begun_elsewhere_for_a_cancelled_task_is_abandoned(two_engines: Workshop) -> None:
    workshop, cancel = two_engines, asyncio.Event()
    workshop.hosts["ark"].fates = [lambda request: cancel.set()]
    await workshop.submit()
    task = await workshop.claim()
    await workshop.pipeline().run(task, cancel)
    ended = await workshop.read(task)
    assert (ended.status, ended.error_code) == (Status.CANCELLED, "request_cancelled")
    assert workshop.hosts["ark"].abandoned == [f"there-{task.id}-0"]
    assert await workshop.entries(task) == ["reserve", "refund"]


# ── waiting for what is outside ──


async def test_an_upstream_that_takes_its_time_parks_the_task_and_it_goes_on_later(two_engines: Workshop) -> None:
    workshop, ark = two_engines, two_engines.hosts["ark"]
    ark.fates, ark.ended = [StillWorking(), StillWorking()], False
    parked = await workshop.made(image_order())
    assert (parked.status, parked.engine, parked.owner) == (Status.PROCESSING, "ark", None)
    assert parked.parked_until is not None
    workshop.web.files.clear()  # the user's link has ended meanwhile
    await workshop.change(parked, parked_until=0.0)
    assert await workshop.reconciler().look() == 0
    ark.ended = True
    await workshop.change(parked, parked_until=0.0)
    assert await workshop.reconciler().look() == 1
    again = await workshop.run(await workshop.claim())
    assert again.parks == 2
    await workshop.change(again, parked_until=0.0)
    await workshop.reconciler().look()
    done = await workshop.run(await workshop.claim())
    assert (done.status, done.engine) == (Status.COMPLETED, "ark")
    assert len(ark.created) == 1, "it is asked for, and paid for, once"


async def test_parking_does_not_count_as_a_crash(two_engines: Workshop) -> None:
    workshop, ark = two_engines, two_engines.hosts["ark"]
    ark.fates = [StillWorking()] * 9
    task = await workshop.made()
    for _ in range(9):
        await workshop.change(task, parked_until=0.0)
        await workshop.reconciler().look()
        task = await workshop.run(await workshop.claim())
    assert task.status is Status.COMPLETED


async def test_a_task_that_waits_for_another_goes_on_when_that_has_ended(workshop_on_each: Workshop) -> None:
    workshop = workshop_on_each
    first = await workshop.submit()
    waits: Step[str] = Step("waits", str, _wait_for(workshop, first), until=1)
    running = await workshop.claim("one", alone=False)
    second = await workshop.submit()
    parked = await workshop.run(await workshop.claim("two", alone=False), steps=(waits, *STEPS), park=1000)
    assert (parked.id, parked.status, parked.awaits) == (second.id, Status.PROCESSING, first.id)
    assert await workshop.reconciler().look() == 0
    assert (await workshop.run(running)).status is Status.COMPLETED
    assert await workshop.reconciler().look() == 1, "its end wakes who waits, long before the pause is over"
    done = await workshop.run(await workshop.claim("third"), steps=(waits, *STEPS))
    assert (done.id, done.status, done.awaits) == (second.id, Status.COMPLETED, None)


async def test_waiting_for_a_task_that_has_ended_already_takes_one_look(workshop: Workshop) -> None:
    first = await workshop.made()
    looks = iter([True])

    async def parks_once(at: Scope) -> str:
        if next(looks, False):
            raise Parked(task_id=first.id)
        return "done"

    once: Step[str] = Step("once", str, parks_once, until=1)
    await workshop.submit()
    await workshop.run(await workshop.claim(), steps=(once, *STEPS), park=1000)
    assert await workshop.reconciler().look() == 1
    assert (await workshop.run(await workshop.claim("x"), steps=(once, *STEPS))).status is Status.COMPLETED


# ── the walk that never ended ──


async def test_a_download_that_fails_when_the_files_are_gone_ends_at_the_next_engine(two_engines: Workshop) -> None:
    """The upstream had all it needed, its video cannot be had, and what the user gave is on this machine no more."""
    workshop, ark = two_engines, two_engines.hosts["ark"]

    def gone(request: UpstreamRequest) -> None:
        for folder in workshop.work_dir.iterdir():
            for path in folder.iterdir():
                path.unlink()
        raise TaskError("generation_failed_no_content", "the upstream's video: the host answered 404")

    ark.fates = [gone]
    task = await workshop.made(image_order())
    assert (task.status, task.engine, task.substitute) == (Status.COMPLETED, "blank", True)
    assert (len(ark.jobs), len(workshop.hosts["blank"].jobs)) == (1, 1)
    assert workshop.web.asked == [URL, URL], "fetched again for the engine that needs it"
    journal = await workshop.journal(task)
    assert journal.get(UPSTREAM) is None
    assert [failure.final for failure in journal.get(FAILURES)] == [True]


async def test_a_refusal_stays_one_though_the_worker_died_before_the_task_ended(two_engines: Workshop) -> None:
    """No other engine is another chance to get a request past a refusal."""
    workshop = two_engines
    await workshop.submit()
    task = await workshop.claim("dead")
    refused = Failure("ark", "content_policy_violation", "they do not make that", final=True)
    await (await workshop.journal(task)).put(FAILURES, (refused,))
    ended = await workshop.run(await workshop.claim("alive"))
    assert (ended.status, ended.error_code) == (Status.FAILED, "content_policy_violation")
    assert ended.error_message == "they do not make that"
    assert (workshop.hosts["ark"].jobs, workshop.hosts["blank"].jobs) == ([], [])


async def test_a_clip_that_was_lost_with_its_folder_is_made_again_from_the_start(workshop: Workshop) -> None:
    workshop.web.files[URL] = files.image_bytes(640, 480)
    await workshop.submit(image_order())
    task = await workshop.claim()
    stop: Callable[[Scope], Any] = _raise(asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):  # the process ends between render and check
        await workshop.run(task, steps=[_like(step, stop) if step.name == "check" else step for step in STEPS])
    assert (await workshop.journal(task)).has(RENDER)
    for folder in workshop.work_dir.iterdir():
        for path in folder.iterdir():
            path.unlink()
    done = await workshop.run(await workshop.claim("another"))
    assert done.status is Status.COMPLETED
    assert len(workshop.hosts["blank"].jobs) == 2


async def test_a_file_that_is_gone_for_good_fails_the_task_and_says_which(workshop: Workshop) -> None:
    task = await workshop.made(image_order())
    assert (task.status, task.error_code) == (Status.FAILED, "resource_not_found")
    assert task.error_message == "image_urls[0] (a.example): the host answered 404"


async def test_steps_hold_the_places_that_they_name(workshop: Workshop) -> None:
    """Two tasks with one slot: they fetch side by side without it, and render one after the other."""
    now, most, all_fetch = dict.fromkeys(Place, 0), dict.fromkeys(Place, 0), asyncio.Event()

    def step(place: Place, until: int) -> Step[str]:
        async def run(at: Scope) -> str:
            now[place] += 1
            most[place] = max(most[place], now[place])
            if place is Place.FETCHING:
                if now[place] == 3:
                    all_fetch.set()
                await all_fetch.wait()
            await asyncio.sleep(0.02)
            now[place] -= 1
            if place is Place.RENDERING:
                raise TaskError("service_error", "enough")
            return ""

        return Step(place.value, str, run, until=until, place=place)

    pipeline, slots = workshop.pipeline((step(Place.FETCHING, 20), step(Place.RENDERING, 50))), Slots(1)
    for _ in range(3):
        await workshop.submit()
    claimed = [await workshop.claim(f"worker {number}", alone=False) for number in range(3)]

    async def begin(task: TaskRecord) -> None:
        seat = Seat(slots)
        await seat.take()
        await pipeline.run(task, asyncio.Event(), seat)
        seat.leave()

    await asyncio.gather(*(begin(task) for task in claimed))
    assert most == {Place.NONE: 0, Place.FETCHING: 3, Place.RENDERING: 1}


def _like(step: Step[Any], run: Callable[[Scope], Any]) -> Step[Any]:
    """The same step with other work to do."""
    made: Step[Any] = Step(step.name, Any, run, until=step.until, needs=step.needs, when=step.when, keeps=step.keeps)
    return made


def _raise(error: BaseException) -> Callable[[Scope], Any]:
    async def run(at: Scope) -> Any:
        raise error

    return run


def _wait_for(workshop: Workshop, first: TaskRecord) -> Callable[[Scope], Any]:
    async def run(at: Scope) -> str:
        if at.task.id != first.id and not (await workshop.read(first)).status.terminal:
            raise Parked(task_id=first.id)
        return "no more"

    return run


async def test_a_task_whose_engine_cannot_be_loaded_here_goes_on_where_it_is_and_counts_no_attempt(
    workshop_on_each: Workshop,
) -> None:
    workshop = workshop_on_each
    broken = workshop.hosts["blank"]
    broken.problem = "no weights"
    await workshop.submit()
    for turn in range(7):  # more often than a task may be left by workers that die
        broken.fates = [CannotLoad("blank", "no weights")]
        task = await workshop.run(await workshop.claim(f"worker {turn}", alone=False), park=1000)
        assert (task.status, task.owner, task.engine) == (Status.PROCESSING, None, "blank")
        assert task.attempts - task.parks == 0
        assert await workshop.reconciler().look() == 0, "a process where it cannot be loaded leaves it to others"
        workshop.hosts["blank"] = MadeUpHost()
        assert await workshop.reconciler().look() == 1, "one that has it takes it at its next look"
        workshop.hosts["blank"] = broken
    broken.problem = None
    assert (await workshop.run(await workshop.claim("healthy"))).status is Status.COMPLETED
    assert await workshop.entries(task) == ["reserve", "settle"]
