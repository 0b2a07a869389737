"""opendance tasks, without a running server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opendance.store.tasks import finish_task
from opendance.task import Status
from tests import tasks
from tests.cli.conftest import DATABASE, Run, Told, kept
from tests.databases import opened
from tests.workshop import a_workshop

Read = Callable[..., Any]
PROMPT = "a [red] cat :cat: 猫"


@pytest.fixture
def asked(folder: Path) -> list[str]:
    """A task that waits, one that failed by a fault of its user, and one by a fault of ours; the oldest first."""

    async def fill() -> list[str]:
        DATABASE.parent.mkdir()
        async with opened(DATABASE) as database, a_workshop(database, DATABASE.parent) as workshop:
            made = [
                await workshop.submit(tasks.order(prompt=PROMPT, callback_url="https://receiver.example/hush"))
                for _ in range(3)
            ]
            async with database.write() as connection:
                for task, code in zip(made[1:], ("invalid_image", "service_error"), strict=True):
                    await finish_task(connection, task, Status.FAILED, error=(code, f"because of {code}"))
        return [task.id for task in made]

    return asyncio.run(fill())


def test_tasks_are_listed_and_filtered_newest_first(told: Told, read: Read, asked: list[str]) -> None:
    assert sorted(row["id"] for row in read("tasks", "list")) == sorted(asked)
    assert [row["id"] for row in read("tasks", "list", "--status", "pending")] == [asked[0]]
    assert [row["id"] for row in read("tasks", "list", "--code", "invalid_image", "--account", "default")] == [asked[1]]
    assert [row["id"] for row in read("tasks", "list", "--id", asked[2][-8:])] == [asked[2]]
    assert len(read("tasks", "list", "--limit", "2", "--model", tasks.MINI, "--since", "2026-01-01")) == 2
    assert read("tasks", "list", "--engine", "previs") == read("tasks", "list", "--until", "2026-01-01") == []
    table = told("tasks", "list")
    for words in (*asked, "failed (service_error)", "default", tasks.MINI):
        assert words in table


def test_a_task_is_shown_with_what_was_asked_for_only_on_demand(
    run: Run, told: Told, read: Read, asked: list[str]
) -> None:
    shown = told("tasks", "show", asked[1])
    for words in (asked[1], "failed (invalid_image)", "(its user was told; --request shows it)", "reserve", "refund"):
        assert words in shown
    assert "receiver.example" in shown
    assert "because of service_error" in told("tasks", "show", asked[2]), "a fault of ours has no words of the user"
    assert run("audit", "--kind", "admin.read_request").stdout == ""
    for hidden in (PROMPT, "hush", "because of"):
        assert hidden not in shown
        assert hidden not in told("tasks", "show", asked[1], "--json")
    whole = told("tasks", "show", asked[1], "--request")
    assert PROMPT in whole
    assert "because of invalid_image" in whole
    assert read("tasks", "show", asked[1], "--request")["request"]["order"]["prompt"] == PROMPT
    looked = [json.loads(line) for line in told("audit", "--kind", "admin.read_request").splitlines()]
    assert [(row["actor"], row["task_id"]) for row in looked] == [("command line", asked[1])] * 2


def test_tasks_are_cancelled_failed_and_made_again(told: Told, read: Read, asked: list[str]) -> None:
    made = told("tasks", "run-again", asked[2]).strip()
    assert read("tasks", "show", made)["status"] == "pending"
    assert [row["kind"] for row in read("tasks", "show", made)["ledger"]] == ["reserve"]
    assert told("tasks", "fail", made, "--reason", "no [more]", "--code", "generation_timeout") == f"{made} is failed\n"
    report = read("tasks", "show", made)
    assert report["error"] == {"code": "generation_timeout", "message": "no [more]"}
    assert [row["kind"] for row in report["ledger"]] == ["reserve", "refund"]
    assert told("tasks", "cancel", asked[0]) == f"{asked[0]} is cancelled\n"
    actions = [json.loads(line) for line in told("audit", "--kind", "admin.").splitlines()]
    assert [(row["kind"], row["actor"]) for row in actions] == [
        ("admin.run_task_again", "command line"),
        ("admin.fail_task", "command line"),
        ("admin.cancel_task", "command line"),
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("list", "--account", "nobody"), "no account 'nobody'"),
        (("list", "--code", "made_up"), "--code: there is no made_up; there are content_policy_violation"),
        (("list", "--model", "made-up"), "--model: there is no made-up; there are"),
        (("list", "--status", "lost"), "'--status'"),
        (("show", "x"), "task_id: 'x' is not a task id"),
        (("show", "task-unified-1774857405-abc123"), "There is no task 'task-unified-1774857405-abc123'"),
        (("cancel", "FAILED"), "is already failed and cannot be cancelled"),
        (("fail", "FAILED", "--reason", "x"), "is failed: only one that has not ended can be failed"),
        (("fail", "WAITING", "--reason", "x", "--code", "y"), "code: must be one of content_policy_violation"),
        (("run-again", "WAITING"), "is pending: it waits for its turn"),
    ],
)
def test_what_is_not_possible_is_told_and_changes_nothing(
    refused: Told, asked: list[str], arguments: tuple[str, ...], words: str
) -> None:
    before = kept()
    names = {"WAITING": asked[0], "FAILED": asked[1]}
    assert words in refused("tasks", *(names.get(argument, argument) for argument in arguments))
    after = kept()
    made_for_itself = [line for line in after.splitlines() if line not in before.splitlines()]
    assert not [line for line in made_for_itself if not line.startswith("server_secrets")]


def test_no_id_is_cut_in_a_narrow_terminal(told: Told, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opendance.cli.printing.out.width", 60)
    lines = told("tasks", "list").splitlines()
    assert sorted(lines[::2]) == sorted(asked)
    assert all(f"account default, model {tasks.MINI}, state " in line for line in lines[1::2])
    assert "task-unified-" in told("credits", "ledger", "default")


@pytest.mark.parametrize("command", [("tasks", "list"), ("audit",)])
def test_a_day_that_is_none_is_told(refused: Told, command: tuple[str, ...]) -> None:
    assert "must be a day such as 2026-11-26, not '26.11.'" in refused(*command, "--since", "26.11.")
