"""`/studio/v1`: browsers sign in, are raised to what the operator may do, and sign out. By cookie only."""

from __future__ import annotations

import time
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from opendance import __version__
from opendance.api.auth import (
    CallerDependency,
    Credential,
    KeyedRoute,
    actor_of,
    asks_at_operators,
    check_admin_key,
    check_listener,
)
from opendance.api.responses import OF_ANY_ROUTE, OF_CALLERS, NotStored
from opendance.api.state import ServerState, Writing, state_of
from opendance.api.studio.cookies import (
    check_host,
    check_same_origin,
    csrf_of,
    is_secure,
    remove_cookie,
    set_cookie,
    token_of,
)
from opendance.api.unified.errors import error_responses
from opendance.errors import (
    InvalidRequest,
    LinkEnded,
    LinkUsed,
    Misdirected,
    NotFound,
    RateLimitExceeded,
    RequestForged,
    RequestTooLarge,
    RouteNotFound,
    Unauthorized,
)
from opendance.store.accounts import find_account
from opendance.store.audit import record
from opendance.store.database import Connection
from opendance.store.keys import Caller, KeyKind
from opendance.store.sessions import (
    ADMIN_SECONDS,
    end_session,
    key_of_links,
    list_sessions,
    new_session,
    renew_session,
    use_link,
)
from opendance.store.signed_in import SessionRecord

_BROWSERS = (Misdirected, RequestForged)
router = APIRouter(prefix="/studio/v1", tags=["Studio"], route_class=KeyedRoute, dependencies=[NotStored])
_SIGNED_IN = error_responses(*OF_CALLERS, *_BROWSERS)
_DAY = 86_400.0  # s
_SHOWN = 200  # letters of what a browser calls itself


class SessionAccount(TypedDict):
    """The account of a session."""

    id: str
    name: str
    balance: Annotated[float, Field(description="Credits.")]


class SessionGroup(TypedDict):
    """Its group."""

    name: str
    own_keys: bool
    max_files: int
    max_kept_bytes: int


class SessionKey(TypedDict):
    """The key that the session is bound to."""

    id: str
    name: str
    prefix: str
    kind: KeyKind
    models: list[str] | None
    credit_limit: float | None
    used: float
    expires: float | None


class Features(TypedDict):
    """What this server has for the page."""

    admin: Annotated[bool, Field(description="Whether the operator's routes are at this address.")]
    secure: Annotated[bool, Field(description="Whether nobody between can read along: https, or this machine.")]
    show_prompts: Annotated[bool, Field(description="Whether the operator may read prompts of other accounts.")]
    callbacks_private: Annotated[bool, Field(description="Whether some addresses that are not public may be called.")]


class SessionObject(TypedDict):
    """A browser that is signed in."""

    session_id: str
    account: SessionAccount
    group: SessionGroup
    key: SessionKey
    csrf: Annotated[str, Field(description="To be sent as `X-Opendance-CSRF` with all but GET and HEAD.")]
    admin_until: Annotated[float | None, Field(description="Until when it may do what the operator may, unix time.")]
    version: str
    features: Features


class SessionRow(TypedDict):
    """A session of the account."""

    id: str
    created: float
    last_used: Annotated[float, Field(description="To the minute.")]
    browser: Annotated[str, Field(description="What it called itself.")]
    key_name: str
    admin_until: float | None
    is_this: bool


class SessionList(TypedDict):
    """The account's sessions, newest first."""

    object: Literal["list"]
    data: list[SessionRow]


class EndedSession(TypedDict):
    """The session that was ended."""

    id: str
    ended: Literal[True]


class SignIn(BaseModel):
    """What a browser signs in with: one of the two."""

    model_config = ConfigDict(strict=True, extra="forbid")
    link: SecretStr | None = Field(default=None, max_length=200, description="What `opendance link` printed.")
    key: SecretStr | None = Field(default=None, max_length=200, description="An API key.")

    @model_validator(mode="after")
    def _one_of_them(self) -> SignIn:
        if (self.link is None) == (self.key is None):
            raise PydanticCustomError("one_of_two", "give link or key, one of the two")
        return self


class Raising(BaseModel):
    """The admin key."""

    model_config = ConfigDict(strict=True, extra="forbid")
    key: SecretStr = Field(max_length=200)


async def _signed_in(caller: CallerDependency) -> SessionRecord:
    if caller.session is None:
        raise Unauthorized(problem="this is for browsers that are signed in to the Studio; keys have no session")
    return caller.session


SignedIn = Annotated[SessionRecord, Depends(_signed_in)]


@router.post(
    "/session",
    operation_id="signIn",
    summary="Sign a browser in",
    responses=error_responses(
        InvalidRequest,
        Unauthorized,
        LinkUsed,
        LinkEnded,
        RateLimitExceeded,
        RequestTooLarge,
        *_BROWSERS,
        *OF_ANY_ROUTE,
    ),
    openapi_extra={"security": []},
)
async def sign_in(request: Request, response: Response, body: SignIn) -> SessionObject:
    """With a link, which works once, or an API key. The answer sets the cookie; the page keeps neither."""
    check_host(request)
    check_same_origin(request)
    state = state_of(request)
    admin_until: float | None = None
    with state.failed_keys.counted(request, "studio"):
        by_key = None if body.key is None else await state.callers.of(_printable(body.key))
    async with state.database.write() as connection:
        await _end_former(request, connection)
        if by_key is not None:
            account_id, key_id = by_key.account_id, by_key.key.id
        else:
            with state.failed_keys.counted(request, "studio"):
                account_id, admin = await use_link(connection, _printable(body.link))
            key_id = await key_of_links(connection, account_id)
            admin_until = time.time() + ADMIN_SECONDS if admin else None
        browser = request.headers.get("user-agent", "")[:_SHOWN]
        token = await new_session(connection, account_id, key_id, browser=browser, admin_until=admin_until)
        caller = await state.callers.of_session_in(connection, token)
        detail = {"by": "link" if by_key is None else "key", "admin": admin_until is not None}
        await record(connection, "session.begun", actor=_actor(caller), account_id=account_id, detail=detail)
    set_cookie(request, response, token, seconds=state.settings.studio_session_days * _DAY)
    return await _object(request, caller, token)


@router.get("/session", operation_id="readSession", summary="The browser's session", responses=_SIGNED_IN)
async def read_session(request: Request, session: SignedIn) -> SessionObject:
    """Who is signed in, what the key allows, and the word that what changes something must bring."""
    token = token_of(request) or ""
    return await _object(request, await state_of(request).callers.of_session_as_it_stands(token), token)


@router.delete("/session", operation_id="signOut", summary="Sign the browser out", responses=_SIGNED_IN)
async def sign_out(request: Request, response: Response, session: SignedIn, connection: Writing) -> EndedSession:
    """The token is good for nothing from now on."""
    await end_session(connection, session.account_id, session.id)
    state_of(request).callers.clear()
    remove_cookie(request, response)
    return {"id": session.id, "ended": True}


@router.post(
    "/session/admin",
    operation_id="raiseSession",
    summary="Let the browser do what the operator may",
    responses=_SIGNED_IN | error_responses(Unauthorized, RouteNotFound, RequestTooLarge),
)
async def raise_session(request: Request, response: Response, session: SignedIn, body: Raising) -> SessionObject:
    """With the admin key, for 8 hours. The session has another token from now on."""
    check_listener(request)
    await check_admin_key(request, _printable(body.key))
    return await _renewed(request, response, session, time.time() + ADMIN_SECONDS, "admin.raise_session")


@router.delete(
    "/session/admin",
    operation_id="lowerSession",
    summary="Let the browser do no more what the operator may",
    responses=_SIGNED_IN,
)
async def lower_session(request: Request, response: Response, session: SignedIn) -> SessionObject:
    """The session stays, with another token."""
    return await _renewed(request, response, session, None, "admin.lower_session")


@router.get("/sessions", operation_id="listSessions", summary="The account's sessions", responses=_SIGNED_IN)
async def read_sessions(request: Request, session: SignedIn) -> SessionList:
    """Browsers that are signed in, newest first."""
    state = state_of(request)
    since = time.time() - state.settings.studio_session_days * _DAY
    async with state.database.read() as connection:
        rows = await list_sessions(connection, session.account_id, since=since)
    return {
        "object": "list",
        "data": [
            {
                "id": row.id,
                "created": row.created,
                "last_used": row.last_used,
                "browser": row.browser,
                "key_name": key_name,
                "admin_until": row.admin_until if row.is_raised(time.time()) else None,
                "is_this": row.id == session.id,
            }
            for row, key_name in rows
        ],
    }


@router.delete(
    "/sessions/{session_id}",
    operation_id="endSession",
    summary="End a session of the account",
    responses=_SIGNED_IN | error_responses(NotFound),
)
async def end_other_session(
    request: Request, session: SignedIn, connection: Writing, session_id: Annotated[str, Path(max_length=60)]
) -> EndedSession:
    """Whoever uses that browser must sign in again."""
    if not await end_session(connection, session.account_id, session_id):
        raise NotFound(what="session", name=session_id, hint="")
    state_of(request).callers.clear()
    return {"id": session_id, "ended": True}


async def _renewed(
    request: Request, response: Response, session: SessionRecord, admin_until: float | None, what: str
) -> SessionObject:
    state = state_of(request)
    async with state.database.write() as connection:
        token = await renew_session(connection, session.id, admin_until=admin_until)
        caller = await state.callers.of_session_in(connection, token)
        await record(connection, what, actor=actor_of(session), account_id=session.account_id, detail={})
    state.callers.clear()
    set_cookie(request, response, token, seconds=state.settings.studio_session_days * _DAY)
    return await _object(request, caller, token)


async def _end_former(request: Request, connection: Connection) -> None:
    """A browser that signs in again has one session, and no token from before: nobody can have chosen it."""
    token = token_of(request)
    if token is None:
        return
    try:
        former = (await Credential(token, is_session=True).caller(state_of(request).callers)).session
    except Unauthorized:
        return
    if former is not None:
        await end_session(connection, former.account_id, former.id)
        state_of(request).callers.clear()


async def _object(request: Request, caller: Caller, token: str) -> SessionObject:
    state, session = state_of(request), caller.session
    async with state.database.read() as connection:
        account = await find_account(connection, caller.account_id)
    key, group = caller.key, caller.group
    until = None if session is None or not session.is_raised(time.time()) else session.admin_until
    return {
        "session_id": "" if session is None else session.id,
        "account": {
            "id": caller.account_id,
            "name": "" if account is None else account.name,
            "balance": float(caller.balance),
        },
        "group": {
            "name": group.name,
            "own_keys": group.own_keys,
            "max_files": group.max_files,
            "max_kept_bytes": group.max_kept_bytes,
        },
        "key": {
            "id": key.id,
            "name": key.name,
            "prefix": key.prefix,
            "kind": "test" if key.is_test else "live",
            "models": None if key.models is None else list(key.models),
            "credit_limit": None if key.credit_limit is None else float(key.credit_limit),
            "used": float(key.used),
            "expires": key.expires,
        },
        "csrf": csrf_of(token),
        "admin_until": until,
        "version": __version__,
        "features": _features(request, state),
    }


def _features(request: Request, state: ServerState) -> Features:
    host = request.url.hostname or ""
    return {
        "admin": asks_at_operators(request),
        "secure": is_secure(request) or host in ("localhost", "::1") or host.startswith("127."),
        "show_prompts": state.settings.show_prompts,
        "callbacks_private": bool(state.settings.callback_allow),
    }


def _actor(caller: Caller) -> str:
    return caller.key.prefix if caller.session is None else actor_of(caller.session)


def _printable(secret: SecretStr | None) -> str:
    """A secret as it can be: ours are ASCII.

    Raises:
        Unauthorized: it is none of ours.
    """
    text = "" if secret is None else secret.get_secret_value().strip()
    if not text or not text.isascii() or " " in text:
        raise Unauthorized(problem="this is no key and no link of this server")
    return text
