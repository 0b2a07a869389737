"""Callbacks of the caller's tasks: how they went, sending them again, and the secret that signs them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from opendance.api.auth import CallerDependency, KeyedRoute
from opendance.api.openapi import error_responses
from opendance.api.own import own_task
from opendance.api.schemas import CallbackSecret, DeliveryList
from opendance.api.state import state_of
from opendance.pipeline.redeliver import redeliver as send_again
from opendance.store.deliveries import (
    DeliveryRecord,
    Secrets,
    callback_secrets,
    list_deliveries,
    rotate_callback_secret,
)

router = APIRouter(tags=["Callbacks"], route_class=KeyedRoute)
_HOUR = 3600.0


def _delivery(record: DeliveryRecord) -> dict[str, Any]:
    body = {name: getattr(record, name) for name in ("id", "task_id", "url", "status", "created", "finished")}
    body["next_attempt"] = record.due if record.status == "pending" else None
    return {**body, "attempts": [vars(attempt) for attempt in record.attempts]}


@router.get(
    "/v1/tasks/{task_id}/deliveries",
    operation_id="listDeliveries",
    summary="Callbacks of a task",
    response_model=DeliveryList,
    responses=error_responses(400, 401, 404, 429, 500),
)
async def read_deliveries(request: Request, task_id: str, caller: CallerDependency) -> JSONResponse:
    """Each callback with its attempts, oldest first."""
    state = state_of(request)
    await own_task(state, caller, task_id)
    async with state.database.read() as connection:
        found = await list_deliveries(connection, caller.account_id, task_id)
    return JSONResponse({"object": "list", "data": [_delivery(record) for record in found]})


@router.post(
    "/v1/tasks/{task_id}/redeliver",
    operation_id="redeliver",
    summary="Send a callback again",
    response_model=DeliveryList,
    responses=error_responses(400, 401, 404, 409, 429, 500),
)
async def redeliver(request: Request, task_id: str, caller: CallerDependency) -> JSONResponse:
    """To the task's `callback_url`, with the same `webhook-id`. Answers all callbacks of the task, the new one last."""
    state = state_of(request)
    found = await send_again(state.database, state.notifier, await own_task(state, caller, task_id))
    return JSONResponse({"object": "list", "data": [_delivery(record) for record in found]})


def _secret(secrets: Secrets) -> JSONResponse:
    return JSONResponse({"secret": secrets.current, "previous_ends": secrets.previous_ends})


@router.get(
    "/v1/callbacks/secret",
    operation_id="readCallbackSecret",
    summary="What signs your callbacks",
    response_model=CallbackSecret,
    responses=error_responses(401, 429, 500),
)
async def read_secret(request: Request, caller: CallerDependency) -> JSONResponse:
    """One secret for each account; verify `webhook-signature` with any library of Standard Webhooks."""
    async with state_of(request).database.write() as connection:
        return _secret(await callback_secrets(connection, caller.account_id))


@router.post(
    "/v1/callbacks/secret/rotate",
    operation_id="rotateCallbackSecret",
    summary="Rotate what signs your callbacks",
    response_model=CallbackSecret,
    responses=error_responses(400, 401, 429, 500),
)
async def rotate_secret(
    request: Request,
    caller: CallerDependency,
    overlap_hours: Annotated[
        float, Query(ge=0, le=24 * 365, description="How long callbacks are signed with the old one too.")
    ] = 24.0,
) -> JSONResponse:
    """Answers the new secret; until the overlap has ended, callbacks carry both signatures."""
    async with state_of(request).database.write() as connection:
        return _secret(await rotate_callback_secret(connection, caller.account_id, overlap=overlap_hours * _HOUR))
