"""Creations and queries a second against a bare FastAPI route, in one run, on one machine.

The bare application inserts (or reads) one row and does nothing else: no key, no rules, no events, no credits. Ours has
every limit on, of key, account and group, and the ledger. Both run as one uvicorn process with the same SQLite
settings; the load comes from this process, over loopback.

`python -m benchmarks.api [seconds]`
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from opendance.server_file import read_server_file

CONCURRENCY = 16
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


def _bare(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    port = _free_port()
    code = Path(__file__).with_name("bare.py")
    process = subprocess.Popen([sys.executable, str(code), str(port), str(folder / "bare.sqlite3")])
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


def _everything_on(data_dir: Path) -> None:
    """Credits for all that will be created, and a limit of each kind that is checked and never met."""
    most = "100000000"
    for words in (
        ["groups", "set", "default", "--requests-per-minute", most, "--total-requests-per-minute", most],
        ["groups", "set", "default", "--max-tasks", most, "--total-max-tasks", most],
        ["keys", "update", "server.json", "--credit-limit", most, "--requests-per-minute", most, "--max-tasks", most],
        ["credits", "add", "default", most],
    ):
        command = [sys.executable, "-m", "opendance.cli", *words, "--data-dir", str(data_dir)]
        subprocess.run(command, check=True, capture_output=True)


def _memory(process_id: int) -> float:
    """Resident memory, MB."""
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


async def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 4.0
    folder = Path(tempfile.mkdtemp(prefix="opendance-bench-"))
    bare, bare_address = _bare(folder)
    server, address, key = ours(folder)
    headers = {"Authorization": f"Bearer {key}"}
    _everything_on(folder / "data")
    create = "/v1/videos/generations"
    try:
        figures: dict[str, list[float]] = {name: [] for name in ("bare create", "create", "bare query", "query")}
        for _ in range(3):  # interleaved, so that a slow moment of the machine meets all of them
            figures["bare create"].append(await _load(bare_address, {}, "POST", "/rows", seconds, BODY))
            figures["create"].append(await _load(address, headers, "POST", create, seconds, BODY))
            task = (await asyncio.to_thread(httpx.post, address + create, json=BODY, headers=headers)).json()["id"]
            figures["bare query"].append(await _load(bare_address, {}, "GET", "/rows/1", seconds))
            figures["query"].append(await _load(address, headers, "GET", f"/v1/tasks/{task}", seconds))
        for name, values in figures.items():
            print(f"{name:<12} {max(values):7.0f} /s   ({', '.join(f'{v:.0f}' for v in values)})")
        print(f"create / bare: {max(figures['create']) / max(figures['bare create']):.2f} (bar 0.50)")
        print(f"query / bare:  {max(figures['query']) / max(figures['bare query']):.2f} (bar 0.70)")
        before = _memory(server.pid)
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=30) as client:
            for _ in range(100):
                await asyncio.gather(*(client.post(create, json=BODY) for _ in range(100)))
        print(f"memory of the API process: {before:.0f} MB, with 10,000 more tasks queued {_memory(server.pid):.0f} MB")
    finally:
        for process in (bare, server):
            process.terminate()
            process.wait()


if __name__ == "__main__":
    asyncio.run(main())
