"""Numbered pages of tasks, and what such a list says of each: the words of the hosted gateway's newer clients."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from opendance.store.tasks import TaskRecord
from opendance.task import Status

MAX_PAGE_SIZE = 50


class VideoTaskSummary(TypedDict):
    """A task in few words."""

    id: str
    model: str
    type: Literal["video"]
    status: Literal["pending", "processing", "completed", "failed", "cancelled"]
    progress: Annotated[int, Field(ge=0, le=100)]
    created_at: Annotated[int, Field(description="Unix seconds.")]
    duration: Annotated[int | None, Field(description="Seconds from its creation to its end; null until then.")]
    has_results: bool
    result_count: int
    has_error: bool
    credits_used: Annotated[float, Field(description="Credits charged; 0 until it is completed.")]


class VideoTaskPage(TypedDict):
    """A numbered page of tasks, newest first."""

    data: list[VideoTaskSummary]
    total: Annotated[int, Field(description="Tasks on all pages.")]
    page: int
    page_size: int


def summary_of(task: TaskRecord) -> VideoTaskSummary:
    """The task as lists with numbered pages tell it."""
    has_results = task.status is Status.COMPLETED and task.result_key is not None
    return {
        "id": task.id,
        "model": task.model,
        "type": "video",
        "status": task.status.value,
        "progress": task.progress,
        "created_at": int(task.created),
        "duration": None if task.finished is None else max(0, round(task.finished - task.created)),
        "has_results": has_results,
        "result_count": int(has_results),
        "has_error": task.error_code is not None,
        "credits_used": float(task.credits_used or 0),
    }


def statuses_of(status: str) -> tuple[Status, ...]:
    """The states that a filter by one means: what waits counts as processing."""
    return (Status.PENDING, Status.PROCESSING) if status == Status.PROCESSING.value else (Status(status),)
