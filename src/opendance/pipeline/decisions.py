"""The content filter's decisions: the journal and the audit log keep them, and a refusal ends the task."""

from __future__ import annotations

from collections.abc import Sequence

from opendance.pipeline.journal import DECISIONS, Journal, check_claim
from opendance.safety import Decision
from opendance.store.audit import record
from opendance.store.database import Database
from opendance.store.tasks import TaskRecord
from opendance.telemetry.metrics import FILTER


class Decisions:
    """Those of one task."""

    def __init__(self, database: Database, task: TaskRecord, journal: Journal) -> None:
        self._database, self._task, self._journal = database, task, journal

    async def keep(self, decisions: Sequence[Decision]) -> None:
        """Keep decisions.

        Raises:
            TaskError: one of them refuses.
            TakenOver: the task is in other hands.
        """
        if not decisions:
            return
        for decision in decisions:
            verdict = "allowed" if decision.allowed else "refused"
            FILTER.labels(decision.input.partition("_")[0].partition("[")[0], verdict).inc()
        rows = tuple(decision.as_json() for decision in decisions)
        await self._journal.put(DECISIONS, (*self._journal.get(DECISIONS), *rows))
        async with self._database.write() as connection:
            await check_claim(connection, self._task)
            await record(
                connection,
                "filter",
                actor="content filter",
                account_id=self._task.account_id,
                task_id=self._task.id,
                detail={"decisions": list(rows)},
            )
        for decision in decisions:
            if not decision.allowed:
                raise decision.error()
