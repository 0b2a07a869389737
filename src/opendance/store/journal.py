"""The journal of a task: what each of its steps gave, and what steps keep beside it, by name."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from opendance.store.database import Connection, Request
from opendance.store.statements import StatementResult
from opendance.store.tables import TaskStage

_ADD = insert(TaskStage)
_REMOVE = delete(TaskStage).where(TaskStage.task_id == bindparam("of_task"), TaskStage.stage == bindparam("name"))


_READ = select(TaskStage.stage, TaskStage.result).where(TaskStage.task_id == bindparam("of_task"))


def question(task_id: str) -> Request:
    """What `answer` reads, to be asked with something else."""
    return _READ, {"of_task": task_id}


def answer(rows: StatementResult) -> dict[str, Any]:
    """Every entry, as JSON, by its name."""
    return {row.stage: row.result for row in rows}


async def read_journal(connection: Connection, task_id: str) -> dict[str, Any]:
    """Every entry, as JSON, by its name."""
    [rows] = await connection.execute_all(question(task_id))
    return answer(rows)


@dataclass(frozen=True)
class KeptEntry:
    """An entry with when it came to be.

    Attributes:
        value: as JSON.
        seconds: that the step took; 0 of what is kept beside steps.
        finished: unix time.
    """

    name: str
    value: Any
    seconds: float
    finished: float


async def list_journal(connection: Connection, task_id: str) -> list[KeptEntry]:
    """Every entry, in the order in which they came to be."""
    columns = (TaskStage.stage, TaskStage.result, TaskStage.seconds, TaskStage.finished)
    query = select(*columns).where(TaskStage.task_id == task_id).order_by(TaskStage.finished, TaskStage.stage)
    return [KeptEntry(*row) for row in await connection.execute(query)]


async def read_entries(
    connection: Connection, task_ids: Collection[str], names: Collection[str]
) -> dict[str, dict[str, Any]]:
    """The entries of these names of several tasks, by task and name."""
    query = select(TaskStage.task_id, TaskStage.stage, TaskStage.result)
    entries: dict[str, dict[str, Any]] = {}
    for row in await connection.execute(query.where(TaskStage.task_id.in_(task_ids), TaskStage.stage.in_(names))):
        entries.setdefault(row.task_id, {})[row.stage] = row.result
    return entries


async def write_entry(
    connection: Connection,
    task_id: str,
    name: str,
    value: Any,
    *,
    seconds: float = 0.0,
    finished: float | None = None,
) -> None:
    """Keep an entry, in place of what it was before.

    Args:
        value: as JSON.
        seconds: that the step took.
        finished: unix time; now where none is given.
    """
    await remove_entries(connection, task_id, [name])
    row = {"task_id": task_id, "stage": name, "result": value, "seconds": seconds, "finished": finished or time.time()}
    await connection.send(_ADD, row)


async def remove_entries(connection: Connection, task_id: str, names: Collection[str]) -> None:
    """Forget entries; one that is not there is no error."""
    if not names:
        return
    for name in names:
        await connection.send(_REMOVE, {"of_task": task_id, "name": name})
