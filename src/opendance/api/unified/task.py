"""The task object, as the query, the list, the event stream and the callback show it.

Names, types, enums and bounds are those of the Seedance 2.0 API.
"""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from opendance.api.links import result_link
from opendance.api.state import json_bytes
from opendance.credits import PriceLine
from opendance.links import Links
from opendance.store.database import Database
from opendance.store.tasks import TaskChange, TaskRecord
from opendance.task import Status

# Clients take a code that they do not know for one that may be asked for again: what is wrong with a file is told by
# codes that they know, and by the message.
_TOLD_AS = {
    "invalid_image": "image_processing_error",
    "invalid_video": "invalid_parameters",
    "invalid_audio": "invalid_parameters",
}


def told_as(error_code: str) -> str:
    """The code that a task's error is told by."""
    return _TOLD_AS.get(error_code, error_code)


class VideoTaskInfo(TypedDict):
    """Details of the video task."""

    can_cancel: Annotated[bool, Field(description="Whether the task can be cancelled.", examples=[True])]
    estimated_time: Annotated[
        int, Field(ge=0, description="Estimated seconds until completion, counted from creation.", examples=[165])
    ]
    video_duration: Annotated[int, Field(description="Length of the video, s.", examples=[8])]


class VideoUsage(TypedDict):
    """Usage and billing."""

    billing_rule: Annotated[
        Literal["per_call", "per_token", "per_second"],
        Field(description="What is billed; video is `per_second`.", examples=["per_second"]),
    ]
    credits_reserved: Annotated[
        float, Field(ge=0, description="Credits that this video is expected to cost.", examples=[50])
    ]
    user_group: Annotated[str, Field(description="The account's group.", examples=["default"])]


class VideoTaskUsage(VideoUsage):
    """Usage and billing, with what was charged once the task has ended."""

    credits_used: NotRequired[Annotated[float, Field(ge=0, description="Credits charged; 0 unless it completed.")]]
    lines: NotRequired[Annotated[list[PriceLine], Field(description="What makes up `credits_used`.")]]


class _Task(TypedDict):
    """What a task always tells, but for its status and usage."""

    created: Annotated[int, Field(description="When the task was created, unix seconds.", examples=[1761313744])]
    id: Annotated[str, Field(description="Task id.", examples=["task-unified-1774857405-abc123"])]
    model: Annotated[str, Field(description="The model that is really used.", examples=["seedance-2.0-text-to-video"])]
    object: Annotated[Literal["video.generation.task"], Field(description="What this object is.")]
    progress: Annotated[int, Field(ge=0, le=100, description="Progress, percent; it never goes back.", examples=[0])]
    task_info: Annotated[VideoTaskInfo, Field(description="Details of the video task.")]
    type: Annotated[
        Literal["text", "image", "audio", "video"],
        Field(description="What kind of output the task has.", examples=["video"]),
    ]


class VideoGenerationResponse(_Task):
    """A video generation task as it is created."""

    status: Annotated[
        Literal["pending", "processing", "completed", "failed"],
        Field(description="State of the task.", examples=["pending"]),
    ]
    usage: Annotated[VideoUsage, Field(description="Usage and billing.")]


class TaskFailure(TypedDict):
    """Why a task failed or was cancelled."""

    code: Annotated[str, Field(description="Task error code.", examples=["service_error"])]
    message: Annotated[str, Field(description="What went wrong, where, and what would be right.")]


class VideoTask(_Task):
    """A video generation task as it stands: the creation answer, and once ended what came of it."""

    status: Annotated[
        Literal["pending", "processing", "completed", "failed", "cancelled"], Field(description="State of the task.")
    ]
    usage: Annotated[VideoTaskUsage, Field(description="Usage and billing.")]
    sandbox: NotRequired[Annotated[Literal[True], Field(description="Opendance's own: a test key asked for it.")]]
    stage: NotRequired[
        Annotated[str, Field(description="Opendance's own: what is being done while the task is `processing`.")]
    ]
    engine: NotRequired[Annotated[str, Field(description="Opendance's own: the engine that ran, once it has.")]]
    results: NotRequired[
        Annotated[list[str], Field(description="Links to the video, once `completed`; they work for 24 hours.")]
    ]
    error: NotRequired[Annotated[TaskFailure, Field(description="Once `failed` or `cancelled`.")]]


def task_json(task: TaskRecord, links: Links) -> bytes:
    """The task object as it goes over the wire, to whoever asks and to the callback: the same bytes."""
    return json_bytes(task_object(task, links))


async def callback_body(task: TaskRecord, database: Database, links: Links) -> bytes:
    """What the receiver of a task's callback is told."""
    return task_json(task, links)  # CB-05


def task_object(task: TaskRecord, links: Links) -> VideoTask:
    """The task as it stands. Links in `results` lead to the address that the task was created at."""
    body = _under_way(task, task.status, task.stage, task.progress)
    if not task.status.terminal:
        return body
    if task.engine is not None:
        body["engine"] = task.engine
        if task.substitute:
            body["model"] = f"{task.model}@{task.engine}"
    if task.credits_used is not None:
        body["usage"]["credits_used"] = float(task.credits_used)
        body["usage"]["lines"] = task.price_lines or []
    if (link := result_link(task, links)) is not None:
        body["results"] = [link]
    if task.error_code is not None:
        body["error"] = {
            "code": told_as(task.error_code),
            "message": task.error_message or "",
        }
    return body


def at_change(task: TaskRecord, change: TaskChange) -> VideoTask:
    """The task as it was at an earlier, not terminal change: what came of it is not told."""
    return _under_way(task, change.status, change.stage, change.progress)


def _under_way(task: TaskRecord, status: Status, stage: str | None, progress: int) -> VideoTask:
    """What a task tells before it has ended; all of it stays, whatever comes of it."""
    body: VideoTask = {  # TK-01
        "created": int(task.created),
        "id": task.id,
        "model": task.model,
        "object": "video.generation.task",
        "progress": progress,
        "status": status.value,
        "task_info": {
            "can_cancel": not status.terminal,
            "estimated_time": task.estimated_time,
            "video_duration": task.order.duration,
        },
        "type": "video",
        "usage": {
            "billing_rule": "per_second",  # TK-04
            "credits_reserved": float(task.credits_reserved),
            "user_group": task.user_group,  # TK-05
        },
    }
    if task.order.sandbox:
        body["sandbox"] = True
    if stage is not None:
        body["stage"] = stage
    return body
