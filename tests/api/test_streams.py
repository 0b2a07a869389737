"""Event streams: how many there may be, and what ends them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from fastapi import FastAPI

from opendance.api import tasks
from opendance.api.limits import OpenStreams
from opendance.errors import RateLimitExceeded
from tests.exchange import ADMIN_KEY, Exchange, running_app

PROMPT = {"model": "seedance-2.0-mini-text-to-video", "prompt": "a cat"}


async def a_task(app: FastAPI, key: str) -> str:
    asked = await Exchange("POST", "/v1/videos/generations", key).run(app, iter([json.dumps(PROMPT).encode()]))
    return json.loads(asked.body)["id"]


@pytest.mark.parametrize("ends", ["key", "account"])
async def test_a_stream_ends_with_its_key_and_with_its_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    monkeypatch.setattr(tasks, "_LOOK_AGAIN", 0.05)
    async with running_app(tmp_path) as (app, key):
        path = f"/v1/tasks/{await a_task(app, key)}/events"
        stream = asyncio.create_task(Exchange("GET", path, key).run(app))
        await asyncio.sleep(0.2)
        assert not stream.done()
        if ends == "key":
            await Exchange("DELETE", "/admin/v1/keys/first", ADMIN_KEY).run(app)
        else:
            off = iter([b'{"enabled": false}'])
            await Exchange("PATCH", "/admin/v1/accounts/default", ADMIN_KEY).run(app, off)
        asked = await stream
        assert asked.status == 200
        assert b"pending" in asked.body


async def test_a_change_that_wakes_hundreds_of_streams_leaves_turns_to_everybody_else() -> None:
    streams, looked, most = OpenStreams(1000), 0, 0

    async def look() -> None:
        nonlocal looked
        async with streams.looking():
            looked += 1

    woken = [asyncio.create_task(look()) for _ in range(300)]
    while not all(task.done() for task in woken):
        before = looked
        await asyncio.sleep(0)
        most = max(most, looked - before)
    assert looked == 300
    assert 0 < most <= 4


def test_streams_of_one_account_are_counted_while_they_are_open() -> None:
    streams = OpenStreams(2)
    with streams.one_more("a"):
        with (
            streams.one_more("a"),
            streams.one_more("b"),
            pytest.raises(RateLimitExceeded),
            streams.one_more("a"),
        ):
            pass
        with streams.one_more("a"):
            pass


async def test_a_stream_too_many_is_told_when_to_come_again(tmp_path: Path) -> None:
    async with running_app(tmp_path, event_streams_per_account=1) as (app, key):
        path = f"/v1/tasks/{await a_task(app, key)}/events"
        with app.state.opendance.streams.one_more(await caller_account(app, key)):
            asked = await Exchange("GET", path, key).run(app)
        assert (asked.status, asked.error["code"]) == (429, "rate_limit_exceeded")
        assert int(asked.headers["retry-after"]) > 0


async def caller_account(app: FastAPI, key: str) -> str:
    from opendance.store.keys import authenticate

    async with app.state.opendance.database.read() as connection:
        return (await authenticate(connection, key)).account_id
