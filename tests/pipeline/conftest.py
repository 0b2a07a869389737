from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
import stamina

from opendance.store.database import Database
from tests.databases import opened
from tests.workshop import Workshop, a_workshop


@pytest.fixture(autouse=True)
def no_pauses() -> Generator[None]:
    """Retries come at once."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture
async def workshop(tmp_path: Path) -> AsyncGenerator[Workshop]:
    async with opened(tmp_path / "db.sqlite3") as database, a_workshop(database, tmp_path) as made:
        yield made


@pytest.fixture
async def workshop_on_each(database: Database, tmp_path: Path) -> AsyncGenerator[Workshop]:
    """A workshop on SQLite, and one on PostgreSQL."""
    async with a_workshop(database, tmp_path) as made:
        yield made
