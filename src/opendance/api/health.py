"""Whether the server lives and whether it can work."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Security
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import Field
from typing_extensions import TypedDict

from opendance import __version__
from opendance.api.auth import ADMIN_KEY, check_listener, check_operator
from opendance.api.openapi import WITHOUT_KEY
from opendance.api.responses import OF_ANY_ROUTE, OF_OPERATOR
from opendance.api.state import state_of
from opendance.api.unified.errors import error_responses
from opendance.errors import NotReady
from opendance.store.queue_state import read_queue_state
from opendance.telemetry.metrics import CALLBACKS_WAITING, QUEUE_AGE, QUEUE_TASKS

router = APIRouter(tags=["Server"])


class Health(TypedDict):
    """State of the server."""

    status: Literal["ok"]
    version: str


class Readiness(Health):
    """What the process can work with."""

    engines: Annotated[dict[str, str], Field(description="How each engine that runs here stands: `loaded`.")]


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
    check_listener(request)
    if not state.settings.metrics_open:
        await check_operator(request)
    async with state.database.read() as connection:
        queue = await read_queue_state(connection)
    for status, count in queue.tasks.items():
        QUEUE_TASKS.labels(status).set(count)
    QUEUE_AGE.set(queue.oldest)
    CALLBACKS_WAITING.set(queue.callbacks)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get(
    "/readyz",
    operation_id="isReady",
    summary="Can the server work?",
    responses=error_responses(*OF_ANY_ROUTE),
    openapi_extra=WITHOUT_KEY,
)
async def is_ready(request: Request) -> Readiness:
    """Answers 200 when the database can be written, the object store answers and every engine of the process is loaded;
    else what of these is not so."""
    readiness = state_of(request).readiness
    problem = await readiness.problem()
    if problem is not None:
        raise NotReady(problem=problem)
    return {**_GOOD, "engines": readiness.engines}
