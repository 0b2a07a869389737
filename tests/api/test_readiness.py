"""Whether a process can work, and what whoever asks is told of it."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from opendance.api import readiness
from opendance.api.readiness import Readiness
from opendance.errors import StorageError
from opendance.storage import Storage
from opendance.store.database import Connection, Database
from tests.databases import opened
from tests.workshop import MadeUpHost

INSIDE = "path customers/x: Error performing HEAD http://10.0.0.7:9000/internal-bucket/x"


class AskedStore:
    """An object store that counts how often it is asked."""

    asked = 0
    away = False

    async def check(self) -> None:
        self.asked += 1
        if self.away:
            raise StorageError(INSIDE)


class Away:
    """A database that is away."""

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[Connection]:
        raise TimeoutError("no answer from 10.0.0.7")
        yield


@pytest.fixture
def store() -> AskedStore:
    return AskedStore()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database]:
    async with opened(tmp_path / "db.sqlite3") as database:
        yield database


def ready(database: Any, store: AskedStore, **hosts: MadeUpHost) -> Readiness:
    return Readiness(database, cast(Storage, store), hosts)


async def test_however_often_it_is_asked_it_looks_once_a_second(
    database: Database, store: AskedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = ready(database, store)
    assert [await looks.problem() for _ in range(50)] == [None] * 50
    assert store.asked == 1
    monkeypatch.setattr(readiness, "_LOOK_EVERY", 0.0)
    await looks.problem()
    assert store.asked == 2


async def test_what_is_inside_is_for_the_log_and_there_it_stands_once(
    database: Database, store: AskedStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(readiness, "_LOOK_EVERY", 0.0)
    looks = ready(database, store)
    store.away = True
    for _ in range(3):
        assert await looks.problem() == "the object store does not answer"
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR] == [
        f"not ready: the object store does not answer: {INSIDE}"
    ]
    store.away = False
    assert await looks.problem() is None
    assert await ready(Away(), store).problem() == "the database does not answer"


async def test_an_engine_is_waited_for_and_why_it_cannot_be_loaded_is_told(
    database: Database, store: AskedStore
) -> None:
    host = MadeUpHost(is_loaded=False)
    looks = ready(database, store, previs=host, other=MadeUpHost())
    assert await looks.problem() == "the engine previs is loading"
    host.problem = "no weights"
    assert await looks.problem() == "the engine previs cannot be loaded: no weights"
    host.is_loaded, host.problem = True, None
    assert await looks.problem() is None
    assert looks.engines == {"previs": "loaded", "other": "loaded"}
