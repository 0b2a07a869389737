"""The client: create, follow, download. The same calls work against the hosted service."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

import httpx
from httpx_sse import SSEError, connect_sse

_POLL_EVERY = 3.0  # s, where there is no event stream
_RESUME_AFTER = 1.0  # s, after an event stream that ended before the task
_DOWNLOAD_TIMEOUT = 60.0  # s without a byte
_SILENCE = 60.0  # s without a word in an event stream, in which a server gives signs of life
PATIENCE = 30.0  # s without any answer, until a server counts as gone
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


class ServerGone(ApiProblem):
    """The server answered before, and does so no more."""


class _NoStream(Exception):
    """The server has no event stream for the task."""


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
        if problem := _not_an_address(base_url):
            raise ApiProblem(f"{base_url} is no address of a server: {problem}", code="invalid_url")
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

    def create(self, request: dict[str, Any], *, once: str | None = None) -> dict[str, Any]:
        """Start a video and give its task.

        Args:
            once: a name of the request: asked again with the same, the server gives the same task.

        Raises:
            ApiProblem: the request was refused.
        """
        headers = {} if once is None else {"Idempotency-Key": once}
        return self._call("POST", "/v1/videos/generations", json=request, headers=headers)

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

    def ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """The answer of any other call, as JSON.

        Args:
            options: as httpx has them: `params`, `json`.

        Raises:
            ApiProblem: the request was refused.
        """
        return self._call(method, path, **options)

    def follow(self, task_id: str, *, patience: float = PATIENCE) -> Generator[dict[str, Any]]:
        """Every change of the task until it ends: by its event stream, or by asking where a server has none.

        Args:
            patience: s without any answer until the server counts as gone; one that restarts is back by then.

        Raises:
            ServerGone: nobody answers any more.
            ApiProblem: the server refuses to tell.
        """
        last, streams, answered = "", True, False
        lost: float | None = None  # since when nobody answers
        while True:
            try:
                for event_id, task in self._events(task_id, last) if streams else self._asked(task_id):
                    answered, lost, last = True, None, event_id or last
                    if task is None:  # a sign of life
                        continue
                    yield task
                    if task["status"] in _TERMINAL:
                        return
                time.sleep(_RESUME_AFTER if streams else _POLL_EVERY)
            except (SSEError, _NoStream):
                streams = False
            except (httpx.TransportError, ApiProblem) as error:
                if isinstance(error, ApiProblem) and 0 < error.status < 500:
                    raise
                if not answered:
                    raise self._unreachable(error) if isinstance(error, httpx.TransportError) else error from None
                lost = time.monotonic() if lost is None else lost
                if time.monotonic() - lost >= patience:
                    raise ServerGone(f"{self._http.base_url} answers no more: {error}") from None
                time.sleep(_RESUME_AFTER)

    def _asked(self, task_id: str) -> Generator[tuple[str, dict[str, Any] | None]]:
        yield "", self.task(task_id)

    def _events(self, task_id: str, last: str) -> Generator[tuple[str, dict[str, Any] | None]]:
        """Events with their ids; None is a sign of life."""
        headers = {"Last-Event-ID": last} if last else {}
        path, timeout = f"/v1/tasks/{task_id}/events", httpx.Timeout(_SILENCE)
        with connect_sse(self._http, "GET", path, headers=headers, timeout=timeout) as source:
            if source.response.status_code != 200:
                raise _NoStream
            yield "", None
            for event in source.iter_sse():
                yield event.id, event.json() if event.data else None

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
            with part.open("wb") as out:
                self.download_into(url, out, on_progress)
            part.replace(target)
        finally:
            if part.is_file():
                part.unlink()

    def download_into(self, url: str, out: BinaryIO, on_progress: Callable[[int], None] | None = None) -> None:
        """Write what is behind a link of `results` into an open file.

        Args:
            on_progress: told the bytes of each piece.

        Raises:
            ApiProblem: it did not arrive whole.
            OSError: it cannot be written.
        """
        try:
            # The link permits by itself: the key is for nobody but the server, and a link may lead elsewhere.
            with self._http.stream("GET", url, auth=None, timeout=_DOWNLOAD_TIMEOUT) as response:
                if response.status_code != 200:
                    raise ApiProblem(
                        f"the result cannot be downloaded: HTTP {response.status_code}",
                        status=response.status_code,
                        code="download",
                    )
                for chunk in response.iter_bytes():
                    out.write(chunk)
                    if on_progress is not None:
                        on_progress(len(chunk))
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise ApiProblem(f"the result cannot be downloaded: {error}") from None

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


def _not_an_address(url: str) -> str | None:
    """What is wrong with the address of a server; None where nothing is seen."""
    if not url.lower().startswith(("http://", "https://")):
        return "it begins with http:// or https://, such as http://127.0.0.1:8000"
    if url.rstrip("/").endswith("/v1"):
        return f"leave /v1 out: {url.rstrip('/').removesuffix('/v1')}"
    return None


def _refusal(status: int, body: dict[str, Any]) -> ApiProblem:
    """What a refusal says: in the form of the API, of its upload calls, or of whatever answers before the server."""
    error: object = body.get("error")
    facts = cast(dict[str, object], error) if isinstance(error, dict) else {}
    messages: list[object] = [facts.get("message"), body.get("msg"), error, body.get("detail")]
    said = (text for text in messages if isinstance(text, str) and text.strip())
    words = next(said, f"HTTP {status} without a reason")
    code = facts.get("code")
    return ApiProblem(words, status=status, code=code if isinstance(code, str) else "?")
