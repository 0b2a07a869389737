"""The client: create, follow, download. The same calls work against the hosted service."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import httpx
from httpx_sse import SSEError, connect_sse

_POLL_EVERY = 3.0  # s, where there is no event stream
_RESUME_AFTER = 1.0  # s, after an event stream that ended before the task
_DOWNLOAD_TIMEOUT = 60.0  # s without a byte
_TERMINAL = ("completed", "failed", "cancelled")


class ApiProblem(Exception):
    """The server refused, or cannot be reached.

    Attributes:
        status: HTTP status, 0 where there was no answer.
        code: error code of the answer.
    """

    def __init__(self, message: str, *, status: int = 0, code: str = "unreachable") -> None:
        super().__init__(message)
        self.message, self.status, self.code = message, status, code


class _Bearer(httpx.Auth):
    """The key of every call, which a link to a result does without."""

    def __init__(self, api_key: str) -> None:
        self._header = f"Bearer {api_key}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        request.headers["Authorization"] = self._header
        yield request


class Client:
    """Calls one server with one key.

    Args:
        timeout: s without an answer until a call is given up.
        transport: what carries the requests; the network where none is given.

    Raises:
        ApiProblem: the address is none, or the key cannot be one.
    """

    def __init__(
        self, base_url: str, api_key: str, *, timeout: float = 60.0, transport: httpx.BaseTransport | None = None
    ) -> None:
        if not (api_key.isascii() and api_key.isprintable()):
            raise ApiProblem("the API key has characters that no key has: is it copied whole?", code="invalid_key")
        try:
            self._http = httpx.Client(
                base_url=base_url, auth=_Bearer(api_key), timeout=timeout, follow_redirects=True, transport=transport
            )
        except httpx.InvalidURL as error:
            raise ApiProblem(f"{base_url} is no address of a server: {error}", code="invalid_url") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """Start a video and give its task.

        Raises:
            ApiProblem: the request was refused.
        """
        return self._call("POST", "/v1/videos/generations", json=request)

    def task(self, task_id: str) -> dict[str, Any]:
        """The task as it stands."""
        return self._call("GET", f"/v1/tasks/{task_id}")

    def cancel(self, task_id: str) -> dict[str, Any]:
        """Stop the task."""
        return self._call("POST", f"/v1/tasks/{task_id}/cancel")

    def upload(self, path: Path) -> str:
        """Upload a local file and give the URL to name it by; it works for 72 hours.

        Raises:
            ApiProblem: the server refused it.
            OSError: it cannot be read.
        """
        with path.open("rb") as file:
            answer = self._call("POST", "/api/v1/files/upload/stream", files={"file": (path.name, file)})
        return answer["data"]["file_url"]

    def follow(self, task_id: str) -> Generator[dict[str, Any]]:
        """Every change of the task until it ends: by its event stream, or by asking where a server has none."""
        last = ""
        while True:
            headers = {"Last-Event-ID": last} if last else {}
            try:
                with connect_sse(self._http, "GET", f"/v1/tasks/{task_id}/events", headers=headers) as source:
                    if source.response.status_code != 200:
                        break
                    for event in source.iter_sse():
                        last = event.id or last
                        if not event.data:  # a sign of life
                            continue
                        task = event.json()
                        yield task
                        if task["status"] in _TERMINAL:
                            return
            except SSEError:  # a page of something else
                break
            except httpx.TransportError as error:
                if not last:
                    raise self._unreachable(error) from None
            time.sleep(_RESUME_AFTER)
        while True:
            task = self.task(task_id)
            yield task
            if task["status"] in _TERMINAL:
                return
            time.sleep(_POLL_EVERY)

    def download(self, url: str, target: Path, on_progress: Callable[[int], None] | None = None) -> None:
        """Save what is behind a link of `results`; the file appears only once it is whole.

        Args:
            on_progress: told the bytes of each piece.

        Raises:
            ApiProblem: it did not arrive whole.
            OSError: it cannot be written.
        """
        part = target.with_name(target.name + ".part")
        try:
            # The link permits by itself: the key is for nobody but the server, and a link may lead elsewhere.
            with self._http.stream("GET", url, auth=None, timeout=_DOWNLOAD_TIMEOUT) as response:
                if response.status_code != 200:
                    raise ApiProblem(
                        f"the result cannot be downloaded: HTTP {response.status_code}",
                        status=response.status_code,
                        code="download",
                    )
                with part.open("wb") as out:
                    for chunk in response.iter_bytes():
                        out.write(chunk)
                        if on_progress is not None:
                            on_progress(len(chunk))
            part.replace(target)
        except httpx.RequestError as error:
            raise ApiProblem(f"the result cannot be downloaded: {error}") from None
        finally:
            part.unlink(missing_ok=True)

    def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        try:
            response = self._http.request(method, path, **options)
        except httpx.RequestError as error:
            raise self._unreachable(error) from None
        try:
            body: object = response.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise ApiProblem(
                f"HTTP {response.status_code} without a JSON object: is this the right address?",
                status=response.status_code,
                code="not_json",
            )
        answer = cast(dict[str, Any], body)
        if response.status_code >= 400:
            raise _refusal(response.status_code, answer)
        return answer

    def _unreachable(self, error: httpx.RequestError) -> ApiProblem:
        return ApiProblem(f"{self._http.base_url} does not answer: {error}")


def _refusal(status: int, body: dict[str, Any]) -> ApiProblem:
    """What a refusal says: in the form of the API, of its upload calls, or of whatever answers before the server."""
    error: object = body.get("error")
    facts = cast(dict[str, object], error) if isinstance(error, dict) else {}
    messages: list[object] = [facts.get("message"), body.get("msg"), error, body.get("detail")]
    said = (text for text in messages if isinstance(text, str) and text.strip())
    words = next(said, f"HTTP {status} without a reason")
    code = facts.get("code")
    return ApiProblem(words, status=status, code=code if isinstance(code, str) else "?")
