"""The order of the stages, the journal, and how a task ends."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opendance.credits import Charge
from opendance.engines.host import EngineHost
from opendance.errors import TaskError
from opendance.net.fetch import GuardedClient
from opendance.pipeline import check, fetch, plan, probe, render, settle, store
from opendance.pipeline.context import StageContext, TaskCancelled
from opendance.pipeline.estimate import Estimator
from opendance.pipeline.notify import Notifier
from opendance.request import VideoGenerationRequest
from opendance.storage import LocalStorage
from opendance.store.accounts import get_group
from opendance.store.changes import Changes
from opendance.store.database import Database
from opendance.store.files import read_file
from opendance.store.tasks import (
    TaskRecord,
    advance_task,
    finish_task,
    is_cancel_requested,
    read_journal,
    write_journal,
)
from opendance.task import Status

_log = logging.getLogger(__name__)
_REPORT_EVERY = 0.2  # s between two recorded steps of progress
_MAX_ATTEMPTS = 3


@dataclass(frozen=True)
class Stage:
    """One stage.

    Attributes:
        until: progress of the task when it is done, percent.
        for_media: it is left out for tasks without media.
    """

    name: str
    run: Callable[[StageContext], Awaitable[Any]]
    until: int
    for_media: bool = False


STAGES = (
    Stage("fetch", fetch.run, 6, for_media=True),
    Stage("probe", probe.run, 12, for_media=True),
    Stage("plan", plan.run, 13),
    Stage("render", render.run, 94),
    Stage("check", check.run, 97),
    Stage("store", store.run, 99),
)


class Pipeline:
    """Walks tasks to their end.

    Args:
        work_dir: each task gets a folder below, which is removed when it ends.
        hosts: the engines that run here, by name.
    """

    def __init__(
        self,
        database: Database,
        changes: Changes,
        storage: LocalStorage,
        hosts: dict[str, EngineHost],
        estimator: Estimator,
        fetcher: GuardedClient,
        notifier: Notifier,
        work_dir: Path,
    ) -> None:
        self._database, self._changes, self._storage = database, changes, storage
        self._hosts, self._estimator, self._fetcher, self._work_dir = hosts, estimator, fetcher, work_dir
        self._notifier = notifier

    async def run(self, task: TaskRecord, cancel: asyncio.Event) -> None:
        """Walk `task` to a terminal state; never raises for what goes wrong with the task itself."""
        folder = self._work_dir / task.id
        try:
            if task.attempts > _MAX_ATTEMPTS:
                raise TaskError("service_error", f"the server stopped {_MAX_ATTEMPTS} times while it made this video")
            results = await self._walk(task, folder, cancel)
        except TaskCancelled:
            await self._finish(
                task, Status.CANCELLED, error=("request_cancelled", "the task was cancelled while it ran")
            )
        except TaskError as error:
            _log.warning("%s failed: %s: %s", task.id, error.code, error.message)
            await self._finish(task, Status.FAILED, error=(error.code, error.message))
        except Exception:  # noqa: BLE001 - the border of a task: it must end, and the server go on
            _log.exception("%s failed unexpectedly", task.id)
            message = "an unexpected error; the server's log has the details under this task's id"
            await self._finish(task, Status.FAILED, error=("unknown_error", message))
        else:
            await self._finish(
                task, Status.COMPLETED, result_key=results["store"]["key"], charge=settle.charge_of(task, results)
            )
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _walk(self, task: TaskRecord, folder: Path, cancel: asyncio.Event) -> dict[str, Any]:
        async with self._database.read() as connection:
            group = await get_group(connection, task.user_group)
            results = await read_journal(connection, task.id)
            if await is_cancel_requested(connection, task.id):
                cancel.set()
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        begin = 0
        engines = None if group is None else group.engines
        has_media = bool(fetch.named_assets(VideoGenerationRequest.model_validate(task.request)))
        for stage in STAGES:
            if cancel.is_set():
                raise TaskCancelled
            if stage.for_media and not has_media:
                continue
            if stage.name not in results or not self._still_there(stage, results, folder):
                results[stage.name] = await self._run_stage(task, stage, begin, results, folder, engines, cancel)
            begin = stage.until
        return results

    @staticmethod
    def _still_there(stage: Stage, results: dict[str, Any], folder: Path) -> bool:
        # The journal outlives the work folder: what is gone and still needed is made again.
        if stage.name == "fetch" and "render" not in results:
            return len(list(folder.glob("*.source"))) >= len(results["fetch"])
        if stage.name == "probe" and "render" not in results:
            return all(Path(asset["path"]).is_file() for asset in results["probe"])
        return stage.name != "render" or "store" in results or (folder / "clip.mp4").is_file()

    async def _run_stage(
        self,
        task: TaskRecord,
        stage: Stage,
        begin: int,
        results: dict[str, Any],
        folder: Path,
        engines: tuple[str, ...] | None,
        cancel: asyncio.Event,
    ) -> Any:
        last = time.monotonic()

        async def on_progress(share: float) -> None:
            nonlocal last
            if (now := time.monotonic()) - last >= _REPORT_EVERY:
                last = now
                await self._advance(task, stage.name, begin + int((stage.until - begin) * min(1.0, share)))

        await self._advance(task, stage.name, begin)
        started = time.monotonic()

        async def own_file(url: str) -> Path | None:
            return await self._own_file(task.account_id, url)

        context = StageContext(
            task, folder, self._storage, self._hosts, engines, self._fetcher, own_file, on_progress, cancel, results
        )
        result = await stage.run(context)
        seconds = time.monotonic() - started
        async with self._database.write() as connection:
            await write_journal(connection, task.id, stage.name, result, seconds=seconds)
        if stage.name == "render":
            await self._estimator.record(context.request, result["engine"], result["seconds"])
        return result

    async def _own_file(self, account_id: str, url: str) -> Path | None:
        path = self._storage.own_upload(url)
        if path is None:
            return None
        async with self._database.read() as connection:
            return path if await read_file(connection, account_id, path.stem) is not None else None

    async def _advance(self, task: TaskRecord, stage: str, progress: int) -> None:
        async with self._database.write() as connection:
            await advance_task(connection, task.id, stage=stage, progress=progress)
        self._changes.tell(task.id)

    async def _finish(
        self,
        task: TaskRecord,
        status: Status,
        *,
        error: tuple[str, str] | None = None,
        result_key: str | None = None,
        charge: Charge | None = None,
    ) -> None:
        async with self._database.write() as connection:
            await finish_task(connection, task.id, status, error=error, result_key=result_key, charge=charge)
        self._estimator.remove(VideoGenerationRequest.model_validate(task.request))
        self._changes.tell(task.id)
        self._notifier.notify()
