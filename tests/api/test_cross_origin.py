"""Pages of other hosts (CORS)."""

from __future__ import annotations

from pathlib import Path

import pytest

from opendance.errors import ConfigurationError
from opendance.settings import load_settings
from tests.exchange import ADMIN_KEY, Exchange, running_app

PAGE = "https://app.example.com"
PREFLIGHT = {"origin": PAGE, "access_control_request_method": "POST"}
ASKS_FOR = "authorization,content-type,idempotency-key"


async def test_a_page_of_another_host_is_let_in_where_the_setting_names_it(tmp_path: Path) -> None:
    async with running_app(tmp_path, cors_origins=f"{PAGE.upper()}/, http://localhost:5173") as (app, key):
        headers = {**PREFLIGHT, "access_control_request_headers": ASKS_FOR}
        allowed = await Exchange("OPTIONS", "/v1/videos/generations", **headers).run(app)
        assert (allowed.status, allowed.headers["access-control-allow-origin"]) == (200, PAGE)
        assert "idempotency-key" in allowed.headers["access-control-allow-headers"].lower()
        for given, status in ((key, 200), (None, 401)):  # a page reads what is wrong, too
            asked = await Exchange("GET", "/v1/tasks", given, origin=PAGE).run(app)
            assert (asked.status, asked.headers["access-control-allow-origin"]) == (status, PAGE)
            assert "x-request-id" in asked.headers["access-control-expose-headers"].lower()
            assert "access-control-allow-credentials" not in asked.headers


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://app.example.com", "https://app.example.com.evil.example"]
)
async def test_no_other_page_is(tmp_path: Path, origin: str) -> None:
    async with running_app(tmp_path, cors_origins=PAGE) as (app, key):
        refused = await Exchange("OPTIONS", "/v1/tasks", **{**PREFLIGHT, "origin": origin}).run(app)
        asked = await Exchange("GET", "/v1/tasks", key, origin=origin).run(app)
        assert refused.status == 400
        assert "access-control-allow-origin" not in refused.headers | asked.headers


async def test_by_default_and_for_operators_no_page_is(tmp_path: Path) -> None:
    async with running_app(tmp_path / "a") as (app, _):
        assert (await Exchange("OPTIONS", "/v1/tasks", **PREFLIGHT).run(app)).status == 405
    async with running_app(tmp_path / "b", cors_origins="*") as (app, key):
        asked = await Exchange("GET", "/admin/v1/keys", ADMIN_KEY, origin=PAGE).run(app)
        assert "access-control-allow-origin" not in asked.headers
        asked = await Exchange("GET", "/v1/tasks", key, origin=PAGE).run(app)
        assert asked.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in asked.headers


@pytest.mark.parametrize("wrong", ["app.example.com", "https://app.example.com/page", "https://*.example.com", "null"])
def test_what_no_browser_sends_is_no_origin(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match=r"cors_origins: .* is no origin; write such as https://"):
        load_settings(cors_origins=wrong)
