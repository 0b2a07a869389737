"""What a connection may cost before a request of it is known."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from opendance import connections
from opendance.connections import BoundedProtocol, Connections


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answers how long the body was; `/early` before it is read."""
    size, more = 0, scope["path"] != "/early"
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    answer = str(size).encode()
    head = [(b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": answer})


@asynccontextmanager
async def serving(counted: Connections | None = None) -> AsyncGenerator[int]:
    """Gives the port."""
    config, state = uvicorn.Config(application, lifespan="off", ws="none"), ServerState()
    counted = counted or Connections(100, 100)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: BoundedProtocol(config=config, server_state=state, app_state={}, counted=counted), "127.0.0.1", 0
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def said(port: int, *parts: bytes, pause: float = 0.0) -> tuple[int, dict[str, Any] | str]:
    """Status and error or text of the answer to what is sent; 0 where the connection just ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        head = await reader.readuntil(b"\r\n\r\n")
        text = await reader.read(4096)
    except (asyncio.IncompleteReadError, ConnectionError):
        return 0, ""
    finally:
        writer.close()
    body = text.decode()
    return int(head[9:12]), json.loads(body)["error"] if body.startswith("{") else body


GET = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"


async def test_a_request_within_the_limits_is_answered() -> None:
    async with serving() as port:
        assert await said(port, GET + b"\r\n") == (200, "0")
        assert await said(port, GET + b"".join(b"a%d: b\r\n" % n for n in range(90)) + b"\r\n") == (200, "0")
        assert await said(
            port, b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\n", b"abc"
        ) == (
            200,
            "3",
        )


@pytest.mark.parametrize(
    "head",
    [
        GET + b"a: " + b"b" * 40_000 + b"\r\n\r\n",
        GET + b"".join(b"a%d: b\r\n" % n for n in range(200)) + b"\r\n",
        b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["one long header", "many headers", "a long path"],
)
async def test_a_head_that_is_too_large_is_told_so(head: bytes) -> None:
    async with serving() as port:
        status, error = await said(port, head)
        assert status == 431
        assert isinstance(error, dict)
        assert error["code"] == "request_head_too_large"


async def test_a_head_that_never_ends_is_read_no_further() -> None:
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET)
        sent = 0
        with contextlib.suppress(ConnectionError):
            while sent < 64 * 2**20:
                writer.write(b"a: b\r\n" * 10_000)
                await writer.drain()
                sent += 60_000
        assert sent < 16 * 2**20  # what the sockets hold
        del reader


@pytest.mark.parametrize("begun", [b"", b"GET / HT", GET + b"a: "])
async def test_who_does_not_send_a_head_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.1)
    async with serving() as port:
        status, error = await said(port, begun)
        assert status == 408
        assert isinstance(error, dict)
        assert error["code"] == "request_timeout"


async def test_the_time_for_a_head_begins_anew_with_each_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
            await reader.readexactly(1)
            await asyncio.sleep(0.2)
        writer.write(b"GET / HTTP/1.1\r\nHos")
        assert (await reader.read(100)).startswith(b"HTTP/1.1 408")
        writer.close()


async def test_a_body_that_drips_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BODY_GRACE", 0.1)
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    async with serving() as port:
        status, error = await said(port, head, b"a")
        assert status == 408
        assert isinstance(error, dict)
        assert "KB/s" in error["message"]
        large = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 400000\r\n\r\n"
        assert await said(port, large, *[b"a" * 100_000] * 4, pause=0.07) == (200, "400000")


async def test_a_body_that_nobody_reads_any_more_ends_the_connection() -> None:
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /early HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        sent = 0
        with contextlib.suppress(ConnectionError):
            while sent < 500:
                writer.write(b"20000\r\n" + b"a" * 0x20000 + b"\r\n")
                await writer.drain()
                sent += 1
        assert sent < 500


async def test_more_connections_than_there_may_be_are_told_to_come_again() -> None:
    counted = Connections(2, 100)
    async with serving(counted) as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        await asyncio.sleep(0.05)
        status, error = await said(port, GET + b"\r\n")
        assert (status, isinstance(error, dict) and error["code"]) in ((503, "service_unavailable"), (0, False))
        for _, writer in held:
            writer.close()
        await asyncio.sleep(0.05)
        assert await said(port, GET + b"\r\n") == (200, "0")


def test_one_public_address_has_its_share_and_proxies_have_no_limit() -> None:
    counted = Connections(100, 2)
    assert [counted.enter("198.51.100.7") is None for _ in range(3)] == [True, True, True]  # for documentation
    assert [counted.enter("8.8.8.8") is None for _ in range(3)] == [True, True, False]
    assert [counted.enter(address) is None for address in ["10.0.0.1"] * 3 + ["::1"] * 3 + [""] * 3] == [True] * 9
    counted.leave("8.8.8.8")
    counted.leave("8.8.8.8")
    assert counted.enter("8.8.8.8") is None
