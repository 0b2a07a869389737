"""Objects - results and uploads - in a local folder, S3, Google Cloud Storage or Azure, and links to them that end."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import re
import shutil
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, LocalStore, S3Store, from_url

from opendance.catalog import FILE_SECONDS, RESULT_LINK_SECONDS
from opendance.errors import ConfigurationError, LinkExpired, LinkInvalid, StorageError

UPLOADS = "uploads/"  # keys of uploaded files begin so
UPLOAD_PATH = "/api/v1/files/content/"
INPUTS = "inputs/"  # keys of files that are lent to an upstream begin so
INPUT_PATH = "/v1/inputs/"
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_SCHEMES = ("s3", "s3a", "gs", "az", "azure", "abfs", "abfss", "adl", "https")
_WRONG_URL = (
    "storage_url: {problem}; write s3://bucket/folder, gs://bucket/folder, az://account/container/folder, "
    "file:///folder, or leave it out for the data folder"
)
_CHECK_SECONDS = 3.0


class Storage:
    """Objects by key, in one of obstore's stores.

    A local folder's objects are handed out by this server, behind links that it signs. Other stores hand them out
    themselves: a link of theirs is presigned.

    Args:
        folder: where they lie, if that is a local folder.
        signer: makes the presigned links, if it is not.
        secret: signs our own links.
    """

    def __init__(
        self,
        store: Any,
        secret: bytes,
        *,
        folder: Path | None = None,
        signer: AzureStore | GCSStore | S3Store | None = None,
    ) -> None:
        self._store, self._secret, self._folder, self._signer = store, secret, folder, signer

    # ── objects ──

    async def put(self, key: str, source: Path, *, content_type: str) -> None:
        """Store a copy of `source`; whoever reads sees the whole object or none. Doing it twice does no harm.

        Raises:
            StorageError: the store did not take it, also after retries.
            ValueError: `key` is not a plain relative path.
        """
        attributes = None if self._folder else {"Content-Type": content_type}
        try:
            await obstore.put_async(self._store, _checked(key), source, attributes=attributes)
        except (BaseError, OSError) as error:
            raise StorageError(_reason(error)) from error

    async def fetch(self, key: str, target: Path, *, max_bytes: int) -> int:
        """Copy an object to the file `target`; gives its size in bytes, and copies nothing if that is over `max_bytes`.

        Raises:
            FileNotFoundError: there is no such object.
            StorageError: the store did not give it.
        """
        if self._folder is not None:
            source = self._folder / _checked(key)
            size = source.stat().st_size
            if size <= max_bytes:
                await asyncio.to_thread(_copy, source, target)
            return size
        try:
            found = await obstore.get_async(self._store, _checked(key))
            size = found.meta["size"]
            if size <= max_bytes:
                with target.open("wb") as out:
                    async for part in found.stream():
                        await asyncio.to_thread(out.write, part)
        except FileNotFoundError:
            raise
        except BaseError as error:
            raise StorageError(_reason(error)) from error
        return size

    async def size(self, key: str) -> int | None:
        """How many bytes an object has; None where there is none.

        Raises:
            StorageError: the store does not tell.
        """
        try:
            return (await obstore.head_async(self._store, _checked(key)))["size"]
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise StorageError(_reason(error)) from error

    async def remove(self, keys: Sequence[str]) -> None:
        """Forget objects; one that is gone already is no error.

        Raises:
            StorageError: the store did not do it.
        """
        for key in keys:
            try:
                await obstore.delete_async(self._store, _checked(key))
            except FileNotFoundError:
                continue
            except (BaseError, OSError) as error:
                raise StorageError(_reason(error)) from error

    async def check(self) -> None:
        """Find out whether the store answers.

        Raises:
            StorageError: it does not.
        """
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                await obstore.head_async(self._store, "there-is-no-such-object")
        except FileNotFoundError:
            pass
        except TimeoutError:
            raise StorageError(f"it does not answer within {_CHECK_SECONDS:g} s") from None
        except (BaseError, OSError) as error:
            raise StorageError(_reason(error)) from error

    # ── links ──

    def local_path(self, key: str) -> Path | None:
        """The file of an object that this server hands out itself; None where the store does that.

        Raises:
            LinkInvalid: it is gone.
        """
        if self._folder is None:
            return None
        path = self._folder / _checked(key)
        if not path.is_file():
            raise LinkInvalid
        return path

    @property
    def signs(self) -> bool:
        """Whether the store itself makes links, which lead to it and not to this server."""
        return self._signer is not None

    async def presigned(self, key: str, seconds: float) -> str | None:
        """A link of the store itself that ends after `seconds`; None for a local folder.

        Raises:
            StorageError: the store's credentials do not allow it, or cannot be had.
        """
        if self._signer is None:
            return None
        try:
            return await obstore.sign_async(self._signer, "GET", _checked(key), timedelta(seconds=max(1, int(seconds))))
        except (BaseError, OSError) as error:
            raise StorageError(_reason(error)) from error

    def link(self, base_url: str, key: str, *, made: float) -> str:
        """A URL of this server that gives the object until 24 hours after `made` (unix time)."""
        return f"{base_url.rstrip('/')}/v1/results/{quote(key)}?{self._signed(key, int(made + RESULT_LINK_SECONDS))}"

    def upload_link(self, base_url: str, key: str, *, ends: float) -> str:
        """A URL of this server that gives an uploaded file until `ends` (unix time)."""
        name = key.removeprefix(UPLOADS)
        return f"{base_url.rstrip('/')}{UPLOAD_PATH}{quote(name)}?{self._signed(key, int(ends))}"

    def input_link(self, base_url: str, key: str, *, ends: float) -> str:
        """A URL of this server that lends a file to an upstream until `ends` (unix time)."""
        name = key.removeprefix(INPUTS)
        return f"{base_url.rstrip('/')}{INPUT_PATH}{quote(name)}?{self._signed(key, int(ends))}"

    def mark(self, text: str) -> str:
        """A signature that only this installation can make, for a URL of its own."""
        return self._sign(text, 0)

    async def old_keys(self, prefix: str, *, before: float) -> list[str]:
        """Keys under `prefix` that were last changed before then (unix time).

        Raises:
            StorageError: the store does not tell.
        """
        try:
            found = await obstore.list(self._store, prefix).collect_async()
        except (BaseError, OSError) as error:
            raise StorageError(_reason(error)) from error
        return [str(each["path"]) for each in found if each["last_modified"].timestamp() < before]

    def own_upload(self, url: str, *, now: float) -> str | None:
        """The key of the uploaded file that a link of `upload_link` names, on whatever host; None if it is none.

        Raises:
            LinkExpired: it had ended at `now` (unix time).
        """
        try:
            parts = urlsplit(url)
        except ValueError:  # no link of ours, whatever it is
            return None
        if not parts.path.startswith(UPLOAD_PATH):
            return None
        query = dict(parse_qsl(parts.query))
        key = UPLOADS + unquote(parts.path.removeprefix(UPLOAD_PATH))
        try:
            self.check_link(key, query.get("ends", ""), query.get("signature", ""), now=now)
        except LinkInvalid:
            return None
        return key

    def check_link(self, key: str, ends: str, signature: str, *, now: float | None = None) -> int:
        """Whether a link of `link` or `upload_link` is good; gives the unix time when it ends.

        Raises:
            LinkInvalid: the link was altered.
            LinkExpired: it has ended.
        """
        if not ends.isascii() or not ends.isdigit() or len(ends) > 12 or not _KEY.fullmatch(key):
            raise LinkInvalid
        if not hmac.compare_digest(signature.encode(), self._sign(key, int(ends)).encode()):
            raise LinkInvalid
        if int(ends) <= (time.time() if now is None else now):
            ended = datetime.fromtimestamp(int(ends), UTC).isoformat()
            hours = (FILE_SECONDS if key.startswith(UPLOADS) else RESULT_LINK_SECONDS) // 3600
            raise LinkExpired(ended=ended, hours=hours)
        return int(ends)

    def _signed(self, key: str, ends: int) -> str:
        return f"ends={ends}&signature={self._sign(key, ends)}"

    def _sign(self, key: str, ends: int) -> str:
        return hmac.new(self._secret, f"{key}\n{ends}".encode(), hashlib.sha256).hexdigest()


def open_storage(place: Path | str, secret: bytes, *, public_endpoint: str | None = None) -> Storage:
    """The storage at `place`: a folder, or a URL. Credentials come from each cloud's usual environment variables.

    Args:
        public_endpoint: where users reach an S3 store that the server itself reaches elsewhere.

    Raises:
        ConfigurationError: the URL is none of a store, or the store needs other settings.
    """
    if isinstance(place, str) and place.startswith("file://"):
        place = Path(unquote(urlsplit(place).path))
    if isinstance(place, Path):
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"storage_url: cannot make {place}: {error.strerror}") from None
        return Storage(LocalStore(place), secret, folder=place)
    scheme = urlsplit(place).scheme
    if scheme not in _SCHEMES:
        raise ConfigurationError(_WRONG_URL.format(problem=f"{scheme or place!r} is no kind of store"))
    try:
        store: Any = from_url(place)
        signer: Any = from_url(place, endpoint=public_endpoint) if public_endpoint else store
    except (BaseError, ValueError, TypeError) as error:
        raise ConfigurationError(_WRONG_URL.format(problem=_reason(error))) from None
    if not isinstance(store, (AzureStore, GCSStore, S3Store)):
        raise ConfigurationError(_WRONG_URL.format(problem="links of such a store cannot be signed"))
    return Storage(store, secret, signer=signer)


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is not an object key")
    return key


def _reason(error: Exception) -> str:
    """The first line of what a store says; the rest is its own debugging text."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or it is there already
        shutil.copyfile(source, target)
