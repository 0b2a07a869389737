"""Text of others is printed as it is, by every command: brackets are no markup, and a terminal obeys nothing of it."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from typer.testing import CliRunner

from opendance import cli
from opendance.cli import app, generate
from opendance.cli.printing import visible
from opendance.client import Client
from opendance.engines import registry
from opendance.store.tasks import finish_task
from opendance.task import Status
from tests import tasks
from tests.cli.conftest import DATABASE, Run
from tests.databases import opened
from tests.workshop import a_workshop

TEXTS = ["[x/y][/y]", "[default: …] :cat:"]


def commands(group: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *path, name)
        else:
            yield (*path, name), command


ALL = dict(commands(typer.main.get_command(app)))


def _keys(text: str) -> None:
    """An account, a key, a group's limit and ledger rows with the text in them, and a task that failed with it."""

    async def fill() -> None:
        async with opened(DATABASE) as database, a_workshop(database, DATABASE.parent) as workshop:
            task = await workshop.submit(tasks.order(prompt=f"a cat {text}"))
            async with database.write() as connection:
                await finish_task(connection, task, Status.FAILED, error=("service_error", f"because {text}"))

    asyncio.run(fill())


@pytest.fixture
def filled(request: pytest.FixtureRequest, folder: Path, run: Run) -> str:
    text = request.param
    DATABASE.parent.mkdir()
    _keys(text)
    for arguments in (
        ("accounts", "update", "default", "--name", text),
        ("keys", "create", "--name", text, "--account", text),
        ("credits", "add", text, "5", "--reason", text, "--reference", text),
    ):
        assert run(*arguments).exit_code == 0
    return text


# What each command is asked, {} for the text, and where it is to be seen: on stdout, or in an error.
ASKED: dict[tuple[str, ...], tuple[str, ...]] = {
    ("accounts", "create"): ("--name", "{}"),
    ("accounts", "list"): (),
    ("accounts", "update"): ("{}!", "--off"),
    ("groups", "set"): ("vip", "--engine", "{}"),
    ("groups", "remove"): ("{}",),
    ("credits", "add"): ("{}", "5"),
    ("credits", "adjust"): ("{}", "-1", "--reason", "{}"),
    ("credits", "ledger"): ("{}",),
    ("keys", "create"): ("--name", "x", "--account", "{}!"),
    ("keys", "list"): (),
    ("keys", "update"): ("{}!", "--off"),
    ("keys", "rotate"): ("{}!",),
    ("keys", "revoke"): ("{}",),
    ("audit",): ("--account", "{}!"),
    ("usage",): ("--by", "account"),
    ("plan",): ('A cat says "{}"',),
    ("tasks", "list"): ("--account", "{}!"),
    ("tasks", "show"): ("TASK",),
    ("tasks", "cancel"): ("{}",),
    ("tasks", "fail"): ("{}", "--reason", "x"),
    ("tasks", "run-again"): ("{}",),
    ("callbacks", "failed"): ("{}!",),
    ("callbacks", "redeliver"): ("{}!",),
    ("backup",): ("nowhere/{}.tar",),
    ("restore",): ("{}.tar",),
    ("verify",): ("{}.mp4",),
    ("doctor",): ("--data-dir", "{}"),
    ("engines", "check"): ("{}",),
    ("engines", "get"): ("{}",),
    ("engines", "remove"): ("{}",),
    ("migrate", "check"): ("--config", "{}"),
    ("migrate", "up"): ("--config", "{}"),
    ("move",): ("--to", "postgresql://x/y", "--config", "{}"),
    ("serve",): ("--config", "{}"),
    ("worker",): ("--config", "{}"),
    ("generate",): ("x", "--image", "{}"),
}
WITHOUT = {
    ("groups", "list"),
    ("admin-key", "create"),
    ("admin-key", "remove"),
    ("engines", "list"),
    ("engines", "recommend"),
    ("link",),
    ("listen",),
    ("mcp",),
    ("openapi",),
}
"""Say nothing of anybody; `engines list` and those that go on until they are ended have tests of their own."""


def test_every_command_is_asked() -> None:
    assert set(ASKED) | WITHOUT == set(ALL)


@pytest.mark.parametrize("filled", TEXTS, indirect=True)
def test_text_is_shown_as_it_is_by_every_command(filled: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opendance.cli.checks.check_engine", lambda facts, *_: _good(facts.name))
    listed = run("tasks", "list", "--json").stdout
    task_id = listed.partition('"id": "')[2].partition('"')[0]
    for path, words in ASKED.items():
        given = [word.format(filled) if word != "TASK" else task_id for word in words]
        done = run(*path, *given)
        shown = " ".join((done.stdout + done.stderr).split())
        if "/" in filled and path in {("tasks", "cancel"), ("tasks", "fail"), ("tasks", "run-again")}:
            assert done.exit_code == 2
        assert filled in shown, (path, shown)


def _good(name: str) -> Any:
    from opendance.cli.checks import Check

    return Check(f"  loads {name}", True, "quickly")


@pytest.mark.parametrize("text", TEXTS)
def test_what_a_server_says_is_shown_as_it_is(text: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = httpx.Response(400, json={"error": {"code": "x", "message": f"not {text}"}})
    monkeypatch.setattr(
        generate, "Client", lambda *a, **k: Client(*a, **k, transport=httpx.MockTransport(lambda _: answer))
    )
    done = run("generate", "x", "--base-url", "http://server.test", "--api-key", "k")
    assert done.stderr == f"error: not {text}\n"


@pytest.mark.parametrize("text", TEXTS)
def test_what_a_package_says_of_its_engine_is_shown_as_it_is(
    text: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    facts = replace(
        registry.known_engines()["previs"], name="warp", summary=text, requires=("nothing_such",), install=text
    )
    monkeypatch.setattr(registry, "known_engines", lambda: {"warp": facts})
    assert run("engines", "list").stdout.count(text) == 2


@pytest.mark.parametrize("path", sorted(ALL), ids=" ".join)
def test_help_keeps_its_brackets(path: tuple[str, ...], folder: Path) -> None:
    shown = CliRunner(env={"COLUMNS": "500"}).invoke(app, [*path, "--help"], prog_name="opendance")
    assert shown.exit_code == 0
    for parameter in ALL[path].params:
        help_text = (getattr(parameter, "help", None) or "").replace("\\[", "[")
        if "[" in help_text:
            assert help_text[help_text.index("[") :] in shown.output, parameter.name


def test_defaults_are_in_the_help(folder: Path) -> None:
    shown = CliRunner(env={"COLUMNS": "300"}).invoke(app, ["serve", "--help"]).output
    assert "Address to listen at [default: 127.0.0.1]." in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mred", "a\\u001b[31mred"),
        ("\x07\x9b2J", "\\u0007\\u009b2J"),
        ("a\rb", "a\\u000db"),
        ("猫\n\té", "猫\n\té"),
    ],
)
def test_what_a_terminal_would_obey_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_prompt_cannot_write_to_the_terminal(run: Run) -> None:
    shown = run("plan", 'A cat says "bye \x1b]0;title\x07"').stdout
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_commands_print_by_one_place_alone() -> None:
    """A console or `print` of a command's own would take brackets for markup, or escapes for text."""
    for module in Path(str(cli.__file__)).parent.glob("*.py"):
        if module.name == "printing.py":
            continue
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("print", "Console"), f"{module.name}:{node.lineno}"
