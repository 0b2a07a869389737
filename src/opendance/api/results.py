"""Finished videos, behind signed links that end."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from opendance.api.openapi import WITHOUT_KEY
from opendance.api.responses import OF_ANY_ROUTE, Responses
from opendance.api.state import state_of
from opendance.api.unified.errors import error_responses
from opendance.errors import InvalidRequest, LinkExpired, LinkInvalid

router = APIRouter(tags=["Results"])
OF_LINKS = (InvalidRequest, LinkInvalid, LinkExpired, *OF_ANY_ROUTE)
REDIRECTED: Responses = {
    307: {"description": "The object store hands it out: follow `Location`, which ends when the link does"}
}


@router.get(
    "/v1/results/{key}",
    operation_id="readResult",
    summary="Download a video",
    response_class=FileResponse,
    responses={
        200: {"description": "The video", "content": {"video/mp4": {"schema": {"type": "string", "format": "binary"}}}}
    }
    | REDIRECTED
    | error_responses(*OF_LINKS),
    openapi_extra=WITHOUT_KEY,
)
@router.head("/v1/results/{key}", include_in_schema=False)
async def read_result(
    request: Request,
    key: str,
    ends: Annotated[str, Query(description="Unix second when the link ends.")],
    signature: Annotated[str, Query(description="Made by this server.")],
) -> Response:
    """The file behind a link of `results`; no key is needed. Range requests are answered."""
    return await object_answer(request, key, ends, signature, media_type="video/mp4")


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
    storage = state_of(request).storage
    end = storage.check_link(key, ends, signature)
    link = await storage.presigned(key, end - time.time())
    if link is not None:
        return RedirectResponse(link, status_code=307)
    path = storage.local_path(key)
    name = key.rpartition("/")[2]
    return FileResponse(
        path or "", media_type=media_type, filename=name, content_disposition_type=disposition, headers=headers
    )
