"""The task object of Ark, as the query and the callback show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, Field

from opendance.api.ark import WIRE
from opendance.api.ark.errors import code_of_failure
from opendance.api.ark.request import model_name
from opendance.api.links import result_link
from opendance.catalog import FRAME_RATE, PIXELS
from opendance.links import Links
from opendance.pipeline.details import Rendering, renderings_of
from opendance.storage import Picture, picture_key
from opendance.store.database import Database
from opendance.store.tasks import TaskRecord
from opendance.task import Status

TIMED_OUT = "generation_timeout"  # the task error that Ark has a state for
State = Literal["queued", "running", "succeeded", "failed", "cancelled", "expired"]
STATES: dict[Status, State] = {
    Status.PENDING: "queued",
    Status.PROCESSING: "running",
    Status.COMPLETED: "succeeded",
    Status.FAILED: "failed",
    Status.CANCELLED: "cancelled",
}


class ContentGenerationTaskId(BaseModel):
    """The task that was created."""

    id: str = Field(description="As in the unified API.", examples=["task-unified-1774857405-abc123"])


class ContentGenerationTaskDeleted(BaseModel):
    """Nothing: it was done."""


class ContentGenerationError(BaseModel):
    """Why a task failed."""

    code: str
    message: str


class GeneratedContent(BaseModel):
    """What was made."""

    video_url: str = Field(description="Works for 24 hours, without a key.")
    last_frame_url: str | None = Field(description="The same of the last frame, a PNG, where it was asked for.")


class ToolUsage(BaseModel):
    """How often tools were used."""

    web_search: int


class ContentGenerationTool(BaseModel):
    """What the model may use."""

    type: Literal["web_search"]


class ContentGenerationUsage(BaseModel):
    """What Ark would count."""

    completion_tokens: int = Field(description="width x height x frames / 1024, of the finished video.")
    total_tokens: int


class UsageWithTools(ContentGenerationUsage):
    """The same, where tools were asked for."""

    tool_usage: ToolUsage


class ContentGenerationTask(BaseModel):
    """A task as it stands."""

    id: str
    model: str
    status: State
    error: ContentGenerationError | None = Field(description="Once `failed` or `expired`.")
    content: GeneratedContent | None = Field(description="Once `succeeded`.")
    usage: UsageWithTools | ContentGenerationUsage | None = Field(description="Once `succeeded`.")
    created_at: int = Field(description="Unix seconds.")
    updated_at: int = Field(description="Unix seconds: when it was created, begun or ended.")
    seed: int | None = Field(description="Null where the engine that made the video takes none.")
    resolution: str
    ratio: str = Field(description="Once `succeeded` that of the video, where `adaptive` was asked for.")
    duration: int = Field(description="Seconds.")
    framespersecond: int
    generate_audio: bool
    tools: list[ContentGenerationTool] | None
    service_tier: Literal["default"]
    execution_expires_after: int | None = Field(description="As it was asked for.")
    safety_identifier: str | None = Field(description="As it was asked for.")
    sandbox: Literal[True] | None = Field(
        default=None,
        exclude_if=lambda value: value is None,
        description="Opendance's own: a test key asked for it. Absent otherwise.",
    )


class ContentGenerationTasks(BaseModel):
    """A page of tasks, newest first."""

    items: list[ContentGenerationTask]
    total: int = Field(description="Tasks on all pages.")


async def callback_body(task: TaskRecord, database: Database, links: Links) -> bytes:
    """What the receiver of a task's callback is told, and whoever asks: the same bytes."""
    [answer] = await task_answers([task], database, links)
    return answer.model_dump_json().encode()


async def task_answers(tasks: Sequence[TaskRecord], database: Database, links: Links) -> list[ContentGenerationTask]:
    """Each task as Ark tells it."""
    renderings = await renderings_of(database, tasks)
    return [task_answer(task, renderings[task.id], links) for task in tasks]


def task_answer(task: TaskRecord, rendering: Rendering, links: Links) -> ContentGenerationTask:
    """The task as Ark tells it."""
    order, size = task.order, rendering.size
    failed, expired = task.status is Status.FAILED, task.error_code == TIMED_OUT
    return ContentGenerationTask(
        id=task.id,
        model=order.asked_model if task.wire == WIRE and order.asked_model else model_name(order.catalog_model),
        status="expired" if failed and expired else STATES[task.status],
        error=ContentGenerationError(code=code_of_failure(task), message=task.error_message or "") if failed else None,
        content=_content(task, links),
        usage=None if size is None else _usage(task, size),
        created_at=int(task.created),
        updated_at=int(task.finished or task.started or task.created),
        seed=rendering.seed,
        resolution=order.quality.value,
        ratio=order.aspect_ratio.value if size is None else _ratio_of(size, task),
        duration=order.duration,
        framespersecond=FRAME_RATE,
        generate_audio=order.generate_audio,
        tools=[ContentGenerationTool(type="web_search")] if order.web_search else None,
        service_tier="default",
        execution_expires_after=order.expires_after,
        safety_identifier=order.end_user,
        sandbox=True if order.sandbox else None,
    )


def _content(task: TaskRecord, links: Links) -> GeneratedContent | None:
    link = result_link(task, links)
    if link is None or task.finished is None:
        return None
    last_frame = None
    if task.order.last_frame:
        key = picture_key(task.id, Picture.LAST_FRAME)
        last_frame = links.result(task.base_url, key, made=task.finished)
    return GeneratedContent(video_url=link, last_frame_url=last_frame)


def _usage(task: TaskRecord, size: tuple[int, int]) -> ContentGenerationUsage:
    tokens = round(size[0] * size[1] * task.order.num_frames / 1024)
    if not task.order.web_search:
        return ContentGenerationUsage(completion_tokens=tokens, total_tokens=tokens)
    searches = sum(int(line["quantity"]) for line in task.price_lines or () if line["item"] == "web_search")
    return UsageWithTools(completion_tokens=tokens, total_tokens=tokens, tool_usage=ToolUsage(web_search=searches))


def _ratio_of(size: tuple[int, int], task: TaskRecord) -> str:
    ratios = (ratio for ratio, sizes in PIXELS.items() if sizes.get(task.order.quality) == size)
    return next(ratios, task.order.aspect_ratio).value
