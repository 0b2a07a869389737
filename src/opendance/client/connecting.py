"""What both clients are to a server: its address, the key, how answers are read, and what is sent again."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any, cast

import httpx

from opendance.client.calls import Call
from opendance.client.errors import ApiProblem, RateLimited, Unauthorized, no_answer, refusal

ADDRESS, API_KEY = "OPENDANCE_BASE_URL", "OPENDANCE_API_KEY"
DOWNLOAD_TIMEOUT = 60.0  # s without a byte
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0  # s
_MAY_PASS = (408, 500, 502, 503, 504)


class Bearer(httpx.Auth):
    """The key of every call, which a link to a result does without."""

    def __init__(self, api_key: str) -> None:
        self._header = f"Bearer {api_key}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        request.headers["Authorization"] = self._header
        yield request


def options_of(base_url: str | None, api_key: str | None, timeout: float) -> dict[str, Any]:
    """What an httpx client is made with.

    Args:
        base_url, api_key: None for OPENDANCE_BASE_URL and OPENDANCE_API_KEY.

    Raises:
        ApiProblem: the address is none, or the key cannot be one.
    """
    address, key = base_url or os.environ.get(ADDRESS, ""), api_key or os.environ.get(API_KEY, "")
    if not key:
        raise Unauthorized(f"there is no API key; give api_key, or set {API_KEY}", code="invalid_key")
    if not (key.isascii() and key.isprintable()):
        raise ApiProblem("the API key has characters that no key has: is it copied whole?", code="invalid_key")
    if problem := _not_an_address(address):
        raise ApiProblem(f"{address} is no address of a server: {problem}", code="invalid_url")
    try:
        httpx.URL(address)
    except httpx.InvalidURL as error:
        raise ApiProblem(f"{address} is no address of a server: {error}", code="invalid_url") from None
    return {"base_url": address, "auth": Bearer(key), "timeout": timeout, "follow_redirects": True}


def request_of(call: Call[Any]) -> dict[str, Any]:
    """The arguments of a call to httpx, but for its file."""
    sent: dict[str, Any] = {"params": dict(call.params), "headers": dict(call.headers)}
    return sent if call.json is None else sent | {"json": call.json}


def answer_of(response: httpx.Response) -> dict[str, Any]:
    """The answer, which has been read.

    Raises:
        ApiProblem: it is a refusal, or none of the API.
    """
    try:
        body: object = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise no_answer(response.status_code)
    answer = cast(dict[str, Any], body)
    if response.status_code >= 400:
        raise refusal(response.status_code, answer, response.headers)
    return answer


def picture_of(response: httpx.Response) -> bytes:
    """What a picture's route gave.

    Raises:
        ApiProblem: it is no picture.
    """
    if response.is_success and response.headers.get("content-type", "").startswith("image/"):
        return response.content
    answer_of(response)
    raise no_answer(response.status_code)


def pause_before_again(call: Call[Any], error: Exception, attempt: int) -> float | None:
    """How long to pause before a call is sent again, s; None where it is not.

    What could be paid twice is not: a call that is not known again by its key is only sent again where it never
    arrived, or was refused before anything was done.

    Args:
        error: what came of the attempt.
        attempt: its number, from 0.
    """
    pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)
    if isinstance(error, RateLimited):
        return None if (error.retry_after or 0.0) > _LONGEST_PAUSE else max(pause, error.retry_after or 0.0)
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return pause
    may_pass = isinstance(error, httpx.TransportError) or (isinstance(error, ApiProblem) and error.status in _MAY_PASS)
    return pause if call.once and may_pass else None


def _not_an_address(url: str) -> str | None:
    """What is wrong with the address of a server; None where nothing is seen."""
    if not url.lower().startswith(("http://", "https://")):
        return "it begins with http:// or https://, such as http://127.0.0.1:8000"
    if url.rstrip("/").endswith("/v1"):
        return f"leave /v1 out: {url.rstrip('/').removesuffix('/v1')}"
    return None
