"""Stored objects as answers: the file itself, or the way to the store that hands it out."""

from __future__ import annotations

import asyncio
import os
import re

from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from opendance.api.responses import Responses
from opendance.api.state import ServerState
from opendance.errors import RangeNotSatisfiable

_RANGE = re.compile(r"([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18})")
RANGED: Responses = {206: {"description": "The part that Range asks for"}}
REDIRECTED: Responses = {
    307: {"description": "The object store hands it out: follow `Location`, which ends when the link does"}
}


async def stored_object(
    state: ServerState,
    key: str,
    seconds: float,
    *,
    media_type: str,
    disposition: str = "inline",
    filename: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """An object that whoever asks may have: the file itself, or a redirection to the store that hands it out.

    Args:
        seconds: that the store's link works.
        filename: as in `object_answer`.
    """
    storage = state.storage
    link = await storage.presigned(key, seconds)
    if link is not None:
        return RedirectResponse(link, status_code=307)
    path = storage.local_path(key)
    name = filename or key.rpartition("/")[2]
    return _RangedFile(
        path or "", media_type=media_type, filename=name, content_disposition_type=disposition, headers=headers
    )


class _RangedFile(FileResponse):
    """A file, or the parts of it that Range asks for, as RFC 9110 (14.2) has it.

    A range of another unit, or one that cannot be read, is as if it were not there; of several, those behind the end
    are. Only where all are, there is an error, which is told as every other.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def checked(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 416:
                unit_and_size = dict(message["headers"])[b"content-range"].decode()
                raise RangeNotSatisfiable(size=unit_and_size.rpartition("/")[2])
            await send(message)

        asked = Headers(scope=scope).get("range")
        if asked is not None:
            size = (await asyncio.to_thread(os.stat, self.path)).st_size
            headers = [(name, value) for name, value in scope["headers"] if name != b"range"]
            if ranges := _readable(asked, size):
                headers.append((b"range", b"bytes=" + ",".join(ranges).encode()))
            scope = {**scope, "headers": headers}
        await super().__call__(scope, receive, checked)


def _readable(asked: str, size: int) -> list[str]:
    """The ranges of a header that are in a file of this size, or all where none is; none of what is no such header."""
    unit, _, given = asked.partition("=")
    parts = [part for each in given.split(",") if (part := each.strip(" \t"))]
    if unit.strip().lower() != "bytes":
        return []
    within: list[str] = []
    for part in parts:
        match = _RANGE.fullmatch(part)
        if match is None:
            return []
        first, last, suffix = match.groups()
        if last and int(last) < int(first):
            return []
        if int(first) < size if first else int(suffix) and size:
            within.append(part)
    return within or parts
