"""Secrets that the server made for itself, hashes of those it gave away, and what it must not do twice."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from sqlalchemy import delete, insert, select, text

from opendance.store.database import Connection
from opendance.store.tables import ServerSecret


async def kept_secret(connection: Connection, name: str) -> str | None:
    """What is kept under this name."""
    return (await connection.execute(select(ServerSecret.value).where(ServerSecret.name == name))).scalar()


async def keep_secret(connection: Connection, name: str, value: str) -> None:
    """Keep `value` under this name, in place of what was there."""
    await forget_secret(connection, name)
    await connection.execute(insert(ServerSecret).values(name=name, value=value))


async def forget_secret(connection: Connection, name: str) -> bool:
    """Remove what is kept under this name; gives whether there was anything."""
    return (await connection.execute(delete(ServerSecret).where(ServerSecret.name == name))).rowcount > 0


async def keep_if_new(connection: Connection, name: str, value: str) -> bool:
    """Keep `value` under this name where nothing is; gives whether it was kept. Of several at once one is the first."""
    return (await connection.execute(_ONLY_IF_NEW, {"name": name, "value": value})).rowcount > 0


async def made_once(connection: Connection, name: str, make: Callable[[], str]) -> str:
    """What is kept under this name; made at the first call, also where several processes make that at once."""
    kept = await kept_secret(connection, name)
    if kept is None:
        await keep_if_new(connection, name, make())
        kept = await kept_secret(connection, name)
    assert kept is not None
    return kept


_ONLY_IF_NEW = text("INSERT INTO server_secrets (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING")


async def server_secret(connection: Connection, name: str) -> bytes:
    """The secret of this name, 32 random bytes; made at the first call."""
    return bytes.fromhex(await made_once(connection, name, lambda: secrets.token_hex(32)))
