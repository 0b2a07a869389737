"""opendance serve and worker: what is wrong in the settings is told before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from opendance.settings import Settings
from tests.cli.conftest import Run, Told


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings of the servers that would have been started."""
    found: list[Settings] = []

    def run_server(settings: Settings, **_: Any) -> None:
        found.append(settings)

    monkeypatch.setattr("opendance.server.run_server", run_server)
    return found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("port = 99999", "settings: port: must be at most 65535, not 99999"),
        ("prot = 80", "settings: prot: is not taken here; leave it out"),
        ("port = ", "--config: settings.toml: "),
        ('log_level = "loud"', "settings: log_level: "),
        ('fetch_allow = "inside"', "'inside' is no network; write addresses or networks such as 10.1.0.0/16"),
        ('admin_key = "short"', "settings: admin_key: "),
        ("port = 1\nhost = 2", "settings: host: "),
    ],
)
def test_a_wrong_file_is_told(refused: Told, folder: Path, started: list[Settings], text: str, words: str) -> None:
    (folder / "settings.toml").write_text(text)
    assert words in refused("serve", "--config", "settings.toml")
    assert started == []
    assert [path.name for path in folder.iterdir()] == ["settings.toml"]


def test_a_wrong_secret_is_not_shown(refused: Told, folder: Path) -> None:
    (folder / "settings.toml").write_text('admin_key = "hunter2"')
    assert "hunter2" not in refused("serve", "--config", "settings.toml")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("serve", "--config", "missing.toml"), "--config: there is no file missing.toml"),
        (("serve", "--port", "99999"), "settings: port: "),
        (("serve", "--port", "http"), "'--port'"),
        (("worker", "--concurrency", "0"), "settings: concurrency: "),
        (("worker",), "workers need a PostgreSQL database"),
    ],
)
def test_wrong_options_are_told(refused: Told, started: list[Settings], arguments: tuple[str, ...], words: str) -> None:
    assert words in refused(*arguments)
    assert started == []


def test_options_are_stronger_than_variables_and_these_than_the_file(
    run: Run, folder: Path, started: list[Settings]
) -> None:
    (folder / "settings.toml").write_text('host = "10.0.0.1"\nport = 1\nlog_level = "error"\n')
    environment = {"OPENDANCE_HOST": "10.0.0.2", "OPENDANCE_PORT": "2"}
    done = run("serve", "--config", "settings.toml", "--port", "3", "--no-worker", **environment)
    assert (done.exit_code, done.stderr) == (0, "")
    (settings,) = started
    assert (settings.host, settings.port, settings.log_level, settings.work) == ("10.0.0.2", 3, "error", False)
