"""`/v1/keys`: the account's own keys, where its group lets it have such. None can do more than the key that made it.

Limits count for each key by itself, so a key with limits of its own could have as much again with every key that it
made: such a key makes and changes none.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request
from typing_extensions import TypedDict

from opendance import administration as admin
from opendance.administration.views import Deleted, KeyObject, NewKeyObject, key_json
from opendance.api.auth import CallerDependency, KeyedRoute
from opendance.api.responses import OF_CALLERS, NotStored
from opendance.api.state import Reading, Writing, state_of
from opendance.api.unified.errors import error_responses
from opendance.errors import InvalidRequest, NotFound, OwnKeysDenied, RequestTooLarge
from opendance.found_server import SERVER_FILE
from opendance.store.audited import ACTOR
from opendance.store.database import Connection
from opendance.store.keys import Caller, KeyRecord, list_keys

router = APIRouter(tags=["Keys"], route_class=KeyedRoute, responses=error_responses(*OF_CALLERS))
CHANGES = error_responses(InvalidRequest, NotFound, OwnKeysDenied, RequestTooLarge)
KeyId = Annotated[str, Path(max_length=60, pattern=r"^[^\x00]+$", description="Id of the key.")]


class OwnKey(KeyObject):
    """A key of the account."""

    is_this: bool


class OwnKeys(TypedDict):
    """The account's keys, oldest first."""

    object: Literal["list"]
    data: list[OwnKey]


def _own(record: KeyRecord, caller: Caller) -> OwnKey:
    return {**key_json(record), "is_this": record.id == caller.key.id}


async def _allowed(request: Request, caller: CallerDependency) -> Caller:
    """The caller, who may make and change keys.

    Raises:
        OwnKeysDenied: the account's group does not let it.
    """
    if not caller.group.own_keys:
        raise OwnKeysDenied
    ACTOR.set(caller.key.prefix)
    state_of(request).callers.clear()
    return caller


KeyMaker = Annotated[Caller, Depends(_allowed)]


@router.get("/v1/keys", operation_id="listOwnKeys", summary="Your keys")
async def read_keys(caller: CallerDependency, connection: Reading) -> OwnKeys:
    """All of the account, without what is secret of them."""
    records = await list_keys(connection, caller.account_id)
    return {"object": "list", "data": [_own(each, caller) for each in records if each.name != SERVER_FILE]}


@router.post(
    "/v1/keys",
    operation_id="createOwnKey",
    summary="Make a key",
    responses=error_responses(InvalidRequest, OwnKeysDenied, RequestTooLarge),
    dependencies=[NotStored],
)
async def create_key(caller: KeyMaker, connection: Writing, body: admin.NewKey) -> NewKeyObject:
    """`key` in the answer is the only time that the key can be seen. It can do no more than the one that asks."""
    _check_free(caller)
    record, key = await admin.create_key(connection, caller.account_id, body)
    _check_within(caller, record)
    return {**key_json(record), "key": key}


@router.patch("/v1/keys/{key}", operation_id="changeOwnKey", summary="Change a key", responses=CHANGES)
async def change_key(
    request: Request, caller: KeyMaker, connection: Writing, key: KeyId, body: admin.KeyChange
) -> OwnKey:
    """What is not given stays; `enabled` switches it off and on."""
    _check_free(caller)
    _check_within(caller, await _key(connection, caller, key))
    record = await admin.change_key(connection, key, body)
    _check_within(caller, record)
    state_of(request).callers.clear()
    return _own(record, caller)


@router.post(
    "/v1/keys/{key}/rotate",
    operation_id="rotateOwnKey",
    summary="Rotate a key",
    responses=CHANGES,
    dependencies=[NotStored],
)
async def rotate_key(
    request: Request, caller: KeyMaker, connection: Writing, key: KeyId, body: admin.Rotation
) -> NewKeyObject:
    """A new secret for the same key; the old one works on for the overlap. A key may always rotate itself."""
    record = await _key(connection, caller, key)
    if record.id != caller.key.id:
        _check_free(caller)
        _check_within(caller, record)
    record, secret = await admin.rotate_key(connection, key, body)
    state_of(request).callers.clear()
    return {**key_json(record), "key": secret}


@router.delete("/v1/keys/{key}", operation_id="revokeOwnKey", summary="Revoke a key", responses=CHANGES)
async def revoke_key(request: Request, caller: KeyMaker, connection: Writing, key: KeyId) -> Deleted:
    """For good, from the next request on; its tasks go on. A key may always revoke itself."""
    record = await _key(connection, caller, key)
    if record.id != caller.key.id:
        _check_free(caller)
        _check_within(caller, record)
    await admin.revoke_key(connection, key)
    state_of(request).callers.clear()
    return {"id": record.id, "deleted": True}


async def _key(connection: Connection, caller: Caller, key_id: str) -> KeyRecord:
    """The account's key.

    Raises:
        NotFound: there is none of this id that is not revoked.
    """
    for record in await list_keys(connection, caller.account_id):
        if record.id == key_id and record.revoked is None and record.name != SERVER_FILE:
            return record
    raise NotFound(what="key", name=key_id, hint="")


def _check_free(caller: Caller) -> None:
    key = caller.key
    if any(limit is not None for limit in (key.credit_limit, key.requests_per_minute, key.max_tasks)):
        raise InvalidRequest(problem="key: yours has limits of its own, so it makes and changes no others")


def _check_within(caller: Caller, record: KeyRecord) -> None:
    """That a key can do no more than the caller's.

    Raises:
        InvalidRequest: it can, and where.
    """
    own = caller.key
    if own.models is not None and not set(record.models or ()) <= set(own.models or ()):
        raise InvalidRequest(problem=f"models: your key may use {', '.join(own.models)} only")
    if own.models is not None and record.models is None:
        raise InvalidRequest(problem=f"models: name some of those that your key may use: {', '.join(own.models)}")
    if own.expires is not None and (record.expires is None or record.expires > own.expires):
        raise InvalidRequest(
            problem=f"expires: your key ends at {own.expires:.0f}, and none that it makes works longer"
        )
    if own.is_test and not record.is_test:
        raise InvalidRequest(problem="kind: yours is a test key, and makes test keys only")
