"""The reconciler: looks after parked tasks, and brings them back once what they wait for has happened.

That a worker's patience ended says nothing about the task: until the upstream itself tells how it ended, the task runs
and its credits stay reserved.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from opendance.background import every, keep_doing
from opendance.catalog import MODELS
from opendance.engines.base import Host
from opendance.engines.routes import Routes
from opendance.pipeline.ending import CANCELLED_WHILE_IT_RAN, Ending, Endings, abandon
from opendance.pipeline.journal import UPSTREAM, open_journal
from opendance.queue.base import Queue
from opendance.store.database import OUTAGES, Database
from opendance.store.parked import bring_back, is_live, take_parked
from opendance.store.tasks import TaskRecord
from opendance.task import Status

_BITE = 50
_LOOK = 2.0  # s between two looks whether a task is due


class Reconciler:
    """Looks after parked tasks of the engines that run in this process, and after those that wait for other tasks.

    Of several processes one finds each.

    Args:
        ask_every: s between two questions about the same task.
    """

    def __init__(
        self,
        database: Database,
        queue: Queue,
        routes: Routes,
        hosts: Mapping[str, Host],
        endings: Endings,
        *,
        ask_every: float,
    ) -> None:
        self._database, self._queue, self._routes, self._hosts = database, queue, routes, dict(hosts)
        self._endings, self._ask_every = endings, ask_every

    async def work(self) -> None:
        """Look, for ever; what is parked stays so when this is stopped."""
        pause = every(min(_LOOK, self._ask_every))
        await keep_doing("the reconciler", self.look, pause, outages=OUTAGES)

    async def look(self) -> int:
        """Look at every task that is due; gives how many were brought back, or ended."""
        async with self._database.write() as connection:
            engines = [name for name, host in self._hosts.items() if host.problem is None]
            parked = await take_parked(connection, engines, now=time.time(), lease=self._ask_every, limit=_BITE)
        looks = await asyncio.gather(*(self._look_at(task) for task in parked), return_exceptions=True)
        problems = [look for look in looks if isinstance(look, BaseException)]
        if problems:  # the others were looked at all the same
            raise problems[0]
        return sum(look is True for look in looks)

    async def _look_at(self, task: TaskRecord) -> bool:
        if task.cancel_requested:
            # No worker is needed for that, and its lane may have none left.
            await abandon(task, await open_journal(self._database, task), self._hosts)
            return await self._endings.end(task, Ending(Status.CANCELLED, CANCELLED_WHILE_IT_RAN)) is not None
        if not await self._has_happened(task):
            return False
        async with self._database.write() as connection:
            if not await bring_back(connection, task.id):
                return False
            await self._queue.enqueue(connection, self._routes.lane_of(MODELS[task.model]))
        self._queue.notify()
        return True

    async def _has_happened(self, task: TaskRecord) -> bool:
        """Whether what the task waits for has."""
        if task.awaits is not None:
            async with self._database.write() as connection:
                return not await is_live(connection, task.account_id, task.awaits)
        known = (await open_journal(self._database, task)).get(UPSTREAM)
        return known is None or await self._hosts[task.engine or ""].has_ended(known.submission)
