"""Wan: text, one or two frames, and reference images to video without sound."""

from __future__ import annotations

from opendance.catalog import Tier
from opendance.engines.diffusers.memory import Parts, Work
from opendance.engines.diffusers.row import Drawing, Licence, Row, Spent

_APACHE = "Apache-2.0"
_NEGATIVE = (
    "overexposed, still picture, blurred details, subtitles, watermark, low quality, deformed hands and faces, "
    "extra fingers"
)
_EXACT = ("patch_embedding", "condition_embedder", "proj_out")
_EXACT_VACE = (*_EXACT, "vace_patch_embedding")

# Sizes are those of the configurations: two transformers of 14.29e9 parameters, a text encoder of 5.68e9.
WAN_2_2 = Row(
    name="wan2_2",
    title="Wan 2.2 A14B",
    summary="Wan 2.2 A14B on this machine's GPUs: text, first and last frame; references with VACE of Wan 2.1",
    licence=Licence(_APACHE, "README of Wan-Video/Wan2.2", open=True),
    text=Drawing("WanPipeline", "Wan-AI/Wan2.2-T2V-A14B-Diffusers",
                 arguments={"guidance_scale": 4.0, "guidance_scale_2": 3.0}),
    image=Drawing("WanImageToVideoPipeline", "Wan-AI/Wan2.2-I2V-A14B-Diffusers", first="image", last="last_image",
                  arguments={"guidance_scale": 3.5}),
    reference=Drawing("WanVACEPipeline", "Wan-AI/Wan2.1-VACE-14B-diffusers", images="reference_images",
                      footage="video", mask="mask", arguments={"guidance_scale": 5.0}),
    parts=Parts(transformer=26.6, others=0.5, text_encoder=10.6, working=3.0, working_each=1.6, second=26.6),
    work=Work(parameters=14.3, layers=40, width=5120, pixels=16, frames=4),
    tiers={Tier.STANDARD: Spent(40, 720), Tier.FAST: Spent(30, 480), Tier.MINI: Spent(20, 384)},
    max_pixels=1280 * 720, frame_rate=16, longest=81 / 16, size_gb=126, images=3, videos=1, references=3,
    exact=_EXACT_VACE, float32=("vae",), quantized=("transformer", "transformer_2", "text_encoder"),
    negative=_NEGATIVE,
)  # fmt: skip

WAN_2_2_5B = Row(
    name="wan2_2_5b",
    title="Wan 2.2 TI2V-5B",
    summary="Wan 2.2 TI2V-5B for cards from 8 GB on: text and first frame, 720p at 24 frames a second",
    licence=Licence(_APACHE, "README of Wan-Video/Wan2.2", open=True),
    text=Drawing("WanPipeline", "Wan-AI/Wan2.2-TI2V-5B-Diffusers", arguments={"guidance_scale": 5.0}),
    image=Drawing("WanImageToVideoPipeline", first="image", arguments={"guidance_scale": 5.0}),
    parts=Parts(transformer=9.3, others=2.7, text_encoder=10.6, working=2.0, working_each=0.5),
    work=Work(parameters=5.0, layers=30, width=3072, pixels=32, frames=4),
    tiers={Tier.STANDARD: Spent(50, 704), Tier.FAST: Spent(30, 704), Tier.MINI: Spent(20, 480)},
    max_pixels=1280 * 704, multiple=32, longest=121 / 24, size_gb=34,
    exact=_EXACT, float32=("vae",), negative=_NEGATIVE,
)  # fmt: skip

WAN_2_1_1_3B = Row(
    name="wan2_1_1_3b",
    title="Wan 2.1 1.3B",
    summary="Wan 2.1 1.3B for small cards and Apple silicon: text, and reference images with VACE, 480p",
    licence=Licence(_APACHE, "README of Wan-Video/Wan2.1", open=True),
    text=Drawing("WanPipeline", "Wan-AI/Wan2.1-T2V-1.3B-Diffusers", arguments={"guidance_scale": 6.0}),
    reference=Drawing("WanVACEPipeline", "Wan-AI/Wan2.1-VACE-1.3B-diffusers", images="reference_images",
                      footage="video", mask="mask", arguments={"guidance_scale": 5.0}),
    parts=Parts(transformer=2.7, others=0.5, text_encoder=10.6, working=1.5, working_each=0.5),
    work=Work(parameters=1.42, layers=30, width=1536, pixels=16, frames=4),
    tiers={Tier.STANDARD: Spent(50, 480), Tier.FAST: Spent(30, 480), Tier.MINI: Spent(20, 384)},
    max_pixels=832 * 480, frame_rate=16, longest=81 / 16, size_gb=33, images=3, videos=1, references=3,
    exact=_EXACT_VACE, float32=("vae",), negative=_NEGATIVE,
)  # fmt: skip

ROWS = (WAN_2_2, WAN_2_2_5B, WAN_2_1_1_3B)
