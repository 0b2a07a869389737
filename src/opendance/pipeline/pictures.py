"""Pictures of tasks' videos: begun as soon as a video is stored, and made when they are asked for where they are not.

No task waits for them: decoding a clip takes longer than all else that the service does for it, so they are made while
the task ends, and a server that stops meanwhile leaves them to be made later.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, BinaryIO

from opendance.errors import NotFound, NotReady, TaskNotCompleted
from opendance.media.pictures import Pictures, pictures_of
from opendance.storage import Picture, Storage, picture_key, result_key
from opendance.store.database import Database
from opendance.store.pictures import has_pictures, note_pictures
from opendance.store.tasks import TaskRecord
from opendance.task import Status

_log = logging.getLogger(__name__)
_AT_ONCE = 2  # of one process: each keeps a core busy, and holds some frames
_MOST_WAITING = 200
_MOST_BYTES = 2**30
_TYPES = {".webp": "image/webp", ".png": "image/png"}


class PictureMaker:
    """Makes and stores the pictures of videos, those of one task once at a time.

    Args:
        work_dir: a folder below is made for each video that is fetched.
        take: makes the pictures of a clip.
    """

    def __init__(
        self,
        database: Database,
        storage: Storage,
        work_dir: Path,
        *,
        take: Callable[[BinaryIO], Pictures] = pictures_of,
    ) -> None:
        self._database, self._storage, self._work_dir, self._take = database, storage, work_dir, take
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._making: dict[str, asyncio.Task[None]] = {}

    def begin(self, task: TaskRecord, clip: Path) -> None:
        """Make those of a clip that lies here, which may be removed meanwhile, and do not wait for it.

        Where they cannot be made, the log has it.
        """
        if len(self._making) >= _MOST_WAITING:  # they are made when they are asked for
            return
        try:
            file = clip.open("rb")
        except OSError as error:
            _log.warning("%s: its pictures cannot be made now: %s", task.id, error)
            return
        self._start(task, self._make_here(task, file))

    async def ensure(self, task: TaskRecord) -> None:
        """Wait until the pictures of a task are stored; make them where they are not.

        Raises:
            TaskNotCompleted: there is no video.
            NotFound: its video is not kept any more.
            NotReady: too many others are being made.
            StorageError: the store does not give the video, or take the pictures.
        """
        if task.status is not Status.COMPLETED:
            raise TaskNotCompleted(task_id=task.id, status=task.status.value)
        if task.pictures:
            return
        making = self._making.get(task.id)
        if making is None:
            if task.swept is not None:
                raise _gone(task.id)
            if len(self._making) >= _MOST_WAITING:
                raise NotReady(problem="too many pictures are being made; please try again in a moment")
            making = self._start(task, self._make_again(task))
        await asyncio.shield(making)

    async def close(self) -> None:
        """Make no more."""
        making = list(self._making.values())
        for each in making:
            each.cancel()
        await asyncio.gather(*making, return_exceptions=True)

    def _start(self, task: TaskRecord, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        making = self._making[task.id] = asyncio.create_task(work)

        def ended(_: object) -> None:
            if self._making.get(task.id) is making:
                del self._making[task.id]
            if not making.cancelled() and (error := making.exception()) is not None:
                _log.warning("%s: its pictures cannot be made now: %s", task.id, str(error) or repr(error))

        making.add_done_callback(ended)
        return making

    async def _make_here(self, task: TaskRecord, file: BinaryIO) -> None:
        async with self._places:
            pictures = await asyncio.to_thread(self._taken, file)
            await self._keep(task, pictures)

    async def _make_again(self, task: TaskRecord) -> None:
        async with self._places:
            async with self._database.read() as connection:
                if await has_pictures(connection, task.account_id, task.id):  # since the task was read
                    return
            self._work_dir.mkdir(parents=True, exist_ok=True)
            folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="pictures-", dir=self._work_dir))
            try:
                clip = folder / "clip.mp4"
                await self._storage.fetch(task.result_key or result_key(task.id), clip, max_bytes=_MOST_BYTES)
                pictures = await asyncio.to_thread(lambda: self._taken(clip.open("rb")))
            except FileNotFoundError:
                raise _gone(task.id) from None
            finally:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            await self._keep(task, pictures)

    def _taken(self, file: BinaryIO) -> Pictures:
        with file:
            return self._take(file)

    async def _keep(self, task: TaskRecord, pictures: Pictures) -> None:
        contents = {
            Picture.POSTER: pictures.poster,
            Picture.STRIP: pictures.strip,
            Picture.LAST_FRAME: pictures.last_frame,
        }
        keys = [picture_key(task.id, picture) for picture in contents]
        for key, content in zip(keys, contents.values(), strict=True):
            await self._storage.put(key, content, content_type=_TYPES[Path(key).suffix])
        async with self._database.write() as connection:
            noted = await note_pictures(connection, task.account_id, task.id)
        if not noted:  # the video was deleted while they were made: nobody would remove them after it
            await self._storage.remove(keys)
            raise _gone(task.id)


def _gone(task_id: str) -> NotFound:
    hint = ": its video is not kept any more, and pictures of it were never made; make the video again"
    return NotFound(what="picture of task", name=task_id, hint=hint)
