"""Who makes a request, and whether they may make one more: told before anything of its body is read."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.responses import Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer

from opendance.administration import is_admin_key
from opendance.api.limits import is_reading
from opendance.api.state import state_of
from opendance.api.studio.cookies import check_forgery, check_host, token_of
from opendance.errors import InvalidRequest, RateLimitExceeded, RouteNotFound, Unauthorized
from opendance.store.audited import ACTOR
from opendance.store.callers import Callers
from opendance.store.keys import Caller, is_touch_due, touch_key
from opendance.store.sessions import is_session_touch_due, touch_session
from opendance.store.signed_in import SessionRecord
from opendance.telemetry.logs import note

ADMIN_KEY = HTTPBearer(
    scheme_name="adminKey",
    description="The operator's key: the setting OPENDANCE_ADMIN_KEY, or made with `opendance admin-key create`.",
    auto_error=False,
)
"""What routes of the operator need, for the OpenAPI document."""
_HINT = "send the header Authorization: Bearer YOUR_API_KEY"


def bearer(request: Request) -> str:
    """The key in the Authorization header.

    Raises:
        Unauthorized: the header is missing or malformed.
    """
    header = request.headers.get("authorization")
    if header is None:  # AU-01
        raise Unauthorized(problem=f"no key; {_HINT}")
    scheme, _, key = header.partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key or not key.isascii() or " " in key:
        raise Unauthorized(problem=f"the Authorization header is malformed; {_HINT}")
    return key


@dataclass(frozen=True)
class Credential:
    """What a request says who it is with.

    Attributes:
        secret: a key, or the token of a session.
    """

    secret: str
    is_session: bool = False

    async def caller(self, callers: Callers, *, as_it_stands: bool = False) -> Caller:
        """Who that is; what they have and have used may be a second old, unless it is to be told as it stands.

        Raises:
            Unauthorized: the key or the session is not good.
        """
        if self.is_session:
            return await (callers.of_session_as_it_stands if as_it_stands else callers.of_session)(self.secret)
        return await (callers.as_it_stands if as_it_stands else callers.of)(self.secret)


def credential_of(request: Request) -> Credential:
    """The key in the Authorization header, or else the session of the cookie; the header counts where both are there.

    Raises:
        Unauthorized: there is neither, or the header is malformed.
        Misdirected: the cookie came under a name that is not surely this server's.
        RequestForged: it came from another page than the Studio's.
    """
    if "authorization" not in request.headers and (token := token_of(request)) is not None:
        check_host(request)
        check_forgery(request, token)
        return Credential(token, is_session=True)
    return Credential(bearer(request))


async def caller(request: Request) -> Caller:
    """The caller, told by the Authorization header or the session of a browser, with one request counted; looked up
    once for a request.

    Raises:
        Unauthorized: the header is missing or malformed, or the key or the session is not good.
        Misdirected, RequestForged: as in `credential_of`.
        RateLimitExceeded: the key, the account or the group made too many requests within a minute, or the address sent
            too many keys that are not good.
    """
    authenticated_before: Caller | None = getattr(request.state, "caller", None)
    if authenticated_before is not None:
        return authenticated_before
    state = state_of(request)
    credential = credential_of(request)
    with nullcontext() if credential.is_session else state.failed_keys.counted(request, "api"):
        authenticated = await credential.caller(state.callers)
    note(account_id=authenticated.account_id)
    session = authenticated.session
    if is_touch_due(authenticated.key) or (session is not None and is_session_touch_due(session)):
        async with state.database.write() as connection:
            await touch_key(connection, authenticated.key.id)
            if session is not None:
                await touch_session(connection, session.id)
        state.callers.forget(credential.secret)
    limit = state.limiter.hit(authenticated, reading=is_reading(request))
    if limit is not None:
        request.state.headers = limit.headers()
        if limit.exceeded:
            raise RateLimitExceeded(
                problem=f"this {limit.level} may make {limit.limit} such requests a minute; there is room again "
                f"in {limit.reset} s",
                retry_after=limit.reset,
            )
    request.state.caller = authenticated
    return authenticated


async def as_it_stands(request: Request) -> Caller:
    """The caller with what it has and has used by now, which `caller` may tell as it was a second ago.

    Raises:
        Unauthorized: the key is not good any more.
    """
    return await credential_of(request).caller(state_of(request).callers, as_it_stands=True)


def check_listener(request: Request) -> None:
    """Where operators have a listener of their own, their routes are nowhere else.

    Raises:
        RouteNotFound: this is the other one.
    """
    if not asks_at_operators(request):
        raise RouteNotFound(path=request.url.path)


def asks_at_operators(request: Request) -> bool:
    """Whether a request came to where operators are listened to."""
    own, at = state_of(request).settings.admin_port, request.scope.get("server")
    return own is None or (at is not None and at[1] == own)


async def check_operator(request: Request) -> None:
    """Lets only the admin key and raised sessions through, and only where operators are listened to; looked at once for
    a request.

    Raises:
        RouteNotFound: operators have a listener of their own, and this is the other one.
        Unauthorized: another key, or none, or a session that is not raised.
        Misdirected, RequestForged: as in `credential_of`.
        RateLimitExceeded: the address sent too many keys that are not good.
    """
    if getattr(request.state, "is_operator", False):
        return
    check_listener(request)
    state = state_of(request)
    credential = credential_of(request)
    if credential.is_session:
        session = (await credential.caller(state.callers)).session
        if session is None or not session.is_raised(time.time()):
            raise Unauthorized(problem="this session may not do what the operator may; raise it with the admin key")
        ACTOR.set(actor_of(session))
        request.state.is_operator = True
        return
    await check_admin_key(request, credential.secret)
    ACTOR.set("admin key")
    request.state.is_operator = True


async def check_admin_key(request: Request, key: str) -> None:
    """That this is the admin key.

    Raises:
        Unauthorized: it is not.
        RateLimitExceeded: the address sent too many keys that are not good.
    """
    state = state_of(request)
    configured = None if state.settings.admin_key is None else state.settings.admin_key.get_secret_value()
    with state.failed_keys.counted(request, "admin"):
        async with state.database.read() as connection:
            good = await is_admin_key(connection, key, configured)
        if not good:
            raise Unauthorized(
                problem="this is not the admin key; it is the setting OPENDANCE_ADMIN_KEY, or made by "
                "`opendance admin-key create`"
            )


def actor_of(session: SessionRecord) -> str:
    """What the audit log calls a session."""
    return f"session {session.id.removeprefix('session-')}"


CallerDependency = Annotated[Caller, Depends(caller)]


class _TextRequest(Request):
    """A request whose JSON has only letters that can be written.

    Half of a pair of surrogates passes Python's parser, and then neither an answer nor the database can take it.
    """

    async def json(self) -> Any:
        document = await super().json()
        try:
            json.dumps(document, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise InvalidRequest(problem="the body is not JSON: it has half of a pair of surrogates") from None
        return document


class KeyedRoute(APIRoute):
    """A route that looks at the key first.

    FastAPI reads and parses a body before it asks the dependencies, so who has no key could make it read what they
    like. Whether a route needs a key is told by its dependencies alone.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        doors = [each for each in (caller, check_operator) if asks_for(self.dependant, each)]
        if not doors:
            return handle

        async def keyed(request: Request) -> Response:
            for door in doors:
                await door(request)
            try:
                return await handle(_TextRequest(request.scope, request.receive))
            finally:
                if check_operator in doors and request.method != "GET":  # it may have changed a key, or what it may do
                    state_of(request).callers.clear()

        return keyed


def asks_for(dependant: Dependant, dependency: Callable[..., Any]) -> bool:
    """Whether a route depends on it, itself or through others."""
    return any(each.call is dependency or asks_for(each, dependency) for each in dependant.dependencies)
