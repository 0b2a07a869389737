"""API keys: made, found by their hash, changed, rotated, revoked."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter
from typing import Any, Literal

from sqlalchemy import ARRAY, String, any_, bindparam, case, delete, insert, select, update

from opendance.errors import Unauthorized
from opendance.fate import TEST_KEY
from opendance.store.accounts import GROUP_COLUMNS, Group, group_of
from opendance.store.database import Connection, Request
from opendance.store.signed_in import SessionRecord
from opendance.store.tables import Account, ApiKey, LedgerEntry, UserGroup

KeyState = Literal["active", "off", "expired", "revoked"]
KeyKind = Literal["live", "test"]
_PREFIX = "od-"
_SHOWN = 6  # letters of a key, behind what all of its kind begin with
_LIMITS = ("requests_per_minute", "max_tasks")
_TOUCH_EVERY = 60.0  # s between two notes of a key's last use


@dataclass(frozen=True)
class KeyRecord:
    """What may be shown of a key.

    Attributes:
        prefix: how it begins.
        models: the models it may use; None for all.
        credit_limit: credits it may use in all; None for as many as its account has.
        used: credits it used, with those reserved for tasks under way.
        requests_per_minute, max_tasks: limits of its own; None for none.
        last_used: unix time, to the minute.
        previous_ends: until when the key that it replaced works too.
    """

    id: str
    account_id: str
    name: str
    prefix: str
    created: float
    expires: float | None
    revoked: float | None
    enabled: bool
    models: tuple[str, ...] | None
    credit_limit: Decimal | None
    used: Decimal
    requests_per_minute: int | None
    max_tasks: int | None
    last_used: float | None
    previous_ends: float | None

    @property
    def is_test(self) -> bool:
        """Whether what it asks for is made by the sandbox, and costs nothing."""
        return self.prefix.startswith(TEST_KEY)

    def credits_left(self, used: Decimal | None = None) -> Decimal | None:
        """What it may still use of its own limit; None where it has none.

        Args:
            used: what it used by now; default: what it had used when it was read.
        """
        if self.credit_limit is None:
            return None
        return max(Decimal(0), self.credit_limit - (self.used if used is None else used))

    def state(self, now: float) -> KeyState:
        """How it stands at `now` (unix time)."""
        if self.revoked is not None:
            return "revoked"
        if self.expires is not None and self.expires <= now:
            return "expired"
        return "active" if self.enabled else "off"


@dataclass(frozen=True)
class Caller:
    """Who makes a request.

    Attributes:
        requests_per_minute, max_tasks: of the account, its own or those of its group.
        balance: of the account, credits.
        session: of the browser that asks; None where a key was given.
    """

    key: KeyRecord
    account_id: str
    group: Group
    balance: Decimal
    requests_per_minute: int | None
    max_tasks: int | None
    session: SessionRecord | None = None

    @property
    def available(self) -> Decimal:
        """Credits that it can spend: what the account holds, within the key's own limit."""
        left = self.key.credits_left()
        return self.balance if left is None else min(self.balance, left)


_KEY_COLUMNS = [getattr(ApiKey, name) for name in KeyRecord.__dataclass_fields__]


def _key(values: Any) -> KeyRecord:
    facts = dict(zip(KeyRecord.__dataclass_fields__, values, strict=True))
    facts["models"] = None if facts["models"] is None else tuple(facts["models"])
    return KeyRecord(**facts)


def sha256_of(key: str) -> str:
    """What is kept of a secret of 256 random bits."""
    return hashlib.sha256(key.encode()).hexdigest()


def _new_secret(*, test: bool) -> tuple[str, str]:
    """A new key, and how it is shown."""
    begins = TEST_KEY if test else _PREFIX
    while True:
        secret = secrets.token_urlsafe(32)
        if test or not (_PREFIX + secret).startswith(TEST_KEY):
            return begins + secret, begins + secret[:_SHOWN]


async def create_key(
    connection: Connection,
    account_id: str,
    *,
    name: str,
    models: tuple[str, ...] | None = None,
    expires: float | None = None,
    credit_limit: Decimal | None = None,
    requests_per_minute: int | None = None,
    max_tasks: int | None = None,
    kind: KeyKind = "live",
) -> tuple[str, str]:
    """Make a key and give its id and the key itself: the only time that it can be seen.

    Args:
        expires: unix time when it ends; None for never.
        models, credit_limit, requests_per_minute, max_tasks: as in `KeyRecord`.
        kind: `test` for the sandbox.
    """
    key, shown = _new_secret(test=kind == "test")
    key_id = f"key-{secrets.token_hex(6)}"
    await connection.execute(
        insert(ApiKey).values(
            id=key_id,
            account_id=account_id,
            name=name,
            prefix=shown,
            sha256=sha256_of(key),  # AU-02
            created=time.time(),
            expires=expires,
            models=None if models is None else list(models),
            enabled=True,
            credit_limit=credit_limit,
            used=Decimal(0),
            live_tasks=0,
            requests_per_minute=requests_per_minute,
            max_tasks=max_tasks,
        )
    )
    return key_id, key


async def list_keys(connection: Connection, account_id: str | None = None) -> list[KeyRecord]:
    """The account's keys, or all, oldest first."""
    query = select(*_KEY_COLUMNS).order_by(ApiKey.created, ApiKey.id)
    rows = await connection.execute(query if account_id is None else query.where(ApiKey.account_id == account_id))
    return [_key(row) for row in rows]


async def key_of(connection: Connection, key: str) -> str | None:
    """The id of the key that this is."""
    return (await connection.execute(select(ApiKey.id).where(ApiKey.sha256 == sha256_of(key)))).scalar()


async def forget_key(connection: Connection, key_id: str) -> None:
    """End the key; where it never paid for anything nothing is left of it."""
    paid = select(LedgerEntry.id).where(LedgerEntry.key_id == key_id).exists()
    unused = ApiKey.last_used.is_(None) | ~paid  # the ledger is read through only where the key was used at all
    if not (await connection.execute(delete(ApiKey).where(ApiKey.id == key_id, unused))).rowcount:
        await change_key(connection, key_id, revoked=time.time())


async def find_keys(connection: Connection, id_or_name: str) -> list[KeyRecord]:
    """The keys with this id or name that are not revoked."""
    query = select(*_KEY_COLUMNS).where(
        (ApiKey.id == id_or_name) | (ApiKey.name == id_or_name), ApiKey.revoked.is_(None)
    )
    return [_key(row) for row in await connection.execute(query)]


async def change_key(connection: Connection, key_id: str, **values: Any) -> None:
    """Set some of `name`, `models`, `expires`, `enabled`, `revoked`, `credit_limit` and the limits."""
    if values.get("models") is not None:
        values["models"] = list(values["models"])
    await connection.execute(update(ApiKey).where(ApiKey.id == key_id).values(**values))


async def rotate_key(connection: Connection, key_id: str, *, overlap: float) -> str:
    """Give the key a new secret, the only time that it can be seen; the old one works for `overlap` s more.

    The id, the kind, the limits and what was used stay. A secret that an earlier rotation left working ends now.
    """
    before = (await connection.execute(select(ApiKey.prefix).where(ApiKey.id == key_id))).scalar() or ""
    key, shown = _new_secret(test=before.startswith(TEST_KEY))
    await connection.execute(
        update(ApiKey)
        .where(ApiKey.id == key_id)
        .values(
            previous_sha256=ApiKey.sha256,
            previous_ends=time.time() + overlap,
            sha256=sha256_of(key),
            prefix=shown,
        )
    )
    return key


# Three tables have columns of the same names: each goes by its table's.
_OF_KEY = {f"key_{column.key}": column for column in _KEY_COLUMNS}
_OF_ACCOUNT = {f"account_{name}": getattr(Account, name) for name in ("enabled", "balance", *_LIMITS)}
_OF_GROUP = {f"group_{column.key}": column for column in GROUP_COLUMNS}
_CALLER_COLUMNS = {"sha256": ApiKey.sha256, **_OF_KEY, **_OF_ACCOUNT, **_OF_GROUP}
_ANY_CALLER = (
    select(*(column.label(name) for name, column in _CALLER_COLUMNS.items()))
    .join(Account, Account.id == ApiKey.account_id)
    .join(UserGroup, UserGroup.name == Account.user_group)
)
_CALLER = _ANY_CALLER.where((ApiKey.sha256 == bindparam("digest")) | (ApiKey.previous_sha256 == bindparam("digest")))
_DIGESTS = bindparam("digests", type_=ARRAY(String))
_CALLERS = _ANY_CALLER.add_columns(ApiKey.previous_sha256).where(
    (ApiKey.sha256 == any_(_DIGESTS)) | (ApiKey.previous_sha256 == any_(_DIGESTS))
)
_CALLER_OF_KEY = _ANY_CALLER.where(ApiKey.id == bindparam("key_id"))
_key_values, _group_values = itemgetter(*_OF_KEY), itemgetter(*_OF_GROUP)


async def authenticate(connection: Connection, key: str) -> Caller:
    """Who `key` belongs to.

    One query by the hash of the whole key, whatever the key: how long it takes tells nothing about other keys.

    Raises:
        Unauthorized: the key is unknown, revoked, switched off or expired, or its account is switched off.
    """
    digest = sha256_of(key)
    row = (await connection.execute(_CALLER, {"digest": digest})).first()
    return caller_of_row(None if row is None else dict(zip(_CALLER_COLUMNS, row, strict=True)), digest)


def caller_of_row(facts: dict[str, Any] | None, digest: str) -> Caller:
    """Who the key of this SHA-256 belongs to.

    Args:
        facts: as `rows_of_keys` gives them; None where there is no such key.

    Raises:
        Unauthorized: as `authenticate`.
    """
    if facts is None:
        raise Unauthorized(problem="this key is not known here")  # AU-01
    return _caller(facts, digest)


async def rows_of_keys(connection: Connection, digests: Collection[str]) -> dict[str, Any]:
    """What `caller_of_row` needs of each of these SHA-256 that is of a key, in one query on PostgreSQL."""
    rows = await connection.execute(_CALLERS, {"digests": list(digests)})
    asked, known = frozenset(digests), dict[str, Any]()
    for *row, previous_sha256 in rows:
        facts = dict(zip(_CALLER_COLUMNS, row, strict=True))
        known |= {digest: facts for digest in (facts["sha256"], previous_sha256) if digest in asked}
    return known


async def caller_of_key(connection: Connection, key_id: str) -> Caller:
    """Who the key of this id belongs to, for who has been authenticated otherwise.

    Raises:
        Unauthorized: the key is unknown, revoked, switched off or expired, or its account is switched off.
    """
    row = (await connection.execute(_CALLER_OF_KEY, {"key_id": key_id})).first()
    if row is None:
        raise Unauthorized(problem="the key of this session is no more")
    return _caller(dict(zip(_CALLER_COLUMNS, row, strict=True)), None)


def _caller(facts: dict[str, Any], digest: str | None) -> Caller:
    """Who a row of `_ANY_CALLER` tells, by the names of its columns: a dictionary is read faster than SQLAlchemy's row.

    Args:
        digest: of the key that was given; None where none was.

    Raises:
        Unauthorized: the key or its account is not good.
    """
    record, group = _key(_key_values(facts)), group_of(_group_values(facts))
    requests_per_minute, max_tasks = facts["account_requests_per_minute"], facts["account_max_tasks"]
    now = time.time()
    match record.state(now):
        case "revoked":
            raise Unauthorized(problem="this key was revoked")
        case "expired":
            raise Unauthorized(problem="this key has expired")
        case "off":
            raise Unauthorized(problem="this key is switched off")
        case _:
            pass
    if (
        digest is not None
        and facts["sha256"] != digest
        and (record.previous_ends is None or record.previous_ends <= now)
    ):
        raise Unauthorized(problem="this key was replaced by a new one")
    if not facts["account_enabled"]:
        raise Unauthorized(problem="this account is switched off")
    return Caller(
        key=record,
        account_id=record.account_id,
        group=group,
        balance=facts["account_balance"],
        requests_per_minute=group.requests_per_minute if requests_per_minute is None else requests_per_minute,
        max_tasks=group.max_tasks if max_tasks is None else max_tasks,
    )


def is_touch_due(key: KeyRecord) -> bool:
    """Whether the key's last use should be noted."""
    return key.last_used is None or time.time() - key.last_used >= _TOUCH_EVERY


async def touch_key(connection: Connection, key_id: str) -> None:
    """Note that the key was used now."""
    now = time.time()
    newest = case((ApiKey.last_used > now, ApiKey.last_used), else_=now)
    await connection.execute(update(ApiKey).where(ApiKey.id == key_id).values(last_used=newest))


_USE = select(ApiKey.used, ApiKey.live_tasks).where(ApiKey.id == bindparam("key_id"))


def use_of_key(key_id: str) -> Request:
    """Asks for the credits that the key used, with those reserved, and how many of its tasks wait or run."""
    return _USE, {"key_id": key_id}
