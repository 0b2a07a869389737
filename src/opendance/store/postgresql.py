"""PostgreSQL, through psycopg 3. Its transactions run side by side; queries that need it lock their rows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from sqlalchemy import URL, Dialect, Executable, Insert
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from opendance.store import database
from opendance.store.database import PoolState
from opendance.store.pipelined import Failed, PipelinedConnection, Plain, Request
from opendance.store.statements import Ready, StatementResult, Statements

_CONNECTIONS = 10  # opened when needed and kept: opening one costs as much as ten queries
_LONGEST_WAIT = 30.0  # s for a connection
_BEGIN, _COMMIT, _ROLLBACK = Plain("BEGIN"), Plain("COMMIT"), Plain("ROLLBACK")


class PostgresqlConnection:
    """Runs statements on a connection of the pool; what is sent waits for what is executed, to go with it."""

    def __init__(self, connection: PipelinedConnection, statements: Statements, dialect: Dialect) -> None:
        self._connection, self._statements, self._dialect = connection, statements, dialect
        self._sent: list[Request] = []

    @property
    def dialect(self) -> Dialect:
        """Of the database, for what each says in its own words."""
        return self._dialect

    async def execute(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> StatementResult:
        """Run one statement, behind what was sent; its result is held whole."""
        self._sent.append(self._statements.ready(statement, parameters))
        result = (await self.flush())[-1]
        assert result is not None
        return result

    async def execute_all(self, *requests: database.Request) -> list[StatementResult]:
        """Run several, behind what was sent, in one round trip; none needs what another gives."""
        self._sent += [self._statements.ready(statement, parameters) for statement, parameters in requests]
        return [result for result in (await self.flush())[-len(requests) :] if result is not None]

    async def send(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> None:
        """Run one whose result nobody needs: with the next that is executed, or with the end of the transaction."""
        self._sent.append(self._statements.ready(statement, parameters))

    async def send_rows(self, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert all of the rows: with the next that is executed, or with the end of the transaction."""
        self._sent += self._statements.ready_rows(statement, rows)

    async def flush(self, last: Plain | None = None) -> list[StatementResult | None]:
        """Run what was sent.

        Raises:
            DBAPIError: one of SQLAlchemy's, by what went wrong.
        """
        requests = self._sent if last is None else [*self._sent, last]
        self._sent = []
        try:
            return await self._connection.exchange(requests)
        except Failed as failed:
            raise self._error(failed.request, failed.error) from failed.error
        except psycopg.Error as error:
            raise self._error(requests[-1], error) from error

    def begin(self) -> None:
        """All that follows is one transaction."""
        self._sent.append(_BEGIN)

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was run since the transaction began."""
        return self._sent == [_BEGIN]

    async def commit(self) -> None:
        """Run what was sent, and end the transaction."""
        if not self.is_untouched:
            await self.flush(_COMMIT)

    async def roll_back(self) -> None:
        """Undo all of it; where that cannot be, the connection is closed, which does the same."""
        if any(request is _BEGIN for request in self._sent):  # it never went out
            return
        self._sent = []
        try:
            await self._connection.exchange([_ROLLBACK])
        except (Failed, psycopg.Error):
            await self._connection.close()

    def _error(self, request: Request, error: psycopg.Error) -> Exception:
        values = request.values if isinstance(request, Ready) else []
        return DBAPIError.instance(
            request.sql, values, error, psycopg.Error, hide_parameters=True, dialect=self._dialect
        )


class PostgresqlDatabase:
    """Transactions on one PostgreSQL database."""

    def __init__(self, url: URL) -> None:
        self._dialect = PGDialect_psycopg(paramstyle="numeric_dollar", dbapi=psycopg)
        _, self._where = self._dialect.create_connect_args(url)
        self._statements = Statements(self._dialect)
        self._idle: list[PipelinedConnection] = []
        self._room = asyncio.Semaphore(_CONNECTIONS)
        self._in_use = self._waiting = 0
        self._is_closed = False

    @property
    def pool(self) -> PoolState:
        """How its connections stand."""
        return PoolState(self._in_use, _CONNECTIONS, self._waiting)

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[PipelinedConnection]:
        if self._room.locked():
            self._waiting += 1
            try:
                async with asyncio.timeout(_LONGEST_WAIT):
                    await self._room.acquire()
            except TimeoutError:
                raise PoolTimeout(
                    f"all {_CONNECTIONS} connections to the database were in use for {_LONGEST_WAIT:.0f} s"
                ) from None
            finally:
                self._waiting -= 1
        else:
            await self._room.acquire()
        self._in_use += 1
        connection: PipelinedConnection | None = None
        try:
            connection = self._idle.pop() if self._idle else await self._opened()
            yield connection
        finally:
            if connection is not None:
                await self._give_back(connection)
            self._in_use -= 1
            self._room.release()

    async def _opened(self) -> PipelinedConnection:
        try:
            return await PipelinedConnection.open(**self._where)
        except psycopg.Error as error:
            raise DBAPIError.instance(None, None, error, psycopg.Error, dialect=self._dialect) from error

    async def _give_back(self, connection: PipelinedConnection) -> None:
        if connection.is_usable and not self._is_closed:
            self._idle.append(connection)
            return
        await connection.close()
        if connection.is_lost:  # the others have most likely met the same: better none than one error for each
            while self._idle:
                await self._idle.pop().close()

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[PostgresqlConnection]:
        """A connection that only reads."""
        async with self._connection() as connection:
            yield PostgresqlConnection(connection, self._statements, self._dialect)

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[PostgresqlConnection]:
        """A transaction that may write; it commits when the block ends and rolls back when the block raises."""
        async with self._connection() as connection:
            transaction = PostgresqlConnection(connection, self._statements, self._dialect)
            transaction.begin()
            try:
                yield transaction
                await transaction.commit()
            except BaseException:
                if connection.is_usable:
                    await transaction.roll_back()
                raise

    async def close(self) -> None:
        """Close all connections."""
        self._is_closed = True
        while self._idle:
            await self._idle.pop().close()
