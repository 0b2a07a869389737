"""Callbacks of the caller's tasks: how they went, sending them again, and the secret that signs them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field
from typing_extensions import TypedDict

from opendance.administration.views import DeliveryProgress, delivery_progress
from opendance.api.auth import CallerDependency, KeyedRoute
from opendance.api.lists import Cursor, PageSize, decode_place, encode_place
from opendance.api.own import OwnTask
from opendance.api.responses import OF_CALLERS, NotStored
from opendance.api.state import Reading, Writing, state_of
from opendance.api.unified.errors import error_responses
from opendance.errors import DeliveryWaits, InvalidRequest, InvalidTaskId, NothingToDeliver, TaskNotFound
from opendance.pipeline.redeliver import redeliver as send_again
from opendance.pipeline.redeliver import redeliver_failed as send_failed_again
from opendance.store.callback_secrets import Secrets, callback_secrets, rotate_callback_secret
from opendance.store.deliveries import (
    DeliveryRecord,
    DeliveryState,
    WhichDeliveries,
    failed_deliveries,
    list_deliveries,
    page_of_deliveries,
)

router = APIRouter(tags=["Callbacks"], route_class=KeyedRoute, responses=error_responses(*OF_CALLERS))
_HOUR = 3600.0
MostFailed = Annotated[int, Query(ge=1, le=1000, description="Callbacks in the answer.")]


class Delivery(DeliveryProgress):
    """A callback."""

    id: str
    task_id: str
    host: str
    url: str


class DeliveryList(TypedDict):
    """Callbacks, oldest first."""

    object: Literal["list"]
    data: list[Delivery]


class DeliveryPage(DeliveryList):
    """A page of callbacks, newest first."""

    has_more: bool
    next_cursor: Annotated[str | None, Field(description="Pass as `cursor` for the next page; null on the last.")]


class FailedDeliveries(DeliveryList):
    """Callbacks that were given up, oldest first."""

    total: Annotated[int, Field(description="How many there are in all.")]


class Redelivered(TypedDict):
    """What was sent again."""

    sent: Annotated[int, Field(description="Callbacks that are on their way now.")]
    left: Annotated[int, Field(description="Those that were given up and are not.")]


class CallbackSecret(TypedDict):
    """What signs callbacks."""

    secret: Annotated[str, Field(description="`whsec_…`, for libraries of Standard Webhooks.")]
    previous_ends: Annotated[
        float | None, Field(description="Until when callbacks are signed with the one before too.")
    ]


def _list(records: list[DeliveryRecord]) -> DeliveryList:
    return {"object": "list", "data": [_delivery(record) for record in records]}


def _delivery(record: DeliveryRecord) -> Delivery:
    return {
        "id": record.id,
        "task_id": record.task_id,
        "host": record.host,
        "url": record.url,
        **delivery_progress(record),
    }


def _secret(secrets: Secrets) -> CallbackSecret:
    return {"secret": secrets.current, "previous_ends": secrets.previous_ends}


@router.get(
    "/v1/tasks/{task_id}/deliveries",
    operation_id="listDeliveries",
    summary="Callbacks of a task",
    responses=error_responses(InvalidTaskId, TaskNotFound),
)
async def read_deliveries(task: OwnTask, connection: Reading) -> DeliveryList:
    """Each callback with its attempts, oldest first."""
    return _list(await list_deliveries(connection, task.account_id, task.id))


@router.post(
    "/v1/tasks/{task_id}/redeliver",
    operation_id="redeliver",
    summary="Send a callback again",
    responses=error_responses(InvalidTaskId, TaskNotFound, NothingToDeliver, DeliveryWaits),
)
async def redeliver(request: Request, task: OwnTask) -> DeliveryList:
    """To the task's `callback_url`, with the same `webhook-id`. Answers all callbacks of the task, the new one last.

    One at a time: while one of the task is on its way, another is 409 `delivery_waits`.
    """
    state = state_of(request)
    return _list(await send_again(state.database, state.notifier, task))


@router.get(
    "/v1/deliveries",
    operation_id="listAllDeliveries",
    summary="Your callbacks",
    responses=error_responses(InvalidRequest),
)
async def read_all(
    caller: CallerDependency,
    connection: Reading,
    status: Annotated[DeliveryState | None, Query(description="Only those in this state.")] = None,
    host: Annotated[str | None, Query(max_length=300, description="Only those to this host.")] = None,
    since: Annotated[float | None, Query(ge=0, le=2**40, description="Only those since then, unix time.")] = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> DeliveryPage:
    """Of all tasks of the account, with their attempts, newest first."""
    before = None if cursor is None else decode_place(cursor)
    which = WhichDeliveries(caller.account_id, status, host, since, before)
    records = await page_of_deliveries(connection, which, limit=limit + 1)
    more = len(records) > limit
    return {
        **_list(records[:limit]),
        "has_more": more,
        "next_cursor": encode_place(records[limit - 1].created, records[limit - 1].id) if more else None,
    }


@router.get("/v1/callbacks/failed", operation_id="listFailedDeliveries", summary="Callbacks that were given up")
async def read_failed(caller: CallerDependency, connection: Reading, limit: MostFailed = 100) -> FailedDeliveries:
    """Of tasks of which none was sent since; the oldest first."""
    failed, number = await failed_deliveries(connection, caller.account_id, limit=limit)
    return {"object": "list", "data": [_delivery(record) for record in failed], "total": number}


@router.post(
    "/v1/callbacks/failed/redeliver",
    operation_id="redeliverFailed",
    summary="Send callbacks that were given up again",
)
async def redeliver_failed(request: Request, caller: CallerDependency) -> Redelivered:
    """After an outage of the receiver: the oldest first, as many as may be on their way at once. While `left` is not 0,
    ask again; where none may be sent yet the answer is 429."""
    state = state_of(request)
    sent, left = await send_failed_again(state.database, state.notifier, caller.account_id)
    return {"sent": sent, "left": left}


@router.get(
    "/v1/callbacks/secret",
    operation_id="readCallbackSecret",
    summary="What signs your callbacks",
    dependencies=[NotStored],
)
async def read_secret(caller: CallerDependency, connection: Writing) -> CallbackSecret:
    """One secret for each account; verify `webhook-signature` with any library of Standard Webhooks."""
    return _secret(await callback_secrets(connection, caller.account_id))


@router.post(
    "/v1/callbacks/secret/rotate",
    operation_id="rotateCallbackSecret",
    summary="Rotate what signs your callbacks",
    dependencies=[NotStored],
    responses=error_responses(InvalidRequest),
)
async def rotate_secret(
    caller: CallerDependency,
    connection: Writing,
    overlap_hours: Annotated[
        float, Query(ge=0, le=24 * 365, description="How long callbacks are signed with the old one too.")
    ] = 24.0,
) -> CallbackSecret:
    """Answers the new secret; until the overlap has ended, callbacks carry both signatures."""
    return _secret(await rotate_callback_secret(connection, caller.account_id, overlap=overlap_hours * _HOUR))
