"""An account's own keys: what it may make of them, and that none can do more than the key that made it."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI

from tests.exchange import ADMIN_KEY, Exchange, running_app

pytestmark = pytest.mark.asyncio(loop_scope="module")
MINI = "seedance-2.0-mini-text-to-video"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[tuple[FastAPI, str]]:
    async with running_app(tmp_path_factory.mktemp("data")) as (app, key):
        yield app, key


async def ask(app: FastAPI, key: str, method: str, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
    done = await Exchange(method, path, key).run(app, iter([json.dumps(body).encode()]))
    return done.status, json.loads(done.body)


async def test_a_key_is_made_changed_rotated_and_revoked_by_its_account(here: tuple[FastAPI, str]) -> None:
    app, key = here
    status, made = await ask(app, key, "POST", "/v1/keys", name="farm", models=[MINI])
    assert status == 200
    assert (await ask(app, made["key"], "GET", "/v1/credits"))[0] == 200
    path = f"/v1/keys/{made['id']}"
    assert (await ask(app, key, "PATCH", path, enabled=False))[1]["state"] == "off"
    assert (await ask(app, made["key"], "GET", "/v1/credits"))[0] == 401
    await ask(app, key, "PATCH", path, enabled=True)
    _, rotated = await ask(app, key, "POST", f"{path}/rotate", overlap_hours=0)
    assert (await ask(app, made["key"], "GET", "/v1/credits"))[0] == 401
    assert (await ask(app, rotated["key"], "GET", "/v1/credits"))[0] == 200
    assert (await ask(app, key, "DELETE", path))[0] == 200
    assert (await ask(app, rotated["key"], "GET", "/v1/credits"))[0] == 401
    listed = (await ask(app, key, "GET", "/v1/keys"))[1]["data"]
    assert [(each["name"], each["state"], each["is_this"]) for each in listed][-1] == ("farm", "revoked", False)


async def test_a_key_makes_none_that_can_do_more_and_touches_none_that_can(here: tuple[FastAPI, str]) -> None:
    app, key = here
    soon = time.time() + 3600
    _, narrow = await ask(app, key, "POST", "/v1/keys", name="narrow", models=[MINI], expires=soon)
    other = {"models": [MINI], "expires": soon}
    assert (await ask(app, narrow["key"], "POST", "/v1/keys", name="same", **other))[0] == 200
    wider: list[dict[str, Any]] = [
        {**other, "models": None},
        {**other, "models": [MINI, "seedance-2.0-text-to-video"]},
        {**other, "expires": None},
        {**other, "expires": soon + 1},
    ]
    for more in wider:
        assert (await ask(app, narrow["key"], "POST", "/v1/keys", name="more", **more))[0] == 400, more
    keys = (await ask(app, key, "GET", "/v1/keys"))[1]["data"]
    assert "more" not in [each["name"] for each in keys]
    [strong] = [each["id"] for each in keys if each["is_this"]]
    for method, path in (("PATCH", ""), ("POST", "/rotate"), ("DELETE", "")):
        assert (await ask(app, narrow["key"], method, f"/v1/keys/{strong}{path}"))[0] == 400
    assert (await ask(app, narrow["key"], "PATCH", f"/v1/keys/{narrow['id']}", models=None))[0] == 400
    assert (await ask(app, narrow["key"], "POST", f"/v1/keys/{narrow['id']}/rotate"))[0] == 200


async def test_a_key_with_limits_of_its_own_does_not_multiply_them(here: tuple[FastAPI, str]) -> None:
    app, key = here
    for limit in ({"credit_limit": 10}, {"requests_per_minute": 100}, {"max_tasks": 1}):
        _, limited = await ask(app, key, "POST", "/v1/keys", name="limited", **limit)
        assert (await ask(app, limited["key"], "POST", "/v1/keys", name="twice", **limit))[0] == 400
        assert (await ask(app, limited["key"], "PATCH", f"/v1/keys/{limited['id']}", credit_limit=None))[0] == 400
        assert (await ask(app, limited["key"], "DELETE", f"/v1/keys/{limited['id']}"))[0] == 200


async def test_a_test_key_makes_test_keys(here: tuple[FastAPI, str]) -> None:
    app, key = here
    _, test = await ask(app, key, "POST", "/v1/keys", name="test", kind="test")
    assert (await ask(app, test["key"], "POST", "/v1/keys", name="live"))[0] == 400
    assert (await ask(app, test["key"], "POST", "/v1/keys", name="another", kind="test"))[0] == 200


async def test_another_account_sees_and_changes_none_of_them(here: tuple[FastAPI, str]) -> None:
    app, key = here
    _, made = await ask(app, key, "POST", "/v1/keys", name="mine")
    await ask(app, ADMIN_KEY, "POST", "/admin/v1/accounts", name="other")
    _, other = await ask(app, ADMIN_KEY, "POST", "/admin/v1/accounts/other/keys", name="o")
    assert [each["name"] for each in (await ask(app, other["key"], "GET", "/v1/keys"))[1]["data"]] == ["o"]
    for method, path in (("PATCH", ""), ("POST", "/rotate"), ("DELETE", "")):
        assert (await ask(app, other["key"], method, f"/v1/keys/{made['id']}{path}"))[0] == 404


async def test_where_the_group_does_not_allow_it_the_operator_makes_them(here: tuple[FastAPI, str]) -> None:
    app, key = here
    await ask(app, ADMIN_KEY, "PUT", "/admin/v1/groups/default", own_keys=False)
    try:
        assert (await ask(app, key, "GET", "/v1/keys"))[0] == 200
        status, refused = await ask(app, key, "POST", "/v1/keys", name="x")
        assert (status, refused["error"]["code"]) == (403, "own_keys_denied")
    finally:
        await ask(app, ADMIN_KEY, "PUT", "/admin/v1/groups/default", own_keys=True)


async def test_the_account_tells_its_limits_and_its_ledger(here: tuple[FastAPI, str]) -> None:
    app, key = here
    _, account = await ask(app, key, "GET", "/v1/account")
    assert (account["balance"], account["reserved"], account["days_left"]) == (1_000_000, 0, None)
    assert account["limits"]["files"] == {"limit": 100, "used": 0}
    _, page = await ask(app, key, "GET", "/v1/ledger?limit=1")
    assert [row["kind"] for row in page["data"]] == ["topup"]
    assert (await ask(app, key, "GET", "/v1/deliveries"))[1] == {
        "object": "list",
        "data": [],
        "has_more": False,
        "next_cursor": None,
    }
