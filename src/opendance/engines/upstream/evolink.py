"""Another server of this very API: the hosted one, or an Opendance behind this one."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from pydantic import AnyHttpUrl, Field

from opendance.asset import Asset
from opendance.catalog import FRAME_RATE, Mode
from opendance.engines.upstream.base import NotReached, State, Unanswered, UpstreamRequest
from opendance.engines.upstream.http import (
    Answer,
    HostedUpstream,
    UpstreamClient,
    UpstreamOptions,
    handle_of,
    overload_of,
    refusal_of,
    table,
)
from opendance.engines.upstream.media import examined_file
from opendance.errors import TASK_ERROR_CODES, TaskError
from opendance.job import Job

_MOST_UPLOADED = 1000  # files whose URLs are remembered
_LISTS = (("image", "image_urls"), ("video", "video_urls"), ("audio", "audio_urls"))
# The hosted API takes uploads at another host than requests: pictures only, one at a time.
_FILE_HOSTS = {"api.evolink.ai": "https://files-api.evolink.ai"}


class EvolinkOptions(UpstreamOptions):
    """Where it is, and what it may be told beyond the published API."""

    base_url: AnyHttpUrl = Field(description="Its address, such as https://video.example.com.")
    files_url: AnyHttpUrl | None = Field(
        None, description="Where files are uploaded to; default: its files host where it has one, else base_url."
    )
    seed: bool = Field(False, description="Send model_params.seed, which Opendance knows and the hosted API may not.")


class Evolink(HostedUpstream):
    """A client of the API that this server speaks itself."""

    tasks = "v1/tasks"
    states: ClassVar[dict[str, State]] = {
        "pending": "queued", "processing": "running", "completed": "completed",
        "failed": "failed", "cancelled": "failed",
    }  # fmt: skip

    def __init__(self, options: EvolinkOptions) -> None:
        super().__init__(options.base_url, options)
        hosted = _FILE_HOSTS.get(options.base_url.host or "")
        files_url = options.files_url or (None if hosted is None else AnyHttpUrl(hosted))
        self._files = self._client if files_url is None else UpstreamClient(files_url, options)
        self._takes_pictures_only = files_url is not None
        self.takes_seed = options.seed
        self._uploaded: dict[tuple[str, str, int], str] = {}

    async def create(self, job: Job, request: UpstreamRequest) -> str:
        """Ask for the clip; `Idempotency-Key` makes a repetition give the same task.

        Raises:
            TaskError: it refuses.
            NotReached, Unanswered: as `Upstream.create`.
        """
        body: dict[str, Any] = {
            "model": job.model,
            "prompt": job.plan.prompt_with_facts,
            "duration": job.num_frames // FRAME_RATE,
            "quality": job.quality.value,
            "aspect_ratio": job.plan.aspect_ratio,
            "generate_audio": job.generate_audio,
            "content_filter": job.content_filter,
        }
        if self.takes_seed:
            body["model_params"] = {"seed": job.seed}
        if job.mode is not Mode.TEXT:
            for kind, name in _LISTS:
                urls = [await self._url(asset, request) for asset in job.assets if asset.kind == kind]
                if urls:
                    body[name] = urls
        if request.callback_url is not None:
            body["callback_url"] = request.callback_url
        answer = await self._client.ask(
            "POST", "v1/videos/generations", json=body, headers={"Idempotency-Key": request.key}
        )
        if not answer.good:
            raise _refusal(answer)
        return handle_of(answer)

    async def _url(self, asset: Asset, request: UpstreamRequest) -> str:
        """A URL that it can read: of ours, else of the file that we upload to it."""
        if (url := await request.asset_url(asset)) is not None:
            return url
        if self._takes_pictures_only and asset.kind != "image":
            where = f"this server has no address that the upstream can read {asset.kind}s from"
            raise TaskError("service_unavailable", f"{where}: its operator can set public_url")
        # Whoever asks once more under the same key must ask for the same: another upload has another URL.
        place = (request.key, asset.kind, asset.number)
        if (known := self._uploaded.get(place)) is not None:
            return known
        file = await asyncio.to_thread(examined_file, asset)
        content = await asyncio.to_thread(file.path.read_bytes)
        answer = await self._files.ask(
            "POST", "api/v1/files/upload/stream", files={"file": (file.name, content, file.media_type)}
        )
        data = table(answer.fields.get("data"))
        if not answer.good or not data.get("file_url"):
            raise NotReached(f"it answered {answer.status} for an uploaded file")
        self._uploaded[place] = str(data["file_url"])
        while len(self._uploaded) > _MOST_UPLOADED:
            del self._uploaded[next(iter(self._uploaded))]
        return self._uploaded[place]

    async def close(self) -> None:
        """End every connection."""
        await super().close()
        if self._files is not self._client:
            await self._files.close()

    async def find(self, request: UpstreamRequest) -> str | None:
        """Nothing to look for: asking again with the same key gives the task that is there."""
        return None

    def _video(self, handle: str, body: dict[str, Any]) -> str | None:
        results = body.get("results")
        return str(results[0]) if results else None

    def _failure(self, body: dict[str, Any]) -> TaskError:
        reason = table(body.get("error"))
        code, message = str(reason.get("code")), str(reason.get("message", ""))
        if code == "request_cancelled":
            return TaskError("service_error", "the upstream cancelled its task")
        if code not in TASK_ERROR_CODES:
            code = "unknown_error"
        return TaskError(code, f"the upstream: {message or 'it gave no reason'}")

    async def cancel(self, handle: str) -> bool:
        """Ask to stop; a server without that route lets it run on."""
        return await self._stopped("POST", f"{self._path_of(handle)}/cancel")


def _refusal(answer: Answer) -> Exception:
    """What an answer that is no success means for our own task."""
    error = table(answer.fields.get("error"))
    message = str(error.get("message", ""))
    if answer.overloaded:
        return overload_of(answer)
    if answer.status >= 500:
        return Unanswered(f"it answered {answer.status}")
    code = error.get("code")
    if code == "model_access_denied":
        return TaskError("service_unavailable", "the upstream does not offer this model to this server")
    if (known := refusal_of(answer)) is not None:
        return known
    if code in TASK_ERROR_CODES:
        return TaskError(code, f"the upstream refuses: {message}")
    return TaskError("invalid_parameters", f"the upstream refuses: {message or f'it answered {answer.status}'}")
