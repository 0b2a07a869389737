"""Whether the server lives and whether it can work."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy import text

from opendance import __version__
from opendance.api.openapi import WITHOUT_KEY, error_responses
from opendance.api.schemas import Health
from opendance.api.state import state_of
from opendance.errors import NotReady

router = APIRouter(tags=["Server"])


@router.get(
    "/healthz", operation_id="isAlive", summary="Is the server alive?", response_model=Health, openapi_extra=WITHOUT_KEY
)
async def is_alive() -> JSONResponse:
    """Answers as long as the process can answer at all."""
    return JSONResponse({"status": "ok", "version": __version__})


@router.get(
    "/readyz",
    operation_id="isReady",
    summary="Can the server work?",
    response_model=Health,
    responses=error_responses(503),
    openapi_extra=WITHOUT_KEY,
)
async def is_ready(request: Request) -> JSONResponse:
    """Answers 200 when the database can be read and written."""
    try:
        async with state_of(request).database.write() as connection:
            await connection.execute(text("SELECT 1"))
    except Exception as error:
        raise NotReady(problem="the database cannot be written") from error
    return JSONResponse({"status": "ok", "version": __version__})
