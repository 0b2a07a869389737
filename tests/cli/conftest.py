"""The command line in the process of the tests, on a folder of its own."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import cache, partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer import testing
from typer.main import get_command
from typer.testing import CliRunner, Result

from opendance.cli import app, where
from opendance.cli.printing import out
from opendance.client import Client
from tests.databases import lay_tables

DATABASE = Path("opendance-data", "opendance.sqlite3")
BASE = {"OPENDANCE_BASE_URL": "http://server.test"}
OPERATOR = {**BASE, "OPENDANCE_ADMIN_KEY": "an-admin-key-of-20-letters"}
ACCOUNT = {**BASE, "OPENDANCE_API_KEY": "od-key"}
# Made once: it takes Typer longer than most commands take.
_command = cache(get_command)
Run = Callable[..., Result]
Told = Callable[..., str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, where the commands keep their data too; nothing else is configured."""
    for name in [name for name in os.environ if name.startswith("OPENDANCE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(out, "width", 200)  # as in a pipe, whatever the tests were started in
    monkeypatch.setattr(testing, "_get_command", _command)
    return tmp_path


@pytest.fixture
def installation(folder: Path) -> Path:
    """The data folder of an installation that has just been made."""
    lay_tables(DATABASE.parent)
    return folder / DATABASE.parent


@pytest.fixture
def run() -> Run:
    """Runs one command: its exit code, and what it wrote on stdout and stderr."""

    def run(*arguments: str | Path, **environment: str) -> Result:
        done = CliRunner(env=environment).invoke(app, [*map(str, arguments)], prog_name="opendance")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception  # where users would see a traceback
        return done

    return run


@pytest.fixture
def told(run: Run) -> Told:
    """Runs a command that succeeds, and gives its stdout."""

    def told(*arguments: str | Path, **environment: str) -> str:
        done = run(*arguments, **environment)
        assert (done.exit_code, done.stderr) == (0, "")
        return done.stdout

    return told


@pytest.fixture
def read(told: Told) -> Callable[..., Any]:
    """What a command says with --json."""
    return lambda *arguments: json.loads(told(*arguments, "--json"))


def kept() -> str:
    """Everything that the database of the working folder holds."""
    with closing(sqlite3.connect(DATABASE)) as connection:
        # An index of words cannot be read whole; the tables that it is kept in can.
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
        names = [name for (name,) in connection.execute(tables)]
        return "\n".join(f"{name}: {row}" for name in names for row in connection.execute(f'SELECT * FROM "{name}"'))


@pytest.fixture
def refused(run: Run) -> Told:
    """Runs a command that was asked wrongly, and gives its stderr in one line."""

    def refused(*arguments: str | Path) -> str:
        done = run(*arguments)
        assert (done.exit_code, done.stdout) == (2, ""), done.stderr
        return " ".join(done.stderr.split())

    return refused


class Server:
    """Answers with these bodies, one after the other, and keeps what was asked."""

    def __init__(self, *bodies: Any) -> None:
        self._bodies = iter(bodies)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return httpx.Response(200, json=next(self._bodies))


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Server]:
    """Makes the server that the environment names answer so."""

    def serving(*bodies: Any) -> Server:
        server = Server(*bodies)
        monkeypatch.setattr(where, "Client", partial(Client, transport=httpx.MockTransport(server)))
        return server

    return serving
