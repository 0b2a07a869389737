"""What vLLM-Omni's own pipelines read of a request before they draw: Wan's, HunyuanVideo's and LTX-2's own code.

To be imported after `stubs.install`.
"""

from __future__ import annotations

import importlib
from types import SimpleNamespace
from typing import Any

_MODELS = "vllm_omni.diffusion.models"
BARE = (f"{_MODELS}.wan2_2", f"{_MODELS}.ltx2", f"{_MODELS}.hunyuan_video")
STUBBED = (
    "vllm_omni.transformers_utils", "vllm_omni.diffusion.distributed", "vllm_omni.diffusion.forward_context",
    "vllm_omni.diffusion.media", "vllm_omni.diffusion.model_loader", "vllm_omni.diffusion.offloader",
    "vllm_omni.diffusion.postprocess", "vllm_omni.diffusion.profiler", "vllm_omni.diffusion.request",
    "vllm_omni.diffusion.utils", "vllm_omni.diffusion.worker", f"{_MODELS}.dmd2", f"{_MODELS}.interface",
    f"{_MODELS}.progress_bar", f"{_MODELS}.schedulers", f"{_MODELS}.t5_encoder", f"{_MODELS}.utils",
    f"{_MODELS}.wan2_2.chunked_mp4", f"{_MODELS}.wan2_2.scheduling_wan_euler", f"{_MODELS}.wan2_2.wan2_2_transformer",
    f"{_MODELS}.wan2_2.wan2_2_vace_transformer", f"{_MODELS}.hunyuan_video.hunyuan_video_15_transformer",
    f"{_MODELS}.ltx2.ltx2_components",
)  # fmt: skip
_BEFORE = {
    "WanPipeline": ("wan2_2.pipeline_wan2_2", "get_wan22_pre_process_func"),
    "WanImageToVideoPipeline": ("wan2_2.pipeline_wan2_2_i2v", "get_wan22_i2v_pre_process_func"),
    "WanVACEPipeline": ("wan2_2.pipeline_wan2_2_vace", "get_wan22_vace_pre_process_func"),
    "HunyuanVideo15ImageToVideoPipeline": (
        "hunyuan_video.pipeline_hunyuan_video_1_5_i2v",
        "get_hunyuan_video_15_i2v_pre_process_func",
    ),
}


def read_by(pipeline: str, prompt: dict[str, Any], params: Any) -> dict[str, Any]:
    """The media that the model gets, as its own code leaves them.

    Args:
        pipeline: one of vLLM-Omni's.
        prompt: with `multi_modal_data`.
        params: size and number of frames.

    Raises:
        ValueError, TypeError: their code refuses the request.
    """
    if pipeline.startswith("LTX2"):
        return _read_by_ltx2(prompt, params)
    if pipeline not in _BEFORE:
        return prompt.get("multi_modal_data") or {}
    module, name = _BEFORE[pipeline]
    before = getattr(importlib.import_module(f"{_MODELS}.{module}"), name)(None)
    read = before(SimpleNamespace(prompt=prompt, sampling_params=params)).prompt
    media, more = read.get("multi_modal_data") or {}, read.get("additional_information") or {}
    return {
        "image": more.get("reference_images", media.get("image")),
        "last_image": media.get("last_image"),
        "video": more.get("source_video", media.get("video")),
    }


def _read_by_ltx2(prompt: dict[str, Any], params: Any) -> dict[str, Any]:
    conditioning = importlib.import_module(f"{_MODELS}.ltx2.ltx2_conditioning")
    request = importlib.import_module(f"{_MODELS}.ltx2.ltx2_request")
    recipes = importlib.import_module(f"{_MODELS}.ltx2.ltx2_recipes")
    media = prompt.get("multi_modal_data") or {}
    image = conditioning.LTXI2VConditioningMixin._resolve_single_prompt_image(media.get("image"))
    recipe = recipes.LTX2_TWO_STAGE_RECIPE
    asked = SimpleNamespace(
        width=params.width, height=params.height, num_frames=params.num_frames, latents=None, audio_latents=None,
        num_inference_steps=recipe.num_inference_steps, guidance=recipe.phases[0].guidance,
        negative_prompt=prompt.get("negative_prompt"), negative_prompt_embeds=None,
    )  # fmt: skip
    request.validate_pipeline_request(
        asked,
        pipeline_recipe=recipe,
        vae_spatial_compression_ratio=32,
        vae_temporal_compression_ratio=8,
        pipeline_name="LTX2TwoStagePipeline",
    )
    return {"image": image}
