"""Every error that the OpenAPI document promises of a route is met there, with its headers; the whole application in
the process of the test.

That a route gives no error that is not promised, schemathesis finds out (`tests/acceptance/test_schema.py`).
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from opendance.api.failed_keys import FailedKeys
from opendance.api.limits import HEADERS, RateLimitState
from opendance.api.readiness import Readiness
from opendance.api.state import ServerState
from opendance.app import create_app
from opendance.catalog import RESULT_LINK_SECONDS
from opendance.errors import ApiError, StorageError
from opendance.settings import Settings
from opendance.storage import UPLOADS, Storage, result_key
from opendance.store.callers import Callers
from opendance.store.database import Database
from opendance.store.deliveries import add_delivery
from opendance.store.reads import TaskReads
from opendance.store.retention import forget_tasks
from opendance.store.tables import Task
from tests.conftest import ADMIN_KEY, body
from tests.operations import BODIES, Operation, operations

pytestmark = pytest.mark.asyncio(loop_scope="module")
IMAGE = "seedance-2.0-mini-image-to-video"
UNKNOWN_TASK = "task-unified-1774857405-abc123de"
OPERATIONS = operations()
PROMISED = [(one.id, code) for one in OPERATIONS.values() for code in one.promised()]


GIF = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
WITH_A_FILE: dict[str, Any] = {
    "createContentGenerationTask": {
        **BODIES["createContentGenerationTask"],
        "content": [{"type": "text", "text": "a cat"}, {"type": "image_url", "image_url": {"url": GIF}}],
    },
    "createVideo": {**BODIES["createVideo"], "input_reference": {"image_url": GIF}},
}


class Broken:
    """A part of the server of which every use fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        raise self._error


@dataclass
class Server:
    """An application, and how to ask it."""

    app: FastAPI
    http: httpx.AsyncClient

    @property
    def state(self) -> ServerState:
        return self.app.state.opendance

    async def ask(self, operation: Operation, *, key: str | None, path: dict[str, str] | None = None, query: dict[str, str] | None = None, json: Any = None, **more: Any) -> httpx.Response:  # fmt: skip
        """Ask with all that is needed in its right form, but for what is given."""
        values = {
            "task_id": UNKNOWN_TASK,
            "account": "nobody",
            "key": "nobody",
            "name": "nobody",
            "file_id": "file-x",
            "delivery_id": "dlv-nobody",
            "model": "nobody",
        }
        url = re.sub(r"\{(\w+)\}", lambda match: (values | (path or {}))[match[1]], operation.path)
        more["headers"] = ({} if key is None else {"Authorization": f"Bearer {key}"}) | more.get("headers", {})
        if operation.has_body and not {"content", "files"} & set(more):
            if operation.id == "uploadFileStream":
                more["files"] = {"file": b"GIF89a"}
            else:
                more["json"] = BODIES.get(operation.id, {}) if json is None else json
        return await self.http.request(operation.method, url, params=query or None, **more)

    async def admin(self, method: str, path: str, **json: Any) -> Any:
        answer = await self.http.request(
            method, f"/admin/v1/{path}", json=json, headers={"Authorization": f"Bearer {ADMIN_KEY}"}
        )
        return answer.raise_for_status().json()

    async def new_key(self, **limits: Any) -> str:
        return (await self.admin("POST", "accounts/default/keys", name="k", **limits))["key"]

    def key_for(self, operation: Operation) -> str:
        return ADMIN_KEY if operation.of_operator else self.key

    key: str = ""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Server]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), work=False, admin_key=ADMIN_KEY)  # pyright: ignore
    app = create_app(settings, on_first_key=lambda key: None)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://t") as http:
        running = Server(app, http)
        running.key = await running.new_key()
        yield running


# ── how each is met ──

Way = Callable[[Server, Operation], Awaitable[httpx.Response]]


async def unauthorized(server: Server, operation: Operation) -> httpx.Response:
    return await server.ask(operation, key=None)


async def rate_limited(server: Server, operation: Operation) -> httpx.Response:
    if operation.of_operator:
        return await guessed(server, operation)
    key = await server.new_key(requests_per_minute=1)
    for _ in range(22):  # reading has ten times the room, and a new minute may begin meanwhile
        answer = await server.ask(operation, key=key)
        if answer.status_code == 429:
            break
    assert set(RateLimitState("key", 1, 0, 60).headers()) == set(HEADERS)
    assert {name.lower() for name in HEADERS} <= set(answer.headers)
    assert set(HEADERS) <= set(operation.responses["429"]["headers"])
    return answer


async def guessed(server: Server, operation: Operation) -> httpx.Response:
    """Over the limit on keys that are not good."""
    whole = server.state
    server.app.state.opendance = replace(whole, failed_keys=FailedKeys(1))
    try:
        assert (await server.ask(operation, key=server.key)).status_code == 401
        return await server.ask(operation, key=ADMIN_KEY)
    finally:
        server.app.state.opendance = whole


async def with_parts(server: Server, operation: Operation, **parts: Any) -> httpx.Response:
    whole = server.state
    server.app.state.opendance = replace(whole, **parts)
    try:
        if operation.id in ("readResult", "readFile"):
            return await server.http.get(link_of(whole, operation, ends=2**33))
        return await server.ask(operation, key=server.key_for(operation), query=query_of(operation))
    finally:
        server.app.state.opendance = whole


def link_of(state: ServerState, operation: Operation, *, ends: float) -> str:
    """A link of this server to something that may be there."""
    if operation.id == "readResult":
        return state.links.result("http://t", key_of(operation), made=ends - RESULT_LINK_SECONDS)
    return state.links.upload("http://t", key_of(operation), ends=ends)


def key_of(operation: Operation) -> str:
    return "x.mp4" if operation.id == "readResult" else f"{UPLOADS}x.png"


def query_of(operation: Operation) -> dict[str, str]:
    return {one["name"]: "1" for one in operation.parameters if one["in"] == "query" and one.get("required")}


async def broken(server: Server, operation: Operation) -> httpx.Response:
    error = RuntimeError("a fault of ours")
    parts = {"storage": Broken(error), "readiness": Broken(error)}
    return await with_parts(server, operation, **on_database(Broken(error)), **parts)


async def away(server: Server, operation: Operation) -> httpx.Response:
    error = OperationalError("SELECT 1", {}, Exception("the database is away"))
    database, storage = cast(Database, Broken(error)), cast(Storage, Broken(StorageError("away")))
    parts = {"storage": storage, "readiness": Readiness(database, storage, {})}
    return await with_parts(server, operation, **on_database(database), **parts)


def on_database(database: Any) -> dict[str, Any]:
    """The parts of a server that ask the database."""
    reads = TaskReads(database, together=False)
    return {"database": database, "callers": Callers(database), "task_reads": reads}


async def too_large(server: Server, operation: Operation) -> httpx.Response:
    headers = {"Content-Length": str(2**40), "Content-Type": "application/json"}
    return await server.ask(operation, key=server.key_for(operation), content=b"{}", headers=headers)


async def invalid(server: Server, operation: Operation) -> httpx.Response:
    key = server.key_for(operation)
    match operation.id:
        case "followTask":
            task = await created(server)
            return await server.ask(operation, key=key, path={"task_id": task}, headers={"Last-Event-ID": "x"})
        case "checkVideo":
            return await server.ask(operation, key=key, content=b"[]", headers={"Content-Type": "application/json"})
        case "revokeOwnKey":
            return await server.ask(operation, key=key, path={"key": "x" * 61})
        case "createVideo":
            return await server.ask(operation, key=key, json={**BODIES[operation.id], "seconds": "99"})
        case "createContentGenerationTask":
            return await server.ask(operation, key=key, json={**BODIES[operation.id], "nonsense": []})
        case "revokeKey":  # of two with one name it is not known which is meant
            for _ in range(2):
                await server.admin("POST", "accounts/default/keys", name="twice")
            return await server.ask(operation, key=key, path={"key": "twice"})
        case "uploadFileStream":
            return await server.ask(operation, key=key, content=b"")
        case "runTaskAgain":  # what it names is not here any more
            link = server.state.links.result("http://t", result_key(await gone(server)), made=time.time())
            path = {"task_id": await failed(server, model=IMAGE, image_urls=[link])}
            return await server.ask(operation, key=key, path=path)
        case "listPrices":
            return await server.ask(operation, key=None, query={"any": "\0"})
        case "checkEngine" | "redeliverOne":
            return await server.ask(operation, key=key, query={"any": "\0"})
        case _ if not operation.has_body and {one["name"] for one in operation.parameters} <= {"task_id"}:
            return await server.ask(operation, key=key, query={"any": "\0"})
        case _:
            long = "x" * 201  # than any name is
            wrong = {one["name"]: "!" for one in operation.parameters if one["in"] == "query" and one["name"] != "ends"}
            wrong |= {"account": long} if "account" in wrong else {}
            path = {
                "name": "NO NAME",
                "account": long,
                "file_id": long,
                "model": long,
                "task_id": await created(server),
            }
            return await server.ask(operation, key=key, path=path, query=wrong, json={"nonsense": []})


async def created(server: Server, **changes: Any) -> str:
    answer = await server.ask(OPERATIONS["createSeedance20VideoGeneration"], key=server.key, json=body(**changes))
    return answer.raise_for_status().json()["id"]


async def no_task_id(server: Server, operation: Operation) -> httpx.Response:
    if operation.id == "verifyVideo":
        return await server.ask(operation, key=server.key, json={"task_id": "x"})
    after = {"after": "x"} if operation.id == "listVideos" else None
    return await server.ask(operation, key=server.key_for(operation), path={"task_id": "x"}, query=after)


async def no_task(server: Server, operation: Operation) -> httpx.Response:
    if operation.id == "verifyVideo":
        return await server.ask(operation, key=server.key)
    headers = {}
    if operation.method == "POST" and "{" not in operation.path:  # a creation, repeated after its task was forgotten
        headers = {"Idempotency-Key": f"forgotten-{operation.id}"}
        first = await server.ask(operation, key=server.key, headers=headers)
        async with server.state.database.write() as connection:
            await forget_tasks(connection, [first.json()["id"]])
    after = {"after": UNKNOWN_TASK} if operation.id == "listVideos" else None
    return await server.ask(operation, key=server.key, headers=headers, query=after)


async def nobody(server: Server, operation: Operation) -> httpx.Response:
    query = {"account": "nobody"} if any(one["name"] == "account" and one["in"] == "query" for one in operation.parameters) else None  # fmt: skip
    if operation.id == "downloadTasks":
        return await server.ask(operation, key=server.key, query={"ids": await created(server)})
    if operation.id == "readFileThumb":
        uploaded = await server.ask(OPERATIONS["uploadFileBase64"], key=server.key)
        no_video = uploaded.raise_for_status().json()["data"]["file_id"]
        return await server.ask(operation, key=server.key, path={"file_id": no_video})
    if operation.id == "verifyVideo":
        return await server.ask(operation, key=server.key, json={"file_id": "file-nobody"})
    if operation.id in (
        "useFrame",
        "useVideo",
        "readTaskResult",
        "readPoster",
        "readStrip",
        "readLastFrame",
        "downloadVideo",
        "remixVideo",
    ):
        return await swept(server, operation)
    if not operation.has_body and not operation.of_operator:
        return await server.ask(operation, key=server.key)
    if operation.id in ("changeOwnKey", "rotateOwnKey"):
        return await server.ask(operation, key=server.key, json={})
    if not operation.of_operator:
        return await server.ask(operation, key=server.key, json={**BODIES[operation.id], "model": "nobody"})
    return await server.ask(operation, key=ADMIN_KEY, query=query)


async def no_file(server: Server, operation: Operation) -> httpx.Response:
    return await server.ask(operation, key=server.key)


async def exists(server: Server, operation: Operation) -> httpx.Response:
    accounts = await server.admin("GET", "accounts")
    if len(accounts["data"]) < 2:
        await server.admin("POST", "accounts", name="second")
    return await server.ask(operation, key=ADMIN_KEY, path={"account": "second"}, json={"name": "default"})


async def ended(server: Server, operation: Operation) -> httpx.Response:
    key, path = server.key_for(operation), {"task_id": await created(server)}
    await server.ask(operation, key=key, path=path)
    return await server.ask(operation, key=key, path=path)


async def failed(server: Server, **changes: Any) -> str:
    task = await created(server, **changes)
    await server.admin("POST", f"tasks/{task}/fail", reason="why")
    return task


async def gone(server: Server) -> str:
    """A task whose video was kept long enough."""
    task = await created(server)
    async with server.state.database.write() as connection:
        await connection.execute(
            update(Task).where(Task.id == task).values(status="completed", swept=1.0, finished=1.0)
        )
    return task


async def in_another_state(server: Server, operation: Operation) -> httpx.Response:
    if not operation.of_operator:
        task = await created(server)
        async with server.state.database.write() as connection:
            await connection.execute(update(Task).where(Task.id == task).values(status="processing"))
        return await server.ask(operation, key=server.key, path={"task_id": task})
    path = {"task_id": await (failed(server) if operation.id == "failTask" else created(server))}
    return await server.ask(operation, key=ADMIN_KEY, path=path)


async def no_callback(server: Server, operation: Operation) -> httpx.Response:
    path = {"task_id": await created(server)}
    if operation.id == "redeliverOne":
        path["delivery_id"] = await delivery_of(server, path["task_id"])
    return await server.ask(operation, key=server.key_for(operation), path=path)


async def on_its_way(server: Server, operation: Operation) -> httpx.Response:
    path = {"task_id": await created(server, callback_url="https://receiver.invalid/hook")}
    (await server.ask(OPERATIONS["cancelTask"], key=server.key, path=path)).raise_for_status()
    if operation.id == "redeliverOne":
        path["delivery_id"] = await delivery_of(server, path["task_id"])
    return await server.ask(operation, key=server.key_for(operation), path=path)


async def delivery_of(server: Server, task_id: str) -> str:
    """A callback of the task."""
    account = (await server.state.callers.of(server.key)).account_id
    async with server.state.database.write() as connection:
        url = "https://receiver.invalid/hook"
        return await add_delivery(connection, account_id=account, task_id=task_id, url=url)


async def elsewhere(server: Server, operation: Operation) -> httpx.Response:
    return await server.ask(operation, key=ADMIN_KEY, path={"name": "previs"})


async def behind_the_end(server: Server, operation: Operation) -> httpx.Response:
    link = link_of(server.state, operation, ends=2**33)
    with tempfile.NamedTemporaryFile() as file:
        await server.state.storage.put(key_of(operation), Path(file.name), content_type="image/png")
    return await server.http.get(link, headers={"Range": "bytes=9-"})


async def another(server: Server, operation: Operation) -> httpx.Response:
    headers, path = {"Idempotency-Key": operation.id}, {"task_id": await created(server)}
    await server.ask(operation, key=server.key, headers=headers, path=path)
    other = {**BODIES[operation.id], "seed": 1} if operation.id in BODIES else body(prompt="another")
    return await server.ask(operation, key=server.key, headers=headers, path=path, json=other)


async def poor(server: Server, operation: Operation) -> httpx.Response:
    if operation.of_operator:
        await server.admin("POST", "accounts", name="poor", credits=1000)
        key = (await server.admin("POST", "accounts/poor/keys", name="k"))["key"]
        creation = OPERATIONS["createSeedance20VideoGeneration"]
        task = (await server.ask(creation, key=key)).raise_for_status().json()["id"]
        await server.admin("POST", f"tasks/{task}/fail", reason="why")
        held = (await server.admin("GET", "accounts/poor"))["balance"]
        await server.admin("POST", "accounts/poor/adjustments", credits=-held, reason="spent")
        return await server.ask(operation, key=ADMIN_KEY, path={"task_id": task})
    path = {"task_id": await (with_result(server) if operation.id == "remixVideo" else created(server))}
    return await server.ask(operation, key=await server.new_key(credit_limit=0), path=path)


async def other_model(server: Server, operation: Operation) -> httpx.Response:
    path = {"task_id": await (with_result(server) if operation.id == "remixVideo" else created(server))}
    return await server.ask(operation, key=await server.new_key(models=["seedance-2.0-text-to-video"]), path=path)


async def no_room(server: Server, operation: Operation) -> httpx.Response:
    await server.admin("PUT", "groups/default", max_files=0)
    try:
        if operation.id in ("useFrame", "useVideo"):
            return await server.ask(operation, key=server.key, path={"task_id": await created(server)})
        return await server.ask(operation, key=server.key, json=WITH_A_FILE.get(operation.id))
    finally:
        await server.admin("PUT", "groups/default", max_files=100)


async def booked_before(server: Server, operation: Operation) -> httpx.Response:
    for credits_ in (1, 2):
        answer = await server.ask(
            operation, key=ADMIN_KEY, path={"account": "default"}, json={"credits": credits_, "reference": "invoice"}
        )
    return answer


async def no_json(server: Server, operation: Operation) -> httpx.Response:
    return await server.ask(operation, key=server.key, content=b"x", headers={"Content-Type": "text/plain"})


async def altered(server: Server, operation: Operation) -> httpx.Response:
    return await server.ask(operation, key=None, path={"key": "x.mp4", "name": "x.png"}, query={"ends": "9999999999", "signature": "x"})  # fmt: skip


async def over(server: Server, operation: Operation) -> httpx.Response:
    return await server.http.get(link_of(server.state, operation, ends=1))


async def unfinished(server: Server, operation: Operation) -> httpx.Response:
    return await server.ask(operation, key=server.key, path={"task_id": await created(server)})


async def nothing_to_keep(server: Server, operation: Operation) -> httpx.Response:
    return await server.ask(operation, key=server.key, path={"task_id": await created(server)}, json={"kept": True})


async def no_room_to_keep(server: Server, operation: Operation) -> httpx.Response:
    task = await created(server)
    async with server.state.database.write() as connection:
        stored = {"status": "completed", "finished": 1.0, "result_key": "x.mp4", "result_bytes": 2**60}
        await connection.execute(update(Task).where(Task.id == task).values(**stored))
    return await server.ask(operation, key=server.key, path={"task_id": task}, json={"kept": True})


async def swept(server: Server, operation: Operation) -> httpx.Response:
    task = await created(server)
    async with server.state.database.write() as connection:
        gone = {"status": "completed", "swept": 1.0, "finished": 1.0}
        await connection.execute(update(Task).where(Task.id == task).values(**gone))
    return await server.ask(operation, key=server.key, path={"task_id": task})


async def with_result(server: Server) -> str:
    task = await created(server)
    async with server.state.database.write() as connection:
        done = {"status": "completed", "finished": time.time(), "result_key": result_key(task), "result_bytes": 1}
        await connection.execute(update(Task).where(Task.id == task).values(**done))
    return task


async def needed(server: Server, operation: Operation) -> httpx.Response:
    """The result is an input of a task that waits, or the task waits itself."""
    if operation.id == "deleteTaskResult":
        return await unfinished(server, operation)
    task = await with_result(server)
    link = server.state.links.result("http://t", result_key(task), made=time.time())
    await created(server, model="seedance-2.0-mini-reference-to-video", video_urls=[link])
    return await server.ask(operation, key=server.key, path={"task_id": task})


async def hidden(server: Server, operation: Operation) -> httpx.Response:
    settings = server.state.settings.model_copy(update={"show_prompts": False})
    whole, path = server.state, {"task_id": await created(server)}
    server.app.state.opendance = replace(whole, settings=settings)
    try:
        return await server.ask(operation, key=ADMIN_KEY, path=path, query={"include": "request"})
    finally:
        server.app.state.opendance = whole


async def no_own_keys(server: Server, operation: Operation) -> httpx.Response:
    await server.admin("PUT", "groups/default", own_keys=False)
    try:
        return await server.ask(operation, key=server.key)
    finally:
        await server.admin("PUT", "groups/default", own_keys=True)


WAYS: dict[str, Way] = {
    "own_keys_denied": no_own_keys,
    "request_hidden": hidden,
    "unauthorized": unauthorized,
    "rate_limit_exceeded": rate_limited,
    "internal_error": broken,
    "service_unavailable": away,
    "request_too_large": too_large,
    "invalid_request": invalid,
    "invalid_task_id": no_task_id,
    "task_not_found": no_task,
    "resource_not_found": nobody,
    "file_not_found": no_file,
    "already_exists": exists,
    "reference_conflict": booked_before,
    "task_not_cancellable": ended,
    "task_state_conflict": in_another_state,
    "task_not_completed": unfinished,
    "kept_room_exceeded": no_room_to_keep,
    "result_not_available": nothing_to_keep,
    "result_in_use": needed,
    "nothing_to_deliver": no_callback,
    "delivery_waits": on_its_way,
    "engine_elsewhere": elsewhere,
    "idempotency_conflict": another,
    "insufficient_quota": poor,
    "model_access_denied": other_model,
    "quota_exceeded": no_room,
    "unsupported_media_type": no_json,
    "link_invalid": altered,
    "link_expired": over,
    "range_not_satisfiable": behind_the_end,
}


@pytest.mark.parametrize(("operation_id", "code"), PROMISED)
async def test_a_promised_error_is_met_with_its_headers(server: Server, operation_id: str, code: str) -> None:
    operation = OPERATIONS[operation_id]
    answer = await WAYS[code](server, operation)
    status, example = operation.promised()[code]
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, example["error"]["code"]), answer.text
    assert answer.json().keys() == example.keys()
    (kind,) = [kind for kind in ApiError.__subclasses__() if kind.code == code]
    assert {"X-Request-Id", *kind.headers} <= set(operation.responses[str(status)]["headers"])
    assert {name.lower() for name in ("X-Request-Id", *kind.headers)} <= set(answer.headers)


async def test_every_route_but_the_one_that_cannot_fail_promises_that_the_server_may() -> None:
    without = {
        one.id for one in OPERATIONS.values() if not {"internal_error", "service_unavailable"} <= set(one.promised())
    }
    assert without == {"isAlive", "listPrices"}
    keyed = {one.id for one in OPERATIONS.values() if "rate_limit_exceeded" in one.promised()}
    free = {"isAlive", "isReady", "readResult", "readFile", "listPrices"}
    assert keyed == OPERATIONS.keys() - free
