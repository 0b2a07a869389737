"""HunyuanVideo 1.5 and Mochi 1: video without sound."""

from __future__ import annotations

from opendance.catalog import Tier
from opendance.engines.diffusers.memory import Parts, Work
from opendance.engines.diffusers.row import Drawing, Licence, Row, Spent

# 8.33e9 parameters, a text encoder of 7.07e9, a decoder of 1.26e9, by their configurations.
HUNYUAN_VIDEO_1_5 = Row(
    name="hunyuan_video_1_5",
    title="HunyuanVideo 1.5",
    summary="HunyuanVideo 1.5 on this machine's GPUs: text and first frame, 480p at 24 frames a second",
    licence=Licence(
        "Tencent Hunyuan community licence of 21 November 2025",
        "LICENSE of Tencent-Hunyuan/HunyuanVideo-1.5",
        terms="not in the European Union, the United Kingdom and South Korea, where neither use nor output is allowed; "
        "by request from 100 million monthly users on; its output improves no other model",
    ),
    text=Drawing("HunyuanVideo15Pipeline", "hunyuanvideo-community/HunyuanVideo-1.5-480p_t2v"),
    image=Drawing("HunyuanVideo15ImageToVideoPipeline", "hunyuanvideo-community/HunyuanVideo-1.5-480p_i2v",
                  first="image"),
    parts=Parts(transformer=15.5, others=3.7, text_encoder=13.2, working=3.0, working_each=0.7),
    work=Work(parameters=8.3, layers=54, width=2048, pixels=16, frames=4),
    tiers={Tier.STANDARD: Spent(50, 480), Tier.FAST: Spent(30, 480), Tier.MINI: Spent(20, 384)},
    max_pixels=848 * 480, longest=121 / 24, size_gb=70,
    exact=("x_embedder", "image_embedder", "context_embedder", "context_embedder_2", "time_embed",
           "cond_type_embed", "norm_out", "proj_out"),
)  # fmt: skip

# 10.03e9 parameters and T5 XXL of 4.76e9.
MOCHI_1 = Row(
    name="mochi_1",
    title="Mochi 1",
    summary="Mochi 1 on this machine's GPUs: text to video, 480p at 30 frames a second",
    licence=Licence("Apache-2.0", "README of genmoai/mochi", open=True),
    text=Drawing("MochiPipeline", "genmo/mochi-1-preview", arguments={"guidance_scale": 4.5}),
    parts=Parts(transformer=18.7, others=0.9, text_encoder=8.9, working=4.0, working_each=1.0),
    work=Work(parameters=10.0, layers=48, width=3072, pixels=16, frames=6),
    tiers={Tier.STANDARD: Spent(64, 480), Tier.FAST: Spent(40, 480), Tier.MINI: Spent(28, 384)},
    max_pixels=848 * 480, frame_rate=30, step=(6, 1), longest=163 / 30, size_gb=60,
    exact=("patch_embed", "time_embed", "norm_out", "proj_out", "pos_frequencies"),
)  # fmt: skip

ROWS = (HUNYUAN_VIDEO_1_5, MOCHI_1)
