"""What the journals of tasks tell their owners: how the prompt was understood, and which seed was used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from opendance.pipeline.journal import read_only
from opendance.pipeline.steps import PLAN, RENDER
from opendance.plan import Plan
from opendance.store.database import Database
from opendance.store.journal import read_entries
from opendance.store.tasks import TaskRecord


@dataclass(frozen=True)
class TaskDetails:
    """What is known beside the row of a task.

    Attributes:
        plan: None until the prompt was read.
        seed: what the engine gets; None where the engine that made the video takes none.
    """

    plan: Plan | None
    seed: int | None


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
