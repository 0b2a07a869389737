"""SGLang Diffusion's own `/v1/videos`: its route, its request model, its adapters; the scheduler alone is ours.

`python -m tests.engines.upstream.peers.sglang FOLDER MODEL`: where it is installed, and `minimax_h3` or `wan`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.engines.upstream.peers.serving import drawn, serve, tell
from tests.engines.upstream.peers.stubs import install

FOLDER, MODEL = Path(sys.argv[1]), sys.argv[2]
_STUBBED = (
    "sglang.srt", "sglang.utils", "sglang.kernels", "aiohttp", "imageio_ffmpeg", "zmq", "addict", "einops", "cache_dit",
    "uvloop", "remote_pdb", "imageio", "moviepy", "xfuser", "yunchang", "flash_attn",
)  # fmt: skip
install(FOLDER, stubbed=_STUBBED)

import asyncio  # noqa: E402

from fastapi import FastAPI  # noqa: E402
from PIL import Image  # noqa: E402
from sglang.multimodal_gen import registry  # noqa: E402
from sglang.multimodal_gen.configs.pipeline_configs.minimax_h3 import MiniMaxH3PipelineConfig  # noqa: E402
from sglang.multimodal_gen.configs.pipeline_configs.wan import WanI2V480PConfig  # noqa: E402
from sglang.multimodal_gen.configs.sample.minimax_h3 import MiniMaxH3SamplingParams  # noqa: E402
from sglang.multimodal_gen.configs.sample.wan import WanI2V_14B_480P_SamplingParam  # noqa: E402
from sglang.multimodal_gen.runtime.entrypoints.openai import utils, video_api  # noqa: E402

folder = Path(tempfile.mkdtemp())
# Looking for them would import every pipeline, and ask the hub.
config, sampling = {
    "minimax_h3": (MiniMaxH3PipelineConfig, MiniMaxH3SamplingParams),
    "wan": (WanI2V480PConfig, WanI2V_14B_480P_SamplingParam),
}[MODEL]
registry.get_pipeline_config_classes = lambda _name: (config, sampling)
sampling.validate_video_final_outputs = lambda *_: {}  # judges what the model made, which is ours
server_args = SimpleNamespace(
    pipeline_class_name=MODEL, model_path=MODEL, model_id=MODEL, backend="sglang", comfyui_mode=False,
    pipeline_config=config(),
    input_save_path=str(folder / "inputs"), output_path=str(folder / "outputs"), served_model_name=MODEL,
    attention_backend_config=None, enable_trace=False, num_gpus=1, model_variant=None, model_subfolder=None,
)  # fmt: skip
for module in (utils, video_api):
    module.get_global_server_args = lambda: server_args


async def generate(_client: Any, batch: Any, *, scheduler_batches: Any = None) -> tuple[list[str], Any]:
    """What the scheduler would get, and a clip of that size and length."""
    given = batch.sampling_params
    size, frames = (int(batch.width), int(batch.height)), int(batch.num_frames)
    conditions = [
        {**condition, "uri": str(condition["uri"])[:40]} for condition in getattr(given, "conditions", None) or []
    ]
    image = None
    if getattr(given, "image_path", None):
        path = given.image_path if isinstance(given.image_path, str) else given.image_path[0]
        with Image.open(path) as opened:
            image = list(opened.size)
    tell(
        task=getattr(given, "task", None), prompt=given.prompt, size=list(size), num_frames=frames, seed=given.seed,
        conditions=conditions, target=getattr(given, "target", None), image=image,
        video=getattr(given, "video_path", None), fps=given.fps, steps=given.num_inference_steps,
    )  # fmt: skip
    path = folder / f"{batch.request_id}.mp4"
    await asyncio.to_thread(drawn, path, size, frames, frame_rate=given.fps)
    return [str(path)], SimpleNamespace()


video_api.process_generation_batch = generate
video_api.add_common_data_to_response = lambda fields, **_: fields
app = FastAPI()
app.state.prompt_enhancer = None
app.include_router(video_api.router)

if __name__ == "__main__":
    serve(app)
