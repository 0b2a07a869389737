"""The cookie of a session, and what a request that carries one must show: that it comes from the Studio's own page.

A browser sends a cookie with whatever asks for this server. So it counts only under names of this server that nobody
else can give an address of theirs to, and what changes something must come from a page of this very origin and bring
a word that no other page can read.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from urllib.parse import urlsplit

from fastapi import Request
from starlette.responses import Response

from opendance.api.state import state_of
from opendance.errors import Misdirected, RequestForged

CSRF_HEADER = "X-Opendance-CSRF"
_COOKIE = "opendance"
_CHANGES_NOTHING = ("GET", "HEAD")
_SHOWN = 80  # letters of a name


def is_secure(request: Request) -> bool:
    """Whether the browser reaches this server by https, as far as the request and `public_url` tell."""
    public = urlsplit(state_of(request).settings.public_url or "")
    return request.url.scheme == "https" or (public.scheme == "https" and public.hostname == _host(request))


def cookie_name(request: Request) -> str:
    """What the cookie is called for the address that the browser uses: cookies do not know ports, but names may."""
    if is_secure(request):
        return f"__Host-{_COOKIE}"
    return f"{_COOKIE}-{_split(request).port or 80}"


def token_of(request: Request) -> str | None:
    """The token in the cookie."""
    return request.cookies.get(cookie_name(request))


def set_cookie(request: Request, response: Response, token: str, *, seconds: float) -> None:
    """Have the browser keep the token, where no script can read it and no other page can send it along.

    Args:
        seconds: how long it keeps it.
    """
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=int(seconds),
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="strict",
    )


def remove_cookie(request: Request, response: Response) -> None:
    """Have the browser forget it."""
    response.delete_cookie(cookie_name(request), path="/", secure=is_secure(request), httponly=True, samesite="strict")


def csrf_of(token: str) -> str:
    """The word that the page of this session sends along with what changes something."""
    return hmac.new(token.encode(), b"opendance csrf", hashlib.sha256).hexdigest()


def check_host(request: Request) -> None:
    """That the browser came by a name that cannot have been led here by somebody else.

    Raises:
        Misdirected: it did not.
    """
    settings, name = state_of(request).settings, _host(request)
    public = urlsplit(settings.public_url or "").hostname
    if name in ("localhost", public) or _is_address(name):
        return
    if not any(name == own or (own.startswith("*.") and name.endswith(own[1:])) for own in settings.hosts):
        raise Misdirected(host=name[:_SHOWN] or "(none)")


def check_same_origin(request: Request) -> None:
    """That a page of this very origin sent it; browsers say so in headers that no page can set.

    Raises:
        RequestForged: another one did, or nothing tells.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None and site != "same-origin":
        raise RequestForged(problem=f"Sec-Fetch-Site: the request comes from a page that is {site[:_SHOWN]}")
    if origin is None:
        if site is None:
            raise RequestForged(problem="Origin: it is missing, so nothing tells which page sent the request")
    elif not _is_ours(request, origin):
        raise RequestForged(problem=f"Origin: {origin[:_SHOWN]} is another page's")


def check_forgery(request: Request, token: str) -> None:
    """That a request which changes something comes from the page of this session.

    Raises:
        RequestForged: it does not.
    """
    if request.method in _CHANGES_NOTHING:
        return
    check_same_origin(request)
    given = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode(), csrf_of(token).encode()):
        raise RequestForged(problem=f"{CSRF_HEADER}: it is missing, or not the one of this session")


def _is_ours(request: Request, origin: str) -> bool:
    given, own = urlsplit(origin), _split(request)
    if given.scheme not in ("http", "https") or given.hostname != own.hostname:
        return False
    scheme = "https" if is_secure(request) else "http"
    usual = {"http": 80, "https": 443}
    try:
        return given.scheme == scheme and (given.port or usual[scheme]) == (own.port or usual[scheme])
    except ValueError:
        return False


def _split(request: Request) -> SplitHost:
    return SplitHost(request.headers.get("host", ""))


class SplitHost:
    """The name and the port of a header Host; the border has looked at its form."""

    def __init__(self, host: str) -> None:
        try:
            split = urlsplit(f"//{host}")
            self.hostname, self.port = (split.hostname or "").lower(), split.port
        except ValueError:
            self.hostname, self.port = "", None


def _host(request: Request) -> str:
    return _split(request).hostname


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
