"""The video object of OpenAI, as queries, lists and the callback show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from opendance.api.openai import WIRE
from opendance.api.state import json_bytes
from opendance.catalog import RESULT_LINK_SECONDS, AspectRatio, pixels_for
from opendance.links import Links
from opendance.pipeline.details import Rendering, renderings_of
from opendance.store.database import Database
from opendance.store.tasks import TaskRecord
from opendance.task import Status

State = Literal["queued", "in_progress", "completed", "failed"]
_STATES: dict[Status, State] = {
    Status.PENDING: "queued",
    Status.PROCESSING: "in_progress",
    Status.COMPLETED: "completed",
    Status.FAILED: "failed",
    Status.CANCELLED: "failed",  # there is no other that clients stop at
}


class VideoError(TypedDict):
    """Why there is no video."""

    code: Annotated[str, Field(description="As in the unified API; `request_cancelled` where it was cancelled.")]
    message: str


class Video(TypedDict):
    """A video as it stands."""

    id: Annotated[str, Field(description="As in the unified API.", examples=["task-unified-1774857405-abc123"])]
    object: Literal["video"]
    model: Annotated[str, Field(description="As it was asked for.")]
    status: State
    progress: Annotated[int, Field(ge=0, le=100)]
    created_at: int
    completed_at: int | None
    expires_at: Annotated[int | None, Field(description="Unix seconds: until then the video is here for sure.")]
    seconds: str
    size: Annotated[str, Field(description="Of a ratio that is still to be chosen as if it were 16:9.")]
    prompt: str
    remixed_from_video_id: str | None
    error: VideoError | None
    sandbox: NotRequired[Annotated[Literal[True], Field(description="Opendance's own: a test key asked for it.")]]


class VideoPage(TypedDict):
    """A page of videos."""

    object: Literal["list"]
    data: list[Video]
    first_id: str | None
    last_id: str | None
    has_more: bool


class DeletedVideo(TypedDict):
    """The video that was deleted."""

    id: str
    object: Literal["video.deleted"]
    deleted: Literal[True]


async def callback_body(task: TaskRecord, database: Database, links: Links) -> bytes:
    """What the receiver of a task's callback is told: the body of a query."""
    [video] = await videos_of([task], database)
    return json_bytes(video)


async def videos_of(tasks: Sequence[TaskRecord], database: Database) -> list[Video]:
    """Each task as OpenAI tells it."""
    renderings = await renderings_of(database, tasks)
    return [video_object(task, renderings[task.id]) for task in tasks]


def video_object(task: TaskRecord, rendering: Rendering) -> Video:
    """The task as OpenAI tells it."""
    order = task.order
    ratio = AspectRatio.R16_9 if order.aspect_ratio is AspectRatio.ADAPTIVE else order.aspect_ratio
    width, height = rendering.size or pixels_for(ratio, order.quality)
    done = task.finished if task.status is Status.COMPLETED else None
    error: VideoError | None = None
    if task.error_code is not None:
        error = {"code": task.error_code, "message": task.error_message or ""}
    video: Video = {
        "id": task.id,
        "object": "video",
        "model": order.asked_model if task.wire == WIRE and order.asked_model else task.model,
        "status": _STATES[task.status],
        "progress": task.progress,
        "created_at": int(task.created),
        "completed_at": None if done is None else int(done),
        "expires_at": None if done is None else int(done) + RESULT_LINK_SECONDS,
        "seconds": str(order.duration),
        "size": f"{width}x{height}",
        "prompt": order.prompt,
        "remixed_from_video_id": order.remixed_from,
        "error": error,
    }
    if order.sandbox:
        video["sandbox"] = True
    return video
