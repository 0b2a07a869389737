"""Upstreams: true HTTP servers on loopback that speak the protocols of the services, and fail as they are told."""

from __future__ import annotations

import json
import re
import threading
import time
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse, Response

from opendance.catalog import FRAME_RATE, PIXELS, SAMPLE_RATE, AspectRatio, Quality
from opendance.media.encode import Encoding, encode_clip

KEY = "upstream-key"


def make_clip(path: Path, size: tuple[int, int], num_frames: int, *, sound: bool = True) -> Path:
    """A bar that wanders over a grey ground, and a tone."""
    width, height = size

    def frames() -> Generator[av.VideoFrame]:
        for index in range(num_frames):
            luma = np.full((height, width), 90, np.uint8)
            at = index * (width - 40) // num_frames
            luma[:, at : at + 40] = 200
            chroma = np.full((height // 2, width), 128, np.uint8)
            yield av.VideoFrame.from_ndarray(np.concatenate([luma, chroma]), format="yuv420p")

    samples = num_frames * SAMPLE_RATE // FRAME_RATE
    tone = (0.05 * np.sin(2 * np.pi * 440 * np.arange(samples) / SAMPLE_RATE)).astype(np.float32)
    encode_clip(
        path, frames(), (lambda: np.stack([tone, tone], axis=1)) if sound else None,
        size=size, encoding=Encoding("ultrafast", 30), metadata={},
    )  # fmt: skip
    return path


@dataclass
class Made:
    """A task of an upstream.

    Attributes:
        asks: how often it was asked how it stands.
        files: what came with it: (field, file name, media type, bytes).
    """

    id: str
    body: dict[str, Any]
    created: float
    headers: dict[str, str] = field(default_factory=dict)
    files: list[tuple[str, str, str, bytes]] = field(default_factory=list)
    asks: int = 0
    cancelled: bool = False
    media: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Service:
    """What an upstream got, and how it behaves.

    Attributes:
        refusals: answers to the next creations: a status and body, or "swallow": the task is made, the answer lost.
        held: tasks do not end while this is set.
        error: every task fails with it.
        asks_until_done: how often a task is asked about before it is done.
        away: every request gets this status.
        read_media: fetch what the tasks' URLs lead to.
    """

    folder: Path
    address: str = ""
    tasks: dict[str, Made] = field(default_factory=dict)
    refusals: list[Any] = field(default_factory=list)
    held: bool = False
    error: dict[str, Any] | None = None
    asks_until_done: int = 2
    away: int | None = None
    read_media: bool = True
    size: tuple[int, int] | None = None

    @property
    def made(self) -> list[Made]:
        return list(self.tasks.values())

    def wait_for_task(self, count: int = 1, seconds: float = 30.0) -> Made:
        ends = time.monotonic() + seconds
        while len(self.tasks) < count:
            assert time.monotonic() < ends, "no task came"
            time.sleep(0.02)
        return self.made[count - 1]

    def state(self, task: Made) -> str:
        """queued, running, failed or done."""
        task.asks += 1
        if self.held:
            return "running"
        if task.asks <= 1 < self.asks_until_done:
            return "queued"
        if task.asks < self.asks_until_done:
            return "running"
        return "failed" if self.error is not None else "done"

    def clip(self, task: Made, size: tuple[int, int], num_frames: int, *, sound: bool) -> Path:
        path = self.folder / f"{task.id}.mp4"
        if not path.exists():
            made = self.folder / f"{size[0]}x{size[1]}-{num_frames}-{sound}.mp4"
            if not made.exists():
                part = make_clip(self.folder / f"{uuid.uuid4().hex}.mp4", size, num_frames, sound=sound)
                part.replace(made)
            path.write_bytes(made.read_bytes())
        return path


def _swallowed() -> Response:
    # No JSON: whoever reads this does not know what came of the request.
    return Response("<html>gateway</html>", status_code=200, media_type="text/html")


# What Seedance 2.0 takes: of the official client's parameters, those that the published reference does not exclude for it
# (`seed`, `frames`, `camera_fixed`, `service_tier` and drafts are for older models).
_ARK_FIELDS = {
    "model", "content", "ratio", "resolution", "duration", "generate_audio", "watermark", "callback_url",
    "return_last_frame", "execution_expires_after", "safety_identifier", "priority", "tools",
}  # fmt: skip


def ark_app(service: Service) -> FastAPI:
    """`contents/generations/tasks`, as the published reference and the official package's models have it."""
    app = FastAPI()

    @app.middleware("http")
    async def guard(request: Request, call_next: Any) -> Response:
        if service.away is not None:
            return JSONResponse({"error": {"code": "ServerOverloaded", "message": "away"}}, service.away)
        if request.url.path.startswith("/api/") and request.headers.get("Authorization") != f"Bearer {KEY}":
            return JSONResponse(
                {"error": {"code": "AuthenticationError", "message": "no key", "type": "Unauthorized"}}, 401
            )
        return await call_next(request)

    @app.post("/api/v3/contents/generations/tasks")
    def create(request: Request, body: dict[str, Any]) -> Response:
        swallow = False
        if service.refusals:
            refusal = service.refusals.pop(0)
            if refusal != "swallow":
                return JSONResponse(refusal[1], refusal[0], dict(refusal[2:3] and refusal[2]))
            swallow = True
        given = {
            name for name, value in body.items() if value is not None
        }  # the official client sends null for the rest
        if unknown := given - _ARK_FIELDS:  # what is wrong is refused, as their reference says
            message = f"the parameters {sorted(unknown)} are not supported by the model {body['model']}"
            return JSONResponse({"error": {"code": "InvalidParameter", "message": message}}, 400)
        if not 3600 <= (body.get("execution_expires_after") or 172_800) <= 259_200:
            return JSONResponse({"error": {"code": "InvalidParameter", "message": "execution_expires_after"}}, 400)
        task = Made(f"cgt-{time.strftime('%Y%m%d%H%M%S')}-{uuid.uuid4().hex[:5]}", body, time.time())
        roles: dict[str, list[str]] = {"image_url": [], "video_url": [], "audio_url": []}
        for part in body["content"]:
            if part["type"] != "text":
                roles[part["type"]].append(part["role"])
                url = part[part["type"]]["url"]
                if service.read_media:
                    task.media[f"{part['type']}:{len(roles[part['type']])}"] = (
                        url.encode()
                        if url.startswith("data:")
                        else httpx.get(url, follow_redirects=True).raise_for_status().content
                    )
        if {"first_frame"} & set(roles["image_url"]) and any(
            role.startswith("reference") for kind in roles.values() for role in kind
        ):
            return JSONResponse({"error": {"code": "InvalidParameter", "message": "roles cannot be mixed"}}, 400)
        service.tasks[task.id] = task
        return _swallowed() if swallow else JSONResponse({"id": task.id})

    def shown(task: Made, *, ask: bool) -> dict[str, Any]:
        body = task.body
        out: dict[str, Any] = {
            "id": task.id, "model": body["model"], "status": "queued", "created_at": int(task.created),
            "updated_at": int(time.time()), "service_tier": "default", "safety_identifier": body.get("safety_identifier"),
            "execution_expires_after": body.get("execution_expires_after", 172800), "seed": body.get("seed", 0),
            "resolution": body["resolution"], "ratio": body["ratio"], "duration": body["duration"], "framespersecond": 24,
            "generate_audio": body["generate_audio"],
        }  # fmt: skip
        state = service.state(task) if ask else "running"
        out["status"] = "cancelled" if task.cancelled else {"done": "succeeded"}.get(state, state)
        if out["status"] == "failed":
            out["error"] = service.error
        if out["status"] == "succeeded":
            out["content"] = {"video_url": f"{service.address}/files/{task.id}.mp4?X-Tos-Signature=abc"}
            out["usage"] = {"completion_tokens": 108900, "total_tokens": 108900}
        return out

    @app.get("/api/v3/contents/generations/tasks/{task_id}")
    def read(task_id: str) -> Response:
        if task_id not in service.tasks:
            return JSONResponse({"error": {"code": "ResourceNotFound", "message": "no such task"}}, 404)
        return JSONResponse(shown(service.tasks[task_id], ask=True))

    @app.get("/api/v3/contents/generations/tasks")
    def list_tasks(page_num: int = 1, page_size: int = 10) -> Response:
        newest = sorted(service.made, key=lambda task: -task.created)
        page = newest[(page_num - 1) * page_size : page_num * page_size]
        return JSONResponse({"total": len(newest), "items": [shown(task, ask=False) for task in page]})

    @app.delete("/api/v3/contents/generations/tasks/{task_id}")
    def delete(task_id: str) -> Response:
        task = service.tasks[task_id]
        if task.asks > 1:
            return JSONResponse({"error": {"code": "InvalidAction", "message": "it runs"}}, 409)
        task.cancelled = True
        return JSONResponse({})

    @app.get("/files/{name}")
    def download(name: str) -> FileResponse:
        task = service.tasks[name.removesuffix(".mp4")]
        ratio, quality = AspectRatio(task.body["ratio"]), Quality(task.body["resolution"])
        size = service.size or PIXELS[ratio][quality]
        return FileResponse(
            service.clip(task, size, task.body["duration"] * 24, sound=task.body["generate_audio"]),
            media_type="video/mp4",
        )

    return app


def videos_app(service: Service) -> FastAPI:
    """The OpenAI Videos API as vLLM-Omni serves it: multipart in, the job out; a failed job with the failure's status.

    Its rules are those of the true servers, which `tests/engines/upstream/test_peers.py` asks: no form but a multipart
    one, and JSON for H3 on SGLang.
    """
    app = FastAPI()

    @app.middleware("http")
    async def guard(request: Request, call_next: Any) -> Response:
        return Response(status_code=service.away) if service.away is not None else await call_next(request)

    def shown(task: Made) -> dict[str, Any]:
        state = service.state(task)
        status = {"done": "completed", "running": "in_progress"}.get(state, state)
        return {
            "id": task.id, "object": "video", "model": "MiniMaxAI/MiniMax-H3", "prompt": task.body["prompt"], "status": status,
            "size": task.body["size"], "progress": {"completed": 100, "in_progress": 40}.get(status, 0),
            "seconds": task.body["seconds"], "quality": "default", "created_at": int(task.created), "media_type": "video/mp4",
            "error": service.error if status == "failed" else None, "inference_time_s": 1.5 if status == "completed" else None,
        }  # fmt: skip

    @app.post("/v1/videos")
    async def create(request: Request) -> Response:
        content_type = request.headers.get("content-type", "")
        if service.refusals:
            refusal = service.refusals.pop(0)
            return _swallowed() if refusal == "swallow" else JSONResponse(refusal[1], refusal[0])
        if content_type == "application/json":
            fields = await request.json()
            task = Made(f"video_gen_{uuid.uuid4().hex}", {"size": "864x480", "seconds": "5", **fields}, time.time())
            service.tasks[task.id] = task
            return JSONResponse(shown(task) | {"status": "queued", "error": None})
        if not content_type.startswith("multipart/form-data"):
            return JSONResponse({"detail": "Invalid request body: prompt Field required"}, 400)
        form = await request.form()
        fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        if (
            "prompt" not in fields
            or not re.fullmatch(r"\d+x\d+", fields.get("size", "1x1"))
            or not fields["seconds"].isdigit()
        ):
            raise HTTPException(422, "prompt, size or seconds")
        task = Made(f"video_gen_{uuid.uuid4().hex}", fields, time.time())
        for name, value in form.multi_items():
            if not isinstance(value, str):
                task.files.append((name, value.filename or "", value.content_type or "", await value.read()))
        service.tasks[task.id] = task
        out = shown(task) | {"status": "queued", "error": None}
        task.asks = 0
        return JSONResponse(out)

    @app.get("/v1/videos/{video_id}")
    def read(video_id: str) -> Response:
        task = service.tasks.get(video_id)
        if task is None:
            raise HTTPException(404, "Video not found")
        body = shown(task)
        if body["status"] == "failed":
            code = (body["error"] or {}).get("code", 500)
            status = code if isinstance(code, int) else 500
            return JSONResponse(body | {"error": {**(body["error"] or {}), "code": status}}, status)
        return JSONResponse(body)

    @app.get("/v1/videos/{video_id}/content")
    def content(video_id: str) -> Response:
        task = service.tasks[video_id]
        width, height = map(int, task.body["size"].split("x"))
        frames = int(task.body.get("num_frames", 96))
        return FileResponse(
            service.clip(
                task, service.size or (width, height), frames, sound=task.body.get("generate_sound") != "false"
            ),
            media_type="video/mp4",
        )

    @app.delete("/v1/videos/{video_id}")
    def delete(video_id: str) -> Response:
        service.tasks[video_id].cancelled = True
        return JSONResponse({"id": video_id, "deleted": True, "object": "video.deleted"})

    return app


@contextmanager
def serving(make: Any, folder: Path) -> Generator[Service]:
    """The application of `make` on a free port of loopback, in a thread."""
    folder.mkdir(parents=True, exist_ok=True)
    service = Service(folder)
    server = uvicorn.Server(uvicorn.Config(make(service), port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    service.address = f"http://127.0.0.1:{port}"
    try:
        yield service
    finally:
        server.should_exit = True
        thread.join(10)


def setting(**tables: dict[str, Any]) -> dict[str, str]:
    """The environment that sets up these engines."""
    return {
        f"OPENDANCE_ENGINE__{engine.upper()}__{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for engine, table in tables.items()
        for name, value in table.items()
    }
