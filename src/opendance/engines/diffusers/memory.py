"""How a model is laid out in the memory there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from opendance.machine import GIB, memory

Quantization = Literal["none", "int8", "float8", "float8_dynamic"]
Offload = Literal["none", "model", "group", "pair"]
SHORT, USUAL = 5, 10  # s of a clip: what has to fit, and what a layout is chosen for where a model draws that much
EIGHT_BIT = 0.53  # of bfloat16, with the scales
_GROUPS = 20  # of the layers; two of forty are on the GPU
PROCESS_GIB = 6.0  # GiB of main memory: Python, the libraries, frames
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
    quantization: Literal["auto", "none", "int8", "float8", "float8_dynamic"] = "auto",
    offload: Literal["auto", "none", "model", "group", "pair"] = "auto",
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
        second: another transformer, which draws the later steps.
        cached_each: what a TaylorSeer cache takes of each second of the clip: two factors of each attention.
    """

    transformer: float
    text_encoder: float
    others: float
    working: float
    working_each: float
    second: float = 0.0
    cached_each: float = 0.0

    def large(self, layout: Layout) -> tuple[float, ...]:
        """GiB of each of the large parts, as exact as `layout` says."""
        share = 1.0 if layout.quantization == "none" else EIGHT_BIT
        return tuple(share * part for part in (self.transformer, self.second, self.text_encoder))

    def needed(self, layout: Layout, seconds: float, *, cache: bool = False) -> float:
        """GiB of GPU memory for a clip of `seconds`, at the model's own canvas and without references.

        It is assumed that 8-bit weights take 0.53 of those in bfloat16, that of components which take turns one is on
        the GPU, and that of groups of layers two are: a twentieth. Of a pair of cards it is the one that draws.
        """
        large = self.large(layout)
        working = self.working + seconds * (self.working_each + (self.cached_each if cache else 0.0))
        match layout.offload:
            case "none":
                return sum(large) + self.others + working
            case "pair":
                return sum(large[:2]) + self.others + working
            case "model":
                return max(*large, self.others) + working
            case "group":
                return max(large) / _GROUPS + self.others + working

    def main_memory(self, layout: Layout) -> float:
        """GiB of main memory: what is not on the GPU, or all of it for a moment while it is loaded, and the process."""
        everything = sum(self.large(layout)) + self.others
        return PROCESS_GIB + (everything if layout.offload in ("model", "group") else max(self.large(layout)))

    def longest(self, layout: Layout, gpu_gib: float, *, most: float) -> float:
        """s of the longest clip that fits, in whole seconds or `most`; 0 where none does."""
        fitting = [s for s in (*range(1, int(most) + 1), most) if self.needed(layout, s) <= gpu_gib]
        return max(fitting, default=0)

    def layouts(self, *, seconds: float) -> Layouts:
        """The layouts, the quickest first, each from the memory on with which a clip of `seconds` fits."""
        made = (Layout("none", "none"), Layout("none", "model"), Layout("int8", "model"))
        return (*((self.needed(layout, seconds), layout) for layout in made), (0.0, Layout("int8", "group")))


@dataclass(frozen=True)
class Work:
    """What a step computes.

    Attributes:
        parameters: those that each token goes through, 1e9.
        layers, width: of the transformer; `width` is that of its attention.
        pixels: of the picture, along each side of a token.
        frames: of the clip, for each of a token's times.
        passes: through the transformer for each step: 2 with guidance.
    """

    parameters: float
    layers: int
    width: int
    pixels: int
    frames: float
    passes: int = 2

    def tokens(self, size: tuple[int, int], num_frames: int) -> float:
        """Of a clip of this size."""
        return size[0] / self.pixels * size[1] / self.pixels * (1 + num_frames / self.frames)

    def flop(self, size: tuple[int, int], num_frames: int) -> float:
        """Floating-point operations of a step: two for each parameter and token, and attention's of each two tokens."""
        tokens = self.tokens(size, num_frames)
        return self.passes * (2e9 * self.parameters * tokens + 4 * self.layers * self.width * tokens**2)
