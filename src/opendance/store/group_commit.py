"""Group commit: what is written at the same moment is one transaction, so that a crowd waits for the disk once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import Generic, TypeVar

from opendance.store.database import OUTAGES, Connection, Database

P = TypeVar("P")
R = TypeVar("R")
_MOST = 16  # pieces that share a transaction: beyond, the first would wait for the last


@dataclass(frozen=True)
class _Waiting(Generic[P, R]):
    """A piece that waits for its transaction, and whoever waits for what comes of it."""

    account_id: str
    piece: P
    done: asyncio.Future[R]


class GroupCommit(Generic[P, R]):
    """Writes pieces, those that wait at the same time in one transaction.

    Each is committed or not as if it had a transaction of its own: where writing several raises, nothing of them is
    kept, and each is written once more in a transaction of its own. Pieces come by account, so that two processes lock
    accounts in the same order.

    Args:
        write: writes pieces in a transaction, as if one after the other, and gives a result for each. It may be run
            twice for a piece, and does nothing that is not in its transaction.
    """

    def __init__(self, database: Database, write: Callable[[Connection, Sequence[P]], Awaitable[Sequence[R]]]) -> None:
        self._database, self._write = database, write
        self._waiting: list[_Waiting[P, R]] = []
        self._running: asyncio.Task[None] | None = None

    async def run(self, account_id: str, piece: P) -> R:
        """What comes of the piece, once it is committed.

        Args:
            account_id: the one account that it locks.

        Raises:
            Exception: that writing it raised, or its transaction.
        """
        waiting: _Waiting[P, R] = _Waiting(account_id, piece, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._running is None:  # in nobody's context: it works for all who come
            self._running = asyncio.get_running_loop().create_task(self._run(), context=Context())
        return await waiting.done

    async def _run(self) -> None:
        group: list[_Waiting[P, R]] = []
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
                await self._commit(sorted(group, key=lambda waiting: waiting.account_id))
        finally:
            self._running = None
            for waiting in (*group, *self._waiting):  # those that wait still: only where this task itself is cancelled
                waiting.done.cancel()

    async def _commit(self, group: Sequence[_Waiting[P, R]]) -> None:
        is_written = False
        try:
            async with self._database.write() as connection:
                results = await self._write(connection, [waiting.piece for waiting in group])
                is_written = True
        except Exception as error:  # noqa: BLE001 - it is for whoever asked
            is_undone = not is_written or not isinstance(error, OUTAGES)  # a commit may be lost with its answer
            if len(group) > 1 and is_undone:
                for waiting in group:
                    await self._commit([waiting])
                return
            for waiting in group:
                if not waiting.done.done():
                    waiting.done.set_exception(error)
        else:
            for waiting, result in zip(group, results, strict=True):
                if not waiting.done.done():  # else nobody waits for it any more
                    waiting.done.set_result(result)
