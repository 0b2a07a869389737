"""The operator's API, and that a running server sees what the command line does."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from opendance.cli import app
from tests.conftest import ADMIN_KEY, RunningServer


@pytest.fixture
def admin(idle: RunningServer) -> Generator[httpx.Client]:
    with idle.admin() as client:
        yield client


def error_of(response: httpx.Response) -> tuple[int, str, str]:
    error = response.json()["error"]
    return response.status_code, error["code"], error["message"]


@pytest.mark.rule("AU-01")
@pytest.mark.parametrize("path", ["accounts", "groups", "keys", "usage", "accounts/default", "accounts/default/ledger"])
def test_only_the_admin_key_opens_administration(idle: RunningServer, path: str) -> None:
    for headers in ({}, {"Authorization": f"Bearer {idle.key}"}, {"Authorization": f"Bearer {ADMIN_KEY}x"}):
        response = httpx.get(f"{idle.address}/admin/v1/{path}", headers=headers)
        assert error_of(response)[:2] == (401, "unauthorized")
    assert (
        httpx.get(f"{idle.address}/admin/v1/{path}", headers={"Authorization": f"Bearer {ADMIN_KEY}"}).status_code
        == 200
    )
    assert httpx.get(f"{idle.address}/v1/tasks", headers={"Authorization": f"Bearer {ADMIN_KEY}"}).status_code == 401


def test_accounts_are_made_changed_and_switched_off(idle: RunningServer, admin: httpx.Client) -> None:
    made = admin.post("/admin/v1/accounts", json={"name": " Ann ", "user_group": "vip", "credits": "12.5"}).json()
    assert (made["name"], made["user_group"], made["balance"], made["enabled"]) == ("Ann", "vip", 12.5, True)
    assert admin.get(f"/admin/v1/accounts/{made['id']}").json() == made == admin.get("/admin/v1/accounts/Ann").json()
    assert error_of(admin.post("/admin/v1/accounts", json={"name": "Ann"}))[:2] == (409, "already_exists")
    key = admin.post("/admin/v1/accounts/Ann/keys", json={"name": "k"}).json()["key"]
    changed = admin.patch(
        "/admin/v1/accounts/Ann", json={"name": "Bea", "max_tasks": 3, "user_group": "default"}
    ).json()
    assert (changed["name"], changed["max_tasks"], changed["user_group"]) == ("Bea", 3, "default")
    assert admin.patch("/admin/v1/accounts/Bea", json={"max_tasks": None}).json()["max_tasks"] is None
    with idle.client(key) as client:
        assert client.get("/v1/tasks").status_code == 200
        admin.patch("/admin/v1/accounts/Bea", json={"enabled": False})
        status, code, message = error_of(client.get("/v1/tasks"))
        assert (status, code) == (401, "unauthorized")
        assert "account is switched off" in message


def test_credits_are_added_once_a_reference_and_corrected_with_a_reason(admin: httpx.Client) -> None:
    admin.post("/admin/v1/accounts", json={"name": "cash"})
    pay = {"credits": 100.0001, "reason": "card", "reference": "pay-1"}
    assert [admin.post("/admin/v1/accounts/cash/topups", json=pay).json()["added"] for _ in range(2)] == [True, False]
    status, code, message = error_of(admin.post("/admin/v1/accounts/cash/topups", json=pay | {"credits": 250}))
    assert (status, code) == (409, "reference_conflict")
    assert "booked with 100.0001 credits, not 250" in message
    fixed = admin.post("/admin/v1/accounts/cash/adjustments", json={"credits": "-0.0001", "reason": "rounding"}).json()
    assert fixed["balance"] == 100
    status, _, message = error_of(
        admin.post("/admin/v1/accounts/cash/adjustments", json={"credits": -101, "reason": "x"})
    )
    assert status == 400
    assert "holds 100, so at most 100 can be taken" in message
    page = admin.get("/admin/v1/accounts/cash/ledger", params={"limit": 1}).json()
    assert [(row["kind"], row["amount"], row["reason"]) for row in page["data"]] == [("adjust", -0.0001, "rounding")]
    rest = admin.get("/admin/v1/accounts/cash/ledger", params={"before": page["next_before"]}).json()
    assert [(row["kind"], row["reference"]) for row in rest["data"]] == [("topup", "pay-1")]
    assert rest["next_before"] is None


@pytest.mark.rule("AU-01", "AU-02")
def test_keys_are_switched_limited_rotated_and_revoked(idle: RunningServer, admin: httpx.Client) -> None:
    admin.post("/admin/v1/accounts", json={"name": "keys", "credits": 10})
    made = admin.post("/admin/v1/accounts/keys/keys", json={"name": "k", "credit_limit": 5, "models": ["seedance-2.0-text-to-video"]}).json()  # fmt: skip
    path, first = f"/admin/v1/keys/{made['id']}", made["key"]
    assert first.startswith(made["prefix"])
    listed = admin.get("/admin/v1/keys", params={"account": "keys"})
    assert first not in listed.text
    assert [(key["id"], key["state"], key["last_used"]) for key in listed.json()["data"]] == [
        (made["id"], "active", None)
    ]

    def answers(key: str) -> tuple[int, str]:
        with idle.client(key) as client:
            response = client.get("/v1/models")
        return response.status_code, "" if response.is_success else response.json()["error"]["message"]

    assert answers(first) == (200, "")
    assert admin.get("/admin/v1/keys", params={"account": "keys"}).json()["data"][0]["last_used"] > 0
    admin.patch(path, json={"enabled": False})
    assert "switched off" in answers(first)[1]
    admin.patch(path, json={"enabled": True, "credit_limit": None})
    rotated = admin.post(f"{path}/rotate", json={"overlap_hours": 1}).json()
    assert (rotated["id"], rotated["models"], rotated["credit_limit"]) == (made["id"], made["models"], None)
    assert [answers(key)[0] for key in (first, rotated["key"])] == [200, 200], "both work for the overlap"
    at_once = admin.post(f"{path}/rotate", json={"overlap_hours": 0}).json()["key"]
    assert [answers(key)[0] for key in (first, rotated["key"], at_once)] == [401, 401, 200]
    assert admin.delete(path).json() == {"id": made["id"], "deleted": True}
    assert "revoked" in answers(at_once)[1]
    assert error_of(admin.delete(path))[:2] == (404, "resource_not_found")


def test_groups_are_put_and_removed_when_unused(admin: httpx.Client) -> None:
    made = admin.put("/admin/v1/groups/gold", json={"price_ratio": "0.85", "priority": 3, "max_tasks": 9}).json()
    assert (made["price_ratio"], made["priority"], made["max_tasks"], made["max_files"]) == (0.85, 3, 9, 100)
    changed = admin.put("/admin/v1/groups/gold", json={"max_tasks": None}).json()
    assert (changed["max_tasks"], changed["price_ratio"]) == (None, 0.85)
    admin.post("/admin/v1/accounts", json={"name": "golden", "user_group": "gold"})
    assert "1 accounts are in it" in error_of(admin.delete("/admin/v1/groups/gold"))[2]
    admin.patch("/admin/v1/accounts/golden", json={"user_group": "vip"})
    assert admin.delete("/admin/v1/groups/gold").json()["deleted"] is True
    assert error_of(admin.delete("/admin/v1/groups/default"))[0] == 400


@pytest.mark.parametrize(
    ("method", "path", "sent", "words"),
    [
        ("POST", "accounts", {"name": ""}, "name: must not be empty"),
        ("POST", "accounts", {"name": "x", "user_group": "nope"}, "no group 'nope'; there are default"),
        ("POST", "accounts", {"name": "x", "credits": -1}, "credits"),
        ("POST", "accounts", {"name": "x", "credits": 0.00001}, "4 decimal"),
        ("POST", "accounts", {"name": "x", "colour": 1}, "colour"),
        ("POST", "accounts/nobody/keys", {"name": "k"}, "no account 'nobody'"),
        ("POST", "accounts/default/keys", {"name": "k", "models": ["gpt"]}, "there is no gpt; the models are"),
        ("POST", "accounts/default/topups", {"credits": 0}, "greater than 0"),
        ("POST", "accounts/default/adjustments", {"credits": 5}, "reason"),
        ("POST", "accounts/default/adjustments", {"credits": 0, "reason": "x"}, "changes nothing"),
        ("PUT", "groups/Gold!", {}, "small letters"),
        ("PUT", "groups/gold", {"engines": ["warp"]}, "there is no warp; the engines are previs"),
        ("PUT", "groups/gold", {"priority": 0}, "priority"),
        ("GET", "usage?by=colour", None, "colour is not possible"),
        ("PATCH", "keys/nope", {}, "no active key 'nope'"),
    ],
)
def test_what_is_wrong_is_told(admin: httpx.Client, method: str, path: str, sent: Any, words: str) -> None:
    response = admin.request(method, f"/admin/v1/{path}", json=sent)
    assert response.status_code in (400, 404)
    assert words in error_of(response)[2]


def run(server: RunningServer, *arguments: str) -> str:
    """A command on the data of a running server: what it says."""
    done = CliRunner().invoke(app, [*arguments, "--data-dir", str(server.data_dir)])
    assert done.exit_code == 0, done.output
    return done.stdout.strip()


def test_what_the_command_line_does_a_running_server_sees_at_once(idle: RunningServer, admin: httpx.Client) -> None:
    run(idle, "groups", "set", "bronze", "--max-tasks", "4")
    account = run(idle, "accounts", "create", "--name", "cli", "--group", "bronze", "--credits", "7.5")
    shown = admin.get("/admin/v1/accounts/cli").json()
    assert (shown["id"], shown["user_group"], shown["balance"]) == (account, "bronze", 7.5)
    run(idle, "credits", "add", "cli", "2.5")
    assert admin.get("/admin/v1/accounts/cli").json()["balance"] == 10
    key = run(idle, "keys", "create", "--name", "cli-key", "--account", "cli", "--credit-limit", "3")
    with idle.client(key) as client:
        assert client.get("/v1/credits").json()["data"]["token"]["remaining_credits"] == 3
        run(idle, "keys", "update", "cli-key", "--off")
        assert client.get("/v1/credits").status_code == 401
        run(idle, "keys", "update", "cli-key", "--on", "--remove", "credit-limit")
        assert client.get("/v1/credits").json()["data"]["token"]["unlimited_credits"] is True
    new = run(idle, "keys", "rotate", "cli-key", "--overlap-hours", "0")
    with idle.client(new) as client:
        assert client.get("/v1/credits").status_code == 200
    run(idle, "accounts", "update", "cli", "--group", "default", "--max-tasks", "2")
    assert admin.get("/admin/v1/accounts/cli").json()["max_tasks"] == 2


def test_the_admin_key_of_the_command_works_until_it_is_replaced(idle: RunningServer) -> None:
    def status(key: str) -> int:
        with idle.client(key) as client:
            return client.get("/admin/v1/groups").status_code

    first = run(idle, "admin-key", "create")
    assert status(first) == 200
    second = run(idle, "admin-key", "create")
    assert (status(first), status(second), status(ADMIN_KEY)) == (401, 200, 200)
    run(idle, "admin-key", "remove")
    assert status(second) == 401
