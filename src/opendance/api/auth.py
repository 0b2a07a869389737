"""Who makes a request, and whether they may make one more."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from opendance.administration import is_admin_key
from opendance.api.state import state_of
from opendance.errors import RateLimitExceeded, RouteNotFound, Unauthorized
from opendance.store.audited import ACTOR
from opendance.store.keys import Caller, authenticate, is_touch_due, touch_key
from opendance.telemetry.logs import note

ADMIN_KEY = HTTPBearer(
    scheme_name="adminKey",
    description="The operator's key: the setting OPENDANCE_ADMIN_KEY, or made with `opendance admin-key create`.",
    auto_error=False,
)
"""What routes of the operator need, for the OpenAPI document."""
_HINT = "send the header Authorization: Bearer YOUR_API_KEY"


def _bearer(request: Request) -> str:
    header = request.headers.get("authorization")
    if header is None:  # AU-01
        raise Unauthorized(problem=f"no key; {_HINT}")
    scheme, _, key = header.partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key or not key.isascii() or " " in key:
        raise Unauthorized(problem=f"the Authorization header is malformed; {_HINT}")
    return key


async def caller(request: Request) -> Caller:
    """The caller, told by the Authorization header, with one request counted.

    Raises:
        Unauthorized: the header is missing or malformed, or the key is not good.
        RateLimitExceeded: the key, the account or the group made too many requests within a minute, or the address sent
            too many keys that are not good.
    """
    state = state_of(request)
    key = _bearer(request)
    with state.failed_keys.counted(request, "api"):
        async with state.database.read() as connection:
            found = await authenticate(connection, key)
    note(account_id=found.account_id)
    if is_touch_due(found.key):
        async with state.database.write() as connection:
            await touch_key(connection, found.key.id)
    limit = state.limiter.hit(found, reading=request.method in ("GET", "HEAD"))
    if limit is not None:
        request.state.headers = limit.headers()
        if limit.exceeded:
            raise RateLimitExceeded(
                problem=f"this {limit.level} may make {limit.limit} such requests a minute; there is room again "
                f"in {limit.reset} s",
                retry_after=limit.reset,
            )
    return found


def check_listener(request: Request) -> None:
    """Where operators have a listener of their own, their routes are nowhere else.

    Raises:
        RouteNotFound: this is the other one.
    """
    own, at = state_of(request).settings.admin_port, request.scope.get("server")
    if own is not None and (at is None or at[1] != own):
        raise RouteNotFound(path=request.url.path)


async def check_operator(request: Request) -> None:
    """Lets only the admin key through, and only where operators are listened to.

    Raises:
        RouteNotFound: operators have a listener of their own, and this is the other one.
        Unauthorized: another key, or none.
        RateLimitExceeded: the address sent too many keys that are not good.
    """
    check_listener(request)
    state = state_of(request)
    key = _bearer(request)
    configured = None if state.settings.admin_key is None else state.settings.admin_key.get_secret_value()
    with state.failed_keys.counted(request, "admin"):
        async with state.database.read() as connection:
            good = await is_admin_key(connection, key, configured)
        if not good:
            raise Unauthorized(
                problem="this is not the admin key; it is the setting OPENDANCE_ADMIN_KEY, or made by "
                "`opendance admin-key create`"
            )
    ACTOR.set("admin key")


CallerDependency = Annotated[Caller, Depends(caller)]
