"""vLLM-Omni's own `/v1/videos`: its form, its request model, its references, H3's own shapes; the model alone is ours.

`python -m tests.engines.upstream.peers.vllm_omni FOLDER PIPELINE`: where it is installed, and the pipeline it serves.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, TypedDict

from tests.engines.upstream.peers import vllm_omni_models
from tests.engines.upstream.peers.serving import drawn, serve, tell
from tests.engines.upstream.peers.stubs import install

FOLDER, PIPELINE = Path(sys.argv[1]), sys.argv[2]
_BARE = (
    "vllm_omni", "vllm_omni.entrypoints", "vllm_omni.entrypoints.openai", "vllm_omni.diffusion",
    "vllm_omni.diffusion.models", "vllm_omni.diffusion.models.minimax_h3", "vllm_omni.inputs",
    "vllm_omni.config", "vllm_omni.model_executor", "vllm_omni.model_executor.models", "vllm_omni.model_executor.models.minimax_h3",
    *vllm_omni_models.BARE,
)  # fmt: skip
_STUBBED = (
    "vllm", "aenum", "vllm_omni.entrypoints.async_omni", "vllm_omni.lora", "vllm_omni.metrics",
    "vllm_omni.diffusion.data", "vllm_omni.platforms", *vllm_omni_models.STUBBED,
)  # fmt: skip


class _Prompt(TypedDict, total=False):
    """What prompts of vLLM have in common."""

    prompt: str


class _SamplingParams:
    """Of text models; nothing of it is used here."""


def _stand_in_for_vllm() -> None:
    inputs, engine, params = (
        ModuleType("vllm.inputs"),
        ModuleType("vllm.inputs.engine"),
        ModuleType("vllm.sampling_params"),
    )
    for name in ("EmbedsPrompt", "TextPrompt", "TokensPrompt", "PromptType"):
        setattr(inputs, name, _Prompt)
    inputs.__path__ = []
    engine.TokensInput = _Prompt  # type: ignore[attr-defined]
    params.SamplingParams = _SamplingParams  # type: ignore[attr-defined]
    errors = ModuleType("vllm.v1.engine.exceptions")
    for name in ("EngineDeadError", "EngineGenerateError"):
        setattr(errors, name, type(name, (Exception,), {}))
    state = ModuleType("vllm_omni.entrypoints.openai.app_state")
    state.Omnivideo = lambda request: request.app.state.openai_serving_video  # type: ignore[attr-defined]
    envs = ModuleType("vllm.envs")
    envs.VLLM_MAX_IMAGE_PIXELS, envs.VLLM_MEDIA_URL_ALLOW_REDIRECTS = 0, False  # type: ignore[attr-defined]
    for module in (inputs, engine, params, errors, state, envs):
        sys.modules[module.__name__] = module


_stand_in_for_vllm()
install(FOLDER, stubbed=_STUBBED, bare=_BARE)
importlib.import_module("vllm").envs = sys.modules["vllm.envs"]  # type: ignore[attr-defined]

import asyncio  # noqa: E402

from fastapi import Depends, FastAPI, HTTPException, Request  # noqa: E402
from fastapi.responses import FileResponse, JSONResponse  # noqa: E402
from vllm_omni.entrypoints.openai import serving_video  # noqa: E402
from vllm_omni.entrypoints.openai.protocol.videos import VideoGenerationStatus  # noqa: E402
from vllm_omni.entrypoints.openai.stores import VIDEO_STORE  # noqa: E402
from vllm_omni.entrypoints.openai.video.generation import helpers  # noqa: E402
from vllm_omni.errors import OmniClientError  # noqa: E402

helpers._diffusion_model_classes = lambda _: []  # they would import the models with all their kernels
H3 = PIPELINE.startswith("MiniMaxH3")
if H3:
    from vllm_omni.model_executor.models.minimax_h3 import encoder_processing as h3


class Handler(serving_video.OmniOpenAIServingVideo):
    """Theirs, with the model at its end replaced."""

    async def generate_video_bytes(self, request: Any, reference_id: str, **given: Any) -> Any:
        self._sound = request.generate_sound
        artifacts = await self._run_and_extract(request, reference_id, **given)
        return artifacts.videos[0], {}, 0.0, None, {}

    async def _run_generation(self, prompt: Any, gen_params: Any, request_id: str, *, on_started: Any = None) -> Any:
        if on_started is not None:
            await on_started()
        media = prompt.get("multi_modal_data") or {}
        extra = gen_params.extra_args
        width, height, frames = gen_params.width, gen_params.height, gen_params.num_frames
        task = None
        if not H3:
            media = vllm_omni_models.read_by(PIPELINE, prompt, gen_params)
        lists = {kind: _listed(media.get(kind)) for kind in ("image", "video", "audio")}
        if H3:
            task = h3._resolve_task(extra, media)
            if task == "t2va" and any(lists.values()):
                raise OmniClientError("t2va does not accept image, video, or audio conditions")
            if task == "fl2va":
                h3._resolve_fl2va_keyframe_indices(extra, len(lists["image"]))
            if task == "ref2va":
                h3._validate_ref2va_reference_counts(*(len(lists[kind]) for kind in ("image", "video", "audio")))
            first = lists["image"][0] if lists["image"] else None
            height, width, frames, *_ = h3.resolve_minimax_h3_shape(task, gen_params, first)
        tell(
            task=task, prompt=prompt["prompt"], size=[width, height], num_frames=frames, seed=gen_params.seed,
            images=[list(image.size) for image in lists["image"]],
            corners=[image.convert("RGB").getpixel((2, 2)) for image in lists["image"]],
            videos=[_shape_of(each) for each in lists["video"]], audios=[Path(path).suffix for path in lists["audio"]],
            has_last=media.get("last_image") is not None, sound=extra.get("generate_sound"), fps=gen_params.fps, extra={k: v for k, v in extra.items() if k != "duration"},
        )  # fmt: skip
        path = Path(tempfile.mkdtemp()) / "clip.mp4"
        await asyncio.to_thread(
            drawn,
            path,
            (width, height),
            frames,
            sound=bool(extra.get("generate_sound")),
            frame_rate=gen_params.fps or 24,
        )
        return SimpleNamespace(video=path.read_bytes())

    def _extract_video_outputs(self, result: Any) -> list[bytes]:
        return [result.video]

    @staticmethod
    def _extract_audio_outputs(result: Any, expected_count: int) -> list[None]:
        return [None] * expected_count

    @classmethod
    def _extract_action_outputs(cls, result: Any, expected_count: int) -> list[None]:
        return [None] * expected_count

    @staticmethod
    def _extract_multimodal_output(result: Any) -> dict[str, Any]:
        return {}

    def _resolve_audio_sample_rate(self, result: Any) -> int:
        return 48_000


def _shape_of(video: Any) -> Any:
    """The kind of a file, or the size of a frame."""
    return Path(video).suffix if isinstance(video, str) else list(video.size)


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


stages = [{"stage_type": "diffusion", "engine_args": {"model_class_name": PIPELINE}}]
client = SimpleNamespace(
    stage_configs=stages,
    od_config=None,
    get_diffusion_od_config=lambda: SimpleNamespace(model_class_name=PIPELINE, model=None, revision=None),
)
app = FastAPI()
app.state.openai_serving_video = Handler(client, model_name=PIPELINE, stage_configs=stages)
app.state.stage_configs = stages


@app.post("/v1/videos")
async def create(raw_request: Request, ctx: Any = Depends(helpers._parse_video_form)) -> Any:
    """As `create_video` of their api_server, which needs all of vLLM to be imported."""
    request, handler, model, *references, control, latent = ctx
    job = helpers.video_response_from_request(model, request)
    await VIDEO_STORE.upsert(job.id, job)
    asyncio.get_running_loop().create_task(
        helpers._run_video_generation_job(
            handler, request, job.id, *references, control, app_state=app.state, latent_edit_input=latent
        )
    )
    return job


@app.get("/v1/videos/{video_id}")
async def read(video_id: str) -> Any:
    """As `retrieve_video` of their api_server."""
    job = await VIDEO_STORE.get(video_id)
    if job is None:
        raise HTTPException(status_code=404, detail="Video not found")
    if job.status == VideoGenerationStatus.FAILED:
        status = helpers._status_code_for_video_failure(job.error)
        content = job.model_dump(mode="json")
        content["error"]["code"] = status
        return JSONResponse(content=content, status_code=status)
    return job


@app.get("/v1/videos/{video_id}/content")
async def content(video_id: str) -> FileResponse:
    """The file where their storage put it."""
    handle = await helpers.STORAGE_MANAGER.open(video_id)
    return FileResponse(handle.path, media_type="video/mp4")


@app.delete("/v1/videos/{video_id}")
async def delete(video_id: str) -> Any:
    """The job is forgotten."""
    await VIDEO_STORE.pop(video_id)
    return {"id": video_id, "deleted": True, "object": "video.deleted"}


if __name__ == "__main__":
    serve(app)
