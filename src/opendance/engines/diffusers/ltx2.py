"""LTX-2, LTX-2.3 and LTX-2.5: text, frames and footage to video with sound, in one stage or two."""

from __future__ import annotations

import inspect
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import transformers
from diffusers import (
    FlowMatchEulerDiscreteScheduler,
    LTX2ConditionPipeline,
    LTX2InContextPipeline,
    LTX2LatentUpsamplePipeline,
    LTX2Pipeline,
)
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition
from diffusers.pipelines.ltx2.pipeline_ltx2_ic_lora import LTX2ReferenceCondition
from diffusers.pipelines.ltx2.utils import (
    DEFAULT_NEGATIVE_PROMPT,
    DISTILLED_SIGMA_VALUES,
    STAGE_2_DISTILLED_SIGMA_VALUES,
)

from opendance.asset import Asset
from opendance.catalog import FRAME_RATE, Tier
from opendance.engines.base import Cancelled, Progress
from opendance.engines.canvas import Canvas
from opendance.engines.completion import complete
from opendance.engines.diffusers.generic import canvas_of
from opendance.engines.diffusers.options import LTX2Options
from opendance.engines.diffusers.runtime import Runtime, Steps, as_frames
from opendance.engines.pictures import picture
from opendance.job import Clip, Job
from opendance.media.frames import read_frames

# Of each block; the pattern that diffusers takes by itself fits those between picture and sound alone.
_CACHED = [r"transformer_blocks\.\d+\.(audio_)?attn[12]"]
_SKIPPED = 28  # number of the block that the guidance skips: a smaller model has none
_DOUBLED = 2  # times that the upsampler scales each side
_REFINING, _IN_CONTEXT = "refining", "in_context"  # LoRAs: of the second stage, and of footage that is followed
_OWN = ("transformer", "scheduler")  # of each transformer; all else is the same for both
# Of a distilled model, and of the second stage of any: no guidance of any kind.
_UNGUIDED: dict[str, Any] = {
    "guidance_scale": 1.0, "stg_scale": 0.0, "modality_scale": 1.0, "audio_guidance_scale": 1.0,
    "audio_stg_scale": 0.0, "audio_modality_scale": 1.0,
}  # fmt: skip
_OPENING = 25  # frames of footage that an extension begins with: 8 n + 1, about a second
_LAST = -1  # index of the last latent frame
_AS_GROUND = 0.7  # strength of a picture that only shows how things look: the first frame may leave it


class LTX2:
    """The model; the weights of the tier that the last job was for are loaded."""

    def __init__(self, options: LTX2Options) -> None:
        self._options, self._row = options, options.row
        self._runtime = Runtime(options.row.name, options, cached=_CACHED)
        self._weights: tuple[str, str] | None = None  # their place, and the folder of the transformer
        self._loras = False  # whether the pipeline has any
        self._pipe: Any = None
        self._upsampler: Any = None

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
        effort, row = self._options.effort(job.tier), self._row
        with self._runtime.guarded():
            self._prepare(job.tier)
            in_two = self._draws_in_two(job.tier)
            canvas = canvas_of(
                job,
                row,
                short_edge=effort.short_edge,
                max_pixels=self._options.max_pixels,
                multiple=row.multiple * (_DOUBLED if in_two else 1),
            )
            media, notes = _media(job, canvas, row.title, in_context=self._options.in_context is not None)
            prepared = time.monotonic()
            count = len(DISTILLED_SIGMA_VALUES) if self._options.is_distilled(job.tier) else effort.steps
            steps = Steps(count + (len(STAGE_2_DISTILLED_SIGMA_VALUES) if in_two else 0), progress, cancelled)
            with self._runtime.cached(self._pipe.transformer, canvas.seconds, inside=False):
                output = self._in_two(job, canvas, media, steps) if in_two else self._in_one(job, canvas, media, steps)
            frames = np.asarray(output.frames[0])
            wave = np.asarray(output.audio[0].float().cpu(), np.float32)
            drawn = time.monotonic()
            notes += complete(
                job,
                row.title,
                as_frames(frames),
                num_given=len(frames),
                sound=(wave, self._pipe.vocoder.config.output_sampling_rate),
                cancelled=cancelled,
            )
        timings = steps.timings(began=prepared, drawn=drawn, ended=time.monotonic())
        return Clip(job.output, time.monotonic() - started, notes, timings=timings)

    def _in_one(self, job: Job, canvas: Canvas, media: dict[str, Any], steps: Steps, **given: Any) -> Any:
        """All steps at one size."""
        if self._options.is_distilled(job.tier):
            drawing = {
                **_UNGUIDED,
                "sigmas": DISTILLED_SIGMA_VALUES,
                "num_inference_steps": len(DISTILLED_SIGMA_VALUES),
            }
        else:
            drawing = {"guidance_scale": self._options.guidance, "negative_prompt": DEFAULT_NEGATIVE_PROMPT}
            drawing["num_inference_steps"] = self._options.effort(job.tier).steps
            if getattr(self._pipe.transformer.config, "num_layers", 0) <= _SKIPPED:
                drawing |= {"stg_scale": 0.0, "audio_stg_scale": 0.0}
        generator = self._runtime.generator(job.seed)
        return self._call(
            job, canvas, media, steps, **{"generator": generator, "output_type": "np", **drawing, **given}
        )

    def _in_two(self, job: Job, canvas: Canvas, media: dict[str, Any], steps: Steps) -> Any:
        """The steps at half the size, its latents made twice as large, and three steps more at the whole."""
        # One stream of random numbers for both stages, so that the second does not repeat what the first drew.
        generator = self._runtime.generator(job.seed)
        half = replace(canvas, width=canvas.width // _DOUBLED, height=canvas.height // _DOUBLED)
        small, _ = _media(job, half, self._row.title, in_context=self._options.in_context is not None)
        first = self._in_one(job, half, small, steps, generator=generator, output_type="latent")
        upsampling = LTX2LatentUpsamplePipeline(vae=self._pipe.vae, latent_upsampler=self._upsampler)
        upsampling.set_progress_bar_config(disable=True)
        latents = upsampling(latents=first.frames, output_type="latent", return_dict=False)[0]
        scheduler = self._pipe.scheduler
        try:
            self._pipe.scheduler = _as_given(scheduler)
            return self._call(
                job,
                canvas,
                media,
                steps,
                refining=not self._options.is_distilled(job.tier),
                latents=latents,
                audio_latents=first.audio,
                noise_scale=STAGE_2_DISTILLED_SIGMA_VALUES[0],
                sigmas=STAGE_2_DISTILLED_SIGMA_VALUES,
                num_inference_steps=len(STAGE_2_DISTILLED_SIGMA_VALUES),
                generator=generator,
                output_type="np",
                **_UNGUIDED,
            )
        finally:
            self._pipe.scheduler = scheduler

    def _call(
        self, job: Job, canvas: Canvas, media: dict[str, Any], steps: Steps, *, refining: bool = False, **drawing: Any
    ) -> Any:
        kind = LTX2Pipeline
        if media:
            kind = LTX2InContextPipeline if "reference_conditions" in media else LTX2ConditionPipeline
        # The one is trained for footage to follow, the other for the second stage, and each spoils all else.
        self._use(*[_IN_CONTEXT] * (kind is LTX2InContextPipeline), *[_REFINING] * refining)
        if "use_cross_timestep" in inspect.signature(kind.__call__).parameters:
            drawing["use_cross_timestep"] = self._options.cross_timestep

        def after_step(_pipe: Any, _step: int, _time: Any, state: dict[str, Any]) -> dict[str, Any]:
            steps.step()
            return state

        return self._as(kind)(
            prompt=job.plan.prompt_with_facts,
            width=canvas.width,
            height=canvas.height,
            num_frames=canvas.num_frames,
            frame_rate=float(FRAME_RATE),
            callback_on_step_end=after_step,
            **drawing,
            **media,
        )

    def _use(self, *loras: str) -> None:
        """Have these LoRAs at work, and no others."""
        if not self._loras:
            return
        if loras:
            self._pipe.enable_lora()
            self._pipe.set_adapters(list(loras))
        else:
            self._pipe.disable_lora()

    def _draws_in_two(self, tier: Tier) -> bool:
        options = self._options
        return options.upsampler is not None and (options.is_distilled(tier) or options.refining is not None)

    def _prepare(self, tier: Tier) -> None:
        """Load the weights of `tier` in the place of others."""
        options, runtime, distilled = self._options, self._runtime, self._options.is_distilled(tier)
        place, _ = weights = options.transformer_of(tier)
        if weights == self._weights:
            return
        kept = self._kept(place)
        self._pipe = self._weights = None  # what was there makes room first
        runtime.check_memory(place)
        loading = kept | self._large(*weights, distilled=distilled)
        pipe = LTX2Pipeline.from_pretrained(place, dtype=runtime.dtype, **loading)
        pipe.set_progress_bar_config(disable=True)
        if (
            options.full is not None and not distilled
        ):  # the repository's scheduler is that of the distilled transformer
            config = pipe.scheduler.config
            pipe.scheduler = FlowMatchEulerDiscreteScheduler.from_config(
                config, use_dynamic_shifting=True, shift_terminal=0.1
            )
        if options.tiling:
            pipe.vae.enable_tiling()
        if options.in_context is not None:
            pipe.load_lora_weights(options.in_context, adapter_name=_IN_CONTEXT)
        if options.refining is not None and not distilled:
            folder, _, file = options.refining.rpartition(":")
            pipe.load_lora_weights(folder, weight_name=file, adapter_name=_REFINING)
        pipe.text_encoder.requires_grad_(requires_grad=False)
        runtime.tune(pipe.transformer)
        runtime.place(pipe, blocks=("transformer",), leaves=("text_encoder",))
        if self._draws_in_two(tier) and self._upsampler is None:
            assert options.upsampler is not None
            self._upsampler = LTX2LatentUpsamplerModel.from_pretrained(
                options.upsampler, subfolder="latent_upsampler", dtype=runtime.dtype, **runtime.hub()
            ).to(runtime.device)
        self._pipe, self._weights = pipe, weights
        self._loras = options.in_context is not None or (options.refining is not None and not distilled)

    def _kept(self, place: str) -> dict[str, Any]:
        """All but the transformer, where only that is another of the same repository."""
        if self._weights is None or self._weights[0] != place or self._runtime.layout.offload == "model":
            return {}
        return {name: part for name, part in self._pipe.components.items() if name not in _OWN and part is not None}

    def _large(self, place: str, folder: str, *, distilled: bool) -> dict[str, Any]:
        """Arguments of a load: what does not come as the repository's index says."""
        options, runtime = self._options, self._runtime
        loading: dict[str, Any] = {**runtime.hub()}
        is_quantized = runtime.layout.quantization != "none"
        kind = diffusers.LTX2VideoTransformer3DModel
        if options.gguf is not None and not distilled:
            loading["transformer"] = runtime.from_gguf(kind, place, options.gguf)
        elif is_quantized or folder != "transformer":
            loading["transformer"] = kind.from_pretrained(
                place,
                subfolder=folder,
                dtype=runtime.dtype,
                **runtime.quantized(diffusers, self._row.exact),
                **runtime.hub(),
            )
        if is_quantized:
            index = LTX2Pipeline.load_config(place, **runtime.hub())  # LTX-2.5 has another encoder than LTX-2.0
            encoder = getattr(transformers, index["text_encoder"][1])
            loading["text_encoder"] = encoder.from_pretrained(
                place,
                subfolder="text_encoder",
                dtype=runtime.dtype,
                **runtime.quantized(transformers, ("lm_head", "model.vision_tower")),
                **runtime.hub(),
            )
        return loading

    def _as(self, kind: Any) -> Any:
        """The same weights behind another pipeline."""
        if isinstance(self._pipe, kind):
            return self._pipe
        takes = inspect.signature(kind.__init__).parameters
        pipe = kind(**{name: part for name, part in self._pipe.components.items() if name in takes})
        pipe.set_progress_bar_config(disable=True)
        return pipe


def _as_given(scheduler: Any) -> Any:
    """The same that takes its steps exactly as they are given."""
    return FlowMatchEulerDiscreteScheduler.from_config(
        scheduler.config, use_dynamic_shifting=False, shift_terminal=None
    )


def _media(job: Job, canvas: Canvas, title: str, *, in_context: bool) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The arguments of a call that tell what is to be seen, and notes for the journal.

    Args:
        title: of the model, for the notes.
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
            notes.append(f"{title} reads no sound: {name} was left out")
        elif asset.kind == "video" and role == "extend":
            conditions.append(LTX2VideoCondition(frames=_last_frames(asset, size), index=0))
        elif asset.kind == "video" and not in_context:
            notes.append(f"{title} follows no footage without in_context: {name} was left out")
        elif asset.kind == "video":
            references.append(LTX2ReferenceCondition(frames=np.stack(_frames(asset, size, canvas.num_frames))))
        elif role in ("first_frame", "last_frame"):
            at = 0 if role == "first_frame" else _LAST
            conditions.append(LTX2VideoCondition(frames=picture(asset.path, size), index=at))
        elif grounds == 0:
            grounds += 1
            conditions.append(LTX2VideoCondition(frames=picture(asset.path, size), index=0, strength=_AS_GROUND))
            notes.append(f"{title} knows no reference images: {name} stands at the beginning")
        else:
            notes.append(f"{title} knows no reference images: {name} was left out")
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
