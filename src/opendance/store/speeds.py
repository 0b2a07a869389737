"""How fast this machine's engines are: measured at every finished clip, kept over restarts."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert  # "on conflict" is the same in SQLite

from opendance.store.database import Connection
from opendance.store.tables import EngineSpeed

_WEIGHT = 0.3  # of the newest measurement in the moving average


async def read_speeds(connection: Connection) -> dict[tuple[str, str, str], float]:
    """Wall seconds for one second of video, by (engine, tier, quality)."""
    rows = await connection.execute(select(EngineSpeed.__table__))
    return {(row.engine, row.tier, row.quality): row.seconds_per_second for row in rows}


async def record_speed(
    connection: Connection, *, engine: str, tier: str, quality: str, seconds_per_second: float
) -> float:
    """Add one measurement to the moving average; gives the average."""
    first = insert(EngineSpeed).values(
        engine=engine, tier=tier, quality=quality, seconds_per_second=seconds_per_second, samples=1
    )
    added = await connection.execute(
        first.on_conflict_do_update(
            index_elements=["engine", "tier", "quality"],
            set_={
                "seconds_per_second": EngineSpeed.seconds_per_second * (1 - _WEIGHT) + seconds_per_second * _WEIGHT,
                "samples": EngineSpeed.samples + 1,
            },
        ).returning(EngineSpeed.seconds_per_second)
    )
    return added.scalar_one()
