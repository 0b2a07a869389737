"""What servers with the OpenAI Videos API are asked, by dialect and model; and what they cannot be given.

Source: `vllm_omni.entrypoints.openai.video.generation.helpers` and `…serving_video` of vLLM-Omni 0.30.0;
`sglang.multimodal_gen.runtime.entrypoints.openai.video_api` and `…model_specific_stages.minimax_h3` of SGLang 0.5.23.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, ImageOps

from opendance.asset import Asset
from opendance.catalog import Mode
from opendance.engines.canvas import Canvas
from opendance.engines.pictures import picture, whole_picture
from opendance.engines.references import left_out, ordered_references, tagged_prompt
from opendance.engines.upstream.families import H3, Dialect, Family
from opendance.engines.upstream.media import examined_file
from opendance.job import Job

File = tuple[str, tuple[str, bytes, str]]
_H3_TASKS = {Mode.TEXT: "t2va", Mode.IMAGE: "fl2va", Mode.REFERENCE: "ref2va"}
_FRAME_INDICES = {"first_frame": 0, "last_frame": -1}
_LONG_EDGE = 4096  # px of a reference: as PNG it stays below the 30 MiB that vLLM-Omni takes
_MOST_IN_FIELD = 1_000_000  # bytes of a form field: Starlette takes 1 MiB of each that is no file


@dataclass(frozen=True)
class VideoForm:
    """What is sent.

    Attributes:
        as_json: as a JSON body instead of a multipart form.
        notes: what could not be given, for the journal.
    """

    fields: dict[str, Any]
    files: tuple[File, ...] = ()
    as_json: bool = False
    notes: tuple[str, ...] = field(default=())

    def content(self) -> dict[str, Any]:
        """As httpx takes it. Always multipart where it is a form: SGLang reads no other kind of form."""
        if self.as_json:
            return {"json": self.fields}
        fields = [(name, (None, _text(value).encode())) for name, value in self.fields.items()]
        return {"files": [*fields, *self.files]}


def video_form(job: Job, canvas: Canvas, *, dialect: Dialect, family: Family, more: Mapping[str, Any]) -> VideoForm:
    """What a server is asked for `job`.

    Args:
        canvas: what the model draws.
        family: what is known of the model.
        more: further fields, of the operator.
    """
    if family.name == H3:
        form = _vllm_omni_h3(job, canvas) if dialect == "vllm_omni" else _sglang_h3(job, canvas)
    else:
        form = _vllm_omni(job, canvas, family) if dialect == "vllm_omni" else _sglang(job, canvas, family)
    return VideoForm(form.fields | dict(more), form.files, form.as_json, form.notes)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _common(job: Job, canvas: Canvas) -> dict[str, Any]:
    return {
        "prompt": job.plan.prompt_with_facts,
        "size": f"{canvas.width}x{canvas.height}",
        "seconds": str(canvas.seconds),
        "fps": f"{canvas.frame_rate:g}",
        "num_frames": str(canvas.num_frames),
        "seed": str(job.seed),
    }


# ── MiniMax H3 ──


def _vllm_omni_h3(job: Job, canvas: Canvas) -> VideoForm:
    extra: dict[str, Any] = {"task": _H3_TASKS[job.mode]}
    fields = _common(job, canvas) | {
        "aspect_ratio": job.plan.aspect_ratio,
        "generate_sound": "true" if job.generate_audio else "false",
    }
    notes: tuple[str, ...] = ()
    files: list[File] = []
    if job.mode is Mode.IMAGE:
        frames = _keyframes(job)
        extra["frame_indices"] = [index for index, _ in frames]
        files = [_frame("input_references", asset, canvas) for _, asset in frames]
    elif job.mode is Mode.REFERENCE:
        references = ordered_references(job, most=12)
        fields["prompt"] = tagged_prompt(job.plan, references)
        files = [_reference("input_references", reference.asset) for reference in references]
        notes = left_out(job, references)
    return VideoForm(fields | {"extra_params": extra}, tuple(files), notes=notes)


def _sglang_h3(job: Job, canvas: Canvas) -> VideoForm:
    """Task, target and conditions; frames and rate follow from these and are refused beside them.

    The conditions' files stand in them, so that the request is JSON: a form's field holds no more than 1 MiB.
    """
    fields: dict[str, Any] = {
        "prompt": job.plan.prompt_with_facts,
        "seed": job.seed,
        "task": _H3_TASKS[job.mode],
        "target": {
            "short_edge": min(canvas.width, canvas.height),
            "aspect_ratio": job.plan.aspect_ratio,
            "duration_seconds": float(canvas.seconds),
        },
    }
    notes: tuple[str, ...] = ()
    if job.mode is Mode.IMAGE:
        fields["conditions"] = [
            _condition("image", _frame("", asset, canvas), role="keyframe", frame_index=index)
            for index, asset in _keyframes(job)
        ]
    elif job.mode is Mode.REFERENCE:
        references = ordered_references(job, most=12)
        fields["prompt"] = tagged_prompt(job.plan, references)
        fields["conditions"] = [
            _condition(reference.asset.kind, _reference("", reference.asset), role="reference")
            for reference in references
        ]
        notes = left_out(job, references)
    return VideoForm(fields, as_json=True, notes=notes)


def _keyframes(job: Job) -> list[tuple[int, Asset]]:
    """Pictures and the frames that they are: 0, the first; -1, the last; in this order."""
    frames = [(_FRAME_INDICES.get(job.plan.role_of(a.kind, a.number) or "", 0), a) for a in job.assets]
    return sorted(frames, key=lambda frame: frame[0] != 0)


def _condition(kind: str, file: File, **more: Any) -> dict[str, Any]:
    return {"type": kind, "uri": _data_url(file[1][1], file[1][2]), **more}


# ── other models ──


def _vllm_omni(job: Job, canvas: Canvas, family: Family) -> VideoForm:
    """One picture or video as a file, several pictures in a field; no sound.

    `input_references` are videos, whatever they are, to all models but MiniMax H3.
    """
    fields = _common(job, canvas) | {"generate_sound": "true" if job.generate_audio else "false"}
    images, videos, notes = _seen(job, family, both=False)
    if len(images) > 1:
        urls, fitting = [], 0
        for asset in images:
            url = _data_url(_jpeg(_pixels(job, asset, canvas, family)), "image/jpeg")
            if fitting + len(url) > _MOST_IN_FIELD:
                notes = (*notes, f"{asset.kind} {asset.number} did not fit into the request and was left out")
                continue
            fitting += len(url)
            urls.append({"image_url": url})
        return VideoForm(fields | {"image_reference": urls}, notes=notes)
    files = [_image(job, asset, canvas, family) for asset in images]
    files += [_reference("input_reference", asset) for asset in videos]
    return VideoForm(fields, tuple(files), notes=notes)


def _sglang(job: Job, canvas: Canvas, family: Family) -> VideoForm:
    """One picture and one video; no sound."""
    images, videos, notes = _seen(job, family, both=True)
    files = [_image(job, asset, canvas, family) for asset in images]
    files += [_reference("video_reference", asset) for asset in videos]
    return VideoForm(_common(job, canvas), tuple(files), notes=notes)


def _seen(job: Job, family: Family, *, both: bool) -> tuple[list[Asset], list[Asset], tuple[str, ...]]:
    """Pictures and videos that the model gets, in the user's order, and what is left out.

    Args:
        both: whether it may get pictures and videos together.
    """
    limits = family.limits
    if job.mode is Mode.IMAGE:
        frames = [asset for _, asset in _keyframes(job)]
        return frames[: limits.frames], [], _gone(frames[limits.frames :])
    assets = [reference.asset for reference in ordered_references(job, most=12)]
    images = [asset for asset in assets if asset.kind == "image"]
    videos = [asset for asset in assets if asset.kind == "video"]
    gone: list[Asset] = [*images[limits.images :], *(asset for asset in assets if asset.kind == "audio")]
    gone += videos[limits.videos :]
    images, videos = images[: limits.images], videos[: limits.videos]
    if images and videos and not both:
        roles = {job.plan.role_of(asset.kind, asset.number) for asset in videos}
        if roles & {"edit", "extend"}:
            gone, images = [*gone, *images], []
        else:
            gone, videos = [*gone, *videos], []
    return images, videos, _gone(gone)


def _gone(assets: Sequence[Asset]) -> tuple[str, ...]:
    names = ", ".join(f"{asset.kind} {asset.number}" for asset in assets)
    return (f"the server's model does not read them together or at all; left out: {names}",) if names else ()


def _image(job: Job, asset: Asset, canvas: Canvas, family: Family) -> File:
    pixels = _pixels(job, asset, canvas, family)
    return ("input_reference", (f"image-{asset.number}.png", _png(pixels), "image/png"))


def _pixels(job: Job, asset: Asset, canvas: Canvas, family: Family) -> Image.Image:
    """At the canvas, to which the servers would stretch it: cut where the clip begins with it, else whole on white."""
    size = (canvas.width, canvas.height)
    if job.mode is Mode.IMAGE or not family.whole_references:
        return picture(asset.path, size)
    return ImageOps.pad(whole_picture(asset.path), size, Image.Resampling.LANCZOS, color="white")


def _frame(name: str, asset: Asset, canvas: Canvas) -> File:
    pixels = picture(asset.path, (canvas.width, canvas.height))
    return (name, (f"image-{asset.number}.png", _png(pixels), "image/png"))


def _reference(name: str, asset: Asset) -> File:
    """Pictures as our copy, which is upright: what the camera wrote about its position the servers do not read."""
    if asset.kind == "image":
        content = _png(whole_picture(asset.path, long_edge=_LONG_EDGE))
        return (name, (f"image-{asset.number}.png", content, "image/png"))
    file = examined_file(asset)
    return (name, (file.name, file.path.read_bytes(), file.media_type))


def _png(pixels: Image.Image) -> bytes:
    out = io.BytesIO()
    pixels.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _jpeg(pixels: Image.Image) -> bytes:
    out = io.BytesIO()
    pixels.thumbnail((1344, 1344), Image.Resampling.LANCZOS)
    pixels.save(out, "JPEG", quality=90)
    return out.getvalue()


def _data_url(content: bytes, media_type: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
