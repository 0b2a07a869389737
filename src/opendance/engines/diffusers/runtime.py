"""What the engines with diffusers share: device, number type, quantisation, offloading, and what becomes of errors."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from opendance.engines.base import Cancelled, Progress, RenderCancelled
from opendance.engines.diffusers.memory import PROCESSES, SHORT, USUAL, Layout, Parts, layout_for, main_memory_gib
from opendance.engines.diffusers.options import DiffusersOptions
from opendance.errors import ConfigurationError, TaskError
from opendance.machine import GIB

_log = logging.getLogger(__name__)
_DRAWN = 0.9  # share of the progress when the last step is done; the rest is decoding and writing


class Runtime:
    """The device of this process, and how a model is put on it.

    Args:
        engine: its name, for messages.
        parts: what its model weighs.
        cached: patterns of the modules that a step cache predicts; none: those that diffusers takes by itself.

    Raises:
        ConfigurationError: a step cache is wanted that fits beside nothing.
    """

    def __init__(
        self, engine: str, options: DiffusersOptions, parts: Parts, *, cached: Sequence[str] | None = None
    ) -> None:
        self.engine, self.options = engine, options
        self._parts, self._cached = parts, None if cached is None else list(cached)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        dtype = options.dtype
        if dtype == "auto":
            dtype = "bfloat16" if self.device.type == "cuda" else "float32"
        self.dtype: torch.dtype = getattr(torch, dtype)
        gib = None
        if self.device.type == "cuda":
            gib = torch.cuda.mem_get_info(self.device)[0] / GIB  # another program may have some of it
        self._gpu_gib = gib
        layouts = parts.layouts(seconds=USUAL)
        self.layout: Layout = layout_for(layouts, gib, quantization=options.quantization, offload=options.offload)
        if options.cache is not None and not self.has_room_for_cache(SHORT):
            needed = parts.needed(self.layout, SHORT, cache=True)
            problem = f"with cache a clip of {SHORT} s takes {needed:.0f} GiB, and the GPU has {gib:.0f} free"
            raise ConfigurationError(f"engine.{engine}: {problem}; leave cache out")
        _log.info("%s on %s: %s, %s", engine, self.device, dtype, self.layout)

    @property
    def processes(self) -> int:
        """How many processes of engines share the main memory of this machine."""
        return int(os.environ.get(PROCESSES, "1"))

    def check_memory(self, weights: str) -> None:
        """Before anything large is read: whether a CPU, where there is no GPU, has the memory for it.

        Raises:
            ConfigurationError: it has not.
        """
        if self.device.type != "cpu":
            return
        folder = Path(weights)
        if not folder.is_dir():
            problem = f"no GPU is visible here, and a CPU runs only weights that lie in a folder, not {weights}"
            raise ConfigurationError(f"engine.{self.engine}: {problem}")
        stored = sum(file.stat().st_size for file in folder.rglob("*.safetensors")) / GIB
        needed = stored * (2 if self.dtype is torch.float32 else 1)  # they are stored in 16 bits each
        if needed > main_memory_gib(self.processes):
            have = f"of memory there are {main_memory_gib(self.processes):.0f} GiB"
            problem = f"no GPU is visible here, and on a CPU the weights take {needed:.0f} GiB; {have}"
            raise ConfigurationError(f"engine.{self.engine}: {problem}")

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
            from torchao.quantization import Float8WeightOnlyConfig, Int8WeightOnlyConfig
        except ImportError as error:
            raise ConfigurationError(f"engine.{self.engine}: quantization needs torchao: {error}") from None
        config = Int8WeightOnlyConfig(version=2) if self.layout.quantization == "int8" else Float8WeightOnlyConfig()
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

    def tune(self, transformer: Any) -> None:
        """Attention, cache and compilation as the operator wants them."""
        transformer.requires_grad_(requires_grad=False)  # quantised weights serve no gradients
        if self.options.attention is not None:
            transformer.set_attention_backend(self.options.attention)
        if self.options.cache is not None:
            self._enable_cache(transformer)
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


class Steps:
    """Counts denoising steps: progress out, cancel in."""

    def __init__(self, count: int, progress: Progress, cancelled: Cancelled) -> None:
        self._count, self._progress, self._cancelled, self._done = count, progress, cancelled, 0

    def step(self) -> None:
        """A step begins or ends.

        Raises:
            RenderCancelled: somebody wants it to stop.
        """
        if self._cancelled():
            raise RenderCancelled
        self._done += 1
        self._progress(_DRAWN * min(1.0, self._done / self._count))

    @contextmanager
    def of(self, transformer: Any) -> Generator[None]:
        """Count a step at each forward pass of `transformer`."""
        hook = transformer.register_forward_pre_hook(lambda *_: self.step())
        try:
            yield
        finally:
            hook.remove()


def as_frames(video: npt.NDArray[np.floating[Any]]) -> Generator[npt.NDArray[np.uint8]]:
    """The frames of (num_frames, height, width, 3), 0 to 1, as bytes."""
    for frame in video:
        yield np.clip(np.rint(frame * 255.0), 0, 255).astype(np.uint8)
