"""How a model is laid out in the memory there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from opendance.machine import GIB, memory

Quantization = Literal["none", "int8", "float8"]
Offload = Literal["none", "model", "group"]
PROCESSES = "OPENDANCE_ENGINE_PROCESSES"  # variable: how many processes of engines there are on this machine


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


def main_memory_gib(processes: int = 1) -> float:
    """Memory of this machine or its container that one of so many processes may use, GiB."""
    return memory() / GIB / max(1, processes)


@dataclass(frozen=True)
class Parts:
    """What a model is made of, GiB in bfloat16.

    Attributes:
        transformer, text_encoder: the two large parts.
        others: decoders and what is small.
        working, working_each: what drawing takes on the GPU, and each second of the clip more of it.
    """

    transformer: float
    text_encoder: float
    others: float
    working: float
    working_each: float

    def needed(self, layout: Layout, seconds: float) -> float:
        """GiB of GPU memory for a clip of `seconds`, at the model's own canvas and without references.

        It is assumed that 8-bit weights take 0.53 of those in bfloat16, that of components which take turns one is on
        the GPU, and that of groups of layers two are: a twentieth.
        """
        share = 1.0 if layout.quantization == "none" else 0.53
        large = (share * self.transformer, share * self.text_encoder)
        working = self.working + seconds * self.working_each
        match layout.offload:
            case "none":
                return sum(large) + self.others + working
            case "model":
                return max(*large, self.others) + working
            case "group":
                return max(large) / 20 + self.others + working

    def longest(self, layout: Layout, gpu_gib: float, *, most: int) -> int:
        """Whole seconds of the longest clip that fits, of `most`; 0 where none does."""
        return max((s for s in range(1, most + 1) if self.needed(layout, s) <= gpu_gib), default=0)

    def layouts(self, *, seconds: float) -> Layouts:
        """The layouts, the quickest first, each from the memory on with which a clip of `seconds` fits."""
        made = [
            Layout(quantization, offload)
            for quantization, offload in (("none", "none"), ("none", "model"), ("int8", "model"))
        ]
        return (*((self.needed(layout, seconds), layout) for layout in made), (0.0, Layout("int8", "group")))
