"""The whole pipeline in the process of a test: a true database, object store and steps; engines and the web made up."""

from __future__ import annotations

import asyncio
import threading
from collections import ChainMap
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, cast

from sqlalchemy import update

from opendance.api.wires import UNIFIED, callback_body
from opendance.catalog import MODELS
from opendance.changes import Changes
from opendance.engines.base import Host, OnProgress, RenderCancelled
from opendance.engines.blank import Blank
from opendance.engines.health import Health
from opendance.engines.routes import Routes
from opendance.engines.sandbox import SANDBOX, SandboxHost
from opendance.engines.upstream.base import Submission, UpstreamRequest
from opendance.errors import FetchError, TooLarge
from opendance.job import Clip, Job
from opendance.links import Links
from opendance.net.fetch import GuardedClient
from opendance.order import Order
from opendance.pipeline.cancel import Canceller
from opendance.pipeline.ending import Endings
from opendance.pipeline.estimate import Estimator
from opendance.pipeline.journal import Journal, open_journal
from opendance.pipeline.library import Library
from opendance.pipeline.notify import Notifier
from opendance.pipeline.pictures import PictureMaker
from opendance.pipeline.places import Places
from opendance.pipeline.reconcile import Reconciler
from opendance.pipeline.retention import DAY, HOUR, Kept, Sweeper
from opendance.pipeline.run import Pipeline
from opendance.pipeline.step import Step
from opendance.pipeline.steps import STEPS
from opendance.pipeline.submit import Repetition, Submitted, Submitter
from opendance.pipeline.tools import Tools
from opendance.pipeline.uploads import Uploads
from opendance.provenance.certificates import Credentials, self_made
from opendance.queue.local import LocalQueue
from opendance.queue.slots import Fetching, Seat
from opendance.safety import Guard
from opendance.search import Searcher
from opendance.storage import Storage, open_storage
from opendance.store import keys, ledger
from opendance.store.audit import PromptPolicy
from opendance.store.beginning import ensure_default_account
from opendance.store.claims import claim_task
from opendance.store.database import Database
from opendance.store.tables import Task
from opendance.store.tasks import TaskRecord
from tests import tasks

PUBLIC = "https://opendance.example"
KEPT = Kept(
    results=48 * HOUR, events=7 * DAY, tasks=400 * DAY, work=DAY, audit=400 * DAY, unfinished=100_000 * DAY
)  # fmt: skip
Fate = Exception | type[Exception] | Callable[[UpstreamRequest], Any]


@dataclass
class MadeUpHost:
    """An engine that meets the fates it is given, one for each job, and makes dark clips once they are used up.

    Attributes:
        fates: an error to raise, or what to call with the request; what that raises is raised.
        begins: whether it works elsewhere, as an upstream: what is begun has the handle `there-<request>`.
        ended: what `has_ended` answers.
    """

    fates: list[Fate] = field(default_factory=list)
    begins: bool = False
    ended: bool = True
    slots: int = 2
    takes_seed: bool = True
    is_loaded: bool = True
    problem: str | None = None
    jobs: list[Job] = field(default_factory=list)
    requests: list[UpstreamRequest] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    abandoned: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    started: int = 0

    async def start(self) -> None:
        self.started += 1

    def listen(self, listener: Callable[[], None]) -> None:
        self.listener = listener

    async def render(self, job: Job, request: UpstreamRequest, on_progress: OnProgress, cancel: asyncio.Event) -> Clip:
        self.jobs.append(job)
        self.requests.append(request)
        if self.begins and (request.submission is None or request.submission.handle is None):
            await request.remember(Submission(request.key, None, 1.0))
            self.created.append(request.key)
            await request.remember(Submission(request.key, f"there-{request.key}", 1.0))
        await on_progress(0.5)
        if self.fates:
            fate = self.fates.pop(0)
            if isinstance(fate, Exception | type):
                raise fate
            given = fate(request)
            if asyncio.iscoroutine(given):
                await given
        if cancel.is_set():
            raise RenderCancelled
        return await asyncio.to_thread(_blank().render, job, lambda _: None, lambda: False)

    def fitting(self, models: Collection[str]) -> Collection[str]:
        return models

    async def has_ended(self, submission: Submission) -> bool:
        return self.ended

    async def abandon(self, submission: Submission) -> bool:
        self.abandoned.append(submission.handle or submission.key)
        return submission.handle is not None

    def hint(self, key: str) -> None:
        self.hints.append(key)

    async def close(self) -> None:
        pass


_making = threading.Lock()


@cache
def _blank() -> Blank:
    return _OneAtATime()


class _OneAtATime(Blank):
    def _clip(self, job: Job) -> Path:
        with _making:  # it keeps a clip of each size; two threads must not make the same one
            return super()._clip(job)


@dataclass
class MadeUpWeb:
    """Files by their URL, as the guarded client gives them."""

    files: dict[str, bytes | Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def download(self, url: str, target: Path, *, max_bytes: int) -> int:
        self.asked.append(url)
        content = self.files.get(url, FetchError("the host answered 404"))
        if isinstance(content, Exception):
            raise content
        if len(content) > max_bytes:
            raise TooLarge(max_bytes)
        target.write_bytes(content)
        return len(content)


@cache
def _guard() -> Guard:
    return Guard(threshold=None)


@cache
def _credentials() -> Credentials:
    return self_made()


@dataclass
class Workshop:
    """Everything that a server wires, by hand.

    Attributes:
        caller: of an account with credits.
        alone: whether its pipeline works on these tasks alone.
    """

    database: Database
    folder: Path
    hosts: dict[str, MadeUpHost]
    web: MadeUpWeb
    tools: Tools
    changes: Changes
    estimator: Estimator
    notifier: Notifier
    endings: Endings
    queue: LocalQueue
    submitter: Submitter
    canceller: Canceller
    uploads: Uploads
    library: Library
    caller: keys.Caller
    alone: bool = True

    def pipeline(
        self, steps: Sequence[Step[Any]] = STEPS, *, park: float = 30.0, fetching: Fetching | None = None
    ) -> Pipeline:
        """A worker's part."""
        places = Places(fetching or Fetching())
        return Pipeline(
            self.tools, self.changes, self.endings, places, self.work_dir, alone=self.alone, park=park, steps=steps
        )

    @property
    def work_dir(self) -> Path:
        return self.folder / "work"

    async def submit(
        self, order: Order | None = None, *, key: str | None = None, wire: str = UNIFIED.name
    ) -> TaskRecord:
        """A task that waits."""
        return (await self.submitted(order, key=key, wire=wire)).task

    async def submitted(
        self, order: Order | None = None, *, key: str | None = None, wire: str = UNIFIED.name
    ) -> Submitted:
        repetition = None if key is None else Repetition(key, str(order))
        asked = order or tasks.order()
        return await self.submitter.submit(self.caller, asked, wire=wire, base_url=PUBLIC, repetition=repetition)

    async def claim(self, owner: str = "worker", *, alone: bool = True) -> TaskRecord:
        """The next task, in a worker's hands; one that another has is left behind by it, where this one is alone."""
        async with self.database.write() as connection:
            task = await claim_task(connection, owner, alone=alone)
        assert task is not None
        return task

    async def run(self, task: TaskRecord, **options: Any) -> TaskRecord:
        """Work on a claimed task, and give it as it stands then."""
        await self.pipeline(**options).run(task, asyncio.Event())
        return await self.read(task)

    async def made(self, order: Order | None = None, **options: Any) -> TaskRecord:
        """Ask for a video, work on it, and give the task as it stands then."""
        await self.submit(order)
        return await self.run(await self.claim(), **options)

    async def read(self, task: TaskRecord | str) -> TaskRecord:
        async with self.database.read() as connection:
            return await tasks.read_task(connection, task if isinstance(task, str) else task.id)

    async def journal(self, task: TaskRecord) -> Journal:
        return await open_journal(self.database, task)

    async def change(self, task: TaskRecord, **values: Any) -> None:
        """Write into the task's row."""
        async with self.database.write() as connection:
            await connection.execute(update(Task).where(Task.id == task.id).values(**values))

    async def entries(self, task: TaskRecord) -> list[str]:
        """Kinds of the task's rows in the ledger."""
        async with self.database.read() as connection:
            found = await ledger.list_entries(connection, task.account_id, task_id=task.id)
        return [entry.kind for entry in reversed(found)]

    def reconciler(self, *, ask_every: float = 0.0) -> Reconciler:
        return Reconciler(
            self.database,
            self.queue,
            self.tools.routes,
            self.tools.hosts,
            self.endings,
            ask_every=ask_every,
        )

    def sweeper(self, kept: Kept = KEPT) -> Sweeper:
        return Sweeper(self.tools, self.endings, self.work_dir, kept, seconds=600)


@asynccontextmanager
async def a_workshop(
    database: Database,
    folder: Path,
    *,
    engines: tuple[str, ...] = ("blank",),
    guard: Guard | None = None,
    secret: bytes = b"secret",
    storage: Storage | None = None,
) -> AsyncGenerator[Workshop]:
    """A workshop whose every model is made by `engines`, best first.

    Args:
        secret: signs the links to its objects.
        storage: where its objects lie; default: in a folder of it.
    """
    async with database.write() as connection:
        account = await ensure_default_account(connection)
        await ledger.top_up(connection, account, Decimal(100_000), reason="test", reference="workshop")
        _, key = await keys.create_key(connection, account, name="workshop")
    async with database.read() as connection:
        caller = await keys.authenticate(connection, key)
    hosts = {name: MadeUpHost() for name in engines}
    web = MadeUpWeb()
    storage, links = open_storage(folder / "objects") if storage is None else storage, Links(secret)
    pictures = PictureMaker(database, storage, folder / "work")
    routes = Routes(dict.fromkeys(MODELS, engines))
    tools = Tools(
        database=database,
        storage=storage,
        links=links,
        pictures=pictures,
        fetcher=cast(GuardedClient, web),
        guard=guard or _guard(),
        searcher=Searcher(),
        credentials=_credentials(),
        hosts=cast(dict[str, Host], ChainMap(cast(dict[str, Any], hosts), {SANDBOX: SandboxHost()})),
        routes=routes,
        health=Health(),
    )
    changes = Changes()
    estimator = Estimator(database, routes, concurrency=1)
    notifier = Notifier(database, cast(GuardedClient, web), lambda task: callback_body(task, database, links))
    endings = Endings(database, storage, changes, estimator, notifier)

    async def nobody(task: TaskRecord, cancel: asyncio.Event, seat: Seat) -> None:
        raise AssertionError("no worker of the queue works here")

    queue = LocalQueue(database, changes, nobody, lanes={})
    yield Workshop(
        database=database,
        folder=folder,
        hosts=hosts,
        web=web,
        tools=tools,
        changes=changes,
        estimator=estimator,
        notifier=notifier,
        endings=endings,
        queue=queue,
        submitter=Submitter(database, queue, estimator, routes, links, PromptPolicy("hashed", b"secret")),
        canceller=Canceller(database, changes, queue, endings),
        uploads=Uploads(database, storage, tools.fetcher, folder / "work"),
        library=Library(database, storage),
        caller=caller,
    )
    await pictures.close()
