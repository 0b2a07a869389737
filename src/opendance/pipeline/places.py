"""What a walk holds while its steps run: a slot of its lane, or a place where files are fetched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from opendance.cancelling import all_done
from opendance.pipeline.step import Place
from opendance.queue.slots import Fetching, Seat
from opendance.store.tasks import TaskRecord


class Holding:
    """What one walk holds. It begins with a seat, leaves it to fetch, and takes one again to render.

    Args:
        fetching: the places of this process.
        cancel: set when the task is to stop.
    """

    def __init__(self, fetching: Fetching, task: TaskRecord, seat: Seat, cancel: asyncio.Event) -> None:
        self._fetching, self._account, self._seat, self._cancel = fetching, task.account_id, seat, cancel
        self._fetches = False

    def has(self, place: Place) -> bool:
        """Whether it holds what a step needs, so that `need` would not wait."""
        match place:
            case Place.NONE:
                return True
            case Place.FETCHING:
                return self._fetches
            case Place.RENDERING:
                return self._seat.is_held

    async def need(self, place: Place) -> None:
        """Wait until it holds what a step needs.

        Raises:
            WorkCancelled: `cancel` was set meanwhile.
        """
        match place:
            case Place.NONE:
                pass
            case Place.FETCHING:
                if not self._fetches:
                    self._fetches = self._fetching.take_now(self._account)
                    self._seat.leave()  # whoever begins now finds the place taken
                    if not self._fetches:
                        await all_done([self._take_place()], self._cancel)
            case Place.RENDERING:
                if not self._seat.is_held:
                    await all_done([self._seat.take(again=True)], self._cancel)
                self.leave_place()

    def leave_place(self) -> None:
        """Let other tasks fetch, if this one does."""
        if self._fetches:
            self._fetches = False
            self._fetching.leave(self._account)

    async def _take_place(self) -> None:
        await self._fetching.take(self._account)
        self._fetches = True


class Places:
    """The places of this process."""

    def __init__(self, fetching: Fetching) -> None:
        self._fetching = fetching

    @asynccontextmanager
    async def held_by(self, task: TaskRecord, seat: Seat, cancel: asyncio.Event) -> AsyncGenerator[Holding]:
        """What the walk of a task holds until the block ends; the seat is its queue's to take back."""
        holding = Holding(self._fetching, task, seat, cancel)
        try:
            yield holding
        finally:
            holding.leave_place()
