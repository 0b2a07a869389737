"""The operator's view of the tasks of all accounts, over HTTP; and that a running server does what the command line asks."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from opendance.cli import app
from tests.conftest import MINI, ONE_ENGINE, TEXT, RunningServer, body, start_server, wait_for

PROMPT = "a very particular cat"
HOOK = "https://receiver.invalid/hook?token=hush"


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningServer]:
    """A server whose clips take a while."""
    environment = {**ONE_ENGINE, "OPENDANCE_ENGINES": "blank", "OPENDANCE_BLANK_SECONDS": "0.3"}
    server = start_server(tmp_path_factory.mktemp("tasks"), **environment)
    yield server
    server.stop()


@pytest.fixture
def admin(ours: RunningServer) -> Generator[httpx.Client]:
    with ours.admin() as client:
        yield client


@pytest.fixture
def idle_admin(idle: RunningServer) -> Generator[httpx.Client]:
    """Of a server whose tasks only queue up."""
    with idle.admin() as client:
        yield client


def asked(server: RunningServer, key: str | None = None, **changes: Any) -> str:
    with server.client(key) as client:
        return client.post("/v1/videos/generations", json=body(**changes)).raise_for_status().json()["id"]


def listed(admin: httpx.Client, **query: Any) -> list[str]:
    return [task["id"] for task in admin.get("/admin/v1/tasks", params=query).raise_for_status().json()["data"]]


def audit(admin: httpx.Client, task: str, kind: str = "admin.") -> list[dict[str, Any]]:
    return admin.get("/admin/v1/audit", params={"task": task, "kind": kind}).raise_for_status().json()["data"]


# ── lists ──


def test_tasks_of_all_accounts_are_listed_and_filtered(idle: RunningServer, idle_admin: httpx.Client) -> None:
    one, other = idle.new_account("list one"), idle.new_account("list other")
    first, second = asked(idle, one), asked(idle, other, model=TEXT)
    assert set(listed(idle_admin, limit=2)) == {first, second}
    assert listed(idle_admin, account="list one") == [first]
    assert listed(idle_admin, account="list other", model=TEXT) == [second]
    assert listed(idle_admin, account="list other", model=MINI) == []
    assert listed(idle_admin, id=second[-8:]) == [second]
    idle_admin.post(f"/admin/v1/tasks/{first}/fail", json={"reason": "x", "code": "generation_timeout"})
    assert listed(idle_admin, account="list one", code="generation_timeout", status="failed") == [first]
    assert listed(idle_admin, account="list one", status="pending") == []
    assert listed(idle_admin, account="list one", engine="previs") == []
    assert listed(idle_admin, account="list one", to="2026-01-01") == []
    assert listed(idle_admin, account="list one", **{"from": "2026-01-01"}) == [first]


def test_pages_of_the_list_meet(idle: RunningServer, idle_admin: httpx.Client) -> None:
    key = idle.new_account("pages of tasks")
    made = [asked(idle, key) for _ in range(5)]
    found, cursor = list[str](), None
    for _ in range(3):
        query = {"account": "pages of tasks", "limit": 2} | ({} if cursor is None else {"cursor": cursor})
        page = idle_admin.get("/admin/v1/tasks", params=query).raise_for_status().json()
        found += [task["id"] for task in page["data"]]
        cursor = page["next_cursor"]
        assert page["has_more"] == (cursor is not None)
    assert (found, cursor) == (made[::-1], None)


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"stauts": "failed"}, "stauts: is no filter of this list; there are account, status"),
        ({"code": "made_up"}, "code: "),
        ({"model": "made-up"}, "model: "),
        ({"from": "yesterday"}, "from: must be a day such as"),
        ({"cursor": "x"}, "cursor: not one that this list gave"),
        ({"limit": 0}, "limit: "),
    ],
)
def test_a_wrong_filter_is_told(idle_admin: httpx.Client, query: dict[str, Any], problem: str) -> None:
    answer = idle_admin.get("/admin/v1/tasks", params=query)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith(problem)


# ── one ──


def test_a_task_is_shown_with_its_journal_callbacks_and_ledger_without_what_was_asked_for(
    ours: RunningServer, admin: httpx.Client
) -> None:
    task = asked(ours, prompt=PROMPT, callback_url=HOOK)
    with ours.client() as client:
        wait_for(client, task)
    shown = admin.get(f"/admin/v1/tasks/{task}").raise_for_status()
    report = shown.json()
    steps = [row["name"] for row in report["journal"]]
    assert steps == ["moderate", "plan", "render", "check", "sign", "store"]
    assert next(row["seconds"] for row in report["journal"] if row["name"] == "render") > 0
    assert [entry["kind"] for entry in report["ledger"]] == ["reserve", "settle"]
    assert [delivery["host"] for delivery in report["deliveries"]] == ["receiver.invalid"]
    assert (report["account"], report["engine"], report["status"], report["attempts"]) == (
        "default", "blank", "completed", 1,
    )  # fmt: skip
    assert report["error"] is None
    assert [decision["verdict"] for decision in report["decisions"]] == ["allowed"] * len(report["decisions"])
    assert report["events"][-1] == {"revision": report["events"][-1]["revision"], "status": "completed", "stage": None, "progress": 100}  # fmt: skip
    for hidden in (PROMPT, "particular", "hush", "signature="):
        assert hidden not in shown.text
    assert "request" not in report
    assert audit(admin, task) == []


def test_what_was_asked_for_is_shown_on_demand_and_the_audit_log_tells_who_looked(
    ours: RunningServer, admin: httpx.Client
) -> None:
    task = asked(ours, prompt=PROMPT, callback_url=HOOK)
    with ours.client() as client:
        wait_for(client, task)
    report = admin.get(f"/admin/v1/tasks/{task}", params={"include": "request"}).raise_for_status().json()
    assert report["request"]["order"]["prompt"] == PROMPT
    assert report["request"]["order"]["callback_url"] == HOOK
    (link,) = report["request"]["results"]
    assert httpx.get(link).headers["content-type"] == "video/mp4"
    plan = next(row["value"] for row in report["journal"] if row["name"] == "plan")
    assert plan["shots"]
    (row,) = audit(admin, task)
    assert (row["kind"], row["actor"], row["task_id"]) == ("admin.read_request", "admin key", task)


def test_words_for_which_a_prompt_was_refused_are_shown_on_demand(ours: RunningServer, admin: httpx.Client) -> None:
    task = asked(ours, prompt="a naked woman on a bed")
    with ours.client() as client:
        told = wait_for(client, task)["error"]["message"]
    assert "naked" in told
    shown = admin.get(f"/admin/v1/tasks/{task}")
    assert shown.json()["error"] == {"code": "content_policy_violation", "message": None}
    assert "naked" not in shown.text
    (decision,) = shown.json()["decisions"]
    assert (decision["input"], decision["verdict"], decision["findings"][0]["words"]) == ("prompt", "refused", None)
    assert "naked" not in admin.get("/admin/v1/tasks").text
    whole = admin.get(f"/admin/v1/tasks/{task}", params={"include": "request"}).json()
    assert whole["error"]["message"] == told
    assert "naked" in whole["decisions"][0]["findings"][0]["words"]


def test_there_is_no_task_of_that_id(idle_admin: httpx.Client) -> None:
    answer = idle_admin.get("/admin/v1/tasks/task-unified-1774857405-abc123de")
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        404, "There is no task 'task-unified-1774857405-abc123de'",
    )  # fmt: skip


# ── what is done ──


def test_tasks_are_cancelled_failed_and_made_again(idle: RunningServer, idle_admin: httpx.Client) -> None:
    key = idle.new_account("done to")
    cancelled, failed = asked(idle, key), asked(idle, key, prompt=PROMPT)
    answer = idle_admin.post(f"/admin/v1/tasks/{cancelled}/cancel").raise_for_status().json()
    assert (answer["id"], answer["status"]) == (cancelled, "cancelled")
    answer = idle_admin.post(f"/admin/v1/tasks/{failed}/fail", json={"reason": "the disk broke"})
    assert answer.raise_for_status().json()["error"] == {"code": "service_error", "message": "the disk broke"}
    made = idle_admin.post(f"/admin/v1/tasks/{failed}/run-again").raise_for_status().json()
    assert (made["account"], made["status"]) == ("done to", "pending")
    with idle.client(key) as client:
        own = client.get(f"/v1/tasks/{failed}").json()
        assert own["error"] == {"code": "service_error", "message": "the disk broke"}
        again = client.get(f"/v1/tasks/{made['id']}", params={"include": "request"}).json()
        assert again["request"]["prompt"] == PROMPT
        assert {task["id"] for task in client.get("/v1/tasks").json()["data"]} == {cancelled, failed, made["id"]}
    assert [row["kind"] for row in audit(idle_admin, failed)] == ["admin.fail_task", "admin.run_task_again"]


@pytest.mark.parametrize("wrong", [{}, {"reason": ""}, {"reason": "x", "code": "request_cancelled"}, {"reason": "x", "x": 1}])  # fmt: skip
def test_a_task_is_not_failed_without_a_reason(idle: RunningServer, idle_admin: httpx.Client, wrong: Any) -> None:
    task = asked(idle)
    assert idle_admin.post(f"/admin/v1/tasks/{task}/fail", json=wrong).status_code == 400
    assert idle_admin.get(f"/admin/v1/tasks/{task}").json()["status"] == "pending"


# ── the command line beside a running server ──


@pytest.mark.on_each_database(thorough="postgresql")
def test_a_server_does_what_the_command_line_asks(
    tmp_path_factory: pytest.TempPathFactory, on_database: Callable[[], dict[str, str]]
) -> None:
    environment = on_database() | {**ONE_ENGINE, "OPENDANCE_ENGINES": "blank", "OPENDANCE_BLANK_SECONDS": "600"}
    server = start_server(tmp_path_factory.mktemp("slow"), **environment)

    def run(*arguments: str) -> str:
        done = CliRunner(env=environment).invoke(app, [*arguments, "--data-dir", str(server.data_dir)])
        assert done.exit_code == 0, (done.stdout, done.stderr, done.exception)
        return done.stdout

    try:
        with server.client() as client:
            running, failing = asked(server), asked(server)
            wait_for(client, running, until=("processing",))
            assert json.loads(run("tasks", "list", "--status", "processing", "--json"))[0]["id"] == running
            run("tasks", "cancel", running)
            assert wait_for(client, running)["status"] == "cancelled"
            wait_for(client, failing, until=("processing",))
            run("tasks", "fail", failing, "--reason", "it hangs")
            assert wait_for(client, failing)["error"]["message"] == "it hangs"
            again = run("tasks", "run-again", failing).strip()
            wait_for(client, again, until=("processing",))
            once_more = run("tasks", "run-again", again).strip()
            assert wait_for(client, again)["status"] == "failed"
            wait_for(client, once_more, until=("processing",))
    finally:
        server.stop()


# ── callbacks ──


def test_callbacks_that_were_given_up_are_listed_and_sent_again_for_one_account(
    idle: RunningServer, idle_admin: httpx.Client
) -> None:
    key, place = idle.new_account("gives up"), "/admin/v1/accounts/gives%20up/callbacks/failed"
    assert idle_admin.get(place).json() == {"object": "list", "data": [], "total": 0}
    assert idle_admin.post(f"{place}/redeliver").json() == {"sent": 0, "left": 0}
    (row,) = idle_admin.get(
        "/admin/v1/audit", params={"account": "gives up", "kind": "admin.redeliver_callbacks"}
    ).json()["data"]
    assert (row["kind"], row["actor"]) == ("admin.redeliver_callbacks", "admin key")
    assert idle_admin.get(place, params={"limit": 1001}).status_code == 400
    assert idle_admin.get(place.replace("gives", "nobody")).json()["error"]["code"] == "resource_not_found"
    with idle.client(key) as owner:
        assert owner.post(f"{place}/redeliver").status_code == 401
