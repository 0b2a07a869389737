"""How engines stand, told by each process that has some: for whoever asks a process that has none, or others."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import delete, insert, select

from opendance.store.database import Connection
from opendance.store.tables import EngineState

TELL_AGAIN = 30.0
"""s, after which a process tells again how its engines stand, though nothing has changed."""
_DEAD = 4 * TELL_AGAIN  # s without a word, after which a process is gone


@dataclass(frozen=True)
class EngineStateRecord:
    """An engine in a process.

    Attributes:
        updated: unix time when that was told.
        problem: why it cannot be loaded.
        failures: in a row.
        rests_until: unix time until when it is tried after others; None where it does not rest.
        slots: how many jobs it does at the same time.
    """

    process: str
    engine: str
    updated: float
    loaded: bool
    problem: str | None
    failures: int
    rests_until: float | None
    slots: int


async def tell_states(connection: Connection, process: str, states: Sequence[EngineStateRecord]) -> None:
    """Put these in the place of what the process told before, and forget processes that are gone."""
    gone = (EngineState.process == process) | (EngineState.updated < time.time() - _DEAD)
    await connection.execute(delete(EngineState).where(gone))
    for state in states:
        await connection.execute(insert(EngineState), asdict(state))


async def read_states(connection: Connection) -> list[EngineStateRecord]:
    """What all processes that are alive told last."""
    columns = [getattr(EngineState, name) for name in EngineStateRecord.__dataclass_fields__]
    alive = select(*columns).where(EngineState.updated >= time.time() - _DEAD)
    rows = await connection.execute(alive.order_by(EngineState.process, EngineState.engine))
    return [EngineStateRecord(*row) for row in rows]
