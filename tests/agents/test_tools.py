"""Agents over both transports, as the official client of MCP speaks them; the server is a real one, with test keys."""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunningServer
from tests.files import image_bytes

pytest.importorskip("mcp", reason="mcp comes with the extra dev")

import httpx2
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

TOOLS = {
    "make_video", "look_at_price", "wait_for_video", "list_videos", "cancel_video", "make_again", "upload_file",
}  # fmt: skip
SMALL = {"duration": 4, "quality": "480p", "tier": "mini"}


@pytest.fixture(scope="module")
def key(server: RunningServer) -> str:
    return server.new_account("agents", kind="test")


@asynccontextmanager
async def over_stdio(server: RunningServer, key: str) -> AsyncGenerator[Client]:
    names = ("PYTHONPATH", "PATH", "HOME")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    environment = {**kept, "OPENDANCE_BASE_URL": server.address, "OPENDANCE_API_KEY": key}
    parameters = StdioServerParameters(command=sys.executable, args=["-m", "opendance.cli", "mcp"], env=environment)
    async with Client(stdio_client(parameters)) as client:
        yield client


@asynccontextmanager
async def over_http(server: RunningServer, key: str) -> AsyncGenerator[Client]:
    async with AsyncExitStack() as stack:
        headers = {"Authorization": f"Bearer {key}"}
        http = await stack.enter_async_context(httpx2.AsyncClient(headers=headers, timeout=60))
        transport = streamable_http_client(f"{server.address}/mcp", http_client=http)
        yield await stack.enter_async_context(Client(transport))


TRANSPORTS = pytest.mark.parametrize("over", [over_stdio, over_http], ids=["stdio", "http"])


def said(result: Any) -> dict[str, Any]:
    assert not result.is_error, result.content
    assert json.loads(result.content[0].text) == result.structured_content
    return result.structured_content


@TRANSPORTS
async def test_an_agent_makes_a_video_once_however_often_it_asks(over: Any, server: RunningServer, key: str) -> None:
    told: list[float] = []

    async def progress(share: float, total: float | None, message: str | None) -> None:
        told.append(share)

    async with over(server, key) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == TOOLS
        asked = {"prompt": f"a cat walks, {over.__name__}", **SMALL}
        price = said(await client.call_tool("look_at_price", asked))
        assert price["credits"] == 0
        assert price["plan"]["shots"]
        made = await client.call_tool("make_video", asked, progress_callback=progress)
        video = said(made)
        assert (video["status"], video["sandbox"]) == ("completed", True)
        assert video["video"].startswith("http")
        assert made.content[1].mime_type == "image/webp"
        assert base64.b64decode(made.content[1].data)[8:12] == b"WEBP"
        assert told
        assert said(await client.call_tool("make_video", asked))["task_id"] == video["task_id"]
        another = said(await client.call_tool("make_video", {**asked, "number": 2}))
        assert another["task_id"] != video["task_id"]
        repeated = [
            said(await client.call_tool("make_again", {"task_id": video["task_id"], "duration": 5})) for _ in range(2)
        ]
        assert repeated[0]["task_id"] == repeated[1]["task_id"]
        listed = said(await client.call_tool("list_videos", {"most": 2}))["videos"]
        assert [each["task_id"] for each in listed] == [repeated[0]["task_id"], another["task_id"]]
        ended = await client.call_tool("cancel_video", {"task_id": video["task_id"]})
        assert ended.is_error
        assert "cannot be cancelled" in ended.content[0].text


@TRANSPORTS
async def test_a_video_that_takes_longer_is_waited_for_and_cancelled(
    over: Any, server: RunningServer, key: str
) -> None:
    with server.client(key) as api:
        body = {"model": "seedance-2.0-mini-text-to-video", "prompt": "x", "model_params": {"simulate": "stuck"}}
        task_id = api.post("/v1/videos/generations", json=body).json()["id"]
    async with over(server, key) as client:
        waiting = said(await client.call_tool("wait_for_video", {"task_id": task_id, "wait_seconds": 0}))
        assert "wait_for_video" in waiting["note"]
        assert said(await client.call_tool("cancel_video", {"task_id": task_id}))["task_id"] == task_id


async def test_a_local_file_is_uploaded_once_and_named_by_its_path(
    server: RunningServer, key: str, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(image_bytes(400, 400))
    asked = {"prompt": "image 1 comes alive", "images": [str(photo)], **SMALL}
    ids: list[str] = []
    for _ in range(2):  # the second process knows nothing of the first
        async with over_stdio(server, key) as client:
            ids.append(said(await client.call_tool("make_video", asked))["task_id"])
    assert ids[0] == ids[1]
    async with over_stdio(server, key) as client:
        missing = await client.call_tool("upload_file", {"path": str(tmp_path / "no.png")})
        assert missing.is_error
        assert "cannot be read" in missing.content[0].text


async def test_over_http_no_file_of_the_servers_machine_is_read(server: RunningServer, key: str) -> None:
    async with over_http(server, key) as client:
        for name, asked in (
            ("make_video", {"prompt": "x", "images": ["/etc/hostname"]}),
            ("upload_file", {"path": "/etc/hostname"}),
        ):
            refused = await client.call_tool(name, asked)
            assert refused.is_error
            assert "base64_data" in refused.content[0].text
        data = base64.b64encode(image_bytes(400, 400)).decode()
        url = said(await client.call_tool("upload_file", {"base64_data": data}))["url"]
        assert said(await client.call_tool("make_video", {"prompt": "wind", "images": [url], **SMALL}))["video"]


async def test_each_key_sees_its_own_videos_and_a_wrong_one_none(server: RunningServer, key: str) -> None:
    other = server.new_account("other agents", kind="test")
    async with over_http(server, other) as client:
        assert said(await client.call_tool("list_videos", {}))["videos"] == []
    for headers in ({}, {"Authorization": "Bearer od-wrong"}):
        async with httpx2.AsyncClient(headers=headers) as http:
            answer = await http.post(f"{server.address}/mcp", json={})
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "unauthorized"


async def test_a_refusal_says_what_would_be_right(server: RunningServer, key: str) -> None:
    async with over_http(server, key) as client:
        refused = await client.call_tool("make_video", {"prompt": "image 3 dances", **SMALL})
    assert refused.is_error
    assert "image 3" in refused.content[0].text
