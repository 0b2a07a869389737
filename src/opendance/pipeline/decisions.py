"""The content filter's decisions: the journal and the audit log keep them, and a refusal ends the task."""

from __future__ import annotations

from collections.abc import Sequence

from opendance.pipeline.journal import DECISIONS, Journal
from opendance.safety import Decision
from opendance.store.audit import record
from opendance.store.database import Connection
from opendance.store.tasks import TaskRecord
from opendance.telemetry.metrics import FILTER


class Decisions:
    """Those of one task."""

    def __init__(self, task: TaskRecord, journal: Journal) -> None:
        self._task, self._journal = task, journal

    def keep(self, decisions: Sequence[Decision]) -> None:
        """Keep decisions.

        Raises:
            TaskError: one of them refuses.
        """
        if not decisions:
            return
        for decision in decisions:
            verdict = "allowed" if decision.allowed else "refused"
            FILTER.labels(decision.input.partition("_")[0].partition("[")[0], verdict).inc()
        rows = tuple(decision.as_json() for decision in decisions)
        task = self._task

        async def audit(connection: Connection) -> None:
            await record(
                connection,
                "filter",
                actor="content filter",
                account_id=task.account_id,
                task_id=task.id,
                detail={"decisions": list(rows)},
            )

        self._journal.put_later(DECISIONS, (*self._journal.get(DECISIONS), *rows), also=audit)
        for decision in decisions:
            if not decision.allowed:
                raise decision.error()
