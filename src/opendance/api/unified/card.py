"""A task in a card's worth of words: what lists of many and streams of all need, from the task's row alone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from opendance.api.unified.library import Labels, library_object
from opendance.api.unified.task import TaskFailure, told_as
from opendance.catalog import MODELS
from opendance.engines.kinds import EngineKind, kind_of_engine
from opendance.store.tasks import TaskRecord
from opendance.task import Status

LETTERS = 400  # of a prompt


class TaskCard(Labels):
    """A task in few words, with all that a picture of it needs; times are unix time."""

    id: str
    object: Literal["video.generation.card"]
    revision: Annotated[int, Field(description="Grows with every change that the task's own events tell.")]
    updated: Annotated[float, Field(description="When something of it changed: of two cards the later one counts.")]
    status: Literal["pending", "processing", "completed", "failed", "cancelled"]
    stage: str | None
    progress: int
    created: float
    started: float | None
    finished: float | None
    estimated_time: Annotated[int, Field(description="Seconds from its creation to its end, as estimated then.")]
    model: str
    mode: str
    tier: str
    engine: Annotated[str | None, Field(description="What made it, or makes it at an upstream.")]
    engine_kind: EngineKind | None
    substitute: Annotated[bool, Field(description="Whether `engine` was not the first of its route.")]
    at_upstream: Annotated[bool, Field(description="Whether it is being made elsewhere, and asked for now and then.")]
    waits_for: Annotated[str | None, Field(description="The task whose result it waits for.")]
    prompt: Annotated[str, Field(description=f"Its first {LETTERS} characters.")]
    prompt_is_whole: bool
    images: int
    videos: int
    audios: int
    duration: int
    quality: str
    aspect_ratio: str
    generate_audio: bool
    seed: int
    take_group: Annotated[str | None, Field(description="Alike in tasks that ask for the same but the seed.")]
    sandbox: bool
    key_id: str | None
    has_result: Annotated[bool, Field(description="Whether the video is there.")]
    result_url: Annotated[str | None, Field(description="Path of a route that leads to it.")]
    result_bytes: int | None
    kept_until: Annotated[float | None, Field(description="When the video is swept; null where it is kept, or none.")]
    swept: Annotated[float | None, Field(description="When the video was given up.")]
    poster_url: Annotated[str | None, Field(description="Paths of routes that lead to its pictures.")]
    strip_url: str | None
    last_frame_url: str | None
    error: TaskFailure | None
    credits_reserved: float
    credits_used: float | None


def card_of(task: TaskRecord, *, kept_seconds: float) -> TaskCard:
    """The task as a card.

    Args:
        kept_seconds: how long results are kept.
    """
    order, here = task.order, f"/v1/tasks/{task.id}"
    has_result = task.status is Status.COMPLETED and task.result_key is not None and task.swept is None
    has_pictures = task.status is Status.COMPLETED and (task.pictures or task.swept is None)
    model = MODELS.get(task.model)
    ends = task.finished + kept_seconds if has_result and task.finished is not None and not task.kept else None
    return {
        "id": task.id,
        "object": "video.generation.card",
        "revision": task.revision,
        "updated": task.updated,
        "status": task.status.value,
        "stage": task.stage,
        "progress": task.progress,
        "created": task.created,
        "started": task.started,
        "finished": task.finished,
        "estimated_time": task.estimated_time,
        "model": task.model,
        "mode": "" if model is None else model.mode.value,
        "tier": "" if model is None else model.tier.value,
        "engine": task.engine,
        "engine_kind": None if task.engine is None else kind_of_engine(task.engine),
        "substitute": task.substitute,
        "at_upstream": task.parked_until is not None and task.awaits is None,
        "waits_for": task.awaits,
        "prompt": order.prompt[:LETTERS],
        "prompt_is_whole": len(order.prompt) <= LETTERS,
        "images": len(order.links_of("image")),
        "videos": len(order.links_of("video")),
        "audios": len(order.links_of("audio")),
        "duration": order.duration,
        "quality": order.quality.value,
        "aspect_ratio": order.aspect_ratio.value,
        "generate_audio": order.generate_audio,
        "seed": task.seed,
        "take_group": task.take_group,
        "sandbox": order.sandbox,
        "key_id": task.key_id,
        "has_result": has_result,
        "result_url": f"{here}/result" if has_result else None,
        "result_bytes": task.result_bytes,
        "kept_until": ends,
        "swept": task.swept,
        "poster_url": f"{here}/poster" if has_pictures else None,
        "strip_url": f"{here}/strip" if has_pictures else None,
        "last_frame_url": f"{here}/last-frame" if has_pictures else None,
        "error": None
        if task.error_code is None
        else {"code": told_as(task.error_code), "message": task.error_message or ""},
        "credits_reserved": float(task.credits_reserved),
        "credits_used": None if task.credits_used is None else float(task.credits_used),
        **library_object(task),
    }
