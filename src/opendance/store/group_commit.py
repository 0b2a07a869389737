"""Group commit: what is written at the same moment is one transaction, so that a crowd waits for the disk once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from opendance.store.database import Connection, Database

Work = Callable[[Connection], Awaitable[Any]]
T = TypeVar("T")
_MOST = 16  # pieces of work that share a transaction: beyond, the first would wait for the last


@dataclass
class _Piece:
    """Work that waits for its transaction, in the context of whoever asks for it."""

    account_id: str
    work: Work
    done: asyncio.Future[Any]
    context: Context = field(default_factory=copy_context)

    async def in_its_context(self, connection: Connection) -> Any:
        async def alone() -> Any:
            return await self.work(connection)

        return await asyncio.get_running_loop().create_task(alone(), context=self.context)


class GroupCommit:
    """Runs pieces of work, those that wait at the same time in one transaction.

    Each is committed or not as if it had a transaction of its own: where one raises, nothing of the group is kept, and
    each is run once more in one of its own. So work may be run twice, and must do nothing that is not in its
    transaction. Pieces are run by account, so that two processes lock accounts in the same order.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Piece] = []
        self._running: asyncio.Task[None] | None = None

    async def run(self, account_id: str, work: Callable[[Connection], Awaitable[T]]) -> T:
        """What `work` gives, once it is committed.

        Args:
            account_id: the one account that it locks.

        Raises:
            Exception: that the work raised, or its transaction.
        """
        piece = _Piece(account_id, work, asyncio.get_running_loop().create_future())
        self._waiting.append(piece)
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return cast(T, await piece.done)

    async def _run(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
                await self._commit(sorted(group, key=lambda piece: piece.account_id))
        finally:
            self._running = None
            for piece in self._waiting:  # only where this task itself is cancelled
                piece.done.cancel()

    async def _commit(self, group: list[_Piece]) -> None:
        failed = False
        results: list[Any] = []
        try:
            async with self._database.write() as connection:
                for piece in group:
                    try:
                        results.append(await piece.in_its_context(connection))
                    except Exception:
                        failed = len(group) > 1
                        raise
        except Exception as error:  # noqa: BLE001 - it is for whoever asked
            if failed:
                for piece in group:
                    await self._commit([piece])
                return
            for piece in group:
                _end(piece, error=error)
            return
        except BaseException:
            for piece in group:
                piece.done.cancel()
            raise
        for piece, result in zip(group, results, strict=True):
            _end(piece, result)


def _end(piece: _Piece, result: Any = None, *, error: Exception | None = None) -> None:
    if piece.done.done():  # nobody waits for it any more
        return
    if error is None:
        piece.done.set_result(result)
    else:
        piece.done.set_exception(error)
