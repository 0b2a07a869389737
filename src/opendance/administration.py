"""What the operator can do with accounts, groups, keys and credits: the admin API and the command line both call this.

Each function runs in the transaction of its connection; bad input is an `ApiError` that says what would be right. What
changes something is told in the audit log.
"""

from __future__ import annotations

import hmac
import re
import secrets
import time
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from opendance.catalog import MODELS
from opendance.credits import MOST, shown
from opendance.engines.registry import known_engines
from opendance.errors import AlreadyExists, InvalidRequest, NotFound
from opendance.store import accounts, keys, ledger
from opendance.store.accounts import AccountRecord, Group
from opendance.store.audit import AuditRecord
from opendance.store.audited import audited
from opendance.store.database import Connection
from opendance.store.keys import KeyRecord, sha256_of
from opendance.store.ledger import LedgerRecord
from opendance.store.secrets import forget_secret, keep_secret, kept_secret

_ADMIN_KEY = "admin-key"
_HOUR = 3600.0
_GROUP_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
DEFAULT_OVERLAP_HOURS = 24.0


def _named(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    if "\x00" in text:
        raise ValueError("must not contain the character U+0000")
    return text.strip()


def _group_name(text: str) -> str:
    if not _GROUP_NAME.fullmatch(text):
        raise ValueError("must be small letters, digits, - and _, such as gold-2")
    return text


def _known_models(names: tuple[str, ...] | None) -> tuple[str, ...] | None:
    for name in names or ():
        if name not in MODELS:
            raise ValueError(f"there is no {name}; the models are {', '.join(MODELS)}")
    return names or None


def _known_engines(names: tuple[str, ...] | None) -> tuple[str, ...] | None:
    for name in names or ():
        if name not in known_engines():
            raise ValueError(f"there is no {name}; the engines are {', '.join(known_engines())}")
    return names


Name = Annotated[str, Field(max_length=200), AfterValidator(_named)]
ShortName = Annotated[str, Field(max_length=100)]
GroupName = Annotated[str, Field(max_length=40), AfterValidator(_group_name)]
Limit = Annotated[int, Field(ge=1, le=10**9)]
Amount = Annotated[Decimal, Field(max_digits=16, decimal_places=4, ge=-MOST, le=MOST)]
Models = Annotated[tuple[ShortName, ...] | None, Field(max_length=100), AfterValidator(_known_models)]


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Limits(_Input):
    requests_per_minute: Limit | None = Field(default=None, description="Null: no limit of its own.")
    max_tasks: Limit | None = Field(default=None, description="Tasks that wait or run at once. Null: none of its own.")


class NewAccount(_Limits):
    """An account to make."""

    name: Name
    user_group: GroupName = accounts.DEFAULT_GROUP
    credits: Annotated[Amount, Field(ge=0)] = Field(default=Decimal(0), description="Credits that it starts with.")


class AccountChange(_Limits):
    """What is to change of an account; what is not given stays."""

    name: Name | None = None
    user_group: GroupName | None = None
    enabled: bool | None = Field(default=None, description="False: its keys are refused, its tasks go on.")


class GroupChange(_Limits):
    """What is to change of a group; what is not given stays, or is the default in a new one."""

    price_ratio: Annotated[Decimal, Field(ge=0, le=100, max_digits=9, decimal_places=6)] | None = None
    priority: Annotated[int, Field(ge=1, le=100)] | None = Field(
        default=None, description="Share of the engines' time against other groups."
    )
    total_requests_per_minute: Limit | None = Field(default=None, description="Of all its accounts together.")
    total_max_tasks: Limit | None = Field(default=None, description="Of all its accounts together.")
    max_files: Annotated[int, Field(ge=0, le=10**6)] | None = None
    max_kept_bytes: Annotated[int, Field(ge=0, le=2**60)] | None = Field(
        default=None, description="Room for what each account keeps from the sweep: results with their inputs."
    )
    engines: Annotated[tuple[ShortName, ...] | None, Field(max_length=100), AfterValidator(_known_engines)] = Field(
        default=None, description="Engines that it may use. Null: all."
    )


class NewKey(_Limits):
    """A key to make."""

    name: Name
    models: Models = Field(default=None, description="Models that it may use. Null: all.")
    expires: Annotated[float, Field(gt=0, lt=2**40)] | None = Field(default=None, description="Unix time. Null: never.")
    credit_limit: Annotated[Amount, Field(ge=0)] | None = Field(
        default=None, description="Credits that it may use in all. Null: as many as its account has."
    )


class KeyChange(_Limits):
    """What is to change of a key; what is not given stays."""

    name: Name | None = None
    models: Models = None
    expires: Annotated[float, Field(gt=0, lt=2**40)] | None = None
    enabled: bool | None = None
    credit_limit: Annotated[Amount, Field(ge=0)] | None = None


class Rotation(_Input):
    """How a key is rotated."""

    overlap_hours: Annotated[float, Field(ge=0, le=24 * 365)] = Field(
        default=DEFAULT_OVERLAP_HOURS, description="How long the old key works too."
    )


class TopUp(_Input):
    """Credits that were paid."""

    credits: Annotated[Amount, Field(gt=0)]
    reason: Name = "top-up"
    reference: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_named)] | None = Field(
        default=None, description="Of the payment: the same one is booked once, however often it is sent."
    )


class Adjustment(_Input):
    """Credits to add, or to take with a minus."""

    credits: Amount
    reason: Name


_CANNOT_BE_NULL = {"name", "user_group", "enabled", "price_ratio", "priority", "max_files", "max_kept_bytes"}


def _changes(wanted: BaseModel) -> dict[str, Any]:
    """What was given; where null has no meaning, null is as good as not given."""
    given = {name: getattr(wanted, name) for name in wanted.model_fields_set}
    return {name: value for name, value in given.items() if value is not None or name not in _CANNOT_BE_NULL}


# ── groups ──


@audited
async def put_group(connection: Connection, name: str, wanted: GroupChange) -> Group:
    """Make the group or change it."""
    old = await accounts.get_group(connection, name) or Group(name)
    group = Group(**{**vars(old), **_changes(wanted)})
    await accounts.put_group(connection, group)
    return group


@audited
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


@audited
async def create_account(connection: Connection, wanted: NewAccount) -> AccountRecord:
    """Make an account, with the credits that it starts with."""
    await _group(connection, wanted.user_group)
    if any(account.name == wanted.name for account in await accounts.list_accounts(connection)):
        raise AlreadyExists(what="account", name=wanted.name)
    account_id = await accounts.create_account(connection, name=wanted.name, user_group=wanted.user_group)
    await accounts.change_account(
        connection, account_id, requests_per_minute=wanted.requests_per_minute, max_tasks=wanted.max_tasks
    )
    if wanted.credits:
        await ledger.top_up(connection, account_id, wanted.credits, reason="credits to start with")
    return await read_account(connection, account_id)


async def read_account(connection: Connection, id_or_name: str) -> AccountRecord:
    """The account."""
    account = await accounts.find_account(connection, id_or_name)
    if account is None:
        raise NotFound(what="account", name=id_or_name, hint="")
    return account


@audited
async def change_account(connection: Connection, id_or_name: str, wanted: AccountChange) -> AccountRecord:
    """Change what is given."""
    account = await read_account(connection, id_or_name)
    changes = _changes(wanted)
    if "user_group" in changes:
        await _group(connection, changes["user_group"])
    taken = await accounts.find_account(connection, changes.get("name", account.id))
    if taken is not None and taken.id != account.id:
        raise AlreadyExists(what="account", name=changes["name"])
    if changes:
        await accounts.change_account(connection, account.id, **changes)
    return await read_account(connection, account.id)


# ── keys ──


@audited
async def create_key(connection: Connection, account: str, wanted: NewKey) -> tuple[KeyRecord, str]:
    """Make a key; gives its record and the key, the only time that it can be seen."""
    owner = await read_account(connection, account)
    key_id, key = await keys.create_key(connection, owner.id, **dict(wanted))
    return await read_key(connection, key_id), key


async def read_key(connection: Connection, id_or_name: str) -> KeyRecord:
    """The key that is not revoked."""
    found = await keys.find_keys(connection, id_or_name)
    exact = [key for key in found if key.id == id_or_name] or found
    if not exact:
        raise NotFound(what="active key", name=id_or_name, hint="")
    if len(exact) > 1:
        raise InvalidRequest(
            problem=f"key: {len(exact)} keys are named {id_or_name!r}; give one of the ids "
            f"{', '.join(key.id for key in exact)}"
        )
    return exact[0]


@audited
async def change_key(connection: Connection, id_or_name: str, wanted: KeyChange) -> KeyRecord:
    """Change what is given."""
    key = await read_key(connection, id_or_name)
    if changes := _changes(wanted):
        await keys.change_key(connection, key.id, **changes)
    return await read_key(connection, key.id)


@audited
async def rotate_key(connection: Connection, id_or_name: str, wanted: Rotation) -> tuple[KeyRecord, str]:
    """Replace the secret of a key; the old one works on for the overlap."""
    key = await read_key(connection, id_or_name)
    secret = await keys.rotate_key(connection, key.id, overlap=wanted.overlap_hours * _HOUR)
    return await read_key(connection, key.id), secret


@audited
async def revoke_key(connection: Connection, id_or_name: str) -> KeyRecord:
    """End a key for good."""
    key = await read_key(connection, id_or_name)
    await keys.change_key(connection, key.id, revoked=time.time())
    return key


# ── credits ──


@audited
async def top_up(connection: Connection, account: str, wanted: TopUp) -> tuple[AccountRecord, bool]:
    """Add credits; gives the account and whether they were added now, not by the same reference before."""
    found = await read_account(connection, account)
    await accounts.lock_account(connection, found.id)
    added = await ledger.top_up(connection, found.id, wanted.credits, reason=wanted.reason, reference=wanted.reference)
    return await read_account(connection, found.id), added


@audited
async def adjust(connection: Connection, account: str, wanted: Adjustment) -> AccountRecord:
    """Correct a balance, for a reason that the ledger keeps."""
    found = await read_account(connection, account)
    await accounts.lock_account(connection, found.id)
    balance = (await read_account(connection, found.id)).balance
    if wanted.credits == 0:
        raise InvalidRequest(problem="credits: an adjustment of 0 changes nothing")
    if balance + wanted.credits < 0:
        raise InvalidRequest(
            problem=f"credits: the account holds {shown(balance)}, so at most {shown(balance)} can be taken; credits "
            "reserved for tasks under way cannot"
        )
    await ledger.adjust(connection, found.id, wanted.credits, reason=wanted.reason)
    return await read_account(connection, found.id)


# ── the admin key ──


@audited
async def new_admin_key(connection: Connection) -> str:
    """Make the admin key, in place of the one before; the only time that it can be seen."""
    key = f"od-admin-{secrets.token_urlsafe(32)}"
    await keep_secret(connection, _ADMIN_KEY, sha256_of(key))
    return key


@audited
async def remove_admin_key(connection: Connection) -> bool:
    """Forget the admin key; gives whether there was one."""
    return await forget_secret(connection, _ADMIN_KEY)


async def is_admin_key(connection: Connection, given: str, configured: str | None) -> bool:
    """Whether `given` is the admin key of the settings or the one that was made; compared in constant time."""
    made = await kept_secret(connection, _ADMIN_KEY) or ""
    digest = sha256_of(given)
    expected = sha256_of(configured) if configured else ""
    return any([hmac.compare_digest(digest, made), hmac.compare_digest(digest, expected)])


# ── as JSON ──


def account_json(account: AccountRecord) -> dict[str, Any]:
    """The account, for answers."""
    return {**vars(account), "created": int(account.created), "balance": float(account.balance)}


def group_json(group: Group) -> dict[str, Any]:
    """The group, for answers."""
    return {**vars(group), "price_ratio": float(group.price_ratio)}


def key_json(key: KeyRecord) -> dict[str, Any]:
    """What may be shown of the key, for answers."""
    limit = None if key.credit_limit is None else float(key.credit_limit)
    return {**vars(key), "state": key.state(time.time()), "credit_limit": limit, "used": float(key.used)}


def entry_json(entry: LedgerRecord) -> dict[str, Any]:
    """A row of the ledger, for answers."""
    return {**vars(entry), "amount": float(entry.amount)}


def audit_json(entry: AuditRecord) -> dict[str, Any]:
    """A row of the audit log, for answers."""
    return vars(entry)
