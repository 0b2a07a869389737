"""Finished videos and pictures of them, behind signed links that end."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, Response

from opendance.api.openapi import WITHOUT_KEY
from opendance.api.responses import OF_ANY_ROUTE
from opendance.api.state import state_of
from opendance.api.stored import RANGED, REDIRECTED, stored_object
from opendance.api.unified.errors import error_responses
from opendance.errors import InvalidRequest, LinkExpired, LinkInvalid, RangeNotSatisfiable
from opendance.links import RESULT_PATH
from opendance.media.formats import media_type_of_name

router = APIRouter(tags=["Results"])
_BINARY = {"type": "string", "format": "binary"}
OF_LINKS = (InvalidRequest, LinkInvalid, LinkExpired, RangeNotSatisfiable, *OF_ANY_ROUTE)


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
    filename: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """The object behind a link: the file itself, or a redirection to the store that hands it out.

    Args:
        filename: as it is to be saved; default: as the object is called.

    Raises:
        LinkInvalid: the link was altered, or what it led to was removed.
        LinkExpired: it has ended.
    """
    state = state_of(request)
    seconds = state.links.check(key, ends, signature) - time.time()
    return await stored_object(
        state, key, seconds, media_type=media_type, disposition=disposition, filename=filename, headers=headers
    )
