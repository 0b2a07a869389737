"""The order of the stages, the journal, and how a task ends."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from opendance.catalog import MODELS, RESULT_LINK_SECONDS
from opendance.credits import Charge
from opendance.engines.health import Health
from opendance.engines.host import EngineHost
from opendance.engines.routes import Routes
from opendance.engines.upstream.host import Begun, UpstreamHost
from opendance.errors import DISK_FULL, OpendanceError, StorageError, TaskError, is_disk_full
from opendance.net.fetch import GuardedClient
from opendance.pipeline import check, fetch, moderate, plan, probe, render, search, settle, sign, store
from opendance.pipeline.context import AssetsGone, StageContext, TaskCancelled, TaskParked
from opendance.pipeline.estimate import Estimator
from opendance.pipeline.notify import Notifier
from opendance.provenance.certificates import Credentials
from opendance.request import VideoGenerationRequest
from opendance.safety import Guard
from opendance.search import Searcher
from opendance.storage import Storage
from opendance.store.accounts import get_group
from opendance.store.audit import record
from opendance.store.changes import Changes
from opendance.store.database import OUTAGES, Database
from opendance.store.files import read_file
from opendance.store.parked import park_task
from opendance.store.tasks import (
    TaskRecord,
    advance_task,
    finish_task,
    is_cancel_requested,
    note_engine,
    read_journal,
    still_ours,
    write_journal,
)
from opendance.task import Status
from opendance.telemetry.logs import about
from opendance.telemetry.metrics import CREDITS, FILTER, STAGE_SECONDS, TASK_SECONDS, TASKS_ENDED
from opendance.telemetry.traces import span

_log = logging.getLogger(__name__)
_REPORT_EVERY = 0.2  # s between two recorded steps of progress
_MAX_ATTEMPTS = 5
_LONGEST_PAUSE = 30.0  # s between two looks whether the database or the store is back
_MAX_STORE_FAILURES = 5  # the store has retried for minutes each time


@dataclass(frozen=True)
class Stage:
    """One stage.

    Attributes:
        until: progress of the task when it is done, percent.
        for_media: it is left out for tasks without media.
        for_search: it is left out for tasks that want no web search.
    """

    name: str
    run: Callable[[StageContext], Awaitable[Any]]
    until: int
    for_media: bool = False
    for_search: bool = False


STAGES = (
    Stage("moderate", moderate.run, 1),
    Stage("fetch", fetch.run, 6, for_media=True),
    Stage("probe", probe.run, 11, for_media=True),
    Stage("screen", moderate.screen, 12, for_media=True),
    Stage("search", search.run, 13, for_search=True),
    Stage("plan", plan.run, 13),
    Stage("render", render.run, 94),
    Stage("check", check.run, 96),
    Stage("sign", sign.run, 97),
    Stage("store", store.run, 99),
)


@dataclass(frozen=True)
class _Ending:
    """How a walk ended."""

    status: Status
    error: tuple[str, str] | None = None
    result_key: str | None = None
    charge: Charge | None = None


class _TakenOver(OpendanceError):
    """Another worker has the task: this one was away for so long that it counted as dead."""


class Pipeline:
    """Walks tasks to their end.

    Args:
        work_dir: each task gets a folder below, which is removed when it ends.
        hosts: the engines that run here, by name.
        routes: which engines serve each model.
        public_url: where the world reaches this server, if it can.
        park: s after which the reconciler asks for a task that was parked.
        alone: no other process works on these tasks. Then a folder that is there is the task's own, left by a dead
            process, and what is in it is used again; otherwise a process that only seems dead may still write to it.
    """

    def __init__(
        self,
        database: Database,
        changes: Changes,
        storage: Storage,
        hosts: Mapping[str, EngineHost | UpstreamHost],
        routes: Routes,
        estimator: Estimator,
        fetcher: GuardedClient,
        notifier: Notifier,
        guard: Guard,
        searcher: Searcher,
        credentials: Credentials,
        work_dir: Path,
        *,
        alone: bool,
        public_url: str | None = None,
        park: float = 30.0,
    ) -> None:
        self._routes, self._health, self._public_url, self._park = routes, Health(), public_url, park
        self._database, self._changes, self._storage = database, changes, storage
        self._hosts, self._estimator, self._fetcher, self._work_dir = hosts, estimator, fetcher, work_dir
        self._notifier, self._guard, self._searcher = notifier, guard, searcher
        self._credentials, self._alone = credentials, alone

    async def run(self, task: TaskRecord, cancel: asyncio.Event) -> None:
        """Walk `task` to a terminal state; never raises for what goes wrong with the task itself.

        While the database or the object store is away the walk waits and goes on after the last stage in the journal.
        """
        with about(task_id=task.id, account_id=task.account_id), span("task", parent=task.trace, task_id=task.id):
            await self._run(task, cancel)

    async def _run(self, task: TaskRecord, cancel: asyncio.Event) -> None:
        folder = self._work_dir / (task.id if self._alone else f"{task.id}.{task.attempts}")
        ending: _Ending | None = None
        pause, store_failures = 1.0, 0
        while True:
            try:
                if ending is None:
                    ending = await self._ending(task, folder, cancel)
                await self._finish(task, ending)
                break
            except _TakenOver:
                _log.warning("%s is in other hands; this worker leaves it", task.id)
                break
            except TaskParked as parked:
                async with self._database.write() as connection:
                    await note_engine(connection, task, parked.engine, substitute=False)
                    await park_task(connection, task, until=time.time() + self._park)
                _log.info("%s: %s still works on it; it is asked about later", task.id, parked.engine)
                if self._alone:  # what was fetched may be needed again
                    return
                break
            except StorageError as error:
                store_failures += 1
                _log.warning("%s waits for the object store: %s", task.id, error)
                if ending is None and store_failures >= _MAX_STORE_FAILURES:
                    ending = _Ending(
                        Status.FAILED, ("service_unavailable", "the server's object store does not answer")
                    )
            except OUTAGES as error:
                _log.warning("%s waits for the database: %s", task.id, str(error).splitlines()[0])
            await asyncio.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 2)
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _ending(self, task: TaskRecord, folder: Path, cancel: asyncio.Event) -> _Ending:
        try:
            if task.attempts - task.parks > _MAX_ATTEMPTS:
                raise TaskError("service_error", f"the server stopped {_MAX_ATTEMPTS} times while it made this video")
            results = await self._walk(task, folder, cancel)
        except TaskCancelled:
            await self._abandon(task)
            return _Ending(Status.CANCELLED, ("request_cancelled", "the task was cancelled while it ran"))
        except TaskError as error:
            _log.warning("%s failed: %s: %s", task.id, error.code, error.message)
            return _Ending(Status.FAILED, (error.code, error.message))
        except (_TakenOver, TaskParked, StorageError, *OUTAGES):
            raise
        except Exception as error:  # noqa: BLE001 - the border of a task: it must end, and the server go on
            if is_disk_full(error):
                _log.error("%s failed: %s", task.id, error)
                return _Ending(Status.FAILED, ("resource_exhausted", DISK_FULL))
            _log.exception("%s failed unexpectedly", task.id)
            message = "an unexpected error; the server's log has the details under this task's id"
            return _Ending(Status.FAILED, ("unknown_error", message))
        return _Ending(Status.COMPLETED, result_key=results["store"]["key"], charge=settle.charge_of(task, results))

    async def _walk(self, task: TaskRecord, folder: Path, cancel: asyncio.Event) -> dict[str, Any]:
        async with self._database.read() as connection:
            group = await get_group(connection, task.user_group)
            results = await read_journal(connection, task.id)
            if await is_cancel_requested(connection, task.id):
                cancel.set()
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        begin = 0
        engines = None if group is None else group.engines
        request = VideoGenerationRequest.model_validate(task.request)
        has_media, wants_search = bool(fetch.named_assets(request)), request.model_params.web_search
        route = self._routes.of(MODELS[task.model])
        if engines is not None:
            route = tuple(name for name in route if name in engines)
        for stage in STAGES:
            if cancel.is_set():
                raise TaskCancelled
            if (stage.for_media and not has_media) or (stage.for_search and not wants_search):
                continue
            if results.get(stage.name) is None or not self._still_there(stage, results, folder):
                try:
                    results[stage.name] = await self._run_stage(task, stage, begin, results, folder, route, cancel)
                except AssetsGone:  # the upstream that had them has failed, and another engine needs them
                    return await self._walk(task, folder, cancel)
            begin = stage.until
        return results

    async def _abandon(self, task: TaskRecord) -> None:
        """Stop what an upstream may still do for a task that nobody wants any more."""
        async with self._database.read() as connection:
            known = (await read_journal(connection, task.id)).get("upstream")
        host = None if known is None else self._hosts.get(known["engine"])
        if isinstance(host, UpstreamHost) and known is not None:
            await host.abandon(Begun(**known["begun"]))

    @staticmethod
    def _still_there(stage: Stage, results: dict[str, Any], folder: Path) -> bool:
        # The journal outlives the work folder: what is gone and still needed is made again.
        upstream: dict[str, Any] | None = results.get("upstream")
        if stage.for_media and upstream is not None and upstream["begun"]["handle"] is not None:
            return True  # it has what it needs, and the user's URLs may have ended since
        if stage.name == "fetch" and "render" not in results:
            return len(list(folder.glob("*.source"))) >= len(results["fetch"])
        if stage.name == "probe" and "render" not in results:
            paths = [Path(asset["path"]) for asset in results["probe"]]
            return all(path.parent == folder and path.is_file() for path in paths)
        if "store" in results:
            return True
        left = {"render": "clip.mp4", "sign": "signed.mp4"}.get(stage.name)
        return left is None or (folder / left).is_file()

    async def _run_stage(
        self,
        task: TaskRecord,
        stage: Stage,
        begin: int,
        results: dict[str, Any],
        folder: Path,
        route: tuple[str, ...],
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

        async def own_file(url: str) -> str | None:
            return await self._own_file(task, url)

        async def note(name: str, value: Any) -> None:
            results[name] = value
            async with self._database.write() as connection:
                if not await still_ours(connection, task):
                    raise _TakenOver
                await write_journal(connection, task.id, name, value, seconds=0.0)

        async def decided(decisions: list[dict[str, Any]]) -> None:
            for each in decisions:
                FILTER.labels(each["input"].partition("_")[0].partition("[")[0], each["verdict"]).inc()
            results["filter"] = [*results.get("filter", []), *decisions]
            async with self._database.write() as connection:
                if not await still_ours(connection, task):
                    raise _TakenOver
                await write_journal(connection, task.id, "filter", results["filter"], seconds=0.0)
                await record(
                    connection,
                    "filter",
                    actor="content filter",
                    account_id=task.account_id,
                    task_id=task.id,
                    detail={"decisions": decisions},
                )

        context = StageContext(
            task=task,
            work_folder=folder,
            storage=self._storage,
            hosts=self._hosts,
            route=route,
            health=self._health,
            public_url=self._public_url,
            fetcher=self._fetcher,
            own_file=own_file,
            on_progress=on_progress,
            cancel=cancel,
            note=note,
            decided=decided,
            guard=self._guard,
            searcher=self._searcher,
            credentials=self._credentials,
            results=results,
        )
        with span(f"stage {stage.name}", task_id=task.id):
            result = await stage.run(context)
        seconds = time.monotonic() - started
        STAGE_SECONDS.labels(stage.name).observe(seconds)
        async with self._database.write() as connection:
            await write_journal(connection, task.id, stage.name, result, seconds=seconds)
            if stage.name == "probe" and "screen" in results:  # what was fetched again may be something else
                results["screen"] = None
                await write_journal(connection, task.id, "screen", None, seconds=0.0)
            if stage.name == "render":
                await note_engine(connection, task, result["engine"], substitute=result["substitute"])
        if stage.name == "render":
            await self._estimator.record(context.request, result["engine"], result["seconds"])
        return result

    async def _own_file(self, task: TaskRecord, url: str) -> str | None:
        # A link that was good when the task was accepted stays good for it, however long it waited.
        key = self._storage.own_upload(url, now=task.created)
        if key is None:
            return None
        async with self._database.read() as connection:
            file_id = Path(key).stem
            return key if await read_file(connection, task.account_id, file_id, now=task.created) is not None else None

    async def _advance(self, task: TaskRecord, stage: str, progress: int) -> None:
        async with self._database.write() as connection:
            if not await advance_task(connection, task, stage=stage, progress=progress):
                if not await still_ours(connection, task):
                    raise _TakenOver
                return
        self._changes.tell(task.id)

    async def _finish(self, task: TaskRecord, ending: _Ending) -> None:
        link = None
        if ending.result_key is not None:
            link = await self._storage.presigned(ending.result_key, RESULT_LINK_SECONDS)
        async with self._database.write() as connection:
            if not await still_ours(connection, task):
                raise _TakenOver
            ended = await finish_task(
                connection,
                task.id,
                ending.status,
                error=ending.error,
                result_key=ending.result_key,
                result_link=link,
                charge=ending.charge,
            )
        TASKS_ENDED.labels(ending.status.value, task.model).inc()
        TASK_SECONDS.labels(ending.status.value).observe(time.time() - task.created)
        used = Decimal(0) if ended is None else ended.credits_used or Decimal(0)
        CREDITS.labels("settle").inc(float(used))
        CREDITS.labels("refund").inc(float(task.credits_reserved - used))
        self._estimator.remove(VideoGenerationRequest.model_validate(task.request))
        self._changes.tell(task.id)
        self._notifier.notify()
