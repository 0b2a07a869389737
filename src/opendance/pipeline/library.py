"""The library of an account: what its tasks are called, what is kept, and what is deleted before its time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from opendance.errors import KeptRoomExceeded, ResultInUse, ResultNotAvailable, TaskNotFound
from opendance.pipeline.steps.store import objects_of
from opendance.storage import Storage, objects_of_uploads
from opendance.store.audit import record
from opendance.store.database import Connection, Database
from opendance.store.keys import Caller
from opendance.store.library import (
    change_library,
    end_uploads_of,
    give_up_results,
    is_needed,
    kept_bytes,
    lock_task,
    note_removed_results,
)
from opendance.store.retention import forget_uploads
from opendance.store.tasks import TaskRecord
from opendance.task import Status


@dataclass(frozen=True)
class Library:
    """Changes what callers make of their tasks."""

    database: Database
    storage: Storage

    async def change(self, caller: Caller, task: TaskRecord, changes: dict[str, Any]) -> TaskRecord:
        """Set what is given of `title`, `tags`, `favourite`, `hidden` and `kept`; gives the task as it is then.

        Args:
            task: of the caller's account.

        Raises:
            ResultNotAvailable: it is to be kept, and there is no result.
            KeptRoomExceeded: it is to be kept, and the account has no room for it.
            StorageError: it is to be kept, and the store does not tell how large it is.
            TaskNotFound: it was forgotten meanwhile.
        """
        keep = changes.get("kept") is True
        if keep and task.result_bytes is None:
            _check_available(task)
            size = await self.storage.size(objects_of(task)[0])
            if size is None:
                raise ResultNotAvailable(task_id=task.id, why="it is no longer stored")
            changes = {**changes, "result_bytes": size}
        async with self.database.write() as connection:
            task = await _locked(connection, caller, task.id)
            if not keep or task.kept:
                return await change_library(connection, task, **changes)
            _check_available(task)
            used = await kept_bytes(connection, caller.account_id)
            task = await change_library(connection, task, **changes)
            total, most = await kept_bytes(connection, caller.account_id), caller.group.max_kept_bytes
            if total > most:
                raise KeptRoomExceeded(
                    task_id=task.id, needed=_megabytes(total - used), used=_megabytes(used), most=_megabytes(most)
                )
        return task

    async def delete_result(self, caller: Caller, task: TaskRecord) -> TaskRecord:
        """Delete the video, pictures of it, and the uploads that only this task needed; gives the task as it is then.

        The row says first that they are gone: whatever happens then, the sweep removes what is left.

        Args:
            task: of the caller's account.

        Raises:
            ResultInUse: it waits or runs, or the result is an input of a task that does.
            StorageError: the store did not remove everything; the sweep will.
            TaskNotFound: it was forgotten meanwhile.
        """
        async with self.database.write() as connection:
            task = await _locked(connection, caller, task.id)
            if not task.status.terminal:
                raise ResultInUse(task_id=task.id, why=f"it is {task.status.value}; cancel it, or wait until it ends")
            if task.swept is not None and task.result_key is None and not task.removing:
                return task
            if await is_needed(connection, task):
                raise ResultInUse(task_id=task.id, why="a task that waits or runs needs it; wait until that has ended")
            uploads = await end_uploads_of(connection, task)
            await give_up_results(connection, [task.id])
            await change_library(connection, task, result_key=None, result_link=None)
            await record(
                connection,
                "task.result_deleted",
                actor=caller.key.prefix,
                account_id=caller.account_id,
                task_id=task.id,
                detail={"uploads": [file_id for file_id, _ in uploads]},
            )
        await self.storage.remove([*objects_of(task), *objects_of_uploads(key for _, key in uploads)])
        async with self.database.write() as connection:
            await note_removed_results(connection, [task.id])
            await forget_uploads(connection, [file_id for file_id, _ in uploads])
            return await _locked(connection, caller, task.id)


async def _locked(connection: Connection, caller: Caller, task_id: str) -> TaskRecord:
    task = await lock_task(connection, caller.account_id, task_id)
    if task is None:
        raise TaskNotFound(task_id=task_id)
    return task


def _check_available(task: TaskRecord) -> None:
    why = None
    if not task.status.terminal:
        why = f"it is {task.status.value}; keep it once it is completed"
    elif task.status is not Status.COMPLETED:
        why = f"it is {task.status.value}"
    elif task.swept is not None:
        why = "it was deleted, or its time was over"
    if why is not None:
        raise ResultNotAvailable(task_id=task.id, why=why)


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.1f}"
