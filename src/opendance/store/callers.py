"""Who the keys and sessions belong to that were looked up within the last second: polling asks again and again.

What changes a key, an account or a group in this process clears all of it at once; what another process changes holds
here within a second, since nothing is remembered for longer. No word of another process is waited for, so none that is
lost leaves a revoked key alive. Only what is good is remembered.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from opendance.store.database import Connection, Database
from opendance.store.keys import Caller, authenticate, caller_of_row, rows_of_keys, sha256_of
from opendance.store.reads import SharedReads
from opendance.store.sessions import authenticate_session

_KEPT = 0.9  # s
_MOST = 10_000  # keys
_SESSION_LASTS = 30 * 86_400.0  # s


class Callers:
    """Looks up keys and the tokens of sessions. The two begin differently, and neither stands for the other.

    Args:
        clock: gives the time, s.
        session_lasts: how long a session is good without being used, s.
        together: whether the database is asked once for the keys of all who come meanwhile.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], float] = time.monotonic,
        *,
        session_lasts: float = _SESSION_LASTS,
        together: bool = False,
    ) -> None:
        self._database, self._clock, self._session_lasts = database, clock, session_lasts
        self._known: dict[str, tuple[float, Caller]] = {}
        self._clearings = 0
        self._shared = SharedReads(self._rows_of_keys) if together else None

    async def of(self, key: str) -> Caller:
        """Who `key` belongs to; what the account and the key have used may be a second old.

        Raises:
            Unauthorized: the key is unknown, revoked, switched off or expired, or its account is switched off.
        """
        return self._remembered(_name(key)) or await self._looked_up(key)

    async def of_session(self, token: str) -> Caller:
        """As `of`, by the token of a session.

        Raises:
            Unauthorized: the session has ended, or its key or account is not good.
        """
        return self._remembered(_name(token, is_session=True)) or await self._looked_up(token, is_session=True)

    async def of_session_in(self, connection: Connection, token: str) -> Caller:
        """As `of_session`, in the transaction that made the session.

        Raises:
            Unauthorized: as `of_session`.
        """
        return await authenticate_session(connection, token, lasts=self._session_lasts)

    async def as_it_stands(self, key: str) -> Caller:
        """As `of`, with balances as they are now."""
        return await self._looked_up(key)

    async def of_session_as_it_stands(self, token: str) -> Caller:
        """As `of_session`, with balances as they are now."""
        return await self._looked_up(token, is_session=True)

    def forget(self, secret: str) -> None:
        """Something about this key or session has changed that bears no harm for a second in other processes."""
        self._known.pop(_name(secret), None)
        self._known.pop(_name(secret, is_session=True), None)

    def clear(self) -> None:
        """Keys, accounts or groups have changed."""
        self._clearings += 1
        self._known.clear()

    def _remembered(self, name: str) -> Caller | None:
        known = self._known.get(name)
        return known[1] if known is not None and self._clock() < known[0] else None

    async def _looked_up(self, secret: str, *, is_session: bool = False) -> Caller:
        name, now, clearings = _name(secret, is_session=is_session), self._clock(), self._clearings
        self._known.pop(name, None)
        if self._shared is not None and not is_session:
            caller = caller_of_row(await self._shared.get(name), name)
        else:
            async with self._database.read() as connection:
                if is_session:
                    caller = await authenticate_session(connection, secret, lasts=self._session_lasts)
                else:
                    caller = await authenticate(connection, secret)
        ends = [end - time.time() for end in (caller.key.expires, caller.key.previous_ends) if end is not None]
        keep = min([_KEPT, *(end for end in ends if end > 0)])
        if clearings == self._clearings:  # else it may have been read before the change
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[name] = (now + keep, caller)
        return caller

    async def _rows_of_keys(self, digests: Sequence[str]) -> dict[str, Any]:
        async with self._database.read() as connection:
            return await rows_of_keys(connection, digests)


def _name(secret: str, *, is_session: bool = False) -> str:
    """What is remembered of a secret."""
    return ("session " if is_session else "") + sha256_of(secret)
