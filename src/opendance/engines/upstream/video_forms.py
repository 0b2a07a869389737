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
from typing import Any, Literal

from PIL import Image

from opendance.asset import Asset
from opendance.catalog import FRAME_RATE, Mode
from opendance.engines.canvas import Canvas
from opendance.engines.pictures import picture, whole_picture
from opendance.engines.references import left_out, ordered_references, tagged_prompt
from opendance.engines.upstream.media import examined_file
from opendance.job import Job

Dialect = Literal["vllm_omni", "sglang"]
Family = Literal["minimax_h3", "other"]
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


def video_form(
    job: Job, canvas: Canvas, *, dialect: Dialect, family: Family, more: Mapping[str, Any], short_edge: int
) -> VideoForm:
    """What a server is asked for `job`.

    Args:
        canvas: what the model draws.
        more: further fields, of the operator.
        short_edge: of the canvas, px, where the server itself works out the rest.
    """
    if family == "minimax_h3":
        form = _vllm_omni_h3(job, canvas) if dialect == "vllm_omni" else _sglang_h3(job, canvas, short_edge)
    else:
        form = _vllm_omni(job, canvas) if dialect == "vllm_omni" else _sglang(job, canvas)
    return VideoForm(form.fields | dict(more), form.files, form.as_json, form.notes)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _common(job: Job, canvas: Canvas) -> dict[str, Any]:
    return {
        "prompt": job.plan.prompt_with_facts,
        "size": f"{canvas.width}x{canvas.height}",
        "seconds": str(canvas.seconds),
        "fps": str(FRAME_RATE),
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


def _sglang_h3(job: Job, canvas: Canvas, short_edge: int) -> VideoForm:
    """Task, target and conditions; frames and rate follow from these and are refused beside them.

    The conditions' files stand in them, so that the request is JSON: a form's field holds no more than 1 MiB.
    """
    fields: dict[str, Any] = {
        "prompt": job.plan.prompt_with_facts,
        "seed": job.seed,
        "task": _H3_TASKS[job.mode],
        "target": {
            "short_edge": short_edge,
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


def _vllm_omni(job: Job, canvas: Canvas) -> VideoForm:
    """One picture or video as a file; several pictures in a field, several videos as files; no sound.

    `input_references` are videos, whatever they are, to all models but MiniMax H3.
    """
    fields = _common(job, canvas) | {"generate_sound": "true" if job.generate_audio else "false"}
    images, videos, notes = _seen(job, both=False)
    if len(images) == 1:
        return VideoForm(fields, (_image("input_reference", job, images[0], canvas),), notes=notes)
    if images:
        urls, fitting = [], 0
        for asset in images:
            url = _data_url(_jpeg(_pixels(job, asset, canvas)), "image/jpeg")
            if fitting + len(url) > _MOST_IN_FIELD:
                notes = (*notes, f"{asset.kind} {asset.number} did not fit into the request and was left out")
                continue
            fitting += len(url)
            urls.append({"image_url": url})
        return VideoForm(fields | {"image_reference": urls}, notes=notes)
    name = "input_reference" if len(videos) == 1 else "input_references"
    return VideoForm(fields, tuple(_reference(name, asset) for asset in videos), notes=notes)


def _sglang(job: Job, canvas: Canvas) -> VideoForm:
    """One picture and one video; no sound."""
    images, videos, notes = _seen(job, both=True)
    files = [_image("input_reference", job, asset, canvas) for asset in images[:1]]
    files += [_reference("video_reference", asset) for asset in videos[:1]]
    gone = [f"{asset.kind} {asset.number}" for asset in (*images[1:], *videos[1:])]
    if gone:
        notes = (*notes, f"the server reads one image and one video; left out: {', '.join(gone)}")
    return VideoForm(_common(job, canvas), tuple(files), notes=notes)


def _seen(job: Job, *, both: bool) -> tuple[list[Asset], list[Asset], tuple[str, ...]]:
    """Pictures and videos, the most important first, and what is left out.

    Args:
        both: whether the model may get pictures and videos together.
    """
    if job.mode is Mode.IMAGE:
        return [asset for _, asset in _keyframes(job)], [], ()
    assets = [reference.asset for reference in ordered_references(job, most=12)]
    images = [asset for asset in assets if asset.kind == "image"]
    videos = [asset for asset in assets if asset.kind == "video"]
    gone: Sequence[Asset] = [asset for asset in assets if asset.kind == "audio"]
    if images and videos and not both:
        roles = {job.plan.role_of(asset.kind, asset.number) for asset in videos}
        if roles & {"edit", "extend"}:
            gone, images = [*gone, *images], []
        else:
            gone, videos = [*gone, *videos], []
    names = ", ".join(f"{asset.kind} {asset.number}" for asset in gone)
    return (
        images,
        videos,
        ((f"the server's model does not read them together or at all; left out: {names}",) if gone else ()),
    )


def _image(name: str, job: Job, asset: Asset, canvas: Canvas) -> File:
    return (name, (f"image-{asset.number}.png", _png(_pixels(job, asset, canvas)), "image/png"))


def _pixels(job: Job, asset: Asset, canvas: Canvas) -> Image.Image:
    """Frames at the canvas, which the servers would stretch; other pictures whole."""
    if job.mode is Mode.IMAGE:
        return picture(asset.path, (canvas.width, canvas.height))
    return whole_picture(asset.path, long_edge=_LONG_EDGE)


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
