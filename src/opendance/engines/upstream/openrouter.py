"""OpenRouter's video API: Veo, Kling, Wan, Hailuo, Seedance and others, for one key.

Source: the published API reference (openrouter.ai/docs, video generation) and the models of the official package
openrouter (`VideoGenerationRequest`, `VideoGenerationResponse`, `VideoModel`).
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from pydantic import AnyHttpUrl, Field

from opendance.catalog import FRAME_RATE, MAX_DURATION, Mode, Quality, Tier
from opendance.engines.limits import Limits
from opendance.engines.upstream.base import NotReached, State, Unanswered, UpstreamRequest
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

_HEIGHTS = {"360p": 360, "480p": 480, "720p": 720, "768p": 768, "1080p": 1080, "1K": 1080, "2K": 1440, "4K": 2160}
_FRAMES = ("first_frame", "last_frame")
_KNOWN_FOR = 3600.0  # s that what a model can do is remembered


class OpenRouterOptions(UpstreamOptions):
    """Which models, and what is known of them."""

    base_url: AnyHttpUrl = Field(AnyHttpUrl("https://openrouter.ai/api/v1"), description="Its address.")
    model: str = Field(min_length=1, description="The model, such as google/veo-3.1; openrouter.ai/models lists them.")
    models: dict[Tier, str] = Field(default_factory=dict[Tier, str], description="Other models of single tiers.")
    longest: int = Field(MAX_DURATION, ge=1, le=60, description="s of the longest clip that the model makes.")
    modes: frozenset[Mode] = Field(frozenset(Mode), description="Modes that the model makes.")
    extra: dict[str, Any] = Field(
        default_factory=dict[str, Any], description="More of the request, such as provider: passed on as it is."
    )
    poll: float = Field(10.0, gt=0, description="s between two questions how a task stands.")

    @property
    def limits(self) -> Limits:
        """What the model can make, as far as the operator said; the rest is asked of OpenRouter with each task."""
        return Limits(modes=self.modes, longest=float(self.longest))


@dataclass(frozen=True)
class Abilities:
    """What a model takes, as OpenRouter lists it; empty where it does not say.

    Attributes:
        frames: `first_frame`, `last_frame`; None where it does not say.
        sound, seed: whether it takes the field; None where it does not say.
    """

    durations: tuple[int, ...] = ()
    resolutions: tuple[str, ...] = ()
    ratios: tuple[str, ...] = ()
    frames: tuple[str, ...] | None = None
    sound: bool | None = None
    seed: bool | None = None

    @classmethod
    def of(cls, model: dict[str, Any]) -> Abilities:
        """Those of an entry of the list of models."""

        def listed(name: str, kind: type) -> tuple[Any, ...]:
            value = model.get(name)
            return tuple(v for v in cast("list[Any]", value) if isinstance(v, kind)) if isinstance(value, list) else ()

        return cls(
            durations=tuple(sorted(listed("supported_durations", int))),
            resolutions=listed("supported_resolutions", str),
            ratios=listed("supported_aspect_ratios", str),
            frames=listed("supported_frame_images", str) if model.get("supported_frame_images") is not None else None,
            sound=model.get("generate_audio"),
            seed=model.get("seed"),
        )

    def duration(self, seconds: float, *, slowest: float) -> int | None:
        """The s to ask for: what is too long is cut, a little that is too short is slowed; None where none will do."""
        asked = math.ceil(seconds)
        if not self.durations:
            return asked
        long_enough = next((each for each in self.durations if each >= seconds), None)
        if long_enough is None and self.durations[-1] * slowest >= seconds:
            return self.durations[-1]
        return long_enough

    def resolution(self, quality: Quality) -> str:
        """The one asked for, else the next larger one, else the largest."""
        if not self.resolutions or quality.value in self.resolutions:
            return quality.value
        sizes = sorted((_HEIGHTS.get(each, 0), each) for each in self.resolutions)
        return next((each for height, each in sizes if height >= _HEIGHTS[quality.value]), sizes[-1][1])

    def ratio(self, wanted: str) -> str:
        """The one asked for, else the nearest: what is too much is cut off."""
        if not self.ratios or wanted in self.ratios:
            return wanted
        return min(self.ratios, key=lambda each: abs(math.log(_quotient(each) / _quotient(wanted))))


def _quotient(ratio: str) -> float:
    width, _, height = ratio.partition(":")
    return float(width) / float(height) if width.isdigit() and height.isdigit() and int(height) else 1.0


class OpenRouter(HostedUpstream):
    """A client of OpenRouter."""

    takes_seed = True
    tasks = "videos"
    states: ClassVar[dict[str, State]] = {
        "pending": "queued", "in_progress": "running", "completed": "completed",
        "failed": "failed", "expired": "failed", "cancelled": "failed",
    }  # fmt: skip

    def __init__(self, options: OpenRouterOptions) -> None:
        super().__init__(options.base_url, options)
        self._options = options
        self._abilities: dict[str, Abilities] = {}
        self._listed_at = -math.inf

    async def create(self, job: Job, request: UpstreamRequest) -> str:
        """Ask for the clip.

        Raises:
            TaskError: it refuses, or the model makes no clip of this length.
            NotReached, Unanswered: as `Upstream.create`.
        """
        model = self._options.models.get(job.tier, self._options.model)
        abilities = await self._abilities_of(model)
        seconds = job.num_frames / FRAME_RATE
        duration = abilities.duration(seconds, slowest=job.completion.slowest)
        if duration is None:
            problem = f"{model} makes {abilities.durations[-1]} s at most, not {seconds:g}"
            raise TaskError("service_unavailable", problem)
        body: dict[str, Any] = {
            "model": model,
            "prompt": job.plan.prompt_with_facts,
            "duration": duration,
            "resolution": abilities.resolution(job.quality),
            "aspect_ratio": abilities.ratio(job.plan.aspect_ratio),
            "user": hashlib.sha256((request.user or request.key).encode()).hexdigest()[:32],
        }
        if abilities.sound is not False:
            body["generate_audio"] = job.generate_audio
        if abilities.seed is not False:
            body["seed"] = job.seed % 2**31
        body |= await _media(job, abilities, request)
        if request.callback_url is not None:
            body["callback_url"] = request.callback_url
        answer = await self._client.ask("POST", self.tasks, json=body | self._options.extra)
        if not answer.good:
            raise _refusal(answer)
        return handle_of(answer)

    async def _abilities_of(self, model: str) -> Abilities:
        """What the list of models says; nothing where it cannot be had: then the request itself finds out."""
        if time.monotonic() - self._listed_at > _KNOWN_FOR:
            try:
                answer = await self._client.ask("GET", "videos/models")
            except (NotReached, Unanswered):
                return self._abilities.get(model, Abilities())
            listed = answer.fields.get("data")
            if answer.good and isinstance(listed, list):
                entries = [table(entry) for entry in cast("list[Any]", listed)]
                self._abilities = {str(entry.get("id")): Abilities.of(entry) for entry in entries}
                self._listed_at = time.monotonic()
        return self._abilities.get(model, Abilities())

    async def find(self, request: UpstreamRequest) -> str | None:
        """A request without an answer cannot be found again, and is not paid for twice.

        Raises:
            TaskError: always.
        """
        raise TaskError("service_error", "the upstream gave no answer, and cannot tell whether it makes the video")

    def _video(self, handle: str, body: dict[str, Any]) -> str | None:
        urls: Any = body.get("unsigned_urls") or body.get("urls")
        first = cast("list[Any]", urls)[0] if isinstance(urls, list) and urls else None
        return first if isinstance(first, str) else f"{self._path_of(handle)}/content?index=0"

    def _failure(self, body: dict[str, Any]) -> TaskError:
        error = body.get("error")
        message = error if isinstance(error, str) else "it gave no reason"
        if any(word in message.lower() for word in ("moderation", "content policy", "safety", "sensitive")):
            return TaskError("content_policy_violation", f"the upstream refuses the content: {message[:300]}")
        return TaskError("unknown_error", f"the upstream: {message[:300]}")

    async def cancel(self, handle: str) -> bool:
        """False: it stops nothing that has begun."""
        return False


async def _media(job: Job, abilities: Abilities, request: UpstreamRequest) -> dict[str, Any]:
    """Frames and references; a frame that the model does not take as one is a reference."""
    frames: list[dict[str, Any]] = []
    references: list[dict[str, Any]] = []
    takes: Sequence[str] = _FRAMES if abilities.frames is None else abilities.frames
    for asset in job.assets:
        kind = f"{asset.kind}_url"
        part = {"type": kind, kind: {"url": await url_of(asset, request)}}
        role = job.plan.role_of(asset.kind, asset.number)
        if job.mode is Mode.IMAGE and role in takes:
            frames.append(part | {"frame_type": role})
        else:
            references.append(part)
    # Where both are given, references are not read.
    return {"frame_images": frames} if frames else {"input_references": references} if references else {}


def _refusal(answer: Answer) -> Exception:
    """What an answer that is no success means for our own task."""
    if answer.overloaded:
        return overload_of(answer)
    if answer.status >= 500:
        return Unanswered(f"it answered {answer.status}")
    error = table(answer.fields.get("error"))
    message = str(error.get("message", "")) or f"it answered {answer.status}"
    if answer.status == 403 and table(error.get("metadata")).get("reasons"):  # as its moderation answers
        return TaskError("content_policy_violation", f"the upstream refuses the content: {message[:300]}")
    if answer.status == 404:
        return TaskError("service_unavailable", f"the upstream does not offer this model: {message[:300]}")
    return refusal_of(answer) or TaskError("invalid_parameters", f"the upstream refuses: {message[:300]}")
