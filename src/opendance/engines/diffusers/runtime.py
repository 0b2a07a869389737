"""What the engines with diffusers share: device, number type, quantisation, offloading, and what becomes of errors."""

from __future__ import annotations

import gc
import logging
import os
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from opendance.engines.base import Cancelled, Progress, RenderCancelled
from opendance.engines.diffusers.cards import Card, layout_on, usual_seconds
from opendance.engines.diffusers.memory import PROCESS_GIB, PROCESSES, SHORT, Layout, layout_for, main_memory_gib
from opendance.engines.diffusers.options import DiffusersOptions
from opendance.engines.diffusers.placing import fastest_attention, place_apart
from opendance.errors import ConfigurationError, TaskError
from opendance.machine import GIB

_log = logging.getLogger(__name__)
_DRAWN = 0.9  # share of the progress when the last step is done; the rest is decoding and writing


class Runtime:
    """The device of this process, and how a model is put on it.

    Args:
        engine: its name, for messages.
        cached: patterns of the modules that a step cache predicts; none: those that diffusers takes by itself.

    Raises:
        ConfigurationError: a step cache is wanted that fits beside nothing.
    """

    def __init__(self, engine: str, options: DiffusersOptions, *, cached: Sequence[str] | None = None) -> None:
        self.engine, self.options = engine, options
        self._parts, self._cached = options.row.parts, None if cached is None else list(cached)
        self.device = _device()
        dtype = options.dtype
        if dtype == "auto":
            dtype = "float32" if self.device.type == "cpu" else "bfloat16"
        self.dtype: torch.dtype = getattr(torch, dtype)
        self._gpu_gib = gib = _free_gib(self.device)
        # The second card of a pair has the text encoder; `hosts` shows such a process both.
        is_pair = self.device.type == "cuda" and torch.cuda.device_count() > 1
        self.encoder_device = torch.device("cuda:1") if is_pair else self.device
        self.layout: Layout = self._laid_out(gib)
        if options.cache is not None and not self.has_room_for_cache(SHORT):
            needed = self._parts.needed(self.layout, SHORT, cache=True)
            problem = f"with cache a clip of {SHORT} s takes {needed:.0f} GiB, and the GPU has {gib:.0f} free"
            raise ConfigurationError(f"engine.{engine}: {problem}; leave cache out, or take first_block")
        if options.cache is not None and options.first_block is not None:
            raise ConfigurationError(f"engine.{engine}: cache and first_block exclude each other; leave one out")
        _log.info("%s on %s: %s, %s", engine, self.device, dtype, self.layout)

    def _laid_out(self, gib: float | None) -> Layout:
        options, row = self.options, self.options.row
        if self.device.type == "mps":  # nothing can wait elsewhere: main memory is the GPU's
            own = layout_on(row, Card("", gib or 0.0, 1.0, "", apple=True)).quantization
            return Layout(own if options.quantization == "auto" else options.quantization, "none")
        layouts = row.parts.layouts(seconds=usual_seconds(row))
        if self.encoder_device != self.device and options.offload == "auto":
            pairs = (Layout("none", "pair"), Layout("int8", "pair"))
            layouts = (*((row.parts.needed(pair, usual_seconds(row)), pair) for pair in pairs), *layouts[2:])
        layout = layout_for(layouts, gib, quantization=options.quantization, offload=options.offload)
        # Cards that compute with 8-bit floating point read such weights faster than whole numbers.
        if options.quantization == "auto" and layout.quantization == "int8" and _has_float8(self.device):
            return Layout("float8", layout.offload)
        return layout

    @property
    def processes(self) -> int:
        """How many processes of engines share the main memory of this machine."""
        return int(os.environ.get(PROCESSES, "1"))

    def check_memory(self, weights: str, *, besides: float = 0.0) -> None:
        """Before anything large is read: whether there is the main memory for it, as who takes more than there is, is
        ended by the system without a word.

        Args:
            weights: folder or id. What lies in a folder is measured: it may be less than the whole model.
            besides: GiB of weights that wait in main memory beside those of the layout.

        Raises:
            ConfigurationError: there is not.
        """
        stored = _stored_gib(weights)
        where = "on a CPU"
        if self.device.type != "cpu":
            is_apart = self.device.type == "cuda"  # Apple's GPU has its share of the one memory
            whole = self._parts.main_memory(self.layout) if is_apart else self._parts.needed(self.layout, SHORT)
            needed = besides + whole
            if stored is not None:
                needed = min(needed, stored + PROCESS_GIB)
            where = "beside the GPU" if is_apart else "with the GPU"
        elif stored is None:
            problem = f"no GPU is visible here, and a CPU runs only weights that lie in a folder, not {weights}"
            raise ConfigurationError(f"engine.{self.engine}: {problem}")
        else:
            needed = stored * (2 if self.dtype is torch.float32 else 1)  # they are stored in 16 bits each
        if needed > (there := main_memory_gib(self.processes)):
            alone = "no GPU is visible here, and " if self.device.type == "cpu" else ""
            shared = f" for each of {self.processes} processes" if self.processes > 1 else ""
            problem = f"{alone}{where} the weights take {needed:.0f} GiB of main memory, of which there are {there:.0f}"
            raise ConfigurationError(f"engine.{self.engine}: {problem}{shared}")

    def complete(self, parts: Mapping[str, Any], weights: str) -> None:
        """That every part of a model is there.

        Raises:
            ConfigurationError: some are missing.
        """
        if missing := [name for name, part in parts.items() if part is None]:
            problem = f"the weights in {weights} are incomplete: {', '.join(missing)} cannot be loaded"
            raise ConfigurationError(f"engine.{self.engine}: {problem}")

    def has_room_for_cache(self, seconds: float) -> bool:
        """Whether the step cache of a clip of `seconds` fits on the GPU beside the weights."""
        return self._gpu_gib is None or self._parts.needed(self.layout, seconds, cache=True) <= self._gpu_gib

    def hub(self) -> dict[str, Any]:
        """Arguments of every `from_pretrained`."""
        return {"revision": self.options.revision, "local_files_only": self.options.offline}

    def quantized(self, library: Any, kept: Iterable[str]) -> dict[str, Any]:
        """The argument of a `from_pretrained` of diffusers or transformers that quantises the weights; maybe none.

        Args:
            library: the module whose `TorchAoConfig` it is.
            kept: modules that stay as they are.
        """
        if self.layout.quantization == "none":
            return {}
        try:
            from torchao.quantization import (
                Float8DynamicActivationFloat8WeightConfig,
                Float8WeightOnlyConfig,
                Int8WeightOnlyConfig,
                PerRow,
            )
        except ImportError as error:
            raise ConfigurationError(f"engine.{self.engine}: quantization needs torchao: {error}") from None
        config = {
            "int8": lambda: Int8WeightOnlyConfig(version=2),
            "float8": Float8WeightOnlyConfig,
            "float8_dynamic": lambda: Float8DynamicActivationFloat8WeightConfig(granularity=PerRow()),
        }[self.layout.quantization]()
        return {"quantization_config": library.TorchAoConfig(config, modules_to_not_convert=list(kept))}

    def from_gguf(self, kind: Any, weights: str, file: str) -> Any:
        """A transformer of class `kind` whose weights come from a GGUF file and the rest from the folder `weights`."""
        from diffusers import GGUFQuantizationConfig

        return kind.from_single_file(
            file,
            quantization_config=GGUFQuantizationConfig(compute_dtype=self.dtype),
            config=weights,
            subfolder="transformer",
            config_revision=self.options.revision,
            local_files_only=self.options.offline,
            dtype=self.dtype,
        )

    def from_file(self, kind: Any, weights: str, file: str) -> Any:
        """A transformer from a file as its authors publish it: on this machine, or `owner/name:file` on the hub.

        Args:
            weights: folder or id of what the rest comes from.
        """
        if not Path(file).is_file():
            from huggingface_hub import hf_hub_download

            repository, _, name = file.partition(":")
            file = hf_hub_download(repository, name, local_files_only=self.options.offline)
        return kind.from_single_file(
            file,
            config=weights,
            subfolder="transformer",
            config_revision=self.options.revision,
            local_files_only=self.options.offline,
            dtype=self.dtype,
            **self.quantized(_diffusers(), self.options.row.exact),
        )

    def tune(self, transformer: Any) -> None:
        """Attention, cache and compilation as the operator wants them."""
        transformer.requires_grad_(requires_grad=False)  # quantised weights serve no gradients
        attention = fastest_attention(self.device) if self.options.attention == "auto" else self.options.attention
        if attention is not None:
            transformer.set_attention_backend(attention)
        if self.options.cache is not None:
            self._enable_cache(transformer)
        if self.options.first_block is not None:
            from diffusers import FirstBlockCacheConfig

            transformer.enable_cache(FirstBlockCacheConfig(threshold=self.options.first_block))
        if self.options.compile:
            transformer.compile_repeated_blocks(fullgraph=False)

    def _enable_cache(self, transformer: Any) -> None:
        from diffusers import TaylorSeerCacheConfig

        transformer.enable_cache(
            TaylorSeerCacheConfig(
                cache_interval=self.options.cache, taylor_factors_dtype=self.dtype, cache_identifiers=self._cached
            )
        )

    @contextmanager
    def cached(self, transformer: Any, seconds: float, *, inside: bool) -> Generator[None]:
        """One clip with the step cache, which begins empty; without it where it does not fit.

        Args:
            seconds: of the clip.
            inside: whether the pipeline does not itself say where its steps begin and end.
        """
        if self.options.cache is None:
            if transformer.is_cache_enabled:
                transformer._reset_stateful_cache()
            with transformer.cache_context("clip") if inside and transformer.is_cache_enabled else nullcontext():
                yield
            return
        if not self.has_room_for_cache(seconds):
            if transformer.is_cache_enabled:
                transformer.disable_cache()
            yield
            return
        if not transformer.is_cache_enabled:
            self._enable_cache(transformer)
        transformer._reset_stateful_cache()
        with transformer.cache_context("clip") if inside else nullcontext():
            yield

    def place(self, pipe: Any, *, blocks: Sequence[str], leaves: Sequence[str] = ()) -> None:
        """Put a pipeline of diffusers where the layout says.

        Args:
            blocks: its transformers, of which a block at a time is brought where groups of layers are.
            leaves: its text encoders, of which single layers are.
        """
        match self.layout.offload:
            case "none":
                pipe.to(self.device)
            case "model":
                pipe.enable_model_cpu_offload(device=self.device)
            case "pair":
                place_apart(pipe, leaves, self.encoder_device, self.device)
            case "group":
                for name, part in pipe.components.items():
                    if name in blocks and part is not None:
                        self.stream_groups(part, blocks=True)
                    elif name in leaves and part is not None:
                        self.stream_groups(part)
                    elif isinstance(part, torch.nn.Module):
                        part.to(self.device)

    def stream_groups(self, model: Any, *, blocks: bool = False) -> None:
        """Keep the layers of a model in main memory, and bring each group to the device when its turn comes.

        Args:
            blocks: a block at a time, else layer by layer.
        """
        from diffusers.hooks import apply_group_offloading

        apply_group_offloading(
            model,
            onload_device=self.device,
            offload_device=torch.device("cpu"),
            offload_type="block_level" if blocks else "leaf_level",
            num_blocks_per_group=1 if blocks else None,
            use_stream=self.device.type == "cuda",
        )

    def generator(self, seed: int) -> torch.Generator:
        """Random numbers that are the same on every machine."""
        return torch.Generator("cpu").manual_seed(seed)

    @contextmanager
    def guarded(self) -> Generator[None]:
        """A render: what the memory could not hold is told as that, and the memory is free again after.

        Raises:
            TaskError: `resource_exhausted`.
        """
        try:
            # No inference mode: in it quantised weights stay where they are when they are told to move.
            with torch.no_grad():
                yield
        except (torch.OutOfMemoryError, MemoryError) as error:
            _log.warning("%s: %s", self.engine, str(error).splitlines()[0] if str(error) else "out of memory")
            problem = "the engine ran out of memory; try a smaller or shorter video, or fewer references"
            raise TaskError("resource_exhausted", problem) from None
        finally:
            gc.collect()
            if self.device.type == "cuda":
                torch.cuda.empty_cache()
            elif self.device.type == "mps":
                torch.mps.empty_cache()


class Steps:
    """Counts denoising steps: progress out, cancel in."""

    def __init__(self, count: int, progress: Progress, cancelled: Cancelled) -> None:
        self._count, self._progress, self._cancelled, self._done = count, progress, cancelled, 0
        self._times: list[float] = []

    def step(self) -> None:
        """A step begins or ends.

        Raises:
            RenderCancelled: somebody wants it to stop.
        """
        if self._cancelled():
            raise RenderCancelled
        self._done += 1
        self._times.append(time.monotonic())
        self._progress(_DRAWN * min(1.0, self._done / self._count))

    def timings(self, *, began: float, drawn: float, ended: float) -> dict[str, float]:
        """Seconds of the parts of a render: what comes before the first step's end, a later step, decoding, writing.

        Args:
            began, drawn, ended: moments, s: when drawing began, when all frames were there, when the clip was written.
        """
        times = self._times
        made = {"first step, s": times[0] - began} if times else {}
        if len(times) > 1:
            made["step, s"] = (times[-1] - times[0]) / (len(times) - 1)
        if times:
            made["decoding, s"] = drawn - times[-1]
        return made | {"encoding, s": ended - drawn}

    @contextmanager
    def of_scheduler(self, scheduler: Any) -> Generator[None]:
        """Count a step whenever `scheduler` has taken one: pipelines without a callback have it too."""
        take = scheduler.step

        def taken(*given: Any, **named: Any) -> Any:
            made = take(*given, **named)
            self.step()
            return made

        scheduler.step = taken
        try:
            yield
        finally:
            del scheduler.step

    @contextmanager
    def of(self, transformer: Any) -> Generator[None]:
        """Count a step at each forward pass of `transformer`."""
        hook = transformer.register_forward_pre_hook(lambda *_: self.step())
        try:
            yield
        finally:
            hook.remove()


def _diffusers() -> Any:
    import diffusers

    return diffusers


def _device() -> torch.device:
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def _free_gib(device: torch.device) -> float | None:
    """What is free on the GPU, of which another program may have some; None where there is none."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0] / GIB
    return torch.mps.recommended_max_memory() / GIB if device.type == "mps" else None


def _stored_gib(weights: str) -> float | None:
    """GiB of the weights in a folder, or None where they are only on the hub."""
    folder = Path(weights)
    if not folder.is_dir():
        return None
    files = (file for kind in ("*.safetensors", "*.bin", "*.gguf") for file in folder.rglob(kind))
    return sum(file.stat().st_size for file in files) / GIB


def _has_float8(device: torch.device) -> bool:
    """Whether the GPU computes with 8-bit floating point: Ada, Hopper and newer."""
    return device.type == "cuda" and torch.cuda.get_device_capability(device) >= (8, 9)


def as_frames(video: npt.NDArray[np.floating[Any]]) -> Generator[npt.NDArray[np.uint8]]:
    """The frames of (num_frames, height, width, 3), 0 to 1, as bytes."""
    for frame in video:
        yield np.clip(np.rint(frame * 255.0), 0, 255).astype(np.uint8)
