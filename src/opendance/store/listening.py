"""What processes on one PostgreSQL tell each other: LISTEN on a connection of its own, NOTIFY in transactions.

A word is told once the transaction that sent it has committed. None is kept: whoever was not listening learns that
something may have been missed, and looks for themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import AsyncConnection
from sqlalchemy import URL
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError

from opendance.background import every, keep_doing
from opendance.store.database import OUTAGES

_PAUSE = 1.0  # s between two attempts to listen again


class Listener:
    """Hears what is told on some channels, for as long as it works."""

    def __init__(self, url: URL) -> None:
        self._dialect = PGDialect_psycopg(dbapi=psycopg)
        _, self._where = self._dialect.create_connect_args(url)
        self._handlers: dict[str, Callable[[str], None]] = {}
        self._on_gap: list[Callable[[], None]] = []

    def on(self, channel: str, handler: Callable[[str], None], on_gap: Callable[[], None] | None = None) -> None:
        """Have `handler` called with each word that is told on the channel.

        Args:
            on_gap: called when listening begins, also again: words may have been missed before.
        """
        self._handlers[channel] = handler
        if on_gap is not None:
            self._on_gap.append(on_gap)

    async def work(self) -> None:
        """Listen, for ever."""
        await keep_doing("listening to other processes", self._listen, every(_PAUSE), outages=OUTAGES)

    async def _listen(self) -> None:
        try:
            where: dict[str, Any] = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
            async with await AsyncConnection[Any].connect(**{**where, **self._where}, autocommit=True) as connection:
                for channel in self._handlers:
                    await connection.execute(f"LISTEN {channel}".encode())
                for gap in self._on_gap:
                    gap()
                async for notice in connection.notifies():
                    if (handler := self._handlers.get(notice.channel)) is not None:
                        handler(notice.payload)
        except psycopg.Error as error:
            raise DBAPIError.instance("LISTEN", None, error, psycopg.Error, dialect=self._dialect) from error
