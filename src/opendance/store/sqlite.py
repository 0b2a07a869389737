"""The rules of SQLite in WAL mode: any number of readers, one writer at a time."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

from sqlalchemy import URL, CursorResult, Dialect, Engine, Executable, QueuePool, create_engine, event
from sqlalchemy import Connection as SyncConnection

from opendance.store.database import PoolState

_READERS = 15  # that the pool opens, as they are needed


def _on_connect(connection: Any, _record: object) -> None:
    # The driver must not begin transactions by itself: `_begin_writing` says which kind.
    connection.isolation_level = None
    connection.create_function("floor", 1, math.floor, deterministic=True)  # not every build has it
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")  # in WAL mode a crash of the process loses nothing
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_writing(connection: Any) -> None:
    # IMMEDIATE takes the write lock at once: no transaction fails half-way because another began to write.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def prepare(engine: Engine, *, writes: bool) -> Engine:
    """The engine, with our rules for each connection."""
    event.listen(engine, "connect", _on_connect)
    if writes:
        event.listen(engine, "begin", _begin_writing)
    return engine


class SqliteConnection:
    """Runs statements where they are awaited.

    SQLite answers a point query in tens of microseconds, less than one hop to a driver's thread takes. The awaits are
    there for databases that answer over a network.
    """

    def __init__(self, connection: SyncConnection) -> None:
        self._connection = connection

    @property
    def dialect(self) -> Dialect:
        """Of the database, for what each says in its own words."""
        return self._connection.dialect

    async def execute(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> CursorResult[Any]:
        """Run one statement; its result is held whole."""
        return cast("CursorResult[Any]", self._connection.execute(statement, parameters))


class SqliteDatabase:
    """Transactions on one SQLite file."""

    def __init__(self, url: URL) -> None:
        # Readers need no transaction: each statement sees the newest state.
        self._readers = prepare(self._engine(url, isolation_level="AUTOCOMMIT"), writes=False)
        self._writer = prepare(self._engine(url), writes=True)
        self._writing = asyncio.Lock()
        self._waiting = 0

    @property
    def pool(self) -> PoolState:
        """How its connections stand: those that read, and the one that writes."""
        readers = self._readers.pool
        assert isinstance(readers, QueuePool)
        return PoolState(readers.checkedout() + self._writing.locked(), _READERS + 1, self._waiting)

    @staticmethod
    def _engine(url: URL, **options: Any) -> Engine:
        return create_engine(
            url,
            poolclass=QueuePool,
            pool_size=5,
            max_overflow=_READERS - 5,
            pool_reset_on_return=None,
            connect_args={"check_same_thread": False},
            **options,
        )

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[SqliteConnection]:
        """A connection that only reads."""
        with self._readers.connect() as connection:
            yield SqliteConnection(connection)

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[SqliteConnection]:
        """A transaction that may write; it commits when the block ends and rolls back when the block raises."""
        self._waiting += 1
        try:
            await self._writing.acquire()
        finally:
            self._waiting -= 1
        try:
            with self._writer.begin() as connection:
                yield SqliteConnection(connection)
        finally:
            self._writing.release()

    async def close(self) -> None:
        """Close all connections."""
        self._readers.dispose()
        self._writer.dispose()
