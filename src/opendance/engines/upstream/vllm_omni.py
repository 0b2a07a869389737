"""Servers of our own with the OpenAI Videos API: vLLM-Omni (0.30 and newer) and SGLang Diffusion, one or several.

Source: the request and answer models of the packages themselves (`vllm_omni.entrypoints.openai.protocol.videos`,
`sglang.multimodal_gen.runtime.entrypoints.openai.protocol`).
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AnyHttpUrl, BeforeValidator, Field

from opendance.asset import Asset
from opendance.catalog import FRAME_RATE, Mode
from opendance.engines.canvas import Canvas, canvas_for
from opendance.engines.references import ordered_references, tagged_prompt
from opendance.engines.upstream.base import NotReached, State, Unanswered, UpstreamRequest, UpstreamStatus
from opendance.engines.upstream.http import Answer, UpstreamClient, UpstreamOptions, table
from opendance.engines.upstream.media import source_file
from opendance.errors import TaskError
from opendance.job import Job

_STATES: dict[str, State] = {"queued": "queued", "in_progress": "running", "completed": "completed"}
_AVOID = 30.0  # s that a server which could not be reached is left alone
_TASKS = {Mode.TEXT: "t2va", Mode.IMAGE: "fl2va", Mode.REFERENCE: "ref2va"}


def _listed(value: Any) -> Any:
    """From "http://a:8091, http://b:8091", or a list of such."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class VllmOmniOptions(UpstreamOptions):
    """Which servers, and what model they serve."""

    servers: Annotated[tuple[AnyHttpUrl, ...], BeforeValidator(_listed)] = Field(
        min_length=1, description="Their addresses, such as http://gpu-1:8091; all serve the same model."
    )
    dialect: Literal["vllm_omni", "sglang"] = Field("vllm_omni", description="How media are handed over.")
    family: Literal["minimax_h3", "other"] = Field(
        "minimax_h3", description="minimax_h3: lengths, canvas and reference labels of that model."
    )
    model: str | None = Field(None, description="Sent as model; default: whatever the servers run.")
    steps: int | None = Field(None, ge=1, le=200, description="Denoising steps; default: the model's own.")
    short_edge: int = Field(768, ge=128, le=4096, description="Canvas: its short side at 720p and over, px.")
    max_pixels: int = Field(768 * 1344, ge=128 * 128, description="Canvas: most pixels.")
    extra: dict[str, Any] = Field(default_factory=dict[str, Any], description="More form fields, as the server knows.")
    at_once: int = Field(2, ge=1, le=1000, description="Tasks that one server is given at the same time.")
    poll: float = Field(2.0, gt=0, description="s between two questions how a task stands.")


@dataclass
class _Server:
    """One of them.

    Attributes:
        load: tasks of ours that it has.
        avoid_until: by the monotonic clock; until then it was out of reach.
    """

    client: UpstreamClient
    load: int = 0
    avoid_until: float = 0.0


class VllmOmni:
    """A client of several equal servers: a new task goes to the one with the fewest of ours."""

    takes_seed = True

    def __init__(self, options: VllmOmniOptions) -> None:
        self._options = options
        self._servers = [_Server(UpstreamClient(url, options)) for url in options.servers]
        self.at_once = options.at_once * len(self._servers)
        self.patience, self.poll, self.expected = options.patience, options.poll, options.expected

    async def create(self, job: Job, request: UpstreamRequest) -> str:
        """Ask the least loaded server; the next one where it cannot be reached.

        Raises:
            TaskError: the server refuses.
            NotReached: none could be asked.
            Unanswered: nobody knows; such a task costs nobody anything and is asked for anew.
        """
        fields, files = await asyncio.to_thread(self._form, job)
        now, problem = time.monotonic(), NotReached("none of its servers can be reached")
        # Servers that were out of reach come last: better one of them than none.
        for number in sorted(
            range(len(self._servers)), key=lambda n: (self._servers[n].avoid_until > now, self._servers[n].load)
        ):
            server = self._servers[number]
            server.load += 1
            try:
                answer = await server.client.ask("POST", "v1/videos", data=fields, files=files)
                if answer.good and isinstance(answer.fields.get("id"), str):
                    return f"{number}:{answer.fields['id']}"
                error = _refusal(answer)
                if not isinstance(error, NotReached):
                    raise error
                problem = error
            except NotReached as error:
                problem = error
            except BaseException:
                server.load -= 1
                raise
            server.load -= 1
            server.avoid_until = time.monotonic() + _AVOID
        raise problem

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
                self._done(server)
                return UpstreamStatus("unknown")
            raise Unanswered(f"it answered {answer.status}")
        usage = {key: body[key] for key in ("inference_time_s", "peak_memory_mb") if body.get(key)}
        model, progress = body.get("model"), body.get("progress")
        if status in ("failed", "cancelled", "deleted"):
            self._done(server)
            return UpstreamStatus("failed", error=_failure(table(body.get("error"))), usage=usage, model=model)
        if status == "completed":
            self._done(server)
        share = progress / 100 if isinstance(progress, int | float) and progress else None
        return UpstreamStatus(_STATES.get(str(status), "running"), share, usage=usage, model=model)

    async def download(self, handle: str, status: UpstreamStatus, target: Path) -> None:
        """Save the video, then let the server forget it.

        Raises:
            TaskError, NotReached, Unanswered: as `Upstream.download`.
        """
        server, name = self._server(handle)
        if server is None:
            raise TaskError("service_error", "the server that made the video is no longer configured")
        await server.client.save(f"v1/videos/{name}/content", target)
        await self._forget(server, name)

    async def cancel(self, handle: str) -> bool:
        """Stop and forget the task."""
        server, name = self._server(handle)
        if server is None:
            return False
        self._done(server)
        return await self._forget(server, name)

    async def close(self) -> None:
        """End every connection."""
        for server in self._servers:
            await server.client.close()

    def _server(self, handle: str) -> tuple[_Server | None, str]:
        number, _, name = handle.partition(":")
        index = int(number) if number.isdigit() else len(self._servers)
        return (self._servers[index] if index < len(self._servers) else None), name

    @staticmethod
    def _done(server: _Server) -> None:
        server.load = max(0, server.load - 1)

    @staticmethod
    async def _forget(server: _Server, name: str) -> bool:
        try:
            return (await server.client.ask("DELETE", f"v1/videos/{name}")).good
        except (NotReached, Unanswered):
            return False

    def _form(self, job: Job) -> tuple[dict[str, str], list[tuple[str, tuple[str, bytes, str]]]]:
        """Fields and files of the multipart form."""
        options = self._options
        h3 = options.family == "minimax_h3"
        canvas: Canvas = canvas_for(
            job, multiple=32, short_edge=options.short_edge, max_pixels=options.max_pixels, least_seconds=5 if h3 else 0
        )
        references = ordered_references(job, most=12) if job.mode is Mode.REFERENCE else []
        tagged = h3 and job.mode is Mode.REFERENCE
        fields = {
            "prompt": tagged_prompt(job.plan, references) if tagged else job.plan.prompt_with_facts,
            "size": f"{canvas.width}x{canvas.height}",
            "seconds": str(canvas.seconds),
            "fps": str(FRAME_RATE),
            "num_frames": str(canvas.num_frames),
            "seed": str(job.seed),
        }
        if options.dialect == "vllm_omni":
            fields["generate_sound"] = "true" if job.generate_audio else "false"
            if h3:
                fields["aspect_ratio"] = job.plan.aspect_ratio
                fields["extra_params"] = json.dumps({"task": _TASKS[job.mode]})
        if options.model is not None:
            fields["model"] = options.model
        if options.steps is not None:
            fields["num_inference_steps"] = str(options.steps)
        fields |= {key: value if isinstance(value, str) else json.dumps(value) for key, value in options.extra.items()}
        given = [reference.asset for reference in references] if references else list(job.assets)
        return fields, self._files(given)

    def _files(self, assets: list[Asset]) -> list[tuple[str, tuple[str, bytes, str]]]:
        if self._options.dialect == "sglang":
            # It reads one image and one video, and no sound.
            firsts = {asset.kind: asset for asset in reversed(assets) if asset.kind != "audio"}
            names = {"image": "input_reference", "video": "video_reference"}
            return [(names[kind], _file(asset)) for kind, asset in firsts.items()]
        return [("input_references", _file(asset)) for asset in assets]


def _file(asset: Asset) -> tuple[str, bytes, str]:
    file = source_file(asset)
    return file.name, file.path.read_bytes(), file.media_type


def _refusal(answer: Answer) -> Exception:
    if answer.overloaded:
        return NotReached(f"it answered {answer.status}")
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
