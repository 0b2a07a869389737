"""What an upload really is, measured before a task names it: in the confined process that opens all files from outside.

It is done when somebody asks what would come of a request that names the file, and kept with it.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from opendance.asset import Asset
from opendance.catalog import MAX_UPLOAD_BYTES
from opendance.errors import BrokenRule, StorageError, TaskError
from opendance.media.examine import Examiner
from opendance.plan import AssetKind
from opendance.storage import Storage
from opendance.store.database import OUTAGES, Database
from opendance.store.files import FileRecord, change_file

_log = logging.getLogger(__name__)
_AT_ONCE = 2  # of one process: tasks open files too
_PATIENCE = 8.0  # s that somebody waits for it; it goes on meanwhile
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
                digest = await asyncio.to_thread(lambda: hashlib.sha256(source.read_bytes()).hexdigest())
                media = await _media_of(source, folder / "copy", file.mime_type)
                async with self._database.write() as connection:
                    await change_file(connection, file.account_id, file.id, media=media, sha256=digest)
            except (FileNotFoundError, StorageError, *OUTAGES) as error:
                _log.warning("%s cannot be measured now: %s", file.id, error)
            finally:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


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
