"""What all commands share: the program, and its errors."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from opendance import __version__
from opendance.client import ApiProblem
from opendance.errors import ConfigurationError, NotFound, TaskError
from tests.cli.conftest import Run, Told


def test_the_version_is_shown(told: Told) -> None:
    assert told("--version") == f"opendance {__version__}\n"


@pytest.mark.parametrize("command", ["accounts", "admin-key", "credits", "engines", "groups", "keys"])
def test_a_command_without_its_second_word_shows_its_help(run: Run, command: str) -> None:
    done = run(command)
    assert done.exit_code == 2
    assert f"Usage: opendance {command} " in done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [("nonsense",), ("keys", "nonsense"), ("plan", "x", "--nonsense")])
def test_a_word_that_is_none_is_named(refused: Told, arguments: tuple[str, ...]) -> None:
    assert "nonsense" in refused(*arguments)


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (ConfigurationError("port: [red] is taken"), 2, "port: [red] is taken"),
        (NotFound(what="key", name="k", hint=""), 2, "There is no key 'k'"),
        (ApiProblem("wrong", status=400), 2, "wrong"),
        (ApiProblem("busy", status=503), 1, "busy"),
        (ApiProblem("away"), 1, "away"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_error_is_one_line_on_stderr_and_an_exit_code(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, words: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("opendance.cli.accounts.on_store", fail)
    done = run("accounts", "list")
    assert (done.exit_code, done.stdout, done.stderr) == (code, "", f"error: {words}\n")


def test_an_error_that_nobody_expected_keeps_its_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise TaskError("unknown_error", "a mistake of ours")

    monkeypatch.setattr("opendance.cli.accounts.on_store", fail)
    with pytest.raises(TaskError, match="a mistake of ours"):
        run("accounts", "list")


_INTERRUPTED = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # where the tests run in the background, it is ignored
import opendance.__main__ as program

class Interrupt:
    def find_spec(self, name, *_):
        if name == "opendance.cli":
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Interrupt())
program.main()
"""


def test_an_interrupt_while_it_is_loaded_ends_it_without_a_traceback() -> None:
    done = subprocess.run([sys.executable, "-c", _INTERRUPTED], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")
