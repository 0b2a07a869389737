"""LTX-2: text, frames and footage to video with sound."""

from __future__ import annotations

import inspect
import time
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import transformers
from diffusers import LTX2ConditionPipeline, LTX2InContextPipeline, LTX2Pipeline
from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition
from diffusers.pipelines.ltx2.pipeline_ltx2_ic_lora import LTX2ReferenceCondition
from diffusers.pipelines.ltx2.utils import DEFAULT_NEGATIVE_PROMPT, DISTILLED_SIGMA_VALUES

from opendance.asset import Asset
from opendance.catalog import FRAME_RATE, Tier
from opendance.engines.base import Cancelled, Progress
from opendance.engines.canvas import Canvas, canvas_for
from opendance.engines.diffusers.memory import LTX2 as LTX2_PARTS
from opendance.engines.diffusers.options import LTX2Options
from opendance.engines.diffusers.runtime import Runtime, Steps, as_frames
from opendance.engines.pictures import picture
from opendance.job import Clip, Job
from opendance.media.finish import Finish, finish_frames
from opendance.media.frames import read_frames

# Of each block; the pattern that diffusers takes by itself fits those between picture and sound alone.
_CACHED = [r"transformer_blocks\.\d+\.(audio_)?attn[12]"]
_MOST_SECONDS = 20.0  # what it was trained to draw
_MULTIPLE, _FRAMES = 32, (8, 1)  # px; the video VAE decodes 8 n + 1 frames
_OPENING = 25  # frames of footage that an extension begins with: 8 n + 1, about a second
_LAST = -1  # index of the last latent frame
_AS_GROUND = 0.7  # strength of a picture that only shows how things look: the first frame may leave it


class LTX2:
    """The model; the weights of the tier that the last job was for are loaded."""

    def __init__(self, options: LTX2Options) -> None:
        self._options = options
        self._runtime = Runtime("ltx2", options, LTX2_PARTS, cached=_CACHED)
        self._weights: str | None = None
        self._pipe: Any = None

    def warm(self) -> None:
        """Load the weights of the standard tier, or the only ones."""
        self._prepare(Tier.STANDARD)

    def render(self, job: Job, progress: Progress, cancelled: Cancelled) -> Clip:
        """Make the clip.

        Raises:
            TaskError: `resource_exhausted`.
            RenderCancelled: `cancelled` said so; asked after every step.
        """
        started = time.monotonic()
        effort = self._options.effort(job.tier)
        with self._runtime.guarded():
            self._prepare(job.tier)
            canvas = canvas_for(
                job,
                multiple=_MULTIPLE,
                short_edge=effort.short_edge,
                max_pixels=self._options.max_pixels,
                most_seconds=_MOST_SECONDS,
                step=_FRAMES,
            )
            media, notes = _media(job, canvas, in_context=self._options.in_context is not None)
            kind = LTX2Pipeline
            if media:
                kind = LTX2InContextPipeline if "reference_conditions" in media else LTX2ConditionPipeline
            if self._options.in_context is not None:  # it is trained for footage to follow, and spoils what has none
                (self._pipe.enable_lora if kind is LTX2InContextPipeline else self._pipe.disable_lora)()
            if self._is_distilled(job.tier):
                drawing: dict[str, Any] = {"sigmas": DISTILLED_SIGMA_VALUES, "guidance_scale": 1.0}
                drawing |= {"stg_scale": 0.0, "modality_scale": 1.0, "audio_guidance_scale": 1.0}
                drawing |= {"audio_stg_scale": 0.0, "audio_modality_scale": 1.0}
                count = len(DISTILLED_SIGMA_VALUES)
            else:
                drawing = {"guidance_scale": self._options.guidance, "negative_prompt": DEFAULT_NEGATIVE_PROMPT}
                blocks = getattr(self._pipe.transformer.config, "num_layers", 0)
                if blocks <= 28:  # where the guidance skips a block that is not there
                    drawing |= {"stg_scale": 0.0, "audio_stg_scale": 0.0}
                count = effort.steps
            if "use_cross_timestep" in inspect.signature(kind.__call__).parameters:
                drawing["use_cross_timestep"] = self._options.cross_timestep
            steps = Steps(count, progress, cancelled)

            def after_step(_pipe: Any, _step: int, _time: Any, state: dict[str, Any]) -> dict[str, Any]:
                steps.step()
                return state

            with self._runtime.cached(self._pipe.transformer, canvas.seconds, inside=False):
                output = self._as(kind)(
                    prompt=job.plan.prompt_with_facts,
                    width=canvas.width,
                    height=canvas.height,
                    num_frames=canvas.num_frames,
                    frame_rate=float(FRAME_RATE),
                    num_inference_steps=count,
                    generator=self._runtime.generator(job.seed),
                    output_type="np",
                    callback_on_step_end=after_step,
                    **drawing,
                    **media,
                )
            finish_frames(
                Path(job.output),
                as_frames(np.asarray(output.frames[0])),
                (np.asarray(output.audio[0].float().cpu(), np.float32), self._pipe.vocoder.config.output_sampling_rate),
                Finish.of(job, "LTX-2"),
            )
        return Clip(job.output, time.monotonic() - started, notes)

    def _is_distilled(self, tier: Tier) -> bool:
        options = self._options
        return options.distilled is not None and (tier is not Tier.STANDARD or options.distilled == options.weights)

    def _prepare(self, tier: Tier) -> None:
        """Load the weights of `tier` in the place of others."""
        weights = self._options.distilled if self._is_distilled(tier) else self._options.weights
        assert weights is not None
        if weights == self._weights:
            return
        self._pipe = self._weights = None  # what was there makes room first
        runtime = self._runtime
        runtime.check_memory(weights)
        loading: dict[str, Any] = {**runtime.hub()}
        if self._options.gguf is not None and not self._is_distilled(tier):
            kind = diffusers.LTX2VideoTransformer3DModel
            loading["transformer"] = runtime.from_gguf(kind, weights, self._options.gguf)
        elif runtime.layout.quantization != "none":
            loading["transformer"] = diffusers.LTX2VideoTransformer3DModel.from_pretrained(
                weights,
                subfolder="transformer",
                dtype=runtime.dtype,
                **runtime.quantized(diffusers, ("proj_in", "proj_out", "audio_proj_in", "audio_proj_out")),
                **runtime.hub(),
            )
        if runtime.layout.quantization != "none":
            index = LTX2Pipeline.load_config(weights, **runtime.hub())  # LTX-2.5 has another encoder than LTX-2.0
            encoder = getattr(transformers, index["text_encoder"][1])
            loading["text_encoder"] = encoder.from_pretrained(
                weights,
                subfolder="text_encoder",
                dtype=runtime.dtype,
                **runtime.quantized(transformers, ("lm_head", "model.vision_tower")),
                **runtime.hub(),
            )
        pipe = LTX2Pipeline.from_pretrained(weights, dtype=runtime.dtype, **loading)
        pipe.set_progress_bar_config(disable=True)
        if self._options.tiling:
            pipe.vae.enable_tiling()
        if self._options.in_context is not None:
            pipe.load_lora_weights(self._options.in_context)
        pipe.text_encoder.requires_grad_(requires_grad=False)
        runtime.tune(pipe.transformer)
        match runtime.layout.offload:
            case "none":
                pipe.to(runtime.device)
            case "model":
                pipe.enable_model_cpu_offload(device=runtime.device)
            case "group":
                runtime.stream_groups(pipe.transformer, blocks=True)
                runtime.stream_groups(pipe.text_encoder)
                for model in (pipe.connectors, pipe.vae, pipe.audio_vae, pipe.vocoder):
                    model.to(runtime.device)
        self._pipe, self._weights = pipe, weights

    def _as(self, kind: Any) -> Any:
        """The same weights behind another pipeline."""
        if isinstance(self._pipe, kind):
            return self._pipe
        takes = inspect.signature(kind.__init__).parameters
        pipe = kind(**{name: part for name, part in self._pipe.components.items() if name in takes})
        pipe.set_progress_bar_config(disable=True)
        return pipe


def _media(job: Job, canvas: Canvas, *, in_context: bool) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The arguments of a call that tell what is to be seen, and notes for the journal.

    Args:
        in_context: whether there is an IC-LoRA, without which footage has no effect that was trained.
    """
    size = (canvas.width, canvas.height)
    conditions: list[Any] = []
    references: list[Any] = []
    notes: list[str] = []
    grounds = 0
    for asset in job.assets:
        role = job.plan.role_of(asset.kind, asset.number)
        name = f"{asset.kind} {asset.number}"
        if asset.kind == "audio":
            notes.append(f"LTX-2 reads no sound: {name} was left out")
        elif asset.kind == "video" and role == "extend":
            conditions.append(LTX2VideoCondition(frames=_last_frames(asset, size), index=0))
        elif asset.kind == "video" and not in_context:
            notes.append(f"LTX-2 follows no footage without in_context: {name} was left out")
        elif asset.kind == "video":
            references.append(LTX2ReferenceCondition(frames=np.stack(_frames(asset, size, canvas.num_frames))))
        elif role in ("first_frame", "last_frame"):
            at = 0 if role == "first_frame" else _LAST
            conditions.append(LTX2VideoCondition(frames=picture(asset.path, size), index=at))
        elif grounds == 0:
            grounds += 1
            conditions.append(LTX2VideoCondition(frames=picture(asset.path, size), index=0, strength=_AS_GROUND))
            notes.append(f"LTX-2 knows no reference images: {name} stands at the beginning")
        else:
            notes.append(f"LTX-2 knows no reference images: {name} was left out")
    media: dict[str, Any] = {}
    if conditions:
        media["conditions"] = conditions
    if references:
        media["reference_conditions"] = references
    return media, tuple(notes)


def _frames(asset: Asset, size: tuple[int, int], most: int) -> list[Any]:
    """The first frames of a video, 8 n + 1 of them."""
    frames = [frame for frame, _ in zip(read_frames(Path(asset.path), size), range(most), strict=False)]
    return frames[: (len(frames) - 1) // 8 * 8 + 1]


def _last_frames(asset: Asset, size: tuple[int, int]) -> Any:
    frames = list(read_frames(Path(asset.path), size))[-_OPENING:]
    return np.stack(frames[len(frames) - ((len(frames) - 1) // 8 * 8 + 1) :])
