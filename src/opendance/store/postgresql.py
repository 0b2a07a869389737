"""PostgreSQL, through psycopg 3. Its transactions run side by side; queries that need it lock their rows."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import psycopg as psycopg
from sqlalchemy import URL, QueuePool
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from opendance.store.database import PoolState

_CONNECTIONS = 10  # opened when needed and kept: opening one costs as much as ten queries


class PostgresqlDatabase:
    """Transactions on one PostgreSQL database."""

    def __init__(self, url: URL) -> None:
        self._engine = create_async_engine(url, pool_size=_CONNECTIONS, max_overflow=0)
        self._readers = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._waiting = 0

    @property
    def pool(self) -> PoolState:
        """How its connections stand."""
        pool = self._engine.pool
        assert isinstance(pool, QueuePool)
        return PoolState(pool.checkedout(), _CONNECTIONS, self._waiting)

    @contextmanager
    def _waits(self) -> Generator[None]:
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection]:
        """A connection that only reads."""
        async with AsyncExitStack() as stack:
            with self._waits():
                connection = await stack.enter_async_context(self._readers.connect())
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[AsyncConnection]:
        """A transaction that may write; it commits when the block ends and rolls back when the block raises."""
        async with AsyncExitStack() as stack:
            with self._waits():
                connection = await stack.enter_async_context(self._engine.begin())
            yield connection

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()
