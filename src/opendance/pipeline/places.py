"""The places that steps hold while they run."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

from opendance.cancelling import held
from opendance.catalog import MODELS
from opendance.engines.routes import Routes
from opendance.pipeline.step import Place
from opendance.store.tasks import TaskRecord

FETCHING_AT_ONCE = 4  # tasks of one account, in this process


class Places:
    """Hands out the places of this process.

    The queues begin no more walks than a lane has slots, so a slot is free whenever a walk comes to it; it is counted
    here for queues that begin to fetch before a slot is free.

    Args:
        slots: of each lane of models, for rendering.
    """

    def __init__(self, routes: Routes, slots: Mapping[str, int], *, fetching: int = FETCHING_AT_ONCE) -> None:
        self._routes, self._most_fetching = routes, fetching
        self._rendering = {lane: asyncio.Semaphore(most) for lane, most in slots.items()}
        self._fetching: dict[str, asyncio.Semaphore] = {}
        self._interested: Counter[str] = Counter()

    @asynccontextmanager
    async def hold(self, place: Place, task: TaskRecord, cancel: asyncio.Event) -> AsyncGenerator[None]:
        """Wait for a place, and hold it until the block ends.

        Raises:
            WorkCancelled: `cancel` was set meanwhile.
        """
        match place:
            case Place.NONE:
                yield
            case Place.RENDERING:
                semaphore = self._rendering.get(self._routes.lane_of(MODELS[task.model]))
                if semaphore is None:  # nobody here serves the model: the step itself says so
                    yield
                    return
                async with held(semaphore, cancel):
                    yield
            case Place.FETCHING:
                account = task.account_id
                self._interested[account] += 1
                try:
                    semaphore = self._fetching.setdefault(account, asyncio.Semaphore(self._most_fetching))
                    async with held(semaphore, cancel):
                        yield
                finally:
                    self._interested[account] -= 1
                    if not self._interested[account]:  # memory does not grow with the accounts that came by
                        del self._interested[account], self._fetching[account]
