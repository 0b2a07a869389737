"""Who the keys belong to that were looked up within the last second: polling asks with the same key again and again.

What changes a key, an account or a group in this process clears all of it at once; what another process changes holds
here within a second, since nothing is remembered for longer. No word of another process is waited for, so none that is
lost leaves a revoked key alive. Only what is good is remembered.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from opendance.store.database import Database
from opendance.store.keys import Caller, authenticate, sha256_of

_KEPT = 0.9  # s
_MOST = 10_000  # keys


class Callers:
    """Looks up keys.

    Args:
        clock: gives the time, s.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database, self._clock = database, clock
        self._known: dict[str, tuple[float, Caller]] = {}
        self._clearings = 0

    async def of(self, key: str) -> Caller:
        """Who `key` belongs to; what the account and the key have used may be a second old.

        Raises:
            Unauthorized: the key is unknown, revoked, switched off or expired, or its account is switched off.
        """
        digest = sha256_of(key)
        known = self._known.get(digest)
        now = self._clock()
        if known is not None and now < known[0]:
            return known[1]
        return await self._looked_up(key, digest, now)

    async def as_it_stands(self, key: str) -> Caller:
        """As `of`, with balances as they are now."""
        return await self._looked_up(key, sha256_of(key), self._clock())

    def forget(self, key: str) -> None:
        """Something about this key has changed that bears no harm for a second in other processes."""
        self._known.pop(sha256_of(key), None)

    def clear(self) -> None:
        """Keys, accounts or groups have changed."""
        self._clearings += 1
        self._known.clear()

    async def _looked_up(self, key: str, digest: str, now: float) -> Caller:
        clearings = self._clearings
        self._known.pop(digest, None)
        async with self._database.read() as connection:
            caller = await authenticate(connection, key)
        ends = [end - time.time() for end in (caller.key.expires, caller.key.previous_ends) if end is not None]
        keep = min([_KEPT, *(end for end in ends if end > 0)])
        if clearings == self._clearings:  # else it may have been read before the change
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[digest] = (now + keep, caller)
        return caller
