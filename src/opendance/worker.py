"""A worker: engines and callbacks without the API, as many of them on as many machines as there is work for."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from types import FrameType

import uvicorn
from fastapi import FastAPI

from opendance.api import health, metrics
from opendance.api.border import install_error_handlers
from opendance.api.state import ServerState
from opendance.machine import give_way
from opendance.running import running
from opendance.server import listen
from opendance.settings import Settings

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def work(settings: Settings, announce: Callable[[], None]) -> None:
    """Work until SIGTERM or SIGINT, then drain; a second signal ends the process at once.

    Args:
        announce: told once it works.

    Raises:
        ConfigurationError: the operator must change something.
    """
    settings = settings.model_copy(update={"admin_port": None})  # what a worker answers is for operators alone
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    # What tasks need cores for gives way to servers beside it; what they write, which others may wait for, does not.
    loop.set_default_executor(ThreadPoolExecutor(initializer=give_way))

    def drain() -> None:
        stop.set()
        for name in _SIGNALS:
            with suppress(NotImplementedError):
                loop.remove_signal_handler(name)
            signal.signal(name, signal.SIG_DFL)  # the kernel ends it, whatever it waits for; engines end with it

    def drain_from_handler(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(drain)

    for name in _SIGNALS:
        try:
            loop.add_signal_handler(name, drain)
        except NotImplementedError:  # Windows
            signal.signal(name, drain_from_handler)
    async with running(settings) as state, _answering(state):
        announce()
        await stop.wait()


class _Server(uvicorn.Server):
    """Leaves signals to the worker."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@asynccontextmanager
async def _answering(state: ServerState) -> AsyncGenerator[None]:
    """Health and metrics over HTTP, for whoever watches over workers, where a port is set for them."""
    settings = state.settings
    if settings.worker_port is None:
        yield
        return
    app = FastAPI(title="Opendance worker", docs_url=None, redoc_url=None, openapi_url=None)
    install_error_handlers(app)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.state.opendance = state
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        forwarded_allow_ips=[str(network) for network in settings.trusted_proxies],
    )
    server = _Server(config)
    with listen(settings.host, settings.worker_port, option="OPENDANCE_WORKER_PORT") as listening:
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield
        finally:
            server.should_exit = True
            await serving
