from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import stamina

from tests.conftest import FileServer
from tests.databases import opened
from tests.engines.upstream.desk import Desk, MakeDesk
from tests.upstreams import Service, ark_app, serving, videos_app
from tests.workshop import a_workshop


@pytest.fixture
def no_pauses() -> Generator[None]:
    """Retries come at once."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture
def ark(tmp_path: Path) -> Generator[Service]:
    with serving(ark_app, tmp_path / "ark") as service:
        yield service


@pytest.fixture
def videos(tmp_path: Path) -> Generator[Service]:
    with serving(videos_app, tmp_path / "videos") as service:
        yield service


@pytest.fixture
async def open_desk(tmp_path: Path, hosted: FileServer, no_pauses: None) -> AsyncGenerator[MakeDesk]:
    """Makes a whole pipeline in this process whose only engine is an upstream over true HTTP."""
    async with AsyncExitStack() as stack:

        async def make(engine: str, **options: object) -> Desk:
            database = await stack.enter_async_context(opened(tmp_path / "db.sqlite3"))
            shop = await stack.enter_async_context(a_workshop(database, tmp_path, engines=(engine,)))
            desk = Desk(shop, engine, options, hosted)
            stack.push_async_callback(desk.host.close)
            return desk

        yield make
