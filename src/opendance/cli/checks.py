"""What `doctor` looks at of an installation, one function a fact: each says what to do where it is not good."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from opendance.cli.where import ADDRESS, ASK_THE_SERVER, named_server
from opendance.engines.compiled import compiled_cache
from opendance.engines.environment import engine_environment
from opendance.engines.registry import EngineFacts
from opendance.errors import ConfigurationError
from opendance.found_server import read_server_file
from opendance.private import open_to_others
from opendance.settings import Settings, unknown_variables
from opendance.storage import open_storage
from opendance.store.database import known_migrations, waiting_migrations

_MOST = 1000  # files that are counted
_LEAST_FREE = 2 << 30  # bytes; a server with two engines works on up to a dozen clips and their files
_PATIENCE = 60.0  # s until an engine's modules are there
_STORE_PATIENCE = 10.0  # s
_WRITTEN = datetime(2026, 11, 1, tzinfo=UTC).timestamp()  # no clock of a machine that runs this is before
_CLOCKS = 60.0  # s that clocks may differ
_LOAD = (
    "import json, sys; from opendance.engines.registry import load_engine; "
    "load_engine(sys.argv[1], json.load(sys.stdin))"
)


@dataclass(frozen=True)
class Check:
    """One line of `doctor`.

    Attributes:
        details: what was found, and what to do where it is not good.
    """

    what: str
    is_good: bool
    details: str


def check_installation(settings: Settings, data_dir: Path | None, config: Path | None) -> Generator[Check]:
    """All that is not software: which server and folder, its modes, disk, port, database, store, clock, variables."""
    yield _works_with(settings, data_dir, config)
    for problem in unknown_variables():
        yield Check("variable", False, problem)
    folder = settings.data_dir
    yield _data_folder(folder)
    yield _disk(folder)
    yield _disk(Path(tempfile.gettempdir()), what="scratch space")
    yield _port(settings)
    yield _database(settings)
    yield _store(settings)
    yield _clock(settings)


def check_engine(facts: EngineFacts, table: Mapping[str, Any], settings: Settings) -> Check:
    """Whether an engine's modules and options can be loaded, in a process as the server gives it."""
    what = f"  loads {facts.name}"
    if facts.runs_on != "cpu":
        return Check(what, True, f"not tried; opendance engines check {facts.name} makes a clip")
    environment = engine_environment(compiled_cache(settings.data_dir), facts.variables)
    began = time.monotonic()
    try:
        done = subprocess.run(  # noqa: S603 - this Python, with words of our own
            [sys.executable, "-c", _LOAD, facts.code],
            input=json.dumps(table),
            env=environment,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check(what, False, f"its process does not end well: {error}")
    if done.returncode == 0:
        cache = environment.get("NUMBA_CACHE_DIR")
        place = f"; compiled code is kept in {cache}" if cache else ""
        return Check(what, True, f"in {time.monotonic() - began:.1f} s{place}")
    reason = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1]
    advice = ""
    if "cannot cache function" in reason:
        advice = "; set NUMBA_CACHE_DIR to a folder that this user can write to"
    return Check(what, False, reason + advice)


def _works_with(settings: Settings, data_dir: Path | None, config: Path | None) -> Check:
    folder = settings.data_dir.absolute()
    named = named_server(data_dir, config)
    if named is not None:
        key = "a key" if named.api_key else "NO KEY: set OPENDANCE_API_KEY"
        says = f"{named.address} ({ADDRESS}, {key}) for {ASK_THE_SERVER}; {folder} for other commands"
        return Check("works with", named.api_key is not None, says)
    running = read_server_file(settings.data_dir)
    server = "no server runs on it" if running is None else f"a server runs on it at {running.address}"
    return Check("works with", True, f"{folder}; {server}")


def _data_folder(folder: Path) -> Check:
    what = "data folder"
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        return Check(what, False, f"{there} is no folder: choose another with --data-dir or OPENDANCE_DATA_DIR")
    if not os.access(there, os.W_OK | os.X_OK):
        return Check(what, False, f"{there} cannot be written by this user: chown it, or choose another data folder")
    if not folder.exists():
        return Check(what, True, f"{folder} is not there yet; opendance serve makes it")
    open_files = list(islice(open_to_others(folder), _MOST))
    if not open_files:
        return Check(what, True, f"{folder} is for its owner alone")
    count = f"{_MOST} and more" if len(open_files) == _MOST else str(len(open_files))
    return Check(
        what, False, f"other users may use {count} of its files, such as {open_files[0]}: chmod -R go= {folder}"
    )


def _disk(folder: Path, what: str = "disk") -> Check:
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    free = shutil.disk_usage(there).free
    advice = "" if free >= _LEAST_FREE else f"; make room: under {_LEAST_FREE >> 30} GiB tasks begin to fail"
    return Check(what, free >= _LEAST_FREE, f"{free / 2**30:.1f} GiB are free in {there}{advice}")


def _port(settings: Settings) -> Check:
    running = read_server_file(settings.data_dir)
    if running is not None:
        return Check("port", True, f"the server of the data folder listens at {running.address}")
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError as error:
            says = f"{settings.host}:{settings.port}: {error.strerror}; choose another with --port or OPENDANCE_PORT"
            return Check("port", False, says)
    return Check("port", True, f"{settings.host}:{settings.port or 'any'} is free")


def _database(settings: Settings) -> Check:
    place = "PostgreSQL" if settings.database_url else "SQLite"
    try:
        waiting, known = waiting_migrations(settings.database), known_migrations()
    except ConfigurationError as error:
        return Check("database", False, str(error))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the file is to be told
        return Check("database", False, f"{place}: {error}; restore it from a backup")
    if len(waiting) == len(known):
        return Check("database", True, f"{place}: no installation yet; opendance serve makes it")
    if waiting:
        return Check("database", False, f"{place}: {len(waiting)} migrations wait; run opendance migrate up")
    return Check("database", True, f"{place}, schema {known[-1].revision}")


def _store(settings: Settings) -> Check:
    if isinstance(settings.storage, Path) and not settings.storage.exists():  # to look must not make it
        return Check("store", True, "in the data folder; nothing is kept yet")

    async def look() -> None:
        async with asyncio.timeout(_STORE_PATIENCE):
            await open_storage(settings.storage, public_endpoint=settings.storage_public_endpoint).check()

    where = settings.storage_url or "in the data folder"
    try:
        asyncio.run(look())
    except TimeoutError:
        return Check("store", False, f"{where}: no answer for {_STORE_PATIENCE:.0f} s; is the address right?")
    except Exception as error:  # noqa: BLE001 - each store has errors of its own
        return Check("store", False, f"{where}: {error}; look at storage_url and its credentials")
    return Check("store", True, f"{where}: it answers")


def _clock(settings: Settings) -> Check:
    now = time.time()
    shown = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    newest = 0.0
    if settings.database_url is None:
        for name in ("opendance.sqlite3", "opendance.sqlite3-wal"):
            place = settings.data_dir / name
            newest = max(newest, place.stat().st_mtime if place.exists() else 0.0)
    if now < max(_WRITTEN, newest - _CLOCKS):
        return Check("clock", False, f"{shown} is in the past: set it, links and keys end by it")
    return Check("clock", True, shown)
