"""What the matrix says of a client; `make test-clients` runs the clients themselves."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.clients import clients
from tests.clients.clients import Client, Installed, Missing, Step, install, run, table


def step(problem: str | None, expected: str | None = None) -> Step:
    return Step("a client", "1.0", "Ark", "create", problem, expected)


@pytest.mark.parametrize(
    ("outcome", "holds", "result"),
    [
        (step(None), True, "works"),
        (step("Error: it is refused here"), False, "Error: it is refused here"),
        (step("Error: it is refused here", "refused here"), True, "the client refuses: Error: it is refused here"),
        (step("Error: another", "refused here"), False, "Error: another"),
    ],
)
def test_a_step_holds_where_it_went_well_or_the_client_refuses_it_as_it_is_known_to(
    outcome: Step, holds: bool, result: str
) -> None:
    assert outcome.holds is holds
    assert table([outcome]).splitlines()[-1] == f"| a client | 1.0 | Ark | create | {result} |"


def test_one_that_cannot_be_had_is_skipped_with_a_word() -> None:
    last = table([Missing("a client", "no such | package")]).splitlines()[-1]
    assert last == "| a client | - | - | nothing | skipped, it cannot be had: no such \\| package |"


def test_a_program_that_breaks_off_is_a_step_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "breaking.py").write_text(
        'print(\'{"step": "create", "problem": null}\', flush=True)\nraise SystemExit("no more")'
    )
    monkeypatch.setattr(clients, "PROGRAMS", tmp_path)
    monkeypatch.setattr(clients, "_pip", lambda place, packages: Path(sys.executable))
    (tmp_path / "a-1-0").mkdir()
    client = Client("a client", ("a==1.0",), "breaking.py", "Ark", {})
    installed = install(client, tmp_path)
    assert isinstance(installed, Installed)
    steps = run(client, installed, {})
    assert [(each.done, each.version, each.holds) for each in steps] == [
        ("create", "1.0", True),
        ("the program itself", "1.0", False),
    ]
