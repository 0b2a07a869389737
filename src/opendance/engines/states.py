"""Tells other processes how the engines of this one stand."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress

from opendance.background import keep_doing
from opendance.engines.base import Host
from opendance.engines.health import Health
from opendance.store.database import OUTAGES, Database
from opendance.store.engine_states import TELL_AGAIN, EngineStateRecord, tell_states

_LOOK = 2.0  # s between two looks at what listeners are not told of: failures, and the end of a rest


def this_process() -> str:
    """A name of this process that no other on the same database has: machine and number."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}"


class EngineStates:
    """The engines of this process.

    Args:
        hosts: by name; without any, nothing is told.
    """

    def __init__(self, database: Database, hosts: Mapping[str, Host], health: Health) -> None:
        self._database, self._hosts, self._health = database, hosts, health
        self.process = this_process()
        self._told: tuple[object, ...] = ()
        self._told_at = 0.0

    def now(self) -> list[EngineStateRecord]:
        """As they stand."""
        now = time.time()
        states: list[EngineStateRecord] = []
        for name, host in self._hosts.items():
            failures, rest = self._health.failures(name)
            until = None if rest is None else now + rest
            states.append(
                EngineStateRecord(self.process, name, now, host.is_loaded, host.problem, failures, until, host.slots)
            )
        return states

    async def work(self) -> None:
        """Tell what changes, for ever; and that it has not, so that nobody takes this process for dead."""
        if self._hosts:
            await keep_doing("the word of how engines stand", self._tell, self._until_next, outages=OUTAGES)

    async def end(self) -> None:
        """Tell that the engines of this process are gone."""
        if self._told_at:
            with suppress(*OUTAGES):
                async with self._database.write() as connection:
                    await tell_states(connection, self.process, ())

    async def _tell(self) -> None:
        states = self.now()
        told = tuple((each.engine, each.loaded, each.problem, each.failures) for each in states)
        if told == self._told and time.monotonic() - self._told_at < TELL_AGAIN:
            return
        async with self._database.write() as connection:
            await tell_states(connection, self.process, states)
        self._told, self._told_at = told, time.monotonic()

    async def _until_next(self) -> None:
        await asyncio.sleep(_LOOK)
