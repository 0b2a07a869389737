"""The walk over steps of a test's own making: it knows none by name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from opendance.cancelling import WorkCancelled
from opendance.errors import TaskError
from opendance.pipeline import walk
from opendance.pipeline.folder import Folder
from opendance.pipeline.journal import TakenOver
from opendance.pipeline.places import Holding
from opendance.pipeline.step import InputsGone, Place, Scope, Step
from opendance.pipeline.walk import Walk
from opendance.queue.slots import Fetching, Seat, Slots
from opendance.store.tasks import TaskRecord
from opendance.telemetry.metrics import STAGE_SECONDS
from tests.workshop import Workshop


class Recipe:
    """Three steps: each tells that it ran; `mix` leaves a file that `bake` needs.

    Attributes:
        ran: names, in the order in which the steps ran.
        meanwhile: what else happens while a step of that name runs.
    """

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.meanwhile: dict[str, Callable[[Scope], Any]] = {}
        self.weigh: Step[int] = Step("weigh", int, self._run("weigh", lambda at: 3), until=10)
        self.mix: Step[str] = Step(
            "mix",
            str,
            self._run("mix", self._mix),
            until=50,
            needs=[self.weigh],
            keeps=lambda given, order, folder: folder.has(folder.path / given),
            place=Place.FETCHING,
        )
        self.bake: Step[list[int]] = Step(
            "bake", list[int], self._run("bake", self._bake), until=99, needs=[self.mix], place=Place.RENDERING
        )
        self.garnish: Step[str] = Step(
            "garnish", str, self._run("garnish", lambda at: "leaf"), until=99, when=lambda order: order.web_search
        )

    @property
    def steps(self) -> tuple[Step[Any], ...]:
        return self.weigh, self.mix, self.bake, self.garnish

    def _run(self, name: str, work: Callable[[Scope], Any]) -> Callable[[Scope], Any]:
        async def run(at: Scope) -> Any:
            self.ran.append(name)
            if name in self.meanwhile:
                given = self.meanwhile[name](at)
                if asyncio.iscoroutine(given):
                    await given
            return work(at)

        return run

    def _mix(self, at: Scope) -> str:
        (at.folder.path / "dough").write_text(str(at.given(self.weigh)))
        return "dough"

    def _bake(self, at: Scope) -> list[int]:
        dough = at.folder.path / at.given(self.mix)
        if not dough.exists():
            raise InputsGone
        return [int(dough.read_text())]


@pytest.fixture
def recipe() -> Recipe:
    return Recipe()


async def a_walk(workshop: Workshop, recipe: Recipe, task: TaskRecord, cancel: asyncio.Event | None = None) -> Walk:
    cancel = cancel or asyncio.Event()
    folder = Folder(workshop.work_dir / task.id)
    folder.path.mkdir(parents=True, exist_ok=True)
    return Walk(
        recipe.steps,
        task,
        folder,
        await workshop.journal(task),
        workshop.tools,
        Holding(Fetching(), task, Seat(Slots(1)), cancel),
        workshop.changes,
        None,
        cancel,
    )


async def claimed(workshop: Workshop) -> TaskRecord:
    await workshop.submit()
    return await workshop.claim()


async def test_steps_run_in_their_order_and_what_they_gave_is_kept_as_its_type(
    workshop: Workshop, recipe: Recipe
) -> None:
    task = await claimed(workshop)
    walk = await a_walk(workshop, recipe, task)
    await walk.to_the_end()
    assert recipe.ran == ["weigh", "mix", "bake"], "a step that does not apply is left out"
    assert not (await workshop.journal(task)).has(recipe.bake), "what the last gave is written with the end of the task"
    await walk.journal.write()
    journal = await workshop.journal(task)
    assert (journal.get(recipe.weigh), journal.get(recipe.mix), journal.get(recipe.bake)) == (3, "dough", [3])


async def test_a_second_walk_runs_nothing(workshop: Workshop, recipe: Recipe) -> None:
    task = await claimed(workshop)
    walk = await a_walk(workshop, recipe, task)
    await walk.to_the_end()
    await walk.journal.write()
    recipe.ran.clear()
    await (await a_walk(workshop, recipe, task)).to_the_end()
    assert recipe.ran == []


async def test_a_walk_that_broke_off_goes_on_behind_its_last_step(workshop: Workshop, recipe: Recipe) -> None:
    task = await claimed(workshop)
    recipe.meanwhile["bake"] = _raise(KeyError("the process died"))
    with pytest.raises(KeyError):
        await (await a_walk(workshop, recipe, task)).to_the_end()
    recipe.meanwhile.clear()
    recipe.ran.clear()
    await (await a_walk(workshop, recipe, task)).to_the_end()
    assert recipe.ran == ["bake"]


async def test_what_went_while_other_steps_ran_is_made_again(workshop: Workshop, recipe: Recipe) -> None:
    task = await claimed(workshop)
    losses = iter([True])

    def lose_once(at: Scope) -> None:
        if next(losses, False):
            (at.folder.path / "dough").unlink()

    recipe.meanwhile["bake"] = lose_once
    await (await a_walk(workshop, recipe, task)).to_the_end()
    assert recipe.ran == ["weigh", "mix", "bake", "mix", "bake"]


async def test_a_walk_that_only_ever_goes_back_ends(workshop: Workshop, recipe: Recipe) -> None:
    task = await claimed(workshop)
    recipe.meanwhile["bake"] = lambda at: (at.folder.path / "dough").unlink()
    with pytest.raises(TaskError, match="lost on the way"):
        await (await a_walk(workshop, recipe, task)).to_the_end()
    assert recipe.ran.count("bake") == 6


async def test_inputs_that_are_missed_though_nothing_is_gone_do_not_keep_it_walking(
    workshop: Workshop, recipe: Recipe
) -> None:
    task = await claimed(workshop)
    recipe.meanwhile["bake"] = _raise(InputsGone())
    with pytest.raises(TaskError, match="lost on the way"):
        await (await a_walk(workshop, recipe, task)).to_the_end()
    assert recipe.ran.count("mix") == 1


async def test_what_will_be_made_again_is_forgotten_before_it_is_made(workshop: Workshop, recipe: Recipe) -> None:
    """A process that ends in the middle leaves no entry that stands on what was there before."""
    task = await claimed(workshop)
    await (await a_walk(workshop, recipe, task)).to_the_end()
    journal = await workshop.journal(task)
    await journal.forget([recipe.weigh])
    recipe.meanwhile["weigh"] = _raise(KeyError("the process died"))
    with pytest.raises(KeyError):
        await (await a_walk(workshop, recipe, task)).to_the_end()
    journal = await workshop.journal(task)
    assert [journal.has(step) for step in (recipe.weigh, recipe.mix, recipe.bake)] == [False] * 3


async def test_it_stops_between_two_steps_when_it_is_to(workshop: Workshop, recipe: Recipe) -> None:
    task, cancel = await claimed(workshop), asyncio.Event()
    recipe.meanwhile["mix"] = lambda at: cancel.set()
    with pytest.raises(WorkCancelled):
        await (await a_walk(workshop, recipe, task, cancel)).to_the_end()
    assert recipe.ran == ["weigh", "mix"]


async def test_a_worker_that_was_taken_for_dead_writes_nothing_more(workshop: Workshop, recipe: Recipe) -> None:
    task = await claimed(workshop)

    async def another_takes_it(at: Scope) -> None:
        await workshop.claim("another")

    recipe.meanwhile["mix"] = another_takes_it
    with pytest.raises(TakenOver):
        await (await a_walk(workshop, recipe, task)).to_the_end()
    journal = await workshop.journal(task)
    assert (journal.has(recipe.weigh), journal.has(recipe.mix)) == (True, False)


async def test_stage_and_progress_are_told_and_never_go_back(workshop: Workshop, recipe: Recipe) -> None:
    task = await claimed(workshop)
    seen: list[tuple[str | None, int]] = []

    async def look(at: Scope) -> None:
        now = await workshop.read(task)
        seen.append((now.stage, now.progress))

    for name in ("weigh", "mix", "bake"):
        recipe.meanwhile[name] = look
    with workshop.changes.watch(task.id) as changed:
        await (await a_walk(workshop, recipe, task)).to_the_end()
    assert seen == [("weigh", 0), ("mix", 10), ("bake", 50)]
    assert changed.is_set()


async def test_a_step_that_runs_again_does_not_take_progress_back(workshop: Workshop, recipe: Recipe) -> None:
    task = await claimed(workshop)
    await (await a_walk(workshop, recipe, task)).to_the_end()
    walk = await a_walk(workshop, recipe, task)
    (walk.folder.path / "dough").unlink()
    await walk.journal.forget([recipe.bake])
    seen: list[tuple[str | None, int]] = []

    async def look(at: Scope) -> None:
        now = await workshop.read(task)
        seen.append((now.stage, now.progress))

    recipe.meanwhile["mix"] = look
    await walk.to_the_end()
    assert seen == [("mix", 50)]


async def test_progress_that_cannot_be_noted_throws_nothing_away(
    workshop: Workshop, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is away while an engine is at work for an hour."""
    monkeypatch.setattr("opendance.pipeline.walk._REPORT_EVERY", 0.0)
    advance, away = walk.advance_task, False

    async def advance_later(*args: Any, **options: Any) -> bool:
        if away:
            raise OperationalError("UPDATE tasks", {}, Exception("connection refused"))
        return await advance(*args, **options)

    async def report(at: Scope) -> None:
        nonlocal away
        away = True
        await at.report(0.5)
        away = False
        await at.report(0.6)

    monkeypatch.setattr(walk, "advance_task", advance_later)
    recipe.meanwhile["bake"] = report
    task = await claimed(workshop)
    await (await a_walk(workshop, recipe, task)).to_the_end()
    assert recipe.ran == ["weigh", "mix", "bake"]
    assert (await workshop.read(task)).progress == 79


async def test_how_long_each_step_took_is_measured(workshop: Workshop, recipe: Recipe) -> None:
    def count(step: str) -> float:
        samples = next(iter(STAGE_SECONDS.collect())).samples
        return sum(s.value for s in samples if s.name.endswith("_count") and s.labels["stage"] == step)

    before = count("weigh")
    await (await a_walk(workshop, recipe, await claimed(workshop))).to_the_end()
    assert count("weigh") == before + 1


def _raise(error: Exception) -> Callable[[Scope], None]:
    def do(at: Scope) -> None:
        raise error

    return do
