"""`/admin/v1`: accounts, groups, keys, credits and usage, for the operator. Needs the admin key."""

from __future__ import annotations

import time
from datetime import date
from typing import Annotated, Literal

from fastapi import Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field
from typing_extensions import TypedDict

from opendance import administration as admin
from opendance.administration.views import (
    AccountObject,
    AuditRow,
    Deleted,
    GroupObject,
    KeyObject,
    NewKeyObject,
    account_json,
    audit_json,
    group_json,
    key_json,
)
from opendance.api.account import (
    CSV,
    DAY,
    Before,
    By,
    Entries,
    Format,
    LedgerPage,
    Since,
    Until,
    UsageReport,
    ledger_page,
    midnight,
    usage_answer,
)
from opendance.api.lists import Cursor, decode_place, encode_place
from opendance.api.operators import operator_router
from opendance.api.responses import NotStored
from opendance.api.state import Reading, Writing, state_of
from opendance.api.unified.errors import error_responses
from opendance.errors import AlreadyExists, InvalidRequest, NotFound, ReferenceConflict, RequestTooLarge
from opendance.reports.audit import audit_csv
from opendance.store.accounts import WhichAccounts, count_accounts, list_groups, page_of_accounts, uses_of
from opendance.store.audit import list_audit
from opendance.store.keys import KeyState, list_keys
from opendance.store.usage import DIMENSIONS

router = operator_router()
_ALL = 1_000_000
CHANGES = error_responses(InvalidRequest, NotFound, RequestTooLarge)
NAMES = error_responses(InvalidRequest, NotFound, AlreadyExists, RequestTooLarge)
FINDS = error_responses(InvalidRequest, NotFound)
AccountId = Annotated[str, Path(max_length=200, pattern=r"^[^\x00]+$", description="Id or name of the account.")]
KeyId = Annotated[
    str, Path(max_length=200, pattern=r"^[^\x00]+$", description="Id of the key, or its name where only one has it.")
]
GroupId = Annotated[admin.GroupName, Path(description="Name of the group.")]


class GroupRow(GroupObject):
    """A group in a list."""

    accounts: Annotated[int, Field(description="That are in it.")]


class GroupList(TypedDict):
    """All groups."""

    object: Literal["list"]
    data: list[GroupRow]


class AccountRow(AccountObject):
    """An account in a list."""

    reserved: Annotated[float, Field(description="Credits that are set aside for tasks under way.")]
    live_tasks: int
    keys: Annotated[int, Field(description="That are not revoked.")]
    last_used: Annotated[float | None, Field(description="When one of its keys was used last, to the minute.")]


class AccountList(TypedDict):
    """Accounts, oldest first."""

    object: Literal["list"]
    data: list[AccountRow]
    total: Annotated[int, Field(description="On all pages.")]
    has_more: bool
    next_cursor: Annotated[str | None, Field(description="Pass as `cursor` for the next page; null on the last.")]


class ToppedUp(AccountObject):
    """The account, with credits added."""

    added: Annotated[bool, Field(description="False where the reference was booked before.")]


class KeyList(TypedDict):
    """Keys, oldest first."""

    object: Literal["list"]
    data: list[KeyObject]
    total: Annotated[int, Field(description="On all pages.")]
    has_more: bool
    next_cursor: Annotated[str | None, Field(description="Pass as `cursor` for the next page; null on the last.")]


class AuditPage(TypedDict):
    """A page of the audit log, oldest first."""

    object: Literal["list"]
    data: list[AuditRow]
    next_after: Annotated[int | None, Field(description="Pass as `after` for the next page; null on the last.")]


# ── groups ──


@router.get("/groups", operation_id="listGroups", summary="List groups")
async def read_groups(connection: Reading) -> GroupList:
    """Every group with its price ratio, priority and limits, and how many accounts are in it."""
    return {
        "object": "list",
        "data": [
            {**group_json(group), "accounts": await count_accounts(connection, group.name)}
            for group in await list_groups(connection)
        ],
    }


@router.put(
    "/groups/{name}",
    operation_id="putGroup",
    summary="Make or change a group",
    responses=error_responses(InvalidRequest, RequestTooLarge),
)
async def put_group(request: Request, connection: Writing, name: GroupId, body: admin.GroupChange) -> GroupObject:
    """What is not given stays, or is the default in a new group."""
    if (problem := admin.unknown_engine(body, state_of(request).routes.engines)) is not None:
        raise InvalidRequest(problem=f"engines: {problem}")
    return group_json(await admin.put_group(connection, name, body))


@router.delete("/groups/{name}", operation_id="removeGroup", summary="Remove a group", responses=FINDS)
async def remove_group(connection: Writing, name: GroupId) -> Deleted:
    """A group that accounts are in cannot be removed."""
    await admin.remove_group(connection, name)
    return {"id": name, "deleted": True}


# ── accounts ──


@router.get(
    "/accounts", operation_id="listAccounts", summary="List accounts", responses=error_responses(InvalidRequest)
)
async def read_accounts(
    connection: Reading,
    words: Annotated[
        str | None, Query(alias="q", max_length=200, description="Only those with this in their name or id.")
    ] = None,
    group: Annotated[str | None, Query(max_length=40, description="Only those of this group.")] = None,
    state: Annotated[Literal["on", "off"] | None, Query(description="Only those that are switched on, or off.")] = None,
    cursor: Cursor = None,
    limit: Annotated[int | None, Query(ge=1, le=1000, description="On a page; default: all.")] = None,
) -> AccountList:
    """With their balances and what they have under way, oldest first."""
    after = None if cursor is None else decode_place(cursor)
    which = WhichAccounts(words, group, None if state is None else state == "on", after)
    most = _ALL if limit is None else limit
    records, total = await page_of_accounts(connection, which, limit=most + 1)
    page, more = records[:most], len(records) > most
    uses = await uses_of(connection, [record.id for record in page])
    return {
        "object": "list",
        "data": [
            {
                **account_json(record),
                "reserved": float(uses[record.id].reserved),
                "live_tasks": uses[record.id].live_tasks,
                "keys": uses[record.id].keys,
                "last_used": uses[record.id].last_used,
            }
            for record in page
        ],
        "total": total,
        "has_more": more,
        "next_cursor": encode_place(page[-1].created, page[-1].id) if more else None,
    }


@router.post("/accounts", operation_id="createAccount", summary="Make an account", responses=NAMES)
async def create_account(connection: Writing, body: admin.NewAccount) -> AccountObject:
    """With the credits that it starts with."""
    return account_json(await admin.create_account(connection, body))


@router.get("/accounts/{account}", operation_id="readAccount", summary="An account", responses=FINDS)
async def read_account(connection: Reading, account: AccountId) -> AccountObject:
    """By id or name."""
    return account_json(await admin.read_account(connection, account))


@router.patch("/accounts/{account}", operation_id="changeAccount", summary="Change an account", responses=NAMES)
async def change_account(connection: Writing, account: AccountId, body: admin.AccountChange) -> AccountObject:
    """What is not given stays."""
    return account_json(await admin.change_account(connection, account, body))


@router.post(
    "/accounts/{account}/topups",
    operation_id="topUp",
    summary="Add credits",
    responses=error_responses(InvalidRequest, NotFound, ReferenceConflict, RequestTooLarge),
)
async def top_up(connection: Writing, account: AccountId, body: admin.TopUp) -> ToppedUp:
    """With a `reference` it can be sent again without adding twice; `added` tells. Another amount is refused."""
    topped_up, added = await admin.top_up(connection, account, body)
    return {**account_json(topped_up), "added": added}


@router.post(
    "/accounts/{account}/adjustments", operation_id="adjustCredits", summary="Correct a balance", responses=CHANGES
)
async def adjust(connection: Writing, account: AccountId, body: admin.Adjustment) -> AccountObject:
    """Adds credits, or takes them with a minus; never below zero. The reason is kept."""
    return account_json(await admin.adjust(connection, account, body))


@router.get(
    "/accounts/{account}/ledger", operation_id="readLedger", summary="The ledger of an account", responses=FINDS
)
async def read_ledger(
    connection: Reading, account: AccountId, before: Before = None, limit: Entries = 100
) -> LedgerPage:
    """Every movement of credits, newest first."""
    owner = await admin.read_account(connection, account)
    return await ledger_page(connection, owner.id, before=before, limit=limit)


# ── keys ──


@router.get("/keys", operation_id="listKeys", summary="List keys", responses=FINDS)
async def read_keys(
    connection: Reading,
    account: Annotated[str | None, Query(max_length=200, description="Only those of this account.")] = None,
    words: Annotated[
        str | None, Query(alias="q", max_length=200, description="Only those with this in their name, id or beginning.")
    ] = None,
    state: Annotated[KeyState | None, Query(description="Only those in this state.")] = None,
    cursor: Cursor = None,
    limit: Annotated[int | None, Query(ge=1, le=1000, description="On a page; default: all.")] = None,
) -> KeyList:
    """Without what is secret of them."""
    owner = None if account is None else (await admin.read_account(connection, account)).id
    now, sought = time.time(), (words or "").lower()
    records = [
        key
        for key in await list_keys(connection, owner)
        if state in (None, key.state(now)) and any(sought in text.lower() for text in (key.name, key.id, key.prefix))
    ]
    total, most = len(records), _ALL if limit is None else limit
    if cursor is not None:
        last = decode_place(cursor)
        records = [key for key in records if (key.created, key.id) > last]
    page, more = records[:most], len(records) > most
    return {
        "object": "list",
        "data": [key_json(key) for key in page],
        "total": total,
        "has_more": more,
        "next_cursor": encode_place(page[-1].created, page[-1].id) if more else None,
    }


@router.post(
    "/accounts/{account}/keys",
    operation_id="createKey",
    summary="Make a key",
    responses=CHANGES,
    dependencies=[NotStored],
)
async def create_key(connection: Writing, account: AccountId, body: admin.NewKey) -> NewKeyObject:
    """`key` in the answer is the only time that the key can be seen."""
    record, key = await admin.create_key(connection, account, body)
    return {**key_json(record), "key": key}


@router.patch("/keys/{key}", operation_id="changeKey", summary="Change a key", responses=CHANGES)
async def change_key(connection: Writing, key: KeyId, body: admin.KeyChange) -> KeyObject:
    """What is not given stays; `enabled` switches it off and on."""
    return key_json(await admin.change_key(connection, key, body))


@router.post(
    "/keys/{key}/rotate", operation_id="rotateKey", summary="Rotate a key", responses=CHANGES, dependencies=[NotStored]
)
async def rotate_key(connection: Writing, key: KeyId, body: admin.Rotation) -> NewKeyObject:
    """A new secret for the same key; the old one works on for the overlap. Limits and what was used stay."""
    record, secret = await admin.rotate_key(connection, key, body)
    return {**key_json(record), "key": secret}


@router.delete("/keys/{key}", operation_id="revokeKey", summary="Revoke a key", responses=FINDS)
async def revoke_key(connection: Writing, key: KeyId) -> Deleted:
    """For good, from the next request on; its tasks go on."""
    return {"id": (await admin.revoke_key(connection, key)).id, "deleted": True}


# ── usage ──


@router.get(
    "/usage",
    operation_id="readAllUsage",
    summary="What all accounts used",
    response_model=UsageReport,
    responses=FINDS | CSV,
)
async def read_usage(
    connection: Reading,
    by: By = "day",
    account: Annotated[str | None, Query(max_length=200, description="Only this account.")] = None,
    since: Since = None,
    until: Until = None,
    format: Format = "json",  # noqa: A002
) -> Response:
    """By day, model, key, status, account."""
    owner = None if account is None else (await admin.read_account(connection, account)).id
    return await usage_answer(connection, owner, by, since, until, format, dimensions=DIMENSIONS)


# ── audit ──


@router.get(
    "/audit",
    operation_id="readAudit",
    summary="The audit log",
    response_model=AuditPage,
    responses=FINDS | CSV,
)
async def read_audit(
    connection: Reading,
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
    if format == "csv":
        return Response(audit_csv(page), media_type="text/csv")
    body: AuditPage = {
        "object": "list",
        "data": [audit_json(row) for row in page],
        "next_after": page[-1].id if len(rows) > limit else None,
    }
    return JSONResponse(body)
