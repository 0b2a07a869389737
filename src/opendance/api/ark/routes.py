"""`/api/v3/contents/generations/tasks`."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from opendance.api.ark import WIRE
from opendance.api.ark.errors import error_responses
from opendance.api.ark.listing import MAX_IDS, filter_of
from opendance.api.ark.request import parse_request
from opendance.api.ark.task import (
    ContentGenerationTask,
    ContentGenerationTaskDeleted,
    ContentGenerationTaskId,
    ContentGenerationTasks,
    State,
    callback_body,
    task_answers,
)
from opendance.api.auth import CallerDependency, KeyedRoute
from opendance.api.base64_body import write_decoded
from opendance.api.brought import Brought, files_of
from opendance.api.data_urls import number_of, taken_out
from opendance.api.lists import check_filters
from opendance.api.own import OwnTask
from opendance.api.reading import check_json, read_aside
from opendance.api.removing import check_not_removed, remove_task
from opendance.api.repeating import REPLAYED, IdempotencyKey
from opendance.api.responses import OF_CALLERS
from opendance.api.state import JSONBytes, base_url_of, links_of, state_of
from opendance.catalog import MAX_REQUEST_BYTES
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
    TaskNotCancellable,
    TaskNotCompleted,
    TaskNotFound,
    TaskStateConflict,
    UnsupportedMediaType,
)
from opendance.order import Link
from opendance.pipeline.submit import Repetition
from opendance.store.listing import page_of_tasks
from opendance.task import Status

router = APIRouter(tags=["Ark"], prefix="/api/v3/contents/generations/tasks", route_class=KeyedRoute)
_FILTERS = ("page_num", "page_size", "filter.status", "filter.model", "filter.service_tier", "filter.task_ids")
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ContentGenerationRequest"}}},
    }
}


@router.post(
    "",
    operation_id="createContentGenerationTask",
    summary="Generate a video, in the words of Ark",
    response_model=ContentGenerationTaskId,
    responses=error_responses(
        *OF_CALLERS,
        InvalidRequest,
        InsufficientQuota,
        ModelAccessDenied,
        FileQuotaExceeded,
        NotFound,
        TaskNotFound,
        IdempotencyConflict,
        RequestTooLarge,
        UnsupportedMediaType,
    ),
    openapi_extra=_BODY,
)
async def create_task(
    request: Request, caller: CallerDependency, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    """Start a video as with `POST /v1/videos/generations`: the same rules, prices and task, in other words."""
    state = state_of(request)
    check_json(request)
    sent = await request.body()
    body, files = await read_aside(len(sent), taken_out, sent)
    if len(body) > MAX_REQUEST_BYTES:
        raise InvalidRequest(problem=f"the body has {len(body)} bytes beside its files; at most {MAX_REQUEST_BYTES}")
    settings, base_url = state.settings, base_url_of(request)
    order = await read_aside(len(body), parse_request, body, settings.callback_allow, settings.model_aliases)
    repetition = None
    if idempotency_key is not None:
        repetition = Repetition(idempotency_key, await read_aside(len(sent), _sha256, sent))
        if (before := await state.submitter.repeated(caller, repetition)) is not None:
            return JSONResponse({"id": before.id}, headers=REPLAYED)
    async with files_of(state, caller, base_url) as brought:
        order = replace(order, links=tuple([await _kept(link, files, brought) for link in order.links]))
        made = await state.submitter.submit(caller, order, wire=WIRE, base_url=base_url, repetition=repetition)
    return JSONResponse({"id": made.task.id}, headers=REPLAYED if made.replayed else None)


async def _kept(link: Link, files: list[memoryview], brought: Brought) -> Link:
    """The link, to an upload where it stands for a file of the request itself."""
    number = number_of(link.url, files)
    if number is None:
        return link

    def write(path: Path) -> None:
        with path.open("wb") as out:
            write_decoded(files[number], out, field=link.place)

    return replace(link, url=await brought.keep(write))


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@router.get(
    "",
    operation_id="listContentGenerationTasks",
    summary="List tasks, in the words of Ark",
    response_model=ContentGenerationTasks,
    responses=error_responses(*OF_CALLERS, InvalidRequest),
)
async def list_tasks(
    request: Request,
    caller: CallerDependency,
    page_num: Annotated[int, Query(ge=1, le=100_000, description="From 1.")] = 1,
    page_size: Annotated[int, Query(ge=1, le=500, description="Tasks on a page.")] = 10,
    status: Annotated[State | None, Query(alias="filter.status", description="Only tasks in this state.")] = None,
    model: Annotated[
        str | None, Query(alias="filter.model", max_length=1000, description="Only tasks of what this names.")
    ] = None,
    service_tier: Annotated[
        str | None, Query(alias="filter.service_tier", max_length=100, description="All tasks are `default`.")
    ] = None,
    task_ids: Annotated[
        list[Annotated[str, Field(max_length=8000)]] | None,
        Query(alias="filter.task_ids", max_length=MAX_IDS, description="Only these: repeated, or with commas between."),
    ] = None,
) -> Response:
    """The caller's tasks, newest first, whichever API they were created by."""
    check_filters(request, _FILTERS)
    state = state_of(request)
    which = filter_of(
        status=status,
        model=model,
        service_tier=service_tier,
        task_ids=task_ids or (),
        aliases=state.settings.model_aliases,
    )
    async with state.database.read() as connection:
        tasks, total = await page_of_tasks(
            connection, caller.account_id, which, offset=(page_num - 1) * page_size, limit=page_size
        )
    items = await task_answers(tasks, state.database, links_of(request))
    return JSONBytes(ContentGenerationTasks(items=items, total=total).model_dump_json().encode())


@router.get(
    "/{task_id}",
    operation_id="getContentGenerationTask",
    summary="Query a task, in the words of Ark",
    response_model=ContentGenerationTask,
    responses=error_responses(*OF_CALLERS, InvalidTaskId, TaskNotFound),
)
async def read_task(request: Request, task: OwnTask) -> Response:
    """The task as it stands, whichever API it was created by."""
    check_not_removed(task)
    state = state_of(request)
    if task.order.last_frame and task.result_key is not None:
        with contextlib.suppress(NotFound, TaskNotCompleted):  # its video is gone, and the link says so
            await state.pictures.ensure(task)
    return JSONBytes(await callback_body(task, state.database, links_of(request)))


@router.delete(
    "/{task_id}",
    operation_id="deleteContentGenerationTask",
    summary="Cancel a task that waits, or delete one that has ended",
    response_model=ContentGenerationTaskDeleted,
    responses=error_responses(*OF_CALLERS, InvalidTaskId, TaskNotFound, TaskStateConflict, ResultInUse),
)
async def delete_task(request: Request, caller: CallerDependency, task: OwnTask) -> ContentGenerationTaskDeleted:
    """One that is `queued` is cancelled, and stays; of one that has ended the video goes, and lists leave it out."""
    check_not_removed(task)
    state = state_of(request)
    if task.status is Status.PENDING:
        with contextlib.suppress(TaskNotCancellable):  # it has ended just now
            await state.canceller.cancel(task, actor=caller.key.prefix)
        return ContentGenerationTaskDeleted()
    if not task.status.terminal:
        raise TaskStateConflict(task_id=task.id, status="running", why="only one that is queued can be cancelled")
    await remove_task(state, caller, task)
    return ContentGenerationTaskDeleted()
