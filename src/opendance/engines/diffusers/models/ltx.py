"""LTX-Video, and LTX-2 with sound."""

from __future__ import annotations

from dataclasses import replace

from opendance.catalog import Tier
from opendance.engines.diffusers.memory import Parts, Work
from opendance.engines.diffusers.row import Drawing, Licence, Row, Spent

_SIGMAS = (1000, 993, 987, 981, 975, 909, 725, 0.03)  # of the distilled weights: diffusers' documentation of LTX-Video
_DISTILLED = {"guidance_scale": 1.0, "timesteps": _SIGMAS, "decode_timestep": 0.05, "decode_noise_scale": 0.025}

_LICENCE_FILE = "LICENSE of Lightricks/LTX-2"
_PAID = (
    "who earns 10 million USD a year or more needs a paid licence; so does a product that competes with Lightricks' own"
)

# 1.92e9 parameters and T5 XXL of 4.76e9.
LTX_VIDEO_2B = Row(
    name="ltx_video_2b",
    title="LTX-Video 2B distilled",
    summary="LTX-Video 2B distilled for cards from 8 GB on and Apple silicon: text, first and last frame, in 8 steps",
    licence=Licence("LTX-Video open weights licence (OpenRail-M for 0.9.5)", "README of Lightricks/LTX-Video"),
    # LTXPipeline cannot take the time steps that a distilled model needs.
    text=Drawing("LTXConditionPipeline", "Lightricks/LTX-Video-0.9.5", arguments=_DISTILLED),
    image=Drawing("LTXConditionPipeline", first="image", last="image", places="frame_index",
                  arguments=_DISTILLED | {"image_cond_noise_scale": 0.0}),
    transformer_file="Lightricks/LTX-Video:ltxv-2b-0.9.8-distilled.safetensors",
    parts=Parts(transformer=3.6, others=1.8, text_encoder=8.9, working=1.5, working_each=0.3),
    work=Work(parameters=1.92, layers=28, width=2048, pixels=32, frames=8, passes=1),
    tiers={Tier.STANDARD: Spent(8, 704), Tier.FAST: Spent(8, 576), Tier.MINI: Spent(8, 480)},
    max_pixels=1216 * 704, multiple=32, step=(8, 1), longest=257 / 24, size_gb=28, distilled=True,
    exact=("proj_in", "time_embed", "caption_projection", "proj_out"),
)  # fmt: skip

# 19e9 and 12e9 parameters.
LTX_2 = Row(
    name="ltx2",
    title="LTX-2",
    summary="LTX-2 on this machine's GPUs, with sound",
    licence=Licence("LTX-2 community licence of 5 January 2026", _LICENCE_FILE, terms=_PAID),
    text=Drawing("LTX2Pipeline", "Lightricks/LTX-2"),
    image=Drawing("LTX2ConditionPipeline", first="conditions", last="conditions"),
    reference=Drawing("LTX2InContextPipeline", images="conditions", footage="reference_conditions"),
    parts=Parts(transformer=35.4, text_encoder=22.4, others=4.0, working=4.0, working_each=0.5, cached_each=4.0),
    work=Work(parameters=18.9, layers=48, width=4096, pixels=32, frames=8),
    tiers={Tier.STANDARD: Spent(30, 704), Tier.FAST: Spent(8, 704), Tier.MINI: Spent(8, 512)},
    max_pixels=1216 * 704, multiple=32, step=(8, 1), longest=481 / 24, sound=True, size_gb=160,
    images=1, videos=1, references=2, exact=("proj_in", "proj_out", "audio_proj_in", "audio_proj_out"),
    engine="opendance.engines.diffusers.ltx2:LTX2", options="opendance.engines.diffusers.options:LTX2Options",
)  # fmt: skip

# 22e9 parameters, by their names; text encoders as the classes of diffusers name them: Gemma 3, and Gemma 4 of 12e9.
LTX_2_3 = replace(
    LTX_2,
    name="ltx2_3",
    title="LTX-2.3",
    summary="LTX-2.3 on this machine's GPUs, with sound: fast and mini distilled, in two stages",
    text=replace(LTX_2.text, weights="diffusers/LTX-2.3-Diffusers"),
    parts=replace(LTX_2.parts, transformer=41.0),
    work=replace(LTX_2.work, parameters=22.0),
    size_gb=170,
    options="opendance.engines.diffusers.options:LTX23Options",
)

LTX_2_5 = replace(
    LTX_2_3,
    name="ltx2_5",
    title="LTX-2.5",
    summary="LTX-2.5 on this machine's GPUs, with sound: every tier in two stages, fast and mini distilled",
    licence=Licence(
        "LTX-2.x community licence of 11 August 2026",
        _LICENCE_FILE,
        terms=_PAID,
    ),
    text=replace(LTX_2.text, weights="Lightricks/LTX-2.5-Diffusers"),
    size_gb=140,
    options="opendance.engines.diffusers.options:LTX25Options",
)

ROWS = (LTX_2, LTX_2_3, LTX_2_5, LTX_VIDEO_2B)
