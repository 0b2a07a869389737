"""Creations and queries a second against a bare FastAPI route, in one run, on one machine, on each database.

The bare application inserts (or reads) one row and does nothing else: no key, no rules, no events, no credits. Ours has
every limit on, of key, account and group, and the ledger. Both run as one uvicorn process, on the same PostgreSQL
server or with the same SQLite settings; the load comes from this process, over loopback. Rounds are interleaved, so
that a slow moment of the machine meets all of them, and compared pair by pair: the ratio is the median of the pairs.
CPU is what one request costs the process, and the database beside it: it says the same on a busy machine.

`python -m benchmarks.api [--seconds 4] [--rounds 5] [--on sqlite postgresql]`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import httpx
from tests.databases import running_postgresql

from opendance.server_file import read_server_file

CONCURRENCY = 16
BARS = {"sqlite": {"create": 0.60, "query": 1.00}, "postgresql": {"create": 0.35, "query": 0.70}}
"""What ours should reach of the bare application's requests a second."""
BODY = {"model": "seedance-2.0-image-to-video", "prompt": "a cat", "image_urls": ["https://example.com/a.png"]}


async def _load(
    address: str, headers: dict[str, str], method: str, path: str, seconds: float, body: object = None
) -> float:
    """Requests a second, by a client that costs next to nothing: the same bytes again and again on open connections."""
    host, _, port = address.removeprefix("http://").partition(":")
    payload = b"" if body is None else json.dumps(body).encode()
    head = [f"{method} {path} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in headers.items())]
    head += ["Content-Type: application/json", f"Content-Length: {len(payload)}", "", ""]
    request = "\r\n".join(head).encode() + payload
    done = 0
    ends = time.monotonic() + seconds

    async def work() -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection(host, int(port))
        while time.monotonic() < ends:
            writer.write(request)
            answer = await reader.readuntil(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 200"), answer
            length = int(answer.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            done += 1
        writer.close()

    await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
    return done / seconds


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _bare(place: str) -> tuple[subprocess.Popen[bytes], str]:
    port = _free_port()
    code = Path(__file__).with_name("bare.py")
    process = subprocess.Popen([sys.executable, str(code), str(port), place])
    address = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            httpx.get(address + "/rows/1")
            break
        except httpx.TransportError:
            time.sleep(0.05)
    return process, address


def ours(folder: Path, **environment: str) -> tuple[subprocess.Popen[bytes], str, str]:
    """A server of ours in that folder, its address and a key."""
    command = [sys.executable, "-m", "opendance.cli", "serve", "--port", "0", "--data-dir", str(folder / "data")]
    # No worker competes for the cores: what is measured is the way in.
    settings = {"OPENDANCE_LOG_LEVEL": "error", "OPENDANCE_WORK": "false", **environment}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **settings})
    while (server := read_server_file(folder / "data")) is None:
        time.sleep(0.05)
    return process, server.address, server.key


def _everything_on(data_dir: Path, environment: dict[str, str]) -> None:
    """Credits for all that will be created, and a limit of each kind that is checked and never met."""
    most = "100000000"
    for words in (
        ["groups", "set", "default", "--requests-per-minute", most, "--total-requests-per-minute", most],
        ["groups", "set", "default", "--max-tasks", most, "--total-max-tasks", most],
        ["keys", "update", "server.json", "--credit-limit", most, "--requests-per-minute", most, "--max-tasks", most],
        ["credits", "add", "default", most],
    ):
        command = [sys.executable, "-m", "opendance.cli", *words, "--data-dir", str(data_dir)]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment})


def _memory(process_id: int) -> float:
    """Resident memory, MB."""
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def cpu_of(process_ids: Iterable[int]) -> float:
    """What these processes have used, s."""
    ticks = 0
    for process_id in process_ids:
        try:
            fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:  # it has ended
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def children_of(process_id: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()]


@dataclass
class Figure:
    """What was measured of one route of one application, a value for each round.

    Attributes:
        rates: requests a second.
        own, databases: CPU that a request took, ms: of the process, and of PostgreSQL.
    """

    rates: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    databases: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        beside = f" + {median(self.databases):.2f} of PostgreSQL" if any(self.databases) else ""
        rounds = ", ".join(f"{rate:.0f}" for rate in self.rates)
        return f"{median(self.rates):7.0f} /s, {median(self.own):.2f} ms of CPU{beside}   ({rounds})"


async def measure(kind: str, *, seconds: float, rounds: int, queued: int) -> None:
    """Both applications on one kind of database.

    Args:
        seconds: of each round, of each route.
        queued: tasks that are created in the end, to see what memory they take.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="opendance-bench-")))
        environment: dict[str, str] = {}
        place, postmaster = str(folder / "bare.sqlite3"), None
        if kind == "postgresql":
            postgresql = stack.enter_context(running_postgresql())
            environment["OPENDANCE_DATABASE_URL"] = postgresql.new_database()
            place, postmaster = postgresql.empty_database(), postgresql.process_id
        bare, bare_address = _bare(place)
        stack.callback(bare.wait)
        stack.callback(bare.terminate)
        server, address, key = ours(folder, **environment)
        stack.callback(server.wait)
        stack.callback(server.terminate)
        _everything_on(folder / "data", environment)
        headers, create = {"Authorization": f"Bearer {key}"}, "/v1/videos/generations"
        figures = {name: Figure() for name in ("bare create", "create", "bare query", "query")}

        async def load(name: str, process: subprocess.Popen[bytes], *request: object) -> None:
            database = [] if postmaster is None else children_of(postmaster)
            before = cpu_of([process.pid]), cpu_of(database)
            rate = await _load(*request)  # pyright: ignore[reportArgumentType]
            figures[name].rates.append(rate)
            for values, ids, used in (
                (figures[name].own, [process.pid], before[0]),
                (figures[name].databases, database, before[1]),
            ):
                values.append((cpu_of(ids) - used) / (rate * seconds) * 1000)

        for _ in range(rounds):
            await load("bare create", bare, bare_address, {}, "POST", "/rows", seconds, BODY)
            await load("create", server, address, headers, "POST", create, seconds, BODY)
            task = (await asyncio.to_thread(httpx.post, address + create, json=BODY, headers=headers)).json()["id"]
            await load("bare query", bare, bare_address, {}, "GET", "/rows/1", seconds)
            await load("query", server, address, headers, "GET", f"/v1/tasks/{task}", seconds)
        print(kind)
        for name, figure in figures.items():
            print(f"  {name:<12} {figure}")
        for route, bar in BARS[kind].items():
            pairs = zip(figures[route].rates, figures[f"bare {route}"].rates, strict=True)
            ratios = sorted(ours / bare for ours, bare in pairs)
            print(f"  {route} / bare: {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}; bar {bar:.2f})")
        before = _memory(server.pid)
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=30) as client:
            for _ in range(queued // 100):
                await asyncio.gather(*(client.post(create, json=BODY) for _ in range(100)))
        if queued:
            print(
                f"  memory of the API process: {before:.0f} MB, with {queued} more queued {_memory(server.pid):.0f} MB"
            )


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each round, of each route")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--queued", type=int, default=10_000, help="tasks whose memory is looked at in the end")
    parser.add_argument("--on", nargs="+", choices=BARS, default=list(BARS))
    given = parser.parse_args()
    for kind in given.on:
        await measure(kind, seconds=given.seconds, rounds=given.rounds, queued=given.queued)


if __name__ == "__main__":
    asyncio.run(main())
