"""Tiny, randomly initialised weights of the models of the table, saved to folders as the hub has them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from diffusers.guiders import ClassifierFreeGuidance
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
from safetensors.torch import save_file

from tests.engines.diffusers.tiny import qwen_tokenizer, save_ltx2

_TEXT = 32  # width of what a text encoder gives


def _t5(kind: str = "T5", width: int = _TEXT, words: int | None = None) -> Any:
    config = getattr(transformers, f"{kind}Config")(
        d_model=width, d_ff=16, num_layers=2, num_heads=2, d_kv=8, vocab_size=words or len(qwen_tokenizer()),
        feed_forward_proj="gated-gelu",
    )  # fmt: skip
    return getattr(transformers, f"{kind}EncoderModel")(config).eval()


def _wan_vae() -> Any:
    return diffusers.AutoencoderKLWan(
        base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True]
    )


def _wan_transformer(channels: int = 16, *, out: int = 16, kind: str = "WanTransformer3DModel", **more: Any) -> Any:
    return getattr(diffusers, kind)(
        num_attention_heads=2, attention_head_dim=12, in_channels=channels, out_channels=out, text_dim=_TEXT,
        freq_dim=32, ffn_dim=32, num_layers=2, rope_max_seq_len=64, **more,
    )  # fmt: skip


def _wan_scheduler() -> Any:
    return diffusers.UniPCMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
    )  # fmt: skip


def _save_wan(folder: Path, kind: str, transformers_: list[Any], **more: Any) -> Path:
    vae = more.pop("vae", None) or _wan_vae()
    pipe = getattr(diffusers, kind)(
        tokenizer=qwen_tokenizer(), text_encoder=_t5("UMT5"), vae=vae, scheduler=_wan_scheduler(),
        transformer=transformers_[0], transformer_2=transformers_[1] if len(transformers_) > 1 else None, **more,
    )  # fmt: skip
    pipe.save_pretrained(str(folder))
    return folder


def _vace(folder: Path) -> Path:
    kind = "WanVACETransformer3DModel"
    return _save_wan(folder, "WanVACEPipeline", [_wan_transformer(kind=kind, vace_layers=[0, 1], vace_in_channels=96)])


def save_wan2_2(folder: Path) -> dict[str, str]:
    text, image = ([_wan_transformer(channels) for _ in range(2)] for channels in (16, 36))
    return {
        "weights": str(_save_wan(folder / "text", "WanPipeline", text, boundary_ratio=0.875)),
        "image_weights": str(_save_wan(folder / "image", "WanImageToVideoPipeline", image, boundary_ratio=0.9)),
        "reference_weights": str(_vace(folder / "vace")),
    }


def save_wan2_2_5b(folder: Path) -> dict[str, str]:
    vae = diffusers.AutoencoderKLWan(
        base_dim=3, z_dim=48, dim_mult=[1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True],
        is_residual=True, patch_size=2, in_channels=12, out_channels=12, latents_mean=[0.0] * 48,
        latents_std=[1.0] * 48, scale_factor_spatial=16,
    )  # fmt: skip
    parts = [_wan_transformer(48, out=48)]
    place = str(_save_wan(folder / "text", "WanPipeline", parts, expand_timesteps=True, vae=vae))
    return {"weights": place, "image_weights": place}


def save_wan2_1_1_3b(folder: Path) -> dict[str, str]:
    text = _save_wan(folder / "text", "WanPipeline", [_wan_transformer()])
    return {"weights": str(text), "reference_weights": str(_vace(folder / "vace"))}


def save_hunyuan_video_1_5(folder: Path) -> dict[str, str]:
    tokenizer = qwen_tokenizer()
    tokenizer.chat_template = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
    made = {}
    for kind, task in (("HunyuanVideo15Pipeline", "t2v"), ("HunyuanVideo15ImageToVideoPipeline", "i2v")):
        torch.manual_seed(0)
        more: dict[str, Any] = {}
        if task == "i2v":
            vision = transformers.SiglipVisionConfig(
                hidden_size=12, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, image_size=28,
                patch_size=14,
            )  # fmt: skip
            more["image_encoder"] = transformers.SiglipVisionModel(vision).eval()
            more["feature_extractor"] = transformers.SiglipImageProcessor(size={"height": 28, "width": 28})
        pipe = getattr(diffusers, kind)(
            text_encoder=transformers.Qwen2_5_VLTextModel(
                transformers.Qwen2_5_VLTextConfig(
                    hidden_size=16, intermediate_size=16, num_hidden_layers=3, num_attention_heads=2,
                    num_key_value_heads=2, vocab_size=len(tokenizer),
                    rope_scaling={"mrope_section": [1, 1, 2], "rope_type": "default"},
                )
            ).eval(),
            tokenizer=tokenizer,
            transformer=diffusers.HunyuanVideo15Transformer3DModel(
                in_channels=9, out_channels=4, num_attention_heads=2, attention_head_dim=8, num_layers=2,
                num_refiner_layers=1, mlp_ratio=2.0, text_embed_dim=16, text_embed_2_dim=_TEXT, image_embed_dim=12,
                rope_axes_dim=(2, 2, 4), target_size=96, task_type=task,
            ),
            vae=diffusers.AutoencoderKLHunyuanVideo15(
                latent_channels=4, block_out_channels=(16, 16, 16, 16, 16), layers_per_block=1,
            ),
            scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
            text_encoder_2=_t5(words=384),
            tokenizer_2=transformers.ByT5Tokenizer(),
            guider=ClassifierFreeGuidance(guidance_scale=2.0),
            **more,
        )  # fmt: skip
        pipe.save_pretrained(str(folder / task))
        made[task] = str(folder / task)
    return {"weights": made["t2v"], "image_weights": made["i2v"]}


def save_mochi_1(folder: Path) -> dict[str, str]:
    pipe = diffusers.MochiPipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        vae=diffusers.AutoencoderKLMochi(
            encoder_block_out_channels=(32, 32, 32, 32), decoder_block_out_channels=(32, 32, 32, 32),
            layers_per_block=(1, 1, 1, 1, 1),
        ),
        text_encoder=_t5(),
        tokenizer=qwen_tokenizer(),
        transformer=diffusers.MochiTransformer3DModel(
            num_attention_heads=2, attention_head_dim=8, num_layers=2, pooled_projection_dim=16, text_embed_dim=_TEXT,
            time_embed_dim=4,
        ),
    )  # fmt: skip
    pipe.save_pretrained(str(folder))
    return {"weights": str(folder)}


def save_ltx_video_2b(folder: Path) -> dict[str, str]:
    vae = diffusers.AutoencoderKLLTXVideo(
        latent_channels=8, block_out_channels=(8, 8, 8, 8), decoder_block_out_channels=(8, 8, 8, 8),
        layers_per_block=(1, 1, 1, 1, 1), decoder_layers_per_block=(1, 1, 1, 1, 1), timestep_conditioning=True,
        decoder_inject_noise=(False,) * 5, spatio_temporal_scaling=(True, True, True, False),
        decoder_spatio_temporal_scaling=(True, True, True, False), upsample_residual=(False,) * 4,
        upsample_factor=(1, 1, 1, 1),
    )  # fmt: skip
    transformer = diffusers.LTXVideoTransformer3DModel(
        in_channels=8, out_channels=8, num_attention_heads=4, attention_head_dim=8, cross_attention_dim=32,
        num_layers=1, caption_channels=_TEXT,
    )  # fmt: skip
    pipe = diffusers.LTXPipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(), vae=vae, text_encoder=_t5(), tokenizer=qwen_tokenizer(),
        transformer=transformer,
    )  # fmt: skip
    pipe.save_pretrained(str(folder / "made"))
    # As its authors publish it: one file, with names of their own.
    names = {"proj_in.": "patchify_proj.", "time_embed.": "adaln_single."}
    state = {}
    for name, tensor in transformer.state_dict().items():
        for ours, theirs in names.items():
            if name.startswith(ours):
                name = theirs + name.removeprefix(ours)
        state["model.diffusion_model." + name.replace("norm_q", "q_norm").replace("norm_k", "k_norm")] = tensor
    save_file(state, folder / "distilled.safetensors")
    place = str(folder / "made")
    return {"weights": place, "image_weights": place, "transformer_file": str(folder / "distilled.safetensors")}


def _upsampler(folder: Path) -> str:
    """That of LTX-2, for four channels."""
    made = LTX2LatentUpsamplerModel(in_channels=4, mid_channels=32, num_blocks_per_stage=1)
    made.save_pretrained(str(folder / "latent_upsampler"))
    return str(folder)


def save_ltx2_3(folder: Path) -> dict[str, str]:
    """Two sets of weights with the parts that only LTX-2.3 and newer have, and an upsampler."""
    made = [str(save_ltx2(folder / name, newer=True)) for name in ("full", "distilled")]
    return {"weights": made[0], "distilled": made[1], "upsampler": _upsampler(folder / "upsampler")}


def save_ltx2_5(folder: Path) -> dict[str, str]:
    """One folder with both transformers, the upsampler, Gemma 4 in front, and the LoRA of the second stage beside."""
    save_ltx2(folder, newer=True, gemma_4=True)
    full = diffusers.LTX2VideoTransformer3DModel.from_pretrained(folder, subfolder="transformer")
    full.save_pretrained(str(folder / "transformer_full"))
    _upsampler(folder)
    weight = full.transformer_blocks[0].attn1.to_q.weight
    name = "transformer.transformer_blocks.0.attn1.to_q.lora_"
    lora = {f"{name}A.weight": torch.randn(2, weight.shape[1]), f"{name}B.weight": torch.randn(weight.shape[0], 2)}
    save_file(lora, folder / "lora.safetensors")
    place = str(folder)
    return {"weights": place, "distilled": place, "upsampler": place, "refining": f"{place}:lora.safetensors"}


SAVED: dict[str, Callable[[Path], dict[str, str]]] = {
    "wan2_2": save_wan2_2, "wan2_2_5b": save_wan2_2_5b, "wan2_1_1_3b": save_wan2_1_1_3b,
    "hunyuan_video_1_5": save_hunyuan_video_1_5, "mochi_1": save_mochi_1, "ltx_video_2b": save_ltx_video_2b,
    "ltx2_3": save_ltx2_3, "ltx2_5": save_ltx2_5,
}  # fmt: skip
