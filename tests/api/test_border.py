"""What holds before a route is reached: keys first, then bodies within their limits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from opendance.api.auth import asks_for, caller, check_operator
from opendance.api.bodies import Bodies
from opendance.errors import NotReady, RateLimitExceeded
from opendance.store.callers import Callers
from opendance.store.keys import Caller
from tests.conftest import RunningServer
from tests.exchange import ADMIN_KEY, Exchange, running_app

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
    "/studio/v1/session": "browsers sign in there, with at most 64 KB",
    "/v1/inputs/{task_id}/{name}": "signed links",
    "/v1/upstream-callbacks/{request_key}": "signed links; the body is not read",
    "/web/api/models/pricing": "prices, which are public",
}


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
            keyed = asks_for(dependant, caller) or asks_for(dependant, check_operator)
            signs_in = (method, path) == ("POST", "/studio/v1/session")
            assert keyed == (path not in PUBLIC or (path.startswith("/studio") and not signs_in)), path
            if not keyed:
                continue
            wrong = key if asks_for(dependant, check_operator) else ADMIN_KEY
            for given in (None, "od-of-nobody", wrong):
                asked = await Exchange(method, re.sub(r"\{.*?\}", "x", path), given).run(app, endless())
                assert (asked.status, asked.read) == (401, 0), (method, path, given)


async def test_over_the_limit_on_bad_keys_nothing_of_a_body_is_read_either(tmp_path: Path) -> None:
    async with running_app(tmp_path, failed_keys_per_minute=1) as (app, _):
        for path, statuses in (("/v1/videos/generations", [401, 429]), ("/admin/v1/accounts", [401, 429])):
            asked = [await Exchange("POST", path, "od-of-nobody").run(app, endless()) for _ in statuses]
            assert [each.status for each in asked] == statuses
            assert [each.read for each in asked] == [0, 0]
            assert int(asked[1].headers["retry-after"]) <= 60


async def test_a_key_is_looked_up_once_for_a_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    of = Callers.of

    async def counted(self: Callers, key: str) -> Caller:
        looked.append(key)
        return await of(self, key)

    monkeypatch.setattr(Callers, "of", counted)
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
                    assert len(asked.body) < 2_000
                    tried += 1
                    if path == "/v1/videos/check":  # which says so in its answer
                        assert not json.loads(asked.body).get("ok"), value
                        continue
                    assert 400 <= asked.status < 500, (path, asked.status, asked.body[:200])
                    assert asked.error["message"]
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


# ── the host ──


async def test_links_are_made_of_a_host_only_where_it_can_be_one(tmp_path: Path) -> None:
    async with running_app(tmp_path) as (app, key):
        for host in ("x", "10.0.0.1:8000", "[::1]:8000", "a_b.example.com", "localhost"):
            assert (await Exchange("GET", "/v1/models", key, host=host).run(app)).status == 200, host
        for host in ("a" * 256, "a/b", "user@host", "a b", "évil", "x:99999999"):
            assert (await Exchange("GET", "/v1/models", key, host=host).run(app)).status == 400, host


async def test_hosts_that_are_not_trusted_are_refused_but_probes_may_ask_by_any(tmp_path: Path) -> None:
    names = {"trusted_hosts": ("api.example.com", "*.internal.example"), "public_url": "https://video.example.com/x"}
    async with running_app(tmp_path, **names) as (app, key):
        for host in ("api.example.com", "API.example.com:8000", "a.internal.example", "video.example.com"):
            assert (await Exchange("GET", "/v1/models", key, host=host).run(app)).status == 200, host
        for host in ("evil.com", "internal.example", "api.example.com.evil.com", "10.0.0.1:8000"):
            asked = await Exchange("GET", "/v1/models", key, host=host).run(app)
            assert (asked.status, asked.error["message"]) == (400, "Host: this server has another name"), host
        for path in ("/healthz", "/metrics", "/admin/v1/accounts"):
            assert (await Exchange("GET", path, ADMIN_KEY, host="10.0.0.1:8000").run(app)).status == 200


async def test_a_slash_too_many_leads_nowhere(tmp_path: Path) -> None:
    async with running_app(tmp_path) as (app, key):
        asked = await Exchange("GET", "/v1/models/", key).run(app)
        assert (asked.status, "location" in asked.headers) == (404, False)


async def test_no_other_page_shows_the_page_where_keys_are_typed_in(tmp_path: Path) -> None:
    async with running_app(tmp_path) as (app, _):
        page = await Exchange("GET", "/docs").run(app)
        assert (page.status, page.headers["x-frame-options"]) == (200, "DENY")


@pytest.mark.parametrize("key", [rb"\ud800", b"\xed\xa0\x80"])
@pytest.mark.parametrize("place", ["/v1/tasks/task-unified-1-aaaaaaaa", "/admin/v1/groups/default"])
def test_half_of_a_pair_of_surrogates_is_told_wherever_a_body_is_read(
    idle: RunningServer, place: str, key: bytes
) -> None:
    admin = place.startswith("/admin")
    with idle.admin() if admin else idle.client() as client:
        answer = client.request(
            "PUT" if admin else "PATCH",
            place,
            content=b'{"title": "a", "' + key + b'": [""]}',
            headers={"Content-Type": "application/json"},
        )
    assert answer.status_code == 400
    assert "surrogates" in answer.json()["error"]["message"]
