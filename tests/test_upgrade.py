"""From one release to the next: what waits is told and run, what is newer is refused, and what was made before stays."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from opendance.backup import back_up, restore
from opendance.cli import app
from opendance.errors import ConfigurationError, NewerSchema
from opendance.private import make_data_folder, sole_use
from opendance.settings import Settings
from opendance.store.database import MIGRATIONS, known_migrations, migrate, waiting_migrations
from opendance.upgrade import ensure_schema, run_migrations
from tests.conftest import RunningServer, start_server, wait_for
from tests.databases import of_release, writing
from tests.receiver import Receiver, running_receiver

NEWEST = known_migrations()[-1].revision
ENGINE = {"OPENDANCE_ENGINES": "blank"}


@pytest.fixture(params=[pytest.param("sqlite", marks=pytest.mark.thorough), "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Of an installation that does not exist yet, on each kind of database."""
    url = None if request.param == "sqlite" else request.getfixturevalue("postgresql").empty_database()
    return Settings(data_dir=tmp_path / "data", database_url=url)


def become_newer(settings: Settings) -> None:
    """As if a release that we know nothing of had been here."""
    with writing(settings.database) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))


@dataclass(frozen=True)
class Done:
    """What a command said."""

    code: int
    out: str
    problem: str


def opendance(settings: Settings, *words: str, **environment: str) -> Done:
    """Run a command; what goes on to work is a process of its own."""
    variables = {"OPENDANCE_DATA_DIR": str(settings.data_dir), "OPENDANCE_LOG_LEVEL": "error", **ENGINE, **environment}
    if settings.database_url is not None:
        variables["OPENDANCE_DATABASE_URL"] = settings.database_url
    if words[0] not in ("serve", "worker"):
        result = CliRunner(env=variables).invoke(app, words)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return Done(result.exit_code, result.stdout, result.stderr)
    command = [sys.executable, "-m", "opendance.cli", *words]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env={**os.environ, **variables}
    )
    return Done(done.returncode, done.stdout, done.stderr)


# ── the schema ──


def test_what_waits_is_told_without_making_anything_and_then_run(settings: Settings) -> None:
    done = opendance(settings, "migrate", "check")
    place = "folder" if settings.database_url is None else "database"
    assert (done.code, done.problem) == (1, f"note: there is no installation there yet; it may be the wrong {place}\n")
    assert done.out.startswith("waiting: 0001 (First tables), 0002 (")
    assert not settings.data_dir.exists()
    with of_release(settings.database, "0009"):
        pass
    done = opendance(settings, "migrate", "check")
    told = re.sub(r" \([^)]*\)", "", done.out)
    assert (done.code, told) == (1, "waiting: 0010, 0011, 0012, 0013\n")
    done = opendance(settings, "migrate", "up")
    assert (done.code, re.sub(r" \([^)]*\)", "", done.out).startswith("done: 0010, 0011, 0012, 0013")) == (0, True), (
        done.out
    )
    for words in (("migrate", "up"), ("migrate", "check")):
        done = opendance(settings, *words)
        assert (done.code, done.out) == (0, f"the database is up to date: {NEWEST}\n")


def test_an_older_release_refuses_a_newer_schema_in_one_line(settings: Settings) -> None:
    run_migrations(settings)
    become_newer(settings)
    for refuses in (lambda: waiting_migrations(settings.database), lambda: migrate(settings.database)):
        with pytest.raises(
            NewerSchema, match=rf"the schema 9999 of a newer release; .* up to {NEWEST}: start the newer"
        ):
            refuses()
    commands = [("migrate", "check"), ("migrate", "up"), ("serve", "--port", "0"), ("keys", "list")]
    if settings.database_url is not None:
        commands.append(("worker",))
    for words in commands:
        done = opendance(settings, *words)
        assert (done.code, done.out) == (2, ""), words
        assert done.problem.startswith("error: the database has the schema 9999 of a newer release"), words
        assert done.problem.count("\n") == 1, words


def test_a_process_that_must_not_migrate_says_what_waits(settings: Settings) -> None:
    with of_release(settings.database, "0009"):
        pass
    commands = [("serve", "--port", "0"), ("keys", "list")]
    if settings.database_url is not None:
        commands.append(("worker",))
    for words in commands:
        done = opendance(settings, *words, OPENDANCE_MIGRATE_AT_START="false")
        assert (done.code, done.problem.count("\n")) == (2, 1), words
        assert done.problem.startswith("error: the database waits for migrations 0010 (Tasks know their wire"), words
        assert "run `opendance migrate up`" in done.problem
    assert [migration.revision for migration in waiting_migrations(settings.database)] == [
        "0010",
        "0011",
        "0012",
        "0013",
    ]
    run_migrations(settings)
    ensure_schema(settings.model_copy(update={"migrate_at_start": False}))


def test_of_several_that_migrate_at_once_one_does(settings: Settings) -> None:
    with of_release(settings.database, "0008"):
        pass
    with ThreadPoolExecutor(4) as pool:
        ran = list(pool.map(lambda _: [each.revision for each in run_migrations(settings)], range(4)))
    assert sorted(ran) == [[], [], [], ["0009", "0010", "0011", "0012", "0013"]]


def test_who_waits_for_the_migrations_goes_on_after_them(settings: Settings) -> None:
    with of_release(settings.database, "0009"):
        pass
    command = [sys.executable, "-m", "opendance.cli", "migrate", "check", "--wait", "60"]
    variables = {"OPENDANCE_DATA_DIR": str(settings.data_dir)}
    if settings.database_url is not None:
        variables["OPENDANCE_DATABASE_URL"] = settings.database_url
    with subprocess.Popen(command, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True) as waiting:
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(3)
        run_migrations(settings)
        told, _ = waiting.communicate(timeout=60)
    assert (waiting.returncode, told) == (0, f"the database is up to date: {NEWEST}\n")


def test_waiting_ends_with_what_waits_and_never_for_a_newer_schema(settings: Settings) -> None:
    assert opendance(settings, "migrate", "check", "--wait", "0.1").code == 1
    run_migrations(settings)
    become_newer(settings)
    assert opendance(settings, "migrate", "check", "--wait", "3600").code == 2


def test_a_database_that_is_away_is_waited_for_and_then_told(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url="postgresql://nobody@127.0.0.1:9/x")
    done = opendance(settings, "migrate", "check", "--wait", "0.1")
    assert (done.code, done.problem.count("\n")) == (2, 1)
    assert "database_url: the database at 127.0.0.1 cannot be used" in done.problem


def test_tables_are_not_changed_below_a_server_that_works_on_them(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    make_data_folder(settings.data_dir)
    with of_release(settings.database, "0009"):
        pass
    with (
        sole_use(settings.data_dir, "free"),
        pytest.raises(ConfigurationError, match=r"a server of another release works on .*; stop it"),
    ):
        run_migrations(settings)
    assert [migration.revision for migration in waiting_migrations(settings.database)] == [
        "0010",
        "0011",
        "0012",
        "0013",
    ]


def test_whoever_finds_a_server_that_has_just_migrated_goes_on(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    make_data_folder(settings.data_dir)
    held, found = threading.Event(), threading.Event()

    def serve() -> None:
        with sole_use(settings.data_dir, "free"):
            held.set()
            found.wait(30)
            migrate(settings.database)
            time.sleep(6)  # it goes on to serve

    server = threading.Thread(target=serve)
    server.start()
    held.wait(30)
    threading.Timer(0.5, found.set).start()
    ensure_schema(settings)
    assert waiting_migrations(settings.database) == ()
    server.join()


def test_the_way_back_is_the_backup_from_before(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    run_migrations(settings)
    back_up(settings, tmp_path / "before.tar")
    become_newer(settings)
    with pytest.raises(NewerSchema):
        ensure_schema(settings)
    again = Settings(data_dir=tmp_path / "again")
    restore(again, tmp_path / "before.tar")
    ensure_schema(again)
    assert waiting_migrations(again.database) == ()


def test_at_the_newest_schema_nothing_of_migrations_is_loaded(settings: Settings) -> None:
    ensure_schema(settings)
    start = (
        "import sys; from opendance.settings import load_settings; from opendance.upgrade import ensure_schema; "
        "ensure_schema(load_settings()); sys.exit('alembic' in sys.modules)"
    )
    variables = {"OPENDANCE_DATA_DIR": str(settings.data_dir), "OPENDANCE_DATABASE_URL": settings.database_url}
    environment = {**os.environ, **{name: value for name, value in variables.items() if value is not None}}
    assert subprocess.run([sys.executable, "-c", start], env=environment, timeout=60, check=False).returncode == 0
    revisions = [file.name[:4] for file in sorted((MIGRATIONS / "versions").glob("*.py"))]
    assert revisions == [migration.revision for migration in known_migrations()], "files begin with their revision"


# ── what was made before addresses were noted with tasks (0004) ──

_ROW = {
    "account_id": "acct-1",
    "user_group": "default",
    "model": "seedance-2.0-mini-text-to-video",
    "progress": 0,
    "revision": 1,
    "seed": 1,
    "estimated_time": 1,
    "created": 0.0,
    "cancel_requested": 0,
    "attempts": 0,
    "credits_reserved": 100_000,
}
ENDED, UNDER_WAY = "task-unified-1700000000-aaaaaaaa", "task-unified-1700000000-bbbbbbbb"


def insert(connection: Any, table: str, **values: Any) -> None:
    names = ", ".join(values)
    connection.execute(
        text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in values)})"), values
    )


def make_tasks_of_0003(settings: Settings, callback_url: str) -> None:
    """One that had ended a minute ago, one that waits; of the account `studio`."""
    now = time.time()
    request = {"model": _ROW["model"], "prompt": "a cat", "duration": 4, "quality": "480p"}
    with of_release(settings.database, "0003") as connection:
        insert(connection, "accounts", id="acct-1", name="studio", user_group="default", created=now)
        insert(connection, "ledger", account_id="acct-1", kind="topup", amount=10**9, created=now)
        for task_id, status, more in (
            (ENDED, "completed", {"finished": now - 60, "result_key": f"results/{ENDED}.mp4", "credits_used": 100_000}),
            (UNDER_WAY, "pending", {}),
        ):
            asked = json.dumps(request | {"callback_url": callback_url})
            row = _ROW | {"id": task_id, "status": status, "created": now - 100, "request": asked} | more
            insert(connection, "tasks", **row)
            insert(connection, "task_events", task_id=task_id, revision=1, status=status, progress=0)
            of_task = {"account_id": "acct-1", "task_id": task_id, "created": now - 100}
            insert(connection, "ledger", **of_task, kind="reserve", amount=-100_000)
            if status == "completed":
                insert(connection, "ledger", **of_task, kind="settle", amount=0)


@pytest.fixture
def receiver(tmp_path: Path) -> Generator[Receiver]:
    (tmp_path / "receiver").mkdir()
    with running_receiver(tmp_path / "receiver") as running:
        yield running


@pytest.mark.parametrize(
    "public_url", [pytest.param(None, marks=pytest.mark.thorough), "https://video.example.com/below"]
)
def test_results_and_callbacks_of_tasks_from_before_have_whole_links(
    settings: Settings, receiver: Receiver, public_url: str | None
) -> None:
    make_tasks_of_0003(settings, receiver.url("done"))
    environment = {
        **ENGINE,
        "OPENDANCE_CALLBACK_ALLOW": "127.0.0.1/32",
        "OPENDANCE_CALLBACK_CA": str(receiver.ca),
        **({} if settings.database_url is None else {"OPENDANCE_DATABASE_URL": settings.database_url}),
        **({} if public_url is None else {"OPENDANCE_PUBLIC_URL": public_url}),
    }
    server = start_server(settings.data_dir, **environment)
    try:
        check_links(server, receiver, public_url)
    finally:
        server.stop()


def check_links(server: RunningServer, receiver: Receiver, public_url: str | None) -> None:
    with server.admin() as admin:
        made = admin.post("/admin/v1/accounts/studio/keys", json={"name": "new"}).raise_for_status()
    with server.client(made.json()["key"]) as client:
        wait_for(client, UNDER_WAY)
        expected = f"{public_url or server.address}/v1/results/"
        for task_id in (ENDED, UNDER_WAY):
            shown = [
                client.get(f"/v1/tasks/{task_id}").json(),
                client.get(f"/v1/tasks/{task_id}", params={"include": "request"}).json(),
                client.patch(f"/v1/tasks/{task_id}", json={"favourite": True}).json(),
                *(task for task in client.get("/v1/tasks").json()["data"] if task["id"] == task_id),
            ]
            links = [link for task in shown for link in task["results"]]
            links.append(client.get(f"/api/v3/contents/generations/tasks/{task_id}").json()["content"]["video_url"])
            events = client.get(f"/v1/tasks/{task_id}/events").text
            assert len(links) == 5
            assert all(link.startswith(expected) for link in links), links
            assert task_id != UNDER_WAY or f'"results":["{expected}' in events
        if public_url is None:
            assert httpx.get(links[0]).status_code == 200, "and the newest leads to the video"
    [told] = receiver.wait("done")
    [link] = json.loads(told.body)["results"]
    # A callback goes to nobody who has asked: without a setting it can say only where the server listens.
    assert link.startswith(f"{public_url}/v1/results/" if public_url else "http://127.0.0.1:0/v1/results/")
