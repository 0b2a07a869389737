"""Whether the server lives and whether it can work."""

from __future__ import annotations

import asyncio
from typing import Literal

from fastapi import APIRouter, Request, Security
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from typing_extensions import TypedDict

from opendance import __version__
from opendance.api.auth import ADMIN_KEY, check_operator
from opendance.api.openapi import WITHOUT_KEY
from opendance.api.responses import OF_ANY_ROUTE, OF_OPERATOR
from opendance.api.state import state_of
from opendance.api.unified.errors import error_responses
from opendance.errors import NotReady, StorageError
from opendance.store.database import OUTAGES
from opendance.store.standing import check_writable, read_standing
from opendance.telemetry.metrics import CALLBACKS_WAITING, QUEUE_AGE, QUEUE_TASKS

_PATIENCE = 5.0  # s
router = APIRouter(tags=["Server"])


class Health(TypedDict):
    """State of the server."""

    status: Literal["ok"]
    version: str


_GOOD: Health = {"status": "ok", "version": __version__}


@router.get("/healthz", operation_id="isAlive", summary="Is the server alive?", openapi_extra=WITHOUT_KEY)
async def is_alive() -> Health:
    """Answers as long as the process can answer at all."""
    return _GOOD


@router.get(
    "/metrics",
    operation_id="readMetrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    responses={
        200: {"description": "Prometheus's text format", "content": {"text/plain": {"schema": {"type": "string"}}}}
    }
    | error_responses(*OF_OPERATOR),
    dependencies=[Security(ADMIN_KEY)],
)
async def read_metrics(request: Request) -> Response:
    """Of this process; the state of the queue is the whole installation's. Needs the admin key, unless
    `OPENDANCE_METRICS_OPEN` says otherwise."""
    state = state_of(request)
    if not state.settings.metrics_open:
        await check_operator(request)
    async with state.database.read() as connection:
        standing = await read_standing(connection)
    for status, count in standing.tasks.items():
        QUEUE_TASKS.labels(status).set(count)
    QUEUE_AGE.set(standing.oldest)
    CALLBACKS_WAITING.set(standing.callbacks)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get(
    "/readyz",
    operation_id="isReady",
    summary="Can the server work?",
    responses=error_responses(*OF_ANY_ROUTE),
    openapi_extra=WITHOUT_KEY,
)
async def is_ready(request: Request) -> Health:
    """Answers 200 when the database can be written and the object store answers."""
    state = state_of(request)
    try:
        async with asyncio.timeout(_PATIENCE), state.database.write() as connection:
            await check_writable(connection)
    except (*OUTAGES, TimeoutError) as error:
        raise NotReady(problem="the database cannot be written") from error
    try:
        await state.storage.check()
    except StorageError as error:
        raise NotReady(problem=f"the object store does not answer: {error}") from error
    return _GOOD
