"""Uploaded files: who has which, until when."""

from __future__ import annotations

import secrets
import time
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update

from opendance.catalog import FILE_SECONDS
from opendance.store.accounts import lock_account
from opendance.store.database import Connection
from opendance.store.tables import Task, TaskInput, UploadedFile

MOST_USES = 1000
"""Tasks that are counted for a file: one may be named in any number of them."""


@dataclass(frozen=True)
class FileRecord:
    """An uploaded file.

    Attributes:
        name: as it was asked to be called; `original_name`: as it was called when it came.
        key: of the stored object.
        created, expires: unix time.
        sha256: of its content; None until that is stored, and for those of earlier releases.
        media: what was measured of it; None where that was not done.
        kept: it does not end.
    """

    id: str
    account_id: str
    name: str
    original_name: str
    upload_path: str
    size: int
    mime_type: str
    key: str
    created: float
    expires: float
    sha256: str | None = None
    media: dict[str, Any] | None = None
    kept: bool = False


@dataclass(frozen=True)
class FileFilter:
    """Which files; None is any.

    Attributes:
        search: a part of the name, composed (NFC) as names are; whatever the case of its letters, on SQLite of those of
            ASCII.
        sha256: of the content.
    """

    search: str | None = None
    kept: bool | None = None
    sha256: str | None = None

    def conditions(self, account_id: str) -> list[ColumnElement[bool]]:
        """For the account's files that have not ended."""
        conditions = [UploadedFile.account_id == account_id, _not_ended(time.time())]
        if self.search:
            conditions.append(UploadedFile.name.icontains(unicodedata.normalize("NFC", self.search), autoescape=True))
        if self.kept is not None:
            conditions.append(UploadedFile.kept.is_(self.kept))
        if self.sha256 is not None:
            conditions.append(UploadedFile.sha256 == self.sha256)
        return conditions


def new_file_id() -> str:
    """A fresh id; it cannot be guessed."""
    return f"file-{secrets.token_hex(12)}"


def _record(row: Row[Any]) -> FileRecord:
    return FileRecord(**dict(zip(FileRecord.__dataclass_fields__, row, strict=True)))


_COLUMNS = [getattr(UploadedFile, name) for name in FileRecord.__dataclass_fields__]


def _not_ended(now: float) -> ColumnElement[bool]:
    return (UploadedFile.expires > now) | UploadedFile.kept


async def change_file(connection: Connection, account_id: str, file_id: str, **values: Any) -> FileRecord | None:
    """Set some of `name`, `kept`, `expires`, `media` and `sha256` of the account's file; None where there is none."""
    mine = (UploadedFile.id == file_id) & (UploadedFile.account_id == account_id)
    await connection.execute(update(UploadedFile).where(mine).values(**values))
    row = (await connection.execute(select(*_COLUMNS).where(mine))).first()
    return None if row is None else _record(row)


async def add_file(connection: Connection, record: FileRecord, *, most: int) -> bool:
    """Keep `record`; False where the account has `most` files already."""
    await lock_account(connection, record.account_id)
    if await count_files(connection, record.account_id) >= most:
        return False
    await connection.execute(insert(UploadedFile).values(**vars(record)))
    return True


async def renew_same(connection: Connection, record: FileRecord) -> FileRecord | None:
    """The account's file of the same content, which ends no earlier than `record` would; None where there is none.

    The account is held until the transaction ends.
    """
    await lock_account(connection, record.account_id)
    conditions = FileFilter(sha256=record.sha256).conditions(record.account_id)
    query = select(*_COLUMNS).where(*conditions).order_by(UploadedFile.created.desc()).limit(1)
    row = (await connection.execute(query)).first()
    if row is None:
        return None
    same = _record(row)
    return await change_file(connection, same.account_id, same.id, expires=max(same.expires, record.expires))


async def count_files(connection: Connection, account_id: str, which: FileFilter | None = None) -> int:
    """How many files the account has that have not ended."""
    query = select(func.count()).where(*(which or FileFilter()).conditions(account_id))
    return (await connection.execute(query)).scalar() or 0


async def count_uses(connection: Connection, account_id: str, file_ids: Collection[str]) -> dict[str, int]:
    """How many of the account's tasks name each of its files, `MOST_USES` at most; what none names is left out."""
    uses = (
        select(TaskInput.task_id)
        .join(Task, Task.id == TaskInput.task_id)
        .where(Task.account_id == account_id, TaskInput.source_id == UploadedFile.id)
        .limit(MOST_USES)
        .correlate(UploadedFile)
        .subquery()
    )
    number = select(func.count()).select_from(uses).scalar_subquery().label("number")
    query = select(UploadedFile.id, number).where(UploadedFile.account_id == account_id, UploadedFile.id.in_(file_ids))
    return {row.id: row.number for row in await connection.execute(query) if row.number}


async def newest_of_files(connection: Connection, account_id: str) -> tuple[int, float]:
    """How many files the account has that have not ended, and when the newest came, unix time; 0 for none."""
    columns = (func.count().label("number"), func.max(UploadedFile.created).label("newest"))
    query = select(*columns).where(UploadedFile.account_id == account_id, _not_ended(time.time()))
    row = (await connection.execute(query)).one()
    return row.number, row.newest or 0.0


async def list_files(
    connection: Connection, account_id: str, which: FileFilter | None = None, *, offset: int, limit: int
) -> list[FileRecord]:
    """A page of the account's files that have not ended, newest first."""
    query = (
        select(*_COLUMNS)
        .where(*(which or FileFilter()).conditions(account_id))
        .order_by(UploadedFile.created.desc(), UploadedFile.id)
        .offset(offset)
        .limit(limit)
    )
    return [_record(row) for row in await connection.execute(query)]


async def read_file(
    connection: Connection, account_id: str, file_id: str, *, now: float | None = None
) -> FileRecord | None:
    """The account's file of this id, if it has not ended at `now` (unix time; None for this moment)."""
    there = _not_ended(time.time() if now is None else now)
    query = select(*_COLUMNS).where(UploadedFile.id == file_id, UploadedFile.account_id == account_id, there)
    row = (await connection.execute(query)).first()
    return None if row is None else _record(row)


async def is_kept(connection: Connection, file_id: str) -> bool:
    """Whether there is a file of this id in any account, ended or not."""
    return (await connection.execute(select(UploadedFile.id).where(UploadedFile.id == file_id))).first() is not None


async def name_of_object(connection: Connection, key: str) -> str | None:
    """How the file is called whose object has this key, in any account; None where there is none."""
    file_id = key.rpartition("/")[2].partition(".")[0]  # the key is made of it, and it is what can be looked up
    query = select(UploadedFile.name).where(UploadedFile.id == file_id, UploadedFile.key == key)
    return (await connection.execute(query)).scalar()


async def remove_file(connection: Connection, account_id: str, file_id: str) -> None:
    """Forget the account's file; its object is gone."""
    mine = (UploadedFile.id == file_id) & (UploadedFile.account_id == account_id)
    await connection.execute(delete(UploadedFile).where(mine))


async def end_file(connection: Connection, account_id: str, file_id: str) -> None:
    """The account's file ends now, kept or not; the sweep removes its object, if there is one, and then its row."""
    mine = (UploadedFile.id == file_id) & (UploadedFile.account_id == account_id)
    await connection.execute(update(UploadedFile).where(mine).values(expires=time.time(), kept=False))


async def extend_file(connection: Connection, account_id: str, file_id: str, *, expires: float) -> None:
    """The account's file, which had ended and is still there, ends at `expires` (unix time)."""
    mine = (UploadedFile.id == file_id) & (UploadedFile.account_id == account_id)
    await connection.execute(update(UploadedFile).where(mine).values(expires=expires))


def expiry(created: float) -> float:
    """When a file that came at `created` ends."""
    return created + FILE_SECONDS
