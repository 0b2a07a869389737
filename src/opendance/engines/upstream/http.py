"""HTTP to an upstream: which failures leave it open whether something was done there, and which do not."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, ClassVar, cast
from urllib.parse import quote

import httpx
from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, SecretStr

from opendance import __version__
from opendance.engines.upstream.base import Busy, NotReached, State, Unanswered, UpstreamStatus
from opendance.errors import FetchError, TaskError
from opendance.net.fetch import FetchLimits, GuardedClient, trusted
from opendance.settings import Networks

_MOST_JSON = 4 << 20  # bytes of an answer
_MOST_VIDEO = 1 << 30
_OVERLOADED = (429, 502, 503, 504)


class UpstreamOptions(BaseModel):
    """What every upstream can be told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    api_key: SecretStr | None = Field(None, description="Sent as a bearer token.")
    at_once: int = Field(8, ge=1, le=1000, description="Tasks that the upstream is given at the same time.")
    patience: float = Field(
        900.0, gt=0, description="s that a worker waits for one task; then it is asked about now and then."
    )
    poll: float = Field(5.0, gt=0, description="s between two questions how a task stands.")
    expected: float = Field(120.0, gt=0, description="s that a video usually takes, where the upstream tells none.")
    timeout: float = Field(60.0, gt=0, description="s until an answer begins.")
    ca: Path | None = Field(None, description="File with certificates (PEM) trusted beside the public ones.")
    allow: Networks = Field((), description="Networks that are not public and its videos may be fetched from.")


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: Any
    retry_after: str | None = None

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def fields(self) -> dict[str, Any]:
        """The body, if it is an object; else nothing."""
        return table(self.body)

    @property
    def overloaded(self) -> bool:
        """Whether it may be different soon, and nothing was accepted."""
        return self.status in _OVERLOADED


def table(value: Any) -> dict[str, Any]:
    """A JSON object as it is; anything else as an empty one."""
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


class UpstreamClient:
    """Speaks JSON with the service at `base_url`."""

    def __init__(self, base_url: AnyHttpUrl, options: UpstreamOptions) -> None:
        self._base = httpx.URL(str(base_url).rstrip("/") + "/")
        sent = {"User-Agent": f"Opendance/{__version__}", "Accept": "application/json"}
        if options.api_key is not None:
            sent["Authorization"] = f"Bearer {options.api_key.get_secret_value()}"
        trust = trusted(options.ca, setting="ca")
        self._http = httpx.AsyncClient(
            base_url=self._base,
            headers=sent,
            timeout=httpx.Timeout(options.timeout, connect=10.0),
            verify=True if trust is None else trust,
            follow_redirects=False,
        )
        self._fetcher = GuardedClient(options.allow, limits=FetchLimits(overall=600.0), trust=trust)

    async def close(self) -> None:
        """End every connection."""
        await self._http.aclose()
        await self._fetcher.close()

    async def ask(self, method: str, path: str, **content: Any) -> Answer:
        """One request.

        Args:
            content: as httpx takes it: `json`, `data`, `files`, `params`, `headers`.

        Raises:
            NotReached: no connection stood.
            Unanswered: it broke off, or the answer cannot be read.
        """
        try:
            async with self._http.stream(method, path, **content) as response:
                raw = bytearray()
                async for part in response.aiter_bytes():
                    raw += part
                    if len(raw) > _MOST_JSON:
                        raise Unanswered(f"its answer is larger than {_MOST_JSON >> 20} MB")
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotReached(f"it cannot be connected to ({type(error).__name__})") from None
        except httpx.HTTPError as error:
            raise Unanswered(f"it did not answer ({type(error).__name__})") from None
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            if response.is_success:
                raise Unanswered("its answer is no JSON") from None
            body = None
        return Answer(response.status_code, body, response.headers.get("Retry-After"))

    async def save(self, url: str, target: Path) -> None:
        """Download a video that the upstream made: from the upstream itself, else through the guarded client.

        Raises:
            TaskError: it cannot be had any more.
            NotReached, Unanswered: it cannot be had now.
        """
        where = self._base.join(url)
        if (where.scheme, where.host, where.port) != (self._base.scheme, self._base.host, self._base.port):
            try:
                await self._fetcher.download(str(where), target, max_bytes=_MOST_VIDEO)
            except FetchError as error:
                if error.transient:
                    raise Unanswered(error.reason) from None
                raise TaskError("generation_failed_no_content", f"the upstream's video: {error.reason}") from None
            return
        size = 0
        try:
            async with self._http.stream("GET", where, headers={"Accept": "*/*"}) as response:
                if response.status_code in _OVERLOADED or response.status_code >= 500:
                    raise Unanswered(f"it answered {response.status_code} for the video")
                if response.status_code != 200:
                    problem = f"the upstream answered {response.status_code} for its own video"
                    raise TaskError("generation_failed_no_content", problem)
                with target.open("wb") as out:
                    async for part in response.aiter_bytes():
                        size += len(part)
                        if size > _MOST_VIDEO:
                            raise TaskError("generation_failed_no_content", "the upstream's video is larger than 1 GB")
                        out.write(part)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise NotReached(f"it cannot be connected to ({type(error).__name__})") from None
        except httpx.HTTPError as error:
            raise Unanswered(f"the video broke off ({type(error).__name__})") from None


class HostedUpstream:
    """What all hosted services have in common: one address, a task at a path of its own, a video behind a link.

    Attributes:
        tasks: path of the tasks; each is below it, by its handle.
        states: what the service calls them. A word that is not among them counts as running, as clients take it.
    """

    tasks: ClassVar[str]
    states: ClassVar[dict[str, State]]

    def __init__(self, base_url: AnyHttpUrl, options: UpstreamOptions) -> None:
        self.at_once, self.patience, self.poll = options.at_once, options.patience, options.poll
        self.expected = options.expected
        self._client = UpstreamClient(base_url, options)

    async def status(self, handle: str) -> UpstreamStatus:
        """The status of the task.

        Raises:
            NotReached, Unanswered: it cannot be told now.
        """
        answer = await self._client.ask("GET", self._path_of(handle))
        if answer.status == 404:
            return UpstreamStatus("unknown")
        body = answer.fields
        if not answer.good or not body:
            raise Unanswered(f"it answered {answer.status}")
        status, progress = str(body.get("status")), body.get("progress")
        state, video, error = self.states.get(status, "running"), None, None
        if state == "completed" and (video := self._video(handle, body)) is None:
            state = "failed"
            error = TaskError("generation_failed_no_content", "the upstream completed its task without a video")
        elif state == "failed":
            error = _given_up(status) or self._failure(body)
        share = progress / 100 if isinstance(progress, int | float) else None
        return UpstreamStatus(
            state,
            progress=share,
            video=video,
            error=error,
            usage=table(body.get("usage")),
            model=body.get("model"),
        )

    def _path_of(self, handle: str) -> str:
        return f"{self.tasks}/{quote(handle, safe='')}"

    def _video(self, handle: str, body: dict[str, Any]) -> str | None:
        """Where the video of a task is that was completed; None: nowhere."""
        raise NotImplementedError

    def _failure(self, body: dict[str, Any]) -> TaskError:
        """What it means for our own task that this one failed."""
        raise NotImplementedError

    async def download(self, handle: str, status: UpstreamStatus, target: Path) -> None:
        """Save the video.

        Raises:
            TaskError, NotReached, Unanswered: as `Upstream.download`.
        """
        assert status.video is not None
        await self._client.save(status.video, target)

    async def close(self) -> None:
        """End every connection."""
        await self._client.close()

    async def _stopped(self, method: str, path: str) -> bool:
        try:
            return (await self._client.ask(method, path)).good
        except (NotReached, Unanswered):
            return False


def _given_up(status: str) -> TaskError | None:
    """What two ways to fail mean that need no word of the service."""
    if status == "expired":
        return TaskError("generation_timeout", "the upstream gave its task up: it waited too long")
    if status == "cancelled":
        return TaskError("service_error", "the upstream cancelled its task")
    return None


def overload_of(answer: Answer) -> NotReached:
    """What it means that an answer is `overloaded`: a wait that may be long for 429, else another try soon."""
    problem = f"it answered {answer.status}"
    return Busy(problem, _seconds(answer.retry_after)) if answer.status == 429 else NotReached(problem)


def _seconds(retry_after: str | None) -> float | None:
    """The seconds of a `Retry-After`, given so or as a date; None where it says nothing that can be read."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except ValueError:
        return None


def handle_of(answer: Answer) -> str:
    """The name of the task that was made.

    Raises:
        Unanswered: the answer does not tell it.
    """
    handle = answer.fields.get("id")
    if not isinstance(handle, str):
        raise Unanswered("its answer has no id")
    return handle


def refusal_of(answer: Answer) -> TaskError | None:
    """What an HTTP status alone says of a refusal that lies with the operator, not with the user's request."""
    if answer.status in (401, 403):
        return TaskError("service_unavailable", "the upstream refuses this server's key")
    if answer.status == 402:
        return TaskError("quota_exceeded", "this server's account at the upstream has no credits left")
    return None
