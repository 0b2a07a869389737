"""Finished videos and pictures of them, behind signed links that end."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.types import Message, Receive, Scope, Send

from opendance.api.openapi import WITHOUT_KEY
from opendance.api.responses import OF_ANY_ROUTE, Responses
from opendance.api.state import state_of
from opendance.api.unified.errors import error_responses
from opendance.errors import InvalidRequest, LinkExpired, LinkInvalid, RangeNotSatisfiable
from opendance.links import RESULT_PATH
from opendance.media.formats import media_type_of_name

router = APIRouter(tags=["Results"])
_BINARY = {"type": "string", "format": "binary"}
OF_LINKS = (InvalidRequest, LinkInvalid, LinkExpired, RangeNotSatisfiable, *OF_ANY_ROUTE)
RANGED: Responses = {206: {"description": "The part that Range asks for"}}
REDIRECTED: Responses = {
    307: {"description": "The object store hands it out: follow `Location`, which ends when the link does"}
}


@router.get(
    RESULT_PATH + "{key}",
    operation_id="readResult",
    summary="Download a video or a picture of it",
    response_class=FileResponse,
    responses={
        200: {
            "description": "The video, or the picture",
            "content": {kind: {"schema": _BINARY} for kind in ("video/mp4", "image/webp", "image/png")},
        }
    }
    | RANGED
    | REDIRECTED
    | error_responses(*OF_LINKS),
    openapi_extra=WITHOUT_KEY,
)
@router.head(RESULT_PATH + "{key}", include_in_schema=False)
async def read_result(
    request: Request,
    key: str,
    ends: Annotated[str, Query(max_length=20, description="Unix second when the link ends.")],
    signature: Annotated[str, Query(max_length=200, description="Made by this server.")],
) -> Response:
    """The file behind a link of `results`, or of a picture; no key is needed. Range requests are answered."""
    return await object_answer(request, key, ends, signature, media_type=media_type_of_name(key))


async def object_answer(
    request: Request,
    key: str,
    ends: str,
    signature: str,
    *,
    media_type: str,
    disposition: str = "inline",
    headers: dict[str, str] | None = None,
) -> Response:
    """The object behind a link: the file itself, or a redirection to the store that hands it out.

    Raises:
        LinkInvalid: the link was altered, or what it led to was removed.
        LinkExpired: it has ended.
    """
    state = state_of(request)
    storage, end = state.storage, state.links.check(key, ends, signature)
    link = await storage.presigned(key, end - time.time())
    if link is not None:
        return RedirectResponse(link, status_code=307)
    path = storage.local_path(key)
    name = key.rpartition("/")[2]
    return _RangedFile(
        path or "", media_type=media_type, filename=name, content_disposition_type=disposition, headers=headers
    )


class _RangedFile(FileResponse):
    """A file, or a part of it; what is wrong with a Range is told as every other error is."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def checked(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 400:
                raise InvalidRequest(problem="Range: must be such as bytes=0-1023, with the smaller number first")
            if message["type"] == "http.response.start" and message["status"] == 416:
                unit_and_size = dict(message["headers"])[b"content-range"].decode()
                raise RangeNotSatisfiable(size=unit_and_size.rpartition("/")[2])
            await send(message)

        await super().__call__(scope, receive, checked)
