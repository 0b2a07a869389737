"""`server.json`: where the server of a folder is reached, and a key that lives as long as it does."""

from __future__ import annotations

import errno
import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from opendance.errors import Unauthorized
from opendance.server_file import SERVER_FILE, ServerFile, read_server_file, server_file
from opendance.store import keys, ledger
from opendance.store.beginning import ensure_default_account
from opendance.store.database import Database
from tests.conftest import address_of

ADDRESS = "http://127.0.0.1:1"


async def is_good(database: Database, key: str) -> bool:
    async with database.read() as connection:
        try:
            await keys.authenticate(connection, key)
        except Unauthorized:
            return False
        return True


async def key_names(database: Database) -> list[str]:
    async with database.read() as connection:
        return [key.name for key in await keys.list_keys(connection)]


async def test_its_key_works_while_the_server_lives_and_nothing_is_left_of_it(
    database: Database, tmp_path: Path
) -> None:
    assert read_server_file(tmp_path) is None
    async with server_file(database, tmp_path, ADDRESS):
        found = read_server_file(tmp_path)
        assert found is not None
        assert (found.address, found.admin_address, found.pid) == (ADDRESS, ADDRESS, os.getpid())
        assert (tmp_path / SERVER_FILE).stat().st_mode & 0o777 == 0o600
        assert await is_good(database, found.key)
        async with database.read() as connection:
            [record] = await keys.list_keys(connection)
        assert record.expires is not None, "one that nobody can take back ends by itself"
    assert not (tmp_path / SERVER_FILE).exists()
    assert not await is_good(database, found.key)
    assert await key_names(database) == []


async def test_the_key_of_a_server_that_died_is_taken_back_at_the_next_start(
    database: Database, tmp_path: Path
) -> None:
    async with database.write() as connection:
        owner = await ensure_default_account(connection)
        _, left = await keys.create_key(connection, owner, name=SERVER_FILE)
    (tmp_path / SERVER_FILE).write_text(json.dumps({"address": ADDRESS, "key": left, "pid": 1}))
    assert read_server_file(tmp_path) is None, "nobody holds it"
    async with server_file(database, tmp_path, ADDRESS):
        assert not await is_good(database, left)
        assert (found := read_server_file(tmp_path)) is not None
        assert found.key != left


async def test_of_two_servers_on_a_folder_neither_ends_the_others_key(database: Database, tmp_path: Path) -> None:
    async with server_file(database, tmp_path, "http://127.0.0.1:1"):
        first = read_server_file(tmp_path)
        async with server_file(database, tmp_path, "http://127.0.0.1:2"):
            second = read_server_file(tmp_path)
            assert first is not None
            assert second is not None
            assert [await is_good(database, each.key) for each in (first, second)] == [True, True]
            assert second.address == "http://127.0.0.1:2"
        assert await is_good(database, first.key)


async def test_a_key_that_paid_for_something_is_revoked_and_stays_for_the_ledger(
    database: Database, tmp_path: Path
) -> None:
    async with server_file(database, tmp_path, ADDRESS):
        found = read_server_file(tmp_path)
        assert found is not None
        async with database.write() as connection:
            caller = await keys.authenticate(connection, found.key)
            await keys.touch_key(connection, caller.key.id)
            await ledger.top_up(connection, caller.account_id, Decimal(10), reason="", reference="r")
            await ledger.reserve(
                connection, caller.account_id, "task-1", Decimal(1), key_id=caller.key.id, balance=Decimal(10)
            )
    assert not await is_good(database, found.key)
    async with database.read() as connection:
        [record] = await keys.list_keys(connection)
    assert (record.name, record.revoked is None) == (SERVER_FILE, False)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"address": 1}', "\0"])
async def test_a_file_that_is_none_does_no_harm(database: Database, tmp_path: Path, content: str) -> None:
    (tmp_path / SERVER_FILE).write_text(content)
    assert read_server_file(tmp_path) is None
    async with server_file(database, tmp_path, ADDRESS):
        assert isinstance(read_server_file(tmp_path), ServerFile)


async def test_a_server_that_cannot_write_it_works_without(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    async with server_file(database, tmp_path, ADDRESS):
        assert read_server_file(tmp_path) is None
        assert [path.name for path in tmp_path.iterdir() if SERVER_FILE in path.name] == []
    assert "server.json cannot be written" in caplog.text
    assert await key_names(database) == []


async def test_a_key_that_cannot_be_taken_back_ends_by_itself_and_hinders_no_stop(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def away(*_: object) -> None:
        raise OperationalError("DELETE", {}, Exception("the database is away"))

    async with server_file(database, tmp_path, ADDRESS):
        monkeypatch.setattr("opendance.server_file.forget_key", away)
    assert "ends within a day" in caplog.text
    assert not (tmp_path / SERVER_FILE).exists()


Serve = Callable[[Path, int], subprocess.Popen[str]]


@pytest.fixture
def serve() -> Generator[Serve]:
    """Starts a server that writes to a file; what a test leaves running ends with it."""
    processes: list[subprocess.Popen[str]] = []

    def start(folder: Path, stdout: int) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "opendance.cli", "serve", "--port", "0", "--no-worker"]
        process = subprocess.Popen(
            [*command, "--data-dir", str(folder)], stdout=stdout, stderr=subprocess.PIPE, text=True
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.rule("AU-02")
def test_a_first_key_is_made_where_a_terminal_shows_it_and_nowhere_else(tmp_path: Path, serve: Serve) -> None:
    first = serve(tmp_path, subprocess.PIPE)
    address_of(first, tmp_path)
    found = read_server_file(tmp_path)
    assert found is not None
    assert httpx.get(f"{found.address}/v1/tasks", headers={"Authorization": f"Bearer {found.key}"}).is_success
    first.send_signal(signal.SIGTERM)
    said, logged = first.communicate(timeout=30)
    assert "od-" not in said + logged
    assert "ol_" not in said + logged
    assert "make one: opendance keys create" in logged

    ours, theirs = pty.openpty()
    second = serve(tmp_path, theirs)
    os.close(theirs)
    address_of(second, tmp_path)
    shown = ""
    while "Ctrl-C" not in shown:  # a terminal gives what has been written by now
        shown += os.read(ours, 4096).decode()
    key = re.search(r"API key: +(od-\S+)", shown)
    assert key is not None
    address = address_of(second, tmp_path)
    link = re.search(rf"Studio: +{address}/#link=(ol_\S+)", shown)
    assert link is not None
    assert httpx.post(
        f"{address}/studio/v1/session", json={"link": link[1]}, headers={"Origin": address}
    ).json()["admin_until"]
    assert httpx.get(f"{address}/v1/tasks", headers={"Authorization": f"Bearer {key[1]}"}).is_success
    gone = httpx.get(f"{address}/v1/tasks", headers={"Authorization": f"Bearer {found.key}"})
    assert gone.status_code == 401
    second.send_signal(signal.SIGTERM)
    assert key[1] not in second.communicate(timeout=30)[1]
    os.close(ours)


def test_the_key_of_a_killed_server_ends_with_the_next_start(tmp_path: Path, serve: Serve) -> None:
    first = serve(tmp_path, subprocess.DEVNULL)
    address_of(first, tmp_path)
    first.kill()
    first.communicate()
    left = json.loads((tmp_path / SERVER_FILE).read_text())
    assert read_server_file(tmp_path) is None, "nobody answers there any more"
    second = serve(tmp_path, subprocess.DEVNULL)
    address = address_of(second, tmp_path)
    try:
        found = read_server_file(tmp_path)
        assert found is not None
        asked = [
            httpx.get(f"{address}/v1/tasks", headers={"Authorization": f"Bearer {key}"})
            for key in (left["key"], found.key)
        ]
        assert [answer.status_code for answer in asked] == [401, 200]
    finally:
        second.send_signal(signal.SIGTERM)
        second.communicate(timeout=30)
    assert not (tmp_path / SERVER_FILE).exists()
