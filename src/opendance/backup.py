"""The embedded form as one file, and back: the database as it stands at one moment, and the objects."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
import time
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from opendance import __version__
from opendance.errors import ConfigurationError
from opendance.private import make_data_folder, only_for_owner, remove_if_empty, sole_use
from opendance.settings import Settings
from opendance.store.database import known_migrations

_ABOUT, _DATABASE, _OBJECTS = "opendance-backup.json", "opendance.sqlite3", "objects"


@dataclass(frozen=True)
class Contents:
    """What a backup holds.

    Attributes:
        created: unix time.
        bytes: of the objects.
    """

    created: float
    tasks: int
    objects: int
    bytes: int


@only_for_owner()
def back_up(settings: Settings, target: Path) -> Contents:
    """Write everything that the data folder holds into the file `target`; the server may run meanwhile.

    The file holds keys' hashes and the secrets that sign links and callbacks: only its owner may read it.

    Raises:
        ConfigurationError: the installation is not an embedded one, there is none, or `target` cannot be written.
    """
    place, objects = _embedded(settings)
    if not place.is_file():
        raise ConfigurationError(f"data_dir: there is no installation in {settings.data_dir}")
    if target.exists():
        raise ConfigurationError(f"{target} exists already; choose another name")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix="backup-") as folder:
            copy = Path(folder) / _DATABASE
            tasks, schema = _copied(place, copy)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                contents = _packed(out, copy, objects, tasks, schema)
        part.replace(target)
    except OSError as error:
        raise ConfigurationError(f"{target} cannot be written: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)
    return contents


@only_for_owner()
def restore(settings: Settings, source: Path) -> Contents:
    """Make the data folder what it was; it must not hold an installation.

    Raises:
        ConfigurationError: the file is no whole backup or is of a newer version, or the folder is in use.
    """
    place, objects = _embedded(settings)
    is_new = not settings.data_dir.exists()
    make_data_folder(settings.data_dir)
    try:
        return _restored(settings, source, place, objects)
    finally:
        if is_new:
            remove_if_empty(settings.data_dir)


def _restored(settings: Settings, source: Path, place: Path, objects: Path) -> Contents:
    with sole_use(settings.data_dir, f"a server works on {settings.data_dir}; stop it first"):
        if place.exists() or (objects.exists() and any(objects.iterdir())):
            raise ConfigurationError(f"data_dir: {settings.data_dir} holds an installation; choose an empty folder")
        with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix="restore-") as folder:
            about = _unpacked(source, Path(folder))
            objects.mkdir(parents=True, exist_ok=True)
            if (Path(folder) / _OBJECTS).exists():
                objects.rmdir()
                (Path(folder) / _OBJECTS).rename(objects)
            (Path(folder) / _DATABASE).rename(place)  # last: before it there is no installation
    return Contents(about["created"], about["tasks"], about["objects"], about["bytes"])


def _embedded(settings: Settings) -> tuple[Path, Path]:
    if settings.database_url is not None or not isinstance(settings.storage, Path):
        raise ConfigurationError(
            "backup and restore are for SQLite and the data folder; PostgreSQL has pg_dump, object stores have versions"
        )
    assert isinstance(settings.database, Path)
    return settings.database, settings.storage


def _copied(place: Path, copy: Path) -> tuple[int, str]:
    """A copy of the database as of one moment; gives how many tasks it has, and its schema's revision."""
    source, target = sqlite3.connect(place), sqlite3.connect(copy)
    try:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, no other beside it
        [tasks] = target.execute("SELECT count(*) FROM tasks").fetchone()
        [schema] = target.execute("SELECT version_num FROM alembic_version").fetchone()
    finally:
        source.close()
        target.close()
    return tasks, schema


def _packed(out: Any, copy: Path, objects: Path, tasks: int, schema: str) -> Contents:
    files = [path for path in sorted(objects.rglob("*")) if path.is_file()] if objects.is_dir() else []
    count = size = 0
    with tarfile.open(fileobj=out, mode="w") as tar:
        tar.add(copy, _DATABASE)
        for path in files:
            with contextlib.suppress(FileNotFoundError), path.open("rb") as file:  # it may be swept meanwhile
                entry = tar.gettarinfo(arcname=f"{_OBJECTS}/{path.relative_to(objects)}", fileobj=file)
                tar.addfile(entry, file)
                count, size = count + 1, size + entry.size
        contents = Contents(time.time(), tasks, count, size)
        about = json.dumps({**vars(contents), "version": __version__, "schema": schema}).encode()
        entry = tarfile.TarInfo(_ABOUT)  # last: a file without it was cut off
        entry.size, entry.mtime = len(about), int(contents.created)
        tar.addfile(entry, BytesIO(about))
    out.flush()
    os.fsync(out.fileno())
    return contents


def _unpack(tar: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path) -> None:
    """Write one file of a backup below `folder`.

    Raises:
        ValueError: it is none that a backup has, such as a link, or something with another name.
    """
    first, *rest = entry.name.split("/")
    is_ours = entry.name in (_ABOUT, _DATABASE) or (first == _OBJECTS and rest and not {"", ".", ".."} & {*rest})
    if entry.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or not is_ours:
        raise ValueError(entry.name)
    content = tar.extractfile(entry)
    assert content is not None  # as it is a regular file
    target = folder / entry.name
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        shutil.copyfileobj(content, file)


def _unpacked(source: Path, folder: Path) -> dict[str, Any]:
    not_one = ConfigurationError(f"{source} is no backup, or only a part of one")
    try:
        with tarfile.open(source, "r:") as tar:
            for entry in tar:
                _unpack(tar, entry, folder)
        about: dict[str, Any] = json.loads((folder / _ABOUT).read_text())
        database = sqlite3.connect(folder / _DATABASE)
        try:
            [state] = database.execute("PRAGMA integrity_check").fetchone()
        finally:
            database.close()
    except (tarfile.TarError, sqlite3.Error, ValueError, FileNotFoundError, FileExistsError):
        raise not_one from None
    except OSError as error:
        raise ConfigurationError(f"{source} cannot be unpacked: {error.strerror}") from None
    if state != "ok":
        raise not_one
    if about["schema"] not in {migration.revision for migration in known_migrations()}:
        raise ConfigurationError(
            f"{source} was made by Opendance {about['version']}, this is {__version__}; bring this one up to date first"
        )
    return about
