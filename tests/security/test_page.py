"""The page of the Studio: to whom it is given, and with which headers."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from opendance.api.studio import page
from tests.exchange import Exchange, running_app

BROWSER = "text/html,application/xhtml+xml"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types svelte-trusted-html ProseMirrorClipboard"
)


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built page."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Studio</title>")
    (folder / "assets" / "main-Ab3dEf6h.js").write_text("1")
    (folder / "assets" / "main-Ab3dEf6h.js.gz").write_bytes(gzip.compress(b"1"))
    (folder / "assets" / "theme.js").write_text("2")
    monkeypatch.setattr(page, "STATIC", folder)
    return folder


@pytest.mark.usefixtures("built")
async def test_browsers_get_the_page_at_its_paths_and_programs_what_they_got_before(tmp_path: Path) -> None:
    async with running_app(tmp_path / "data") as (app, _):
        for path in ("/", "/create", "/library", "/library/task-unified-1-a", "/admin", "/admin/server"):
            shown = await Exchange("GET", path, accept=BROWSER).run(app)
            assert (shown.status, b"<title>Studio" in shown.body) == (200, True), path
            assert (await Exchange("GET", path, accept="application/json").run(app)).status == 404
            assert (await Exchange("GET", path).run(app)).status == 404
            assert (await Exchange("POST", path, accept=BROWSER).run(app, iter([b"{}"]))).status == 404
        for path in ("/boards", "/studio", "/admin/v1", "/v1", "/index.html"):
            assert (await Exchange("GET", path, accept=BROWSER).run(app)).status == 404, path


@pytest.mark.usefixtures("built")
async def test_the_page_comes_with_its_policy_and_is_asked_for_anew_only_where_it_changed(tmp_path: Path) -> None:
    async with running_app(tmp_path / "data") as (app, _):
        shown = await Exchange("GET", "/", accept=BROWSER).run(app)
        told = {name: shown.headers[name] for name in map(str.lower, page.page_headers(None))}
        assert told == {
            "content-security-policy": POLICY,
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": "camera=(), microphone=(), geolocation=(), usb=()",
        }
        assert shown.headers["cache-control"] == "no-cache"
        again = await Exchange("GET", "/", accept=BROWSER, if_none_match=shown.headers["etag"]).run(app)
        assert (again.status, again.body) == (304, b"")


def test_an_object_store_that_hands_out_results_is_the_only_other_host() -> None:
    policy = page.page_headers("https://store.example")["Content-Security-Policy"]
    assert "img-src 'self' blob: https://store.example; media-src 'self' blob: https://store.example;" in policy
    assert policy.count("https://") == 2


@pytest.mark.usefixtures("built")
async def test_what_has_a_hash_in_its_name_is_kept_for_ever_and_packed_where_that_is_taken(tmp_path: Path) -> None:
    async with running_app(tmp_path / "data") as (app, _):
        whole = await Exchange("GET", "/assets/main-Ab3dEf6h.js").run(app)
        assert (whole.status, whole.body, whole.headers["content-type"]) == (
            200,
            b"1",
            "text/javascript; charset=utf-8",
        )
        assert whole.headers["cache-control"] == "public, max-age=31536000, immutable"
        packed = await Exchange("GET", "/assets/main-Ab3dEf6h.js", accept_encoding="gzip, br").run(app)
        assert (packed.headers["content-encoding"], gzip.decompress(packed.body)) == ("gzip", b"1")
        assert "accept-encoding" in packed.headers["vary"].lower()
        plain = await Exchange("GET", "/assets/theme.js").run(app)
        assert (plain.headers["cache-control"], plain.headers["x-content-type-options"]) == ("no-cache", "nosniff")


async def test_nothing_but_what_was_built_can_be_asked_for(tmp_path: Path, built: Path) -> None:
    (built / "secret.js").write_text("no")
    async with running_app(tmp_path / "data") as (app, _):
        for name in ("../secret.js", "..%2fsecret.js", "a/../../secret.js", "/etc/passwd", ".hidden.js", "index.html"):
            asked = Exchange("GET", "/assets/x")
            asked.at(f"/assets/{name}")
            assert (await asked.run(app)).status == 404, name


async def test_where_the_page_is_not_built_it_says_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "STATIC", tmp_path / "nothing")
    async with running_app(tmp_path / "data") as (app, _):
        shown = await Exchange("GET", "/", accept=BROWSER).run(app)
        assert (shown.status, b"make studio-page" in shown.body) == (503, True)


async def test_a_server_may_be_without_it(tmp_path: Path) -> None:
    async with running_app(tmp_path, studio=False) as (app, key):
        assert (await Exchange("GET", "/", accept=BROWSER).run(app)).status == 404
        asked = Exchange("POST", "/studio/v1/session", origin="http://x")
        assert (await asked.run(app, iter([b'{"key": "' + key.encode() + b'"}']))).status == 404
