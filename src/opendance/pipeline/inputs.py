"""Where the files that an order names come from: what the account has here - uploads, videos and their pictures - else
the world."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

from opendance.errors import FetchError, InvalidRequest, LinkExpired, NotFound, TooLarge
from opendance.links import Links, made_and_named
from opendance.order import Link, Order
from opendance.pipeline.step import Parked
from opendance.pipeline.tools import Tools
from opendance.storage import is_upload, place_of, result_key, task_of
from opendance.store.database import Connection, Database
from opendance.store.files import expiry, extend_file, is_kept, read_file
from opendance.store.tasks import TaskRecord, get_task
from opendance.task import Status

_NO_VIDEO = "task {} has no video to go on from: it is {}"
_GONE = "the video of task {} is not kept any more: make it again, or upload your copy of it and name that"


@dataclass(frozen=True)
class Source:
    """What a URL seems to name of what is kept here.

    Attributes:
        id: of the upload, or of the task whose video or picture it is.
        key: of the object.
        certain: it is a URL of this server; else only its last part is called as an object of ours is.
    """

    id: str
    key: str
    certain: bool = True

    @property
    def is_upload(self) -> bool:
        return is_upload(self.key)


class InputFiles:
    """The files of one task. A link that was good when the task was accepted stays good, however long it waited.

    Only what belongs to the task's own account is taken from the store. A link to what another account has here is a
    URL like any other: it is fetched over the network, as far as that and the link's signature allow.
    """

    def __init__(self, tools: Tools, task: TaskRecord) -> None:
        self._tools, self._task = tools, task

    async def fetch(self, url: str, target: Path, *, max_bytes: int) -> int:
        """Save the file at `target` and give its size.

        Raises:
            FetchError: it could not be had; `TooLarge` where it has more than `max_bytes`.
            FileNotFoundError: it was uploaded here, and deleted since.
            LinkExpired: it is kept here, and its link had ended when the task was accepted.
            StorageError: the store did not give it.
            Parked: it is of a task that has not ended.
        """
        source = source_of(url, self._task, self._tools.links)
        if source is None:
            return await self._tools.fetcher.download(url, target, max_bytes=max_bytes)
        if source.is_upload:
            if await self._is_own_upload(source):
                return await self._copied(source, target, max_bytes)
            async with self._tools.database.read() as connection:
                if not await is_kept(connection, source.id):
                    raise FileNotFoundError(url)
        elif (owner := await self._own_task(source, url)) is not None:
            await self._make_sure(owner, source)
            try:
                return await self._copied(source, target, max_bytes)
            except FileNotFoundError:
                raise FetchError(_GONE.format(owner.id)) from None
        return await self._tools.fetcher.download(url, target, max_bytes=max_bytes)

    async def _is_own_upload(self, source: Source) -> bool:
        async with self._tools.database.read() as connection:
            file = await read_file(connection, self._task.account_id, source.id, now=self._task.created)
        return file is not None

    async def _own_task(self, source: Source, url: str) -> TaskRecord | None:
        """The task of the account that the source belongs to; None where it is another's, or `url` leads elsewhere."""
        async with self._tools.database.read() as connection:
            owner = await get_task(connection, self._task.account_id, source.id)
        storage = self._tools.storage
        if owner is None or source.certain or await storage.leads_to(url, source.key):
            return owner
        # The store may have been reached elsewhere when this link was made.
        link = owner.result_link if source.key == owner.result_key and storage.signs else None
        return owner if link is not None and place_of(link) == place_of(url) else None

    async def _make_sure(self, owner: TaskRecord, source: Source) -> None:
        """That what a task makes is there: its end is waited for, and pictures are made now where they are not."""
        if not owner.status.terminal:
            raise Parked(task_id=owner.id)
        if (why := why_gone(owner, source)) is not None:
            raise FetchError(why)
        if source.key == result_key(owner.id):
            return
        try:
            await self._tools.pictures.ensure(owner)
        except NotFound as error:
            raise FetchError(error.message) from None

    async def _copied(self, source: Source, target: Path, max_bytes: int) -> int:
        size = await self._tools.storage.fetch(source.key, target, max_bytes=max_bytes)
        if size > max_bytes:
            raise TooLarge(max_bytes)
        return size


def why_gone(owner: TaskRecord, source: Source) -> str | None:
    """Why the video or picture of a task of the account is not there and will not be; None where it is or may be."""
    if not owner.status.terminal:
        return None
    if owner.status is not Status.COMPLETED:
        return _NO_VIDEO.format(owner.id, owner.status.value)
    is_video = source.key == result_key(owner.id)
    is_gone = owner.result_key is None or (is_video and owner.swept is not None)
    return _GONE.format(owner.id) if is_gone else None


def file_id_of(key: str) -> str:
    """The id of the upload whose object has this key."""
    return Path(key).stem


def source_of(url: str, task: TaskRecord, links: Links) -> Source | None:
    """What a URL in the order of a task names of what is kept here, whoever's it is; None for one of the world.

    Signed links to uploads, videos and pictures are known on whatever host; the API's own paths of a task's video and
    pictures at the address that the task came to; and links of an object store by the name of the object.

    Raises:
        LinkExpired: a signed link that had ended when the task was accepted.
    """
    key = links.key_of(url, now=task.created) or made_and_named(url, task.base_url)
    if key is not None and is_upload(key):
        return Source(file_id_of(key), key)
    place = place_of(url)
    name = key if key is not None else place[2].rpartition("/")[2] if place is not None else ""
    task_id = task_of(name)
    return None if task_id is None else Source(task_id, name, certain=key is not None)


def sources_named(task: TaskRecord, links: Links) -> list[str]:
    """Ids of the uploads and tasks whose files the order of a task names, each once.

    A link that has ended is told when it is fetched.
    """
    ids: dict[str, None] = {}
    for link in task.order.links:
        try:
            source = source_of(link.url, task, links)
        except LinkExpired:
            continue
        if source is not None:
            ids[source.id] = None
    return list(ids)


async def renewed(order: Order, before: TaskRecord, database: Database, links: Links, *, base_url: str) -> Order:
    """An order whose links to what the account has here work now, however old they were.

    Args:
        before: the task whose order is repeated. An upload that only its being kept has saved works again as long as a
            new one.
        base_url: of the links.

    Raises:
        InvalidRequest: what a link named is not here any more.
    """
    now, urls = time.time(), list[str]()
    async with database.write() as connection:
        for link in order.links:
            key = links.key_of(link.url, now=0.0)
            if key is None:
                urls.append(link.url)
            elif is_upload(key):
                urls.append(await _renewed_upload(connection, link, key, before, links, base_url))
            else:
                owner = await get_task(connection, before.account_id, task_of(key) or "")
                if owner is not None and key == result_key(owner.id) and owner.swept is not None:
                    raise InvalidRequest(problem=f"{link.place}: {_GONE.format(owner.id)}")
                urls.append(link.url if owner is None else links.result(base_url, key, made=now))
    named = zip(order.links, urls, strict=True)
    return replace(order, links=tuple(replace(link, url=url) for link, url in named))


async def _renewed_upload(
    connection: Connection, link: Link, key: str, before: TaskRecord, links: Links, base_url: str
) -> str:
    file_id, now = file_id_of(key), time.time()
    upload = await read_file(connection, before.account_id, file_id, now=0.0)
    if upload is None and await is_kept(connection, file_id):  # another account's
        return link.url
    if upload is None or (upload.expires <= now and not before.kept):
        problem = f"{link.place}: the upload that it names has ended; upload the file again and give the new link"
        raise InvalidRequest(problem=problem)
    ends = upload.expires
    if ends <= now:
        ends = expiry(now)
        await extend_file(connection, before.account_id, file_id, expires=ends)
    return links.upload(base_url, key, ends=ends)
