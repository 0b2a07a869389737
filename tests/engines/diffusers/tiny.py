"""Tiny, randomly initialised weights of the true classes, saved to a folder as the hub has them; nothing is downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import diffusers
import gguf
import numpy as np
import torch
import transformers
from diffusers.modular_pipelines.minimax_h3 import MiniMaxH3Blocks
from diffusers.pipelines.ltx2 import LTX2TextConnectors
from diffusers.pipelines.ltx2.vocoder import LTX2Vocoder

_SPECIAL = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
    "<|image_pad|>", "<|video_pad|>",
)  # fmt: skip


def _bytes_as_letters() -> list[str]:
    """The 256 letters that byte-level BPE writes bytes as."""
    shown = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return [chr(byte) for byte in shown] + [chr(256 + index) for index in range(len(hidden))]


def qwen_tokenizer() -> Any:
    """The bytes of a text, one by one."""
    vocab = {letter: index for index, letter in enumerate(_bytes_as_letters())}
    return transformers.Qwen2TokenizerFast(
        vocab=vocab, merges=[], additional_special_tokens=list(_SPECIAL[1:]), eos_token=_SPECIAL[0],
        pad_token=_SPECIAL[0], unk_token=_SPECIAL[0],
    )  # fmt: skip


def save_minimax_h3(
    folder: Path, *, transformer: dict[str, Any] | None = None, true_decoders: bool = False, dtype: Any = torch.float32
) -> Path:
    """MiniMax H3 with both transformers; one clip of 124 frames at 160x96 takes seconds on a CPU.

    Args:
        transformer: what differs from the tiny one, of that for text and frames.
        true_decoders: picture and sound are decoded by the true architecture.
    """
    torch.manual_seed(0)
    tokenizer = qwen_tokenizer()
    ids = {token: tokenizer.convert_tokens_to_ids(token) for token in _SPECIAL}
    config = transformers.Qwen3VLConfig(
        # The conditioner is read after layer 50.
        text_config={
            "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 52, "num_attention_heads": 2,
            "num_key_value_heads": 1, "head_dim": 16, "vocab_size": len(tokenizer),
            "rope_scaling": {"mrope_section": [2, 3, 3], "rope_type": "default", "mrope_interleaved": True},
        },
        vision_config={
            "depth": 3, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "out_hidden_size": 32,
            "deepstack_visual_indexes": [0, 1, 2], "num_position_embeddings": 64, "patch_size": 16,
        },
        image_token_id=ids["<|image_pad|>"], video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"], vision_end_token_id=ids["<|vision_end|>"],
    )  # fmt: skip
    small = {
        "num_attention_heads": 2, "attention_head_dim": 32, "hidden_size": 32, "num_layers": 2, "num_refiner_layers": 1,
        "ffn_dim": 64, "text_dim": 32, "time_embed_hidden_dim": 32, "time_embed_dim": 16, "rope_freq_dim": 4,
        "freq_dim": 32,
    }  # fmt: skip
    processor = transformers.Qwen3VLProcessor(
        image_processor=transformers.Qwen2VLImageProcessor(
            patch_size=16, merge_size=2, size={"shortest_edge": 32 * 32, "longest_edge": 128 * 128}
        ),
        tokenizer=tokenizer,
        video_processor=transformers.Qwen3VLVideoProcessor(patch_size=16, merge_size=2),
    )
    vae, audio_vae = (
        ({}, {})
        if true_decoders
        else (
            {
                "block_out_channels": (8,) * 6, "layers_per_block": 1, "norm_num_groups": 4, "decoder_num_layers": 1,
                "decoder_num_attention_heads": 2, "decoder_attention_head_dim": 16,
            },
            {"encoder_dim": 4, "latent_dim": 32, "decoder_dim": 128, "num_attention_heads": 2},
        )
    )  # fmt: skip
    pipe = MiniMaxH3Blocks().init_pipeline()
    pipe.update_components(
        text_encoder=transformers.Qwen3VLForConditionalGeneration(config).eval(),
        tokenizer=tokenizer,
        processor=processor,
        transformer=_random(diffusers.MiniMaxH3Transformer3DModel, small | (transformer or {}), dtype),
        transformer_ref=diffusers.MiniMaxH3Transformer3DModel(**small),
        vae=diffusers.AutoencoderKLMiniMaxH3(**vae),
        audio_vae=diffusers.AutoencoderKLMiniMaxH3Audio(**audio_vae, latents_mean=[0.0] * 32, latents_std=[1.0] * 32),
        scheduler=diffusers.MiniMaxH3Scheduler(shift=12.0),
        audio_scheduler=diffusers.MiniMaxH3Scheduler(shift=3.0),
    )  # fmt: skip
    pipe.save_pretrained(str(folder))
    return folder


def _random(kind: Any, config: dict[str, Any], dtype: Any) -> Any:
    """A model made in `dtype` at once: a large one in float32 first would take twice the memory."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        return kind(**config)
    finally:
        torch.set_default_dtype(before)


def _gemma_4(tokenizer: Any) -> Any:
    """The text encoder of LTX-2.5, which hears and sees too."""
    config = transformers.Gemma4UnifiedConfig(
        text_config={
            "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
            "num_key_value_heads": 1, "head_dim": 16, "global_head_dim": 16, "vocab_size": len(tokenizer),
            "vocab_size_per_layer_input": len(tokenizer), "hidden_size_per_layer_input": 0,
        },
    )  # fmt: skip
    return transformers.Gemma4UnifiedForConditionalGeneration(config).eval()


def save_ltx2(
    folder: Path,
    *,
    transformer: dict[str, Any] | None = None,
    dtype: Any = torch.float32,
    newer: bool = False,
    gemma_4: bool = False,
) -> Path:
    """LTX-2; one clip of 97 frames at 64x32 takes a second on a CPU.

    Args:
        transformer: what differs from the tiny one.
        newer: with the parts that LTX-2.3 brought.
        gemma_4: with the text encoder of LTX-2.5.
    """
    torch.manual_seed(0)
    tokenizer = qwen_tokenizer()
    config = transformers.Gemma3Config(
        text_config={
            "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
            "num_key_value_heads": 1, "head_dim": 16, "vocab_size": len(tokenizer),
        },
        vision_config={
            "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
            "image_size": 28, "patch_size": 14,
        },
    )  # fmt: skip
    audio_vae = diffusers.AutoencoderKLLTX2Audio(
        base_channels=4, output_channels=2, ch_mult=(1,), num_res_blocks=1, attn_resolutions=None, in_channels=2,
        resolution=32, latent_channels=2, norm_type="pixel", causality_axis="height", dropout=0.0,
        mid_block_add_attention=False, sample_rate=16000, mel_hop_length=160, is_causal=True, mel_bins=8,
    )  # fmt: skip
    vae = diffusers.AutoencoderKLLTX2Video(
        in_channels=3, out_channels=3, latent_channels=4, block_out_channels=(8, 16, 32, 64),
        decoder_block_out_channels=(8, 16, 32), layers_per_block=(1, 1, 1, 1, 1), decoder_layers_per_block=(1, 1, 1, 1),
        spatio_temporal_scaling=(True, True, True, True), decoder_spatio_temporal_scaling=(True, True, True),
        decoder_inject_noise=(False,) * 4, downsample_type=("spatial", "temporal", "spatiotemporal", "spatiotemporal"),
        upsample_residual=(True, True, True), upsample_factor=(2, 2, 2), timestep_conditioning=False, patch_size=4,
        patch_size_t=1, encoder_causal=True, decoder_causal=False, spatial_compression_ratio=32, temporal_compression_ratio=8,
    )  # fmt: skip
    small = {
        "in_channels": 4, "out_channels": 4, "patch_size": 1, "patch_size_t": 1, "num_attention_heads": 2,
        "attention_head_dim": 8, "cross_attention_dim": 16, "audio_in_channels": 4, "audio_out_channels": 4,
        "audio_num_attention_heads": 2, "audio_attention_head_dim": 4, "audio_cross_attention_dim": 8, "num_layers": 2,
        "qk_norm": "rms_norm_across_heads", "caption_channels": 32, "rope_double_precision": False,
        "rope_type": "split",
    }  # fmt: skip
    if newer:
        small |= {
            "gated_attn": True, "cross_attn_mod": True, "audio_gated_attn": True, "audio_cross_attn_mod": True,
            "use_prompt_embeddings": False, "perturbed_attn": True,
        }  # fmt: skip
    of_newer: dict[str, Any] = {
        "per_modality_projections": True, "video_hidden_dim": 16, "audio_hidden_dim": 8, "proj_bias": True,
        "video_gated_attn": True, "audio_gated_attn": True,
    }  # fmt: skip
    video_width, audio_width = (16, 8) if newer else (32, 32)
    pipe = diffusers.LTX2Pipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        vae=vae,
        audio_vae=audio_vae,
        text_encoder=_gemma_4(tokenizer) if gemma_4 else transformers.Gemma3ForConditionalGeneration(config).eval(),
        tokenizer=tokenizer,
        transformer=_random(diffusers.LTX2VideoTransformer3DModel, small | (transformer or {}), dtype),
        connectors=LTX2TextConnectors(
            caption_channels=32, text_proj_in_factor=3, video_connector_num_attention_heads=video_width // 8,
            video_connector_attention_head_dim=8, video_connector_num_layers=1,
            video_connector_num_learnable_registers=None, audio_connector_num_attention_heads=audio_width // 8,
            audio_connector_attention_head_dim=8, audio_connector_num_layers=1,
            audio_connector_num_learnable_registers=None, connector_rope_base_seq_len=32, rope_theta=10000.0,
            rope_double_precision=False, causal_temporal_positioning=False, rope_type="split",
            **(of_newer if newer else {}),
        ),
        vocoder=LTX2Vocoder(
            in_channels=audio_vae.config.output_channels * audio_vae.config.mel_bins, hidden_channels=32,
            out_channels=2, upsample_kernel_sizes=[16, 10], upsample_factors=[16, 10], resnet_kernel_sizes=[3],
            resnet_dilations=[[1, 3, 5]], leaky_relu_negative_slope=0.1, output_sampling_rate=16000,
        ),
    )  # fmt: skip
    pipe.save_pretrained(str(folder))
    return folder


def save_gguf(weights: Path, file: Path, engine: str) -> Path:
    """The transformer of a folder of weights as a GGUF file, with the names and rows that published ones have."""
    kind = diffusers.MiniMaxH3Transformer3DModel if engine == "minimax_h3" else diffusers.LTX2VideoTransformer3DModel
    state = {
        name: tensor.float().numpy()
        for name, tensor in kind.from_pretrained(weights, subfolder="transformer").state_dict().items()
    }
    original = _original_minimax_h3(state) if engine == "minimax_h3" else _original_ltx2(state)
    writer = gguf.GGUFWriter(str(file), engine)
    for name, array in original.items():
        kind_of = gguf.GGMLQuantizationType.F32
        # As converters do: large matrices in 8 bits (blocks of 32 along a row), all else exact.
        if array.ndim == 2 and array.shape[-1] % 32 == 0 and "blocks." in name:
            kind_of = gguf.GGMLQuantizationType.Q8_0
            array = gguf.quants.quantize(array, kind_of)
        writer.add_tensor(name, array, raw_dtype=kind_of)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


_MINIMAX_H3_NAMES = {
    "token_refiner.refiner_blocks.": "token_refiner.blocks.", "time_embedder.linear_1.": "time_embedder.proj_in.",
    "time_embedder.linear_2.": "time_embedder.proj_out.", "context_embedder.": "condition_proj.",
    "norm_out.norm.": "final_layer.norm.", "norm_out.linear.": "final_layer.adaln_proj.linear.",
    "audio_proj_out.": "final_layer.audio_out.", "audio_proj_in.": "audio_patch_proj.",
    ".attn.norm_q.": ".attn.q_norm.", ".attn.norm_k.": ".attn.k_norm.", ".attn.to_out.0.": ".attn.out_proj.",
    ".ff.net.0.proj.": ".mlp.fc1.", ".ff.net.2.": ".mlp.fc2.",
}  # fmt: skip


def _original_minimax_h3(state: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, array in state.items():
        if name.endswith((".attn.to_k.weight", ".attn.to_v.weight")):
            continue
        if name.endswith(".attn.to_q.weight"):
            array = np.concatenate([state[name.replace("to_q", part)] for part in ("to_q", "to_k", "to_v")])
            name = name.replace("to_q", "qkv_proj")
        if name.endswith(".ff.net.0.proj.weight"):
            array = np.concatenate(np.split(array, 2)[::-1])
        for ours, theirs in _MINIMAX_H3_NAMES.items():
            name = name.replace(ours, theirs)
        starts = {
            "transformer_blocks.": "blocks.",
            "proj_in.": "video_patch_proj.",
            "proj_out.": "final_layer.video_out.",
        }
        for ours, theirs in starts.items():
            if name.startswith(ours):
                name = theirs + name.removeprefix(ours)
        made[name] = array
    return made


def _original_ltx2(state: dict[str, Any]) -> dict[str, Any]:
    names = {
        "av_cross_attn_video_scale_shift.": "av_ca_video_scale_shift_adaln_single.",
        "av_cross_attn_video_a2v_gate.": "av_ca_a2v_gate_adaln_single.",
        "av_cross_attn_audio_scale_shift.": "av_ca_audio_scale_shift_adaln_single.",
        "av_cross_attn_audio_v2a_gate.": "av_ca_v2a_gate_adaln_single.",
        "video_a2v_cross_attn_scale_shift_table": "scale_shift_table_a2v_ca_video",
        "audio_a2v_cross_attn_scale_shift_table": "scale_shift_table_a2v_ca_audio",
        "audio_proj_in.": "audio_patchify_proj.", "norm_q": "q_norm", "norm_k": "k_norm",
        "audio_time_embed.": "audio_adaln_single.",
    }  # fmt: skip
    made: dict[str, Any] = {}
    for name, array in state.items():
        for ours, theirs in names.items():
            name = name.replace(ours, theirs)
        for ours, theirs in {"proj_in.": "patchify_proj.", "time_embed.": "adaln_single."}.items():
            if name.startswith(ours):
                name = theirs + name.removeprefix(ours)
        made["model.diffusion_model." + name] = array
    return made
