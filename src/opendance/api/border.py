"""What holds for every route: errors in the form of their wire, limits of bodies, request ids."""

from __future__ import annotations

import logging
import re
import secrets
import time
from itertools import product
from typing import cast

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from opendance.api.bodies import Bodies
from opendance.api.turns import Turns
from opendance.api.wires import group_of
from opendance.background import OUTAGES_TOLD, reason_of
from opendance.errors import (
    ApiError,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    NotReady,
    RequestTooLarge,
    RouteNotFound,
    StorageError,
)
from opendance.store.database import OUTAGES
from opendance.store.keys import Caller
from opendance.telemetry.logs import about
from opendance.telemetry.metrics import REQUEST_SECONDS, REQUESTS
from opendance.validation import in_words_of_request

_log = logging.getLogger(__name__)
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_PROBES = ("/healthz", "/readyz")
_BY_ADDRESS = (*_PROBES, "/metrics", "/admin/")  # asked for from inside by an address; no link is made there
_HOST = re.compile(r"[A-Za-z0-9._-]{1,255}(?::\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?")
_PORT = re.compile(r":\d{1,5}$")
_SHOWN = 200  # letters of a path


def install_error_handlers(app: FastAPI) -> None:
    """Every error of every route in the form of the wire that the route belongs to."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    for outage in (StorageError, *OUTAGES):
        app.add_exception_handler(outage, _outage)


def begin_counting(router: APIRouter) -> None:
    """Let the failures of every route be counted from zero: of a series that it begins, an alert misses the first."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            for method, status in product(route.methods or (), ("500", "503")):
                REQUESTS.labels(method, route.path, status)


def _answer(path: str, error: ApiError) -> JSONResponse:
    status, body = group_of(path).error_answer(error)
    return JSONResponse(body, status_code=status, headers=dict(error.headers))


async def _api_error(request: Request, error: Exception) -> JSONResponse:
    return _answer(request.url.path, cast(ApiError, error))


async def _outage(request: Request, error: Exception) -> JSONResponse:
    what = "object store" if isinstance(error, StorageError) else "database"
    reason = reason_of(error)
    level = logging.ERROR if OUTAGES_TOLD.is_news(reason) else logging.DEBUG
    _log.log(level, "%s %s: the %s does not answer: %s", request.method, request.url.path, what, reason)
    return _answer(request.url.path, NotReady(problem=f"its {what} does not answer; please try again in a moment"))


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    error = cast(HTTPException, error)
    if isinstance(error.__cause__, ApiError):  # FastAPI puts this in its place where reading a body ends by ours
        return await _api_error(request, error.__cause__)
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        refused = MethodNotAllowed(method=request.method[:20], path=request.url.path[:_SHOWN], allowed=allowed)
        return _answer(request.url.path, refused)
    if error.status_code == 404:
        return _answer(request.url.path, RouteNotFound(path=request.url.path[:_SHOWN]))
    return _answer(request.url.path, InvalidRequest(problem=str(error.detail)))


async def _validation_error(request: Request, error: Exception) -> JSONResponse:
    problem = in_words_of_request(cast(RequestValidationError, error).errors())
    return _answer(request.url.path, InvalidRequest(problem=problem))


class Border:
    """ASGI middleware around everything: a request id, the host, the limits of bodies, an answer when a route fails.

    The body is counted while it streams in, whatever Content-Length says; over a limit nothing more is read. The key
    was looked at before (`auth.KeyedRoute`), so that bytes are counted for its account too.

    Args:
        hosts: names that the header Host may have, in small letters, `*.` before a name for all below it; none for any.
    """

    def __init__(self, app: ASGIApp, bodies: Bodies, hosts: tuple[str, ...] = ()) -> None:
        self._app, self._bodies, self._hosts = app, bodies, hosts
        self._turns = Turns()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        if scope["method"] == "GET":  # polling; what creates is gathered for one transaction
            await self._turns.take()
        scope["state"] = dict(scope.get("state") or {})  # where routes leave `headers` for every answer of theirs
        group = group_of(scope["path"])
        limit, given = group.max_body, Headers(scope=scope)
        echoed = {name: given[name] for name in group.echoes if name in given}
        request_id = f"req-{secrets.token_hex(8)}"
        started = False
        received = 0
        method = scope["method"] if scope["method"] in _METHODS else "other"

        account = ""

        async def counted() -> Message:
            nonlocal received, account
            message = await receive()
            if size := len(message.get("body", b"")):
                caller: Caller | None = scope["state"].get("caller")
                account = "" if caller is None else caller.account_id
                received += size
                if received > limit:  # EP-03
                    received -= size
                    raise RequestTooLarge(limit=_in_words(limit))
                self._bodies.take(account, size)
            return message

        async def labelled(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                if group.sent_again and _is_final(scope["method"], message["status"]):
                    headers["x-should-retry"] = "false"
                headers.update({**echoed, **group.headers, **scope["state"].get("headers", {})})
                route = getattr(scope.get("route"), "path", "none")
                REQUESTS.labels(method, route, str(message["status"])).inc()
                REQUEST_SECONDS.labels(method, route).observe(time.perf_counter() - began)
            await send(message)

        try:
            if not scope["path"].startswith(_BY_ADDRESS):
                self._check_host(given.get("host", ""))
            if scope["path"] not in _PROBES and b"%00" in scope["query_string"]:
                raise InvalidRequest(problem="the query must not contain the character U+0000")
            declared = dict(scope["headers"]).get(b"content-length", b"0")
            if declared.isdigit() and int(declared) > limit:
                raise RequestTooLarge(limit=_in_words(limit))
            with about(request_id=request_id):
                await self._app(scope, counted, labelled)
        except Exception as error:
            if started:
                raise
            if isinstance(error, ClientDisconnect):
                return
            if isinstance(error, RequestTooLarge | InvalidRequest):
                problem: ApiError = error
            else:
                with about(request_id=request_id):
                    _log.exception("%s %s failed", scope["method"], scope["path"])
                problem = InternalError(request_id=request_id)
            await _answer(scope["path"], problem)(scope, receive, labelled)
        finally:
            if received:
                self._bodies.release(account, received)

    def _check_host(self, host: str) -> None:
        """Links are made of it where no setting says otherwise.

        Raises:
            InvalidRequest: it is no name, or none of this server's.
        """
        if host and not _HOST.fullmatch(host):
            raise InvalidRequest(problem="Host: must be a name, or an address, of at most 255 characters")
        if not self._hosts:
            return
        name = _PORT.sub("", host.lower())
        if not any(name == own or (own.startswith("*.") and name.endswith(own[1:])) for own in self._hosts):
            raise InvalidRequest(problem="Host: this server has another name")


def _is_final(method: str, status: int) -> bool:
    """Whether to send the request again could pay twice, or would only be told the same."""
    return status == 409 or (method == "POST" and status >= 500)


def _in_words(size: int) -> str:
    return f"{size >> 20} MB" if size >= 1 << 20 else f"{size >> 10} KB"
