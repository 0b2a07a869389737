"""What a worker does with a task: the walk, patience with what is away, and the ending."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import stamina

from opendance.cancelling import WorkCancelled
from opendance.changes import Changes
from opendance.errors import DISK_FULL, FAULTS, StorageError, TaskError, is_disk_full
from opendance.pipeline.ending import CANCELLED_WHILE_IT_RAN, Ending, Endings, MadeBy, abandon
from opendance.pipeline.folder import Folder
from opendance.pipeline.journal import Journal, TakenOver, journal_of
from opendance.pipeline.places import Places
from opendance.pipeline.step import Parked, Step
from opendance.pipeline.steps import RENDER, STEPS, STORE, cost_of
from opendance.pipeline.tools import Tools
from opendance.pipeline.walk import Walk
from opendance.queue.slots import Seat, Slots
from opendance.store.claims import read_walk_facts
from opendance.store.database import OUTAGES
from opendance.store.parked import park_task
from opendance.store.tasks import TaskRecord
from opendance.task import Status
from opendance.telemetry.logs import about
from opendance.telemetry.traces import span, trace_id_of

_log = logging.getLogger(__name__)
_MAX_ATTEMPTS = 5
_LONGEST_PAUSE = 30.0  # s between two looks whether the database or the store is back
_MAX_STORE_FAILURES = 5  # of one worker with a task; a store in a cloud has tried again for minutes each time


class Pipeline:
    """Walks tasks to their end.

    Args:
        work_dir: each task gets a folder below, which is removed when it ends.
        park: s after which a parked task is looked at.
        alone: no other process works on these tasks. Then a folder that is there is the task's own, left by a dead
            process, and what is in it is used again; otherwise a process that only seems dead may still write to it.
    """

    def __init__(
        self,
        tools: Tools,
        changes: Changes,
        endings: Endings,
        places: Places,
        work_dir: Path,
        *,
        alone: bool,
        park: float = 30.0,
        steps: Sequence[Step[Any]] = STEPS,
    ) -> None:
        self._tools, self._changes, self._endings, self._places = tools, changes, endings, places
        self._work_dir, self._alone, self._park, self._steps = work_dir, alone, park, steps

    async def run(self, task: TaskRecord, cancel: asyncio.Event, seat: Seat | None = None) -> None:
        """Walk `task` to its end, or until it waits for something outside; never raises for what goes wrong with it.

        Args:
            seat: the slot that it was begun in; None where nobody counts them.

        While the database or the object store is away the walk waits and goes on after the last step in the journal.
        """
        ids = {"task_id": task.id, "account_id": task.account_id}
        if (trace_id := trace_id_of(task.trace)) is not None:
            ids["trace_id"] = trace_id
        with about(**ids), span("task", parent=task.trace, task_id=task.id):
            folder = Folder(self._work_dir / (task.id if self._alone else f"{task.id}.{task.attempts}"))
            try:
                await self._with_patience(task, folder, cancel, seat or Seat(Slots(1)))
            except TakenOver:
                _log.warning("%s is in other hands; this worker leaves it", task.id)
            except Parked as parked:
                _log.info("%s: %s", task.id, parked)
                if self._alone:  # what was fetched may be needed again
                    return
            await asyncio.to_thread(shutil.rmtree, folder.path, ignore_errors=True)

    async def _with_patience(self, task: TaskRecord, folder: Folder, cancel: asyncio.Event, seat: Seat) -> None:
        ending: Ending | None = None
        store_failures = 0

        async for attempt in stamina.retry_context(
            (StorageError, *OUTAGES),
            attempts=None,
            timeout=None,
            wait_initial=1.0,
            wait_max=_LONGEST_PAUSE,
            wait_jitter=0.0,
        ):
            with attempt:
                try:
                    ending = ending or await self._walked(task, folder, cancel, seat)
                    if await self._endings.end(task, ending) is None:
                        raise TakenOver(task.id)
                except Parked as parked:
                    await self._park_until(task, parked)
                    raise
                except StorageError:
                    store_failures += 1
                    if ending is None and store_failures >= _MAX_STORE_FAILURES:
                        problem = ("service_unavailable", "the server's object store does not answer")
                        ending = Ending(Status.FAILED, problem)
                    raise

    async def _walked(self, task: TaskRecord, folder: Folder, cancel: asyncio.Event, seat: Seat) -> Ending:
        """How the task ends, after its walk."""
        async with self._tools.database.read() as connection:
            facts = await read_walk_facts(connection, task)
        journal = journal_of(self._tools.database, task, facts.journal)
        try:
            if task.attempts - task.parks > _MAX_ATTEMPTS:
                raise TaskError("service_error", f"the server stopped {_MAX_ATTEMPTS} times while it made this video")
            if facts.cancel_requested:
                cancel.set()
            await asyncio.to_thread(folder.path.mkdir, parents=True, exist_ok=True)
            async with self._places.held_by(task, seat, cancel) as holding:
                walk = Walk(
                    self._steps, task, folder, journal, self._tools, holding, self._changes, facts.engines, cancel
                )
                await walk.to_the_end()
        except WorkCancelled:
            await abandon(task, journal, self._tools.hosts)
            return Ending(Status.CANCELLED, CANCELLED_WHILE_IT_RAN, journal=journal)
        except TaskError as error:
            if FAULTS[error.code] == "server":  # of a user's own mistakes only the user is told, in words of the prompt
                _log.warning("%s failed: %s: %s", task.id, error.code, error)
            return await self._failed(task, journal, error.code, error.message)
        except (TakenOver, Parked, StorageError, *OUTAGES):
            raise
        except Exception as error:  # noqa: BLE001 - the border of a task: it must end, and the server go on
            if is_disk_full(error):
                _log.error("%s failed: %s", task.id, error)
                return await self._failed(task, journal, "resource_exhausted", DISK_FULL)
            _log.exception("%s failed unexpectedly", task.id)
            message = "an unexpected error; the server's log has the details under this task's id"
            return await self._failed(task, journal, "unknown_error", message)
        stored = journal.get(STORE)
        return Ending(
            Status.COMPLETED,
            result_key=stored.key,
            result_bytes=stored.size,
            charge=cost_of(task.order, journal, price_ratio=task.price_ratio),
            made_by=_made_by(journal),
            journal=journal,
        )

    async def _failed(self, task: TaskRecord, journal: Journal, code: str, message: str) -> Ending:
        if not journal.has(RENDER):  # what was begun elsewhere is of no use any more
            await abandon(task, journal, self._tools.hosts)
        return Ending(Status.FAILED, (code, message), made_by=_made_by(journal), journal=journal)

    async def _park_until(self, task: TaskRecord, parked: Parked) -> None:
        async with self._tools.database.write() as connection:
            pause = self._park if parked.seconds is None else parked.seconds
            until = time.time() + (pause if parked.goes_on else 0.0)
            held = await park_task(connection, task, until=until, engine=parked.engine, awaits=parked.task_id)
        if not held:
            raise TakenOver(task.id)


def _made_by(journal: Journal) -> MadeBy | None:
    if not journal.has(RENDER):
        return None
    rendered = journal.get(RENDER)
    return MadeBy(rendered.engine, rendered.substitute, rendered.seconds)
