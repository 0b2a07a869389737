"""What works behind the API, put together: engines, queue, callbacks, storage. Settings in, a running state out."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any

from opendance.administration.engine_check import EngineChecks
from opendance.administration.links import NewLink, create_link
from opendance.api.failed_keys import FailedKeys
from opendance.api.limits import COUNTED, OpenStreams, RateLimiter
from opendance.api.newest import Newest
from opendance.api.readiness import Readiness
from opendance.api.state import ServerState
from opendance.api.wires import callback_body
from opendance.background import in_background
from opendance.catalog import MODELS
from opendance.changes import Changes
from opendance.engines.base import Host
from opendance.engines.configured import Engines
from opendance.engines.devices import gpu_names
from opendance.engines.health import Health
from opendance.engines.hosts import Hosts, engines_here, make_hosts
from opendance.engines.routes import Routes, read_routes
from opendance.engines.sandbox import SANDBOX, SandboxHost
from opendance.engines.states import EngineStates
from opendance.errors import ConfigurationError
from opendance.links import Links
from opendance.loading import loading
from opendance.net.fetch import FetchLimits, GuardedClient, trusted
from opendance.patience import Fitting
from opendance.pipeline.cancel import Canceller
from opendance.pipeline.ending import Endings
from opendance.pipeline.estimate import Estimator
from opendance.pipeline.library import Library
from opendance.pipeline.measuring import Measurer
from opendance.pipeline.notify import Notifier
from opendance.pipeline.operating import Operator
from opendance.pipeline.pictures import PictureMaker
from opendance.pipeline.places import Places
from opendance.pipeline.reconcile import Reconciler
from opendance.pipeline.retention import DAY, HOUR, Kept, Sweeper
from opendance.pipeline.retries import LIMIT
from opendance.pipeline.run import Pipeline
from opendance.pipeline.submit import Submitter
from opendance.pipeline.tools import Tools
from opendance.pipeline.uploads import INCOMING, Uploads
from opendance.private import make_data_folder, only_for_owner, sole_use
from opendance.prompt.lexicon import lexicon
from opendance.provenance.certificates import Credentials, read_credentials, self_made
from opendance.provenance.manifest import check_credentials
from opendance.queue.base import Lane, Queue, Run
from opendance.queue.local import LocalQueue
from opendance.queue.slots import Fetching, Seat
from opendance.rewriting import load_rewriter
from opendance.safety import Guard
from opendance.search import load_searcher
from opendance.server_file import SERVER_FILE
from opendance.settings import Settings
from opendance.storage import Storage, open_storage
from opendance.store.audit import PromptPolicy
from opendance.store.beginning import ensure_default_account
from opendance.store.callers import Callers
from opendance.store.database import Database, database_url, open_database
from opendance.store.keys import create_key, list_keys
from opendance.store.reads import TaskReads
from opendance.store.secrets import made_once, server_secret
from opendance.store.tasks import CHANGED, TaskRecord
from opendance.upgrade import ensure_schema

_log = logging.getLogger(__name__)
_LOOK_FOR_WORK = 5.0  # s; of other processes on the same database
_CREDENTIALS = "c2pa"
_TAKEN = (
    "another server already works on {}; stop it, choose another folder, or give both a PostgreSQL database "
    "(database_url)"
)


@dataclass(frozen=True)
class SignInLink:
    """Who is told a link that signs in to the Studio, as the operator too: whoever starts a server can do all of it.

    Attributes:
        tell: told the secret.
        always: at each start, not at the first alone.
    """

    tell: Callable[[str], None]
    always: bool = False


@asynccontextmanager
async def running(
    settings: Settings,
    on_first_key: Callable[[str], None] | None = None,
    *,
    serves: bool = False,
    hosts: Hosts | None = None,
    sign_in: SignInLink | None = None,
) -> AsyncGenerator[ServerState]:
    """All that works behind the API: engines, queue, callbacks. A worker is this without the API.

    Args:
        on_first_key: told the API key that is made when the installation has none; None makes none.
        sign_in: who is told a link that signs in to the Studio; None makes none.
        serves: whether the API is before it; then there is an account.
        hosts: the engines, which may be loading already; they are closed with it. None: as the settings say.

    Raises:
        ConfigurationError: the operator must change something.
    """
    async with AsyncExitStack() as stack:
        with loading():
            state = await _started(settings, on_first_key, hosts, stack, serves=serves, sign_in=sign_in)
        yield state


async def _started(
    settings: Settings,
    on_first_key: Callable[[str], None] | None,
    hosts: Hosts | None,
    stack: AsyncExitStack,
    *,
    serves: bool,
    sign_in: SignInLink | None = None,
) -> ServerState:
    """All of it, at work; `stack` ends it."""
    alone = settings.database_url is None
    stack.enter_context(only_for_owner())
    make_data_folder(settings.data_dir)
    await asyncio.to_thread(ensure_schema, settings)
    if alone:
        stack.enter_context(sole_use(settings.data_dir, _TAKEN.format(settings.data_dir)))
    database = open_database(settings.database)
    stack.push_async_callback(database.close)
    if serves:
        await _begin(settings, database, on_first_key, sign_in)
    tools = await _tools(settings, database, hosts, stack)
    routes, storage = tools.routes, tools.storage
    hosts = {name: host for name, host in tools.hosts.items() if name != SANDBOX}
    lanes = _lanes(settings, routes, hosts)
    _turn_gates(lanes, hosts, alone=alone)
    concurrency = sum(lane.slots for lane in lanes.values()) or 1
    estimator = Estimator(
        database,
        routes,
        concurrency=concurrency,
        hosts=hosts,
        time_limit=settings.task_timeout,
        gpus=gpu_names() if settings.work else (),
    )
    await estimator.load()
    await estimator.load_backlog()
    notifier = _notifier(settings, database, tools.links, stack)
    changes, limiter = Changes(), RateLimiter()
    endings = Endings(database, storage, changes, estimator, notifier)
    fetching = Fetching()
    pipeline = Pipeline(
        tools, changes, endings, Places(fetching), settings.work_dir, alone=alone, park=settings.reconcile_seconds
    )
    queue = _queue(settings, database, changes, pipeline.run, lanes, fetching)
    engine_states = EngineStates(database, hosts, tools.health)
    stack.push_async_callback(engine_states.end)
    loops = [notifier.work(), engine_states.work()]
    if settings.database_url is not None:
        loops += [*_shared(settings.database_url, database, changes, limiter), estimator.follow(_LOOK_FOR_WORK)]
    await stack.enter_async_context(in_background(*loops))
    await tools.start()
    stack.push_async_callback(queue.close)
    await queue.start(work=settings.work)
    reconciler = Reconciler(database, queue, routes, tools.hosts, endings, ask_every=settings.reconcile_seconds)
    sweeper = Sweeper(tools, endings, settings.work_dir, _kept(settings), seconds=settings.sweep_seconds)
    await stack.enter_async_context(in_background(reconciler.work(), sweeper.work()))
    async with database.write() as connection:
        prompts = PromptPolicy(settings.audit_prompts, await server_secret(connection, "audit-prompts"))
    submitter = Submitter(database, queue, estimator, routes, tools.links, prompts, changes)
    canceller = Canceller(database, changes, queue, endings)
    modes = {name: routes.engines.limits(name).modes for name in hosts}
    engine_checks = EngineChecks(hosts, modes, settings.work_dir)
    stack.push_async_callback(engine_checks.close)
    measurer = Measurer(database, storage, settings.work_dir)
    stack.push_async_callback(measurer.close)
    return ServerState(
        settings=settings,
        database=database,
        callers=Callers(database, session_lasts=settings.studio_session_days * DAY, together=not alone),
        task_reads=TaskReads(database, together=not alone),
        storage=storage,
        links=tools.links,
        pictures=tools.pictures,
        changes=changes,
        routes=routes,
        hosts=hosts,
        estimator=estimator,
        limiter=limiter,
        failed_keys=FailedKeys(settings.failed_keys_per_minute),
        readiness=Readiness(database, storage, hosts),
        streams=OpenStreams(settings.event_streams_per_account),
        notifier=notifier,
        submitter=submitter,
        canceller=canceller,
        operator=Operator(database, tools.links, queue, endings, canceller, submitter, tools.hosts),
        uploads=Uploads(database, storage, tools.fetcher, settings.work_dir),
        library=Library(database, storage),
        checks=Newest(),
        measurer=measurer,
        health=tools.health,
        engine_states=engine_states,
        engine_checks=engine_checks,
    )


def _shared(url: str, database: Database, changes: Changes, limiter: RateLimiter) -> list[Coroutine[Any, Any, None]]:
    """What this process and others on the same database tell each other."""
    from opendance.store.listening import Listener

    listener = Listener(database_url(url))
    listener.on(CHANGED, changes.tell_word, on_gap=changes.tell_all)
    listener.on(COUNTED, limiter.add_of_others)
    return [listener.work(), limiter.share(database)]


async def _begin(
    settings: Settings,
    database: Database,
    on_first_key: Callable[[str], None] | None,
    sign_in: SignInLink | None,
) -> None:
    """Make the account that an installation begins with, and a key and a link for it where somebody sees that."""
    async with database.write() as connection:
        owner = await ensure_default_account(connection, starting_credits=settings.starting_credits)
        is_first = all(key.name == SERVER_FILE for key in await list_keys(connection))
        if sign_in is not None and settings.studio and (sign_in.always or is_first):
            _, secret, _ = await create_link(connection, owner, NewLink(admin=True))
            sign_in.tell(secret)
        if any(key.name != SERVER_FILE for key in await list_keys(connection)):
            return
        if on_first_key is None:
            _log.warning("there is no API key yet; make one: opendance keys create --name NAME")
            return
        _, key = await create_key(connection, owner, name="first")
        on_first_key(key)


@asynccontextmanager
async def operating(settings: Settings) -> AsyncGenerator[tuple[Operator, Database]]:
    """What the operator does with tasks, beside the processes that work on them: for the command line.

    Raises:
        ConfigurationError: the operator must change something.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(only_for_owner())
        await asyncio.to_thread(ensure_schema, settings)
        database = open_database(settings.database)
        stack.push_async_callback(database.close)
        async with database.write() as connection:
            links = Links(await server_secret(connection, "result-links"))
            prompts = PromptPolicy(settings.audit_prompts, await server_secret(connection, "audit-prompts"))
        storage = open_storage(settings.storage, public_endpoint=settings.storage_public_endpoint)
        routes, changes = read_routes(settings.routes, Engines(settings.engine)), Changes()
        estimator = Estimator(database, routes, concurrency=1)
        await estimator.load()
        await estimator.load_backlog()
        endings = Endings(database, storage, changes, estimator, _notifier(settings, database, links, stack))

        async def nobody(task: TaskRecord, cancel: asyncio.Event, seat: Seat) -> None:
            raise NotImplementedError("no task is worked on here")

        queue = _queue(settings, database, changes, nobody, {}, Fetching())
        stack.push_async_callback(queue.close)
        await queue.start(work=False)
        canceller = Canceller(database, changes, queue, endings)
        submitter = Submitter(database, queue, estimator, routes, links, prompts)
        yield Operator(database, links, queue, endings, canceller, submitter, hosts={}), database


async def _tools(settings: Settings, database: Database, hosts: Hosts | None, stack: AsyncExitStack) -> Tools:
    """What steps work with; `stack` closes it."""
    routes = read_routes(settings.routes, Engines(settings.engine))
    if hosts is None:
        hosts = make_hosts(settings, routes.engines, engines_here(settings, routes))
    for host in hosts.values():
        stack.push_async_callback(host.close)
        await host.start()  # engines load, in processes of their own, while this one reads rules and words
    credentials = await _credentials(settings, database)
    guard = Guard(
        rules=settings.safety_rules,
        classifiers=settings.classifier,
        required=settings.classifier_required,
        threshold=settings.picture_threshold if settings.picture_filter else None,
    )
    fetcher = GuardedClient(settings.fetch_allow)
    stack.push_async_callback(fetcher.close)
    await asyncio.to_thread(lexicon)  # the first prompt shall not wait for it
    rewriter = load_rewriter(settings.rewrite)
    if rewriter is not None:
        stack.push_async_callback(rewriter.close)
    storage, links = await _prepared_storage(settings, database)
    pictures = PictureMaker(database, storage, settings.work_dir)
    stack.push_async_callback(pictures.close)
    return Tools(
        database=database,
        storage=storage,
        links=links,
        pictures=pictures,
        fetcher=fetcher,
        guard=guard,
        searcher=load_searcher(settings.search),
        rewriter=rewriter,
        credentials=credentials,
        hosts={**hosts, SANDBOX: SandboxHost()},
        routes=routes,
        health=Health(hosts),
        public_url=settings.public_url,
    )


def _notifier(settings: Settings, database: Database, links: Links, stack: AsyncExitStack) -> Notifier:
    sender = GuardedClient(
        settings.callback_allow,
        limits=FetchLimits(connect=LIMIT, stall=LIMIT, overall=LIMIT),
        trust=trusted(settings.callback_ca, setting="callback_ca"),
    )
    stack.push_async_callback(sender.close)
    return Notifier(
        database, sender, lambda task: callback_body(task, database, links), further=settings.callback_retries
    )


def _kept(settings: Settings) -> Kept:
    return Kept(
        results=settings.results_hours * HOUR,
        events=settings.events_days * DAY,
        tasks=settings.tasks_days * DAY,
        work=settings.work_hours * HOUR,
        audit=settings.audit_days * DAY,
        unfinished=settings.unfinished_hours * HOUR,
        sessions=settings.studio_session_days * DAY,
    )


def _lanes(settings: Settings, routes: Routes, hosts: Hosts) -> dict[str, Lane]:
    """The lanes that this process works on."""
    if not settings.work:
        return {}
    lanes = {
        name: _lane(models, [hosts[engine] for engine in name.split("+") if engine in hosts])
        for name, models in routes.lanes(hosts).items()
    }
    left = frozenset(MODELS).difference(*(lane.models for lane in lanes.values()))
    if left and settings.database_url is None:  # nobody else comes: its tasks must be told so
        lanes["none"] = Lane(left, 1)
    return lanes


def _lane(models: frozenset[str], hosts: Sequence[Host]) -> Lane:
    """A lane of these models, whose engines are in these hosts, the best first."""
    # Tasks that fit what the first engine has loaded are begun before others.
    fitting = Fitting(lambda: hosts[0].fitting(MODELS))
    return Lane(models, max(host.slots for host in hosts), fitting=fitting)


def _turn_gates(lanes: Mapping[str, Lane], hosts: Hosts, *, alone: bool) -> None:
    """Tasks of a lane are begun while one of its engines is loaded, or comes back from the end of its process.

    Args:
        alone: no other process could begin them meanwhile; so they are begun while engines are still being loaded too.
    """
    known_to_load: set[str] = set()

    def turn() -> None:
        known_to_load.update(engine for engine, host in hosts.items() if host.is_loaded)
        for name, lane in lanes.items():
            engines = {engine: host for engine, host in hosts.items() if engine in name.split("+")}
            # A process that was ended for a task that was cancelled is replaced at once: to close for that would also
            # stop the workers of what runs.
            usable = any(
                host.is_loaded or (host.problem is None and (alone or engine in known_to_load))
                for engine, host in engines.items()
            )
            lane.gate.turn(is_open=usable or not engines)

    for host in hosts.values():
        host.listen(turn)
    turn()


async def _prepared_storage(settings: Settings, database: Database) -> tuple[Storage, Links]:
    """The storage and the links to it, after what earlier starts left is dealt with."""
    async with database.write() as connection:
        secret = await server_secret(connection, "result-links")
    storage = open_storage(settings.storage, public_endpoint=settings.storage_public_endpoint)
    if settings.database_url is None:  # otherwise they may be another process's
        for left in settings.work_dir.glob(f"{INCOMING}*"):  # uploads that a dead process had not finished
            await asyncio.to_thread(shutil.rmtree, left, ignore_errors=True)
    return storage, Links(secret, settings.address)


async def _credentials(settings: Settings, database: Database) -> Credentials:
    """What results are signed with: the operator's certificate, or the installation's, made at its first start."""
    if (settings.c2pa_certificate is None) != (settings.c2pa_key is None):
        raise ConfigurationError("c2pa_certificate and c2pa_key belong together: give both, or neither")
    if settings.c2pa_certificate is not None and settings.c2pa_key is not None:
        try:
            chain, key = settings.c2pa_certificate.read_bytes(), settings.c2pa_key.read_bytes()
        except OSError as error:
            raise ConfigurationError(f"c2pa_certificate, c2pa_key: {error}") from None
        credentials = read_credentials(chain, key)
        await asyncio.to_thread(check_credentials, credentials)
        return credentials
    async with database.write() as connection:
        kept = await made_once(connection, _CREDENTIALS, lambda: json.dumps(asdict(self_made())))
    return Credentials(**json.loads(kept))


def _queue(
    settings: Settings, database: Database, changes: Changes, run: Run, lanes: Mapping[str, Lane], fetching: Fetching
) -> Queue:
    if settings.database_url is None:
        return LocalQueue(database, changes, run, lanes=lanes, drain=settings.drain_seconds, fetching=fetching)
    from opendance.queue.procrastinate import ProcrastinateQueue

    return ProcrastinateQueue(
        database,
        settings.database_url,
        changes,
        run,
        lanes=lanes,
        drain=settings.drain_seconds,
        timeout=settings.worker_timeout,
        fetching=fetching,
    )
