"""What an upload really is, measured before a task names it: in the confined process that opens all files from outside.

It is done when somebody asks what would come of a request that names the file, or for the picture of a video, and kept
with it.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from opendance.asset import Asset
from opendance.catalog import MAX_UPLOAD_BYTES
from opendance.errors import BrokenRule, NotFound, NotReady, StorageError, TaskError
from opendance.media.examine import Examiner
from opendance.media.pictures import pictures_of
from opendance.plan import AssetKind
from opendance.storage import Storage, thumb_key
from opendance.store.database import OUTAGES, Database
from opendance.store.files import FileRecord, change_file, read_file

_log = logging.getLogger(__name__)
_AT_ONCE = 2  # of one process: tasks open files too
_PATIENCE = 8.0  # s that somebody waits for it; it goes on meanwhile
_PICTURE_PATIENCE = 40.0  # s that a browser waits for a picture, in whose place it shows something else
_PIXELS = 640 * 360  # of the copy that is thrown away


class Measurer:
    """Measures uploads, each once at a time.

    Args:
        work_dir: copies lie there for as long as it takes.
    """

    def __init__(self, database: Database, storage: Storage, work_dir: Path) -> None:
        self._database, self._storage, self._work_dir = database, storage, work_dir
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._measuring: dict[str, asyncio.Task[None]] = {}

    async def ensure(self, files: Sequence[FileRecord]) -> None:
        """Wait until those that nobody has measured are, for at most some seconds."""
        waiting = [self._begun(file) for file in files if file.media is None]
        if waiting:
            await asyncio.wait(waiting, timeout=_PATIENCE)

    async def thumb(self, file: FileRecord) -> str:
        """The key of the picture of an uploaded video, once it is stored.

        Raises:
            NotFound: no picture can be made of it.
            NotReady: it takes longer.
        """
        measured: FileRecord | None = file
        if file.mime_type.startswith("video/") and not _is_settled(file):
            await asyncio.wait([self._begun(file)], timeout=_PICTURE_PATIENCE)
            async with self._database.read() as connection:
                measured = await read_file(connection, file.account_id, file.id)
            if measured is not None and not _is_settled(measured):
                raise NotReady(problem="the picture of this file is still being made; please try again in a moment")
        if measured is None or not (measured.media or {}).get("thumb"):
            raise NotFound(what="picture of file", name=file.id, hint=": only videos that can be read have one")
        return thumb_key(measured.key)

    async def close(self) -> None:
        """Measure no more."""
        measuring = list(self._measuring.values())
        for each in measuring:
            each.cancel()
        await asyncio.gather(*measuring, return_exceptions=True)

    def _begun(self, file: FileRecord) -> asyncio.Task[None]:
        measuring = self._measuring.get(file.id)
        if measuring is None:
            measuring = self._measuring[file.id] = asyncio.create_task(self._measure(file))
            measuring.add_done_callback(lambda _: self._measuring.pop(file.id, None))
        return measuring

    async def _measure(self, file: FileRecord) -> None:
        async with self._places:
            self._work_dir.mkdir(parents=True, exist_ok=True)
            folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="measured-", dir=self._work_dir))
            try:
                source = folder / "source"
                await self._storage.fetch(file.key, source, max_bytes=MAX_UPLOAD_BYTES)
                copy = folder / "copy"
                media = await _media_of(source, copy, file.mime_type)
                if media["kind"] == "video" and "refused" not in media:
                    poster = await asyncio.to_thread(_poster_of, copy)
                    await self._storage.put(thumb_key(file.key), poster, content_type="image/webp")
                    media["thumb"] = True
                async with self._database.write() as connection:
                    kept = await change_file(connection, file.account_id, file.id, media=media)
                if kept is None and "thumb" in media:  # deleted meanwhile: nobody would remove the picture after it
                    await self._storage.remove([thumb_key(file.key)])
            except (FileNotFoundError, StorageError, *OUTAGES) as error:
                _log.warning("%s cannot be measured now: %s", file.id, error)
            finally:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _is_settled(file: FileRecord) -> bool:
    """Whether it is known if there is a picture of a video; earlier releases measured without making one."""
    return file.media is not None and ("thumb" in file.media or "refused" in file.media)


def _poster_of(copy: Path) -> bytes:
    """WebP of the first good frame of a copy, which is a file of ours."""
    with copy.open("rb") as clip:
        return pictures_of(clip).poster


async def _media_of(source: Path, copy: Path, mime_type: str) -> dict[str, Any]:
    kinds: dict[str, AssetKind] = {"image": "image", "audio": "audio"}
    kind = kinds.get(mime_type.partition("/")[0], "video")
    examiner = Examiner()
    try:
        asset = await examiner.asset(kind, 1, source, copy, most_pixels=_PIXELS)
    except TaskError as error:
        rule = error.rule or BrokenRule("file_unreadable", {})
        params = dict(rule.params) or {"reason": error.message}
        refused = {"code": rule.code, "message": error.message, "params": params}
        return {**_facts(Asset(kind=kind, number=1), mime_type), "refused": refused}
    finally:
        await examiner.close()
    return _facts(asset, mime_type)


def _facts(asset: Asset, mime_type: str) -> dict[str, Any]:
    return {
        "kind": asset.kind,
        "format": mime_type.partition("/")[2],
        "width": asset.width or None,
        "height": asset.height or None,
        "seconds": round(float(asset.seconds), 3) or None,
        "fps": round(float(asset.frame_rate), 3) or None,
        "sound": asset.has_audio if asset.kind == "video" else None,
    }
