"""The engine of every model of which a row of the table tells all: a job becomes the arguments of a call."""

from __future__ import annotations

import inspect
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
import transformers
from PIL import Image

from opendance.asset import Asset
from opendance.catalog import Mode
from opendance.engines.base import Cancelled, Progress
from opendance.engines.canvas import Canvas, canvas_for
from opendance.engines.completion import complete
from opendance.engines.diffusers.options import RowOptions, TurboEffort
from opendance.engines.diffusers.row import Drawing, Row
from opendance.engines.diffusers.runtime import Runtime, Steps, as_frames
from opendance.engines.diffusers.turbo import shifted, use_lora
from opendance.engines.pictures import picture, whole_picture
from opendance.errors import TaskError
from opendance.job import Clip, Job
from opendance.media.frames import read_frames

_TRANSFORMERS = ("transformer", "transformer_2")
_ENCODERS = ("text_encoder", "text_encoder_2")
_KEPT = ("tokenizer", "tokenizer_2", *_ENCODERS, "vae")  # the same whatever a model is asked for
_OPENING = 1.0  # s of footage that an extension begins with
_GREY = 127  # what stands for frames that are to be drawn


class Generic:
    """A model of the table. Where each mode has weights of its own, those of the last job are loaded."""

    def __init__(self, options: RowOptions) -> None:
        self._options, self._row = options, options.row
        self._runtime = Runtime(self._row.name, options)
        self._pipe: Any = None
        self._scheduler: Any = None  # as the weights have it
        self._weights: str | None = None

    def warm(self) -> None:
        """Load the weights of the first mode that has any."""
        mode = next(mode for mode in Mode if mode in self._options.modes)
        self._prepare(_drawing(self._row, mode), mode)
        for effort in self._options.tiers.values():  # a LoRA that cannot be read is told before anybody waits for it
            self._tune_to(effort)

    def render(self, job: Job, progress: Progress, cancelled: Cancelled) -> Clip:
        """Make the clip.

        Raises:
            TaskError: `resource_exhausted`; or nothing that the model could begin with was given.
            RenderCancelled: `cancelled` said so; asked after every step.
        """
        started = time.monotonic()
        mode = job.mode if job.assets else Mode.TEXT
        row, effort = self._row, self._options.effort(job.tier)
        drawing = _drawing(row, mode)
        with self._runtime.guarded():
            self._prepare(drawing, mode)
            self._tune_to(effort)
            canvas = canvas_of(job, row, short_edge=effort.short_edge, max_pixels=self._options.max_pixels)
            media, notes = media_of(job, row, drawing, canvas)
            prepared = time.monotonic()
            given = self._arguments(job, drawing, canvas, effort) | media
            steps = Steps(len(given["timesteps"]) if "timesteps" in given else effort.steps, progress, cancelled)
            with steps.of_scheduler(self._pipe.scheduler), self._cached(canvas):
                output = self._pipe(**self._taken(given))
            frames = np.asarray(output.frames[0])
            drawn = time.monotonic()
            notes += complete(
                job,
                row.title,
                as_frames(frames),
                num_given=len(frames),
                frame_rate=row.frame_rate,
                cancelled=cancelled,
            )
        timings = steps.timings(began=prepared, drawn=drawn, ended=time.monotonic())
        return Clip(job.output, time.monotonic() - started, notes, timings=timings)

    def _tune_to(self, effort: TurboEffort) -> None:
        """Have the LoRAs and the noise levels of a tier."""
        for name, place, into in (
            ("transformer", effort.lora, {}),
            ("transformer_2", effort.low_noise_lora, {"load_into_transformer_2": True}),
        ):
            if (transformer := getattr(self._pipe, name, None)) is not None:
                use_lora(self._pipe, transformer, place, self._row.name, **into, **self._runtime.hub())
        self._pipe.scheduler = shifted(self._scheduler, effort.shift)

    def _arguments(self, job: Job, drawing: Drawing, canvas: Canvas, effort: TurboEffort) -> dict[str, Any]:
        """Of a call, but for what is to be seen."""
        options, row = self._options, self._row
        own = {name: list(value) if isinstance(value, tuple) else value for name, value in drawing.arguments.items()}
        guidance = options.guidance if effort.guidance is None else effort.guidance
        if guidance is not None and not row.distilled:
            own = {name: guidance if name.startswith("guidance_scale") else value for name, value in own.items()}
        if "timesteps" not in own:
            own["num_inference_steps"] = effort.steps
        return {
            "prompt": job.plan.prompt_with_facts,
            "negative_prompt": row.negative if options.negative is None else options.negative,
            "width": canvas.width,
            "height": canvas.height,
            "num_frames": canvas.num_frames,
            "frame_rate": row.frame_rate,
            "generator": self._runtime.generator(job.seed),
            "output_type": "np",
            **own,
        }

    def _taken(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the arguments that this pipeline has."""
        takes = inspect.signature(type(self._pipe).__call__).parameters
        return {name: value for name, value in given.items() if name in takes and value != ""}

    def _cached(self, canvas: Canvas) -> Any:
        transformer = getattr(self._pipe, "transformer", None) or self._pipe.transformer_2
        return self._runtime.cached(transformer, canvas.seconds, inside=False)

    def _prepare(self, drawing: Drawing, mode: Mode) -> None:
        """Have the pipeline that draws this, with the weights that it needs."""
        weights = self._options.weights_of(mode)
        if weights is None:
            raise TaskError("invalid_parameters", f"{self._row.title} makes no {mode.value} videos here")
        kind = getattr(diffusers, drawing.pipeline)
        if weights != self._weights:
            kept = self._kept()
            self._pipe = self._weights = None  # what was there makes room first
            self._pipe = self._loaded(kind, weights, kept)
            self._scheduler = self._pipe.scheduler
            self._weights = weights
        elif not isinstance(self._pipe, kind):
            takes = inspect.signature(kind.__init__).parameters
            parts = {name: part for name, part in self._pipe.components.items() if name in takes}
            own = {name: value for name, value in self._pipe.config.items() if name in takes and name not in parts}
            self._pipe = kind(**parts, **{name: value for name, value in own.items() if not isinstance(value, tuple)})
            self._pipe.set_progress_bar_config(disable=True)

    def _kept(self) -> dict[str, Any]:
        """The parts that other weights of the same model share, where they are not bound to a pipeline."""
        if self._pipe is None or self._runtime.layout.offload == "model":
            return {}
        return {name: part for name, part in self._pipe.components.items() if name in _KEPT and part is not None}

    def _loaded(self, kind: Any, weights: str, kept: Mapping[str, Any]) -> Any:
        runtime, row = self._runtime, self._row
        runtime.check_memory(weights)
        index = kind.load_config(weights, **runtime.hub())
        loading = dict(kept)
        for name in row.quantized:
            if name in loading or index.get(name, [None])[0] is None:
                continue
            if (made := self._large(name, index[name], weights)) is not None:
                loading[name] = made
        dtypes = {"default": runtime.dtype, **dict.fromkeys(row.float32, torch.float32)}
        pipe = kind.from_pretrained(weights, dtype=dtypes, **loading, **runtime.hub())
        runtime.complete({name: getattr(pipe, name, None) for name, of in index.items() if _is_part(of)}, weights)
        pipe.set_progress_bar_config(disable=True)
        if self._options.tiling and hasattr(pipe.vae, "enable_tiling"):
            pipe.vae.enable_tiling()
        for name in _TRANSFORMERS:
            if getattr(pipe, name, None) is not None:
                runtime.tune(getattr(pipe, name))
        for name in _ENCODERS:
            if getattr(pipe, name, None) is not None:
                getattr(pipe, name).requires_grad_(requires_grad=False)
        runtime.place(pipe, blocks=_TRANSFORMERS, leaves=_ENCODERS)
        return pipe

    def _large(self, name: str, of: list[str], weights: str) -> Any:
        """A component whose weights do not come as the repository has them; None: they do."""
        runtime, row, options = self._runtime, self._row, self._options
        library = diffusers if of[0] == "diffusers" else transformers
        kind = getattr(library, of[1])
        if name == "transformer" and options.gguf is not None:
            return runtime.from_gguf(kind, weights, options.gguf)
        if name == "transformer" and options.transformer_file is not None:
            return runtime.from_file(kind, weights, options.transformer_file)
        if runtime.layout.quantization == "none":
            return None
        exact = row.exact if name in _TRANSFORMERS else ("shared", "embed_tokens", "lm_head", "final_layer_norm")
        return kind.from_pretrained(
            weights, subfolder=name, dtype=runtime.dtype, **runtime.quantized(library, exact), **runtime.hub()
        )


def _is_part(of: Any) -> bool:
    return isinstance(of, list) and len(of) == 2 and of[0] is not None


def _drawing(row: Row, mode: Mode) -> Drawing:
    drawing = {Mode.TEXT: row.text, Mode.IMAGE: row.image, Mode.REFERENCE: row.reference}[mode]
    if drawing is None:
        raise TaskError("invalid_parameters", f"{row.title} makes no {mode.value} videos")
    return drawing


def canvas_of(job: Job, row: Row, *, short_edge: int, max_pixels: int, multiple: int | None = None) -> Canvas:
    """What a model draws for a job, at its own frame rate.

    Args:
        multiple: what both sides are multiples of, px, where it is not the row's.
    """
    return canvas_for(
        job,
        multiple=multiple or row.multiple,
        short_edge=short_edge,
        max_pixels=max_pixels,
        frame_rate=row.frame_rate,
        shortest=row.shortest,
        longest=row.longest,
        step=row.step,
    )


def media_of(job: Job, row: Row, drawing: Drawing, canvas: Canvas) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The arguments of a call that tell what is to be seen, and notes for the journal of what was left out.

    Raises:
        TaskError: the model draws from a first frame, and there is none.
    """
    size = (canvas.width, canvas.height)
    first: Image.Image | None = None
    last: Image.Image | None = None
    images: list[Image.Image] = []
    opening: list[Image.Image] = []
    notes: list[str] = []
    for asset in job.assets:
        role = job.plan.role_of(asset.kind, asset.number)
        if asset.kind == "image" and role == "last_frame" and (drawing.last or drawing.mask):
            last = picture(asset.path, size)
        elif asset.kind == "image" and first is None and _begins(role, job, drawing):
            first = picture(asset.path, size)
        elif asset.kind == "image" and drawing.images and len(images) < row.images:
            images.append(whole_picture(asset.path, long_edge=max(size)))
        elif asset.kind == "video" and role == "extend" and drawing.mask and not opening:
            opening = _last_frames(asset, size, round(_OPENING * row.frame_rate))
        else:
            notes.append(f"{row.title} does not read {asset.kind} {asset.number} as that: it was left out")
    media: dict[str, Any] = {}
    if images:
        media[drawing.images] = images
    if drawing.mask:
        begin = opening or ([first] if first is not None else [])
        if begin or last is not None:
            video, mask = _around(begin, last, size, canvas.num_frames)
            media |= {drawing.footage: video, drawing.mask: mask}
    elif drawing.places and (first or last):
        media[drawing.first] = [each for each in (first, last) if each is not None]
        media[drawing.places] = [at for at, each in ((0, first), (canvas.num_frames - 1, last)) if each is not None]
    elif drawing.first:
        begin_with = first or last  # a last frame alone begins the clip: better than not at all
        if begin_with is None:
            raise TaskError("invalid_parameters", f"{row.title} draws from a picture, and none was given")
        media[drawing.first] = begin_with
        if last is not None and first is not None:
            media[drawing.last] = last
    return media, tuple(notes)


def _begins(role: str | None, job: Job, drawing: Drawing) -> bool:
    """Whether the clip begins with this picture."""
    if job.mode is Mode.IMAGE:  # a last frame comes here where the model takes none: alone it is better than nothing
        return bool(drawing.first or drawing.mask)
    return role == "first_frame" and bool(drawing.mask)


def _around(
    begin: list[Image.Image], last: Image.Image | None, size: tuple[int, int], num_frames: int
) -> tuple[list[Image.Image], list[Image.Image]]:
    """A clip of what is given, grey where it is to be drawn, and the mask that is white there."""
    grey = Image.new("RGB", size, (_GREY, _GREY, _GREY))
    white, black = Image.new("L", size, 255), Image.new("L", size, 0)
    begin = begin[: num_frames - 1]
    video, mask = begin + [grey] * (num_frames - len(begin)), [black] * len(begin) + [white] * (num_frames - len(begin))
    if last is not None:
        video[-1], mask[-1] = last, black
    return video, mask


def _last_frames(asset: Asset, size: tuple[int, int], count: int) -> list[Image.Image]:
    return [Image.fromarray(frame) for frame in list(read_frames(Path(asset.path), size))[-count:]]
