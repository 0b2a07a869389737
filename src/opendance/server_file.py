"""`server.json` in the data folder: where the server that works on it is reached, and a key of its own for whoever may
read that folder - the command line, tests - while it runs.

A key that a server left behind is of no use: it is taken back at the next start on the folder, and ends by itself
within a day where there is none.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

from opendance.background import every, in_background, keep_doing
from opendance.found_server import SERVER_FILE, ServerFile, read_server_file
from opendance.held_file import is_free, remove_held, write_held
from opendance.store.beginning import ensure_default_account
from opendance.store.database import OUTAGES, Database
from opendance.store.keys import change_key, create_key, forget_key, key_of

__all__ = ["SERVER_FILE", "ServerFile", "read_server_file", "server_file"]

_log = logging.getLogger(__name__)
_LASTS, _RENEWED_EVERY = 86400.0, 3600.0  # s


@asynccontextmanager
async def server_file(
    database: Database, data_dir: Path, address: str, admin_address: str | None = None
) -> AsyncGenerator[None]:
    """Leave the file there for the block, and take its key back afterwards; a server works without it on a full disk.

    Args:
        address: of the server, as this machine reaches it.
        admin_address: of its operators' listener, where they have one of their own.
    """
    path = data_dir / SERVER_FILE
    async with database.write() as connection:
        if (stale := _left_behind(path)) is not None and (stale_id := await key_of(connection, stale)) is not None:
            await forget_key(connection, stale_id)
        owner = await ensure_default_account(connection)
        key_id, key = await create_key(connection, owner, name=SERVER_FILE, expires=time.time() + _LASTS)

    async def renew() -> None:
        async with database.write() as connection:
            await change_key(connection, key_id, expires=time.time() + _LASTS)

    descriptor: int | None = None
    try:
        try:
            content = ServerFile(address, admin_address or address, key, os.getpid())
            descriptor = write_held(path, json.dumps(asdict(content)).encode())
        except OSError as error:
            _log.warning("%s cannot be written, so no program finds this server by it: %s", path, error.strerror)
        async with in_background(keep_doing("the server's own key", renew, every(_RENEWED_EVERY), outages=OUTAGES)):
            yield
    finally:
        if descriptor is not None:
            remove_held(path, descriptor)
        try:
            async with database.write() as connection:
                await forget_key(connection, key_id)
        except OUTAGES:
            _log.warning("the server's own key cannot be taken back while the database is away; it ends within a day")


def _left_behind(path: Path) -> str | None:
    """The key in the file of a server that died."""
    try:
        with path.open() as file:
            return str(json.load(file)["key"]) if is_free(file.fileno()) else None
    except (OSError, ValueError, TypeError, KeyError):
        return None
