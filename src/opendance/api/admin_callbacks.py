"""Callbacks of all accounts, for the operator: how they went, and sending again what was given up. Needs the admin key.

Their addresses are part of what was asked for; only the host is shown.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from opendance.administration import read_account
from opendance.administration.callbacks import FailedCallbacks, failed_callbacks
from opendance.administration.views import DeliveryProgress, delivery_progress
from opendance.api.admin import AccountId
from opendance.api.callbacks import MostFailed, Redelivered
from opendance.api.lists import Cursor, PageSize, decode_place, encode_place
from opendance.api.operators import operator_router
from opendance.api.state import Reading, state_of
from opendance.api.unified.errors import error_responses
from opendance.errors import DeliveryWaits, InvalidRequest, NotFound, NothingToDeliver, RequestTooLarge
from opendance.pipeline.operating import redeliver_failed_of, redeliver_failed_to, redeliver_task_of
from opendance.store.accounts import names_of
from opendance.store.deliveries import DeliveryRecord, DeliveryState, WhichDeliveries, page_of_deliveries

router = operator_router()


class OperatorDelivery(DeliveryProgress):
    """A callback of any account. Its whole address is part of the request."""

    id: str
    task_id: str
    account_id: str
    account: str
    host: str


class OperatorDeliveries(TypedDict):
    """A page of callbacks, newest first."""

    object: Literal["list"]
    data: list[OperatorDelivery]
    has_more: bool
    next_cursor: Annotated[str | None, Field(description="Pass as `cursor` for the next page; null on the last.")]


class FailedTo(BaseModel):
    """Which callbacks that were given up."""

    model_config = ConfigDict(extra="forbid")
    host: str = Field(min_length=1, max_length=300, description="Those to this host.")
    since: float | None = Field(default=None, ge=0, le=2**40, description="Only those made since then, unix time.")


def _delivery(record: DeliveryRecord, account: str) -> OperatorDelivery:
    return {
        "id": record.id,
        "task_id": record.task_id,
        "account_id": record.account_id,
        "account": account,
        "host": record.host,
        **delivery_progress(record),
    }


@router.get(
    "/deliveries",
    operation_id="listDeliveriesOfAll",
    summary="Callbacks of all accounts",
    responses=error_responses(InvalidRequest, NotFound),
)
async def read_deliveries(
    connection: Reading,
    status: Annotated[DeliveryState | None, Query(description="Only those in this state.")] = None,
    host: Annotated[str | None, Query(max_length=300, description="Only those to this host.")] = None,
    account: Annotated[str | None, Query(max_length=200, description="Only of this account, by id or name.")] = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> OperatorDeliveries:
    """Newest first, with their attempts."""
    owner = None if account is None else (await read_account(connection, account)).id
    before = None if cursor is None else decode_place(cursor)
    which = WhichDeliveries(owner, status, host, None, before)
    records = await page_of_deliveries(connection, which, limit=limit + 1)
    names = await names_of(connection, {record.account_id for record in records})
    more = len(records) > limit
    return {
        "object": "list",
        "data": [_delivery(record, names.get(record.account_id, "")) for record in records[:limit]],
        "has_more": more,
        "next_cursor": encode_place(records[limit - 1].created, records[limit - 1].id) if more else None,
    }


@router.post(
    "/deliveries/redeliver",
    operation_id="redeliverFailedTo",
    summary="Send callbacks to a host that were given up again",
    responses=error_responses(InvalidRequest, RequestTooLarge),
)
async def redeliver_to(request: Request, body: FailedTo) -> Redelivered:
    """Of all accounts, after an outage of their receiver: of each the oldest first, as many as it may have on their way
    at once. While `left` is not 0, ask again; where none may be sent yet the answer is 429."""
    state = state_of(request)
    sent, left = await redeliver_failed_to(state.database, body.host, since=body.since)
    state.notifier.notify()
    return {"sent": sent, "left": left}


@router.post(
    "/deliveries/{delivery_id}/redeliver",
    operation_id="redeliverOne",
    summary="Send a callback again",
    responses=error_responses(NotFound, NothingToDeliver, DeliveryWaits),
)
async def redeliver_one(request: Request, delivery_id: str) -> OperatorDelivery:
    """As its owner can: the task as it ended, to the address that it names, with the same `webhook-id`. Answers the new
    callback; while one of the task is on its way, another is 409 `delivery_waits`."""
    state = state_of(request)
    async with state.database.write() as connection:
        record = await redeliver_task_of(connection, delivery_id)
        names = await names_of(connection, [record.account_id])
    state.notifier.notify()
    return _delivery(record, names.get(record.account_id, ""))


@router.get(
    "/accounts/{account}/callbacks/failed",
    operation_id="listFailedCallbacksOf",
    summary="Callbacks of an account that were given up",
    responses=error_responses(NotFound),
)
async def read_failed_of(connection: Reading, account: AccountId, limit: MostFailed = 100) -> FailedCallbacks:
    """Of tasks of which none was sent since; the oldest first."""
    return await failed_callbacks(connection, account, limit=limit)


@router.post(
    "/accounts/{account}/callbacks/failed/redeliver",
    operation_id="redeliverFailedOf",
    summary="Send callbacks of an account that were given up again",
    responses=error_responses(NotFound),
)
async def redeliver_failed(request: Request, account: AccountId) -> Redelivered:
    """As its owner can: the oldest first, as many as one account may have on their way at once. While `left` is not 0,
    ask again; where none may be sent yet the answer is 429."""
    state = state_of(request)
    async with state.database.write() as connection:
        sent, left = await redeliver_failed_of(connection, (await read_account(connection, account)).id)
    state.notifier.notify()
    return {"sent": sent, "left": left}
