"""`/admin/v1/tasks`: the tasks of all accounts, for the operator. Needs the admin key."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from opendance.administration import tasks as admin
from opendance.administration.inputs import Name
from opendance.administration.tasks import StatusName, TaskReport, TaskRow
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
from opendance.api.operators import operator_router
from opendance.api.reading import enum, one_of
from opendance.api.state import Reading, base_url_of, state_of
from opendance.api.unified.errors import error_responses
from opendance.api.unified.request import ModelId
from opendance.errors import (
    TASK_ERROR_CODES,
    InsufficientQuota,
    InvalidRequest,
    InvalidTaskId,
    NotFound,
    RequestHidden,
    RequestTooLarge,
    TaskNotCancellable,
    TaskStateConflict,
)
from opendance.pipeline.operating import FAILURE_CODES, USUAL_FAILURE
from opendance.store.all_tasks import WhichTasks
from opendance.store.listing import Sort
from opendance.store.tasks import TaskRecord
from opendance.task import Status

router = operator_router()
_FILTERS = ("account", "status", "model", "engine", "code", "id", "from", "to", "cursor", "limit")
_CODES = sorted(TASK_ERROR_CODES)


class TaskList(TypedDict):
    """A page of tasks of all accounts, newest first."""

    object: Literal["list"]
    data: list[TaskRow]
    has_more: Annotated[bool, Field(description="Whether there are older tasks.")]
    next_cursor: Annotated[str | None, Field(description="Pass as `cursor` for the next page; null on the last.")]


class TaskFailing(BaseModel):
    """Why a task is ended."""

    model_config = ConfigDict(extra="forbid")
    reason: Name = Field(description="Told to the task's user, and kept in the audit log.")
    code: Annotated[str, one_of(FAILURE_CODES), enum(FAILURE_CODES)] = Field(
        default=USUAL_FAILURE, description="The task's error code; whose fault it was follows from it."
    )


async def _task(connection: Reading, task_id: str) -> TaskRecord:
    return await admin.read_task(connection, task_id)


AnyTask = Annotated[TaskRecord, Depends(_task)]


@router.get(
    "/tasks", operation_id="listAllTasks", summary="List tasks", responses=error_responses(InvalidRequest, NotFound)
)
async def read_tasks(
    request: Request,
    connection: Reading,
    account: Annotated[str | None, Query(max_length=200, description="Only of this account, by id or name.")] = None,
    status: Annotated[StatusName | None, Query(description="Only tasks in this state.")] = None,
    model: Annotated[ModelId | None, Query(description="Only tasks of this model.")] = None,
    engine: Annotated[
        str | None,
        Query(min_length=1, max_length=60, description="Only tasks that it made, or makes at an upstream."),
    ] = None,
    code: Annotated[
        str | None, one_of(_CODES), enum(_CODES), Query(description="Only tasks that ended with this error code.")
    ] = None,
    part_of_id: Annotated[
        str | None, Query(alias="id", min_length=1, max_length=60, description="Only tasks with this in their id.")
    ] = None,
    first: CreatedSince = None,
    last: CreatedUntil = None,
    cursor: Cursor = None,
    limit: PageSize = 20,
) -> TaskList:
    """Tasks of all accounts, newest first, without what was asked for."""
    check_filters(request, _FILTERS)
    which = WhichTasks(
        status=None if status is None else Status(status),
        model=model,
        engine=engine,
        error_code=code,
        part_of_id=part_of_id,
        created_from=None if first is None else moment("from", first),
        created_before=None if last is None else end_of(last),
    )
    after = None if cursor is None else decode_cursor(cursor, Sort.NEWEST)
    tasks = await admin.list_tasks(connection, which, account=account, limit=limit + 1, after=after)
    more = len(tasks) > limit
    return {
        "object": "list",
        "data": await admin.task_rows(connection, tasks[:limit]),
        "has_more": more,
        "next_cursor": encode_cursor(tasks[limit - 1], Sort.NEWEST) if more else None,
    }


@router.get(
    "/tasks/{task_id}",
    operation_id="inspectTask",
    summary="A task with its journal, callbacks and ledger",
    responses=error_responses(InvalidRequest, InvalidTaskId, NotFound, RequestHidden),
)
async def inspect_task(
    request: Request,
    task: AnyTask,
    include: Annotated[
        Literal["request"] | None,
        Query(
            description="`request` adds the prompt, the media, the result and what steps gave. The audit log has it: "
            "`admin.read_request`."
        ),
    ] = None,
) -> TaskReport:
    """How it went: each step with its time, what engines and upstreams did, each try of its callbacks, its credits."""
    state = state_of(request)
    if include is None:
        async with state.database.read() as connection:
            return await admin.task_report(connection, task)
    if not state.settings.show_prompts:
        raise RequestHidden
    async with state.database.write() as connection:
        return await admin.task_report(connection, task, links=state.links, base_url=base_url_of(request))


@router.post(
    "/tasks/{task_id}/cancel",
    operation_id="cancelAnyTask",
    summary="Cancel a task",
    responses=error_responses(InvalidTaskId, NotFound, TaskNotCancellable),
)
async def cancel_task(request: Request, task: AnyTask) -> TaskRow:
    """As its owner can: one that waits ends at once, one that runs within about a second; the answer waits for that."""
    return await _row(request, await state_of(request).operator.cancel(task))


@router.post(
    "/tasks/{task_id}/fail",
    operation_id="failTask",
    summary="Fail a task",
    responses=error_responses(InvalidRequest, InvalidTaskId, NotFound, TaskStateConflict, RequestTooLarge),
)
async def fail_task(request: Request, task: AnyTask, body: TaskFailing) -> TaskRow:
    """Ends it now, whoever has it: nothing is charged, its callback is sent, and whoever works on it stops."""
    failed = await state_of(request).operator.fail(task, code=body.code, reason=body.reason)
    return await _row(request, failed)


@router.post(
    "/tasks/{task_id}/run-again",
    operation_id="runTaskAgain",
    summary="Make a failed or stuck task once more",
    responses=error_responses(InvalidRequest, InvalidTaskId, InsufficientQuota, NotFound, TaskStateConflict),
)
async def run_task_again(request: Request, task: AnyTask) -> TaskRow:
    """The same request as a new task of the same account, which the answer shows.

    One that runs is failed in the same transaction, and nothing of it is charged. How many tasks the account and its
    key may have at once does not count; its credits do.
    """
    return await _row(request, await state_of(request).operator.run_again(task, base_url=base_url_of(request)))


async def _row(request: Request, task: TaskRecord) -> TaskRow:
    async with state_of(request).database.read() as connection:
        (row,) = await admin.task_rows(connection, [task])
    return row
