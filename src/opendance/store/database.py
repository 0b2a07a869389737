"""The connection to the database: migrations, transactions, and the rules of SQLite in WAL mode."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, CursorResult, Engine, Executable, QueuePool, create_engine, event
from sqlalchemy import Connection as SyncConnection

from opendance.errors import ConfigurationError

MIGRATIONS = Path(__file__).parent / "migrations"


def _on_connect(connection: Any, _record: object) -> None:
    # The driver must not begin transactions by itself: `_begin_writing` says which kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")  # in WAL mode a crash of the process loses nothing
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


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


class Connection:
    """What queries run on.

    SQLite answers a point query in tens of microseconds, less than one hop to a driver's thread takes: statements run
    where they are awaited. The awaits are there for databases that answer over a network.
    """

    def __init__(self, connection: SyncConnection) -> None:
        self._connection = connection

    async def execute(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> CursorResult[Any]:
        """Run one statement; its result is held whole."""
        return cast("CursorResult[Any]", self._connection.execute(statement, parameters))


class Database:
    """Transactions on one SQLite file: any number of readers, one writer at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        url = URL.create("sqlite", database=str(path))
        # Readers need no transaction: each statement sees the newest state.
        self._readers = self._engine(url, isolation_level="AUTOCOMMIT")
        self._writer = self._engine(url)
        event.listen(self._writer, "begin", _begin_writing)
        self._writing = asyncio.Lock()

    @staticmethod
    def _engine(url: URL, **options: Any) -> Engine:
        engine = create_engine(
            url, poolclass=QueuePool, pool_reset_on_return=None, connect_args={"check_same_thread": False}, **options
        )
        event.listen(engine, "connect", _on_connect)
        return engine

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[Connection]:
        """A connection that only reads."""
        with self._readers.connect() as connection:
            yield Connection(connection)

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[Connection]:
        """A transaction that may write; it commits when the block ends and rolls back when the block raises."""
        async with self._writing:
            with self._writer.begin() as connection:
                yield Connection(connection)

    async def close(self) -> None:
        """Close all connections."""
        self._readers.dispose()
        self._writer.dispose()
