"""Databases for tests: SQLite files, and a PostgreSQL server of our own where its programs are installed."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine

from opendance.private import make_data_folder
from opendance.store.database import MIGRATIONS, Database, database_url, migrate, open_database
from opendance.store.sqlite import prepare

_MIGRATED = "migrated"
_COPIED = "copied_"  # so begin the names of databases that were copied from it
# A database that the machine's end would damage is good enough.
_SETTINGS = ("listen_addresses=127.0.0.1", "max_connections=200", "fsync=off")


def _program(name: str) -> str | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)  # where Debian hides them
    return shutil.which(name, path=os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")]))


class PostgresqlServer:
    """A PostgreSQL server on loopback, with a database that has our tables and serves as a template.

    Args:
        folder: of its data and its log.
        user: who runs it; None for whoever runs the tests.
    """

    def __init__(self, program: str, folder: Path, user: str | None) -> None:
        self._program, self._folder, self._user = program, folder, user
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.start()

    @property
    def process_id(self) -> int:
        """Of the process whose children answer connections."""
        return self._process.pid

    def url(self, database: str) -> str:
        return f"postgresql://opendance@127.0.0.1:{self._port}/{database}"

    def new_database(self) -> str:
        """The URL of a fresh database with our tables, without rows."""
        name = f"{_COPIED}{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {_MIGRATED}")
        return self.url(name)

    def empty_database(self) -> str:
        """The URL of a fresh database without tables."""
        name = f"empty_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def start(self) -> None:
        """Start, and wait until it answers; after `kill` it recovers first."""
        options = [word for setting in _SETTINGS for word in ("-c", setting)]
        command = [self._program, "-D", str(self._folder / "data"), "-p", str(self._port), "-k", str(self._folder)]
        for attempt in range(300):
            if attempt == 0 or self._process.poll() is not None:  # what it left may take a moment to vanish
                with (self._folder / "log").open("ab") as log:
                    self._process = subprocess.Popen([*command, *options], stdout=log, stderr=log, user=self._user)
            try:
                self.execute("SELECT 1")
                return
            except psycopg.OperationalError:
                time.sleep(0.1)
        raise AssertionError("PostgreSQL does not answer: " + (self._folder / "log").read_text()[-2000:])

    def stop(self) -> None:
        """End it as its operator would."""
        self._process.terminate()
        self._process.wait(30)

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self._process.kill()
        self._process.wait(30)


@contextmanager
def running_postgresql() -> Generator[PostgresqlServer]:
    """Start a server as an ordinary user on a free port, and end it."""
    initdb, postgres = _program("initdb"), _program("postgres")
    if initdb is None or postgres is None:
        pytest.skip("PostgreSQL is not installed: Debian's package is postgresql")
    folder = Path(tempfile.mkdtemp(prefix="opendance-pg-", dir="/tmp"))
    user = "nobody" if os.getuid() == 0 else None  # it refuses to run as root
    if user is not None:
        shutil.chown(folder, user)
    command = [
        initdb,
        "-D",
        str(folder / "data"),
        "-U",
        "opendance",
        "-A",
        "trust",
        "--no-sync",
        "-E",
        "UTF8",
        "--locale=C",
    ]
    subprocess.run(command, check=True, capture_output=True, user=user)
    server = PostgresqlServer(postgres, folder, user)
    try:
        server.execute(f"CREATE DATABASE {_MIGRATED}")
        migrate(server.url(_MIGRATED))
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def writing(place: Path | str) -> Generator[Connection]:
    """A transaction on whatever tables the database has."""
    engine = create_engine(database_url(place))
    if isinstance(place, Path):
        place.parent.mkdir(parents=True, exist_ok=True)
        prepare(engine, writes=True)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@contextmanager
def of_release(place: Path | str, revision: str) -> Generator[Connection]:
    """A new database with the schema of an earlier release, to be filled in one transaction."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with writing(place) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        yield connection


@cache
def _migrated_file() -> Path:
    """An SQLite file with our tables: to copy it takes a tenth of the time of making them."""
    folder = Path(tempfile.mkdtemp(prefix="opendance-sqlite-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    migrate(folder / "template.sqlite3")
    return folder / "template.sqlite3"


def lay_tables(data_dir: Path) -> None:
    """Make a data folder as a first start leaves it; where there is a database already, nothing is changed."""
    file = data_dir / "opendance.sqlite3"
    if not file.exists():
        make_data_folder(data_dir)
        shutil.copyfile(_migrated_file(), file)
        file.chmod(0o600)


@asynccontextmanager
async def opened(place: Path | str) -> AsyncGenerator[Database]:
    """The migrated database at `place`, closed afterwards."""
    if isinstance(place, Path) and not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_migrated_file(), place)
    elif isinstance(place, Path) or f"/{_COPIED}" not in place:
        migrate(place)
    database = open_database(place)
    try:
        yield database
    finally:
        await database.close()
