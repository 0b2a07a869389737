"""How often a callback is tried, how long each try may take, and what counts as delivered."""

from __future__ import annotations

import time
from collections.abc import Sequence

from opendance.store.database import Connection
from opendance.store.deliveries import AttemptRecord, DeliveryState, count_attempts, record_attempt

# All in seconds: of one attempt in all; after each failure; until what a dead process was sending is sent again; and
# the longest that a callback is ever put off.
LIMIT = 10.0  # CB-04
RETRY_AFTER = (1.0, 2.0, 4.0)  # CB-04
LEASE = LIMIT + 5.0
LONGEST_WAIT = max(LEASE, *RETRY_AFTER)


def after_attempt(
    number: int, status_code: int | None, further: Sequence[float] = ()
) -> tuple[DeliveryState, float | None]:
    """What follows the attempt of this number, from 1: the state of the callback, and s until the next attempt.

    Any 2xx is success; everything else, a redirect too, is none.

    Args:
        status_code: of the receiver's answer; None where there was none.
        further: s after each failure that comes once `RETRY_AFTER` is used up: the operator's.
    """
    if status_code is not None and 200 <= status_code < 300:
        return "delivered", None
    waits = (*RETRY_AFTER, *further)
    if number > len(waits):
        return "failed", None
    return "pending", waits[number - 1]


async def note_attempt(
    connection: Connection,
    delivery_id: str,
    *,
    started: float,
    seconds: float,
    status_code: int | None,
    error: str | None,
    further: Sequence[float] = (),
) -> DeliveryState:
    """Note how a try went and what follows; gives the state of the callback."""
    number = await count_attempts(connection, delivery_id) + 1
    state, wait = after_attempt(number, status_code, further)
    due = None if wait is None else time.time() + wait
    await record_attempt(
        connection, delivery_id, AttemptRecord(number, started, seconds, status_code, error), state=state, due=due
    )
    return state
