"""Runs the application under uvicorn, and says when and where it is ready."""

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from opendance.app import create_app
from opendance.errors import ConfigurationError
from opendance.settings import Settings
from opendance.telemetry.logs import hide, set_up_logging
from opendance.telemetry.traces import set_up_traces

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


def run_server(settings: Settings, announce: Callable[[str, str | None], None], *, shows_key: bool) -> None:
    """Serve until a signal comes.

    Args:
        announce: told the address, and the API key if one was made now.
        shows_key: whether somebody sees a first key who may; otherwise none is made.

    Raises:
        ConfigurationError: the address is taken, or the data folder is in use.
    """
    set_up_logging(settings.log_level, settings.log_format)
    hide(*settings.secrets)
    set_up_traces("opendance-server")
    listening = listen(settings.host, settings.port)
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    near = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(shown, shown)  # noqa: S104 - as told, not listened at
    first_key: list[str] = []
    problems: list[ConfigurationError] = []
    application = create_app(
        settings, first_key.append if shows_key else None, problems.append, address=f"http://{near}:{port}"
    )
    config = uvicorn.Config(
        application,
        log_config=None,
        access_log=settings.log_level == "debug",
        timeout_graceful_shutdown=_SHUTDOWN,
        server_header=False,
    )
    # What the operator did wrong is told in one line below, not as a failure of the program.
    logging.getLogger("uvicorn.error").addFilter(lambda record: not problems or record.levelno < logging.ERROR)
    server = _Server(config, lambda: announce(f"http://{shown}:{port}", first_key[0] if first_key else None))
    try:
        with listening:
            server.run(sockets=[listening])
    except SystemExit:  # uvicorn's way to say that the application did not start
        if not problems:
            raise
    if problems:
        raise problems[0]


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there.

    Raises:
        ConfigurationError: the address is taken, or is none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise ConfigurationError(f"cannot listen at {host}:{port}: {error.strerror}; choose another --port") from None
    listening.set_inheritable(False)
    return listening
