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
from opendance.pipeline.journal import Journal, TakenOver
from opendance.pipeline.places import Holding
from opendance.pipeline.step import InputsGone, Report, Scope, Step, due
from opendance.pipeline.tools import Tools
from opendance.store.claims import advance_task, is_claim_held
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
                for step in upcoming:
                    await self._run(step)
            except InputsGone:
                returns += 1
                if returns > _MOST_RETURNS:
                    raise TaskError(
                        "service_error", "the user's files were lost on the way; please try again"
                    ) from None

    async def _run(self, step: Step[Any]) -> None:
        if self.cancel.is_set():
            raise WorkCancelled
        await self.holding.need(step.place)
        await self._advance(step, 0.0)
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
        await self.journal.put(step, result, seconds=seconds)

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
        async with self.tools.database.write() as connection:
            if not await advance_task(connection, self.task, stage=step.name, progress=progress):
                if not await is_claim_held(connection, self.task):
                    raise TakenOver(self.task.id)
                return
        self.changes.tell(self.task.id, self.task.account_id)
