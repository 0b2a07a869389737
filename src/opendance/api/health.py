"""Whether the server lives and whether it can work."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from opendance import __version__
from opendance.api.auth import operator
from opendance.api.openapi import WITHOUT_KEY, error_responses
from opendance.api.schemas import Health, Readiness
from opendance.api.state import state_of
from opendance.errors import NotReady
from opendance.store.standing import read_standing
from opendance.telemetry.metrics import CALLBACKS_WAITING, QUEUE_AGE, QUEUE_TASKS

router = APIRouter(tags=["Server"])


@router.get(
    "/healthz", operation_id="isAlive", summary="Is the server alive?", response_model=Health, openapi_extra=WITHOUT_KEY
)
async def is_alive() -> JSONResponse:
    """Answers as long as the process can answer at all."""
    return JSONResponse({"status": "ok", "version": __version__})


@router.get(
    "/metrics",
    operation_id="readMetrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    responses={
        200: {"description": "Prometheus's text format", "content": {"text/plain": {"schema": {"type": "string"}}}}
    }
    | error_responses(401, 503),
    openapi_extra={"security": [{"adminKey": []}]},
)
async def read_metrics(request: Request) -> Response:
    """Of this process; the state of the queue is the whole installation's. Needs the admin key, unless
    `OPENDANCE_METRICS_OPEN` says otherwise."""
    state = state_of(request)
    if not state.settings.metrics_open:
        await operator(request)
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
    response_model=Readiness,
    responses=error_responses(503),
    openapi_extra=WITHOUT_KEY,
)
async def is_ready(request: Request) -> JSONResponse:
    """Answers 200 when the database can be written, the object store answers and every engine of the process is loaded;
    else what of these is not so."""
    readiness = state_of(request).readiness
    problem = await readiness.problem()
    if problem is not None:
        raise NotReady(problem=problem)
    return JSONResponse({"status": "ok", "version": __version__, "engines": readiness.engines})
