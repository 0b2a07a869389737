"""The reconciler: asks upstreams about tasks that no worker waits for, and brings them back when they have ended.

That a worker's patience ended says nothing about the task: until the upstream itself tells how it ended, the task runs
and its credits stay reserved.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from opendance.catalog import MODELS
from opendance.engines.routes import Routes
from opendance.engines.upstream.host import Begun, UpstreamHost
from opendance.queue.base import Queue
from opendance.store.database import OUTAGES, Database
from opendance.store.parked import bring_back, take_parked
from opendance.store.tasks import TaskRecord, read_journal

_log = logging.getLogger(__name__)
_BITE = 50
_BEGUN: TypeAdapter[Begun] = TypeAdapter(Begun)


class Reconciler:
    """Looks after parked tasks of the upstreams that this process knows; of several processes one finds each.

    Args:
        every: s between two questions about the same task.
        look: s between two looks whether a task is due.
    """

    def __init__(
        self,
        database: Database,
        queue: Queue,
        routes: Routes,
        hosts: Mapping[str, UpstreamHost],
        *,
        every: float,
        look: float = 2.0,
    ) -> None:
        self._database, self._queue, self._routes, self._hosts = database, queue, routes, dict(hosts)
        self._every, self._look = every, min(look, every)
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, where there are upstreams."""
        if self._hosts:
            self._loop = asyncio.create_task(self._work())

    async def close(self) -> None:
        """Stop; parked tasks stay parked."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            try:
                await self.look()
            except OUTAGES as error:
                _log.warning("the reconciler waits for the database: %s", str(error).splitlines()[0])
            except Exception:  # noqa: BLE001 - whatever it is, the next look must come
                _log.exception("the reconciler was interrupted, it goes on")
            await asyncio.sleep(self._look)

    async def look(self) -> int:
        """Ask about every task that is due; gives how many were brought back."""
        async with self._database.write() as connection:
            due = await take_parked(connection, list(self._hosts), now=time.time(), lease=self._every, limit=_BITE)
        back = await asyncio.gather(*(self._ask(task) for task in due))
        return sum(back)

    async def _ask(self, task: TaskRecord) -> bool:
        async with self._database.read() as connection:
            journal = await read_journal(connection, task.id)
        known: dict[str, Any] | None = journal.get("upstream")
        begun = None if known is None else _BEGUN.validate_python(known["begun"])
        if begun is not None and begun.handle is not None and not task.cancel_requested:
            standing = await self._hosts[task.engine or ""].standing(begun)
            if standing is None or standing.state in ("queued", "running"):
                return False
        async with self._database.write() as connection:
            if not await bring_back(connection, task.id):
                return False
            await self._queue.enqueue(connection, self._routes.lane_of(MODELS[task.model]))
        self._queue.notify()
        return True
