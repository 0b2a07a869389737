"""Uploads: files that users bring, to be named in orders until they end."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
import tempfile
import time
import unicodedata
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

import httpx

from opendance.catalog import MAX_UPLOAD_BYTES
from opendance.errors import FetchError, FileNotFound, FileQuotaExceeded, InvalidRequest, StorageError
from opendance.media.formats import described, extension_of, media_type, read_head
from opendance.net.fetch import GuardedClient
from opendance.storage import UPLOADS, Storage, objects_of_uploads
from opendance.store.accounts import lock_account
from opendance.store.database import Database
from opendance.store.files import (
    FileRecord,
    add_file,
    change_file,
    count_files,
    end_file,
    expiry,
    new_file_id,
    read_file,
    remove_file,
    renew_same,
)
from opendance.store.keys import Caller
from opendance.store.library import kept_bytes

_IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
_LONGEST_NAME, _LONGEST_ENDING = 120, 16  # characters
INCOMING = "upload-"  # folders of files on their way in begin so


class Uploads:
    """Keeps files for accounts.

    Args:
        work_dir: files on their way in lie there.
    """

    def __init__(self, database: Database, storage: Storage, fetcher: GuardedClient, work_dir: Path) -> None:
        self._database, self._storage, self._fetcher, self._work_dir = database, storage, fetcher, work_dir

    @asynccontextmanager
    async def incoming(self, caller: Caller) -> AsyncGenerator[Path]:
        """A place for a file on its way in.

        Raises:
            FileQuotaExceeded: the account keeps as many files as it may.
        """
        async with self._database.read() as connection:
            if await count_files(connection, caller.account_id) >= caller.group.max_files:
                raise FileQuotaExceeded(most=caller.group.max_files)
        self._work_dir.mkdir(parents=True, exist_ok=True)
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=INCOMING, dir=self._work_dir))
        try:
            yield folder / "file"
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def fetch(self, url: str, path: Path, *, field: str) -> str:
        """Save what `url` names at `path`, and give the name that it has there.

        Args:
            field: of the request, for messages.

        Raises:
            InvalidRequest: it is no URL, or could not be had.
        """
        host = "no host"
        try:
            parsed = httpx.URL(url)
            host = parsed.host or host
            await self._fetcher.download(url, path, max_bytes=MAX_UPLOAD_BYTES)
        except FetchError as error:
            raise InvalidRequest(problem=f"{field} ({host}): {error.reason}") from None
        except (httpx.InvalidURL, ValueError, UnicodeError):
            raise InvalidRequest(problem=f"{field}: must be an absolute http or https URL") from None
        return parsed.path.rpartition("/")[2]

    async def keep(
        self, caller: Caller, path: Path, *, name: str | None, original_name: str, folder: str | None
    ) -> FileRecord:
        """Keep the file at `path`.

        Args:
            name: as it is to be called; default: as it was.
            folder: that the user keeps it in.

        In the Studio a file that is here already is not kept twice: that one is given, and lives as long as a new one.
        Programs have a file of each upload, for one of them may delete its own while another still names the other.

        Raises:
            InvalidRequest: it is empty, or of a kind that is not kept.
            FileQuotaExceeded: the account keeps as many files as it may.
            StorageError: the store did not take it; nothing is kept then.
        """
        size = path.stat().st_size
        head = await asyncio.to_thread(read_head, path)
        if size == 0:
            raise InvalidRequest(problem="file: it is empty")
        kind = media_type(head)
        if kind not in _IMAGES and not kind.startswith(("audio/", "video/")):
            raise InvalidRequest(
                problem=f"file: it is {described(head)}; images (JPEG, PNG, GIF, WebP), audio and video can be uploaded"
            )
        digest = await asyncio.to_thread(_sha256_of, path)
        file_id, suffix, now = new_file_id(), extension_of(kind), time.time()
        record = FileRecord(
            id=file_id,
            account_id=caller.account_id,
            name=_clean(name) or _clean(original_name) or file_id + suffix,
            original_name=_clean(original_name) or file_id + suffix,
            upload_path=_clean((folder or "").replace("/", "-")),
            size=size,
            mime_type=kind,
            key=f"{UPLOADS}{file_id}{suffix}",
            created=now,
            expires=expiry(now),
            sha256=digest,
        )
        # The row first: whatever happens then, the object is one that the sweep finds. What it has is noted once it is
        # stored, so that nobody is given this file for the same content before.
        async with self._database.write() as connection:
            if caller.session is not None and (same := await renew_same(connection, record)) is not None:
                return same
            if not await add_file(connection, replace(record, sha256=None), most=caller.group.max_files):
                raise FileQuotaExceeded(most=caller.group.max_files)
        try:
            await self._storage.put(record.key, path, content_type=kind, filename=saved_as(record.name, record.key))
            async with self._database.write() as connection:
                await change_file(connection, caller.account_id, file_id, sha256=digest)
        except BaseException:
            # Whether there is an object nobody knows: the store may have taken it, and its answer was lost.
            async with self._database.write() as connection:
                await end_file(connection, caller.account_id, file_id)
            raise
        return record

    async def change(self, caller: Caller, file_id: str, *, name: str | None, kept: bool | None) -> FileRecord:
        """Name a file of the caller's account, or keep it from ending; what is None stays.

        Raises:
            FileNotFound: there is none of this id.
            InvalidRequest: it is to be kept, and the account has no room for it; or the name has no letters.
        """
        values: dict[str, Any] = {}
        if name is not None:
            if not (cleaned := _clean(name)):
                raise InvalidRequest(problem="name: must have letters")
            values["name"] = cleaned
        async with self._database.write() as connection:
            await lock_account(connection, caller.account_id)
            file = await read_file(connection, caller.account_id, file_id)
            if file is None:
                raise FileNotFound(file_id=file_id)
            if kept is not None and kept != file.kept:
                # One that is kept no longer has the time of a new one: nobody loses it by that alone.
                values |= {"kept": kept, "expires": file.expires if kept else max(file.expires, expiry(time.time()))}
            changed = await change_file(connection, caller.account_id, file_id, **values) if values else file
            if kept and not file.kept:
                used, most = await kept_bytes(connection, caller.account_id), caller.group.max_kept_bytes
                if used > most:
                    raise InvalidRequest(
                        problem=f"kept: the account would keep {used >> 20} MB with it, and it may keep {most >> 20} MB"
                    )
        return changed or file

    async def remove(self, caller: Caller, file_id: str) -> None:
        """Forget a file of the caller's account; its links end at once.

        Raises:
            FileNotFound: there is none of this id.
            StorageError: the store did not remove it; it is kept then.
        """
        # It ends first: nobody is given it meanwhile. Its row goes last: what cannot be removed is not forgotten.
        async with self._database.write() as connection:
            await lock_account(connection, caller.account_id)
            file = await read_file(connection, caller.account_id, file_id)
            if file is None:
                raise FileNotFound(file_id=file_id)
            await end_file(connection, caller.account_id, file_id)
        try:
            await self._storage.remove(objects_of_uploads([file.key]))
        except StorageError:
            async with self._database.write() as connection:
                before = {"expires": file.expires, "kept": file.kept}
                await change_file(connection, caller.account_id, file_id, **before)
            raise
        async with self._database.write() as connection:
            await remove_file(connection, caller.account_id, file_id)


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def saved_as(name: str, key: str) -> str:
    """How a file is called where it is saved: as its owner calls it, with the ending of its kind where it has none."""
    return name if PurePath(name).suffix else name + PurePath(key).suffix


def _clean(name: str | None) -> str:
    """A name without folders and without what is not printed, composed (NFC): macOS takes letters apart. A long one
    keeps its ending.
    """
    last = unicodedata.normalize("NFC", re.split(r"[/\\]", name or "")[-1])
    clean = "".join(c for c in last if c.isprintable()).strip(". ")
    ending = PurePath(clean).suffix
    if len(clean) <= _LONGEST_NAME or len(ending) > _LONGEST_ENDING:
        return clean[:_LONGEST_NAME]
    return clean[: _LONGEST_NAME - len(ending)].rstrip(". ") + ending
