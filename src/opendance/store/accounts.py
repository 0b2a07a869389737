"""Accounts and the groups they are in."""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, delete, func, insert, or_, select, update

from opendance.catalog import MAX_FILES, MAX_KEPT_BYTES
from opendance.store.database import Connection, Request
from opendance.store.tables import Account, ApiKey, Task, UserGroup
from opendance.task import LIVE

DEFAULT_ACCOUNT = "default"
DEFAULT_GROUP = "default"


@dataclass(frozen=True)
class Group:
    """What all accounts of a group have in common; None is no limit.

    Attributes:
        price_ratio: on every price.
        priority: share of the engines' time against other groups, and who goes first where turns are equal.
        requests_per_minute, max_tasks: of each account that has no limit of its own.
        total_requests_per_minute, total_max_tasks: of all accounts together.
        max_files: uploads that each account keeps.
        max_kept_bytes: room for what each account keeps from the sweep.
        own_keys: whether each account may make and change keys of its own.
        engines: the engines it may use; None for all.
    """

    name: str
    price_ratio: Decimal = Decimal(1)
    priority: int = 1
    requests_per_minute: int | None = None
    max_tasks: int | None = None
    total_requests_per_minute: int | None = None
    total_max_tasks: int | None = None
    max_files: int = MAX_FILES
    max_kept_bytes: int = MAX_KEPT_BYTES
    own_keys: bool = True
    engines: tuple[str, ...] | None = None


@dataclass(frozen=True)
class AccountRecord:
    """An account.

    Attributes:
        balance: credits that are free to use, without those reserved for tasks under way.
        requests_per_minute, max_tasks: None for those of its group.
    """

    id: str
    name: str
    user_group: str
    created: float
    enabled: bool
    balance: Decimal
    requests_per_minute: int | None
    max_tasks: int | None


GROUP_COLUMNS = [getattr(UserGroup, name) for name in Group.__dataclass_fields__]
_ACCOUNT_COLUMNS = [getattr(Account, name) for name in AccountRecord.__dataclass_fields__]


def group_of(values: Any) -> Group:
    """A group from the values of `GROUP_COLUMNS`."""
    *facts, engines = values
    return Group(*facts, engines=None if engines is None else tuple(engines))


def _account(row: Row[Any]) -> AccountRecord:
    return AccountRecord(*row)


async def list_groups(connection: Connection) -> list[Group]:
    """All groups by name."""
    rows = await connection.execute(select(*GROUP_COLUMNS).order_by(UserGroup.name))
    return [group_of(row) for row in rows]


async def get_group(connection: Connection, name: str) -> Group | None:
    """The group of this name."""
    row = (await connection.execute(select(*GROUP_COLUMNS).where(UserGroup.name == name))).first()
    return None if row is None else group_of(row)


async def put_group(connection: Connection, group: Group) -> None:
    """Make the group, or change it to this."""
    values = vars(group) | {"engines": None if group.engines is None else list(group.engines)}
    done = await connection.execute(update(UserGroup).where(UserGroup.name == group.name).values(**values))
    if done.rowcount == 0:
        await connection.execute(insert(UserGroup).values(**values))


async def remove_group(connection: Connection, name: str) -> None:
    """Forget the group; `count_accounts` tells before whether it is in use."""
    await connection.execute(delete(UserGroup).where(UserGroup.name == name))


async def count_accounts(connection: Connection, group: str) -> int:
    """How many accounts are in the group."""
    return (await connection.execute(select(func.count()).where(Account.user_group == group))).scalar() or 0


async def create_account(connection: Connection, *, name: str, user_group: str = DEFAULT_GROUP) -> str:
    """Make an account without credits and give its id."""
    account_id = f"acct-{secrets.token_hex(8)}"
    await connection.execute(
        insert(Account).values(
            id=account_id,
            name=name,
            user_group=user_group,
            created=time.time(),
            enabled=True,
            balance=Decimal(0),
            live_tasks=0,
            finish_tag=0,
        )
    )
    return account_id


async def find_account(connection: Connection, id_or_name: str) -> AccountRecord | None:
    """The account with this id, or else with this name."""
    query = select(*_ACCOUNT_COLUMNS).where((Account.id == id_or_name) | (Account.name == id_or_name))
    rows = [_account(row) for row in await connection.execute(query)]
    return next((row for row in rows if row.id == id_or_name), rows[0] if rows else None)


async def list_accounts(connection: Connection) -> list[AccountRecord]:
    """All accounts, oldest first."""
    rows = await connection.execute(select(*_ACCOUNT_COLUMNS).order_by(Account.created, Account.id))
    return [_account(row) for row in rows]


async def names_of(connection: Connection, account_ids: Collection[str]) -> dict[str, str]:
    """The names of these accounts, by id."""
    rows = await connection.execute(select(Account.id, Account.name).where(Account.id.in_(account_ids)))
    return {row.id: row.name for row in rows}


async def change_account(connection: Connection, account_id: str, **values: Any) -> None:
    """Set some of `name`, `user_group`, `enabled`, `requests_per_minute`, `max_tasks`."""
    await connection.execute(update(Account).where(Account.id == account_id).values(**values))


async def lock_accounts(connection: Connection, account_ids: Collection[str]) -> None:
    """As `lock_account`, in the order of their ids."""
    await connection.execute_all(*((_LOCK, {"account": account_id}) for account_id in sorted(account_ids)))


async def lock_account(connection: Connection, account_id: str) -> None:
    """Hold the account until the transaction ends, so that another that changes its credits or queue waits.

    Whoever locks an account and one of its tasks locks the account first.
    """
    await connection.execute(_LOCK, {"account": account_id})


def live_tasks_of_group(name: str) -> tuple[Request, Request]:
    """Holds the group until the transaction ends, and asks then how many tasks of its accounts wait or run.

    Whoever locks an account and its group locks the account first.
    """
    return (_LOCK_GROUP, {"name": name}), (_LIVE_OF_GROUP, {"name": name})


# Statements of every creation are built once.
_LOCK = select(Account.id).where(Account.id == bindparam("account")).with_for_update()
_LOCK_GROUP = select(UserGroup.name).where(UserGroup.name == bindparam("name")).with_for_update()
_LIVE_OF_GROUP = select(func.sum(Account.live_tasks)).where(Account.user_group == bindparam("name"))


async def first_account(connection: Connection) -> str | None:
    """The id of the oldest account, which keys belong to where no other is named."""
    query = select(Account.id).order_by(Account.created, Account.id).limit(1)
    return (await connection.execute(query)).scalar()


@dataclass(frozen=True)
class WhichAccounts:
    """Which accounts; None is any.

    Attributes:
        words: in the name or the id, whatever their case.
        after: (created, id) of the last of the page before.
    """

    words: str | None = None
    user_group: str | None = None
    enabled: bool | None = None
    after: tuple[float, str] | None = None


@dataclass(frozen=True)
class AccountUse:
    """What an account has beside its record.

    Attributes:
        reserved: credits that are set aside for its live tasks.
        last_used: when one of its keys was used last, unix time, to the minute.
    """

    account_id: str
    live_tasks: int
    reserved: Decimal
    keys: int
    last_used: float | None


async def page_of_accounts(
    connection: Connection, which: WhichAccounts, *, limit: int
) -> tuple[list[AccountRecord], int]:
    """Accounts, oldest first, and how many there are on all pages."""
    conditions: list[ColumnElement[bool]] = []
    if which.words:
        words = which.words.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        found = [func.lower(column).like(f"%{words}%", escape="\\") for column in (Account.name, Account.id)]
        conditions.append(or_(*found))
    if which.user_group is not None:
        conditions.append(Account.user_group == which.user_group)
    if which.enabled is not None:
        conditions.append(Account.enabled.is_(which.enabled))
    total = (await connection.execute(select(func.count()).select_from(Account).where(*conditions))).scalar() or 0
    if which.after is not None:
        created, account_id = which.after
        same = (Account.created == created) & (Account.id > account_id)
        conditions.append((Account.created > created) | same)
    query = select(*_ACCOUNT_COLUMNS).where(*conditions).order_by(Account.created, Account.id).limit(limit)
    return [_account(row) for row in await connection.execute(query)], total


async def uses_of(connection: Connection, account_ids: Collection[str]) -> dict[str, AccountUse]:
    """What these accounts have beside their records, by id."""
    live: dict[str, tuple[int, Decimal]] = {}
    tasks = select(
        Task.account_id, func.count().label("number"), func.sum(Task.credits_reserved).label("reserved")
    ).where(Task.account_id.in_(account_ids), Task.status.in_(LIVE))
    for row in await connection.execute(tasks.group_by(Task.account_id)):
        live[row.account_id] = row.number, Decimal(row.reserved)
    keys: dict[str, tuple[int, float | None]] = {}
    working = select(
        ApiKey.account_id, func.count().label("number"), func.max(ApiKey.last_used).label("last_used")
    ).where(ApiKey.account_id.in_(account_ids), ApiKey.revoked.is_(None))
    for row in await connection.execute(working.group_by(ApiKey.account_id)):
        keys[row.account_id] = row.number, row.last_used
    none: tuple[int, float | None] = (0, None)
    return {
        account_id: AccountUse(account_id, *live.get(account_id, (0, Decimal(0))), *keys.get(account_id, none))
        for account_id in account_ids
    }
