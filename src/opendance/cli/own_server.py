"""A server for one command: on a data folder that stays, so that what was begun can be taken up again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from opendance.client import ApiProblem
from opendance.found_server import read_server_file

_PATIENCE, _BETWEEN_LOOKS = 30.0, 0.05  # s
_NOT_READY = 503
_END_PATIENCE = 15.0  # s until a server that was told to end is ended
_ENDS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
_IS_LOADING, _CANNOT_LOAD = "is loading", "cannot be loaded"
STARTING, LOADING = "starting a server", "loading the engine"  # before the stages of a task


@dataclass(frozen=True)
class Reached:
    """A server that answers.

    Attributes:
        address: of it.
        key: of an account there.
        is_near: whether it works on a data folder of this machine.
        stays: whether it is there after the command.
    """

    address: str
    key: str = field(repr=False)
    is_near: bool
    stays: bool = True


@contextmanager
def server_on(data_dir: Path, config: Path | None, show: Callable[[str], None]) -> Generator[Reached]:
    """The server that works on the folder, or one that is started there, and ended afterwards; its engine is loaded.

    Args:
        show: told what is waited for.

    Raises:
        ApiProblem: it does not start, or its engine cannot be loaded.
    """
    if (found := read_server_file(data_dir)) is not None:
        _wait_for_engine(found.address, show, is_own=False)
        yield Reached(found.address, found.key, is_near=True)
        return
    command = [sys.executable, "-m", "opendance.cli", "serve", "--port", "0", "--data-dir", str(data_dir)]
    command += [] if config is None else ["--config", str(config)]
    environment = {**os.environ, "OPENDANCE_LOG_LEVEL": "error"}
    for name in ("OPENDANCE_ADMIN_PORT", "OPENDANCE_PUBLIC_URL"):  # they are another server's
        environment.pop(name, None)
    ended_with: dict[int, Any] = {}
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment)  # noqa: S603
    try:
        for number in _ENDS:  # whoever is told to end ends the server too, as at Ctrl-C
            ended_with[number] = signal.signal(number, signal.default_int_handler)
        show(STARTING)
        while (server := read_server_file(data_dir)) is None:
            if process.poll() is not None:
                raise ApiProblem("the server for this video did not start; `opendance doctor` may tell why")
            time.sleep(_BETWEEN_LOOKS)
        _wait_for_engine(server.address, show, is_own=True)
        yield Reached(server.address, server.key, is_near=True, stays=False)
    finally:
        process.terminate()
        try:
            process.wait(_END_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for number, before in ended_with.items():
            signal.signal(number, before)


def _wait_for_engine(address: str, show: Callable[[str], None], *, is_own: bool) -> None:
    """Until no engine is being loaded.

    Args:
        is_own: whether the server is here for one command; what keeps another from working is its operator's.

    Raises:
        ApiProblem: our own server does not work, and nobody would put that right: a task would wait for ever.
    """
    with httpx.Client(timeout=_PATIENCE) as client:
        while True:
            try:
                answer = client.get(f"{address}/readyz")
            except httpx.TransportError as error:
                if not is_own:
                    return
                raise ApiProblem(f"the server for this video ended while it started: {error}") from None
            if answer.is_success:
                return
            problem = answer.json()["error"]["message"] if is_own or answer.status_code == _NOT_READY else ""
            if is_own and _CANNOT_LOAD in problem:
                raise ApiProblem(problem)
            if not is_own and _IS_LOADING not in problem:
                return
            show(LOADING)
            time.sleep(_BETWEEN_LOOKS)
