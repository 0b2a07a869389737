"""What the API and the command line show of accounts, groups, keys, callbacks, the ledger and the audit log."""

from __future__ import annotations

import time
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from opendance.credits import PriceLine
from opendance.store.accounts import AccountRecord, Group
from opendance.store.audit import AuditRecord
from opendance.store.deliveries import DeliveryRecord, DeliveryState
from opendance.store.keys import KeyKind, KeyRecord, KeyState
from opendance.store.ledger import EntryKind, LedgerRecord


class GroupObject(TypedDict):
    """A group of accounts; null is no limit."""

    name: str
    price_ratio: float
    priority: int
    requests_per_minute: int | None
    max_tasks: int | None
    total_requests_per_minute: int | None
    total_max_tasks: int | None
    max_files: int
    max_kept_bytes: int
    own_keys: Annotated[bool, Field(description="Whether accounts may make and change keys of their own.")]
    engines: list[str] | None


class AccountObject(TypedDict):
    """An account."""

    id: str
    name: str
    user_group: str
    created: int
    enabled: bool
    balance: Annotated[float, Field(description="Credits, without those reserved for tasks under way.")]
    requests_per_minute: Annotated[int | None, Field(description="Null: that of its group.")]
    max_tasks: Annotated[int | None, Field(description="Null: that of its group.")]


class KeyObject(TypedDict):
    """A key, without what is secret of it."""

    id: str
    account_id: str
    name: str
    prefix: str
    created: float
    expires: float | None
    revoked: float | None
    enabled: bool
    models: Annotated[list[str] | None, Field(description="Null: all.")]
    credit_limit: Annotated[float | None, Field(description="Null: none of its own.")]
    used: float
    requests_per_minute: int | None
    max_tasks: int | None
    last_used: Annotated[float | None, Field(description="To the minute.")]
    previous_ends: Annotated[float | None, Field(description="Until when the key that it replaced works.")]
    state: KeyState
    kind: KeyKind


class NewKeyObject(KeyObject):
    """A key that was made or rotated just now."""

    key: Annotated[str, Field(description="The key itself, shown only this once.")]


class Deleted(TypedDict):
    """What was removed."""

    id: str
    deleted: bool


class LedgerRow(TypedDict):
    """A movement of credits."""

    id: int
    account_id: str
    kind: EntryKind
    amount: Annotated[float, Field(description="Credits; negative where they left the account.")]
    task_id: str | None
    key_id: str | None
    reason: str | None
    reference: str | None
    lines: Annotated[list[PriceLine] | None, Field(description="What the task cost, of a settlement.")]
    created: float


class AuditRow(TypedDict):
    """A row of the audit log."""

    id: int
    at: Annotated[float, Field(description="Unix time.")]
    kind: Annotated[str, Field(description="`task.created`, `filter`, or `admin.` and what was done.")]
    actor: Annotated[str, Field(description="The key's beginning, `content filter`, `admin key` or `command line`.")]
    account_id: str | None
    task_id: str | None
    detail: dict[str, Any]


def group_json(group: Group) -> GroupObject:
    """The group."""
    return {
        "name": group.name,
        "price_ratio": float(group.price_ratio),
        "priority": group.priority,
        "requests_per_minute": group.requests_per_minute,
        "max_tasks": group.max_tasks,
        "total_requests_per_minute": group.total_requests_per_minute,
        "total_max_tasks": group.total_max_tasks,
        "max_files": group.max_files,
        "max_kept_bytes": group.max_kept_bytes,
        "own_keys": group.own_keys,
        "engines": None if group.engines is None else list(group.engines),
    }


class DeliveryAttempt(TypedDict):
    """One try of a callback."""

    number: int
    started: float
    seconds: float
    status_code: Annotated[int | None, Field(description="Of the receiver's answer; null where there was none.")]
    error: Annotated[str | None, Field(description="Why there was none.")]


class DeliveryProgress(TypedDict):
    """How a callback stands."""

    status: DeliveryState
    created: float
    finished: float | None
    next_attempt: Annotated[float | None, Field(description="Unix time, while it is `pending`.")]
    attempts: list[DeliveryAttempt]


def delivery_progress(record: DeliveryRecord) -> DeliveryProgress:
    """How the callback stands."""
    return {
        "status": record.status,
        "created": record.created,
        "finished": record.finished,
        "next_attempt": record.due if record.status == "pending" else None,
        "attempts": [
            {
                "number": attempt.number,
                "started": attempt.started,
                "seconds": attempt.seconds,
                "status_code": attempt.status_code,
                "error": attempt.error,
            }
            for attempt in record.attempts
        ],
    }


def account_json(account: AccountRecord) -> AccountObject:
    """The account."""
    return {
        "id": account.id,
        "name": account.name,
        "user_group": account.user_group,
        "created": int(account.created),
        "enabled": account.enabled,
        "balance": float(account.balance),
        "requests_per_minute": account.requests_per_minute,
        "max_tasks": account.max_tasks,
    }


def key_json(key: KeyRecord) -> KeyObject:
    """What may be shown of the key."""
    return {
        "id": key.id,
        "account_id": key.account_id,
        "name": key.name,
        "prefix": key.prefix,
        "created": key.created,
        "expires": key.expires,
        "revoked": key.revoked,
        "enabled": key.enabled,
        "models": None if key.models is None else list(key.models),
        "credit_limit": None if key.credit_limit is None else float(key.credit_limit),
        "used": float(key.used),
        "requests_per_minute": key.requests_per_minute,
        "max_tasks": key.max_tasks,
        "last_used": key.last_used,
        "previous_ends": key.previous_ends,
        "state": key.state(time.time()),
        "kind": "test" if key.is_test else "live",
    }


def entry_json(entry: LedgerRecord) -> LedgerRow:
    """A row of the ledger."""
    return {
        "id": entry.id,
        "account_id": entry.account_id,
        "kind": entry.kind,
        "amount": float(entry.amount),
        "task_id": entry.task_id,
        "key_id": entry.key_id,
        "reason": entry.reason,
        "reference": entry.reference,
        "lines": entry.lines,
        "created": entry.created,
    }


def audit_json(entry: AuditRecord) -> AuditRow:
    """A row of the audit log."""
    return {
        "id": entry.id,
        "at": entry.at,
        "kind": entry.kind,
        "actor": entry.actor,
        "account_id": entry.account_id,
        "task_id": entry.task_id,
        "detail": entry.detail,
    }
