"""opendance serve and worker: what is wrong in the settings is told before anything starts."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Generator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from opendance import __version__
from opendance.errors import ConfigurationError
from opendance.server import Ready
from opendance.settings import Settings
from opendance.telemetry.logs import hide, set_up_logging
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


# ── JSON lines ──


@pytest.fixture
def _restored_logging() -> Generator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before


@pytest.mark.usefixtures("_restored_logging")
@pytest.mark.parametrize(
    ("arguments", "text", "message"),
    [
        (("worker",), "", "database_url: workers need a PostgreSQL database"),
        (("serve", "--port", "99999"), "", "settings: port: must be at most 65535"),
        (("serve",), "prot = 80", "settings: prot: is not taken here"),
        (("serve",), 'admin_key = "hunter2"', "settings: admin_key: "),
    ],
)
@pytest.mark.parametrize("by_file", [False, True])
def test_where_logs_are_json_so_is_the_line_of_a_start_that_failed(
    run: Run, folder: Path, arguments: tuple[str, ...], text: str, message: str, by_file: bool
) -> None:
    (folder / "settings.toml").write_text(text + ('\nlog_format = "json"' if by_file else ""))
    environment = {} if by_file else {"OPENDANCE_LOG_FORMAT": "json"}
    done = run(*arguments, "--config", "settings.toml", **environment)
    assert (done.exit_code, done.stdout) == (2, "")
    line = json.loads(done.stderr)
    assert line["message"].startswith(f"the start failed: {message}")
    assert set(line) == {"time", "level", "logger", "message"}
    assert (line["level"], line["logger"]) == ("ERROR", "opendance.cli.serve")
    assert "hunter2" not in done.stderr


def announces(settings: Settings, announce: Callable[[Ready], None], shows_key: bool, opens: bool) -> None:
    """As `run_server` does once it is ready."""
    assert shows_key == (settings.log_format == "text"), "no key stands in a log, also where a terminal shows it"
    set_up_logging(settings.log_level, settings.log_format)
    announce(Ready("http://127.0.0.1:80", "http://127.0.0.1:81"))


@pytest.mark.usefixtures("_restored_logging")
def test_where_logs_are_json_so_is_the_banner(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opendance.server.run_server", announces)
    terminal = SimpleNamespace(stdout=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("opendance.cli.serve.sys", terminal)
    done = run("serve", OPENDANCE_LOG_FORMAT="json")
    assert (done.exit_code, done.stdout) == (0, "")
    line = json.loads(done.stderr)
    assert line.pop("time")
    assert line == {
        "level": "INFO",
        "logger": "opendance.cli.serve",
        "message": f"Opendance {__version__} is ready at http://127.0.0.1:80",
        "version": __version__,
        "address": "http://127.0.0.1:80",
        "admin_address": "http://127.0.0.1:81",
    }
    shown = run("serve")
    assert "is ready at http://127.0.0.1:80\n  API page:" in shown.stdout


@pytest.mark.usefixtures("_restored_logging")
def test_where_logs_are_json_so_is_the_line_of_a_worker_that_works(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(_: Settings, announce: Callable[[], None]) -> None:
        announce()

    monkeypatch.setattr("opendance.worker.work", work)
    address = {"OPENDANCE_DATABASE_URL": "postgresql://here/there"}
    done = run("worker", OPENDANCE_LOG_FORMAT="json", **address)
    assert (done.exit_code, done.stdout) == (0, "")
    assert json.loads(done.stderr)["message"] == f"Opendance {__version__} works"
    assert run("worker", **address).stdout == "Opendance works; stop with Ctrl-C\n"


@pytest.mark.usefixtures("_restored_logging")
def test_no_secret_is_in_the_line_of_a_start_that_failed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def run_server(settings: Settings, **_: Any) -> None:
        hide(*settings.secrets)
        raise ConfigurationError(f"{settings.secrets[0]} postgresql://user:hunter2@host/db")

    monkeypatch.setattr("opendance.server.run_server", run_server)
    chosen = "what the operator chose"
    done = run("serve", OPENDANCE_LOG_FORMAT="json", OPENDANCE_ADMIN_KEY=chosen)
    assert json.loads(done.stderr)["message"] == "the start failed: [secret] postgresql://[secret]@host/db"
