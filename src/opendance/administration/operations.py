"""What the operator can do with accounts, groups, keys and credits.

Each function runs in the transaction of its connection; bad input is an `ApiError` that says what would be right. What
changes something is told in the audit log.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Collection
from typing import Any

from pydantic import BaseModel

from opendance.administration.inputs import (
    AccountChange,
    Adjustment,
    GroupChange,
    KeyChange,
    NewAccount,
    NewKey,
    Rotation,
    TopUp,
)
from opendance.credits import shown
from opendance.errors import AlreadyExists, InvalidRequest, NotFound
from opendance.store import accounts, keys, ledger
from opendance.store.accounts import AccountRecord, Group
from opendance.store.audited import audited
from opendance.store.database import Connection
from opendance.store.keys import KeyRecord, sha256_of
from opendance.store.secrets import forget_secret, keep_secret, kept_secret

_ADMIN_KEY = "admin-key"
_HOUR = 3600.0
_CANNOT_BE_NULL = {
    "name",
    "user_group",
    "enabled",
    "price_ratio",
    "priority",
    "max_files",
    "max_kept_bytes",
    "own_keys",
}


def _changes(request: BaseModel) -> dict[str, Any]:
    """What was given; where null has no meaning, null is as good as not given."""
    given = {name: getattr(request, name) for name in request.model_fields_set}
    return {name: value for name, value in given.items() if value is not None or name not in _CANNOT_BE_NULL}


# ── groups ──


def unknown_engine(request: GroupChange, known: Collection[str]) -> str | None:
    """What to tell of an engine that a group is to have and that there is not; None where all are known."""
    name = next((name for name in request.engines or () if name not in known), None)
    return None if name is None else f"there is no {name}; the engines are {', '.join(known)}"


@audited("admin.put_group", about="name")
async def put_group(connection: Connection, name: str, request: GroupChange) -> Group:
    """Make the group or change it."""
    old = await accounts.get_group(connection, name) or Group(name)
    group = Group(**{**vars(old), **_changes(request)})
    await accounts.put_group(connection, group)
    return group


@audited("admin.remove_group", about="name")
async def remove_group(connection: Connection, name: str) -> None:
    """Forget a group that no account is in."""
    await _group(connection, name)
    used = await accounts.count_accounts(connection, name)
    if used or name == accounts.DEFAULT_GROUP:
        why = f"{used} accounts are in it" if used else "new accounts come into it"
        raise InvalidRequest(problem=f"group: {name} cannot be removed, {why}")
    await accounts.remove_group(connection, name)


async def _group(connection: Connection, name: str) -> Group:
    group = await accounts.get_group(connection, name)
    if group is None:
        known = ", ".join(g.name for g in await accounts.list_groups(connection))
        raise NotFound(what="group", name=name, hint=f"; there are {known}")
    return group


# ── accounts ──


@audited("admin.create_account")
async def create_account(connection: Connection, request: NewAccount) -> AccountRecord:
    """Make an account, with the credits that it starts with."""
    await _group(connection, request.user_group)
    if any(account.name == request.name for account in await accounts.list_accounts(connection)):
        raise AlreadyExists(what="account", name=request.name)
    account_id = await accounts.create_account(connection, name=request.name, user_group=request.user_group)
    await accounts.change_account(
        connection, account_id, requests_per_minute=request.requests_per_minute, max_tasks=request.max_tasks
    )
    if request.credits:
        await ledger.top_up(connection, account_id, request.credits, reason="credits to start with")
    return await read_account(connection, account_id)


async def read_account(connection: Connection, id_or_name: str) -> AccountRecord:
    """The account."""
    account = await accounts.find_account(connection, id_or_name)
    if account is None:
        raise NotFound(what="account", name=id_or_name, hint="")
    return account


@audited("admin.change_account", about="id_or_name")
async def change_account(connection: Connection, id_or_name: str, request: AccountChange) -> AccountRecord:
    """Change what is given."""
    account = await read_account(connection, id_or_name)
    changes = _changes(request)
    if "user_group" in changes:
        await _group(connection, changes["user_group"])
    taken = await accounts.find_account(connection, changes.get("name", account.id))
    if taken is not None and taken.id != account.id:
        raise AlreadyExists(what="account", name=changes["name"])
    if changes:
        await accounts.change_account(connection, account.id, **changes)
    return await read_account(connection, account.id)


# ── keys ──


@audited("admin.create_key", about="account")
async def create_key(connection: Connection, account: str, request: NewKey) -> tuple[KeyRecord, str]:
    """Make a key; gives its record and the key, the only time that it can be seen."""
    owner = await read_account(connection, account)
    key_id, key = await keys.create_key(connection, owner.id, **dict(request))
    return await read_key(connection, key_id), key


async def read_key(connection: Connection, id_or_name: str) -> KeyRecord:
    """The key that is not revoked."""
    matching = await keys.find_keys(connection, id_or_name)
    exact = [key for key in matching if key.id == id_or_name] or matching
    if not exact:
        raise NotFound(what="active key", name=id_or_name, hint="")
    if len(exact) > 1:
        raise InvalidRequest(
            problem=f"key: {len(exact)} keys are named {id_or_name!r}; give one of the ids "
            f"{', '.join(key.id for key in exact)}"
        )
    return exact[0]


@audited("admin.change_key", about="id_or_name")
async def change_key(connection: Connection, id_or_name: str, request: KeyChange) -> KeyRecord:
    """Change what is given."""
    key = await read_key(connection, id_or_name)
    if changes := _changes(request):
        await keys.change_key(connection, key.id, **changes)
    return await read_key(connection, key.id)


@audited("admin.rotate_key", about="id_or_name")
async def rotate_key(connection: Connection, id_or_name: str, request: Rotation) -> tuple[KeyRecord, str]:
    """Replace the secret of a key; the old one works on for the overlap."""
    key = await read_key(connection, id_or_name)
    secret = await keys.rotate_key(connection, key.id, overlap=request.overlap_hours * _HOUR)
    return await read_key(connection, key.id), secret


@audited("admin.revoke_key", about="id_or_name")
async def revoke_key(connection: Connection, id_or_name: str) -> KeyRecord:
    """End a key for good."""
    key = await read_key(connection, id_or_name)
    await keys.change_key(connection, key.id, revoked=time.time())
    return key


# ── credits ──


@audited("admin.top_up", about="account")
async def top_up(connection: Connection, account: str, request: TopUp) -> tuple[AccountRecord, bool]:
    """Add credits; gives the account and whether they were added now, not by the same reference before.

    Raises:
        ReferenceConflict: the reference was booked with another amount.
    """
    owner = await read_account(connection, account)
    await accounts.lock_account(connection, owner.id)
    added = await ledger.top_up(
        connection, owner.id, request.credits, reason=request.reason, reference=request.reference
    )
    return await read_account(connection, owner.id), added


@audited("admin.adjust", about="account")
async def adjust(connection: Connection, account: str, request: Adjustment) -> AccountRecord:
    """Correct a balance, for a reason that the ledger keeps."""
    owner = await read_account(connection, account)
    await accounts.lock_account(connection, owner.id)
    balance = (await read_account(connection, owner.id)).balance
    if request.credits == 0:
        raise InvalidRequest(problem="credits: an adjustment of 0 changes nothing")
    if balance + request.credits < 0:
        raise InvalidRequest(
            problem=f"credits: the account holds {shown(balance)}, so at most {shown(balance)} can be taken; credits "
            "reserved for tasks under way cannot"
        )
    await ledger.adjust(connection, owner.id, request.credits, reason=request.reason)
    return await read_account(connection, owner.id)


# ── the admin key ──


@audited("admin.new_admin_key")
async def new_admin_key(connection: Connection) -> str:
    """Make the admin key, in place of the one before; the only time that it can be seen."""
    key = f"od-admin-{secrets.token_urlsafe(32)}"
    await keep_secret(connection, _ADMIN_KEY, sha256_of(key))
    return key


@audited("admin.remove_admin_key")
async def remove_admin_key(connection: Connection) -> bool:
    """Forget the admin key; gives whether there was one."""
    return await forget_secret(connection, _ADMIN_KEY)


async def is_admin_key(connection: Connection, given: str, configured: str | None) -> bool:
    """Whether `given` is the admin key of the settings or the one that was made; compared in constant time."""
    made = await kept_secret(connection, _ADMIN_KEY) or ""
    digest = sha256_of(given)
    expected = sha256_of(configured) if configured else ""
    return any([hmac.compare_digest(digest, made), hmac.compare_digest(digest, expected)])
