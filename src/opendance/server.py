"""Runs the application under uvicorn, and says when and where it is ready."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack, nullcontext
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import cast

import uvicorn

from opendance.engines.configured import Engines
from opendance.engines.hosts import Hosts, engines_here, make_hosts
from opendance.engines.routes import read_routes
from opendance.errors import ConfigurationError
from opendance.found_server import read_server_file
from opendance.loading import loading
from opendance.private import only_for_owner
from opendance.settings import Settings, unknown_variables
from opendance.telemetry.logs import hide, set_up_logging
from opendance.telemetry.traces import set_up_traces

_log = logging.getLogger(__name__)
_SHUTDOWN = 5  # s for open connections, such as event streams, to end


class _Server(uvicorn.Server):
    """Tells when it is ready, once the listening socket is open and the application has started."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal stops and drains, the second ends the process at once; engines end with it."""
        if self.should_exit:
            signal.signal(sig, signal.SIG_DFL)
            signal.raise_signal(sig)
        super().handle_exit(sig, frame)


@dataclass(frozen=True)
class Ready:
    """What is told of a server that is ready.

    Attributes:
        address: where it is reached.
        admin_address: of operators' own listener, if they have one.
        first_key: the API key that was made just now, if one was.
        link: what signs a browser in to the Studio once, if it was made now.
    """

    address: str
    admin_address: str | None = None
    first_key: str | None = None
    link: str | None = None


def run_server(settings: Settings, announce: Callable[[Ready], None], *, shows_key: bool, opens: bool = False) -> None:
    """Serve until a signal comes.

    Args:
        announce: told once it is ready.
        shows_key: whether somebody sees a first key and a first link who may; otherwise none is made.
        opens: whether a link is wanted at any start.

    Raises:
        ConfigurationError: the address is taken, or the data folder is in use.
    """
    set_up_logging(settings.log_level, settings.log_format)
    hide(*settings.secrets)
    for problem in unknown_variables():
        _log.warning(problem)
    set_up_traces("opendance-server")
    listening, of_admin = listen(settings.host, settings.port), None
    if settings.admin_port is not None:
        of_admin = listen(settings.admin_host, settings.admin_port, option="--admin-port")
        settings = settings.model_copy(update={"admin_port": of_admin.getsockname()[1]})
    first_key: list[str] = []
    links: list[str] = []
    problems: list[ConfigurationError] = []
    # What the operator did wrong is told in one line below, not as a failure of the program.
    logging.getLogger("uvicorn.error").addFilter(lambda record: not problems or record.levelno < logging.ERROR)
    shown, admin_shown = _address(listening), None if of_admin is None else _address(of_admin)

    def make(hosts: Hosts) -> _Server:
        return _server(
            settings,
            hosts,
            first_key.append if shows_key else None,
            problems.append,
            lambda: announce(
                Ready(shown, admin_shown, first_key[0] if first_key else None, links[0] if links else None)
            ),
            sign_in=(links.append, opens) if opens or (shows_key and settings.studio_link) else None,
            address=_address(listening, near=True),
            admin_address=None if of_admin is None else _address(of_admin, near=True),
        )

    loops = uvicorn.Config("", log_config=None).get_loop_factory()
    try:
        with listening, of_admin or nullcontext(), only_for_owner(), asyncio.Runner(loop_factory=loops) as runner:
            runner.run(_serve(settings, make, [listening] if of_admin is None else [listening, of_admin]))
    except SystemExit:  # uvicorn's way to say that the application did not start
        if not problems:
            raise
    if problems:
        raise problems[0]


async def _serve(settings: Settings, make: Callable[[Hosts], _Server], sockets: list[socket.socket]) -> None:
    """Serve until a signal comes. Engines load, in processes of their own, while this one loads all that it is made of.

    Args:
        make: the server around these engines.
    """
    routes = read_routes(settings.routes, Engines(settings.engine))
    hosts = make_hosts(settings, routes.engines, engines_here(settings, routes))
    async with AsyncExitStack() as stack:
        for host in hosts.values():
            stack.push_async_callback(host.close)
            # Where a server works on the folder this one will not, and has no use for engines.
            if settings.database_url is not None or read_server_file(settings.data_dir) is None:
                await host.start()
        await make(hosts).serve(sockets=sockets)


def _server(
    settings: Settings,
    hosts: Hosts,
    on_first_key: Callable[[str], None] | None,
    on_problem: Callable[[ConfigurationError], None],
    on_ready: Callable[[], None],
    *,
    sign_in: tuple[Callable[[str], None], bool] | None,
    address: str,
    admin_address: str | None,
) -> _Server:
    with loading():
        from opendance.app import create_app
        from opendance.connections import BoundedProtocol, Connections, most_connections
        from opendance.running import SignInLink

        application = create_app(
            settings,
            on_first_key,
            on_problem,
            sign_in=None if sign_in is None else SignInLink(*sign_in),
            address=address,
            admin_address=admin_address,
            hosts=hosts,
        )
    counted = Connections(settings.connections or most_connections(), settings.connections_per_address)
    config = uvicorn.Config(
        application,
        http=cast("type[asyncio.Protocol]", partial(BoundedProtocol, counted=counted)),
        ws="none",
        log_config=None,
        access_log=settings.log_level == "debug",
        timeout_graceful_shutdown=_SHUTDOWN,
        server_header=False,
        forwarded_allow_ips=[str(network) for network in settings.trusted_proxies],
    )
    return _Server(config, on_ready)


def _address(listening: socket.socket, *, near: bool = False) -> str:
    """What to call a socket that listens, as a URL.

    Args:
        near: as this machine reaches it, also where it listens at every address.
    """
    at: str
    at, port = listening.getsockname()[:2]
    host = f"[{at}]" if ":" in at else at
    if near:
        host = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104 - as told, not listened at
    return f"http://{host}:{port}"


def listen(host: str, port: int, *, option: str = "--port") -> socket.socket:
    """A socket that listens there: whoever finds the address in `server.json` waits for its first answer.

    Args:
        option: what chooses another port.

    Raises:
        ConfigurationError: the address is taken, or is none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise ConfigurationError(f"cannot listen at {host}:{port}: {error.strerror}; choose another {option}") from None
    listening.set_inheritable(False)
    return listening
