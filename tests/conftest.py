"""A real server on loopback, its key, and what tests of several levels share."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any

import httpx
import pytest
from hypothesis import HealthCheck, settings

from opendance.server_file import read_server_file
from opendance.store.database import Database
from tests.chromium import launched
from tests.databases import PostgresqlServer, lay_tables, opened, running_postgresql

# The machines that run this are slow and shared: how long an example takes says nothing.
settings.register_profile("opendance", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("opendance")

# Tests start some hundred processes: what each imports is compiled once, also where the environment says otherwise.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

TEXT = "seedance-2.0-text-to-video"
MINI = "seedance-2.0-mini-text-to-video"
ONE_ENGINE = {"OPENDANCE_CONCURRENCY": "1"}  # tests run side by side, each with servers of its own
ADMIN_KEY = "od-admin-of-the-tests"
MANY_BAD_KEYS = {"OPENDANCE_FAILED_KEYS_PER_MINUTE": "100000"}  # all tests have one address
QUICK_ENGINE = {"OPENDANCE_ENGINES": "blank", "OPENDANCE_BLANK_SECONDS": "0.5"}
TERMINAL = ("completed", "failed", "cancelled")


@dataclass
class RunningServer:
    """A server process of a test."""

    process: subprocess.Popen[Any]
    address: str
    data_dir: Path
    key: str

    def client(self, key: str | None = None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key or self.key}"}
        return httpx.Client(base_url=self.address, headers=headers, timeout=60)

    def admin(self) -> httpx.Client:
        return self.client(ADMIN_KEY)

    def new_account(self, account: str, *, group: str = "default", credits_: str = "1000", **key: Any) -> str:
        """Make an account with a key, and give the key."""
        with self.admin() as client:
            wanted = {"name": account, "user_group": group, "credits": credits_}
            client.post("/admin/v1/accounts", json=wanted).raise_for_status()
            made = client.post(f"/admin/v1/accounts/{account}/keys", json={"name": account, **key})
            return made.raise_for_status().json()["key"]

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(30)


def start_server(data_dir: Path, key: str = "", *, stderr: IO[str] | None = None, **environment: str) -> RunningServer:
    """Start `opendance serve` on a free port and wait until it is ready; without `key` it gets one that lasts."""
    command = [sys.executable, "-m", "opendance.cli", "serve", "--port", "0", "--data-dir", str(data_dir)]
    values = {"OPENDANCE_ADMIN_KEY": ADMIN_KEY, "OPENDANCE_DRAIN_SECONDS": "0", **MANY_BAD_KEYS, **environment}
    if "OPENDANCE_DATABASE_URL" not in values:
        lay_tables(data_dir)  # what migrates is tested by itself
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=stderr, env={**os.environ, **ONE_ENGINE, **values}
    )
    running = RunningServer(process, address_of(process, data_dir), data_dir, key)
    if not key:
        with running.client(values["OPENDANCE_ADMIN_KEY"]) as client:
            # The account that keys belong to where no other is named.
            [account, *_] = client.get("/admin/v1/accounts").json()["data"]
            made = client.post(f"/admin/v1/accounts/{account['id']}/keys", json={"name": "tests"})
            running.key = made.raise_for_status().json()["key"]
    return running


def address_of(process: subprocess.Popen[Any], data_dir: Path) -> str:
    """Where a server that was just started is reached, once it is ready."""
    while process.poll() is None:
        found = read_server_file(data_dir)
        if found is not None and found.pid == process.pid:
            return found.address
        time.sleep(0.02)
    raise AssertionError(f"the server did not start: {process.returncode}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests marked `on_each_database` run on a server of each kind.

    With `thorough="postgresql"` the second of them is left to `make test-thorough`: what the test takes long for is not
    the database, whose statements have tests of their own.
    """
    marker = metafunc.definition.get_closest_marker("on_each_database")
    if marker is not None and "database_kind" in metafunc.fixturenames:
        later = [pytest.mark.thorough] if marker.kwargs.get("thorough") == "postgresql" else []
        # None is what tests without the mark have, so that they share the SQLite server.
        kinds = [pytest.param(None, id="sqlite"), pytest.param("postgresql", id="postgresql", marks=later)]
        metafunc.parametrize("database_kind", kinds, indirect=True, scope="session")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Of the tests that run on each database: how many passed on which."""
    passed: dict[str, Counter[str]] = {}
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, []):
            kind = re.search(r"[\[-](sqlite|postgresql)\b", report.nodeid)
            if kind is not None and (report.when == "call" or outcome != "passed"):
                line = passed.setdefault(report.nodeid.partition("::")[0], Counter())
                line[kind[1]] += outcome == "passed"
                line[f"{kind[1]} not"] += outcome != "passed"
    if passed:
        terminalreporter.section("on each database")
        terminalreporter.line(f"{'':44}{'SQLite':>10}{'PostgreSQL':>12}")
        for module, line in sorted(passed.items()):
            cells = [
                f"{line[kind]}" + (f" ({line[f'{kind} not']} not)" if line[f"{kind} not"] else "")
                for kind in ("sqlite", "postgresql")
            ]
            terminalreporter.line(f"{module:44}{cells[0]:>10}{cells[1]:>12}")


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    return getattr(request, "param", None) or "sqlite"


@pytest.fixture(scope="session")
def on_database(database_kind: str, request: pytest.FixtureRequest) -> Callable[[], dict[str, str]]:
    """Gives the environment of a server on a new database of the kind."""

    def environment() -> dict[str, str]:
        if database_kind == "sqlite":
            return {}
        # What is tested twice is the service: engines that take no time are enough the second time.
        return {"OPENDANCE_DATABASE_URL": request.getfixturevalue("postgresql").new_database(), **QUICK_ENGINE}

    return environment


@pytest.fixture(scope="session")
def server(
    tmp_path_factory: pytest.TempPathFactory, on_database: Callable[[], dict[str, str]]
) -> Generator[RunningServer]:
    running = start_server(tmp_path_factory.mktemp("data"), **on_database())
    yield running
    running.stop()


@pytest.fixture(scope="session")
def postgresql() -> Generator[PostgresqlServer]:
    with running_postgresql() as running:
        # Of its hundreds of databases none lives long; autovacuum would go from one to the next all the time. Benchmarks
        # have servers with both.
        for setting in ("autovacuum", "full_page_writes"):
            running.execute(f"ALTER SYSTEM SET {setting} = off")
        running.execute("SELECT pg_reload_conf()")
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def database_place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a new database is, of each kind."""
    if request.param == "sqlite":
        return tmp_path / "db.sqlite3"
    return request.getfixturevalue("postgresql").new_database()


@pytest.fixture
async def database(database_place: Path | str) -> AsyncGenerator[Database]:
    async with opened(database_place) as database:
        yield database


@pytest.fixture(scope="session")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningServer]:
    """A server whose tasks only queue up."""
    running = start_server(tmp_path_factory.mktemp("idle"), OPENDANCE_WORK="false")
    yield running
    running.stop()


def free_port() -> int:
    """A port that nobody listens at just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class FileServer:
    """Files on loopback, as users host them.

    Attributes:
        files: content by path; a number is a status to answer instead.
        asked: paths that were asked for.
    """

    address: str
    files: dict[str, bytes | int]
    asked: list[str]

    def put(self, name: str, content: bytes | int) -> str:
        """Host a file and give its URL."""
        self.files["/" + name] = content
        return f"{self.address}/{name}"


@contextmanager
def hosting() -> Generator[FileServer]:
    """A server of files, until the block ends."""
    files: dict[str, bytes | int] = {}
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            content = files.get(self.path, 404)
            self.send_response(200 if isinstance(content, bytes) else content)
            body = content if isinstance(content, bytes) else b"no"
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield FileServer(f"http://127.0.0.1:{listening.server_port}", files, asked)
    listening.shutdown()


@pytest.fixture(scope="session")
def hosted() -> Generator[FileServer]:
    with hosting() as server:
        yield server


@pytest.fixture(scope="session")
def media_server(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningServer]:
    """A server that may fetch from loopback."""
    running = start_server(tmp_path_factory.mktemp("media"), OPENDANCE_FETCH_ALLOW="127.0.0.1/32")
    yield running
    running.stop()


@pytest.fixture
def media_api(media_server: RunningServer) -> Generator[httpx.Client]:
    with media_server.client() as client:
        yield client


@pytest.fixture
def api(server: RunningServer) -> Generator[httpx.Client]:
    with server.client() as client:
        yield client


@pytest.fixture
def new_server(tmp_path: Path, on_database: Callable[[], dict[str, str]]) -> Generator[Callable[..., RunningServer]]:
    """Starts servers on the test's own data folder and database; all are ended with the test."""
    started: list[RunningServer] = []
    place: dict[str, str] = {}

    def start(key: str = "", **environment: str) -> RunningServer:
        if not started:
            place.update(on_database())
        started.append(start_server(tmp_path / "data", key, **{**place, **environment}))
        return started[-1]

    yield start
    for running in started:
        running.stop(signal.SIGKILL)


def body(**changes: Any) -> dict[str, Any]:
    """A small valid request."""
    return {"model": MINI, "prompt": "a cat walks in a garden", "duration": 4, "quality": "480p"} | changes


def wait_until_cleared(work: Path) -> None:
    """Wait until no task has a folder there any more: a worker removes it once the task's end can be seen."""
    for _ in range(600):
        left = list(work.glob("task-*"))
        if not left:
            return
        time.sleep(0.05)
    raise AssertionError(f"left behind: {left}")


def wait_for(client: httpx.Client, task_id: str, *, until: tuple[str, ...] = TERMINAL) -> dict[str, Any]:
    """Ask until the task is in one of these states."""
    for _ in range(1200):
        task = client.get(f"/v1/tasks/{task_id}").json()
        if task["status"] in until:
            return task
        time.sleep(0.1)
    raise AssertionError(f"{task_id} never became {until}")


@pytest.fixture(scope="module")
def chromium() -> Generator[Any]:
    """The browser of one module's tests: none is open while those of others run event loops."""
    with launched() as browser:
        yield browser
