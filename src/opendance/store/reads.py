"""One read for all who ask at once: of PostgreSQL, where asking costs more than what is asked for.

While a read is on its way, whoever comes waits for the next one, so that each sees what was committed before it asked.
A crowd that polls costs a statement for each round trip, whatever it asks for and however many it are.
"""

from __future__ import annotations

import asyncio

from sqlalchemy import ARRAY, String, any_, bindparam, select

from opendance.store.database import Database
from opendance.store.tables import Task
from opendance.store.tasks import TaskRecord, get_task, record_of

_MOST = 200  # tasks of one read
_AT_ONCE = 2  # reads on their way
_TASK = Task.__table__
_IDS = bindparam("ids", type_=ARRAY(String))
_ACCOUNTS = bindparam("accounts", type_=ARRAY(String))
_OF_ACCOUNTS = select(_TASK).where(_TASK.c.id == any_(_IDS), _TASK.c.account_id == any_(_ACCOUNTS))
_Own = tuple[str, str]  # account, task


class TaskReads:
    """Reads tasks for their owners.

    Args:
        together: whether the database is asked once for all who come meanwhile.
    """

    def __init__(self, database: Database, *, together: bool) -> None:
        self._database, self._together = database, together
        self._waiting: dict[_Own, asyncio.Future[TaskRecord | None]] = {}
        self._readers: set[asyncio.Task[None]] = set()

    async def get(self, account_id: str, task_id: str) -> TaskRecord | None:
        """The account's task as it stands, or None where there is none of this id in this account."""
        if not self._together:
            async with self._database.read() as connection:
                return await get_task(connection, account_id, task_id)
        own = (account_id, task_id)
        future = self._waiting.get(own)
        if future is None:
            future = self._waiting[own] = asyncio.get_running_loop().create_future()
        if len(self._readers) < _AT_ONCE:
            reader = asyncio.create_task(self._read())
            self._readers.add(reader)
            reader.add_done_callback(self._readers.discard)
        return await asyncio.shield(future)  # others may wait for it too

    async def _read(self) -> None:
        """Read what is waited for, until nothing is."""
        while self._waiting:
            batch = {own: self._waiting.pop(own) for own in list(self._waiting)[:_MOST]}
            try:
                known = await self._read_all(list(batch))
            except BaseException as error:
                for future in batch.values():
                    future.set_exception(error) if isinstance(error, Exception) else future.cancel()
                    if not future.cancelled():
                        future.exception()  # whoever waited may have gone meanwhile
                if not isinstance(error, Exception):
                    raise
            else:
                for own, future in batch.items():
                    future.set_result(known.get(own))

    async def _read_all(self, owned: list[_Own]) -> dict[_Own, TaskRecord]:
        values = {"ids": [task for _, task in owned], "accounts": list({account for account, _ in owned})}
        async with self._database.read() as connection:
            rows = (await connection.execute(_OF_ACCOUNTS, values)).mappings()
        return {(task.account_id, task.id): task for task in map(record_of, rows)}
