"""Where the files that an order names come from: the account's own uploads, else the world."""

from __future__ import annotations

from pathlib import Path

from opendance.errors import ApiError, TooLarge
from opendance.net.fetch import GuardedClient
from opendance.order import Order
from opendance.storage import Storage
from opendance.store.database import Database
from opendance.store.files import is_kept, read_file
from opendance.store.tasks import TaskRecord


class InputFiles:
    """The files of one task. A link that was good when the task was accepted stays good, however long it waited."""

    def __init__(self, database: Database, storage: Storage, fetcher: GuardedClient, task: TaskRecord) -> None:
        self._database, self._storage, self._fetcher, self._task = database, storage, fetcher, task

    async def fetch(self, url: str, target: Path, *, max_bytes: int) -> int:
        """Save the file at `target` and give its size.

        Raises:
            FetchError: it could not be had; `TooLarge` where it has more than `max_bytes`.
            FileNotFoundError: it was uploaded here, and deleted since.
            LinkExpired: it was uploaded here, and its link had ended when the task was accepted.
            StorageError: the store did not give it.
        """
        key = await self.upload_key(url)
        if key is None and await self._was_deleted(url):
            raise FileNotFoundError(url)
        if key is None:
            return await self._fetcher.download(url, target, max_bytes=max_bytes)
        size = await self._storage.fetch(key, target, max_bytes=max_bytes)
        if size > max_bytes:
            raise TooLarge(max_bytes)
        return size

    async def upload_key(self, url: str) -> str | None:
        """The key of the object behind a link to an upload of the task's own account, else None.

        Raises:
            LinkExpired: the link had ended when the task was accepted.
        """
        key = self._storage.own_upload(url, now=self._task.created)
        if key is None:
            return None
        async with self._database.read() as connection:
            found = await read_file(connection, self._task.account_id, file_id_of(key), now=self._task.created)
        return None if found is None else key

    async def _was_deleted(self, url: str) -> bool:
        """Whether it is a good link to an upload that is no more."""
        key = self._storage.own_upload(url, now=self._task.created)
        if key is None:
            return False
        async with self._database.read() as connection:
            return not await is_kept(connection, file_id_of(key))


def file_id_of(key: str) -> str:
    """The id of the upload whose object has this key."""
    return Path(key).stem


def uploads_named(order: Order, storage: Storage, *, now: float) -> list[str]:
    """Ids of the uploads whose links an order names, each once; a link that has ended is told when it is fetched.

    Args:
        now: unix time.
    """
    ids: dict[str, None] = {}
    for link in order.links:
        try:
            key = storage.own_upload(link.url, now=now)
        except ApiError:
            continue
        if key is not None:
            ids[file_id_of(key)] = None
    return list(ids)
