"""Creations that are not to be repeated."""

from __future__ import annotations

import time

from sqlalchemy import delete, insert, select

from opendance.errors import IdempotencyConflict
from opendance.store.accounts import lock_account
from opendance.store.database import Connection
from opendance.store.tables import IdempotencyKey

_KEPT = 24 * 3600.0  # s


async def claim_idempotency_key(
    connection: Connection, account_id: str, key: str, *, body_sha256: str, task_id: str
) -> str | None:
    """Take `key` for `task_id`; gives the task that has it already, None where it is taken now.

    Of two that come at once, the second waits here until the first has committed or given up.

    Raises:
        IdempotencyConflict: it belongs to another body.
    """
    await lock_account(connection, account_id)
    now = time.time()
    await connection.execute(delete(IdempotencyKey).where(IdempotencyKey.created < now - _KEPT))
    known = await read_idempotency_key(connection, account_id, key, body_sha256=body_sha256)
    if known is None:
        values = {"account_id": account_id, "key": key, "body_sha256": body_sha256, "task_id": task_id, "created": now}
        await connection.execute(insert(IdempotencyKey), values)
    return known


async def read_idempotency_key(connection: Connection, account_id: str, key: str, *, body_sha256: str) -> str | None:
    """The task that `key` was taken for within 24 hours; None where it is free.

    Raises:
        IdempotencyConflict: it belongs to another body.
    """
    query = select(IdempotencyKey.body_sha256, IdempotencyKey.task_id).where(
        IdempotencyKey.account_id == account_id,
        IdempotencyKey.key == key,
        IdempotencyKey.created >= time.time() - _KEPT,
    )
    row = (await connection.execute(query)).first()
    if row is None:
        return None
    if row.body_sha256 != body_sha256:
        raise IdempotencyConflict(key=key, task_id=row.task_id)
    return row.task_id
