"""Whether the server lives and whether it can work."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy import text

from opendance import __version__
from opendance.api.openapi import WITHOUT_KEY, error_responses
from opendance.api.schemas import Health
from opendance.api.state import state_of
from opendance.errors import NotReady, StorageError
from opendance.store.database import OUTAGES

_PATIENCE = 5.0  # s
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
    """Answers 200 when the database can be written and the object store answers."""
    state = state_of(request)
    try:
        async with asyncio.timeout(_PATIENCE), state.database.write() as connection:
            await connection.execute(text("UPDATE queue_clocks SET virtual_time = virtual_time"))
    except (*OUTAGES, TimeoutError) as error:
        raise NotReady(problem="the database cannot be written") from error
    try:
        await state.storage.check()
    except StorageError as error:
        raise NotReady(problem=f"the object store does not answer: {error}") from error
    return JSONResponse({"status": "ok", "version": __version__})
