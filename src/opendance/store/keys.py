"""Accounts and API keys."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from opendance.errors import Unauthorized
from opendance.store.database import Connection
from opendance.store.tables import Account, ApiKey

DEFAULT_ACCOUNT = "default"
_PREFIX = "od-"
_SHOWN = 9


@dataclass(frozen=True)
class Caller:
    """Who makes a request."""

    account_id: str
    user_group: str
    key_id: str
    models: tuple[str, ...] | None


@dataclass(frozen=True)
class KeyRecord:
    """What may be shown of a key."""

    id: str
    name: str
    prefix: str
    created: float
    expires: float | None
    revoked: float | None
    models: tuple[str, ...] | None


def _sha256(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


async def ensure_default_account(connection: Connection) -> str:
    """The id of the account that the operator's keys belong to; made at the first call."""
    found = (await connection.execute(select(Account.id).where(Account.name == DEFAULT_ACCOUNT))).scalar()
    if found is not None:
        return found
    account_id = f"acct-{secrets.token_hex(8)}"
    await connection.execute(
        insert(Account).values(id=account_id, name=DEFAULT_ACCOUNT, user_group="default", created=time.time())
    )
    return account_id


async def create_key(
    connection: Connection, *, name: str, models: tuple[str, ...] | None = None, expires: float | None = None
) -> str:
    """Make a key of the default account and give it: the only time that it can be seen.

    Args:
        models: the models it may use; None for all.
        expires: unix time when it ends; None for never.
    """
    key = _PREFIX + secrets.token_urlsafe(32)
    await connection.execute(
        insert(ApiKey).values(
            id=f"key-{secrets.token_hex(6)}",
            account_id=await ensure_default_account(connection),
            name=name,
            prefix=key[:_SHOWN],
            sha256=_sha256(key),
            created=time.time(),
            expires=expires,
            models=None if models is None else list(models),
        )
    )
    return key


async def list_keys(connection: Connection) -> list[KeyRecord]:
    """All keys, oldest first, for the operator."""
    rows = await connection.execute(select(ApiKey.__table__).order_by(ApiKey.created))
    return [
        KeyRecord(
            id=row.id,
            name=row.name,
            prefix=row.prefix,
            created=row.created,
            expires=row.expires,
            revoked=row.revoked,
            models=None if row.models is None else tuple(row.models),
        )
        for row in rows
    ]


async def revoke_key(connection: Connection, id_or_name: str) -> int:
    """Revoke the keys with this id or name for good; gives how many that were."""
    result = await connection.execute(
        update(ApiKey)
        .where((ApiKey.id == id_or_name) | (ApiKey.name == id_or_name), ApiKey.revoked.is_(None))
        .values(revoked=time.time())
    )
    return result.rowcount


_BY_HASH = select(ApiKey.id, ApiKey.account_id, ApiKey.expires, ApiKey.revoked, ApiKey.models, Account.user_group).join(
    Account, Account.id == ApiKey.account_id
)


async def authenticate(connection: Connection, key: str) -> Caller:
    """Who `key` belongs to.

    Raises:
        Unauthorized: the key is unknown, revoked or expired.
    """
    row = (await connection.execute(_BY_HASH.where(ApiKey.sha256 == _sha256(key)))).first()
    if row is None:
        raise Unauthorized(problem="this key is not known here")
    if row.revoked is not None:
        raise Unauthorized(problem="this key was revoked")
    if row.expires is not None and row.expires <= time.time():
        raise Unauthorized(problem="this key has expired")
    return Caller(
        account_id=row.account_id,
        user_group=row.user_group,
        key_id=row.id,
        models=None if row.models is None else tuple(row.models),
    )
