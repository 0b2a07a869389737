"""How a model is laid out in the memory there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from opendance.machine import GIB, memory

Quantization = Literal["none", "int8", "float8"]
Offload = Literal["none", "model", "group"]
SHORT, USUAL = 5, 10  # s of a clip: what has to fit, and what a layout is chosen for
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
        cached_each: what a step cache takes of each second of the clip: two factors of each attention.
    """

    transformer: float
    text_encoder: float
    others: float
    working: float
    working_each: float
    cached_each: float = 0.0

    def needed(self, layout: Layout, seconds: float, *, cache: bool = False) -> float:
        """GiB of GPU memory for a clip of `seconds`, at the model's own canvas and without references.

        It is assumed that 8-bit weights take 0.53 of those in bfloat16, that of components which take turns one is on
        the GPU, and that of groups of layers two are: a twentieth.
        """
        share = 1.0 if layout.quantization == "none" else 0.53
        large = (share * self.transformer, share * self.text_encoder)
        working = self.working + seconds * (self.working_each + (self.cached_each if cache else 0.0))
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
        made = (Layout("none", "none"), Layout("none", "model"), Layout("int8", "model"))
        return (*((self.needed(layout, seconds), layout) for layout in made), (0.0, Layout("int8", "group")))


# 33.16e9 and 33.4e9 parameters in bfloat16, by their configurations; decoders, activations and the cache's factors are
# arithmetic from diffusers' code, not measured.
MINIMAX_H3 = Parts(transformer=61.8, text_encoder=62.1, others=5.0, working=3.0, working_each=0.7, cached_each=7.4)
# 19e9 and 12e9 parameters; the rest as above.
LTX2 = Parts(transformer=35.4, text_encoder=22.4, others=4.0, working=4.0, working_each=0.5, cached_each=4.0)
# GiB that are free on cards as they are sold.
CARDS = {"24 GB": 22.3, "48 GB": 44.6, "80 GB": 79.2, "96 GB": 89.3, "141 GB": 131.1, "192 GB": 178.6}


def described(parts: Parts, gpu_gib: float, *, most: int = 15) -> str:
    """How a model lies on a card, in words: a cell of the table in docs/engines.md."""
    layout = layout_for(parts.layouts(seconds=USUAL), gpu_gib)
    exact = "bfloat16" if layout.quantization == "none" else "8-bit"
    where = {"none": "whole", "model": "parts take turns", "group": "groups of layers"}[layout.offload]
    longest = parts.longest(layout, gpu_gib, most=most)
    return f"{exact}, {where}, {parts.needed(layout, USUAL):.0f} GiB for {USUAL} s" + (
        "" if longest == most else f"; {longest} s at most"
    )
