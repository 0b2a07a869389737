"""`POST /v1/tasks/actions`: marks, hides, keeps and tags many tasks at once."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from opendance.api.auth import CallerDependency, KeyedRoute
from opendance.api.responses import OF_CALLERS
from opendance.api.state import state_of
from opendance.api.unified.errors import error_responses
from opendance.api.unified.library import MAX_TAGS, Tag
from opendance.errors import (
    InvalidRequest,
    KeptRoomExceeded,
    RequestTooLarge,
    ResultNotAvailable,
    TaskNotFound,
)
from opendance.store.listing import tasks_named
from opendance.store.search import normalised
from opendance.store.tasks import TaskRecord
from opendance.task import is_task_id

router = APIRouter(tags=["Tasks"], route_class=KeyedRoute, responses=error_responses(*OF_CALLERS))
_MOST = 100
_Tags = Annotated[list[Tag], Field(max_length=MAX_TAGS)]


class Marks(BaseModel):
    """What is to be changed of each; what is not given stays."""

    model_config = ConfigDict(strict=True, extra="forbid")
    favourite: bool | None = None
    hidden: bool | None = None
    kept: bool | None = None
    add_tags: _Tags | None = None
    remove_tags: _Tags | None = None


class Actions(BaseModel):
    """Tasks, and what is to be changed of each."""

    model_config = ConfigDict(strict=True, extra="forbid")
    task_ids: Annotated[list[Annotated[str, Field(max_length=200)]], Field(min_length=1, max_length=_MOST)]
    changes: Marks


class ChangedTask(TypedDict):
    """What became of one."""

    id: str
    changed: bool
    error: Annotated[dict[str, str] | None, Field(description="`code` and `message`: why it was not.")]


class ChangedTasks(TypedDict):
    """What became of each."""

    object: Literal["list"]
    data: list[ChangedTask]


@router.post(
    "/v1/tasks/actions",
    operation_id="changeTasks",
    summary="Mark, hide, keep or tag several tasks",
    responses=error_responses(InvalidRequest, RequestTooLarge),
)
async def change_tasks(request: Request, caller: CallerDependency, body: Actions) -> ChangedTasks:
    """As `PATCH /v1/tasks/{task_id}` for each; where one cannot be changed so, the others are all the same."""
    state, ids = state_of(request), list(dict.fromkeys(body.task_ids))
    async with state.database.read() as connection:
        records = await tasks_named(connection, caller.account_id, [each for each in ids if is_task_id(each)])
    by_id = {record.id: record for record in records}
    changed: list[ChangedTask] = []
    for task_id in ids:
        try:
            if task_id not in by_id:
                raise TaskNotFound(task_id=task_id)
            await state.library.change(caller, by_id[task_id], _changes(by_id[task_id], body.changes))
        except (TaskNotFound, InvalidRequest, KeptRoomExceeded, ResultNotAvailable) as error:
            changed.append({"id": task_id, "changed": False, "error": {"code": error.code, "message": error.message}})
        else:
            changed.append({"id": task_id, "changed": True, "error": None})
    state.changes.tell(caller.account_id)
    return {"object": "list", "data": changed}


def _changes(task: TaskRecord, marks: Marks) -> dict[str, Any]:
    """What changes of a task.

    Raises:
        InvalidRequest: it would have too many tags.
    """
    named = {"favourite": marks.favourite, "hidden": marks.hidden, "kept": marks.kept}
    changes: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    if marks.add_tags or marks.remove_tags:
        gone = {normalised(tag) for tag in marks.remove_tags or ()}
        tags = {normalised(tag): tag for tag in (*(task.tags or ()), *(marks.add_tags or ()))}
        left = [tag for plain, tag in tags.items() if plain not in gone]
        if len(left) > MAX_TAGS:
            raise InvalidRequest(problem=f"add_tags: {len(left)} tags; a task has at most {MAX_TAGS}")
        changes["tags"] = left or None
    return changes
