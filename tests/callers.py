"""Callers of tests that need no server: accounts with credits, each with a key."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from opendance.store import accounts, keys, ledger
from opendance.store.accounts import DEFAULT_GROUP, Group
from opendance.store.database import Database
from opendance.store.keys import Caller


async def new_caller(
    database: Database,
    name: str,
    *,
    credits_: str = "1000",
    group: Group | None = None,
    max_tasks: int | None = None,
    max_tasks_of_key: int | None = None,
    **key: Any,
) -> Caller:
    """Make an account with a key, and give who calls with it.

    Args:
        group: made too; None for the default one.
        max_tasks: of the account at once.
        max_tasks_of_key: of the key at once.
        key: other limits of the key, as `keys.create_key` takes them.
    """
    async with database.write() as connection:
        if group is not None:
            await accounts.put_group(connection, group)
        user_group = DEFAULT_GROUP if group is None else group.name
        account = await accounts.create_account(connection, name=name, user_group=user_group)
        await accounts.change_account(connection, account, max_tasks=max_tasks)
        await ledger.top_up(connection, account, Decimal(credits_), reason="test")
        _, secret = await keys.create_key(connection, account, name=name, max_tasks=max_tasks_of_key, **key)
    async with database.read() as connection:
        return await keys.authenticate(connection, secret)
