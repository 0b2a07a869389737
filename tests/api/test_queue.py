"""The queue as an account sees it, moving and cancelling in it, and the stream of all that changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from opendance.api import events as stream
from opendance.api.auth import Credential
from opendance.api.state import ServerState
from tests.conftest import body
from tests.exchange import ADMIN_KEY, Exchange, running_app

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[tuple[FastAPI, str]]:
    async with running_app(tmp_path_factory.mktemp("data")) as (app, key):
        yield app, key


async def ask(app: FastAPI, key: str, method: str, path: str, **fields: Any) -> dict[str, Any]:
    done = await Exchange(method, path, key).run(app, iter([json.dumps(fields).encode()]))
    return {"status_": done.status, **json.loads(done.body)}


async def account(app: FastAPI, name: str) -> str:
    await ask(app, ADMIN_KEY, "POST", "/admin/v1/accounts", name=name, credits=100_000)
    return (await ask(app, ADMIN_KEY, "POST", f"/admin/v1/accounts/{name}/keys", name=name))["key"]


async def created(app: FastAPI, key: str, number: int = 1, **fields: Any) -> list[str]:
    return [(await ask(app, key, "POST", "/v1/videos/generations", **body(**fields)))["id"] for _ in range(number)]


async def own(app: FastAPI, key: str) -> list[str]:
    return [each["task"]["id"] for each in (await ask(app, key, "GET", "/v1/queue"))["own"]]


async def test_one_account_moves_its_own_and_nobody_elses_turns_change(here: tuple[FastAPI, str]) -> None:
    app, _ = here
    mine, theirs = await account(app, "mine"), await account(app, "theirs")
    ids: list[str] = []
    for _ in range(5):  # as both ask side by side
        ids += await created(app, mine)
        await created(app, theirs)
    before = await ask(app, theirs, "GET", "/v1/queue")
    assert await own(app, mine) == ids
    after = await ask(app, mine, "POST", f"/v1/tasks/{ids[4]}/move", to="first")
    assert [each["task"]["id"] for each in after["own"]] == [ids[4], *ids[:4]]
    assert [each["place"] for each in after["own"]] == [1, 2, 3, 4, 5]
    others = await ask(app, theirs, "GET", "/v1/queue")
    # Where turns are equal the older task goes first, so that of another account may come sooner, and never later.
    pairs = zip(others["own"], before["own"], strict=True)
    assert all(now["ahead"] <= then["ahead"] for now, then in pairs)
    assert [each["ahead"] for each in others["own"]][1:] == [each["ahead"] for each in before["own"]][1:]
    await ask(app, mine, "POST", f"/v1/tasks/{ids[0]}/move", to="last")
    await ask(app, mine, "POST", f"/v1/tasks/{ids[3]}/move", to="up")
    await ask(app, mine, "POST", f"/v1/tasks/{ids[4]}/move", before=ids[0])
    assert await own(app, mine) == [ids[1], ids[3], ids[2], ids[4], ids[0]]
    [lane] = [each for each in after["lanes"] if each["waiting"]]
    assert (lane["others_waiting"], lane["waiting"]) == (5, 10)
    assert (await ask(app, theirs, "POST", f"/v1/tasks/{ids[0]}/move", to="first"))["status_"] == 404
    assert (await ask(app, mine, "POST", f"/v1/tasks/{ids[0]}/move", before=ids[0]))["status_"] == 400


async def test_all_that_waits_is_cancelled_at_once_and_each_is_told(here: tuple[FastAPI, str]) -> None:
    app, _ = here
    key, other = await account(app, "many"), await account(app, "other")
    ids, strange = await created(app, key, 3), await created(app, other)
    first = await ask(app, key, "POST", "/v1/tasks/cancel", task_ids=[ids[0], ids[0], strange[0], "nonsense"])
    assert [(each["cancelled"], (each["error"] or {}).get("code")) for each in first["data"]] == [
        (True, None),
        (False, "task_not_found"),
        (False, "task_not_found"),
    ]
    rest = await ask(app, key, "POST", "/v1/tasks/cancel", waiting=True)
    assert [(each["id"], each["status"]) for each in rest["data"]] == [(each, "cancelled") for each in ids[1:]]
    again = await ask(app, key, "POST", "/v1/tasks/cancel", task_ids=ids[:1])
    assert again["data"][0]["error"]["code"] == "task_not_cancellable"
    assert (await ask(app, key, "POST", f"/v1/tasks/{ids[0]}/move", to="first"))["status_"] == 409
    assert await own(app, other) == strange
    assert (await ask(app, key, "POST", "/v1/tasks/cancel"))["status_"] == 400


async def test_a_check_tells_what_a_new_task_would_wait_for(here: tuple[FastAPI, str]) -> None:
    app, _ = here
    key = await account(app, "next")
    await created(app, key, 2)
    checked = await ask(app, key, "POST", "/v1/videos/check", **body())
    assert checked["queue"]["ahead"] >= 2


async def told(state: ServerState, key: str, after: float | None = None) -> AsyncIterator[tuple[str, Any, int]]:
    caller = await state.callers.of(key)
    async for event in stream._events(state, Credential(key), caller.account_id, after):
        yield str(event.event), json.loads(str(event.data)), int(str(event.id))


async def next_of(events: AsyncIterator[tuple[str, Any, int]], name: str) -> tuple[Any, int]:
    async for event, data, number in events:
        if event == name:
            return data, number
    raise AssertionError(f"no {name} came")


async def test_a_stream_tells_cards_numbers_and_goes_on_where_it_was(here: tuple[FastAPI, str]) -> None:
    app, _ = here
    key, state = await account(app, "followed"), app.state.opendance
    [old] = await created(app, key)
    events = told(state, key)
    assert (await anext(events))[0] == "hello"
    queue, _ = await next_of(events, "queue")
    assert (queue["waiting"], queue["making"]) == (1, 0)
    [new] = await created(app, key)
    card, number = await next_of(events, "task")
    assert (card["id"], card["status"], card["prompt"]) == (new, "pending", body()["prompt"])
    await ask(app, key, "PATCH", f"/v1/tasks/{old}", title="a title")
    card, later = await next_of(events, "task")
    assert (card["id"], card["title"]) == (old, "a title")
    assert later > number
    await ask(app, key, "POST", f"/v1/tasks/{new}/cancel")
    credits_, _ = await next_of(events, "credits")
    assert credits_["live_tasks"] == 1
    resumed = told(state, key, after=number / 1e6)
    assert [(await anext(resumed))[0] for _ in range(4)].count("reset") == 0
    others = told(state, await account(app, "elsewhere"), after=number / 1e6)
    assert [(await anext(others))[0] for _ in range(4)] == ["hello", "files", "credits", "queue"]
    gone = told(state, key, after=1.0)
    assert [(await anext(gone))[0] for _ in range(2)] == ["hello", "reset"]


async def test_a_stream_begins_with_what_is_new_and_nothing_from_before(here: tuple[FastAPI, str]) -> None:
    app, _ = here
    key, state = await account(app, "late"), app.state.opendance
    await created(app, key, 3)
    events = told(state, key)
    assert [(await anext(events))[0] for _ in range(4)] == ["hello", "files", "credits", "queue"]


async def test_what_committed_late_is_told_though_newer_changes_were_told_before(here: tuple[FastAPI, str]) -> None:
    app, _ = here
    key, state = await account(app, "clocks"), app.state.opendance
    events = told(state, key)
    for _ in range(4):
        await anext(events)
    first, second = await created(app, key, 2)
    seen = {(await next_of(events, "task"))[0]["id"] for _ in range(2)}
    assert seen == {first, second}
    async with state.database.write() as connection:
        from sqlalchemy import text

        await connection.execute(
            text("UPDATE tasks SET updated = updated - 2, progress = 7 WHERE id = :id"), {"id": first}
        )
    state.changes.tell((await state.callers.of(key)).account_id)
    card, _ = await next_of(events, "task")
    assert (card["id"], card["progress"]) == (first, 7)


async def test_a_stream_ends_with_its_key_and_counts_as_open(here: tuple[FastAPI, str]) -> None:
    app, _ = here
    key, state = await account(app, "ending"), app.state.opendance
    events = told(state, key)
    for _ in range(4):
        await anext(events)
    keys = (await ask(app, key, "GET", "/v1/keys"))["data"]
    await ask(app, key, "DELETE", f"/v1/keys/{keys[0]['id']}")
    state.changes.tell(keys[0]["account_id"])
    with pytest.raises(StopAsyncIteration):
        async with asyncio.timeout(30):
            await anext(events)


async def test_an_id_that_is_none_is_refused(here: tuple[FastAPI, str]) -> None:
    app, key = here
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as http:
        headers = {"Authorization": f"Bearer {key}"}
        assert (await http.get("/v1/events", headers={**headers, "Last-Event-ID": "x"})).status_code == 400
        assert (await http.get("/v1/events?last_event_id=%C2%B2", headers=headers)).status_code == 400


async def test_many_are_marked_and_tagged_at_once_and_each_is_told(here: tuple[FastAPI, str]) -> None:
    app, _ = here
    key, other = await account(app, "marks"), await account(app, "strangers")
    ids, strange = await created(app, key, 2), await created(app, other)
    await ask(app, key, "PATCH", f"/v1/tasks/{ids[0]}", tags=["a", "b"])
    changes = {"favourite": True, "add_tags": ["c"], "remove_tags": ["A"]}
    done = await ask(app, key, "POST", "/v1/tasks/actions", task_ids=[*ids, strange[0]], changes=changes)
    assert [(each["changed"], (each["error"] or {}).get("code")) for each in done["data"]] == [
        (True, None),
        (True, None),
        (False, "task_not_found"),
    ]
    cards = {card["id"]: card for card in (await ask(app, key, "GET", "/v1/tasks?include=card"))["data"]}
    assert [(cards[task]["favourite"], cards[task]["tags"]) for task in ids] == [(True, ["b", "c"]), (True, ["c"])]
    kept = await ask(app, key, "POST", "/v1/tasks/actions", task_ids=ids[:1], changes={"kept": True})
    assert kept["data"][0]["error"]["code"] == "result_not_available"
    assert not (await ask(app, other, "GET", f"/v1/tasks/{strange[0]}?include=card"))["favourite"]
