"""Who may read the metrics, and what of this process stands in them when they are read."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from pydantic import ValidationError

from opendance.api import metrics
from opendance.api.border import install_error_handlers
from opendance.api.failed_keys import FailedKeys
from opendance.engines.configured import Engines
from opendance.engines.routes import read_routes
from opendance.settings import Settings
from opendance.store.database import Database
from tests.databases import opened

TOKEN, ADMIN_KEY = "a token for metrics alone".replace(" ", "-"), "the-key-of-the-operator"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database]:
    async with opened(tmp_path / "x.sqlite3") as made:
        yield made


def client(database: Database, data_dir: Path, **settings: Any) -> httpx.AsyncClient:
    """Asks an application that has this one route."""
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(metrics.router)
    app.state.opendance = SimpleNamespace(
        settings=Settings(data_dir=data_dir, **settings),
        database=database,
        routes=read_routes({}, Engines({})),
        failed_keys=FailedKeys(per_minute=3),
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here")


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def status(asked: httpx.AsyncClient, key: str | None) -> int:
    return (await asked.get("/metrics", headers={} if key is None else bearer(key))).status_code


async def samples(asked: httpx.AsyncClient, key: str) -> dict[str, float]:
    text = (await asked.get("/metrics", headers=bearer(key))).raise_for_status().text
    return {s.name: s.value for family in text_string_to_metric_families(text) for s in family.samples}


async def test_metrics_need_their_token_where_there_is_one(database: Database, tmp_path: Path) -> None:
    async with client(database, tmp_path, metrics_token=TOKEN, admin_key=ADMIN_KEY) as asked:
        assert [await status(asked, key) for key in (None, ADMIN_KEY, TOKEN)] == [401, 401, 200]
        refused = await asked.get("/metrics", headers=bearer(TOKEN[:-1]))
        assert "OPENDANCE_METRICS_TOKEN" in refused.json()["error"]["message"]
        assert [await status(asked, TOKEN + "x"), await status(asked, TOKEN)] == [401, 429], "nobody guesses on"


async def test_without_a_token_they_need_the_admin_key(database: Database, tmp_path: Path) -> None:
    async with client(database, tmp_path, admin_key=ADMIN_KEY) as asked:
        assert [await status(asked, key) for key in (None, TOKEN, ADMIN_KEY)] == [401, 401, 200]
    async with client(database, tmp_path, metrics_open=True) as asked:
        assert await status(asked, None) == 200


def test_a_token_is_long_is_no_log_s_and_leaves_nothing_open() -> None:
    with pytest.raises(ValidationError, match="at least 20"):
        Settings(metrics_token="short")  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValidationError, match="leave one of the two out"):
        Settings(metrics_token=TOKEN, metrics_open=True)  # pyright: ignore[reportArgumentType]
    assert Settings(metrics_token=TOKEN, admin_key=ADMIN_KEY).secrets == (ADMIN_KEY, TOKEN)  # pyright: ignore[reportArgumentType]


async def test_they_tell_the_disk_of_the_data_folder(database: Database, tmp_path: Path) -> None:
    async with client(database, tmp_path, metrics_token=TOKEN) as asked:
        told = await samples(asked, TOKEN)
    assert told["opendance_data_disk_size_bytes"] == shutil.disk_usage(tmp_path).total
    assert 0 < told["opendance_data_disk_free_bytes"] < told["opendance_data_disk_size_bytes"]


async def test_they_tell_who_uses_the_database_and_who_waits_for_it(database: Database, tmp_path: Path) -> None:
    async def write() -> None:
        async with database.write():
            pass

    async with client(database, tmp_path, metrics_token=TOKEN) as asked:
        async with database.write(), database.read():
            waiting = [asyncio.create_task(write()) for _ in range(3)]
            await asyncio.sleep(0)
            told = await samples(asked, TOKEN)
        await asyncio.gather(*waiting)
        rest = await samples(asked, TOKEN)
    names = [f"opendance_database_{name}" for name in ("connections_in_use", "connections_max", "waiting")]
    assert [told[name] for name in names] == [2, 16, 3]
    assert [rest[name] for name in names] == [0, 16, 0]
