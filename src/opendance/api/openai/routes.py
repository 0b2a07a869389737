"""`/v1/videos`."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict

from opendance.api.auth import CallerDependency, KeyedRoute
from opendance.api.brought import files_of
from opendance.api.lists import check_filters
from opendance.api.openai import WIRE
from opendance.api.openai.errors import error_responses
from opendance.api.openai.form import sent_in
from opendance.api.openai.request import NAMES, order_of
from opendance.api.openai.video import DeletedVideo, Video, VideoPage, videos_of
from opendance.api.own import OwnTask, own_task
from opendance.api.reading import Prompt
from opendance.api.removing import check_not_removed, remove_task
from opendance.api.repeating import REPLAYED, IdempotencyKey
from opendance.api.responses import OF_CALLERS, Responses
from opendance.api.rules import check_order
from opendance.api.state import base_url_of, state_of
from opendance.api.stored import RANGED, REDIRECTED, stored_object
from opendance.catalog import RESULT_LINK_SECONDS, Mode, model_of
from opendance.errors import (
    FileQuotaExceeded,
    IdempotencyConflict,
    InsufficientQuota,
    InvalidRequest,
    InvalidTaskId,
    ModelAccessDenied,
    NotFound,
    RequestTooLarge,
    ResultInUse,
    TaskNotCompleted,
    TaskNotFound,
    UnsupportedMediaType,
)
from opendance.links import PICTURES
from opendance.order import Link
from opendance.pipeline.submit import Repetition
from opendance.storage import picture_key
from opendance.store.listing import Filter, Position, Sort, list_tasks
from opendance.store.tasks import TaskRecord

router = APIRouter(tags=["OpenAI Videos"], prefix="/v1/videos", route_class=KeyedRoute)
_SCHEMA = {"schema": {"$ref": "#/components/schemas/VideoCreateRequest"}}
_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": _SCHEMA, "multipart/form-data": _SCHEMA}}
}
_PAID = (InsufficientQuota, ModelAccessDenied, TaskNotFound)
_BINARY = {"type": "string", "format": "binary"}
_CONTENT: Responses = {
    200: {
        "description": "The video, or the picture of it",
        "content": {kind: {"schema": _BINARY} for kind in ("video/mp4", "image/webp")},
    }
}
_LEAST_POLL, _MOST_POLL = 500, 5000  # ms


@router.post(
    "",
    operation_id="createVideo",
    summary="Generate a video, in the words of OpenAI",
    response_model=Video,
    responses=error_responses(
        *OF_CALLERS,
        InvalidRequest,
        *_PAID,
        FileQuotaExceeded,
        NotFound,
        IdempotencyConflict,
        RequestTooLarge,
        UnsupportedMediaType,
    ),
    openapi_extra=_BODY,
)
async def create_video(
    request: Request, caller: CallerDependency, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    """Start a video as with `POST /v1/videos/generations`: the same rules, prices and task, in other words."""
    state, base_url = state_of(request), base_url_of(request)
    settings = state.settings
    async with sent_in(request) as sent:
        order = order_of(sent.fields, sent.files, settings.callback_allow, settings.model_aliases)
        repetition = None
        if idempotency_key is not None:
            said = hashlib.sha256(repr((order, [name for _, name in sent.writers.values()])).encode()).hexdigest()
            repetition = Repetition(idempotency_key, said)
            if (before := await state.submitter.repeated(caller, repetition)) is not None:
                return JSONResponse((await videos_of([before], state.database))[0], headers=REPLAYED)
        async with files_of(state, caller, base_url) as brought:
            links: list[Link] = []
            for link in order.links:
                write, name = sent.writers.get(link.url, (None, ""))
                url = link.url if write is None else await brought.keep(write, name=name)
                links.append(replace(link, url=url))
            order = replace(order, links=tuple(links))
            made = await state.submitter.submit(caller, order, wire=WIRE, base_url=base_url, repetition=repetition)
    [video] = await videos_of([made.task], state.database)
    return JSONResponse(video, headers=REPLAYED if made.replayed else None)


@router.get(
    "",
    operation_id="listVideos",
    summary="List videos, in the words of OpenAI",
    responses=error_responses(*OF_CALLERS, InvalidRequest, InvalidTaskId, TaskNotFound),
)
async def list_videos(
    request: Request,
    caller: CallerDependency,
    after: Annotated[str | None, Query(max_length=200, description="Id of the last one of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Videos on a page.")] = 20,
    order: Annotated[Literal["asc", "desc"], Query(description="By the time of their creation.")] = "desc",
) -> VideoPage:
    """The caller's tasks, whichever API they were created by."""
    check_filters(request, ("after", "limit", "order"))
    state, sort = state_of(request), Sort.NEWEST if order == "desc" else Sort.OLDEST
    position = None
    if after is not None:
        last = await own_task(state, caller, after)
        position = Position(last.created, last.id)
    async with state.database.read() as connection:
        tasks = await list_tasks(connection, caller.account_id, Filter(), sort=sort, limit=limit + 1, after=position)
    shown = await videos_of(tasks[:limit], state.database)
    return {
        "object": "list",
        "data": shown,
        "first_id": shown[0]["id"] if shown else None,
        "last_id": shown[-1]["id"] if shown else None,
        "has_more": len(tasks) > limit,
    }


@router.get(
    "/{task_id}",
    operation_id="getVideo",
    summary="Query a video, in the words of OpenAI",
    response_model=Video,
    responses=error_responses(*OF_CALLERS, InvalidTaskId, TaskNotFound),
)
async def read_video(request: Request, task: OwnTask) -> JSONResponse:
    """The task as it stands, whichever API it was created by. `openai-poll-after-ms` says when to ask again."""
    check_not_removed(task)
    [video] = await videos_of([task], state_of(request).database)
    return JSONResponse(video, headers={"openai-poll-after-ms": str(_poll_after(task))})


def _poll_after(task: TaskRecord) -> int:
    """A tenth of the time that it is expected to take further, ms."""
    left = task.created + task.estimated_time - time.time()
    return round(max(_LEAST_POLL, min(_MOST_POLL, left * 100)))


@router.get(
    "/{task_id}/content",
    operation_id="downloadVideo",
    summary="Download a video, in the words of OpenAI",
    response_class=FileResponse,
    responses=_CONTENT
    | RANGED
    | REDIRECTED
    | error_responses(*OF_CALLERS, InvalidRequest, InvalidTaskId, TaskNotFound, TaskNotCompleted, NotFound),
)
async def read_content(
    request: Request,
    task: OwnTask,
    variant: Annotated[
        Literal["video", "thumbnail", "spritesheet"],
        Query(description="The video, its poster, or ten frames of it side by side."),
    ] = "video",
) -> Response:
    """The file itself; Range requests are answered."""
    check_not_removed(task)
    state = state_of(request)
    if variant != "video":
        await state.pictures.ensure(task)
        key = picture_key(task.id, PICTURES["poster" if variant == "thumbnail" else "strip"])
        return await stored_object(state, key, RESULT_LINK_SECONDS, media_type="image/webp")
    if task.finished is None or task.error_code is not None:
        raise TaskNotCompleted(task_id=task.id, status=task.status.value)
    if task.result_key is None or task.swept is not None:
        raise NotFound(what="video of task", name=task.id, hint=": it is not kept any more; make it again")
    return await stored_object(state, task.result_key, RESULT_LINK_SECONDS, media_type="video/mp4")


@router.delete(
    "/{task_id}",
    operation_id="deleteVideo",
    summary="Delete a video, in the words of OpenAI",
    responses=error_responses(*OF_CALLERS, InvalidTaskId, TaskNotFound, ResultInUse),
)
async def delete_video(request: Request, caller: CallerDependency, task: OwnTask) -> DeletedVideo:
    """What waits or runs is cancelled; of what has ended the video goes, and lists leave it out."""
    check_not_removed(task)
    await remove_task(state_of(request), caller, task)
    return {"id": task.id, "object": "video.deleted", "deleted": True}


class RemixRequest(BaseModel):
    """What is to be different."""

    model_config = ConfigDict(strict=True, extra="ignore")

    prompt: Prompt


@router.post(
    "/{task_id}/remix",
    operation_id="remixVideo",
    summary="Make a video anew with another prompt, in the words of OpenAI",
    responses=error_responses(
        *OF_CALLERS, InvalidRequest, InvalidTaskId, *_PAID, TaskNotCompleted, NotFound, RequestTooLarge
    ),
)
async def remix_video(request: Request, caller: CallerDependency, task: OwnTask, asked: RemixRequest) -> Video:
    """A reference-to-video task with the video as its reference: the same tier, length, ratio and quality."""
    check_not_removed(task)
    if task.finished is None or task.error_code is not None:
        raise TaskNotCompleted(task_id=task.id, status=task.status.value)
    if task.result_key is None or task.swept is not None:
        raise NotFound(what="video of task", name=task.id, hint=": it is not kept any more; make it again")
    state, base_url = state_of(request), base_url_of(request)
    link = state.links.result(base_url, task.result_key, made=time.time())
    order = replace(
        task.order,
        model=model_of(Mode.REFERENCE, task.order.catalog_model.tier).id,
        prompt=asked.prompt,
        links=(Link("video", 1, link, "remixed_from_video_id"),),
        web_search=False,
        seed=None,
        callback_url=None,
        asked_model=None,
        remixed_from=task.id,
    )
    check_order(order, NAMES)
    made = await state.submitter.submit(caller, order, wire=WIRE, base_url=base_url)
    [video] = await videos_of([made.task], state.database)
    return video
