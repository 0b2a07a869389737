"""A crowd on one machine: tasks of many accounts queued and made, with pollers and event streams all the while.

Engines take no time here (`blank`): what is measured is the service. The crowd runs on the same cores, so that figures
are what one small machine does alone, crowd and database included.

`python -m benchmarks.load [--tasks 10000] [--accounts 200] [--watchers 1000] [--seconds 120] [--on sqlite ...]`
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any

import httpx
import psycopg
from benchmarks.api import children_of, cpu_of
from tests.databases import running_postgresql

from opendance.server_file import read_server_file

ADMIN_KEY = "od-admin-of-the-load-test"
BODY = {"model": "seedance-2.0-mini-text-to-video", "prompt": "a cat", "duration": 4, "quality": "480p"}
_CREATORS = 16  # connections that create
_POLL_EVERY = 2.0  # s
_MOST = 10**8
_LOOK_EVERY = 0.2  # s
_TICK = 0.02  # s
_CALM = 10.0  # s after which the crowd has connected again


@dataclass
class Figures:
    """What was measured; times in s, memory in MB."""

    creations: float = 0.0
    created: float = 0.0
    completed: float = 0.0
    waits: list[float] = field(default_factory=list)
    events: int = 0
    errors: int = 0


class Costs:
    """What a phase costs: cores that processes use, and transactions of PostgreSQL that wait for another's lock.

    Attributes:
        lags: how much later than asked the crowd's own event loop goes on, s: so much of each answer's time is its own.

    Args:
        databases: of a PostgreSQL server: the id of its first process, and an address; None for SQLite.
    """

    def __init__(self, databases: tuple[int, str] | None) -> None:
        self._databases = databases
        self._began, self._before = time.perf_counter(), dict[str, float]()
        self._waits: list[int] = []
        self.lags: list[float] = []

    @contextlib.asynccontextmanager
    async def of(self, servers: Iterable[Process], worker: Process | None = None) -> AsyncGenerator[None]:
        """While this lasts; a worker counts with its engines."""
        self._servers, self._worker = list(servers), worker
        self._began, self._before, self._waits = time.perf_counter(), self._used(), []
        is_over = asyncio.Event()
        looking = asyncio.create_task(self._look(is_over))
        try:
            yield
        finally:
            is_over.set()
            await looking
            self._used_then, self._took = self._used(), time.perf_counter() - self._began

    def _used(self) -> dict[str, float]:
        """CPU, s."""
        used = {"API": cpu_of(pid for each in self._servers for pid in _family(each))}
        if self._worker is not None:
            used["worker"] = cpu_of(_family(self._worker))
        if self._databases is not None:
            used["PostgreSQL"] = cpu_of(children_of(self._databases[0]))
        return used | {"crowd": cpu_of([os.getpid()])}

    async def _look(self, is_over: asyncio.Event) -> None:
        watching = asyncio.create_task(self._watch_locks(is_over))
        while not is_over.is_set():
            began = time.perf_counter()
            await asyncio.sleep(_TICK)
            self.lags.append(time.perf_counter() - began - _TICK)
        await watching

    async def _watch_locks(self, is_over: asyncio.Event) -> None:
        if self._databases is None:
            return
        async with await psycopg.AsyncConnection.connect(self._databases[1], autocommit=True) as connection:
            while not is_over.is_set():
                cursor = await connection.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                )
                self._waits.append((await cursor.fetchone() or (0,))[0])
                await asyncio.sleep(_LOOK_EVERY)

    def __str__(self) -> str:
        shares = [f"{name} {(self._used_then[name] - used) / self._took:.2f}" for name, used in self._before.items()]
        waits = f"; {mean(self._waits):.2f} transactions wait for a lock" if self._waits else ""
        return f"cores: {', '.join(shares)}{waits}; the crowd itself is late by {_share(self.lags, 0.99):.0f} ms (p99)"


def _family(process: Process) -> list[int]:
    """Its id, and those of its engines."""
    return [process.process.pid, *children_of(process.process.pid)]


class Process:
    """A server or a worker."""

    def __init__(self, words: list[str], environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "opendance.cli", *words]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})
        assert self.process.stdout is not None
        while "Ctrl-C" not in self.process.stdout.readline():
            assert self.process.poll() is None
        server = read_server_file(Path(environment["OPENDANCE_DATA_DIR"])) if words[0] == "serve" else None
        self.address, self.key = ("", "") if server is None else (server.address, server.key)

    def memory(self) -> float:
        """Resident, MB."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0.0

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)


class Connection:
    """An open connection that costs next to nothing."""

    def __init__(self, address: str) -> None:
        self._host, _, self._port = address.removeprefix("http://").partition(":")
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, key: str, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        """The status and the body of an answer."""
        try:
            reader = await self._asked(key, method, path, body)
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):  # the server closes connections that were idle
            self.close()
            reader = await self._asked(key, method, path, body)
            head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        return int(head[9:12]), await reader.readexactly(length)

    async def _asked(self, key: str, method: str, path: str, body: object) -> asyncio.StreamReader:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, int(self._port))
        reader, writer = self._streams
        payload = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\nAuthorization: Bearer {key}\r\n"
        writer.write(
            f"{head}Content-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n".encode() + payload
        )
        return reader

    async def follow(self, key: str, task_id: str) -> int:
        """Read an event stream to its end; gives how many events came."""
        reader = await self._asked(key, "GET", f"/v1/tasks/{task_id}/events", None)
        events, text = 0, b""
        while b"\r\n0\r\n" not in text:
            part = await reader.read(65536)
            text = text[-16:] + part
            events += part.count(b"event: task")
            if not part:
                break
        self.close()
        return events

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _crowd(address: str, tasks: list[tuple[str, str]], count: int, figures: Figures) -> None:
    """Half of them poll, half of them follow event streams, for ever; each a task that has not ended, to its end.

    Args:
        tasks: (key, id) of those that were created; those seen to have ended are taken out.
    """

    def ended(task: tuple[str, str]) -> None:
        with contextlib.suppress(ValueError):
            tasks.remove(task)

    async def poll() -> None:
        connection = Connection(address)
        await asyncio.sleep(random.uniform(0, _POLL_EVERY))
        while True:
            if tasks:
                key, task_id = task = random.choice(tasks)
                began = time.perf_counter()
                status, answer = await connection.ask(key, "GET", f"/v1/tasks/{task_id}")
                figures.waits.append(time.perf_counter() - began)
                figures.errors += status != 200
                if b'"status":"completed"' in answer:
                    ended(task)
            await asyncio.sleep(_POLL_EVERY)

    async def follow() -> None:
        while True:
            if tasks:
                task = random.choice(tasks)
                events = await Connection(address).follow(*task)  # others count meanwhile
                figures.events += events
                ended(task)
            await asyncio.sleep(random.uniform(0.5, 1.5))

    async with asyncio.TaskGroup() as group:
        for _ in range(count // 2):
            group.create_task(poll())
            group.create_task(follow())


async def _create(addresses: list[str], keys: list[str], count: int, tasks: list[tuple[str, str]]) -> float:
    """Create tasks round the accounts; gives how many a second."""
    began, left = time.perf_counter(), iter(range(count))

    async def work(number: int) -> None:
        connection = Connection(addresses[number % len(addresses)])
        for index in left:
            key = keys[index % len(keys)]
            status, answer = await connection.ask(key, "POST", "/v1/videos/generations", BODY)
            assert status == 200, answer
            tasks.append((key, json.loads(answer)["id"]))
        connection.close()

    await asyncio.gather(*(work(number) for number in range(_CREATORS)))
    return count / (time.perf_counter() - began)


def _accounts(address: str, count: int) -> list[str]:
    """Keys of as many accounts, without limits that would be met."""
    keys: list[str] = []
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {ADMIN_KEY}"}, timeout=60) as admin:
        limits = dict.fromkeys(
            ("requests_per_minute", "total_requests_per_minute", "max_tasks", "total_max_tasks"), _MOST
        )
        admin.put("/admin/v1/groups/default", json=limits).raise_for_status()
        for number in range(count):
            name = f"account-{number}"
            admin.post("/admin/v1/accounts", json={"name": name, "credits": str(_MOST)}).raise_for_status()
            made = admin.post(f"/admin/v1/accounts/{name}/keys", json={"name": name}).raise_for_status()
            keys.append(made.json()["key"])
    return keys


def _share(values: list[float], share: float) -> float:
    return sorted(values)[int(len(values) * share)] * 1000 if values else float("nan")


async def measure(where: str, *, tasks: int, accounts: int, watchers: int, seconds: float) -> None:
    """One installation: tasks are queued, then made for `seconds`."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="opendance-load-"))
        environment = {
            "OPENDANCE_DATA_DIR": folder,
            "OPENDANCE_ENGINES": "blank",
            "OPENDANCE_LOG_LEVEL": "error",
            "OPENDANCE_ADMIN_KEY": ADMIN_KEY,
            "OPENDANCE_CONCURRENCY": "2",
            "OPENDANCE_DRAIN_SECONDS": "1",
        }
        count, databases = 1, None
        if where != "sqlite":
            postgresql = stack.enter_context(running_postgresql())
            environment["OPENDANCE_DATABASE_URL"] = url = postgresql.new_database()
            databases = (postgresql.process_id, url)
            count = int(where.partition("-")[2] or 1)
        serve = ["serve", "--port", "0", "--no-worker"]

        def started(words: list[str]) -> Process:
            process = Process(words, environment)
            stack.callback(process.stop)
            return process

        servers = [started(serve) for _ in range(count)]
        keys = _accounts(servers[0].address, accounts)
        made: list[tuple[str, str]] = []
        costs_alone, costs_watched, costs_making = (Costs(databases) for _ in range(3))
        async with costs_alone.of(servers):
            alone = await _create([server.address for server in servers], keys, tasks // 2, made)
        empty = servers[0].memory()
        figures = Figures()
        crowds = [asyncio.create_task(_crowd(server.address, made, watchers // count, figures)) for server in servers]
        await asyncio.sleep(5)
        warm = servers[0].memory()
        figures.waits.clear()
        async with costs_watched.of(servers):
            watched = await _create([server.address for server in servers], keys, tasks - tasks // 2, made)
        queued = servers[0].memory()
        creating = figures.waits[:]
        worker: Process | None = None
        if where == "sqlite":  # the same process makes the videos
            for crowd in crowds:
                crowd.cancel()
            await asyncio.gather(*crowds, return_exceptions=True)
            servers[0].stop()
            servers = [started(serve[:-1])]
            crowds = [asyncio.create_task(_crowd(servers[0].address, made, watchers, figures))]
        else:
            worker = await asyncio.to_thread(started, ["worker"])
        headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
        admin = httpx.AsyncClient(base_url=servers[0].address, headers=headers, timeout=60)

        async def completed() -> int:
            answer = await admin.get("/admin/v1/usage", params={"by": "status"})
            rows: list[dict[str, Any]] = answer.raise_for_status().json()["data"]
            return sum(int(row["tasks"]) for row in rows if row["status"] == "completed")

        await asyncio.sleep(_CALM)
        figures.waits.clear()
        events = figures.events
        before, began = await completed(), time.perf_counter()
        async with costs_making.of(servers, worker):
            while (done := await completed()) < tasks and time.perf_counter() - began < seconds:
                await asyncio.sleep(2)
                for crowd in crowds:
                    if crowd.done():
                        crowd.result()
        done -= before
        taken = time.perf_counter() - began
        memory = servers[0].memory()
        for crowd in crowds:
            crowd.cancel()
        await asyncio.gather(*crowds, return_exceptions=True)
        await admin.aclose()
        now = figures.waits
        print(
            f"{where}: {tasks} tasks, {accounts} accounts, {watchers} watchers\n"
            f"  created: {alone:.0f}/s, with the crowd {watched:.0f}/s; {len(creating)} queries meanwhile: "
            f"p50 {_share(creating, 0.5):.0f} ms, p99 {_share(creating, 0.99):.0f} ms\n"
            f"    {costs_alone}; with the crowd {costs_watched}\n"
            f"  made: {done} in {taken:.0f} s, {done / taken:.1f}/s; {len(now)} queries meanwhile: "
            f"p50 {_share(now, 0.5):.0f} ms, p99 {_share(now, 0.99):.0f} ms; "
            f"{figures.events - events} events; {figures.errors} errors\n"
            f"    {costs_making}\n"
            f"  memory of the first API process: {empty:.0f} MB with {tasks // 2} queued, {warm:.0f} MB with the "
            f"crowd, {queued:.0f} MB with {tasks} queued, {memory:.0f} MB after the making",
            flush=True,
        )


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--accounts", type=int, default=200)
    parser.add_argument("--watchers", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=120.0, help="how long videos are made")
    parser.add_argument("--on", nargs="+", default=["sqlite", "postgresql", "postgresql-2"])
    arguments = parser.parse_args()
    for where in arguments.on:
        await measure(
            where,
            tasks=arguments.tasks,
            accounts=arguments.accounts,
            watchers=arguments.watchers,
            seconds=arguments.seconds,
        )


if __name__ == "__main__":
    asyncio.run(main())
