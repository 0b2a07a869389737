"""The sweep: what is kept no longer goes, and what dead processes left; never what a live task needs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from opendance.background import every, keep_doing
from opendance.errors import StorageError
from opendance.pipeline.ending import Ending, Endings, abandon
from opendance.pipeline.journal import open_journal
from opendance.pipeline.lend import LENT_SECONDS
from opendance.pipeline.steps.store import objects_of
from opendance.pipeline.tools import Tools
from opendance.storage import INPUTS, objects_of_uploads
from opendance.store import retention
from opendance.store.audit import remove_old_audit
from opendance.store.database import OUTAGES, Connection
from opendance.store.library import note_removed_results
from opendance.store.sessions import forget_old_sessions
from opendance.store.tasks import TaskRecord
from opendance.task import Status

_log = logging.getLogger(__name__)
_BITE = 200  # rows of one transaction
HOUR, DAY = 3600.0, 86_400.0
_BETWEEN_ENDING_AND_REMOVING = 2.0  # s that a worker takes for it


@dataclass(frozen=True)
class Kept:
    """How long what is kept, s.

    Attributes:
        unfinished: how long a task may wait and run in all; then it fails, uncharged.
        sessions: how long a browser stays signed in without being used.
    """

    results: float
    events: float
    tasks: float
    work: float
    audit: float
    unfinished: float
    sessions: float = 30 * 86_400.0


@dataclass
class Swept:
    """What one sweep took away."""

    unfinished: int = 0
    results: int = 0
    uploads: int = 0
    events: int = 0
    tasks: int = 0
    inputs: int = 0
    folders: int = 0
    audit: int = 0
    sessions: int = 0

    def __bool__(self) -> bool:
        return any(vars(self).values())


class Sweeper:
    """Sweeps at the start and then regularly. Several processes may do it at once: everything bears being done twice.

    Args:
        work_dir: of this machine.
        seconds: between two sweeps.
    """

    def __init__(self, tools: Tools, endings: Endings, work_dir: Path, kept: Kept, *, seconds: float) -> None:
        self._tools, self._endings, self._work_dir = tools, endings, work_dir
        self._database, self._storage = tools.database, tools.storage
        self._kept, self._seconds = kept, seconds

    async def work(self) -> None:
        """Sweep, for ever; a sweep that is stopped goes on at the next start."""
        await keep_doing("the sweep", self._turn, every(self._seconds), outages=(StorageError, *OUTAGES))

    async def _turn(self) -> None:
        if swept := await self.sweep():
            _log.info("swept: %s", ", ".join(f"{count} {name}" for name, count in vars(swept).items() if count))

    async def sweep(self) -> Swept:
        """One sweep.

        Raises:
            StorageError: objects could not be removed.
        """
        now, swept = time.time(), Swept()
        hours = self._kept.unfinished / HOUR
        swept.unfinished = await self._end_unfinished(
            lambda c: retention.unfinished_tasks(c, before=now - self._kept.unfinished, limit=_BITE),
            f"it was not finished within {hours:g} h, so this server gave it up",
        )
        swept.unfinished += await self._end_unfinished(
            lambda c: retention.expired_tasks(c, now=now, limit=_BITE),
            "it was not finished within the time that its request gave it",
        )
        swept.results = await self._remove_results(
            lambda c: retention.old_results(c, before=now - self._kept.results, limit=_BITE),
            note_removed_results,
            _given_up,
        )
        swept.uploads = await self._remove_uploads()
        swept.events = await self._remove_rows(
            lambda c: retention.remove_old_events(c, before=now - self._kept.events, limit=_BITE)
        )
        swept.audit = await self._remove_rows(lambda c: remove_old_audit(c, before=now - self._kept.audit, limit=_BITE))
        swept.sessions = await self._remove_rows(
            lambda c: forget_old_sessions(c, before=now - self._kept.sessions, limit=_BITE)
        )
        swept.tasks = await self._remove_results(
            lambda c: retention.old_tasks(c, before=now - self._kept.tasks, limit=_BITE),
            retention.forget_tasks,
            objects_of,
        )
        swept.inputs = await self._remove_lent(before=now - LENT_SECONDS)
        swept.folders = await self._sweep_work()
        return swept

    async def _end_unfinished(self, find: Callable[[Connection], Awaitable[list[TaskRecord]]], why: str) -> int:
        """Fail tasks that nobody brought to an end, such as those whose engine was taken away: what they hold comes
        free."""
        error = ("generation_timeout", why)
        count = 0
        while True:
            async with self._database.read() as connection:
                tasks = await find(connection)
            ended = 0
            for task in tasks:
                journal = await open_journal(self._database, task)
                if await self._endings.end(task, Ending(Status.FAILED, error)) is not None:
                    ended += 1
                    await abandon(task, journal, self._tools.hosts)
            count += ended
            if not ended:
                return count

    async def _remove_lent(self, *, before: float) -> int:
        """Take back what was lent to upstreams, but for tasks that an upstream may still work on."""
        lent = await self._storage.old_keys(INPUTS, before=before)
        async with self._database.read() as connection:
            live = await retention.live_of(connection, {_task_of(key) for key in lent})
        gone = [key for key in lent if _task_of(key) not in live]
        await self._storage.remove(gone)
        return len(gone)

    async def _remove_rows(self, remove: Callable[[Connection], Awaitable[int]]) -> int:
        count = 0
        while True:
            async with self._database.write() as connection:
                removed = await remove(connection)
            count += removed
            if removed < _BITE:
                return count

    async def _remove_results(
        self,
        find: Callable[[Connection], Awaitable[list[TaskRecord]]],
        forget: Callable[[Connection, list[str]], Awaitable[None]],
        keys_of: Callable[[TaskRecord], list[str]],
    ) -> int:
        """Remove objects and then what names them, so that what could not be removed is found again.

        Args:
            find: gives some tasks, of which the results are given up.
            forget: notes that their objects are gone.
            keys_of: what is removed of each.
        """
        count = 0
        while True:
            async with self._database.write() as connection:
                tasks = await find(connection)
            if not tasks:
                return count
            await self._storage.remove([key for task in tasks for key in keys_of(task)])
            async with self._database.write() as connection:
                await forget(connection, [task.id for task in tasks])
            count += len(tasks)

    async def _remove_uploads(self) -> int:
        count = 0
        while True:
            async with self._database.read() as connection:
                ended = await retention.ended_uploads(connection, limit=_BITE)
            if not ended:
                return count
            await self._storage.remove(objects_of_uploads(key for _, key in ended))
            async with self._database.write() as connection:
                await retention.forget_uploads(connection, [file_id for file_id, _ in ended])
            count += len(ended)

    async def _sweep_work(self) -> int:
        """Remove folders of tasks that have ended and of whatever else was left behind."""
        folders = await asyncio.to_thread(_folders, self._work_dir)
        owners = {folder.name.partition(".")[0] for folder, _ in folders}
        async with self._database.read() as connection:
            live = await retention.live_of(connection, owners)
        old = time.time() - self._kept.work
        grace = time.time() - _BETWEEN_ENDING_AND_REMOVING
        count = 0
        for folder, changed in folders:
            owner = folder.name.partition(".")[0]
            is_task = owner.startswith("task-")
            if owner not in live and changed < (grace if is_task else old):
                with contextlib.suppress(OSError):
                    await asyncio.to_thread(shutil.rmtree, folder)
                    count += 1
        return count


def _given_up(task: TaskRecord) -> list[str]:
    """What goes with a result: the video alone, whose pictures stay; all of it where its owner deleted the result."""
    return objects_of(task) if task.result_key is None else [task.result_key]


def _task_of(key: str) -> str:
    return key.removeprefix(INPUTS).partition("/")[0]


def _folders(work_dir: Path) -> list[tuple[Path, float]]:
    """Each folder below, with the unix time when it was last changed."""
    changed: list[tuple[Path, float]] = []
    with contextlib.suppress(FileNotFoundError):
        for entry in work_dir.iterdir():
            with contextlib.suppress(OSError):
                changed.append((entry, entry.stat().st_mtime))
    return changed
