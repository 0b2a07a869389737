"""A whole installation that faults are done to: processes, a database, an object store, a receiver, a small disk."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from opendance.store.database import database_url
from tests.conftest import MINI, TERMINAL
from tests.databases import PostgresqlServer, running_postgresql
from tests.engines import moody
from tests.files import image_bytes
from tests.objects import S3Server, running_s3
from tests.providers import Web, a_web
from tests.receiver import Receiver, running_receiver

Kind = Literal["sqlite", "postgresql"]
_SKEW = Path(__file__).parent / "skew"
_DISK = 48 << 20  # bytes of the small disk
_WORKER_TIMEOUT = 3.0  # s
_CREDITS = 10**9
_SEARCHING = "seedance-2.0-fast-text-to-video"  # the mini ones search for nothing


@dataclass
class Accepted:
    """A task that the service took on.

    Attributes:
        name: of its callback.
    """

    id: str
    name: str


@dataclass
class Role:
    """A process that is always meant to run: when a fault ended it, it is started again."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    skew: float = 0.0


class World:
    """The installation.

    Args:
        disk: the data folder; small, so that it can be filled, where that is possible.

    Attributes:
        weights: a file without which no engine can be loaded.
    """

    def __init__(
        self,
        kind: Kind,
        folder: Path,
        disk: Path,
        receiver: Receiver,
        s3: S3Server,
        hosted: str,
        web: Web,
        postgresql: PostgresqlServer | None,
    ) -> None:
        self.kind, self.receiver, self.s3, self.postgresql, self.disk = kind, receiver, s3, postgresql, disk
        self._folder, self._hosted = folder, hosted
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        place: Path | str = disk / "opendance.sqlite3"
        self._environment = {
            **s3.environment,
            "OPENDANCE_DATA_DIR": str(disk),
            "OPENDANCE_STORAGE_URL": s3.url,
            "OPENDANCE_ROUTES": json.dumps({"default": [moody.NAME]}),
            "OPENDANCE_BLANK_SECONDS": "0.5",
            "OPENDANCE_CONCURRENCY": "2",
            "OPENDANCE_FETCH_ALLOW": "127.0.0.1/32",
            "OPENDANCE_CALLBACK_ALLOW": "127.0.0.1/32",
            "OPENDANCE_CALLBACK_CA": str(receiver.ca),
            "OPENDANCE_SWEEP_SECONDS": "2",
            "OPENDANCE_DRAIN_SECONDS": "1",
            "OPENDANCE_WORKER_TIMEOUT": str(_WORKER_TIMEOUT),
            "OPENDANCE_LOG_LEVEL": "error",
            "OPENDANCE_STARTING_CREDITS": str(_CREDITS),
            "OPENDANCE_SEARCH": json.dumps({"provider": "searxng", "url": web.address}),
        }
        opendance = [sys.executable, "-m", "opendance.cli"]
        serve = [*opendance, "serve", "--port", str(self._port)]
        self.roles = [Role("server", serve)]
        if postgresql is not None:
            place = postgresql.new_database()
            self._environment["OPENDANCE_DATABASE_URL"] = place
            self.roles[0].command.append("--no-worker")
            self.roles += [Role(f"worker {n}", [*opendance, "worker", "--concurrency", "2"]) for n in (1, 2)]
        self.weights = folder / "weights"
        self.weights.touch()
        self._environment |= moody.installed(folder / "site", self.weights)
        self._engine = create_engine(database_url(place), isolation_level="AUTOCOMMIT")
        self._key = ""
        self.log = (folder / "log").open("ab")
        self.accepted: list[Accepted] = []

    # ── its processes ──

    def start(self, role: Role) -> None:
        """Start a process; it comes up by itself."""
        path = os.pathsep.join([str(_SKEW), self._environment["PYTHONPATH"]])
        skew = {"OPENDANCE_TEST_SKEW": str(role.skew), "PYTHONPATH": path} if role.skew else {}
        first = not self._key and role is self.roles[0]
        role.process = subprocess.Popen(
            role.command,
            env={**os.environ, **self._environment, **skew},
            stdout=subprocess.PIPE if first else self.log,
            stderr=self.log,
            start_new_session=True,
        )
        if first:
            assert role.process.stdout is not None
            for line in role.process.stdout:
                if b"API key:" in line:
                    self._key = line.split()[2].decode()
                if b"Ctrl-C" in line:
                    break
            assert self._key, "the server did not start: " + (self._folder / "log").read_text()[-2000:]

    def end(self, role: Role, how: signal.Signals) -> None:
        """Send a process a signal and wait until it has gone."""
        assert role.process is not None
        if role.process.poll() is None:
            role.process.send_signal(how)
        role.process.wait(60)

    def supervise(self) -> None:
        """Start again what has ended by itself, as every supervisor does: a process ends when it finds no database."""
        for role in self.roles:
            if role.process is not None and role.process.poll() is not None:
                self.start(role)

    def engines(self) -> list[int]:
        """Process ids of all engines."""
        found: list[int] = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if b"opendance.engines.child" in (entry / "cmdline").read_bytes():
                        parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                        if parent in {role.process.pid for role in self.roles if role.process}:
                            found.append(int(entry.name))
        return found

    # ── what its users do ──

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self._port}", headers={"Authorization": f"Bearer {self._key}"}, timeout=20
        )

    def request(self, method: str, path: str, *, patience: float = 60, **options: Any) -> httpx.Response:
        """What a good client does: it tries again while the service is away."""
        ends = time.monotonic() + patience
        while True:
            try:
                with self.client() as client:
                    answer = client.request(method, path, **options)
                if answer.status_code < 500:
                    return answer
                problem = answer.text
            except httpx.TransportError as error:
                problem = repr(error)
            assert time.monotonic() < ends, f"{method} {path} was not answered for {patience:g} s: {problem}"
            self.supervise()
            time.sleep(0.1)

    def create(self, *, media: bool, search: bool = False) -> Accepted:
        """A video with a callback, asked for until it is accepted; the same key makes it the same task each time.

        Args:
            search: its prompt asks for something of today; such a video has no media.
        """
        name = secrets.token_hex(8)
        wanted: dict[str, Any] = {
            "model": MINI,
            "prompt": "a cat walks",
            "duration": 4,
            "quality": "480p",
            "callback_url": self.receiver.url(name),
        }
        if media:
            wanted |= {"model": "seedance-2.0-mini-image-to-video", "image_urls": [self._hosted]}
        if search:
            wanted |= {
                "model": _SEARCHING,
                "prompt": "The weather in Seoul today",
                "model_params": {"web_search": True},
            }
        answer = self.request("POST", "/v1/videos/generations", json=wanted, headers={"Idempotency-Key": name})
        assert answer.status_code == 200, answer.text
        task = Accepted(answer.json()["id"], name)
        self.accepted.append(task)
        return task

    def cancel(self, task: Accepted) -> None:
        """Ask that the task stops; it may have ended by now."""
        answer = self.request("POST", f"/v1/tasks/{task.id}/cancel")
        assert answer.status_code in (200, 409), answer.text

    # ── what is looked at ──

    def rows(self, query: str, **values: Any) -> list[Any]:
        """What the database says; nothing while it is away."""
        for _ in range(2):  # the first may find that its connection has ended meanwhile
            try:
                with self._engine.connect() as connection:
                    result = connection.execute(text(query), values)
                    return list(result) if result.returns_rows else []
            except SQLAlchemyError:
                self._engine.dispose()
        return []

    def stage(self, task: Accepted) -> str | None:
        """Where the task is: its stage, its state where it has none, None while nobody can tell."""
        rows = self.rows("SELECT status, stage FROM tasks WHERE id = :id", id=task.id)
        return (rows[0].stage or rows[0].status) if rows else None

    def live(self) -> int:
        """How many tasks have not ended."""
        rows = self.rows("SELECT count(*) AS n FROM tasks WHERE status IN ('pending', 'processing')")
        return rows[0].n if rows else 0

    def close(self) -> None:
        for role in self.roles:
            if role.process is not None:
                role.process.kill()
                role.process.wait()
        self._engine.dispose()
        self.log.close()


@dataclass
class Verdict:
    """What was found after faults.

    Attributes:
        states: how many accepted tasks ended how.
        problems: promises that were not kept, in words.
    """

    states: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def judge(world: World, *, patience: float = 90) -> Verdict:
    """Wait until everything has come to rest, then look whether anything was lost.

    Every accepted task is terminal, settled exactly once and told to its receiver at least once; the ledger's sum is
    the balance; no work folder and no reservation is left.
    """
    verdict = Verdict()
    ends = time.monotonic() + patience
    for task in world.accepted:
        state = "lost"
        while time.monotonic() < ends or state == "lost":
            world.supervise()
            answer = world.request("GET", f"/v1/tasks/{task.id}")
            state = answer.json().get("status", "lost")
            if state in TERMINAL or answer.status_code == 404:
                break
            time.sleep(0.1)
        how = f"{state} ({answer.json()['error']['code']})" if state == "failed" else state
        verdict.states[how] = verdict.states.get(how, 0) + 1
        if state not in TERMINAL:
            verdict.problems.append(f"{task.id} is {state}")
            continue
        rows = world.rows("SELECT kind, amount FROM ledger WHERE task_id = :id ORDER BY id", id=task.id)
        wanted = ["reserve", "settle"] if state == "completed" else ["reserve", "refund"]
        if [row.kind for row in rows] != wanted:
            verdict.problems.append(f"{task.id} is {state}, its ledger says {[tuple(row) for row in rows]}")
        while not world.receiver.at(task.name) and time.monotonic() < ends:
            time.sleep(0.05)
        told = world.receiver.at(task.name)
        if not told:
            verdict.problems.append(f"{task.id} is {state}, and its callback never came")
        elif any(f'"status":"{state}"'.encode() not in one.body for one in told):
            said = [one.body[:400] for one in told]
            verdict.problems.append(f"{task.id} is {state}, its callback says otherwise: {said}")
    [totals] = world.rows(
        "SELECT (SELECT sum(amount) FROM ledger) - (SELECT sum(balance) FROM accounts) AS difference, "
        "(SELECT sum(live_tasks) FROM accounts) AS live, (SELECT count(*) FROM tasks) AS tasks"
    )
    if totals.difference or totals.live:
        verdict.problems.append(f"the ledger differs by {totals.difference} from the balances, {totals.live} are open")
    folders = world.disk / "work"
    while (left := list(folders.iterdir()) if folders.exists() else []) and time.monotonic() < ends:
        time.sleep(0.2)
    verdict.problems += [f"{folder.name} was left in the work folder" for folder in left]
    return verdict


@contextmanager
def small_disk(folder: Path) -> Generator[Path]:
    """A file system of its own that can be filled; an ordinary folder where this user may mount nothing."""
    disk = Path(tempfile.mkdtemp(prefix="disk-", dir=folder))
    mounted = (
        os.getuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "opendance-test", str(disk)],
            capture_output=True,
            check=False,
        ).returncode
    )
    try:
        yield disk
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(disk)], check=False)


def can_fill(world: World) -> bool:
    """Whether the world's disk is a small one."""
    return os.statvfs(world.disk).f_blocks * os.statvfs(world.disk).f_frsize <= 2 * _DISK


@contextmanager
def running_world(kind: Kind, folder: Path) -> Generator[World]:
    """Set everything up, and take it down."""
    from tests.conftest import hosting

    with ExitStack() as stack:
        postgresql = stack.enter_context(running_postgresql()) if kind == "postgresql" else None
        s3 = stack.enter_context(running_s3(folder / "s3"))
        receiver = stack.enter_context(running_receiver(folder))
        disk = stack.enter_context(small_disk(folder))
        files = stack.enter_context(hosting())
        web = stack.enter_context(a_web())
        world = World(kind, folder, disk, receiver, s3, files.put("a.png", image_bytes(480, 360)), web, postgresql)
        stack.callback(world.close)
        for role in world.roles:
            world.start(role)
        yield world
