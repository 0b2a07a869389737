"""The database: its schema brought up to date, and transactions on it - an SQLite file, or PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, CursorResult, Dialect, Engine, Executable, create_engine, make_url
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from opendance.errors import ConfigurationError
from opendance.private import make_data_folder

MIGRATIONS = Path(__file__).parent / "migrations"
OUTAGES = (OperationalError, InterfaceError, PoolTimeout)  # the database is away, full or busy: it may come back
_MIGRATING = 7_283_140  # PostgreSQL's advisory lock of whoever migrates; any number that nobody else uses


class Connection(Protocol):
    """What queries run on."""

    @property
    def dialect(self) -> Dialect:
        """Of the database, for what each says in its own words."""
        ...

    async def execute(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> CursorResult[Any]:
        """Run one statement; its result is held whole."""
        ...


class Database(Protocol):
    """Transactions on one database."""

    def read(self) -> AbstractAsyncContextManager[Connection]:
        """A connection that only reads; each statement sees the newest state."""
        ...

    def write(self) -> AbstractAsyncContextManager[Connection]:
        """A transaction that may write; it commits when the block ends and rolls back when the block raises."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


def database_url(place: Path | str) -> URL:
    """The address of an SQLite file, or of a PostgreSQL database with the driver that we use.

    Raises:
        ConfigurationError: it is no such address.
    """
    if isinstance(place, Path):
        return URL.create("sqlite", database=str(place))
    try:
        url = make_url(place)
    except ArgumentError:
        raise ConfigurationError("database_url: not a URL; write postgresql://user:password@host:5432/name") from None
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise ConfigurationError(
            f"database_url: {url.get_backend_name()} is not possible; give postgresql://... or leave it out for SQLite"
        )
    return url.set(drivername="postgresql+psycopg")


def open_database(place: Path | str) -> Database:
    """The database at `place`: the path of an SQLite file, or a postgresql:// URL.

    Raises:
        ConfigurationError: the URL is none, or the driver is missing.
    """
    url = database_url(place)
    if url.get_backend_name() == "sqlite":
        from opendance.store.sqlite import SqliteDatabase

        return SqliteDatabase(url)
    try:
        from opendance.store.postgresql import PostgresqlDatabase

        return PostgresqlDatabase(url)
    except ImportError:
        raise _driver_missing() from None


def _driver_missing() -> ConfigurationError:
    return ConfigurationError("database_url: PostgreSQL needs its driver: pip install 'opendance[postgresql]'")


def migrate(place: Path | str) -> None:
    """Bring the database at `place` to the newest schema; safe to call at every start, also by several at once.

    Raises:
        ConfigurationError: the folder cannot be written, or the database cannot be reached.
    """
    url = database_url(place)
    try:
        engine = _migration_engine(url)
    except ImportError:
        raise _driver_missing() from None
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATING})")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except OperationalError as error:
        if url.get_backend_name() == "sqlite":
            raise
        reason = str(error.orig).strip().splitlines()[0]
        raise ConfigurationError(f"database_url: the database at {url.host} cannot be used: {reason}") from None
    finally:
        engine.dispose()


def _migration_engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url)
    from opendance.store.sqlite import prepare

    make_data_folder(Path(url.database or "").parent)
    return prepare(create_engine(url), writes=True)
