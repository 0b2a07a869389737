from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.databases import opened
from tests.queue.running import Running
from tests.workshop import Workshop, a_workshop


@pytest.fixture
async def workshop(tmp_path: Path) -> AsyncGenerator[Workshop]:
    async with opened(tmp_path / "db.sqlite3") as database, a_workshop(database, tmp_path) as made:
        yield made


@pytest.fixture
def running(workshop: Workshop) -> Running:
    return Running(workshop.database)
