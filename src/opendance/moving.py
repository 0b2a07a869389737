"""An embedded installation becomes one on PostgreSQL: rows, ledger, keys, and the objects where they are to move too.

All rows go in one transaction: it ends with the sums compared, and where anything goes wrong the target is as empty as
before. Objects are copied first, each whole or not at all; a second run copies those that are missing.
"""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Integer, Table, create_engine, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from opendance.background import reason_of
from opendance.credits import shown
from opendance.errors import ConfigurationError, StorageError
from opendance.private import only_for_owner, sole_use
from opendance.settings import Settings
from opendance.storage import Storage, open_storage
from opendance.store.database import database_url, known_migrations, migrate, waiting_migrations
from opendance.store.search import grams_of
from opendance.store.sqlite import prepare
from opendance.store.tables import Account, ApiKey, Base, LedgerEntry, Task, TaskSearch
from opendance.task import Status

_BITE = 1000  # rows
_MOVED = ".moved"  # is what the file that was moved ends with
# The sums come as they are: what moves credits would add them again.
_STOP, _GO_ON = (f"ALTER TABLE ledger {word} TRIGGER ledger_moves_credits" for word in ("DISABLE", "ENABLE"))


@dataclass(frozen=True)
class Moved:
    """What was moved.

    Attributes:
        rows: by table.
        credits: that the accounts hold together.
        objects: that were copied, or lay there already; 0 where they stay where they are.
        left: the old database, under its new name.
    """

    rows: dict[str, int]
    credits: Decimal
    objects: int
    left: Path


@only_for_owner()
def move(settings: Settings, target: str, *, objects: str | None = None) -> Moved:
    """Move the installation of the data folder to the PostgreSQL database `target`, which must be empty.

    The old database stays under another name, so that no server goes on with it by mistake.

    Args:
        objects: where the objects are to go, as `storage_url`; None leaves them.

    Raises:
        ConfigurationError: there is no installation, a server works on it, its tables are of another release, or the
            target is not empty or not reachable; or the sums differ, which must not be. Nothing has changed then but
            that objects may have been copied.
        StorageError: an object could not be copied.
    """
    place = settings.database
    if not isinstance(place, Path):
        raise ConfigurationError("database_url: the installation is on PostgreSQL already; it has pg_dump to move it")
    if not place.is_file():
        raise ConfigurationError(f"data_dir: there is no installation in {settings.data_dir}")
    if waiting := waiting_migrations(place):
        raise ConfigurationError(f"the database waits for {waiting[0]}: run `opendance migrate up` first")
    with sole_use(settings.data_dir, f"a server works on {settings.data_dir}; stop it first"):
        if waiting_migrations(target) not in ((), known_migrations()):
            raise ConfigurationError("the target has tables of an older release; choose an empty database")
        migrate(target)
        _check_empty(target)
        copied = 0 if objects is None else asyncio.run(_copy_objects(settings, open_storage(objects)))
        rows, held = _copy_rows(place, target)
        left = place.with_name(place.name + _MOVED)
        place.rename(left)
    return Moved(rows, held, copied, left)


def _check_empty(target: str) -> None:
    engine = create_engine(database_url(target))
    try:
        with engine.connect() as connection:
            for model in (Account, ApiKey, Task, LedgerEntry):
                if connection.execute(select(func.count()).select_from(model)).scalar():
                    raise ConfigurationError(
                        f"the target holds an installation: there are rows in {model.__tablename__}. Choose an empty "
                        "database; a move that was interrupted left none"
                    )
    finally:
        engine.dispose()


def _copy_rows(place: Path, target: str) -> tuple[dict[str, int], Decimal]:
    """Every row, in one transaction; gives how many of each table, and the credits that all accounts hold."""
    source, there = prepare(create_engine(database_url(place)), writes=False), create_engine(database_url(target))
    try:
        with source.connect() as old, there.begin() as new:
            new.execute(text(_STOP))
            for table in reversed(Base.metadata.sorted_tables):
                if table.name in ("user_groups", "queue_clocks"):  # which migrations fill
                    new.execute(delete(table))
            rows = {table.name: _copy_table(old, new, table) for table in Base.metadata.sorted_tables}
            # Whoever worked on them has ended: they are begun again, behind their last finished step, before others.
            new.execute(update(Task).where(Task.status == Status.PROCESSING.value).values(owner=None))
            new.execute(text(_GO_ON))
            _check_sums(old, new)
            held = new.execute(select(func.coalesce(func.sum(Account.balance), 0))).scalar()
        with source.connect() as old:  # what the log beside the file holds goes into it
            old.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    except DBAPIError as error:
        raise ConfigurationError(f"the target did not take it, and is empty: {reason_of(error)}") from error
    finally:
        source.dispose()
        there.dispose()
    return rows, Decimal(held or 0)


def _copy_table(old: Connection, new: Connection, table: Table) -> int:
    count = 0
    for rows in _bites(old, table):
        if table.name == TaskSearch.__tablename__:  # whose numbers mean something on SQLite, and index on PostgreSQL
            for number, row in enumerate(rows, count + 1):
                row["id"] = number
            new.execute(insert(table), rows)
            new.execute(*grams_of(rows))
        else:
            new.execute(insert(table), rows)
        count += len(rows)
    for column in table.primary_key.columns:
        if isinstance(column.type, Integer) and count:
            newest = select(func.max(column)).scalar_subquery()
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            if new.execute(select(sequence)).scalar() is not None:
                new.execute(select(func.setval(sequence, newest)))
    return count


def _bites(old: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    result = old.execution_options(yield_per=_BITE).execute(select(table).order_by(*table.primary_key.columns))
    for rows in result.mappings().partitions():
        yield [dict(row) for row in rows]


def _check_sums(old: Connection, new: Connection) -> None:
    """Whether each table has as many rows, and each account and key the same credits, which its ledger confirms.

    Raises:
        ConfigurationError: they differ; nothing is moved then.
    """
    for table in Base.metadata.sorted_tables:
        count = select(func.count()).select_from(table)
        if (here := old.execute(count).scalar()) != (there := new.execute(count).scalar()):
            raise ConfigurationError(f"{table.name} has {here} rows here and {there} there; nothing was moved")
    booked_by = dict(_sums(new))
    balances = select(Account.id, Account.balance, Account.live_tasks).order_by(Account.id)
    keys = select(ApiKey.id, ApiKey.used, ApiKey.live_tasks).order_by(ApiKey.id)
    for query in (balances, keys):
        if old.execute(query).all() != new.execute(query).all():
            raise ConfigurationError("credits differ here and there; nothing was moved")
    for account in new.execute(balances):
        if account.balance != (booked := booked_by.get(account.id, Decimal(0))):
            raise ConfigurationError(
                f"account {account.id} holds {shown(account.balance)} credits, and its ledger says {shown(booked)}; "
                "nothing was moved"
            )


def _sums(connection: Connection) -> Iterator[tuple[str, Decimal]]:
    query = select(LedgerEntry.account_id, func.sum(LedgerEntry.amount)).group_by(LedgerEntry.account_id)
    for account, amount in connection.execute(query):
        yield account, Decimal(amount or 0)


async def _copy_objects(settings: Settings, target: Storage) -> int:
    """Every object of the data folder that is not there in its size; gives how many there are."""
    source = settings.storage
    if not isinstance(source, Path):
        raise ConfigurationError("storage_url: the objects are in an object store already; leave them there")
    await target.check()
    count = 0
    for path in await asyncio.to_thread(lambda: sorted(path for path in source.rglob("*") if path.is_file())):
        key = path.relative_to(source).as_posix()
        if await target.size(key) != path.stat().st_size:
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            await target.put(key, path, content_type=kind)
            if await target.size(key) != path.stat().st_size:
                raise StorageError(f"{key} has another size there")
        count += 1
    return count
