"""What the journals of tasks tell their owners: how the prompt was understood, and which seed was used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opendance.catalog import AspectRatio, pixels_for
from opendance.pipeline.journal import FAILURES, Failure, Journal, read_only
from opendance.pipeline.steps import PLAN, PROBE, RENDER, STEPS
from opendance.plan import Plan
from opendance.store.database import Database
from opendance.store.journal import KeptEntry, list_journal, read_entries
from opendance.store.tasks import TaskRecord
from opendance.task import Status


@dataclass(frozen=True)
class TaskDetails:
    """What is known beside the row of a task.

    Attributes:
        plan: None until the prompt was read.
        seed: what the engine gets; None where the engine that made the video takes none.
    """

    plan: Plan | None
    seed: int | None


@dataclass(frozen=True)
class Rendering:
    """What the engine got and gave.

    Attributes:
        seed: what it gets; None where the engine that made the video takes none.
        size: width and height of the finished video in pixels; None where there is none.
    """

    seed: int | None
    size: tuple[int, int] | None


async def renderings_of(database: Database, tasks: Sequence[TaskRecord]) -> dict[str, Rendering]:
    """What came of each task's rendering, by its id; whoever asks may see these tasks."""
    ended = [task.id for task in tasks if task.status is Status.COMPLETED]
    rows: Mapping[str, Mapping[str, Any]] = {}
    if ended:
        async with database.read() as connection:
            rows = await read_entries(connection, ended, [RENDER.name])
    return {task.id: _rendering(task, read_only(rows.get(task.id, {}))) for task in tasks}


def _rendering(task: TaskRecord, journal: Journal) -> Rendering:
    if task.status is not Status.COMPLETED:
        return Rendering(task.seed, None)
    rendered = journal.get(RENDER) if journal.has(RENDER) else None
    ratio, size = task.order.aspect_ratio, None if rendered is None else rendered.size
    if ratio is not AspectRatio.ADAPTIVE:  # else which one was chosen stands nowhere else
        size = pixels_for(ratio, task.order.quality)
    return Rendering(task.seed if rendered is None or rendered.takes_seed else None, size)


async def details_of(database: Database, tasks: Sequence[TaskRecord]) -> dict[str, TaskDetails]:
    """The details of each task, by its id; whoever asks may see these tasks."""
    async with database.read() as connection:
        rows = await read_entries(connection, [task.id for task in tasks], [PLAN.name, RENDER.name])
    details: dict[str, TaskDetails] = {}
    for task in tasks:
        journal = read_only(rows.get(task.id, {}))
        rendered = journal.get(RENDER) if journal.has(RENDER) else None
        takes_seed = rendered is None or rendered.takes_seed
        details[task.id] = TaskDetails(
            plan=journal.get(PLAN) if journal.has(PLAN) else None, seed=task.seed if takes_seed else None
        )
    return details


@dataclass(frozen=True)
class Course:
    """The course that a task took, as far as it has come.

    Attributes:
        stages: steps that finished, in that order.
        notes: what was done to its files.
        failures: engines that were tried and failed.
        plan: None until the prompt was read.
    """

    stages: tuple[KeptEntry, ...]
    notes: tuple[str, ...]
    failures: tuple[Failure, ...]
    plan: Plan | None


async def course_of(database: Database, task: TaskRecord) -> Course:
    """The course of a task; whoever asks may see it."""
    async with database.read() as connection:
        entries = await list_journal(connection, task.id)
    journal, steps = read_only({entry.name: entry.value for entry in entries}), {step.name for step in STEPS}
    assets = journal.get(PROBE) if journal.has(PROBE) else ()
    return Course(
        stages=tuple(entry for entry in entries if entry.name in steps),
        notes=tuple(f"{asset.kind} {asset.number}: {note}" for asset in assets for note in asset.notes),
        failures=journal.get(FAILURES),
        plan=journal.get(PLAN) if journal.has(PLAN) else None,
    )
