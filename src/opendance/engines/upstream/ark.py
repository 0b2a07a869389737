"""The hosted original: `contents/generations/tasks` of Volcengine Ark (China) and BytePlus ModelArk (elsewhere).

Sources: the published API reference (volcengine.com/docs/82379/1520757 and /1099476 for error codes,
docs.byteplus.com/en/docs/ModelArk/1520757) and the request and answer models of the official package
volcengine-ark-runtime.
"""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar, Literal

from pydantic import AnyHttpUrl, Field

from opendance.catalog import FRAME_RATE, Mode, Tier
from opendance.engines.upstream.base import State, Unanswered, UpstreamRequest
from opendance.engines.upstream.http import (
    Answer,
    HostedUpstream,
    UpstreamOptions,
    handle_of,
    overload_of,
    refusal_of,
    table,
)
from opendance.engines.upstream.media import url_of
from opendance.errors import TaskError
from opendance.job import Job

FAMILIES = ("doubao", "dreamina")  # what its model ids begin with in China, and elsewhere
_REGIONS = {
    "china": ("https://ark.cn-beijing.volces.com/api/v3", FAMILIES[0]),
    "international": ("https://ark.ap-southeast.bytepluses.com/api/v3", FAMILIES[1]),
}
MODEL_NAMES = {
    Tier.STANDARD: "seedance-2-0-260128",
    Tier.FAST: "seedance-2-0-fast-260128",
    Tier.MINI: "seedance-2-0-mini-260615",
}
_LEAST_EXPIRES = 3600  # s, the least that Ark takes
_ASKED_FOR = 900.0  # s: so long a request is repeated until it is answered
_SPREAD = 80_000  # s: so many requests of one account are told apart
_FIND_PAGES = 5  # of 100 tasks each, newest first


class ArkOptions(UpstreamOptions):
    """Which region, and which of its models stands for each tier."""

    region: Literal["china", "international"] = Field("international", description="Whose key it is.")
    base_url: AnyHttpUrl | None = Field(None, description="Another address than the region's.")
    models: dict[Tier, str] = Field(
        default_factory=dict[Tier, str],
        description="Model or endpoint id of each tier; default: the region's.",
    )
    expires: int = Field(172_800, ge=3600, le=259_200, description="s after which the upstream gives a task up.")
    watermark: bool = Field(False, description="Whether the upstream draws its mark into the picture.")
    seed: bool = Field(False, description="Send the seed: Seedance 2.0 takes none there, other endpoints may.")


class Ark(HostedUpstream):
    """A client of Ark."""

    tasks = "contents/generations/tasks"
    states: ClassVar[dict[str, State]] = {
        "queued": "queued", "running": "running", "succeeded": "completed",
        "failed": "failed", "expired": "failed", "cancelled": "failed",
    }  # fmt: skip

    def __init__(self, options: ArkOptions) -> None:
        address, family = _REGIONS[options.region]
        self._models = {tier: f"{family}-{name}" for tier, name in MODEL_NAMES.items()} | options.models
        self._options = options
        self.takes_seed = options.seed
        super().__init__(options.base_url or AnyHttpUrl(address), options)

    async def create(self, job: Job, request: UpstreamRequest) -> str:
        """Ask for the clip.

        Raises:
            TaskError: it refuses.
            NotReached, Unanswered: as `Upstream.create`.
        """
        if job.tier not in self._models:
            problem = f"the upstream has no model for the tier {job.tier.value}: name one in engine.ark.models"
            raise TaskError("service_unavailable", problem)
        body: dict[str, Any] = {
            "model": self._models[job.tier],
            "content": await _content(job, request),
            "ratio": job.plan.aspect_ratio,
            "resolution": job.quality.value,
            "duration": job.num_frames // FRAME_RATE,
            "generate_audio": job.generate_audio,
            "watermark": self._options.watermark,
            "execution_expires_after": _expires(request, self._options.expires),
            "safety_identifier": _safety_identifier(request),
        }
        if self._options.seed:
            body["seed"] = job.seed % 2**32
        if request.callback_url is not None:
            body["callback_url"] = request.callback_url
        answer = await self._client.ask("POST", self.tasks, json=body)
        if not answer.good:
            raise _refusal(answer)
        return handle_of(answer)

    async def find(self, request: UpstreamRequest) -> str | None:
        """Look through the newest tasks of the same account for the one that expires as this request says.

        Ark itself knows no idempotency, and tells both back.

        Raises:
            NotReached, Unanswered: it cannot be told now.
        """
        for page in range(1, _FIND_PAGES + 1):
            answer = await self._client.ask("GET", self.tasks, params={"page_num": page, "page_size": 100})
            if not answer.good or not isinstance(answer.fields.get("items"), list):
                raise Unanswered(f"it answered {answer.status} for its list of tasks")
            items = [table(item) for item in answer.fields["items"]]
            for item in items:
                if self._is_of(request, item):
                    return str(item["id"])
            if len(items) < 100:
                return None
        return None

    def _is_of(self, request: UpstreamRequest, item: dict[str, Any]) -> bool:
        """Whether a task in the list was asked for by this request, about when it was."""
        at, created = (request.submission.at if request.submission is not None else 0.0), item.get("created_at")
        return (
            item.get("execution_expires_after") == _expires(request, self._options.expires)
            and (not request.user or item.get("safety_identifier") == _safety_identifier(request))
            and (not at or not isinstance(created, int) or at - _ASKED_FOR <= created <= at + _ASKED_FOR)
        )

    def _video(self, handle: str, body: dict[str, Any]) -> str | None:
        return table(body.get("content")).get("video_url") or None

    def _failure(self, body: dict[str, Any]) -> TaskError:
        error = table(body.get("error"))
        code, message = str(error.get("code", "")), str(error.get("message", ""))
        return _by_code(code, message) or TaskError("unknown_error", f"the upstream: {message or 'it gave no reason'}")

    async def cancel(self, handle: str) -> bool:
        """Ark stops a task only while it is queued."""
        return await self._stopped("DELETE", self._path_of(handle))


def _safety_identifier(request: UpstreamRequest) -> str:
    """The same for all that one account asks, as Ark wants it; it tells nothing of whose it is."""
    return hashlib.sha256((request.user or request.key).encode()).hexdigest()[:32]


def _expires(request: UpstreamRequest, most: int) -> int:
    """s after which the upstream gives the task up: of each request another number, by which it is found again."""
    spread = min(_SPREAD, most - _LEAST_EXPIRES)
    return most - (int(hashlib.sha256(request.key.encode()).hexdigest(), 16) % spread if spread > 0 else 0)


async def _content(job: Job, request: UpstreamRequest) -> list[dict[str, Any]]:
    """Prompt and media in Ark's order, with the role of each."""
    content: list[dict[str, Any]] = [{"type": "text", "text": job.plan.prompt_with_facts}]
    for asset in job.assets:
        role = job.plan.role_of(asset.kind, asset.number) if job.mode is Mode.IMAGE else f"reference_{asset.kind}"
        kind = f"{asset.kind}_url"
        content.append({"type": kind, kind: {"url": await url_of(asset, request)}, "role": role})
    return content


def _refusal(answer: Answer) -> Exception:
    """What an answer that is no success means for our own task."""
    error = table(answer.fields.get("error"))
    code, message = str(error.get("code", "")), str(error.get("message", ""))
    known = _by_code(code, message)
    if known is not None and known.code not in ("service_error", "service_unavailable"):
        return known
    if answer.overloaded:
        return overload_of(answer)
    if answer.status >= 500:
        return Unanswered(f"it answered {answer.status} {code}".strip())
    return known or refusal_of(answer) or _refused(message or f"it answered {answer.status}")


def _refused(message: str) -> TaskError:
    return TaskError("invalid_parameters", f"the upstream refuses: {message}")


def _by_code(code: str, message: str) -> TaskError | None:
    """Ark's error code as one of ours; its codes have parts after dots, such as `InvalidParameter.Duration`."""
    if "SensitiveContent" in code or "RiskDetection" in code or "PolicyViolation" in code:
        return TaskError("content_policy_violation", f"the upstream refuses the content ({code}): {message}")
    head = code.partition(".")[0]
    if head in ("SetLimitExceeded", "QuotaExceeded", "AccountOverdueError", "InsufficientBalance"):
        return TaskError("quota_exceeded", "this server's account at the upstream has no quota left")
    if head in ("AuthenticationError", "AccessDenied", "InvalidAccountStatus", "ModelNotOpen", "OperationDenied") or (
        head.startswith("InvalidEndpoint")
    ):
        return TaskError("service_unavailable", f"the upstream refuses this server ({code})")
    if head in ("InternalServiceError", "ServiceUnavailable", "ServerOverloaded", "ModelLoadingError") or (
        head.startswith(("RateLimitExceeded", "RequestBurst", "TooManyRequests"))
    ):
        return TaskError("service_error", f"the upstream failed ({code}); please try again")
    if "image" in code.lower() and head.startswith("Invalid"):
        return TaskError("image_processing_error", f"the upstream refuses an image: {message}")
    if head.startswith(("InvalidParameter", "MissingParameter", "InvalidArgument")):
        return _refused(message)
    return None
