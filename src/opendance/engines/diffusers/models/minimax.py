"""MiniMax H3: text, frames and references to video with sound."""

from __future__ import annotations

from opendance.catalog import Tier
from opendance.engines.diffusers.memory import Parts, Work
from opendance.engines.diffusers.row import Drawing, Licence, Row, Spent

# 33.16e9 and 33.4e9 parameters in bfloat16, by their configurations, of which 13e9 of the transformer are tables that
# compute nothing; 17 frames are five of its latents.
MINIMAX_H3 = Row(
    name="minimax_h3",
    title="MiniMax H3",
    summary="MiniMax H3 on this machine's GPUs, with sound",
    # The text itself lies on the hub alone; two who quote it by its sections (I.3, I.5, IV.1, IV.2) agree.
    licence=Licence(
        "MiniMax H3 community licence of 2 August 2026",
        "as others quote it; the text itself not read",
        terms="not in the United States, the European Union, the United Kingdom and South Korea; from 20 million USD "
        "of yearly revenue on with a written permission; products name the model",
    ),
    text=Drawing("MiniMaxH3", "MiniMaxAI/MiniMax-H3"),
    image=Drawing("MiniMaxH3", first="image", last="last_image"),
    reference=Drawing("MiniMaxH3", images="references"),
    parts=Parts(transformer=61.8, text_encoder=62.1, others=5.0, working=3.0, working_each=0.7, cached_each=7.4),
    work=Work(parameters=20.2, layers=50, width=7168, pixels=32, frames=3.4, passes=1),
    tiers={Tier.STANDARD: Spent(50, 768), Tier.FAST: Spent(30, 544), Tier.MINI: Spent(20, 416)},
    max_pixels=768 * 1344, step=(17, 5), multiple=32, shortest=5.0, longest=345 / 24, sound=True, size_gb=200,
    images=9, videos=3, audios=3, references=12,
    exact=("proj_in", "audio_proj_in", "context_embedder", "time_embedder", "time_proj", "token_refiner", "norm_out",
           "proj_out", "audio_proj_out"),
    engine="opendance.engines.diffusers.minimax_h3:MiniMaxH3",
    options="opendance.engines.diffusers.options:MiniMaxH3Options",
)  # fmt: skip

ROWS = (MINIMAX_H3,)
