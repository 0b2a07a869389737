"""`/admin/v1`: accounts, groups, keys, credits and usage, for the operator. Needs the admin key."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from opendance import administration as admin
from opendance.administration import account_json, entry_json, group_json, key_json
from opendance.api.account import CSV, DAY, By, Format, Since, Until, midnight, usage_answer
from opendance.api.auth import KeyedRoute, operator
from opendance.api.openapi import ADMIN, error_responses
from opendance.api.schemas import (
    AccountList,
    AccountObject,
    AuditPage,
    Deleted,
    GroupList,
    GroupObject,
    KeyList,
    KeyObject,
    LedgerPage,
    NewKeyObject,
    ToppedUp,
    UsageReport,
)
from opendance.api.state import state_of
from opendance.reports import audit_csv
from opendance.store.accounts import list_accounts, list_groups
from opendance.store.audit import list_audit
from opendance.store.keys import list_keys
from opendance.store.ledger import list_entries
from opendance.store.usage import DIMENSIONS

router = APIRouter(
    prefix="/admin/v1", tags=["Administration"], dependencies=[Depends(operator)], route_class=KeyedRoute
)
ERRORS = error_responses(400, 401, 404, 500)
WITH_CONFLICT = error_responses(400, 401, 404, 409, 500)
AccountId = Annotated[str, Path(max_length=200, description="Id or name of the account.")]
KeyId = Annotated[str, Path(max_length=200, description="Id of the key, or its name where only one has it.")]
GroupId = Annotated[admin.GroupName, Path(description="Name of the group.")]


def _list(items: list[dict[str, Any]]) -> JSONResponse:
    return JSONResponse({"object": "list", "data": items})


# ── groups ──


@router.get(
    "/groups",
    operation_id="listGroups",
    summary="List groups",
    response_model=GroupList,
    responses=ERRORS,
    openapi_extra=ADMIN,
)
async def read_groups(request: Request) -> JSONResponse:
    """Every group with its price ratio, priority and limits."""
    async with state_of(request).database.read() as connection:
        return _list([group_json(group) for group in await list_groups(connection)])


@router.put(
    "/groups/{name}",
    operation_id="putGroup",
    summary="Make or change a group",
    response_model=GroupObject,
    responses=ERRORS,
    openapi_extra=ADMIN,
)
async def put_group(request: Request, name: GroupId, wanted: admin.GroupChange) -> JSONResponse:
    """What is not given stays, or is the default in a new group."""
    async with state_of(request).database.write() as connection:
        return JSONResponse(group_json(await admin.put_group(connection, name, wanted)))


@router.delete(
    "/groups/{name}",
    operation_id="removeGroup",
    summary="Remove a group",
    response_model=Deleted,
    responses=ERRORS,
    openapi_extra=ADMIN,
)
async def remove_group(request: Request, name: GroupId) -> JSONResponse:
    """A group that accounts are in cannot be removed."""
    async with state_of(request).database.write() as connection:
        await admin.remove_group(connection, name)
    return JSONResponse({"id": name, "deleted": True})


# ── accounts ──


@router.get(
    "/accounts",
    operation_id="listAccounts",
    summary="List accounts",
    response_model=AccountList,
    responses=ERRORS,
    openapi_extra=ADMIN,
)
async def read_accounts(request: Request) -> JSONResponse:
    """Every account with its balance."""
    async with state_of(request).database.read() as connection:
        return _list([account_json(account) for account in await list_accounts(connection)])


@router.post(
    "/accounts",
    operation_id="createAccount",
    summary="Make an account",
    response_model=AccountObject,
    responses=WITH_CONFLICT,
    openapi_extra=ADMIN,
)
async def create_account(request: Request, wanted: admin.NewAccount) -> JSONResponse:
    """With the credits that it starts with."""
    async with state_of(request).database.write() as connection:
        return JSONResponse(account_json(await admin.create_account(connection, wanted)))


@router.get(
    "/accounts/{account}",
    operation_id="readAccount",
    summary="An account",
    response_model=AccountObject,
    responses=ERRORS,
    openapi_extra=ADMIN,
)
async def read_account(request: Request, account: AccountId) -> JSONResponse:
    """By id or name."""
    async with state_of(request).database.read() as connection:
        return JSONResponse(account_json(await admin.read_account(connection, account)))


@router.patch(
    "/accounts/{account}",
    operation_id="changeAccount",
    summary="Change an account",
    response_model=AccountObject,
    responses=WITH_CONFLICT,
    openapi_extra=ADMIN,
)
async def change_account(request: Request, account: AccountId, wanted: admin.AccountChange) -> JSONResponse:
    """What is not given stays."""
    async with state_of(request).database.write() as connection:
        return JSONResponse(account_json(await admin.change_account(connection, account, wanted)))


@router.post(
    "/accounts/{account}/topups",
    operation_id="topUp",
    summary="Add credits",
    response_model=ToppedUp,
    responses=ERRORS,
    openapi_extra=ADMIN,
)
async def top_up(request: Request, account: AccountId, wanted: admin.TopUp) -> JSONResponse:
    """With a `reference` it can be sent again without adding twice; `added` tells."""
    async with state_of(request).database.write() as connection:
        found, added = await admin.top_up(connection, account, wanted)
    return JSONResponse({**account_json(found), "added": added})


@router.post(
    "/accounts/{account}/adjustments",
    operation_id="adjustCredits",
    summary="Correct a balance",
    response_model=AccountObject,
    responses=ERRORS,
    openapi_extra=ADMIN,
)
async def adjust(request: Request, account: AccountId, wanted: admin.Adjustment) -> JSONResponse:
    """Adds credits, or takes them with a minus; never below zero. The reason is kept."""
    async with state_of(request).database.write() as connection:
        return JSONResponse(account_json(await admin.adjust(connection, account, wanted)))


@router.get(
    "/accounts/{account}/ledger",
    operation_id="readLedger",
    summary="The ledger of an account",
    response_model=LedgerPage,
    responses=ERRORS,
    openapi_extra=ADMIN,
)
async def read_ledger(
    request: Request,
    account: AccountId,
    before: Annotated[int | None, Query(ge=1, lt=2**63, description="`next_before` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> JSONResponse:
    """Every movement of credits, newest first."""
    async with state_of(request).database.read() as connection:
        found = await admin.read_account(connection, account)
        entries = await list_entries(connection, found.id, before=before, limit=limit + 1)
    page = entries[:limit]
    after = page[-1].id if len(entries) > limit else None
    return JSONResponse({"object": "list", "data": [entry_json(entry) for entry in page], "next_before": after})


# ── keys ──


@router.get(
    "/keys",
    operation_id="listKeys",
    summary="List keys",
    response_model=KeyList,
    responses=ERRORS,
    openapi_extra=ADMIN,
)
async def read_keys(
    request: Request,
    account: Annotated[str | None, Query(max_length=200, description="Only those of this account.")] = None,
) -> JSONResponse:
    """Without what is secret of them."""
    async with state_of(request).database.read() as connection:
        owner = None if account is None else (await admin.read_account(connection, account)).id
        return _list([key_json(key) for key in await list_keys(connection, owner)])


@router.post(
    "/accounts/{account}/keys",
    operation_id="createKey",
    summary="Make a key",
    response_model=NewKeyObject,
    responses=ERRORS,
    openapi_extra=ADMIN,
)
async def create_key(request: Request, account: AccountId, wanted: admin.NewKey) -> JSONResponse:
    """`key` in the answer is the only time that the key can be seen."""
    async with state_of(request).database.write() as connection:
        record, key = await admin.create_key(connection, account, wanted)
    return JSONResponse({**key_json(record), "key": key})


@router.patch(
    "/keys/{key}",
    operation_id="changeKey",
    summary="Change a key",
    response_model=KeyObject,
    responses=ERRORS,
    openapi_extra=ADMIN,
)
async def change_key(request: Request, key: KeyId, wanted: admin.KeyChange) -> JSONResponse:
    """What is not given stays; `enabled` switches it off and on."""
    async with state_of(request).database.write() as connection:
        return JSONResponse(key_json(await admin.change_key(connection, key, wanted)))


@router.post(
    "/keys/{key}/rotate",
    operation_id="rotateKey",
    summary="Rotate a key",
    response_model=NewKeyObject,
    responses=ERRORS,
    openapi_extra=ADMIN,
)
async def rotate_key(request: Request, key: KeyId, wanted: admin.Rotation) -> JSONResponse:
    """A new secret for the same key; the old one works on for the overlap. Limits and what was used stay."""
    async with state_of(request).database.write() as connection:
        record, secret = await admin.rotate_key(connection, key, wanted)
    return JSONResponse({**key_json(record), "key": secret})


@router.delete(
    "/keys/{key}",
    operation_id="revokeKey",
    summary="Revoke a key",
    response_model=Deleted,
    responses=ERRORS,
    openapi_extra=ADMIN,
)
async def revoke_key(request: Request, key: KeyId) -> JSONResponse:
    """For good, from the next request on; its tasks go on."""
    async with state_of(request).database.write() as connection:
        record = await admin.revoke_key(connection, key)
    return JSONResponse({"id": record.id, "deleted": True})


# ── usage ──


@router.get(
    "/usage",
    operation_id="readAllUsage",
    summary="What all accounts used",
    response_model=UsageReport,
    responses=ERRORS | CSV,
    openapi_extra=ADMIN,
)
async def read_usage(
    request: Request,
    by: By = "day",
    account: Annotated[str | None, Query(max_length=200, description="Only this account.")] = None,
    since: Since = None,
    until: Until = None,
    format: Format = "json",  # noqa: A002
) -> Response:
    """By day, model, key, status, account."""
    owner = None
    if account is not None:
        async with state_of(request).database.read() as connection:
            owner = (await admin.read_account(connection, account)).id
    return await usage_answer(request, owner, by, since, until, format, dimensions=DIMENSIONS)


# ── audit ──


@router.get(
    "/audit",
    operation_id="readAudit",
    summary="The audit log",
    response_model=AuditPage,
    responses=ERRORS | CSV,
    openapi_extra=ADMIN,
)
async def read_audit(
    request: Request,
    after: Annotated[int, Query(ge=0, lt=2**63, description="`next_after` of the page before.")] = 0,
    kind: Annotated[
        str | None, Query(max_length=60, description="Such as `filter`; `admin.` is all that begin so.")
    ] = None,
    account: Annotated[str | None, Query(max_length=200, description="Only this account, by id or name.")] = None,
    task: Annotated[str | None, Query(max_length=60, description="Only this task.")] = None,
    since: Annotated[date | None, Query(description="First day, UTC. Default: the oldest.")] = None,
    until: Annotated[date | None, Query(description="Last day, UTC. Default: the newest.")] = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    format: Format = "json",  # noqa: A002
) -> Response:
    """Who asked for what, what the content filter decided, what the operator did; oldest first."""
    async with state_of(request).database.read() as connection:
        owner = None if account is None else (await admin.read_account(connection, account)).id
        rows = await list_audit(
            connection,
            after=after,
            kind=kind,
            account_id=owner,
            task_id=task,
            since=None if since is None else midnight(since),
            until=None if until is None else midnight(until) + DAY,
            limit=limit + 1,
        )
    page = rows[:limit]
    following = page[-1].id if len(rows) > limit else None
    if format == "csv":
        return Response(audit_csv(page), media_type="text/csv")
    data = [admin.audit_json(row) for row in page]
    return JSONResponse({"object": "list", "data": data, "next_after": following})
