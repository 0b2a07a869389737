"""The answers' schemas, for the OpenAPI document. Names, types, enums and bounds are those of the Seedance 2.0 API."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from opendance.catalog import Mode, Tier


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


class EstimateInfo(BaseModel):
    """Details of the video that would be made."""

    estimated_time: int = Field(ge=0, description="Estimated seconds until completion.")
    video_duration: int = Field(description="Length of the video, s.")


class EstimateUsage(VideoUsage):
    """What it would cost at most."""

    lines: list[PriceLine] = Field(description="What makes up `credits_reserved`.")
    credits_available: float = Field(description="What the key and its account have.")
    sufficient: bool = Field(description="Whether that is enough.")


class VideoEstimate(BaseModel):
    """What a request would cost and how it is understood; nothing is created. The answer to `dry_run`."""

    object: Literal["video.generation.estimate"]
    model: str
    task_info: EstimateInfo
    usage: EstimateUsage
    plan: dict[str, Any] = Field(description="Shots, camera, light, subjects, sound, and the role of each asset.")


class TaskFailure(BaseModel):
    """Why a task failed or was cancelled."""

    code: str = Field(description="Task error code.", examples=["service_error"])
    message: str = Field(description="What went wrong, where, and what would be right.")


class PriceLine(BaseModel):
    """One line of a price."""

    item: Literal["video", "input_video", "web_search", "content_filter_off", "group"]
    unit: Literal["second", "search", "factor"]
    quantity: float = Field(description="Seconds or searches; of a factor, the factor.")
    unit_price: float = Field(description="Credits for one; of a factor, the sum that it is applied to.")
    credits: float = Field(description="What the line adds; negative where a factor is below one.")


class VideoTaskUsage(VideoUsage):
    """Usage and billing, with what was charged once the task has ended."""

    credits_used: float | None = Field(default=None, ge=0, description="Credits charged; 0 unless it completed.")
    lines: list[PriceLine] | None = Field(default=None, description="What makes up `credits_used`.")


class VideoTask(_Task):
    """A video generation task as it stands: the creation answer, and once ended what came of it."""

    status: Literal["pending", "processing", "completed", "failed", "cancelled"] = Field(
        description="State of the task."
    )
    usage: VideoTaskUsage = Field(description="Usage and billing.")  # pyright: ignore[reportIncompatibleVariableOverride]
    stage: str | None = Field(
        default=None, description="Opendance's own: what is being done while the task is `processing`."
    )
    engine: str | None = Field(default=None, description="Opendance's own: the engine that ran, once it has.")
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
    mode: str = Field(json_schema_extra={"enum": [mode.value for mode in Mode]})
    tier: str = Field(json_schema_extra={"enum": [tier.value for tier in Tier]})
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


class DeliveryAttempt(BaseModel):
    """One try of a callback."""

    number: int
    started: float
    seconds: float
    status_code: int | None = Field(description="Of the receiver's answer; null where there was none.")
    error: str | None = Field(description="Why there was none.")


class Delivery(BaseModel):
    """A callback."""

    id: str
    task_id: str
    url: str
    status: Literal["pending", "delivered", "failed"]
    created: float
    finished: float | None
    next_attempt: float | None = Field(description="Unix time, while it is `pending`.")
    attempts: list[DeliveryAttempt]


class DeliveryList(BaseModel):
    """Callbacks of a task, oldest first."""

    object: Literal["list"]
    data: list[Delivery]


class CallbackSecret(BaseModel):
    """What signs callbacks."""

    secret: str = Field(description="`whsec_…`, for libraries of Standard Webhooks.")
    previous_ends: float | None = Field(description="Until when callbacks are signed with the one before too.")


class CreditsOfKey(BaseModel):
    """Credits of the key."""

    remaining_credits: float
    unlimited_credits: bool = Field(description="Whether the key has no limit of its own.")
    used_credits: float = Field(description="With those reserved for tasks under way.")


class CreditsOfAccount(BaseModel):
    """Credits of the account."""

    remaining_credits: float
    used_credits: float = Field(description="With those reserved for tasks under way.")


class CreditsData(BaseModel):
    """Credits of the key and of its account."""

    token: CreditsOfKey
    user: CreditsOfAccount


class CreditsAnswer(BaseModel):
    """The answer about credits."""

    data: CreditsData
    message: str
    success: bool


class LedgerRow(BaseModel):
    """A movement of credits."""

    id: int
    account_id: str
    kind: Literal["topup", "reserve", "settle", "refund", "adjust"]
    amount: float = Field(description="Credits; negative where they left the account.")
    task_id: str | None
    key_id: str | None
    reason: str | None
    reference: str | None
    lines: list[PriceLine] | None = Field(description="What the task cost, of a settlement.")
    created: float


class TaskLedger(BaseModel):
    """Movements of credits for a task, oldest first."""

    object: Literal["list"]
    data: list[LedgerRow]


class LedgerPage(TaskLedger):
    """A page of the ledger, newest first."""

    next_before: int | None = Field(description="Pass as `before` for the next page; null on the last.")


class AuditRow(BaseModel):
    """A row of the audit log."""

    id: int
    at: float = Field(description="Unix time.")
    kind: str = Field(description="`task.created`, `filter`, or `admin.` and what was done.")
    actor: str = Field(description="The key's beginning, `content filter`, `admin key` or `command line`.")
    account_id: str | None
    task_id: str | None
    detail: dict[str, Any]


class AuditPage(BaseModel):
    """A page of the audit log, oldest first."""

    object: Literal["list"]
    data: list[AuditRow]
    next_after: int | None = Field(description="Pass as `after` for the next page; null on the last.")


class UsageItem(BaseModel):
    """One line of a usage report."""

    day: str | None = None
    model: str | None = None
    key: str | None = None
    status: str | None = None
    account: str | None = None
    tasks: int
    seconds: int = Field(description="Of video that was completed.")
    credits_used: float
    credits_reserved: float = Field(description="For tasks under way.")


class UsageReport(BaseModel):
    """What was used."""

    object: Literal["usage"]
    since: str
    until: str
    by: list[str]
    data: list[UsageItem]


class GroupObject(BaseModel):
    """A group of accounts; null is no limit."""

    name: str
    price_ratio: float
    priority: int
    requests_per_minute: int | None
    max_tasks: int | None
    total_requests_per_minute: int | None
    total_max_tasks: int | None
    max_files: int
    max_kept_bytes: int
    engines: list[str] | None


class GroupList(BaseModel):
    """All groups."""

    object: Literal["list"]
    data: list[GroupObject]


class AccountObject(BaseModel):
    """An account."""

    id: str
    name: str
    user_group: str
    created: int
    enabled: bool
    balance: float = Field(description="Credits, without those reserved for tasks under way.")
    requests_per_minute: int | None = Field(description="Null: that of its group.")
    max_tasks: int | None = Field(description="Null: that of its group.")


class AccountList(BaseModel):
    """All accounts."""

    object: Literal["list"]
    data: list[AccountObject]


class ToppedUp(AccountObject):
    """The account, with credits added."""

    added: bool = Field(description="False where the reference was booked before.")


class KeyObject(BaseModel):
    """A key, without what is secret of it."""

    id: str
    account_id: str
    name: str
    prefix: str
    state: Literal["active", "off", "expired", "revoked"]
    created: float
    expires: float | None
    revoked: float | None
    enabled: bool
    models: list[str] | None = Field(description="Null: all.")
    credit_limit: float | None = Field(description="Null: none of its own.")
    used: float
    requests_per_minute: int | None
    max_tasks: int | None
    last_used: float | None = Field(description="To the minute.")
    previous_ends: float | None = Field(description="Until when the key that it replaced works.")


class KeyList(BaseModel):
    """Keys."""

    object: Literal["list"]
    data: list[KeyObject]


class NewKeyObject(KeyObject):
    """A key that was made or rotated just now."""

    key: str = Field(description="The key itself, shown only this once.")


class Deleted(BaseModel):
    """What was removed."""

    id: str
    deleted: bool


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


class Readiness(Health):
    """What the process can work with."""

    engines: dict[str, str] = Field(description="How each engine that runs here stands: `loaded`.")
