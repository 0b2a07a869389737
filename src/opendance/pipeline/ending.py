"""The one way a task ends: status, ledger, callback and audit row in one transaction, then metrics and wake-ups."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from opendance.catalog import RESULT_LINK_SECONDS
from opendance.changes import Changes
from opendance.credits import Charge
from opendance.engines.base import Host
from opendance.errors import FAULTS
from opendance.pipeline.estimate import Estimator
from opendance.pipeline.journal import UPSTREAM, Journal
from opendance.pipeline.notify import Notifier
from opendance.storage import Storage
from opendance.store.audit import record
from opendance.store.database import OUTAGES, Connection, Database
from opendance.store.tasks import TaskRecord, finish_task
from opendance.task import Status
from opendance.telemetry.logs import about
from opendance.telemetry.metrics import CREDITS, TASK_ERRORS, TASK_SECONDS, TASKS_ENDED
from opendance.telemetry.traces import trace_id_of

_log = logging.getLogger(__name__)
SERVER = "server"  # who ends what runs, for the audit log
CANCELLED_WHILE_IT_RAN = ("request_cancelled", "the task was cancelled while it ran")


@dataclass(frozen=True)
class MadeBy:
    """What made the video.

    Attributes:
        substitute: it was not the first of its route.
        seconds: that it took.
    """

    engine: str
    substitute: bool
    seconds: float


@dataclass(frozen=True)
class Ending:
    """How a task ends.

    Attributes:
        error: code and message, of one that is not completed.
        result_key, result_bytes: of the video.
        charge: what it costs; all that is not charged goes back.
        made_by: where an engine has made a clip.
        journal: of its walk, where something of it is still to be written.
        actor: who ends it, for the audit log.
    """

    status: Status
    error: tuple[str, str] | None = None
    result_key: str | None = None
    result_bytes: int | None = None
    charge: Charge | None = None
    made_by: MadeBy | None = None
    journal: Journal | None = None
    actor: str = SERVER


class Endings:
    """Ends tasks, whatever for."""

    def __init__(
        self, database: Database, storage: Storage, changes: Changes, estimator: Estimator, notifier: Notifier
    ) -> None:
        self._database, self._storage, self._changes = database, storage, changes
        self._estimator, self._notifier = estimator, notifier

    async def end(self, task: TaskRecord, ending: Ending) -> TaskRecord | None:
        """End the task, and settle and tell what follows; gives it as it is then.

        Args:
            task: as whoever ends it saw it. Where it is in another state or in other hands by now nothing happens, and
                None is given.

        Raises:
            StorageError: the result's link cannot be made; the task has not ended.
        """
        link = None
        if ending.result_key is not None:
            link = await self._storage.presigned(ending.result_key, RESULT_LINK_SECONDS)  # OUT-09
        async with self._database.write() as connection:
            ended = await self.end_in(connection, task, ending, link=link)
        if ended is None:
            return None
        self.tell(ended)
        made_by = ending.made_by
        if made_by is not None and ending.status is Status.COMPLETED and not task.order.sandbox:
            with contextlib.suppress(*OUTAGES):  # it has ended; a speed that is not noted is no loss
                await self._estimator.record(task.order, made_by.engine, made_by.seconds)
        return ended

    async def end_in(
        self, connection: Connection, task: TaskRecord, ending: Ending, *, link: str | None = None
    ) -> TaskRecord | None:
        """What `end` does in the database, in a transaction with something else; `tell` follows once it is committed.

        Args:
            link: to the result.
        """
        made_by = ending.made_by
        ended = await finish_task(
            connection,
            task,
            ending.status,
            error=ending.error,
            result_key=ending.result_key,
            result_link=link,
            result_bytes=ending.result_bytes,
            charge=ending.charge,
            made_by=None if made_by is None else (made_by.engine, made_by.substitute),
        )
        if ended is not None and ending.journal is not None:
            await ending.journal.write_within(connection)
        if ended is not None:
            used = float(ended.credits_used or 0)
            await record(
                connection,
                "task.ended",
                actor=ending.actor,
                account_id=task.account_id,
                task_id=task.id,
                detail={"status": ending.status.value, "error": ended.error_code, "credits_used": used},
            )
        return ended

    def tell(self, ended: TaskRecord) -> None:
        """A task has ended: count it, say so in the log, wake those who watch it and whoever delivers callbacks."""
        seconds, status = time.time() - ended.created, ended.status.value
        used = ended.credits_used or Decimal(0)
        TASKS_ENDED.labels(status, ended.model).inc()
        if ended.error_code is not None and not ended.order.sandbox:  # one that was asked for alerts nobody
            TASK_ERRORS.labels(ended.error_code, FAULTS.get(ended.error_code, "server")).inc()
        TASK_SECONDS.labels(status, ended.model).observe(seconds)
        _write_line(ended, seconds)
        CREDITS.labels("settle").inc(float(used))
        CREDITS.labels("refund").inc(float(ended.credits_reserved - used))
        self._estimator.remove(ended.order)
        self._changes.tell(ended.id, ended.account_id)
        self._notifier.notify()


def _write_line(task: TaskRecord, seconds: float) -> None:
    """The one line that the log has of every task. What was asked for, and what its user was told, is not in it."""
    facts = {
        "task_id": task.id,
        "account_id": task.account_id,
        "model": task.model,
        "engine": task.engine,
        "status": task.status.value,
        "error_code": task.error_code,
        "trace_id": trace_id_of(task.trace),
    }
    with about(**{name: value for name, value in facts.items() if value is not None}):
        _log.info("%s %s after %.1f s", task.id, task.status.value, seconds, extra={"seconds": round(seconds, 3)})


async def abandon(task: TaskRecord, journal: Journal, hosts: Mapping[str, Host]) -> None:
    """Stop what an upstream may still do for a task that nobody wants any more."""
    known = journal.get(UPSTREAM)
    if known is None:
        return
    host = hosts.get(known.engine)
    if host is None:
        _log.warning("%s: what %s may still do for it cannot be stopped from here", task.id, known.engine)
    else:
        await host.abandon(known.submission)
