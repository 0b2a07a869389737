"""What Prometheus scrapes, and who may."""

from __future__ import annotations

import asyncio
import hmac
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from fastapi import APIRouter, Request, Security
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from opendance.api.auth import ADMIN_KEY, bearer, check_listener, check_operator
from opendance.api.responses import OF_OPERATOR
from opendance.api.state import state_of
from opendance.api.unified.errors import error_responses
from opendance.catalog import MODELS
from opendance.engines.routes import Routes
from opendance.errors import Unauthorized
from opendance.store.database import PoolState
from opendance.store.keys import sha256_of
from opendance.store.queue_state import PARKED, QueuedTasks, queued_tasks, waiting_callbacks
from opendance.task import LIVE, Status
from opendance.telemetry.metrics import (
    CALLBACKS_WAITING,
    DATABASE_IN_USE,
    DATABASE_MOST,
    DATABASE_WAITING,
    DISK_FREE,
    DISK_SIZE,
    QUEUE_AGE,
    QUEUE_TASKS,
)

router = APIRouter(tags=["Server"])


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
    """Of this process; the state of the queue is the whole installation's. Needs the admin key, or in its place the
    token of `OPENDANCE_METRICS_TOKEN` where there is one, unless `OPENDANCE_METRICS_OPEN` says otherwise."""
    state = state_of(request)
    await _check_reader(request)
    _show_pool(state.database.pool)
    await asyncio.to_thread(_show_disk, state.settings.data_dir)  # a disk of the network may be away
    async with state.database.read() as connection:
        _show_queue(await queued_tasks(connection), state.routes)
        CALLBACKS_WAITING.set(await waiting_callbacks(connection))
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _check_reader(request: Request) -> None:
    """Lets who may scrape through.

    Raises:
        RouteNotFound, Unauthorized, RateLimitExceeded: as `check_operator`.
    """
    state = state_of(request)
    check_listener(request)
    if state.settings.metrics_open:
        return
    token = state.settings.metrics_token
    if token is None:
        await check_operator(request)
        return
    key = bearer(request)
    with state.failed_keys.counted(request, "metrics"):
        if not hmac.compare_digest(sha256_of(key), sha256_of(token.get_secret_value())):
            raise Unauthorized(problem="this is not the key for /metrics; it is the setting OPENDANCE_METRICS_TOKEN")


def _show_pool(pool: PoolState) -> None:
    DATABASE_IN_USE.set(pool.in_use)
    DATABASE_MOST.set(pool.most)
    DATABASE_WAITING.set(pool.waiting)


def _show_disk(folder: Path) -> None:
    disk = shutil.disk_usage(folder)
    DISK_SIZE.set(disk.total)
    DISK_FREE.set(disk.free)


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
