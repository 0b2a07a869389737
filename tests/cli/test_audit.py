"""opendance audit."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Told


@pytest.fixture(autouse=True)
def actions(told: Told, installation: Path) -> None:
    told("accounts", "create", "--name", "Ann", "--credits", "5")
    told("accounts", "create", "--name", "猫")
    told("credits", "add", "Ann", "7", "--reason", 'by "card", twice')
    told("groups", "set", "gold", "--priority", "3")


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_every_action_is_a_line_oldest_first(told: Told) -> None:
    rows = lines(told("audit"))
    assert [row["kind"] for row in rows] == [
        "admin.create_account", "admin.create_account", "admin.top_up", "admin.put_group",
    ]  # fmt: skip
    assert {row["actor"] for row in rows} == {"command line"}
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)  # type: ignore[type-var]
    assert rows[1]["detail"] == {"name": "猫"}
    assert "猫" in told("audit"), "as it was written, not escaped"


def test_rows_are_found_by_kind_account_task_and_day(told: Told) -> None:
    today = datetime.now(UTC).date()
    tomorrow = str(today + timedelta(days=1))
    assert len(lines(told("audit", "--kind", "admin."))) == 4
    assert [row["kind"] for row in lines(told("audit", "--kind", "admin.top_up"))] == ["admin.top_up"]
    ann = lines(told("audit", "--account", "Ann"))
    assert [row["kind"] for row in ann] == ["admin.create_account", "admin.top_up"]
    assert lines(told("audit", "--account", str(ann[0]["account_id"]))) == ann
    assert len(lines(told("audit", "--since", str(today - timedelta(days=1)), "--until", tomorrow))) == 4


def test_where_nothing_is_like_that_it_says_so(run: Run) -> None:
    tomorrow = str(datetime.now(UTC).date() + timedelta(days=1))
    for arguments in (("--task", "task-x"), ("--since", tomorrow), ("--until", "2026-01-01")):
        done = run("audit", *arguments)
        assert (done.exit_code, done.stdout, done.stderr) == (0, "", "no entry is like that\n")
    assert run("audit", "--kind", "filtr").stderr.startswith("no entry is like that; kinds are filter, ")


def test_as_csv_it_is_the_same_rows(told: Told) -> None:
    rows = lines(told("audit"))
    table = list(csv.DictReader(io.StringIO(told("audit", "--csv"))))
    assert [(int(row["id"]), row["kind"], json.loads(row["detail"])) for row in table] == [
        (row["id"], row["kind"], row["detail"]) for row in rows
    ]
    assert [datetime.fromisoformat(row["at"]).timestamp() for row in table] == pytest.approx(
        [row["at"] for row in rows], abs=0.001
    )


def test_more_rows_than_a_page_are_all_told(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opendance.cli.audit._PAGE", 2)
    whole = lines(told("audit"))
    told("groups", "set", "gold", "--priority", "4")
    assert lines(told("audit"))[:4] == whole
    assert (len(whole), len(lines(told("audit")))) == (4, 5)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--account", "nobody"), "no account 'nobody'"),
        (("--since", "yesterday"), "'--since'"),
        (("--until", "2026-02-30"), "'--until'"),
    ],
)
def test_a_wrong_question_is_told(refused: Told, arguments: tuple[str, ...], words: str) -> None:
    assert words in refused("audit", *arguments)
