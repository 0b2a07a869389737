"""Secrets that the server made for itself."""

from __future__ import annotations

import secrets

from sqlalchemy import insert, select

from opendance.store.database import Connection
from opendance.store.tables import ServerSecret


async def server_secret(connection: Connection, name: str) -> bytes:
    """The secret of this name, 32 random bytes; made at the first call."""
    found = (await connection.execute(select(ServerSecret.value).where(ServerSecret.name == name))).scalar()
    if found is None:
        found = secrets.token_hex(32)
        await connection.execute(insert(ServerSecret).values(name=name, value=found))
    return bytes.fromhex(found)
