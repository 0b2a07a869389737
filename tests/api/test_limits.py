"""Requests a minute and tasks at once, of keys, accounts and groups."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.conftest import RunningServer, body

CREATE = "/v1/videos/generations"


def put_group(server: RunningServer, name: str, **values: Any) -> None:
    with server.admin() as admin:
        admin.put(f"/admin/v1/groups/{name}", json=values).raise_for_status()


def write(client: httpx.Client) -> httpx.Response:
    """A request that counts as one that changes something, and costs nothing."""
    return client.post("/v1/callbacks/secret/rotate")


@pytest.mark.rule("ER-429")
def test_too_many_requests_are_429_and_say_when_to_come_again(idle: RunningServer) -> None:
    put_group(idle, "slow", requests_per_minute=3)
    with idle.client(idle.new_account("slow", group="slow")) as client:
        left = [write(client).headers["RateLimit-Remaining"] for _ in range(3)]
        assert left == ["2", "1", "0"]
        refused = write(client)
        assert refused.status_code == 429
        error = refused.json()["error"]
        assert (error["code"], error["type"]) == ("rate_limit_exceeded", "rate_limit_error")
        assert "this account may make 3 such requests a minute" in error["message"]
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert refused.headers["RateLimit-Limit"] == "3"
        assert refused.headers["RateLimit-Remaining"] == "0"
        assert refused.headers["RateLimit-Policy"] == '"account";q=3;w=60'
        assert refused.headers["RateLimit"].startswith('"account";r=0;t=')


def test_reading_has_a_limit_of_its_own_ten_times_as_wide(idle: RunningServer) -> None:
    put_group(idle, "reader", requests_per_minute=2)
    with idle.client(idle.new_account("reader", group="reader")) as client:
        answers = [client.get("/v1/tasks") for _ in range(21)]
        assert [answer.status_code for answer in answers] == [200] * 20 + [429]
        assert answers[0].headers["RateLimit-Limit"] == "20"
        assert write(client).status_code == 200, "polling takes nothing from creations"


def test_the_tightest_of_key_account_and_group_counts(idle: RunningServer) -> None:
    put_group(idle, "team", requests_per_minute=50, total_requests_per_minute=5)
    tight = idle.new_account("tight", group="team", requests_per_minute=2)
    wide = idle.new_account("wide", group="team")
    with idle.client(tight) as client, idle.client(wide) as other:
        assert [write(client).status_code for _ in range(3)] == [200, 200, 429]
        assert '"key"' in write(client).headers["RateLimit"]
        assert [write(other).status_code for _ in range(4)] == [200, 200, 200, 429], "what was refused was not counted"
        assert '"group"' in write(other).headers["RateLimit"]
        with idle.admin() as admin:
            admin.patch("/admin/v1/accounts/wide", json={"requests_per_minute": 1})
            admin.put("/admin/v1/groups/team", json={"total_requests_per_minute": None})
        assert '"account";q=1;' in write(other).headers["RateLimit-Policy"]


def test_without_a_limit_nothing_is_counted_and_no_header_said(idle: RunningServer) -> None:
    with idle.client() as client:
        response = write(client)
        assert response.status_code == 200
        assert "RateLimit-Limit" not in response.headers


@pytest.mark.rule("ER-429")
@pytest.mark.parametrize("level", ["key", "account", "group"])
def test_tasks_at_once_are_limited_on_each_level(idle: RunningServer, level: str) -> None:
    put_group(idle, f"few-{level}", **({"total_max_tasks": 2} if level == "group" else {}))
    key = idle.new_account(f"few-{level}", group=f"few-{level}", **({"max_tasks": 2} if level == "key" else {}))
    if level == "account":
        with idle.admin() as admin:
            admin.patch(f"/admin/v1/accounts/few-{level}", json={"max_tasks": 2}).raise_for_status()
    with idle.client(key) as client:
        made = [client.post(CREATE, json=body()) for _ in range(3)]
        assert [response.status_code for response in made] == [200, 200, 429]
        assert f"this {level} has 2 tasks that wait or run" in made[2].json()["error"]["message"]
        assert 1 <= int(made[2].headers["Retry-After"]) <= 600
        client.post(f"/v1/tasks/{made[0].json()['id']}/cancel")
        assert client.post(CREATE, json=body()).status_code == 200
        remaining = client.get("/v1/credits").json()["data"]["user"]["remaining_credits"]
        assert remaining == pytest.approx(1000 - 2 * 12.502), "what was refused or cancelled cost nothing"


@pytest.mark.rule("AU-03", "ER-403")
def test_a_group_may_use_the_engines_it_is_given(idle: RunningServer) -> None:
    put_group(idle, "none", engines=[])
    with idle.client(idle.new_account("barred", group="none")) as client:
        response = client.post(CREATE, json=body())
        assert (response.status_code, response.json()["error"]["code"]) == (403, "model_access_denied")
        assert not any(model["available"] for model in client.get("/v1/models").json()["data"])
        put_group(idle, "none", engines=["previs"])
        assert client.post(CREATE, json=body()).status_code == 200
