"""What an upstream is given beside the job: URLs that it can read the user's files from, and where it may call back."""

from __future__ import annotations

import contextlib
import time

from opendance.asset import Asset
from opendance.engines.upstream.base import Errand
from opendance.engines.upstream.media import source_file
from opendance.errors import StorageError
from opendance.pipeline.context import StageContext
from opendance.pipeline.fetch import named_assets
from opendance.storage import INPUTS

LENT_SECONDS = 48 * 3600.0  # an upstream may let a task wait for as long
CALLBACK_PATH = "/v1/upstream-callbacks/"


class Lender:
    """Lends the files of one task."""

    def __init__(self, context: StageContext) -> None:
        self._context = context
        self._lent: list[str] = []

    def errand(self, name: str) -> Errand:
        """What an upstream needs to know of this task."""
        base = self._context.public_url
        callback = None
        if base is not None and base.startswith("https://"):
            path = CALLBACK_PATH + name
            callback = f"{base.rstrip('/')}{path}?mark={self._context.storage.mark(path)}"
        return Errand(name, self.asset_url, callback)

    async def asset_url(self, asset: Asset) -> str | None:
        """A URL for an asset: a signed link of ours where the world can reach one, else the user's own; None for none.

        Ours comes first because it lasts as long as the upstream may take, and gives what was examined here.
        """
        storage, base = self._context.storage, self._context.public_url
        if base is not None or storage.signs:
            file = source_file(asset)
            key = f"{INPUTS}{self._context.task.id}/{file.name}"
            await storage.put(key, file.path, content_type=file.media_type)
            self._lent.append(key)
            link = await storage.presigned(key, LENT_SECONDS)
            if link is not None:
                return link
            assert base is not None
            return storage.input_link(base, key, ends=time.time() + LENT_SECONDS)
        for named in named_assets(self._context.request):
            if (named.kind, named.number) == (asset.kind, asset.number):
                return None if await self._context.own_file(named.url) is not None else named.url
        return None

    async def take_back(self) -> None:
        """Forget what was lent in this walk; what an earlier one left is swept."""
        with contextlib.suppress(StorageError):
            await self._context.storage.remove(self._lent)
        self._lent.clear()
