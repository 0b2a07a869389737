"""What holds for every route: errors in the form of their wire, the body limit, request ids."""

from __future__ import annotations

import logging
import secrets
import time
from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from opendance.api.wires import group_of
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
from opendance.telemetry.logs import about
from opendance.telemetry.metrics import REQUEST_SECONDS, REQUESTS
from opendance.validation import in_words_of_request

_log = logging.getLogger(__name__)
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def install_error_handlers(app: FastAPI) -> None:
    """Every error of every route in the form of the wire that the route belongs to."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    for outage in (StorageError, *OUTAGES):
        app.add_exception_handler(outage, _outage)


def _answer(path: str, error: ApiError) -> JSONResponse:
    status, body = group_of(path).error_answer(error)
    return JSONResponse(body, status_code=status, headers=dict(error.headers))


async def _api_error(request: Request, error: Exception) -> JSONResponse:
    return _answer(request.url.path, cast(ApiError, error))


async def _outage(request: Request, error: Exception) -> JSONResponse:
    what = "object store" if isinstance(error, StorageError) else "database"
    _log.error("%s %s: the %s does not answer: %s", request.method, request.url.path, what, str(error).splitlines()[0])
    return _answer(request.url.path, NotReady(problem=f"its {what} does not answer; please try again in a moment"))


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    error = cast(HTTPException, error)
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        refused = MethodNotAllowed(method=request.method, path=request.url.path, allowed=allowed)
        return _answer(request.url.path, refused)
    if error.status_code == 404:
        return _answer(request.url.path, RouteNotFound(path=request.url.path))
    return _answer(request.url.path, InvalidRequest(problem=str(error.detail)))


async def _validation_error(request: Request, error: Exception) -> JSONResponse:
    problem = in_words_of_request(cast(RequestValidationError, error).errors())
    return _answer(request.url.path, InvalidRequest(problem=problem))


class Border:
    """ASGI middleware around everything: a request id, the body limit, and an answer when a route fails.

    The body is counted while it streams in, whatever Content-Length says; over the limit nothing more is read.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["state"] = dict(scope.get("state") or {})  # where routes leave `headers` for every answer of theirs
        group = group_of(scope["path"])
        limit, given = group.max_body, Headers(scope=scope)
        echoed = {name: given[name] for name in group.echoes if name in given}
        request_id = f"req-{secrets.token_hex(8)}"
        started = False
        received = 0
        began = time.perf_counter()
        method = scope["method"] if scope["method"] in _METHODS else "other"

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:  # EP-03
                raise RequestTooLarge(limit_mb=limit // 2**20)
            return message

        async def labelled(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                headers.update(echoed | scope["state"].get("headers", {}))
                route = getattr(scope.get("route"), "path", "none")
                REQUESTS.labels(method, route, str(message["status"])).inc()
                REQUEST_SECONDS.labels(method, route).observe(time.perf_counter() - began)
            await send(message)

        try:
            declared = dict(scope["headers"]).get(b"content-length", b"0")
            if declared.isdigit() and int(declared) > limit:
                raise RequestTooLarge(limit_mb=limit // 2**20)
            with about(request_id=request_id):
                await self._app(scope, counted, labelled)
        except Exception as error:
            if started:
                raise
            if isinstance(error, RequestTooLarge):
                problem: ApiError = error
            else:
                with about(request_id=request_id):
                    _log.exception("%s %s failed", scope["method"], scope["path"])
                problem = InternalError(request_id=request_id)
            await _answer(scope["path"], problem)(scope, receive, labelled)
