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


Layouts = tuple[tuple[float, Layout], ...]  # least GiB of a GPU for each; the first that fits, the last from 0 on


def layout_for(
    layouts: Layouts,
    gpu_gib: float | None,
    *,
    quantization: Literal["auto", "none", "int8", "float8"] = "auto",
    offload: Literal["auto", "none", "model", "group"] = "auto",
) -> Layout:
    """The layout for a GPU of this memory; on a CPU (None) nothing is saved, as everything is in main memory.

    Args:
        layouts: of the model.
        quantization, offload: what the operator wants.
    """
    fitting = Layout("none", "none")
    if gpu_gib is not None:
        fitting = next(layout for least, layout in layouts if gpu_gib >= least)
    if offload == "auto" or (offload == "model" and gpu_gib is None):  # whole components have nowhere to go
        offload = fitting.offload
    return Layout(fitting.quantization if quantization == "auto" else quantization, offload)


def main_memory_gib() -> float:
    """Memory of this machine, GiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
