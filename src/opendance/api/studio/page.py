"""The Studio's page, and the files that it loads. The page is one for all of its paths: which of them is shown is its
own affair."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Match, Route
from starlette.types import Scope

from opendance.api.state import state_of
from opendance.errors import RouteNotFound
from opendance.settings import Settings
from opendance.storage import Storage
from opendance.studio import ASSETS, PAGE, STATIC

PAGES = (
    "/",
    "/create",
    "/queue",
    "/library",
    "/library/{task_id}",
    "/files",
    "/usage",
    "/keys",
    "/callbacks",
    "/settings",
)
_OF_ADMIN = ("accounts", "groups", "keys", "tasks", "queue", "engines", "callbacks", "audit", "server")
ADMIN_PAGES = ("/admin", *(f"/admin/{name}" for name in _OF_ADMIN))
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".webmanifest": "application/manifest+json",
}
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*){0,3}")
_HASHED = re.compile(r"-[A-Za-z0-9_-]{8,40}\.[A-Za-z0-9]{1,10}(?:\.[A-Za-z0-9]{1,10})?$")
_FOR_EVER = "public, max-age=31536000, immutable"
_OF_FILES = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
_NOT_BUILT = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Opendance</title><h1>Opendance</h1>"
    "<p>The server works; its page, the Studio, is not built here.</p>"
    "<p>In a checkout, <code>make studio-page</code> builds it: that needs npm's registry and Node.js 20.19 or newer, "
    "which pip brings where there is none. Releases come with it.</p>"
    "<p><a href=/docs>The API</a></p></html>"
)


def add_studio(app: FastAPI, settings: Settings) -> None:
    """Serve the page at its paths, to browsers that ask for pages; every other request is as if it were not there."""
    admin_port = settings.admin_port
    for path in (*PAGES, *ADMIN_PAGES):
        only_at = admin_port if path in ADMIN_PAGES else None
        app.router.routes.append(_PageRoute(path, _page, only_at))
    app.router.routes.append(Route("/assets/{name:path}", _asset, methods=["GET", "HEAD"], include_in_schema=False))


class _PageRoute(Route):
    """Fits only where a browser asks for a page.

    Args:
        only_at: the port that it must come to; None for any.
    """

    def __init__(self, path: str, endpoint: Callable[[Request], Awaitable[Response]], only_at: int | None) -> None:
        super().__init__(path, endpoint, methods=["GET", "HEAD"], include_in_schema=False)
        self._only_at = only_at

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the request is for this page."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or not _wants_page(scope):
            return Match.NONE, {}
        at = scope.get("server")
        if self._only_at is not None and (at is None or at[1] != self._only_at):
            return Match.NONE, {}
        return super().matches(scope)


def _wants_page(scope: Scope) -> bool:
    return any(name == b"accept" and b"text/html" in value.lower() for name, value in scope["headers"])


async def _page(request: Request) -> Response:
    state = state_of(request)
    headers = page_headers(await _store_origin(state.storage))
    content = await asyncio.to_thread(_content_of, STATIC / PAGE)
    if content is None:
        return HTMLResponse(_NOT_BUILT, status_code=503, headers=headers | {"Cache-Control": "no-store"})
    tag = _tag(content)
    headers |= {"Cache-Control": "no-cache", "ETag": tag}
    if _is_known(request, tag):
        return Response(status_code=304, headers=headers)
    return HTMLResponse(content, headers=headers)


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    path = STATIC / ASSETS / name
    if not _NAME.fullmatch(name) or path.suffix not in _TYPES or not await asyncio.to_thread(path.is_file):
        raise RouteNotFound(path=request.url.path[:200])
    headers = dict(_OF_FILES)
    packed = path.with_name(path.name + ".gz")
    if await asyncio.to_thread(packed.is_file):
        headers["Vary"] = "Accept-Encoding"
    if "Vary" in headers and "gzip" in request.headers.get("accept-encoding", ""):
        path, headers["Content-Encoding"] = packed, "gzip"
    media_type = _TYPES[Path(name).suffix]
    if _HASHED.search(name):
        return FileResponse(path, media_type=media_type, headers=headers | {"Cache-Control": _FOR_EVER})
    content = await asyncio.to_thread(_content_of, path)
    tag = _tag(content or b"")
    headers |= {"Cache-Control": "no-cache", "ETag": tag}
    if _is_known(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def page_headers(store: str | None) -> dict[str, str]:
    """What goes with the page: nothing of it comes from elsewhere, and it is part of no other page.

    Args:
        store: the origin of the object store that hands out results; None where this server does.
    """
    pictures = "'self' blob:" + (f" {store}" if store else "")
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": pictures,
        "media-src": pictures,
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "svelte-trusted-html ProseMirrorClipboard",
    }
    return {
        "Content-Security-Policy": _written(policy),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), usb=()",
    }


def _written(policy: Mapping[str, str]) -> str:
    return "; ".join(f"{directive} {value}" for directive, value in policy.items())


async def _store_origin(storage: Storage) -> str | None:
    """Where the object store hands out results, as it signs its links."""
    link = await storage.presigned("results/page", 60.0)
    if link is None:
        return None
    split = urlsplit(link)
    return f"{split.scheme}://{split.netloc}"


def _content_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _is_known(request: Request, tag: str) -> bool:
    """Whether the browser has what has this tag."""
    return tag in (each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(","))
