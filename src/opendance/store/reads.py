"""One read for all who ask at once: of PostgreSQL, where asking costs more than what is asked for.

While a read is on its way, whoever comes waits for the next one, so that each sees what was committed before it asked.
A crowd that polls costs a statement for each round trip, whatever it asks for and however many it are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from sqlalchemy import ARRAY, String, any_, bindparam, select

from opendance.store.database import Database
from opendance.store.tables import Task
from opendance.store.tasks import TaskRecord, get_task, record_of

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_MOST = 200  # things of one read
_AT_ONCE = 2  # reads on their way
_TASK = Task.__table__
_IDS = bindparam("ids", type_=ARRAY(String))
_ACCOUNTS = bindparam("accounts", type_=ARRAY(String))
_OF_ACCOUNTS = select(_TASK).where(_TASK.c.id == any_(_IDS), _TASK.c.account_id == any_(_ACCOUNTS))
_Own = tuple[str, str]  # account, task


class SharedReads(Generic[K, V]):
    """Reads things for all who ask meanwhile.

    Args:
        read: gives those of these that there are.
    """

    def __init__(self, read: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._read = read
        self._waiting: dict[K, asyncio.Future[V | None]] = {}
        self._readers: set[asyncio.Task[None]] = set()

    async def get(self, key: K) -> V | None:
        """The thing as it stands, or None where there is none.

        Raises:
            Exception: that the read raised.
        """
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
        if len(self._readers) < _AT_ONCE:
            reader = asyncio.create_task(self._read_what_waits())
            self._readers.add(reader)
            reader.add_done_callback(self._readers.discard)
        return await asyncio.shield(future)  # others may wait for it too

    async def _read_what_waits(self) -> None:
        while self._waiting:
            batch = {key: self._waiting.pop(key) for key in list(self._waiting)[:_MOST]}
            try:
                known = await self._read(list(batch))
            except BaseException as error:
                for future in batch.values():
                    future.set_exception(error) if isinstance(error, Exception) else future.cancel()
                    if not future.cancelled():
                        future.exception()  # whoever waited may have gone meanwhile
                if not isinstance(error, Exception):
                    raise
            else:
                for key, future in batch.items():
                    future.set_result(known.get(key))


class TaskReads:
    """Reads tasks for their owners.

    Args:
        together: whether the database is asked once for all who come meanwhile.
    """

    def __init__(self, database: Database, *, together: bool) -> None:
        self._database = database
        self._shared = SharedReads(self._read_all) if together else None

    async def get(self, account_id: str, task_id: str) -> TaskRecord | None:
        """The account's task as it stands, or None where there is none of this id in this account."""
        if self._shared is not None:
            return await self._shared.get((account_id, task_id))
        async with self._database.read() as connection:
            return await get_task(connection, account_id, task_id)

    async def _read_all(self, owned: Sequence[_Own]) -> dict[_Own, TaskRecord]:
        values = {"ids": [task for _, task in owned], "accounts": list({account for account, _ in owned})}
        async with self._database.read() as connection:
            rows = (await connection.execute(_OF_ACCOUNTS, values)).mappings()
        return {(task.account_id, task.id): task for task in map(record_of, rows)}
