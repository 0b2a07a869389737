"""`/admin/v1/accounts/{account}/callbacks`: callbacks of others that were given up, for the operator. Needs the admin
key."""

from __future__ import annotations

from fastapi import Request

from opendance.administration import read_account
from opendance.administration.callbacks import FailedCallbacks, failed_callbacks
from opendance.api.admin import AccountId
from opendance.api.callbacks import MostFailed, Redelivered
from opendance.api.operators import operator_router
from opendance.api.state import Reading, state_of
from opendance.api.unified.errors import error_responses
from opendance.errors import NotFound
from opendance.pipeline.operating import redeliver_failed_of

router = operator_router()


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
