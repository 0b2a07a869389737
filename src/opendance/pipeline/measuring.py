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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av.error

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
_CHECKS, _PICTURES = 2, 1  # at once, of one process: tasks open files too, and no check waits behind a page of pictures
_MOST_WAITING = 200  # pictures
_PATIENCE = 8.0  # s that somebody waits for it; it goes on meanwhile
_PICTURE_PATIENCE = 40.0  # s that a browser waits for a picture, in whose place it shows something else
_PIXELS = 640 * 360  # of the copy that is thrown away


@dataclass(frozen=True)
class _Line:
    """Measurements of one purpose, each file once at a time."""

    places: asyncio.Semaphore
    measuring: dict[str, asyncio.Task[None]] = field(default_factory=dict[str, "asyncio.Task[None]"])


class Measurer:
    """Measures uploads, for checks and for pictures in a line of its own each.

    Args:
        work_dir: copies lie there for as long as it takes.
    """

    def __init__(self, database: Database, storage: Storage, work_dir: Path) -> None:
        self._database, self._storage, self._work_dir = database, storage, work_dir
        self._checks, self._pictures = _Line(asyncio.Semaphore(_CHECKS)), _Line(asyncio.Semaphore(_PICTURES))

    async def ensure(self, files: Sequence[FileRecord]) -> bool:
        """Wait until those that nobody has measured are, for at most some seconds.

        Returns:
            Whether no more will be known of any soon; False where some are still being measured.
        """
        waiting = [self._begun(self._checks, file) for file in files if file.media is None]
        if not waiting:
            return True
        _, late = await asyncio.wait(waiting, timeout=_PATIENCE)
        return not late

    async def thumb(self, file: FileRecord) -> str:
        """The key of the picture of an uploaded video, once it is stored.

        Raises:
            NotFound: no picture can be made of it, or its object is gone.
            NotReady: it takes longer, or too many others are being made.
        """
        measured: FileRecord | None = file
        if file.mime_type.startswith("video/") and not _is_settled(file):
            if file.id not in self._pictures.measuring and len(self._pictures.measuring) >= _MOST_WAITING:
                raise NotReady(problem="too many pictures are being made; please try again in a moment")
            begun = self._begun(self._pictures, file)
            await asyncio.wait([begun], timeout=_PICTURE_PATIENCE)
            if begun.done() and not begun.cancelled() and isinstance(missing := begun.exception(), NotFound):
                raise missing
            async with self._database.read() as connection:
                measured = await read_file(connection, file.account_id, file.id)
            if measured is not None and not _is_settled(measured):
                raise NotReady(problem="the picture of this file is still being made; please try again in a moment")
        if measured is None or not (measured.media or {}).get("thumb"):
            raise _no_picture(file)
        return thumb_key(measured.key)

    async def close(self) -> None:
        """Measure no more."""
        measuring = [*self._checks.measuring.values(), *self._pictures.measuring.values()]
        for each in measuring:
            each.cancel()
        await asyncio.gather(*measuring, return_exceptions=True)

    def _begun(self, line: _Line, file: FileRecord) -> asyncio.Task[None]:
        measuring = line.measuring.get(file.id)
        if measuring is None:
            measuring = line.measuring[file.id] = asyncio.create_task(self._measure(line, file))

            def ended(_: object) -> None:
                line.measuring.pop(file.id, None)
                if not measuring.cancelled() and (error := measuring.exception()) is not None:
                    _log.warning("%s cannot be measured: %s", file.id, str(error) or repr(error))

            measuring.add_done_callback(ended)
        return measuring

    async def _measure(self, line: _Line, file: FileRecord) -> None:
        async with line.places:
            async with self._database.read() as connection:
                now = await read_file(connection, file.account_id, file.id)
            if now is None or _is_settled(now):  # the other line was quicker, or nobody wants it any more
                return
            self._work_dir.mkdir(parents=True, exist_ok=True)
            folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="measured-", dir=self._work_dir))
            try:
                source = folder / "source"
                await self._storage.fetch(file.key, source, max_bytes=MAX_UPLOAD_BYTES)
                copy = folder / "copy"
                media = await _media_of(source, copy, file.mime_type)
                if media["kind"] == "video" and "refused" not in media:
                    poster = await asyncio.to_thread(_poster_of, copy)
                    if poster is not None:
                        await self._storage.put(thumb_key(file.key), poster, content_type="image/webp")
                    media["thumb"] = poster is not None
                async with self._database.write() as connection:
                    kept = await read_file(connection, file.account_id, file.id)
                    if kept is not None:
                        await change_file(connection, file.account_id, file.id, media=media)
                if kept is None and media.get("thumb"):  # ended meanwhile: nobody would remove the picture after it
                    await self._storage.remove([thumb_key(file.key)])
            except FileNotFoundError:
                raise _no_picture(file) from None
            except (StorageError, *OUTAGES) as error:
                _log.warning("%s cannot be measured now: %s", file.id, error)
            finally:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _is_settled(file: FileRecord) -> bool:
    """Whether all is known of it, of a video also whether it has a picture: earlier releases made none."""
    if file.media is None:
        return False
    return not file.mime_type.startswith("video/") or "thumb" in file.media or "refused" in file.media


def _no_picture(file: FileRecord) -> NotFound:
    return NotFound(what="picture of file", name=file.id, hint=": only videos that can be read have one")


def _poster_of(copy: Path) -> bytes | None:
    """WebP of the first good frame of a copy, which is a file of ours; None where it has none to show."""
    with copy.open("rb") as clip:
        try:
            return pictures_of(clip).poster
        except (TaskError, av.error.FFmpegError, OSError) as error:
            _log.warning("no picture can be made of an upload: %s", error)
            return None


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
