"""Which server and which data folder commands work with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import ACCOUNT, BASE, OPERATOR, Run, Told

# ── a wrong folder ──


@pytest.mark.parametrize(
    "arguments",
    [
        ("keys", "create", "--name", "laptop"),
        ("keys", "list"),
        ("keys", "rotate", "nope"),
        ("accounts", "create", "--name", "x"),
        ("accounts", "update", "nope", "--off"),
        ("credits", "add", "default", "5"),
        ("groups", "set", "vip"),
        ("admin-key", "create"),
        ("usage",),
        ("audit",),
        ("tasks", "list"),
        ("tasks", "show", "task-unified-1774857405-abc123"),
        ("tasks", "cancel", "task-unified-1774857405-abc123"),
        ("tasks", "run-again", "task-unified-1774857405-abc123"),
        ("callbacks", "redeliver", "default"),
        ("backup", "opendance.tar"),
        ("move", "--to", "postgresql://nobody@127.0.0.1:9/x"),
    ],
    ids=" ".join,
)
def test_a_command_in_a_wrong_folder_makes_no_installation(
    refused: Told, folder: Path, arguments: tuple[str, ...]
) -> None:
    said = refused(*arguments)
    assert f"there is no installation in {folder / 'opendance-data'}: name its folder with --data-dir" in said
    assert list(folder.iterdir()) == []


def test_an_installation_is_made_where_that_is_asked_for(told: Told, folder: Path) -> None:
    assert told("migrate", "up").startswith("done: 0001")
    assert told("keys", "create", "--name", "laptop").startswith("od-")


def test_commands_that_need_the_folder_say_so_beside_a_server_of_the_environment(run: Run) -> None:
    done = run("keys", "list", **ACCOUNT)
    assert "(OPENDANCE_BASE_URL is for generate, listen, mcp, usage, audit, tasks and callbacks)" in " ".join(
        done.stderr.split()
    )


# ── the server of the environment ──

USED = {"tasks": 2, "seconds": 9, "credits_used": 3.5, "credits_reserved": 0.0}


def test_usage_is_that_of_the_account_of_the_key_or_of_all_for_the_operator(run: Run, serving: Any) -> None:
    for environment, path, key in (
        (ACCOUNT, "/v1/usage", "od-key"),
        (OPERATOR, "/admin/v1/usage", OPERATOR["OPENDANCE_ADMIN_KEY"]),
    ):
        server = serving({"data": [{"day": "2026-11-01", **USED}]})
        done = run("usage", "--json", **environment)
        assert json.loads(done.stdout) == [{"day": "2026-11-01", **USED}], done.stderr
        (asked,) = server.asked
        assert (asked.url.path, asked.headers["Authorization"]) == (path, f"Bearer {key}")
        assert set(dict(asked.url.params)) == {"by", "since"}
    serving({"data": [{"day": "2026-11-01", **USED}]})
    assert "2026-11-01" in run("usage", **ACCOUNT).stdout


def test_the_audit_log_is_read_page_by_page(run: Run, serving: Any) -> None:
    row = {"at": 1.0, "kind": "filter", "actor": "content filter", "account_id": None, "task_id": None, "detail": {}}
    server = serving({"data": [{"id": 1, **row}], "next_after": 1}, {"data": [{"id": 2, **row}], "next_after": None})
    done = run("audit", "--kind", "filter", "--since", "2026-11-01", **OPERATOR)
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [1, 2], done.stderr
    assert [asked.url.params["after"] for asked in server.asked] == ["0", "1"]
    assert server.asked[0].url.params["since"] == "2026-11-01"


def test_tasks_are_listed_shown_and_changed(run: Run, serving: Any) -> None:
    row = {
        "id": "task-1", "created": 1.0, "account": "[x/y]", "model": "m", "status": "failed", "stage": None,
        "engine": None, "finished": 2.0, "error": {"code": "service_error", "message": None}, "parked_until": None,
        "cancel_requested": False,
    }  # fmt: skip
    server = serving({"data": [row], "next_cursor": "c"}, {"data": [{**row, "id": "task-2"}], "next_cursor": None})
    done = run("tasks", "list", "--status", "failed", "--json", **OPERATOR)
    assert [each["id"] for each in json.loads(done.stdout)] == ["task-1", "task-2"], done.stderr
    assert dict(server.asked[1].url.params) == {"status": "failed", "limit": "49", "cursor": "c"}
    serving({"data": [row], "next_cursor": None})
    assert "[x/y]" in run("tasks", "list", **OPERATOR).stdout
    serving({**row, "journal": [], "deliveries": [], "ledger": []})
    assert "task-1" in run("tasks", "show", "task-1", **OPERATOR).stdout
    server = serving({**row, "status": "cancelled"}, row, {**row, "id": "task-9"})
    assert run("tasks", "cancel", "task-1", **OPERATOR).stdout == "task-1 is cancelled\n"
    assert run("tasks", "fail", "task-1", "--reason", "no more", **OPERATOR).stdout == "task-1 is failed\n"
    assert run("tasks", "run-again", "task-1", **OPERATOR).stdout == "task-9\n"
    assert [asked.url.path.rpartition("/")[2] for asked in server.asked] == ["cancel", "fail", "run-again"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("audit",), "OPENDANCE_ADMIN_KEY: http://server.test tells its audit log only to its operator"),
        (("tasks", "list"), "OPENDANCE_ADMIN_KEY: http://server.test tells the tasks of all accounts only"),
        (("usage", "--account", "x"), "OPENDANCE_ADMIN_KEY: http://server.test tells usage of all accounts only"),
        (("usage",), "OPENDANCE_API_KEY: http://server.test needs a key; set it"),
    ],
)
def test_a_key_that_is_missing_is_told(run: Run, arguments: tuple[str, ...], words: str) -> None:
    done = run(*arguments, **BASE)
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in " ".join(done.stderr.split())


def test_with_the_key_of_an_account_its_own_tasks_are_listed_shown_and_cancelled(run: Run, serving: Any) -> None:
    task = {
        "id": "task-1", "created": 1, "model": "m", "status": "failed", "error": {"code": "invalid_image", "message": "[x]"},
        "usage": {"credits_reserved": 5, "credits_used": 0},
    }  # fmt: skip
    server = serving({"data": [task], "next_cursor": "c"}, {"data": [{**task, "id": "task-2"}], "next_cursor": None})
    done = run("tasks", "list", "--status", "failed", "--since", "2026-11-01", "--json", **ACCOUNT)
    assert [each["id"] for each in json.loads(done.stdout)] == ["task-1", "task-2"], done.stderr
    asked = [request.url for request in server.asked]
    assert {(url.path, url.params["status"], url.params["from"]) for url in asked} == {
        ("/v1/tasks", "failed", "2026-11-01")
    }
    serving({"data": [task], "next_cursor": None})
    assert "failed (invalid_image)" in run("tasks", "list", **ACCOUNT).stdout
    server = serving({**task, "request": {"prompt": "a [red] cat"}, "seed": 7}, {"data": []}, {"data": []})
    shown = run("tasks", "show", "task-1", "--request", **ACCOUNT)
    for words in ("task-1", "[x]", "a [red] cat"):
        assert words in shown.stdout, shown.stderr
    assert [request.url.path for request in server.asked] == [
        "/v1/tasks/task-1", "/v1/tasks/task-1/deliveries", "/v1/tasks/task-1/ledger",
    ]  # fmt: skip
    serving({**task, "status": "cancelled"})
    assert run("tasks", "cancel", "task-1", **ACCOUNT).stdout == "task-1 is cancelled\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("list", "--account", "x"), "--account: only the operator can look for that; leave it out, or set"),
        (("list", "--code", "service_error"), "--code: only the operator"),
        (("list", "--id", "x"), "--id: only the operator"),
        (("fail", "task-1", "--reason", "x"), "lets only its operator fail tasks; who asked for one can cancel it"),
        (("run-again", "task-1"), "POST /v1/tasks/{task_id}/again"),
    ],
)
def test_what_only_the_operator_does_is_told_to_an_account(run: Run, arguments: tuple[str, ...], words: str) -> None:
    done = run("tasks", *arguments, **ACCOUNT)
    assert (done.exit_code, done.stdout) == (2, "")
    said = " ".join(done.stderr.split())
    assert words in said
    assert "OPENDANCE_ADMIN_KEY" in said


def test_an_option_is_stronger_than_the_environment(run: Run, installation: Path, serving: Any) -> None:
    server = serving()
    assert run("usage", "--json", "--data-dir", installation, **ACCOUNT).stdout == "[]\n"
    assert server.asked == []


def test_misspelled_variables_are_told_by_every_command(run: Run, installation: Path) -> None:
    done = run("keys", "list", OPENDANCE_STORAGE_URI="s3://x/y")
    assert done.exit_code == 0
    assert done.stderr == "warning: OPENDANCE_STORAGE_URI is no setting and has no effect; did you mean OPENDANCE_STORAGE_URL?\n"  # fmt: skip


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_what_logs_by_itself_tells_of_misspelled_variables_in_its_log_alone(run: Run, command: str) -> None:
    done = run(command, "--config", "missing.toml", OPENDANCE_STORAGE_URI="s3://x/y")
    assert done.stderr == "error: --config: there is no file missing.toml\n"


def test_an_empty_database_to_be_migrated_may_be_a_wrong_folder(run: Run) -> None:
    done = run("migrate", "check")
    assert (done.exit_code, done.stdout.partition(" ")[0]) == (1, "waiting:")
    assert done.stderr == "note: there is no installation there yet; it may be the wrong folder\n"


def test_shells_can_complete_the_commands(run: Run) -> None:
    shown = run("--help").stdout
    assert "--install-completion" in shown
    done = run(_OPENDANCE_COMPLETE="complete_bash", COMP_WORDS="opendance acc", COMP_CWORD="1")
    assert "accounts" in done.stdout
