"""The rules of SQLite in WAL mode: any number of readers, one writer at a time."""

from __future__ import annotations

import asyncio
import math
import sqlite3
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from sqlalchemy import URL, Dialect, Engine, Executable, Insert, QueuePool, create_engine, event
from sqlalchemy.exc import DBAPIError

from opendance.store.database import PoolState, Request
from opendance.store.statements import StatementResult, Statements

# IMMEDIATE takes the write lock at once: no transaction fails half-way because another began to write.
_BEGIN = "BEGIN IMMEDIATE"
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
    connection.exec_driver_sql(_BEGIN)


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

    def __init__(self, driver: sqlite3.Connection, statements: Statements, dialect: Dialect) -> None:
        self._driver, self._statements, self._dialect = driver, statements, dialect

    @property
    def dialect(self) -> Dialect:
        """Of the database, for what each says in its own words."""
        return self._dialect

    async def execute(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> StatementResult:
        """Run one statement; its result is held whole."""
        ready = self._statements.ready(statement, parameters)
        try:
            cursor = self._driver.execute(ready.sql, ready.values)
            rows = cursor.fetchall()
        except sqlite3.Error as error:
            raise _named(error, ready.sql, ready.values, self._dialect) from error
        names = [column[0] for column in cursor.description or ()]
        return ready.shape.result(names, [None] * len(names), rows, cursor.rowcount)

    async def execute_all(self, *requests: Request) -> list[StatementResult]:
        """Run several; none needs what another gives."""
        return [await self.execute(*request) for request in requests]

    async def send(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> None:
        """Run one whose result nobody needs."""
        await self.execute(statement, parameters)

    async def send_rows(self, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert all of the rows."""
        for row in rows:
            await self.execute(statement, row)


def _named(error: sqlite3.Error, sql: str, values: list[Any], dialect: Dialect) -> Exception:
    """SQLAlchemy's error for one of the driver's."""
    return DBAPIError.instance(sql, values, error, sqlite3.Error, hide_parameters=True, dialect=dialect)


class SqliteDatabase:
    """Transactions on one SQLite file."""

    def __init__(self, url: URL) -> None:
        # Readers need no transaction: each statement sees the newest state.
        self._readers, self._writer = prepare(self._engine(url), writes=False), prepare(self._engine(url), writes=False)
        self._dialect = self._readers.dialect
        self._statements = Statements(self._dialect)
        self._writing = asyncio.Lock()
        self._waiting = 0

    @property
    def pool(self) -> PoolState:
        """How its connections stand: those that read, and the one that writes."""
        readers = self._readers.pool
        assert isinstance(readers, QueuePool)
        return PoolState(readers.checkedout() + self._writing.locked(), _READERS + 1, self._waiting)

    @staticmethod
    def _engine(url: URL) -> Engine:
        return create_engine(
            url,
            poolclass=QueuePool,
            pool_size=5,
            max_overflow=_READERS - 5,
            pool_reset_on_return=None,
            connect_args={"check_same_thread": False},
        )

    @contextmanager
    def _connected(self, engine: Engine) -> Generator[sqlite3.Connection]:
        try:
            pooled = engine.raw_connection()
        except sqlite3.Error as error:
            raise _named(error, "", [], self._dialect) from error
        try:
            driver = pooled.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            yield driver
        finally:
            pooled.close()

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[SqliteConnection]:
        """A connection that only reads."""
        with self._connected(self._readers) as driver:
            yield SqliteConnection(driver, self._statements, self._dialect)

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[SqliteConnection]:
        """A transaction that may write; it commits when the block ends and rolls back when the block raises."""
        self._waiting += 1
        try:
            await self._writing.acquire()
        finally:
            self._waiting -= 1
        try:
            with self._connected(self._writer) as driver:
                self._run(driver, _BEGIN)
                try:
                    yield SqliteConnection(driver, self._statements, self._dialect)
                    self._run(driver, "COMMIT")
                except BaseException:
                    if driver.in_transaction:  # some errors end it by themselves
                        self._run(driver, "ROLLBACK")
                    raise
        finally:
            self._writing.release()

    def _run(self, driver: sqlite3.Connection, sql: str) -> None:
        try:
            driver.execute(sql)
        except sqlite3.Error as error:
            raise _named(error, sql, [], self._dialect) from error

    async def close(self) -> None:
        """Close all connections."""
        self._readers.dispose()
        self._writer.dispose()
