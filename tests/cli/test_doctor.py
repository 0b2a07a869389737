"""opendance doctor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opendance.engines import registry
from opendance.engines.registry import EngineFacts, known_engines
from tests.cli.conftest import Run, Told

Read = Callable[..., Any]


@pytest.fixture
def with_engines(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, EngineFacts]], None]:
    return lambda engines: monkeypatch.setattr(registry, "known_engines", lambda: engines)


def test_it_tells_what_can_run(read: Read) -> None:
    found = {row["what"]: row for row in read("doctor")}
    assert [found[what]["ok"] for what in ("python", "engine previs", "video encoder", "sound encoder")] == [True] * 4
    assert {f"engine {name}" for name in known_engines()} <= set(found)
    assert "text-to-video" in found["engine previs"]["details"]


def test_what_is_missing_is_told_with_the_command_that_installs_it(
    with_engines: Callable[[Mapping[str, EngineFacts]], None], told: Told, read: Read
) -> None:
    previs = known_engines()["previs"]
    missing = replace(previs, requires=("a_module_that_nobody_has",), install="pip install 'opendance[gpu]'")
    with_engines({"previs": previs, "warp": missing})
    row = next(row for row in read("doctor") if row["what"] == "engine warp")
    assert (row["ok"], row["details"]) == (
        False,
        "missing: a_module_that_nobody_has; pip install 'opendance[gpu]'",
    )
    table = told("doctor")
    assert "pip install 'opendance[gpu]'" in table
    assert [line.split()[1] for line in table.splitlines() if " engine " in line] == ["ok", "--"]


def test_where_no_engine_can_run_it_fails(with_engines: Callable[[Mapping[str, EngineFacts]], None], run: Run) -> None:
    with_engines({"warp": replace(known_engines()["previs"], requires=("a_module_that_nobody_has",))})
    done = run("doctor")
    assert (done.exit_code, done.stderr) == (1, "error: no engine can run here\n")
    assert "video encoder" not in done.stdout


def test_a_data_folder_that_others_can_read_is_told(read: Read, told: Told, folder: Path) -> None:
    told("keys", "create", "--name", "x")

    def row() -> dict[str, Any]:
        return next(row for row in read("doctor") if row["what"] == "data folder")

    assert row()["ok"]
    (folder / "opendance-data" / "opendance.sqlite3").chmod(0o644)
    assert not row()["ok"]
    assert "other users may use 1 of its files" in row()["details"]
    assert "chmod -R go= opendance-data" in row()["details"]
