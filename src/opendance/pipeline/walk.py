"""The walk of one task through its steps. It knows no step by name: what each needs and keeps stands in their table."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from opendance.cancelling import WorkCancelled
from opendance.changes import Changes
from opendance.errors import TaskError
from opendance.pipeline.folder import Folder
from opendance.pipeline.journal import Journal
from opendance.pipeline.places import Holding
from opendance.pipeline.step import InputsGone, Parked, Report, Scope, Step, due
from opendance.pipeline.tools import Tools
from opendance.store.claims import advance_task
from opendance.store.database import OUTAGES
from opendance.store.tasks import TaskRecord
from opendance.telemetry.metrics import STAGE_SECONDS
from opendance.telemetry.traces import span

_REPORT_EVERY = 0.2  # s between two recorded steps of progress
_MOST_RETURNS = 5  # to steps whose files went while others ran


@dataclass(frozen=True)
class Walk:
    """One task on its way.

    Attributes:
        holding: what it holds while its steps run.
        engines: those that the account's group may use; None for all.
        cancel: set when the task is to stop.
    """

    steps: Sequence[Step[Any]]
    task: TaskRecord
    folder: Folder
    journal: Journal
    tools: Tools
    holding: Holding
    changes: Changes
    engines: tuple[str, ...] | None
    cancel: asyncio.Event

    async def to_the_end(self) -> None:
        """Run every step that is due; what each gives is in the journal then.

        Raises:
            TaskError: the task cannot be completed.
            Parked: it goes on once something outside has happened.
            WorkCancelled: `cancel` was set.
            TakenOver: it is in other hands.
        """
        returns = 0
        while upcoming := due(self.steps, self.task.order, self.journal, self.folder):
            # What will be made again is forgotten first: if this process ends meanwhile, the next does not take what
            # steps before have left for what goes with it.
            await self.journal.forget(upcoming)
            try:
                await self._run_all(upcoming)
            except InputsGone:
                returns += 1
                if returns > _MOST_RETURNS:
                    raise TaskError(
                        "service_error", "the user's files were lost on the way; please try again"
                    ) from None

    async def _run_all(self, steps: Sequence[Step[Any]]) -> None:
        """What a step gave is written in the transaction that says that the next one begins."""
        has_worked = True  # since something was written
        try:
            for step in steps:
                if self.cancel.is_set():
                    raise WorkCancelled
                if not self.holding.has(step.place):  # it may have to wait
                    await self.journal.write()
                await self.holding.need(step.place)
                if has_worked or not step.is_brief:
                    await self._advance(step, 0.0)
                has_worked = not step.is_brief
                await self._run(step)
        except (Parked, InputsGone):
            await self.journal.write()
            raise

    async def _run(self, step: Step[Any]) -> None:
        started = time.monotonic()
        with span(f"stage {step.name}", task_id=self.task.id):
            result = await step.run(
                Scope(
                    task=self.task,
                    folder=self.folder,
                    journal=self.journal,
                    tools=self.tools,
                    engines=self.engines,
                    report=self._report(step),
                    cancel=self.cancel,
                    step=step,
                )
            )
        seconds = time.monotonic() - started
        STAGE_SECONDS.labels(step.name).observe(seconds)
        self.journal.put_later(step, result, seconds=seconds)

    def _report(self, step: Step[Any]) -> Report:
        last = time.monotonic()

        async def report(share: float) -> None:
            nonlocal last
            if (now := time.monotonic()) - last >= _REPORT_EVERY:
                last = now
                with contextlib.suppress(*OUTAGES):  # no reason to throw away what the step has done until now
                    await self._advance(step, share)

        return report

    async def _advance(self, step: Step[Any], share: float) -> None:
        before = [each for each in self.steps[: self.steps.index(step)] if each.when(self.task.order)]
        begin = before[-1].until if before else 0
        progress = begin + int((step.until - begin) * min(1.0, share))
        async with self.journal.writing() as connection:
            changed = await advance_task(connection, self.task, stage=step.name, progress=progress)
        if changed:
            self.changes.tell(self.task.id, self.task.account_id)
