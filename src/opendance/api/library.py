"""`/v1/tasks` as a library: found again, named, kept, and deleted before their time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field
from typing_extensions import TypedDict

from opendance.api.auth import CallerDependency, KeyedRoute
from opendance.api.lists import (
    CreatedSince,
    CreatedUntil,
    Cursor,
    PageSize,
    check_filters,
    decode_cursor,
    encode_cursor,
    end_of,
    moment,
)
from opendance.api.own import OwnTask
from opendance.api.responses import OF_CALLERS
from opendance.api.state import links_of, state_of
from opendance.api.tasks import Include, VideoTaskList, cards, with_details
from opendance.api.unified.card import TaskCard
from opendance.api.unified.details import DetailedVideoTask
from opendance.api.unified.errors import error_responses
from opendance.api.unified.library import MAX_TAG, LibraryChanges, LibraryTask, library_object
from opendance.api.unified.pages import MAX_PAGE_SIZE, VideoTaskPage, statuses_of, summary_of
from opendance.api.unified.request import ModelId
from opendance.api.unified.task import VideoTask, task_object
from opendance.catalog import MODELS, AspectRatio, Mode, Quality, Tier
from opendance.errors import (
    InvalidRequest,
    InvalidTaskId,
    KeptRoomExceeded,
    RequestTooLarge,
    ResultInUse,
    ResultNotAvailable,
    TaskNotFound,
)
from opendance.store.keys import Caller
from opendance.store.listing import Filter, Sort, count_takes, count_tasks, list_tasks, page_of_tasks
from opendance.store.tasks import TaskRecord
from opendance.task import Status

router = APIRouter(tags=["Tasks"], route_class=KeyedRoute, responses=error_responses(*OF_CALLERS))
_FILTERS = (
    "status", "model", "tier", "mode", "created_after", "created_before", "search", "tag", "favourite", "kept",
    "hidden", "engine", "quality", "ratio", "sound", "result", "key", "from", "to", "take", "stacked",
)  # fmt: skip
_WITH_STACKS = ("from", "to", "stacked")
_OF_LISTS = ("include", "cursor", "limit", "sort", "page", "page_size", "type")
_OF_PAGES = ("page", "page_size", "status", "model", "type")


@dataclass(frozen=True)
class _Filters:
    """What a list is filtered by."""

    which: Filter


async def _filters(
    status: Annotated[
        Literal["pending", "processing", "completed", "failed", "cancelled"] | None,
        Query(description="Only tasks in this state."),
    ] = None,
    model: Annotated[ModelId | None, Query(description="Only tasks of this model.")] = None,
    tier: Annotated[Tier | None, Query(description="Only tasks of models of this tier.")] = None,
    mode: Annotated[Mode | None, Query(description="Only tasks of models of this mode.")] = None,
    created_after: Annotated[
        int | None, Query(ge=0, le=2**40, description="Only tasks created after this unix second.")
    ] = None,
    created_before: Annotated[
        int | None, Query(ge=0, le=2**40, description="Only tasks created before this unix second.")
    ] = None,
    search: Annotated[
        str | None,
        Query(
            max_length=200,
            description="Only tasks with this phrase in id, title or tags, or in the first 2,000 characters of the "
            "prompt; alike in width and case. Looked for in the 20,000 tasks that ended last and those that have not.",
        ),
    ] = None,
    tag: Annotated[str | None, Query(min_length=1, max_length=MAX_TAG, description="Only tasks with this tag.")] = None,
    favourite: Annotated[bool | None, Query(description="Only tasks that are marked, or that are not.")] = None,
    kept: Annotated[bool | None, Query(description="Only tasks that are kept, or that are not.")] = None,
    hidden: Annotated[bool, Query(description="The hidden tasks instead of the others.")] = False,
    engine: Annotated[
        str | None, Query(min_length=1, max_length=60, description="Only ended tasks that this engine made.")
    ] = None,
    quality: Annotated[Quality | None, Query(description="Only tasks that asked for this quality.")] = None,
    ratio: Annotated[AspectRatio | None, Query(description="Only tasks that asked for this aspect ratio.")] = None,
    sound: Annotated[bool | None, Query(description="Only tasks that asked for sound, or that did not.")] = None,
    result: Annotated[bool | None, Query(description="Only tasks whose video is there, or is not.")] = None,
    key: Annotated[
        str | None, Query(max_length=60, description="Only tasks that the key of this id asked for.")
    ] = None,
    first: CreatedSince = None,
    last: CreatedUntil = None,
    take: Annotated[
        str | None, Query(max_length=32, description="Only tasks with this `take_group`: takes of one request.")
    ] = None,
    stacked: Annotated[
        bool,
        Query(
            description="Of completed takes of one request only the newest, and the newest that has its video where "
            "that one has not; how many there are of each is told in `takes`. Goes with no filter but `from` and `to`."
        ),
    ] = False,
) -> _Filters:
    befores = [created_before, None if last is None else end_of(last)]
    models = [each.id for each in MODELS.values() if tier in (None, each.tier) and mode in (None, each.mode)]
    return _Filters(
        Filter(
            search=search,
            tag=tag,
            status=None if status is None else Status(status),
            model=model,
            models=None if tier is None and mode is None else models,
            quality=quality,
            aspect_ratio=ratio,
            engine=engine,
            favourite=favourite,
            kept=kept,
            hidden=hidden,
            sound=sound,
            result=result,
            key_id=key,
            take_group=take,
            stacked=stacked,
            # `created` is shown in whole seconds: "after" starts with the next one.
            created_after=None if created_after is None else created_after + 1 - 1e-6,
            created_from=None if first is None else moment("from", first),
            created_before=min((before for before in befores if before is not None), default=None),
        )
    )


FiltersDependency = Annotated[_Filters, Depends(_filters)]


@router.get(
    "/v1/tasks",
    operation_id="listTasks",
    summary="List tasks",
    response_model=VideoTaskList | VideoTaskPage,
    responses=error_responses(InvalidRequest),
)
async def read_tasks(
    request: Request,
    caller: CallerDependency,
    filters: FiltersDependency,
    include: Include = None,
    cursor: Cursor = None,
    limit: PageSize = 20,
    sort: Annotated[
        Literal["-created", "created", "-finished", "finished"],
        Query(description="By which time; `-` is newest first. By `finished`, only tasks that have ended."),
    ] = "-created",
    page: Annotated[
        int | None,
        Query(ge=1, le=1_000_000, description="A numbered page from 1, with `total`, instead of `cursor`."),
    ] = None,
    page_size: Annotated[
        int | None, Query(ge=1, le=MAX_PAGE_SIZE, description="Tasks on a numbered page, 20 where none is given.")
    ] = None,
    of_type: Annotated[
        Literal["text", "image", "audio", "video"] | None,
        Query(alias="type", description="Of numbered pages: the kind of output; tasks are all `video` here."),
    ] = None,
) -> JSONResponse:
    """The caller's tasks, newest first. With `page` or `page_size` each in few words, and `processing` has those that
    wait too.
    """
    check_filters(request, (*_FILTERS, *_OF_LISTS))
    which = filters.which
    _check_stacks(request, which)
    if page is not None or page_size is not None:
        check_filters(request, _OF_PAGES)
        statuses = None if which.status is None else statuses_of(which.status.value)
        ids = () if of_type not in (None, "video") else None
        numbered = Filter(statuses=statuses, model=which.model, ids=ids)
        return JSONResponse(await _numbered_page(request, caller, numbered, page or 1, page_size or 20))
    if of_type is not None:
        raise InvalidRequest(problem="type: is a filter of numbered pages; give page or page_size too, or leave it out")
    order = Sort(sort)
    after = None if cursor is None else decode_cursor(cursor, order)
    state = state_of(request)
    async with state.database.read() as connection:
        tasks = await list_tasks(connection, caller.account_id, which, sort=order, limit=limit + 1, after=after)
        shown = tasks[:limit]
        groups = {task.take_group for task in shown if which.stacked and task.take_group is not None}
        takes = await count_takes(connection, caller.account_id, groups) if groups else {}
    more = len(tasks) > limit
    body: VideoTaskList = {
        "object": "list",
        "data": await _shown_as(request, include, shown),
        "has_more": more,
        "next_cursor": encode_cursor(shown[-1], order) if more else None,
    }
    if which.stacked:
        body["takes"] = takes
    return JSONResponse(body)


def _check_stacks(request: Request, which: Filter) -> None:
    """That takes are stacked in no list that is filtered: what matches would lie under what does not.

    Raises:
        InvalidRequest: they are to be.
    """
    beside = sorted(set(request.query_params) & (set(_FILTERS) - set(_WITH_STACKS)))
    if which.stacked and beside:
        raise InvalidRequest(problem=f"stacked: goes with no filter but from and to; leave it or {beside[0]} out")


async def _shown_as(
    request: Request, include: Include, tasks: Sequence[TaskRecord]
) -> Sequence[VideoTask | DetailedVideoTask | TaskCard]:
    if include == "request":
        return await with_details(request, tasks)
    if include == "card":
        return cards(state_of(request), tasks)
    return [task_object(task, links_of(request)) for task in tasks]


class TaskCounts(TypedDict):
    """How many tasks a list has."""

    object: Literal["task.counts"]
    total: Annotated[int, Field(description="At most 10,000.")]
    is_capped: Annotated[bool, Field(description="Whether there are more; all numbers are of the newest 10,000 then.")]
    by: Annotated[
        dict[str, dict[str, int]],
        Field(
            description="How many of each value of `status`, `model`, `quality`, `ratio`, `engine`, `favourite` and "
            "`kept`, and of each `month` (UTC, such as `2026-03`)."
        ),
    ]


@router.get(
    "/v1/tasks/counts",
    operation_id="countTasks",
    summary="How many tasks a list has",
    responses=error_responses(InvalidRequest),
)
async def read_counts(request: Request, caller: CallerDependency, filters: FiltersDependency) -> TaskCounts:
    """Of the tasks that `GET /v1/tasks` lists with the same filters: how many, and of which kinds."""
    check_filters(request, _FILTERS)
    _check_stacks(request, filters.which)
    async with state_of(request).database.read() as connection:
        counts = await count_tasks(connection, caller.account_id, filters.which)
    return {"object": "task.counts", "total": counts.total, "is_capped": counts.is_capped, "by": counts.by}


async def _numbered_page(request: Request, caller: Caller, which: Filter, page: int, page_size: int) -> VideoTaskPage:
    async with state_of(request).database.read() as connection:
        tasks, total = await page_of_tasks(
            connection, caller.account_id, which, offset=(page - 1) * page_size, limit=page_size
        )
    return {"data": [summary_of(task) for task in tasks], "total": total, "page": page, "page_size": page_size}


@router.patch(
    "/v1/tasks/{task_id}",
    operation_id="changeTask",
    summary="Name, mark, hide or keep a task",
    response_model=LibraryTask,
    responses=error_responses(
        InvalidRequest, InvalidTaskId, TaskNotFound, KeptRoomExceeded, ResultNotAvailable, RequestTooLarge
    ),
)
async def change_task(
    request: Request, caller: CallerDependency, task: OwnTask, changes: LibraryChanges
) -> LibraryTask:
    """What is not given stays. Nothing of it is in the task object, in its events or in its callback."""
    state = state_of(request)
    task = await state.library.change(caller, task, changes.given())
    state.changes.tell(task.account_id)
    return {**task_object(task, links_of(request)), **library_object(task)}


@router.delete(
    "/v1/tasks/{task_id}/result",
    operation_id="deleteTaskResult",
    summary="Delete a task's result",
    response_model=LibraryTask,
    responses=error_responses(InvalidTaskId, TaskNotFound, ResultInUse),
)
async def delete_result(request: Request, caller: CallerDependency, task: OwnTask) -> LibraryTask:
    """Video and pictures go, and uploads that only this task needed; the task stays, without `results`."""
    state = state_of(request)
    task = await state.library.delete_result(caller, task)
    state.changes.tell(task.account_id)
    return {**task_object(task, links_of(request)), **library_object(task)}
