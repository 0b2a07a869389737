"""Tasks that clients delete: the record stays for the account's books, and those who deleted it see it no more."""

from __future__ import annotations

from opendance.api.state import ServerState
from opendance.errors import TaskNotCancellable, TaskNotFound
from opendance.store.keys import Caller
from opendance.store.tasks import TaskRecord


def check_not_removed(task: TaskRecord) -> None:
    """That a task was not deleted: one is hidden, has ended, and has no result.

    Raises:
        TaskNotFound: it was.
    """
    if task.hidden and task.status.terminal and task.result_key is None:
        raise TaskNotFound(task_id=task.id)


async def remove_task(state: ServerState, caller: Caller, task: TaskRecord) -> None:
    """Delete the result of a task, and hide the task from lists; what waits or runs is cancelled first.

    Raises:
        ResultInUse: the result is an input of a task that waits or runs.
        StorageError: the store did not remove everything; the sweep will.
        TaskNotFound: it was forgotten meanwhile.
    """
    if not task.status.terminal:
        try:
            task = await state.canceller.cancel(task, actor=caller.key.prefix)
        except TaskNotCancellable:  # it has ended just now, and its result goes
            task = await state.library.change(caller, task, {})
    if task.status.terminal:
        await state.library.delete_result(caller, task)
    await state.library.change(caller, task, {"hidden": True})
