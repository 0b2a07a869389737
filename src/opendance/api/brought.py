"""Files that a request for a video brings itself: kept as uploads of the account, unless no task comes of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from opendance.api.state import ServerState
from opendance.errors import FileNotFound, StorageError
from opendance.store.files import FileRecord
from opendance.store.keys import Caller


@dataclass
class Brought:
    """Keeps what one request brings.

    Attributes:
        base_url: of the links to it.
    """

    state: ServerState
    caller: Caller
    base_url: str
    kept: list[FileRecord] = field(default_factory=list[FileRecord])

    async def keep(self, write: Callable[[Path], None], *, name: str = "") -> str:
        """Keep a file, and give a link to it.

        Args:
            write: writes it to a path, in a thread.
            name: that it had.

        Raises:
            InvalidRequest: it is empty, or of a kind that is not kept.
            FileQuotaExceeded: the account keeps as many files as it may.
            StorageError: the store did not take it.
        """
        uploads = self.state.uploads
        async with uploads.incoming(self.caller) as path:
            await asyncio.to_thread(write, path)
            record = await uploads.keep(self.caller, path, name=None, original_name=name, folder=None)
        self.kept.append(record)
        return self.state.links.upload(self.base_url, record.key, ends=record.expires)


@asynccontextmanager
async def files_of(state: ServerState, caller: Caller, base_url: str) -> AsyncGenerator[Brought]:
    """Where the files of one request go; they are removed again where the block fails, for then there is no task."""
    brought = Brought(state, caller, base_url)
    try:
        yield brought
    except BaseException:
        for record in brought.kept:
            with contextlib.suppress(FileNotFound, StorageError):  # the sweep removes what stays
                await state.uploads.remove(caller, record.id)
        raise
