"""How a model is laid out in the memory there is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

Quantization = Literal["none", "int8", "float8"]
Offload = Literal["none", "model", "group"]


@dataclass(frozen=True)
class Layout:
    """Where weights lie and how exact they are."""

    quantization: Quantization
    offload: Offload


# Least GiB of a GPU, first that fits. Sizes of the weights: MiniMax H3 61.7 GB of transformer and 62.1 GB of text
# encoder in bfloat16 (diffusers' documentation of the pipeline), LTX-2 38 GB and 24 GB (19 and 12 thousand million
# parameters); besides them some 12 GB are needed to work.
LAYOUTS: dict[str, tuple[tuple[float, Layout], ...]] = {
    "minimax_h3": (
        (136.0, Layout("none", "none")),
        (75.0, Layout("none", "model")),
        (44.0, Layout("int8", "model")),
        (0.0, Layout("int8", "group")),
    ),
    "ltx2": (
        (75.0, Layout("none", "none")),
        (44.0, Layout("none", "model")),
        (30.0, Layout("int8", "model")),
        (0.0, Layout("int8", "group")),
    ),
}


def layout_for(
    engine: str,
    gpu_gib: float | None,
    *,
    quantization: Literal["auto", "none", "int8", "float8"] = "auto",
    offload: Literal["auto", "none", "model", "group"] = "auto",
) -> Layout:
    """The layout for a GPU of this memory; on a CPU (None) nothing is saved, as everything is in main memory.

    Args:
        quantization, offload: what the operator wants.
    """
    fitting = Layout("none", "none")
    if gpu_gib is not None:
        fitting = next(layout for least, layout in LAYOUTS[engine] if gpu_gib >= least)
    if offload == "auto" or (offload == "model" and gpu_gib is None):  # whole components have nowhere to go
        offload = fitting.offload
    return Layout(fitting.quantization if quantization == "auto" else quantization, offload)


def main_memory_gib() -> float:
    """Memory of this machine, GiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
