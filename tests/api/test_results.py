"""Files behind links: parts of them, and spellings of the links."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastapi import FastAPI

from opendance.storage import UPLOADS
from tests.exchange import ADMIN_KEY, Exchange, running_app


async def a_link(app: FastAPI, folder: Path) -> str:
    state = app.state.opendance
    (folder / "source").write_bytes(bytes(1000))
    await state.storage.put(f"{UPLOADS}a.png", folder / "source", content_type="image/png")
    return state.links.upload("http://x", f"{UPLOADS}a.png", ends=4_000_000_000).removeprefix("http://x")


async def test_only_a_range_behind_the_end_is_an_error(tmp_path: Path) -> None:
    async with running_app(tmp_path) as (app, _):
        link = await a_link(app, tmp_path)
        part = await Exchange("GET", link, range="bytes=10-19").run(app)
        assert (part.status, len(part.body), part.headers["content-range"]) == (206, 10, "bytes 10-19/1000")
        for ignored in (
            "bytes=5-1",
            "bytes=x",
            "lines=1-2",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=1-2,x",
            "bytes=１-２",
            "",
        ):
            asked = await Exchange("GET", link, range=ignored).run(app)  # RFC 9110, 14.2
            assert (asked.status, len(asked.body)) == (200, 1000), ignored
        for behind in ("bytes=1000-", "bytes=-0", "bytes=2000-3000, 1000-"):
            asked = await Exchange("GET", link, range=behind).run(app)
            assert (asked.status, asked.error["code"]) == (416, "range_not_satisfiable"), behind
            assert asked.headers["content-range"] == "bytes */1000"
        for partly, size in (
            ("bytes=990-2000", 10),
            ("bytes=0-0, 5000-", 1),
            ("BYTES = 0-1", 2),
            ("bytes=-5000", 1000),
        ):
            asked = await Exchange("GET", link, range=partly).run(app)
            assert (asked.status, len(asked.body)) == (206, size), partly
        documented = app.openapi()["paths"]["/api/v1/files/content/{name}"]["get"]["responses"]
        assert {"206", "400", "416"} <= set(documented)


@pytest.mark.parametrize("spelled", ["04000000000", "+4000000000", "4000000000.0", "4_000_000_000"])
async def test_a_link_has_one_spelling(tmp_path: Path, spelled: str) -> None:
    async with running_app(tmp_path) as (app, _):
        link = await a_link(app, tmp_path)
        assert (await Exchange("GET", link).run(app)).status == 200
        assert (await Exchange("GET", link.replace("ends=4000000000", f"ends={spelled}")).run(app)).status == 403


async def test_answers_with_a_secret_are_stored_nowhere(tmp_path: Path) -> None:
    async with running_app(tmp_path) as (app, key):
        for method, path, given, body in (
            ("GET", "/v1/callbacks/secret", key, b""),
            ("POST", "/v1/callbacks/secret/rotate", key, b""),
            ("POST", "/admin/v1/accounts/default/keys", ADMIN_KEY, b'{"name": "n"}'),
            ("POST", "/admin/v1/keys/n/rotate", ADMIN_KEY, b"{}"),
        ):
            asked = await Exchange(method, path, given).run(app, iter([body]))
            assert (asked.status, asked.headers["cache-control"]) == (200, "no-store"), path


async def test_a_name_has_no_character_that_no_database_keeps(tmp_path: Path) -> None:
    async with running_app(tmp_path) as (app, _):
        for path, wanted in (
            ("/admin/v1/accounts", {"name": "a\x00b"}),
            ("/admin/v1/accounts/default/topups", {"credits": 1, "reason": "a\x00"}),
            ("/admin/v1/accounts/default/topups", {"credits": 1, "reference": "\x00a"}),
            ("/admin/v1/accounts/default/keys", {"name": "\x00"}),
        ):
            asked = await Exchange("POST", path, ADMIN_KEY).run(app, iter([json.dumps(wanted).encode()]))
            assert (asked.status, asked.error["code"]) == (400, "invalid_request")
        for path in ("/admin/v1/accounts/a%00b", "/admin/v1/keys?account=a%00b", "/admin/v1/audit?kind=a%00"):
            asked = await Exchange("GET", path, ADMIN_KEY).run(app)
            assert 400 <= asked.status < 500, path
