"""Objects - results, pictures of them, uploads - in a local folder, S3, Google Cloud Storage or Azure."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, LocalStore, S3Store, from_url

from opendance.errors import ConfigurationError, LinkInvalid, StorageError
from opendance.task import is_task_id
from opendance.telemetry.metrics import STORE_REQUESTS, STORE_SECONDS

UPLOADS = "uploads/"  # keys of uploaded files begin so
INPUTS = "inputs/"  # keys of files that are lent to an upstream begin so
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_RESULT, _THUMB = ".mp4", ".thumb.webp"
_SCHEMES = ("s3", "s3a", "gs", "az", "azure", "abfs", "abfss", "adl", "https")
_WRONG_URL = (
    "storage_url: {problem}; write s3://bucket/folder, gs://bucket/folder, az://account/container/folder, "
    "file:///folder, or leave it out for the data folder"
)
_CHECK_SECONDS = 3.0


class Picture(Enum):
    """A picture of a task's video; its value is how its key ends."""

    POSTER = ".poster.webp"
    STRIP = ".strip.webp"
    LAST_FRAME = ".last-frame.png"


def result_key(task_id: str) -> str:
    """The key of a task's video."""
    return task_id + _RESULT


def picture_key(task_id: str, picture: Picture) -> str:
    """The key of a picture of a task's video."""
    return task_id + picture.value


def task_of(key: str) -> str | None:
    """The id of the task whose video or picture has this key; None where it is none."""
    task_id, dot, rest = key.partition(".")
    known = dot + rest in (_RESULT, *(picture.value for picture in Picture))
    return task_id if known and is_task_id(task_id) else None


def thumb_key(upload_key: str) -> str:
    """The key of the picture of an uploaded video."""
    return upload_key.rpartition(".")[0] + _THUMB


def is_upload(key: str) -> bool:
    """Whether it is the key of what a user uploaded, and not of a picture of that."""
    return key.startswith(UPLOADS) and not key.endswith(_THUMB)


def objects_of_uploads(upload_keys: Iterable[str]) -> list[str]:
    """All that is stored of these uploads."""
    return [each for key in upload_keys for each in (key, thumb_key(key))]


def is_key(text: str) -> bool:
    """Whether it is a plain relative path."""
    return _KEY.fullmatch(text) is not None


class Storage:
    """Objects by key, in one of obstore's stores.

    A local folder's objects are handed out by this server, see `links`. Other stores hand them out themselves: a link
    of theirs is presigned.

    Args:
        folder: where they lie, if that is a local folder.
        signer: makes the presigned links, if it is not.
    """

    def __init__(
        self,
        store: Any,
        *,
        folder: Path | None = None,
        signer: AzureStore | GCSStore | S3Store | None = None,
    ) -> None:
        self._store, self._folder, self._signer = store, folder, signer

    # ── objects ──

    async def put(self, key: str, source: Path | bytes, *, content_type: str, filename: str | None = None) -> None:
        """Store a copy of a file, or these bytes. Whoever reads sees the whole object or none, and twice does no harm.

        Args:
            filename: as a store that hands it out itself is to call it; default: as the key ends.

        Raises:
            StorageError: the store did not take it, also after retries.
            ValueError: `key` is not a plain relative path.
        """
        attributes = None
        if self._folder is None:
            # A link of a store cannot ask for another name, so the object itself has it.
            named = {} if filename is None else {"Content-Disposition": _disposition(filename)}
            attributes = {"Content-Type": content_type, **named}
        try:
            with _counted("put", missing="failed"):
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
            with _counted("fetch"):
                size = source.stat().st_size
                if size <= max_bytes:
                    await asyncio.to_thread(_copy, source, target)
            return size
        try:
            with _counted("fetch"):
                answer = await obstore.get_async(self._store, _checked(key))
                size = answer.meta["size"]
                if size <= max_bytes:
                    with target.open("wb") as out:
                        async for part in answer.stream():
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
            with _counted("size"):
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
                with _counted("remove"):
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
            with _counted("check", missing="done"):
                async with asyncio.timeout(_CHECK_SECONDS):
                    await obstore.head_async(self._store, "there-is-no-such-object")
        except FileNotFoundError:
            pass
        except TimeoutError:
            raise StorageError(f"it does not answer within {_CHECK_SECONDS:g} s") from None
        except (BaseError, OSError) as error:
            raise StorageError(_reason(error)) from error

    # ── how they are handed out ──

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
            with _counted("sign", missing="failed"):
                validity = timedelta(seconds=max(1, int(seconds)))
                return await obstore.sign_async(self._signer, "GET", _checked(key), validity)
        except (BaseError, OSError) as error:
            raise StorageError(_reason(error)) from error

    async def leads_to(self, url: str, key: str) -> bool:
        """Whether `url` is a link of `presigned` to the object, ended or not; False for a local folder.

        Raises:
            StorageError: as `presigned`.
        """
        link = await self.presigned(key, 1)
        return link is not None and place_of(url) == place_of(link)

    async def old_keys(self, prefix: str, *, before: float) -> list[str]:
        """Keys under `prefix` that were last changed before then (unix time).

        Raises:
            StorageError: the store does not tell.
        """
        try:
            with _counted("list", missing="failed"):
                objects = await obstore.list(self._store, prefix).collect_async()
        except (BaseError, OSError) as error:
            raise StorageError(_reason(error)) from error
        return [str(each["path"]) for each in objects if each["last_modified"].timestamp() < before]


def open_storage(place: Path | str, *, public_endpoint: str | None = None) -> Storage:
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
        return Storage(LocalStore(place), folder=place)
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
    return Storage(store, signer=signer)


def place_of(url: str) -> tuple[str, str, str] | None:
    """Scheme, host and path of a URL, without what signs it; None for one that cannot be taken apart."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.scheme, parts.netloc.lower(), unquote(parts.path)


@contextmanager
def _counted(operation: str, *, missing: Literal["missing", "done", "failed"] = "missing") -> Generator[None]:
    """One request to the store, for the metrics.

    Args:
        missing: what it counts as where there is no such object, or no such bucket.
    """
    began, outcome = time.perf_counter(), "failed"  # given up is failed too
    try:
        yield
        outcome = "done"
    except FileNotFoundError:
        outcome = missing
        raise
    finally:
        STORE_REQUESTS.labels(operation, outcome).inc()
        STORE_SECONDS.labels(operation).observe(time.perf_counter() - began)


def _disposition(filename: str) -> str:
    """RFC 6266; what is not plain ASCII is encoded as RFC 8187 has it."""
    encoded = quote(filename, safe="")
    return f'inline; filename="{filename}"' if encoded == filename else f"inline; filename*=utf-8''{encoded}"


def _checked(key: str) -> str:
    if not is_key(key):
        raise ValueError(f"{key!r} is not an object key")
    return key


def _reason(error: Exception) -> str:
    """The first line of what a store says; the rest is its own debugging text."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)  # it may be a link to an object, which must not be written into
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copyfile(source, target)
