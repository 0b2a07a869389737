"""The answers' schemas, for the OpenAPI document. Names, types, enums and bounds are those of the Seedance 2.0 API."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class VideoTaskInfo(BaseModel):
    """Details of the video task."""

    can_cancel: bool = Field(description="Whether the task can be cancelled.", examples=[True])
    estimated_time: int = Field(
        ge=0, description="Estimated seconds until completion, counted from creation.", examples=[165]
    )
    video_duration: int = Field(description="Length of the video, s.", examples=[8])


class VideoUsage(BaseModel):
    """Usage and billing."""

    billing_rule: Literal["per_call", "per_token", "per_second"] = Field(
        description="What is billed; video is `per_second`.", examples=["per_second"]
    )
    credits_reserved: float = Field(ge=0, description="Credits that this video is expected to cost.", examples=[50])
    user_group: str = Field(description="The account's group.", examples=["default"])


class _Task(BaseModel):
    """What a task always tells, but for its status."""

    created: int = Field(description="When the task was created, unix seconds.", examples=[1761313744])
    id: str = Field(description="Task id.", examples=["task-unified-1774857405-abc123"])
    model: str = Field(description="The model that is really used.", examples=["seedance-2.0-text-to-video"])
    object: Literal["video.generation.task"] = Field(description="What this object is.")
    progress: int = Field(ge=0, le=100, description="Progress, percent; it never goes back.", examples=[0])
    task_info: VideoTaskInfo = Field(description="Details of the video task.")
    type: Literal["text", "image", "audio", "video"] = Field(
        description="What kind of output the task has.", examples=["video"]
    )
    usage: VideoUsage = Field(description="Usage and billing.")


class VideoGenerationResponse(_Task):
    """A video generation task as it is created."""

    status: Literal["pending", "processing", "completed", "failed"] = Field(
        description="State of the task.", examples=["pending"]
    )


class TaskFailure(BaseModel):
    """Why a task failed or was cancelled."""

    code: str = Field(description="Task error code.", examples=["service_error"])
    message: str = Field(description="What went wrong, where, and what would be right.")


class VideoTask(_Task):
    """A video generation task as it stands: the creation answer, and once ended what came of it."""

    status: Literal["pending", "processing", "completed", "failed", "cancelled"] = Field(
        description="State of the task."
    )
    stage: str | None = Field(
        default=None, description="Opendance's own: what is being done while the task is `processing`."
    )
    results: list[str] | None = Field(
        default=None, description="Links to the video, once `completed`; they work for 24 hours."
    )
    error: TaskFailure | None = Field(default=None, description="Once `failed` or `cancelled`.")


class VideoTaskList(BaseModel):
    """A page of tasks, newest first."""

    object: Literal["list"]
    data: list[VideoTask]
    has_more: bool = Field(description="Whether there are older tasks.")
    next_cursor: str | None = Field(description="Pass as `cursor` for the next page; null on the last.")


class ModelObject(BaseModel):
    """A model."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    mode: Literal["text-to-video", "image-to-video", "reference-to-video"]
    tier: Literal["standard", "fast", "mini"]
    qualities: list[str]
    available: bool = Field(description="Whether an engine of this server serves it.")


class ModelList(BaseModel):
    """The models that this key may use."""

    object: Literal["list"]
    data: list[ModelObject]


class UploadedFile(BaseModel):
    """A file that you uploaded."""

    file_id: str
    file_name: str
    original_name: str
    upload_path: str
    file_size: int = Field(description="Bytes.")
    mime_type: str = Field(description="By its content.")
    file_url: str = Field(description="Pass it in `image_urls`, `video_urls` or `audio_urls`.")
    download_url: str
    upload_time: str = Field(description="ISO 8601, UTC.")
    expires_at: str = Field(description="ISO 8601, UTC: 72 hours later.")


class FilePage(BaseModel):
    """A page of files, newest first."""

    total: int
    files: list[UploadedFile]


class FileQuotaData(BaseModel):
    """How many files an account may keep."""

    used_files: int
    max_files: int
    remain_files: int
    user_group: str


class DeletedFile(BaseModel):
    """The file that was deleted."""

    file_id: str
    deleted: bool


class _Envelope(BaseModel):
    """How every answer about files is wrapped; an error has `success` false and the usual `error` beside it."""

    success: bool
    code: int = Field(description="The HTTP status.")
    msg: str


class FileUploaded(_Envelope):
    """The answer to an upload."""

    data: UploadedFile


class FileList(_Envelope):
    """The answer to a listing."""

    data: FilePage


class FileQuota(_Envelope):
    """The answer about the quota."""

    data: FileQuotaData


class FileDeleted(_Envelope):
    """The answer to a deletion."""

    data: DeletedFile


class ErrorDetail(BaseModel):
    """What went wrong."""

    code: str = Field(description="Error code.")
    message: str = Field(description="What is wrong, where, and what would be right.")
    type: str = Field(description="Kind of error.")


class ErrorResponse(BaseModel):
    """An error."""

    error: ErrorDetail


class Health(BaseModel):
    """State of the server."""

    status: Literal["ok"]
    version: str


__all__ = [
    "ErrorResponse",
    "FileDeleted",
    "FileList",
    "FileQuota",
    "FileUploaded",
    "Health",
    "ModelList",
    "VideoGenerationResponse",
    "VideoTask",
    "VideoTaskList",
]
