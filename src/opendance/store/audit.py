"""The audit log: who asked for what, what the content filter decided, what the operator did. Rows are only added."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import delete, insert, select

from opendance.store.database import Connection
from opendance.store.tables import AuditEntry


@dataclass(frozen=True)
class AuditRecord:
    """A row of the log.

    Attributes:
        at: unix time.
        kind: `task.created`, `task.ended`, `task.result_deleted`, `filter`, or `admin.` and what was done.
        actor: the key's prefix, `server`, `content filter`, `admin key` or `command line`.
    """

    id: int
    at: float
    kind: str
    actor: str
    account_id: str | None
    task_id: str | None
    detail: dict[str, Any]


@dataclass(frozen=True)
class PromptPolicy:
    """How prompts stand in the log.

    Attributes:
        secret: of this installation: without it nobody can tell a prompt by trying hashes.
    """

    form: Literal["hashed", "whole"]
    secret: bytes

    def entry(self, prompt: str) -> dict[str, str]:
        """What the log says of a prompt."""
        if self.form == "whole":
            return {"prompt": prompt}
        return {"prompt_hmac_sha256": hmac.new(self.secret, prompt.encode(), hashlib.sha256).hexdigest()}


async def record(
    connection: Connection,
    kind: str,
    *,
    actor: str,
    detail: dict[str, Any],
    account_id: str | None = None,
    task_id: str | None = None,
) -> None:
    """Add a row, in the transaction of what it tells."""
    await record_all(connection, [Occurrence(kind, actor, detail, account_id=account_id, task_id=task_id)])


@dataclass(frozen=True)
class Occurrence:
    """What a row of the log tells; as in `AuditRecord`."""

    kind: str
    actor: str
    detail: dict[str, Any]
    account_id: str | None = None
    task_id: str | None = None


async def record_all(connection: Connection, occurrences: Sequence[Occurrence]) -> None:
    """Add a row for each."""
    now = time.time()
    await connection.send_rows(_ADD, [{"at": now, **vars(each)} for each in occurrences])


# Every creation adds a row: the statement is made once, and there is no index that a creation could do without.
_ADD = insert(AuditEntry).inline()  # nobody asks for its number


async def list_audit(
    connection: Connection,
    *,
    after: int = 0,
    kind: str | None = None,
    account_id: str | None = None,
    task_id: str | None = None,
    since: float | None = None,
    until: float | None = None,
    limit: int,
) -> list[AuditRecord]:
    """Rows, oldest first.

    Args:
        after: only rows with a greater id.
        kind: of this kind, or, with a dot at its end, of all that begin so.
        since, until: unix time, the first included.
    """
    query = select(AuditEntry.__table__).where(AuditEntry.id > after).order_by(AuditEntry.id).limit(limit)
    if kind is not None:
        same = AuditEntry.kind.startswith(kind, autoescape=True) if kind.endswith(".") else AuditEntry.kind == kind
        query = query.where(same)
    if account_id is not None:
        query = query.where(AuditEntry.account_id == account_id)
    if task_id is not None:
        query = query.where(AuditEntry.task_id == task_id)
    if since is not None:
        query = query.where(AuditEntry.at >= since)
    if until is not None:
        query = query.where(AuditEntry.at < until)
    return [AuditRecord(**row) for row in (await connection.execute(query)).mappings()]


async def remove_old_audit(connection: Connection, *, before: float, limit: int) -> int:
    """Remove rows that are kept no longer; gives how many."""
    oldest = select(AuditEntry.id, AuditEntry.at).order_by(AuditEntry.id).limit(limit).subquery()
    old = select(oldest.c.id).where(oldest.c.at < before)
    return (await connection.execute(delete(AuditEntry).where(AuditEntry.id.in_(old)))).rowcount
