"""MiniMax H3: text, one or two frames, or ordered references to video with sound."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import numpy.typing as npt
import torch
import transformers
from diffusers import ComponentsManager, ModularPipeline
from diffusers.modular_pipelines.minimax_h3 import (
    MiniMaxH3AudioReference,
    MiniMaxH3ImageReference,
    MiniMaxH3VideoReference,
)

from opendance.catalog import FRAME_RATE, SAMPLE_RATE, Mode
from opendance.engines.base import Cancelled, Progress
from opendance.engines.canvas import Canvas
from opendance.engines.completion import complete
from opendance.engines.diffusers.generic import canvas_of
from opendance.engines.diffusers.memory import main_memory_gib
from opendance.engines.diffusers.options import MiniMaxH3Effort, MiniMaxH3Options
from opendance.engines.diffusers.placing import place_apart
from opendance.engines.diffusers.runtime import Runtime, Steps, as_frames
from opendance.engines.diffusers.turbo import use_lora
from opendance.engines.pictures import picture, whole_picture
from opendance.engines.references import Reference, left_out, ordered_references, tagged_prompt
from opendance.job import Clip, Job
from opendance.media.audio import read_wav, resampled
from opendance.media.frames import read_frames
from opendance.plan import Role

_FRAME_ARGUMENTS: dict[Role | None, str] = {"first_frame": "image", "last_frame": "last_image"}
_KEEP_BOTH_GIB = 256.0  # of main memory: both transformers, the text encoder, and room to load
# Modules of the text encoder that stay exact when weights are quantised: diffusers' documentation of the pipeline.
_EXACT_TEXT = ("model.visual", "model.language_model.embed_tokens", "model.language_model.norm", "lm_head")


class MiniMaxH3:
    """The model, with the transformer that the last job needed: one for text and frames, another for references."""

    def __init__(self, options: MiniMaxH3Options) -> None:
        self._options = options
        self._runtime = Runtime("minimax_h3", options)
        self._manager = ComponentsManager()
        self._pipe: Any = None
        self._placed: set[str] = set()  # transformers that are ready to compute
        keep = options.keep_both
        self._keep_both = main_memory_gib(self._runtime.processes) > _KEEP_BOTH_GIB if keep is None else keep

    def warm(self) -> None:
        """Load everything but the transformer for references, which waits for the first job with such."""
        self._prepare("transformer")
        for effort in self._options.tiers.values():  # a LoRA that cannot be read is told before anybody waits for it
            self._tune_to(effort, "transformer")

    def render(self, job: Job, progress: Progress, cancelled: Cancelled) -> Clip:
        """Make the clip.

        Raises:
            TaskError: `resource_exhausted`.
            RenderCancelled: `cancelled` said so; asked before every step.
        """
        started = time.monotonic()
        effort = self._options.effort(job.tier)
        name = "transformer_ref" if job.mode is Mode.REFERENCE and job.assets else "transformer"
        with self._runtime.guarded():
            self._prepare(name)
            self._tune_to(effort, name)
            row = self._options.row
            canvas = canvas_of(
                job,
                row,
                short_edge=effort.short_edge,
                max_pixels=self._options.max_pixels,
                multiple=self._pipe.canvas_multiple,
            )
            # References are read at this canvas too; otherwise they alone would take most of a small clip's time.
            self._pipe.update_components(
                canvas_short_edge=min(canvas.width, canvas.height), canvas_max_pixels=canvas.width * canvas.height
            )
            rate = int(self._pipe.audio_sampling_rate)
            media, notes = _media(job, canvas, rate, most=row.references)
            prepared = time.monotonic()
            # The number counts grid points, the end among them: one more than there are steps.
            steps = Steps(effort.steps, progress, cancelled)
            transformer = getattr(self._pipe, name)
            with steps.of(transformer), self._runtime.cached(transformer, canvas.seconds, inside=True):
                output = self._pipe(
                    height=canvas.height,
                    width=canvas.width,
                    num_frames=canvas.num_frames,
                    num_inference_steps=effort.steps + 1,
                    generator=self._runtime.generator(job.seed),
                    output_type="np",
                    output=["videos", "audio"],
                    **media,
                )
            frames, wave = np.asarray(output["videos"][0]), _sound(output["audio"])
            drawn = time.monotonic()
            notes += complete(
                job, row.title, as_frames(frames), num_given=len(frames), sound=(wave, rate), cancelled=cancelled
            )
        timings = steps.timings(began=prepared, drawn=drawn, ended=time.monotonic())
        return Clip(job.output, time.monotonic() - started, notes, timings=timings)

    def _prepare(self, transformer: str) -> None:
        """Load what is missing; the other transformer makes room where there is not enough for both."""
        runtime = self._runtime
        if self._pipe is None:
            self._load()
        if transformer in self._placed:
            return
        other = "transformer" if transformer == "transformer_ref" else "transformer_ref"
        if not self._keep_both:
            self._unload(other)
        elif runtime.layout.offload in ("none", "pair") and getattr(self._pipe, other, None) is not None:
            self._placed.discard(other)
            getattr(self._pipe, other).to("cpu")  # both beside the text encoder fit no single GPU
        if runtime.layout.offload not in ("none", "pair"):
            self._unload(transformer)  # one that was loaded and could not be placed
        if getattr(self._pipe, transformer, None) is None:
            self._pipe.update_components(**{transformer: self._transformer(transformer)})
            runtime.tune(getattr(self._pipe, transformer))
        self._place(transformer, other)
        self._placed.add(transformer)

    def _tune_to(self, effort: MiniMaxH3Effort, name: str) -> None:
        """Have the LoRA and the noise levels of a tier."""
        of_references = name == "transformer_ref"
        place = effort.reference_lora if of_references else effort.lora
        into = {"load_into_transformer_ref": True} if of_references else {}
        use_lora(self._pipe, getattr(self._pipe, name), place, "minimax_h3", **into, **self._runtime.hub())
        for scheduler, shift in (
            (self._pipe.scheduler, effort.shift),
            (self._pipe.audio_scheduler, effort.sound_shift),
        ):
            scheduler.set_shift(scheduler.config.shift if shift is None else shift)

    def _load(self) -> None:
        """Load everything but the transformers.

        Raises:
            ConfigurationError: a part is missing or damaged, or there is too little main memory.
        """
        runtime = self._runtime
        waiting = self._options.row.parts.large(runtime.layout)[0] if self._keep_both else 0.0
        runtime.check_memory(self._options.weights, besides=waiting)
        pipe = ModularPipeline.from_pretrained(self._options.weights, components_manager=self._manager, **runtime.hub())
        if self._options.reference_short_edge is not None:
            pipe.update_components(reference_image_short_edge=self._options.reference_short_edge)
        pipe.set_progress_bar_config(disable=True)
        others = [each for each in pipe.pretrained_component_names if each not in ("transformer", "transformer_ref")]
        if runtime.layout.quantization != "none":
            pipe.update_components(text_encoder=self._quantized_text_encoder())
            others.remove("text_encoder")
        # The index names the hub also where the weights lie in a folder here.
        place = {"pretrained_model_name_or_path": self._options.weights, **runtime.hub()}
        pipe.load_components(names=others, dtype=runtime.dtype, **place)
        # What cannot be loaded is only logged there.
        runtime.complete({name: getattr(pipe, name, None) for name in others}, self._options.weights)
        if self._options.tiling and hasattr(pipe.vae, "enable_tiling"):
            pipe.vae.enable_tiling()
        pipe.text_encoder.requires_grad_(requires_grad=False)
        if runtime.layout.offload == "group":
            runtime.stream_groups(pipe.text_encoder.model)
        self._pipe = pipe

    def _unload(self, name: str) -> None:
        """Give the memory of a component back; the components' manager holds it too, and lets go of it only so."""
        self._placed.discard(name)
        if getattr(self._pipe, name, None) is not None:
            self._pipe.unload_components([name])

    def _place(self, transformer: str, other: str) -> None:
        runtime = self._runtime
        match runtime.layout.offload:
            case "none":
                for name, component in self._pipe.components.items():
                    if name != other and isinstance(component, torch.nn.Module):
                        component.to(runtime.device)
            case "pair":
                place_apart(self._pipe, ("text_encoder",), runtime.encoder_device, runtime.device, without=(other,))
            case "model":
                self._manager.enable_auto_cpu_offload(device=runtime.device, memory_reserve_margin="12GB")
            case "group":
                runtime.stream_groups(getattr(self._pipe, transformer), blocks=True)
                self._pipe.vae.to(runtime.device)
                self._pipe.audio_vae.to(runtime.device)

    def _transformer(self, name: str) -> Any:
        kind, runtime = diffusers.MiniMaxH3Transformer3DModel, self._runtime
        if self._options.gguf is not None and name == "transformer":
            return runtime.from_gguf(kind, self._options.weights, self._options.gguf)
        return kind.from_pretrained(
            self._options.weights,
            subfolder=name,
            dtype=runtime.dtype,
            **runtime.quantized(diffusers, self._options.row.exact),
            **runtime.hub(),
        )

    def _quantized_text_encoder(self) -> Any:
        runtime = self._runtime
        return transformers.Qwen3VLForConditionalGeneration.from_pretrained(
            self._options.weights,
            subfolder="text_encoder",
            dtype=runtime.dtype,
            **runtime.quantized(transformers, _EXACT_TEXT),
            **runtime.hub(),
        )


def _media(job: Job, canvas: Canvas, rate: int, *, most: int) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The arguments of a call that tell what is to be seen and heard, and notes for the journal.

    Args:
        rate: of the sound that the model reads, samples a second; diffusers itself would need torchaudio to change it.
        most: references that it reads.
    """
    if not job.assets:
        return {"prompt": job.plan.prompt_with_facts}, ()
    size = (canvas.width, canvas.height)
    if job.mode is Mode.IMAGE:
        frames = {
            _FRAME_ARGUMENTS[job.plan.role_of(asset.kind, asset.number)]: picture(asset.path, size)
            for asset in job.assets
        }
        return {"prompt": job.plan.prompt_with_facts, **frames}, ()
    references = ordered_references(job, most=most)
    given = [_reference(reference, canvas, rate) for reference in references]
    return {"prompt": tagged_prompt(job.plan, references), "references": given}, left_out(job, references)


def _reference(reference: Reference, canvas: Canvas, rate: int) -> Any:
    asset = reference.asset
    match asset.kind:
        case "image":
            return MiniMaxH3ImageReference(whole_picture(asset.path))
        case "audio":
            return MiniMaxH3AudioReference(audio=_waveform(asset.path, rate), sample_rate=rate)
        case "video":
            # At about the canvas' own size: more is not read, and 15 s of full frames would take gigabytes.
            scale = min(1.0, min(canvas.width, canvas.height) / min(asset.width, asset.height))
            size = (max(32, round(asset.width * scale)), max(32, round(asset.height * scale)))
            frames = np.stack(list(read_frames(Path(asset.path), size)))
            sound = None if asset.sound_path is None else _waveform(asset.sound_path, rate)
            return MiniMaxH3VideoReference(
                frames=frames, fps=float(FRAME_RATE), audio=sound, sample_rate=None if sound is None else rate
            )


def _waveform(path: str, rate: int) -> torch.Tensor:
    """(2, num_samples), -1 to 1, at `rate` samples a second."""
    return torch.from_numpy(np.ascontiguousarray(resampled(read_wav(Path(path)).T, SAMPLE_RATE, rate).T))


def _sound(audio: Any) -> npt.NDArray[np.float32]:
    """(num_channels, num_samples) of the one clip that was made."""
    wave = audio[0]
    return np.asarray(wave.float().cpu() if isinstance(wave, torch.Tensor) else wave, np.float32)
