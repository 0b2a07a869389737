"""The task object of Ark, as the query and the callback show it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from opendance.api.ark.errors import code_of_failure
from opendance.api.ark.request import model_name
from opendance.api.links import result_link
from opendance.catalog import FRAME_RATE, PIXELS, AspectRatio, pixels_for
from opendance.links import Links
from opendance.pipeline.journal import open_journal
from opendance.pipeline.steps import RENDER
from opendance.store.database import Database
from opendance.store.tasks import TaskRecord
from opendance.task import Status

State = Literal["queued", "running", "succeeded", "failed", "cancelled", "expired"]
_STATES: dict[Status, State] = {
    Status.PENDING: "queued",
    Status.PROCESSING: "running",
    Status.COMPLETED: "succeeded",
    Status.FAILED: "failed",
    Status.CANCELLED: "cancelled",
}


class ContentGenerationTaskId(BaseModel):
    """The task that was created."""

    id: str = Field(description="As in the unified API.", examples=["task-unified-1774857405-abc123"])


class ContentGenerationError(BaseModel):
    """Why a task failed."""

    code: str
    message: str


class GeneratedContent(BaseModel):
    """What was made."""

    video_url: str = Field(description="Works for 24 hours, without a key.")


class ContentGenerationUsage(BaseModel):
    """What Ark would count."""

    completion_tokens: int = Field(description="width x height x frames / 1024, of the finished video.")
    total_tokens: int


class ContentGenerationTask(BaseModel):
    """A task as it stands."""

    id: str
    model: str
    status: State
    error: ContentGenerationError | None = Field(description="Once `failed` or `expired`.")
    content: GeneratedContent | None = Field(description="Once `succeeded`.")
    usage: ContentGenerationUsage | None = Field(description="Once `succeeded`.")
    created_at: int = Field(description="Unix seconds.")
    updated_at: int = Field(description="Unix seconds: when it was created, begun or ended.")
    seed: int
    resolution: str
    ratio: str = Field(description="Once `succeeded` that of the video, where `adaptive` was asked for.")
    duration: int = Field(description="Seconds.")
    framespersecond: int
    generate_audio: bool


async def callback_body(task: TaskRecord, database: Database, links: Links) -> bytes:
    """What the receiver of a task's callback is told, and whoever asks: the same bytes."""
    return task_answer(task, await _size(task, database), links).model_dump_json().encode()


def task_answer(task: TaskRecord, size: tuple[int, int] | None, links: Links) -> ContentGenerationTask:
    """The task as Ark tells it.

    Args:
        size: width and height of the finished video in pixels; None where there is none.
    """
    order = task.order
    failed, expired = task.status is Status.FAILED, task.error_code == "generation_timeout"
    link = result_link(task, links)
    tokens = None if size is None else round(size[0] * size[1] * order.num_frames / 1024)
    return ContentGenerationTask(
        id=task.id,
        model=model_name(order.catalog_model),
        status="expired" if failed and expired else _STATES[task.status],
        error=ContentGenerationError(code=code_of_failure(task), message=task.error_message or "") if failed else None,
        content=None if link is None else GeneratedContent(video_url=link),
        usage=None if tokens is None else ContentGenerationUsage(completion_tokens=tokens, total_tokens=tokens),
        created_at=int(task.created),
        updated_at=int(task.finished or task.started or task.created),
        seed=task.seed,
        resolution=order.quality.value,
        ratio=order.aspect_ratio.value if size is None else _ratio_of(size, task),
        duration=order.duration,
        framespersecond=FRAME_RATE,
        generate_audio=order.generate_audio,
    )


async def _size(task: TaskRecord, database: Database) -> tuple[int, int] | None:
    if task.status is not Status.COMPLETED:
        return None
    if task.order.aspect_ratio is not AspectRatio.ADAPTIVE:
        return pixels_for(task.order.aspect_ratio, task.order.quality)
    journal = await open_journal(database, task)  # which ratio was chosen stands nowhere else
    return journal.get(RENDER).size if journal.has(RENDER) else None


def _ratio_of(size: tuple[int, int], task: TaskRecord) -> str:
    ratios = (ratio for ratio, sizes in PIXELS.items() if sizes.get(task.order.quality) == size)
    return next(ratios, task.order.aspect_ratio).value
