"""Puts everything together: settings in, a running application out."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from filelock import FileLock, Timeout

from opendance import __version__
from opendance.api import account, admin, callbacks, files, health, models, results, tasks, videos
from opendance.api.border import Border, install_error_handlers
from opendance.api.files import INCOMING
from opendance.api.limits import RateLimiter
from opendance.api.openapi import build_openapi
from opendance.api.state import ServerState
from opendance.engines.host import EngineHost
from opendance.engines.registry import ENGINES
from opendance.errors import ConfigurationError
from opendance.net.fetch import FetchLimits, GuardedClient, trusted
from opendance.pipeline.estimate import Estimator
from opendance.pipeline.notify import LIMIT, Notifier
from opendance.pipeline.run import Pipeline
from opendance.prompt.lexicon import lexicon
from opendance.queue.local import LocalQueue
from opendance.settings import Settings
from opendance.storage import LocalStorage
from opendance.store.accounts import ensure_default_account
from opendance.store.changes import Changes
from opendance.store.database import migrate, open_database
from opendance.store.files import remove_ended_files
from opendance.store.keys import create_key, list_keys
from opendance.store.ledger import top_up
from opendance.store.secrets import server_secret

_FIRST_CREDITS = "first-start"  # the reference that makes them unrepeatable


def create_app(
    settings: Settings,
    on_first_key: Callable[[str], None] | None = None,
    on_problem: Callable[[ConfigurationError], None] | None = None,
) -> FastAPI:
    """The application.

    Args:
        on_first_key: told the API key that is made when the data folder has none; None makes none.
        on_problem: told why the application cannot start; the start fails either way.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        try:
            async with _running(settings, on_first_key) as state:
                app.state.opendance = state
                yield
        except ConfigurationError as error:
            if on_problem is not None:
                on_problem(error)
            raise

    app = FastAPIOffline(
        title="Opendance",
        version=__version__,
        lifespan=lifespan,
        docs_url="/docs",
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    install_error_handlers(app)
    for module in (videos, tasks, callbacks, models, account, files, results, admin, health):
        app.include_router(module.router)
    app.add_middleware(Border)

    def openapi() -> dict[str, Any]:
        return build_openapi(app)

    app.openapi = openapi
    return app


@asynccontextmanager
async def _running(settings: Settings, on_first_key: Callable[[str], None] | None) -> AsyncGenerator[ServerState]:
    await asyncio.to_thread(migrate, settings.database)
    lock = FileLock(settings.data_dir / "server.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ConfigurationError(
            f"data_dir: another server already works on {settings.data_dir}; stop it or choose another folder"
        ) from None
    database = open_database(settings.database)
    hosts = {
        name: EngineHost(name, slots=settings.concurrency, timeout=settings.task_timeout)
        for name, facts in ENGINES.items()
        if settings.work and not facts.missing()
    }
    changes = Changes()
    fetcher = GuardedClient(settings.fetch_allow)
    sender = GuardedClient(
        settings.callback_allow,
        limits=FetchLimits(connect=LIMIT, stall=LIMIT, overall=LIMIT),
        trust=trusted(settings.callback_ca),
    )
    estimator = Estimator(database, concurrency=settings.concurrency)
    try:
        async with database.write() as connection:
            secret = await server_secret(connection, "result-links")
            owner = await ensure_default_account(connection)
            if settings.starting_credits:
                await top_up(
                    connection,
                    owner,
                    settings.starting_credits,
                    reason="credits to start with",
                    reference=_FIRST_CREDITS,
                )
            if on_first_key is not None and not await list_keys(connection):
                _, key = await create_key(connection, owner, name="first")
                on_first_key(key)
            ended = await remove_ended_files(connection)
        storage = LocalStorage(settings.objects_dir, secret)
        for key in ended:
            storage.remove(key)
        for left in settings.work_dir.glob(f"{INCOMING}*"):  # uploads that a dead process had not finished
            await asyncio.to_thread(shutil.rmtree, left, ignore_errors=True)
        await asyncio.to_thread(lexicon)  # the first prompt shall not wait for it
        await estimator.load()
        await estimator.load_backlog()
        for host in hosts.values():
            await host.start()
        notifier = Notifier(database, storage, sender)
        pipeline = Pipeline(database, changes, storage, hosts, estimator, fetcher, notifier, settings.work_dir)
        queue = LocalQueue(database, changes, pipeline.run, concurrency=settings.concurrency)
        if settings.work:
            queue.start()
        notifier.start()
        try:
            yield ServerState(settings, database, changes, storage, queue, estimator, fetcher, RateLimiter(), notifier)
        finally:
            await queue.close()
            await notifier.close()
    finally:
        for host in hosts.values():
            await host.close()
        await fetcher.close()
        await sender.close()
        await database.close()
        lock.release()
