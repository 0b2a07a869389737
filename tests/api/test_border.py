"""What holds before a route is reached: keys first, then bodies within their limits."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from opendance.api.auth import asks_for, caller, operator
from opendance.api.bodies import Bodies
from opendance.app import create_app, running
from opendance.errors import NotReady, RateLimitExceeded
from opendance.settings import Settings

ADMIN_KEY = "od-admin-of-the-border-tests"
# Routes that need no key, and why they do not.
PUBLIC = {
    "/docs": "the page for people",
    "/docs/oauth2-redirect": "belongs to it",
    "/openapi.json": "describes the API",
    "/healthz": "says that the process lives",
    "/readyz": "says that it can work",
    "/metrics": "looks at the admin key itself, unless a setting says otherwise",
    "/v1/results/{key}": "signed links",
    "/api/v1/files/content/{name}": "signed links",
    "/v1/inputs/{task_id}/{name}": "signed links",
    "/v1/upstream-callbacks/{errand}": "signed links; the body is not read",
}


@asynccontextmanager
async def running_app(folder: Path, **settings: Any) -> AsyncGenerator[tuple[FastAPI, str]]:
    """The application with all that works behind it, and a key."""
    keys: list[str] = []
    given = Settings(data_dir=folder, admin_key=ADMIN_KEY, work=False, engines=("blank",), **settings)  # type: ignore[arg-type]
    app = create_app(given)
    async with running(given, keys.append) as state:
        app.state.opendance = state
        await asyncio.sleep(0)  # what runs behind has begun, so that it can end
        yield app, keys[0]


class Exchange:
    """One request, told to the application as a server would, and its answer."""

    def __init__(self, method: str, path: str, key: str | None = None, **headers: str) -> None:
        self.status, self.headers, self.body, self.read = 0, dict[str, str](), b"", 0
        path, _, query = path.partition("?")
        given = {"host": "x", "content-type": "application/json"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            given["authorization"] = f"Bearer {key}"
        self._scope: dict[str, Any] = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": method,
            "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
            "client": ("203.0.113.7", 1), "server": ("x", 80), "state": {},
        }  # fmt: skip

    async def run(self, app: FastAPI, chunks: Iterator[bytes] | None = None) -> Exchange:
        async def receive() -> dict[str, Any]:
            chunk = None if chunks is None else next(chunks, None)
            self.read += len(chunk or b"")
            return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            else:
                self.body += message.get("body", b"")

        await app(self._scope, receive, send)  # type: ignore[arg-type]
        return self

    @property
    def error(self) -> dict[str, str]:
        return json.loads(self.body)["error"]


def endless() -> Iterator[bytes]:
    while True:
        yield b"[" * 65_536


def routes_of(app: FastAPI) -> list[tuple[str, str, Any]]:
    """Method, path and what it depends on, of each route of ours."""
    found: list[tuple[str, str, Any]] = []
    for context in iter_route_contexts(app.routes):
        dependant = getattr(context.original_route, "dependant", None)
        if dependant is not None:  # not the pages of the documentation
            found += [(method, str(context.path), dependant) for method in sorted(context.methods or ())]
    return found


async def test_a_body_without_end_gets_its_401_before_a_byte_is_read_on_every_route(tmp_path: Path) -> None:
    async with running_app(tmp_path) as (app, key):
        routes = routes_of(app)
        assert len(routes) > 40
        for method, path, dependant in routes:
            keyed = asks_for(dependant, caller) or asks_for(dependant, operator)
            assert keyed == (path not in PUBLIC), path
            if not keyed:
                continue
            wrong = key if asks_for(dependant, operator) else ADMIN_KEY
            for given in (None, "od-of-nobody", wrong):
                asked = await Exchange(method, re.sub(r"\{.*?\}", "x", path), given).run(app, endless())
                assert (asked.status, asked.read) == (401, 0), (method, path, given)


async def test_a_key_is_looked_up_once_for_a_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from opendance.api import auth

    looked: list[str] = []
    authenticate = auth.authenticate

    async def counted(connection: Any, key: str) -> Any:
        looked.append(key)
        return await authenticate(connection, key)

    monkeypatch.setattr(auth, "authenticate", counted)
    async with running_app(tmp_path) as (app, key):
        assert (await Exchange("GET", "/v1/tasks", key).run(app)).status == 200
    assert looked == [key]


@pytest.mark.rule("EP-03")
async def test_no_route_reads_more_than_it_needs(tmp_path: Path) -> None:
    routes = {
        "/admin/v1/accounts": 64 << 10,
        "/api/v1/files/upload/url": 64 << 10,
        "/v1/videos/generations": 64 << 20,
        "/api/v3/contents/generations/tasks": 64 << 20,
        "/api/v1/files/upload/base64": 64 << 20,
        "/api/v1/files/upload/stream": 101 << 20,
    }
    async with running_app(tmp_path) as (app, key):
        for path, most in routes.items():
            given = ADMIN_KEY if path.startswith("/admin") else key
            kind = "multipart/form-data; boundary=x" if path.endswith("stream") else "application/json"
            head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
            body = iter([head, *[b"x" * (1 << 20)] * 200]) if path.endswith("stream") else endless()
            asked = await Exchange("POST", path, given, content_type=kind).run(app, body)
            said = f"{most >> 20} MB" if most >> 20 else f"{most >> 10} KB"
            assert asked.status == 413, asked.body
            assert said in asked.error["message"]
            assert asked.read <= most + (1 << 20)
            declared = await Exchange("POST", path, given, content_length=str(most + 1)).run(app, endless())
            assert (declared.status, declared.read) == (413, 0)


def test_bodies_of_one_account_leave_room_for_others() -> None:
    bodies = Bodies(in_all=300, of_account=200)
    bodies.take("a", 200)
    with pytest.raises(RateLimitExceeded):
        bodies.take("a", 1)
    bodies.release("a", 1)
    bodies.take("b", 100)
    with pytest.raises(NotReady):
        bodies.take("b", 1)
    bodies.release("b", 101)
    bodies.release("a", 200)
    assert bodies.taken == 0


async def test_what_a_body_took_is_free_again_whatever_became_of_the_request(tmp_path: Path) -> None:
    async with running_app(tmp_path) as (app, key):
        layer: Any = app.middleware_stack or app.build_middleware_stack()
        while type(layer).__name__ != "Border":
            layer = layer.app
        for path in (
            "/v1/videos/generations",
            "/api/v1/files/upload/base64",
            "/api/v1/files/upload/url",
            "/v1/nothing",
        ):
            await Exchange("POST", path, key).run(app, iter([b'{"a": ', b'"' + b"x" * 100_000 + b'"}']))
        assert layer._bodies.taken == 0  # pyright: ignore[reportPrivateUsage]


# ── lengths ──


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return resolved(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            return {**resolved(document, choice), **{name: value for name, value in schema.items() if name != "anyOf"}}
    return schema


def least(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    """A value with nothing that may be left out."""
    schema = resolved(document, schema)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: least(document, schema["properties"][name]) for name in schema.get("required", ())}
        case "array":
            return [least(document, schema["items"])]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case _:
            return "a"


def with_a_long_string(document: dict[str, Any], schema: dict[str, Any], long: str) -> Iterator[Any]:
    """Values with one string that is too long, at each place where there may be one."""
    schema = resolved(document, schema)
    match schema.get("type"):
        case "object":
            for name, field in schema.get("properties", {}).items():
                for value in with_a_long_string(document, field, long):
                    yield {**least(document, schema), name: value}
        case "array":
            for value in with_a_long_string(document, schema["items"], long):
                yield [value]
            yield [least(document, schema["items"])] * 10_000
        case "string":
            yield long
        case _:
            pass


async def test_a_string_of_a_megabyte_is_refused_in_each_field_of_each_route(tmp_path: Path) -> None:
    async with running_app(tmp_path) as (app, key):
        document = app.openapi()
        tried = 0
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                body = operation.get("requestBody", {}).get("content", {}).get("application/json")
                if body is None:
                    continue
                given = ADMIN_KEY if path.startswith("/admin") else key
                for value in with_a_long_string(document, body["schema"], "a" * 2**20):
                    asked = Exchange(method.upper(), re.sub(r"\{.*?\}", "x", path), given)
                    await asked.run(app, iter([json.dumps(value).encode()]))
                    assert 400 <= asked.status < 500, (path, asked.status, asked.body[:200])
                    assert len(asked.body) < 2_000
                    assert asked.error["message"]
                    tried += 1
        assert tried > 40


@pytest.mark.parametrize(
    "path", ["/v1/tasks/{}", "/v1/tasks?cursor={}", "/v1/usage?by={}", "/v1/{}", "/api/v1/files/{}"]
)
async def test_what_a_path_or_a_query_says_is_not_said_again_at_any_length(tmp_path: Path, path: str) -> None:
    async with running_app(tmp_path) as (app, key):
        for method in ("GET", "POST", "DELETE"):
            asked = await Exchange(method, path.format("a" * 60_000), key).run(app)
            assert 400 <= asked.status < 500
            assert len(asked.body) < 2_000
