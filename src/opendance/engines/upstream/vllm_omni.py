"""Servers of our own with the OpenAI Videos API: vLLM-Omni (0.30 and newer) and SGLang Diffusion, one or several.

Source: the request and answer models of the packages themselves (`vllm_omni.entrypoints.openai.protocol.videos`,
`sglang.multimodal_gen.runtime.entrypoints.openai.protocol`).
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AnyHttpUrl, BeforeValidator, Field, field_validator, model_validator

from opendance.catalog import FRAME_RATE, Mode
from opendance.engines.canvas import canvas_for
from opendance.engines.limits import Limits
from opendance.engines.upstream.base import NotReached, State, Unanswered, UpstreamRequest, UpstreamStatus
from opendance.engines.upstream.families import H3, NAMES, Dialect, Family, family_of
from opendance.engines.upstream.http import Answer, UpstreamClient, UpstreamOptions, overload_of, table
from opendance.engines.upstream.video_forms import VideoForm, video_form
from opendance.errors import TaskError
from opendance.job import Job

_STATES: dict[str, State] = {"queued": "queued", "in_progress": "running", "completed": "completed"}
_AVOID = 30.0  # s that a server which could not be reached is left alone
_MOST_NOTED = 1000  # tasks whose notes are remembered


def _listed(value: Any) -> Any:
    """From "http://a:8091, http://b:8091", or a list of such."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class VllmOmniOptions(UpstreamOptions):
    """Which servers, and what model they serve."""

    servers: Annotated[tuple[AnyHttpUrl, ...], BeforeValidator(_listed)] = Field(
        min_length=1, description="Their addresses, such as http://gpu-1:8091; all serve the same model."
    )
    dialect: Dialect = Field("vllm_omni", description="Which server it is: how it is asked.")
    family: str = Field(
        H3,
        description="The model: an engine with weights, such as minimax_h3 or wan2_2, for its frame rate, lengths, "
        "canvas and references; or other.",
    )
    model: str | None = Field(None, description="Sent as model; default: whatever the servers run.")
    steps: int | None = Field(None, ge=1, le=200, description="Denoising steps; default: the model's own.")
    frame_rate: int | None = Field(
        None, ge=1, le=60, description="Frames a second that the model draws; default: its family's, 24 of another."
    )
    longest: float | None = Field(
        None,
        ge=1,
        le=60,
        description="s of the longest clip that it draws; default: its family's, 15 of another.",
    )
    modes: frozenset[Mode] | None = Field(
        None, min_length=1, description="Modes that the servers' weights make; default: all of its family."
    )
    short_edge: int | None = Field(
        None, ge=128, le=4096, description="Canvas: its short side at 720p and over, px; default: its family's."
    )
    max_pixels: int | None = Field(None, ge=128 * 128, description="Canvas: most pixels; default: its family's.")
    extra: dict[str, Any] = Field(default_factory=dict[str, Any], description="More form fields, as the server knows.")
    at_once: int = Field(2, ge=1, le=1000, description="Tasks that one server is given at the same time.")
    poll: float = Field(2.0, gt=0, description="s between two questions how a task stands.")

    @field_validator("family")
    @classmethod
    def _is_known(cls, family: str) -> str:
        if family not in NAMES:
            raise ValueError(f"there is no {family!r}; there are {', '.join(NAMES)}")
        return family

    @model_validator(mode="after")
    def _has_its_own_rate(self) -> Self:
        if self.family == H3 and self.frame_rate not in (None, FRAME_RATE):
            raise ValueError(f"frame_rate: MiniMax H3 draws {FRAME_RATE} frames a second, and its servers no others")
        return self

    @model_validator(mode="after")
    def _makes_what_its_family_does(self) -> Self:
        limits = family_of(self.family, self.dialect).limits
        if self.longest is not None and self.longest < limits.shortest:
            raise ValueError(
                f"longest: {self.family} makes clips of {limits.shortest:g} s and more behind such servers"
            )
        possible = limits.modes
        if unknown := sorted((self.modes or frozenset()) - possible):
            there = ", ".join(sorted(possible))
            raise ValueError(f"modes: {self.family} makes {there} behind such servers, not {', '.join(unknown)}")
        return self

    @property
    def model_family(self) -> Family:
        """What is known of the model."""
        return family_of(self.family, self.dialect, frame_rate=self.frame_rate, longest=self.longest, modes=self.modes)

    @property
    def limits(self) -> Limits:
        """What the model makes behind these servers."""
        return self.model_family.limits


@dataclass
class _Server:
    """One of them.

    Attributes:
        address: its scheme, host and port, by which handles name it.
        asking: tasks that it is being asked for.
        tasks: those of ours that it has, by its names.
        unwanted: those that nobody wants any more and that it cannot stop.
        avoid_until: by the monotonic clock; until then it was out of reach.
    """

    address: str
    client: UpstreamClient
    asking: int = 0
    tasks: set[str] = field(default_factory=set[str])
    unwanted: set[str] = field(default_factory=set[str])
    avoid_until: float = 0.0

    @property
    def load(self) -> int:
        return self.asking + len(self.tasks) + len(self.unwanted)


class VllmOmni:
    """A client of several equal servers: a new task goes to the one with the fewest of ours."""

    takes_seed = True

    def __init__(self, options: VllmOmniOptions) -> None:
        self._options = options
        self._servers = [_Server(str(url).rstrip("/"), UpstreamClient(url, options)) for url in options.servers]
        self._notes: dict[str, tuple[str, ...]] = {}
        self.at_once = options.at_once * len(self._servers)
        self.patience, self.poll, self.expected = options.patience, options.poll, options.expected

    async def create(self, job: Job, request: UpstreamRequest) -> str:
        """Ask the least loaded server; the next one where it cannot be reached.

        Raises:
            TaskError: the server refuses.
            NotReached: none could be asked.
            Unanswered: nobody knows; such a task costs nobody anything and is asked for anew.
        """
        form = await asyncio.to_thread(self._form, job)
        await asyncio.gather(*(self._look_after_unwanted(server) for server in self._servers))
        now, problem = time.monotonic(), NotReached("none of its servers can be reached")
        # Servers that were out of reach come last: better one of them than none.
        for server in sorted(self._servers, key=lambda server: (server.avoid_until > now, server.load)):
            server.asking += 1
            try:
                answer = await server.client.ask("POST", "v1/videos", **form.content())
                if answer.good and isinstance(answer.fields.get("id"), str):
                    name = answer.fields["id"]
                    server.tasks.add(name)
                    return self._noted(f"{name}@{server.address}", form.notes)
                error = _refusal(answer)
                if not isinstance(error, NotReached):
                    raise error
                problem = error
            except NotReached as error:
                problem = error
            finally:
                server.asking -= 1
            server.avoid_until = time.monotonic() + _AVOID
        raise problem

    def _noted(self, handle: str, notes: tuple[str, ...]) -> str:
        if notes:
            self._notes[handle] = notes
            while len(self._notes) > _MOST_NOTED:
                del self._notes[next(iter(self._notes))]
        return handle

    async def find(self, request: UpstreamRequest) -> str | None:
        """Nothing is looked for: the servers are our own, and a task that nobody asks for costs only time."""
        return None

    async def status(self, handle: str) -> UpstreamStatus:
        """The status of the task.

        Raises:
            NotReached, Unanswered: it cannot be told now.
        """
        server, name = self._server(handle)
        if server is None:
            return UpstreamStatus("unknown")
        answer = await server.client.ask("GET", f"v1/videos/{name}")
        body = answer.fields
        status = body.get("status")
        # vLLM-Omni answers for a task that failed with the failure's own HTTP status, and the task as the body.
        if status is None:
            if answer.status == 404:
                server.tasks.discard(name)
                return UpstreamStatus("unknown")
            raise Unanswered(f"it answered {answer.status}")
        usage = {key: body[key] for key in ("inference_time_s", "peak_memory_mb") if body.get(key)}
        model, progress = body.get("model"), body.get("progress")
        if status in ("failed", "cancelled", "deleted"):
            server.tasks.discard(name)
            return UpstreamStatus("failed", error=_failure(table(body.get("error"))), usage=usage, model=model)
        if status == "completed":
            server.tasks.discard(name)
        else:
            server.tasks.add(name)  # after a restart of ours it is not known before
        share = progress / 100 if isinstance(progress, int | float) and progress else None
        state = _STATES.get(str(status), "running")
        video = body.get("url")  # SGLang with an object store of its own gives nothing itself
        return UpstreamStatus(
            state,
            progress=share,
            video=str(video) if video else None,
            usage=usage,
            model=model,
            notes=self._notes.get(handle, ()),
        )

    async def download(self, handle: str, status: UpstreamStatus, target: Path) -> None:
        """Save the video, then let the server forget it.

        Raises:
            TaskError, NotReached, Unanswered: as `Upstream.download`.
        """
        server, name = self._server(handle)
        if server is None:
            raise TaskError("service_error", "the server that made the video is no longer configured")
        await server.client.save(status.video or f"v1/videos/{name}/content", target)
        await self._forget(server, name)

    async def cancel(self, handle: str) -> bool:
        """Stop and forget the task; False where the server cannot stop it: SGLang forgets it and works on."""
        server, name = self._server(handle)
        if server is None:
            return False
        server.tasks.discard(name)
        if self._options.dialect == "sglang":
            server.unwanted.add(name)
            return False
        return await self._forget(server, name)

    async def _look_after_unwanted(self, server: _Server) -> None:
        """Forget those that have ended; until then the server is busy with them."""
        for name in list(server.unwanted):
            try:
                answer = await server.client.ask("GET", f"v1/videos/{name}")
            except (NotReached, Unanswered):
                continue
            if answer.status == 404 or answer.fields.get("status") in ("completed", "failed", "deleted"):
                server.unwanted.discard(name)
                await self._forget(server, name)

    async def close(self) -> None:
        """End every connection."""
        for server in self._servers:
            await server.client.close()

    def _server(self, handle: str) -> tuple[_Server | None, str]:
        name, _, address = handle.rpartition("@")
        return next((server for server in self._servers if server.address == address), None), name

    @staticmethod
    async def _forget(server: _Server, name: str) -> bool:
        try:
            return (await server.client.ask("DELETE", f"v1/videos/{name}")).good
        except (NotReached, Unanswered):
            return False

    def _form(self, job: Job) -> VideoForm:
        options = self._options
        family = options.model_family
        canvas = canvas_for(
            job,
            multiple=family.multiple,
            short_edge=options.short_edge or family.short_edge,
            max_pixels=options.max_pixels or family.max_pixels,
            frame_rate=family.limits.frame_rates[0],
            shortest=family.limits.shortest,
            longest=family.limits.longest,
            step=family.step,
        )
        more = dict(options.extra)
        if options.model is not None:
            more["model"] = options.model
        if options.steps is not None:
            more["num_inference_steps"] = options.steps
        return video_form(
            job,
            canvas,
            dialect=options.dialect,
            family=family,
            more=more,
        )


def _refusal(answer: Answer) -> Exception:
    if answer.overloaded:
        return overload_of(answer)
    if answer.status >= 500 or answer.good:
        return Unanswered(f"it answered {answer.status} without a task")
    if answer.status in (401, 403):
        return TaskError("service_unavailable", "the upstream refuses this server's key")
    return TaskError("invalid_parameters", f"the upstream refuses: {_message(answer.body) or answer.status}")


def _message(body: Any) -> str:
    """The words of an error, in FastAPI's form or OpenAI's."""
    fields = table(body)
    words = table(fields.get("error")).get("message") or fields.get("detail") or fields.get("message")
    return words if isinstance(words, str) else json.dumps(words) if words else ""


def _failure(error: dict[str, Any]) -> TaskError:
    code, message = str(error.get("code", "")), str(error.get("message", "") or "it gave no reason")
    if "out of memory" in message.lower() or "OutOfMemory" in code:
        return TaskError("resource_exhausted", "the upstream ran out of memory; try a smaller or shorter video")
    if code.isdigit() and 400 <= int(code) < 500 and int(code) not in (408, 425, 429):
        return TaskError("invalid_parameters", f"the upstream refuses: {message}")
    return TaskError("service_error", f"the upstream failed: {message[:300]}")
