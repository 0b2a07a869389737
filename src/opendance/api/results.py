"""Finished videos, behind signed links that end."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse

from opendance.api.openapi import WITHOUT_KEY, error_responses
from opendance.api.state import state_of

router = APIRouter(tags=["Results"])


@router.get(
    "/v1/results/{key}",
    operation_id="readResult",
    summary="Download a video",
    response_class=FileResponse,
    responses={
        200: {"description": "The video", "content": {"video/mp4": {"schema": {"type": "string", "format": "binary"}}}}
    }
    | error_responses(400, 403, 410, 500),
    openapi_extra=WITHOUT_KEY,
)
@router.head("/v1/results/{key}", include_in_schema=False)
async def read_result(
    request: Request,
    key: str,
    ends: Annotated[str, Query(description="Unix second when the link ends.")],
    signature: Annotated[str, Query(description="Made by this server.")],
) -> FileResponse:
    """The file behind a link of `results`; no key is needed. Range requests are answered."""
    path = state_of(request).storage.open_link(key, ends, signature)
    return FileResponse(path, media_type="video/mp4", filename=key, content_disposition_type="inline")
