"""The database: its schema brought up to date, and transactions on it - an SQLite file, or PostgreSQL."""

from __future__ import annotations

import logging
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import URL, Dialect, Engine, Executable, Insert, create_engine, inspect, make_url, text
from sqlalchemy import Connection as SyncConnection
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from opendance import __version__
from opendance.errors import ConfigurationError, NewerSchema
from opendance.private import make_data_folder
from opendance.store.statements import StatementResult

if TYPE_CHECKING:  # it is loaded where a migration waits, and not at every start
    from alembic.config import Config

_log = logging.getLogger(__name__)
MIGRATIONS = Path(__file__).parent / "migrations"
OUTAGES = (OperationalError, InterfaceError, PoolTimeout)  # the database is away, full or busy: it may come back
_CLAUSE_ENDS = re.compile(r"[.:;\n]")
_MIGRATING = 7_283_140  # PostgreSQL's advisory lock of whoever migrates; any number that nobody else uses


Request = tuple[Executable, Mapping[str, Any] | None]
"""A statement and its values."""


class Connection(Protocol):
    """What queries run on."""

    @property
    def dialect(self) -> Dialect:
        """Of the database, for what each says in its own words."""
        ...

    async def execute(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> StatementResult:
        """Run one statement, behind what was sent; its result is held whole."""
        ...

    async def execute_all(self, *requests: Request) -> list[StatementResult]:
        """Run several, in one round trip where there is one to make; none needs what another gives."""
        ...

    async def send(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> None:
        """Run one whose result nobody needs, at the latest with what is executed next or the transaction's end.

        What is wrong with it is told there.
        """
        ...

    async def send_rows(self, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
        """As `send`, once for each of the rows, which all name the same columns: in as few statements as it can be."""
        ...


@dataclass(frozen=True)
class PoolState:
    """How the connections of this process to its database stand.

    Attributes:
        in_use: by somebody now.
        most: that there may be.
        waiting: who has none yet and needs one.
    """

    in_use: int
    most: int
    waiting: int


class Database(Protocol):
    """Transactions on one database."""

    @property
    def pool(self) -> PoolState:
        """How its connections stand."""
        ...

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


@dataclass(frozen=True)
class Migration:
    """A step of the schema.

    Attributes:
        revision: its number, such as `0009`.
        what: it brings, in a line.
    """

    revision: str
    what: str

    def __str__(self) -> str:
        return f"{self.revision} ({self.what})"


def known_migrations() -> tuple[Migration, ...]:
    """All that this release knows, the oldest first."""
    from alembic.script import ScriptDirectory

    scripts = list(ScriptDirectory.from_config(_migrations()).walk_revisions())
    return tuple(Migration(script.revision, _CLAUSE_ENDS.split(script.doc)[0]) for script in reversed(scripts))


def waiting_migrations(place: Path | str) -> tuple[Migration, ...]:
    """Those that the database at `place` still needs, the oldest first: all where there is no database yet.

    Raises:
        NewerSchema: a newer release has changed the schema.
        ConfigurationError: the database cannot be reached.
    """
    url = database_url(place)
    if isinstance(place, Path) and not place.exists():  # to look must not make it
        return known_migrations()
    with _connected(_engine(url), url, "") as connection:
        return _waiting(connection)


def migrate(place: Path | str) -> tuple[Migration, ...]:
    """Bring the database at `place` to the newest schema; safe to call at every start, also by several at once.

    Returns:
        What was run, the oldest first.

    Raises:
        NewerSchema: a newer release has changed the schema.
        ConfigurationError: the folder cannot be written, or the database cannot be reached.
    """
    url = database_url(place)
    if isinstance(place, Path):
        make_data_folder(place.parent)
    with _connected(_engine(url, writes=True), url, f"SELECT pg_advisory_xact_lock({_MIGRATING})") as connection:
        waiting = _waiting(connection)
        if waiting:
            _log.info("the database is migrated: %s", ", ".join(map(str, waiting)))
            from alembic import command

            config = _migrations()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    return waiting


def _migrations() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _waiting(connection: SyncConnection) -> tuple[Migration, ...]:
    heads: list[str] = []
    if inspect(connection).has_table("alembic_version"):
        heads = list(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())
    if not heads:
        return known_migrations()
    [current] = heads
    revisions = _revisions()
    if current not in revisions:
        raise NewerSchema(
            f"the database has the schema {current} of a newer release; Opendance {__version__} knows it up to "
            f"{revisions[-1]}: start the newer release, or restore the backup from before the upgrade"
        )
    behind = len(revisions) - 1 - revisions.index(current)
    return known_migrations()[-behind:] if behind else ()


def _revisions() -> list[str]:
    """As `known_migrations`, by the names of their files."""
    return sorted(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _engine(url: URL, *, writes: bool = False) -> Engine:
    """With the rules of each database where it `writes`."""
    try:
        engine = create_engine(url)
    except ImportError:
        raise _driver_missing() from None
    if url.get_backend_name() != "sqlite" or not writes:
        return engine
    from opendance.store.sqlite import prepare

    return prepare(engine, writes=True)


@contextmanager
def _connected(engine: Engine, url: URL, lock: str) -> Generator[SyncConnection]:
    """A transaction on the database at `url`.

    Args:
        lock: what PostgreSQL waits for first; nothing for nothing.
    """
    try:
        with engine.begin() as connection:
            if lock and connection.dialect.name == "postgresql":
                connection.exec_driver_sql(lock)
            yield connection
    except OperationalError as error:
        if url.get_backend_name() == "sqlite":
            raise
        reason = str(error.orig).strip().splitlines()[0]
        raise ConfigurationError(f"database_url: the database at {url.host} cannot be used: {reason}") from None
    finally:
        engine.dispose()
