"""What a model does behind a server with the OpenAI Videos API: a row of the table, as far as the server passes it on.

Source: vLLM-Omni 0.30.0, what its pipelines read of a request (`diffusion.models.wan2_2`, `…ltx2`, `…hunyuan_video`):
one picture, which is the first frame, but for VACE, which reads several as references and the frames of one video.
Nothing of a request becomes a last frame. SGLang 0.5.23, `video_api`: one picture and one video.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

from opendance.catalog import Mode
from opendance.engines.diffusers.models import ROWS
from opendance.engines.limits import Limits

Dialect = Literal["vllm_omni", "sglang"]
H3, OTHER = "minimax_h3", "other"
NAMES = (*ROWS, OTHER)
_H3_SECONDS = (4.0, 15.0)  # that both servers take; they find the frames themselves
_DRAWN_AT_HALF = {"ltx2", "ltx2_3", "ltx2_5"}  # first, where their servers draw in two stages


@dataclass(frozen=True)
class Family:
    """What is known of the model that the servers run.

    Attributes:
        limits: what it makes there.
        multiple: what both sides are multiples of, px.
        step: (a, b): it decodes a n + b frames.
        short_edge: of its canvas at 720p and over, px.
        max_pixels: of its canvas.
        whole_references: whether it reads pictures as references; else the one that it reads is the first frame.
    """

    name: str
    limits: Limits
    multiple: int
    step: tuple[int, int]
    short_edge: int
    max_pixels: int
    whole_references: bool


def family_of(
    name: str,
    dialect: Dialect,
    *,
    frame_rate: int | None = None,
    longest: float | None = None,
    modes: Collection[Mode] | None = None,
) -> Family:
    """What a model makes behind such servers.

    Args:
        name: one of `NAMES`.
        frame_rate: frames a second that it draws, where the operator says so.
        longest: s of the longest clip that it draws, where the operator says so.
        modes: that its weights make, where the operator says so.
    """
    family = _behind(name, dialect)
    limits = family.limits
    return replace(
        family,
        limits=replace(
            limits,
            modes=limits.modes if modes is None else frozenset(modes),
            longest=limits.longest if longest is None else longest,
            frame_rates=limits.frame_rates if frame_rate is None else (frame_rate,),
        ),
    )


def _behind(name: str, dialect: Dialect) -> Family:
    if name == OTHER:
        limits = Limits(frames=1, images=1, videos=1, audios=0)
        return Family(name, limits, 32, (1, 0), 768, 768 * 1344, whole_references=False)
    row = ROWS[name]
    short_edge = max(spent.short_edge for spent in row.tiers.values())
    if name == H3:
        shortest, longest = _H3_SECONDS
        limits = replace(row.limits, shortest=shortest, longest=longest)
        return Family(name, limits, row.multiple, (1, 0), short_edge, row.max_pixels, whole_references=True)
    is_vace = row.reference is not None and bool(row.reference.mask)
    limits = replace(
        row.limits,
        frames=1,
        images=min(row.images, 1) if dialect == "sglang" else row.images,
        videos=min(row.videos, 1) if is_vace or dialect == "sglang" else 0,
        audios=0,
    )
    multiple = row.multiple * (2 if name in _DRAWN_AT_HALF else 1)
    is_whole = is_vace and dialect == "vllm_omni"
    return Family(name, limits, multiple, row.step, short_edge, row.max_pixels, whole_references=is_whole)
