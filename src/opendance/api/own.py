"""What is the caller's own, whichever wire asks for it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from opendance.api.auth import CallerDependency
from opendance.api.state import ServerState, state_of
from opendance.errors import InvalidTaskId, TaskNotFound
from opendance.store.keys import Caller
from opendance.store.tasks import TaskRecord
from opendance.task import is_task_id


async def own_task(state: ServerState, caller: Caller, task_id: str) -> TaskRecord:
    """The caller's task.

    Raises:
        InvalidTaskId: `task_id` has not the form of one.
        TaskNotFound: there is none in the caller's account.
    """
    if not is_task_id(task_id):
        raise InvalidTaskId(task_id=repr(task_id[:80]))
    task = await state.task_reads.get(caller.account_id, task_id)
    if task is None:
        raise TaskNotFound(task_id=task_id)
    return task


async def _own_task(request: Request, task_id: str, caller: CallerDependency) -> TaskRecord:
    return await own_task(state_of(request), caller, task_id)


OwnTask = Annotated[TaskRecord, Depends(_own_task)]
"""The caller's task that the path names; `own_task` says what else comes of it."""
