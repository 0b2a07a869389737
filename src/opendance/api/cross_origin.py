"""Pages of other hosts: which may ask this server from a browser (CORS)."""

from __future__ import annotations

from collections.abc import Collection

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from opendance.api.limits import HEADERS

_OF_USERS = ("/v1/", "/api/")  # operators' routes are for no page
_METHODS = ("GET", "HEAD", "POST", "PATCH", "DELETE")
_SENT = (
    "Authorization", "Content-Type", "Idempotency-Key", "If-Range", "Last-Event-ID", "Range", "X-Client-Request-Id",
)  # fmt: skip
_READ = (
    "Content-Disposition", "Content-Range", "ETag", "Idempotent-Replayed", "Retry-After", "X-Client-Request-Id",
    "X-Request-Id", *HEADERS,
)  # fmt: skip


class CrossOrigin:
    """ASGI middleware around everything: pages of these hosts may use the API of users, with keys, never with cookies.

    Args:
        origins: such as `https://app.example.com`; `*` for any.
    """

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app = app
        self._shared = CORSMiddleware(
            app, allow_origins=origins, allow_methods=_METHODS, allow_headers=_SENT, expose_headers=_READ
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_of_users = scope["type"] == "http" and scope["path"].startswith(_OF_USERS)
        await (self._shared if is_of_users else self._app)(scope, receive, send)
