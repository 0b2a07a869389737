"""OpenRouter by the request and answer models of its own package, with a model that makes a plain clip."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse

from opendance.catalog import Quality
from opendance.engines.upstream.openrouter import Abilities
from opendance.task import Status
from tests import files
from tests.engines.upstream.desk import Desk, MakeDesk
from tests.upstreams import Service, make_clip, serving

FOLDER = Path(os.environ.get("OPENDANCE_PEERS", Path(sys.prefix) / "peers"))
KEY, VEO = "sk-or-secret", "google/veo-3.1"
IMAGE, REFERENCE = "seedance-2.0-image-to-video", "seedance-2.0-reference-to-video"
MODEL = {
    "id": VEO, "canonical_slug": VEO, "name": "Veo", "created": 1, "allowed_passthrough_parameters": [],
    "creativity": None, "generate_audio": True, "seed": False, "supported_aspect_ratios": ["16:9", "9:16"],
    "supported_durations": [4, 6, 8], "supported_frame_images": ["first_frame"], "supported_resolutions": ["720p"],
    "supported_sizes": None, "upscale_factor": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def theirs() -> Any:
    """The module with the models of the package."""
    if not (FOLDER / "openrouter").is_dir():
        pytest.skip(f"openrouter is not in {FOLDER}; make test-engines puts it there")
    sys.path.append(str(FOLDER))
    try:
        from openrouter import components  # pyright: ignore[reportMissingImports]
    finally:
        sys.path.remove(str(FOLDER))
    return components


class Router:
    """Takes what their models take and no field more; values out of a model's lists are refused, as they say.

    Attributes:
        asked: bodies of requests, as their own model read them.
        fate: `completed`, `failed`, or a status of HTTP.
    """

    def __init__(self, theirs: Any) -> None:
        self.theirs, self.asked, self.fate = theirs, list[dict[str, Any]](), "completed"
        self.sound = True

    def app(self, service: Service) -> FastAPI:
        app = FastAPI()

        @app.post("/api/v1/videos")
        async def create(request: Request) -> JSONResponse:
            if request.headers.get("authorization") != f"Bearer {KEY}":
                return JSONResponse({"error": {"code": 401, "message": "No auth credentials found"}}, 401)
            if self.fate.isdigit():
                error = {"code": int(self.fate), "message": "no", "metadata": {"reasons": ["violence"]}}
                return JSONResponse({"error": error}, int(self.fate), {"Retry-After": "0"})
            body = await request.json()
            read = self.theirs.VideoGenerationRequest.model_validate(body).model_dump(mode="json", exclude_none=True)
            wrong = [
                name
                for name, known in (
                    ("resolution", MODEL["supported_resolutions"]),
                    ("duration", MODEL["supported_durations"]),
                    ("aspect_ratio", MODEL["supported_aspect_ratios"]),
                )
                if body.get(name) not in known  # pyright: ignore[reportOperatorIssue]
            ]
            if read != body or wrong or body["model"] != VEO or "seed" in body:
                return JSONResponse({"error": {"code": 400, "message": f"not taken: {wrong or body}"}}, 400)
            self.asked.append(body)
            return self._tell("pending", 202)

        @app.get("/api/v1/videos/models")
        async def models() -> Any:
            listed = self.theirs.VideoModelsListResponse.model_validate({"data": [MODEL]})
            return listed.model_dump(mode="json")

        @app.get("/api/v1/videos/gen-vid-1")
        async def status() -> JSONResponse:
            return self._tell(self.fate, 200)

        @app.get("/api/v1/videos/gen-vid-1/content")
        async def content(request: Request) -> Any:
            assert request.headers["authorization"] == f"Bearer {KEY}"
            seconds = self.asked[-1]["duration"]
            clip = make_clip(service.folder / "clip.mp4", (1280, 720), 24 * seconds, sound=self.sound)
            return FileResponse(clip)

        return app

    def _tell(self, status: str, code: int) -> JSONResponse:
        more: dict[str, Any] = {"error": "blocked by safety filters"} if status == "failed" else {}
        if status == "completed":
            more = {"unsigned_urls": ["/api/v1/videos/gen-vid-1/content?index=0"], "usage": {"cost": 1.6}}
        body = {"id": "gen-vid-1", "polling_url": "/api/v1/videos/gen-vid-1", "status": status, **more}
        answer = self.theirs.VideoGenerationResponse.model_validate(body)
        return JSONResponse(answer.model_dump(mode="json", exclude_none=True), code)


@pytest.fixture
def router(theirs: Any) -> Router:
    return Router(theirs)


@pytest.fixture
async def desk(open_desk: MakeDesk, router: Router, tmp_path: Path) -> Any:
    with serving(router.app, tmp_path / "router") as service:
        yield await open_desk(
            "openrouter", base_url=f"{service.address}/api/v1", api_key=KEY, model=VEO, poll=0.05,
            allow=("127.0.0.1/32",),
        )  # fmt: skip


async def test_a_text_is_asked_for_in_what_the_model_takes_and_brought_to_what_was_asked_for(
    desk: Desk, router: Router
) -> None:
    task = await desk.made(duration=5, seed=7)
    assert task.status == Status.COMPLETED, task.error_message
    asked = router.asked[0]
    assert (asked["duration"], asked["resolution"], asked["aspect_ratio"]) == (6, "720p", "16:9")
    assert len(asked["user"]) == 32
    rendered = await desk.rendered(task)
    assert (rendered.usage["task"], rendered.usage["cost"]) == ("gen-vid-1", 1.6)


async def test_frames_are_frames_and_references_references(desk: Desk, router: Router) -> None:
    picture = files.image_bytes()
    assert (await desk.made(IMAGE, links=desk.media("image", picture))).status == Status.COMPLETED
    assert (await desk.made(REFERENCE, links=desk.media("image", picture, picture))).status == Status.COMPLETED
    frames, references = router.asked
    assert [part["frame_type"] for part in frames["frame_images"]] == ["first_frame"]
    assert frames["frame_images"][0]["image_url"]["url"].startswith("data:image/")
    assert [part["type"] for part in references["input_references"]] == ["image_url", "image_url"]


async def test_a_silent_video_gets_the_sound_stages_sound(desk: Desk, router: Router) -> None:
    router.sound = False
    rendered = await desk.rendered(await desk.made(duration=4))
    assert "the sound is the sound stage's" in rendered.notes


async def test_what_the_model_cannot_make_is_told_before_anything_is_paid(desk: Desk, router: Router) -> None:
    task = await desk.made(duration=15)
    assert (task.error_code, router.asked) == ("service_unavailable", [])
    assert task.error_message == "google/veo-3.1 makes 8 s at most, not 15"


@pytest.mark.parametrize(
    ("fate", "code"),
    [("failed", "content_policy_violation"), ("402", "quota_exceeded"), ("403", "content_policy_violation"),
     ("expired", "generation_timeout")],
)  # fmt: skip
async def test_refusals_and_failures_are_told_as_what_they_are(
    desk: Desk, router: Router, fate: str, code: str
) -> None:
    router.fate = fate
    assert (await desk.made(duration=4)).error_code == code


def test_what_a_model_does_not_list_is_asked_for_as_it_is() -> None:
    nothing = Abilities()
    assert (nothing.duration(5, slowest=1.05), nothing.resolution(Quality.P480), nothing.ratio("21:9")) == (
        5, "480p", "21:9",
    )  # fmt: skip
    wide = Abilities(durations=(5, 10), resolutions=("720p", "1080p"), ratios=("16:9", "1:1"))
    assert [wide.duration(seconds, slowest=1.05) for seconds in (4, 6, 10.4, 15)] == [5, 10, 10, None]
    assert [wide.resolution(quality) for quality in (Quality.P480, Quality.P1080)] == ["720p", "1080p"]
    assert [wide.ratio(ratio) for ratio in ("21:9", "3:4")] == ["16:9", "1:1"]
