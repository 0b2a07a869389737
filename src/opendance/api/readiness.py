"""Whether this process can work: its database, its object store, its engines."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping

from opendance.background import first_line
from opendance.engines.base import Host
from opendance.errors import StorageError
from opendance.storage import Storage
from opendance.store.database import OUTAGES, Database
from opendance.store.queue_state import check_writable

_log = logging.getLogger(__name__)
_PATIENCE = 5.0  # s, for the database
_LOOK_EVERY = 1.0  # s: however often anybody asks, for the question needs no key


class Readiness:
    """Looks whether the process can work. What is wrong inside is for the log; whoever asks is told what does not work.

    Args:
        hosts: the engines that run here, by name.
    """

    def __init__(self, database: Database, storage: Storage, hosts: Mapping[str, Host]) -> None:
        self._database, self._storage, self._hosts = database, storage, dict(hosts)
        self._looking = asyncio.Lock()
        self._looked_at = -_LOOK_EVERY
        self._problem: str | None = None
        self._reason: str | None = None

    @property
    def engines(self) -> dict[str, str]:
        """How each engine stands: `loaded`, `loading`, or why it cannot be loaded."""
        return {name: _state_of(host) for name, host in self._hosts.items()}

    async def problem(self) -> str | None:
        """What keeps the process from working, in a line; None where nothing does."""
        async with self._looking:
            if time.monotonic() - self._looked_at >= _LOOK_EVERY:
                self._problem = await self._outage()
                self._looked_at = time.monotonic()
        waiting = [
            f"the engine {name} {'is ' if host.problem is None else ''}{_state_of(host)}"
            for name, host in self._hosts.items()
            if not host.is_loaded
        ]
        return self._problem or "; ".join(waiting) or None

    async def _outage(self) -> str | None:
        problem = reason = None
        try:
            async with asyncio.timeout(_PATIENCE), self._database.write() as connection:
                await check_writable(connection)
        except (*OUTAGES, TimeoutError) as error:
            problem, reason = "the database does not answer", first_line(error)
        else:
            try:
                await self._storage.check()
            except StorageError as error:
                problem, reason = "the object store does not answer", first_line(error)
        if problem is not None and reason != self._reason:  # once, not at every probe
            _log.error("not ready: %s: %s", problem, reason)
        self._reason = reason
        return problem


def _state_of(host: Host) -> str:
    if host.is_loaded:
        return "loaded"
    return "loading" if host.problem is None else f"cannot be loaded: {host.problem}"
