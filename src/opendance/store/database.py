"""The connection to the database: migrations, transactions, and the rules of SQLite in WAL mode."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, create_engine, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from opendance.errors import ConfigurationError

MIGRATIONS = Path(__file__).parent / "migrations"


def _on_connect(connection: Any, _record: object) -> None:
    # The driver must not begin transactions by itself: `_on_begin` and `write` say which kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")  # in WAL mode a crash of the process loses nothing
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_reading(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_writing(connection: Any) -> None:
    # IMMEDIATE takes the write lock at once: no transaction fails half-way because another began to write.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def migrate(path: Path) -> None:
    """Bring the database at `path` to the newest schema; safe to call at every start.

    Raises:
        ConfigurationError: the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"data_dir: cannot make {path.parent}: {error.strerror}") from None
    engine = create_engine(URL.create("sqlite", database=str(path)))
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _begin_writing)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


class Database:
    """Transactions on one SQLite file: any number of readers, one writer at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        url = URL.create("sqlite+aiosqlite", database=str(path))
        self._readers = self._engine(url, _begin_reading, pool_size=4)
        self._writer = self._engine(url, _begin_writing, pool_size=1)
        self._writing = asyncio.Lock()

    @staticmethod
    def _engine(url: URL, begin: Any, pool_size: int) -> AsyncEngine:
        engine = create_async_engine(url, pool_size=pool_size, max_overflow=0, pool_reset_on_return=None)
        event.listen(engine.sync_engine, "connect", _on_connect)
        event.listen(engine.sync_engine, "begin", begin)
        return engine

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection]:
        """A transaction that only reads."""
        async with self._readers.begin() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[AsyncConnection]:
        """A transaction that may write; it commits when the block ends and rolls back when the block raises."""
        async with self._writing, self._writer.begin() as connection:
            yield connection

    async def close(self) -> None:
        await self._readers.dispose()
        await self._writer.dispose()
