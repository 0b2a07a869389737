"""Whether the server lives and whether it can work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
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
from opendance.catalog import MODELS
from opendance.engines.routes import Routes
from opendance.errors import NotReady
from opendance.store.queue_state import PARKED, QueuedTasks, queued_tasks, waiting_callbacks
from opendance.task import LIVE, Status
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
        _show_queue(await queued_tasks(connection), state.routes)
        CALLBACKS_WAITING.set(await waiting_callbacks(connection))
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _show_queue(queued: Sequence[QueuedTasks], routes: Routes) -> None:
    """Set the gauges of the queue: by route, with the engine that comes first there."""
    counts: Counter[tuple[str, str, str]] = Counter()
    ages: dict[tuple[str, str], float] = {}
    for model in MODELS.values():
        place = _place_of(model.id, routes)
        ages[place] = 0.0
        counts.update({(state, *place): 0 for state in (*LIVE, PARKED)})
    for tasks in queued:
        place = _place_of(tasks.model, routes)
        counts[tasks.state, *place] += tasks.count
        if tasks.state == Status.PENDING.value:
            ages[place] = max(ages.get(place, 0.0), tasks.oldest)
    QUEUE_TASKS.clear()  # of what is no route any more nothing is told
    QUEUE_AGE.clear()
    for labels, count in counts.items():
        QUEUE_TASKS.labels(*labels).set(count)
    for place, age in ages.items():
        QUEUE_AGE.labels(*place).set(age)


def _place_of(model: str, routes: Routes) -> tuple[str, str]:
    """The route of a model's tasks, and its first engine; `none` where there is none, or no such model any more."""
    engines = routes.of(MODELS[model]) if model in MODELS else ()
    return "+".join(engines) or "none", engines[0] if engines else "none"


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
