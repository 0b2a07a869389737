"""What an upstream is given beside the job: URLs that it can read the user's files from, and where it may call back."""

from __future__ import annotations

import contextlib
import time

from opendance.asset import Asset
from opendance.engines.upstream.media import source_file
from opendance.errors import StorageError
from opendance.links import Links
from opendance.pipeline.inputs import InputFiles
from opendance.storage import INPUTS, Storage
from opendance.store.tasks import TaskRecord

LENT_SECONDS = 7 * 86_400.0  # as long as a task may take, and the longest that S3 signs a link for
_LEAST = 3600.0  # s that a link works, however old its task is


class Lender:
    """Lends the files of one task.

    Args:
        public_url: where the world reaches this server, if it can.
    """

    def __init__(
        self, task: TaskRecord, inputs: InputFiles, storage: Storage, links: Links, public_url: str | None
    ) -> None:
        self._task, self._inputs, self._storage, self._links = task, inputs, storage, links
        self._public_url = public_url
        self._lent: list[str] = []

    def callback_url(self, key: str) -> str | None:
        """Where an upstream may tell that its task under this key has changed; None where it could not reach it."""
        base = self._public_url
        if base is None or not base.startswith("https://"):
            return None
        return self._links.callback(base, key)

    async def asset_url(self, asset: Asset) -> str | None:
        """A URL for an asset: a signed link of ours where the world can reach one, else the user's own; None for none.

        Ours comes first because it lasts as long as the upstream may take, and gives what was examined here.
        """
        storage, base = self._storage, self._public_url
        if base is not None or storage.signs:
            file = source_file(asset)
            key = f"{INPUTS}{self._task.id}/{file.name}"
            await storage.put(key, file.path, content_type=file.media_type)
            self._lent.append(key)
            link = await storage.presigned(key, LENT_SECONDS)
            if link is not None:
                return link
            assert base is not None
            # The same whenever it is asked for: an upstream that is asked once more gets the same body.
            ends = max(self._task.created + LENT_SECONDS, time.time() + _LEAST)
            return self._links.input(base, key, ends=ends)
        for link in self._task.order.links:
            if (link.kind, link.number) == (asset.kind, asset.number):
                return None if await self._inputs.is_own(link.url) else link.url
        return None

    async def take_back(self) -> None:
        """Forget what was lent in this walk; what an earlier one left is swept."""
        with contextlib.suppress(StorageError):
            await self._storage.remove(self._lent)
        self._lent.clear()
