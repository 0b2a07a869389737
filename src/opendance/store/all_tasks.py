"""Tasks of all accounts, for the operator: found without a look at what was asked for.

There is no index for each filter. A list goes through tasks in bites, newest first, and lets others have their turn
between two: however many there are and however few are meant, no other request waits for it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from opendance.store.database import Connection
from opendance.store.listing import Position
from opendance.store.tables import Task
from opendance.store.tasks import TaskRecord, record_of
from opendance.task import LIVE, Status

_TASK = Task.__table__
_BITE = 500


@dataclass(frozen=True)
class WhichTasks:
    """Which tasks; None is any.

    Attributes:
        part_of_id: letters and digits somewhere in the id.
        engine: that made it, or makes it at an upstream.
        created_from, created_before: unix time; only the first is included.
    """

    account_id: str | None = None
    status: Status | None = None
    model: str | None = None
    engine: str | None = None
    error_code: str | None = None
    part_of_id: str | None = None
    created_from: float | None = None
    created_before: float | None = None

    def condition(self, dialect: str) -> ColumnElement[bool]:
        """All that is asked for, of one row."""
        columns = ("account_id", "status", "model", "engine", "error_code")
        wanted = {name: value for name in columns if (value := getattr(self, name)) is not None}
        conditions = [true(), *(getattr(Task, name) == str(value) for name, value in wanted.items())]
        if self.part_of_id is not None:
            position = func.instr if dialect == "sqlite" else func.strpos
            conditions.append(position(Task.id, self.part_of_id.lower()) > 0)
        if self.created_from is not None:
            conditions.append(Task.created >= self.created_from)
        if self.created_before is not None:
            conditions.append(Task.created < self.created_before)
        return and_(*conditions)


async def find_task(connection: Connection, task_id: str) -> TaskRecord | None:
    """The task, whoever's it is."""
    row = (await connection.execute(select(_TASK).where(Task.id == task_id))).mappings().first()
    return None if row is None else record_of(row)


async def list_all_tasks(
    connection: Connection, which: WhichTasks, *, limit: int, after: Position | None = None
) -> list[TaskRecord]:
    """The tasks of all accounts, newest first, to the second.

    Args:
        after: the page before ended there.
    """
    is_meant = which.condition(connection.dialect.name).label("is_meant")
    ids: list[str] = []
    while len(ids) < limit:
        query = select(Task.id, Task.created, is_meant).where(*_walked(which, after)).order_by(*_order(which))
        rows = (await connection.execute(query.limit(_BITE))).all()
        ids += [row.id for row in rows if row.is_meant]
        if len(rows) < _BITE:
            break
        after = Position(rows[-1].created, rows[-1].id)
        await asyncio.sleep(0)
    rows = await connection.execute(select(_TASK).where(Task.id.in_(ids[:limit])))
    tasks = {row["id"]: record_of(row) for row in rows.mappings()}
    return [tasks[task_id] for task_id in ids[:limit] if task_id in tasks]


def _walked(which: WhichTasks, after: Position | None) -> list[ColumnElement[bool]]:
    """The range of an index that the list goes through.

    Ids begin with the second of their creation: the table's key has them in their order. Tasks of an account, and
    those that have not ended, have indexes of their own.
    """
    conditions: list[ColumnElement[bool]] = []
    if which.account_id is not None:
        conditions.append(Task.account_id == which.account_id)
        if after is not None:
            # The first half is what an index can begin at.
            conditions += [Task.created <= after.at, or_(Task.created < after.at, Task.id < after.task_id)]
        return conditions
    if which.status is not None and which.status.value in LIVE:
        conditions.append(Task.status == which.status.value)
    if after is not None:
        conditions.append(Task.id < after.task_id)
    if which.created_before is not None:
        conditions.append(Task.id < _first_id_of(which.created_before + 1))
    if which.created_from is not None:
        conditions.append(Task.id >= _first_id_of(which.created_from))
    return conditions


def _order(which: WhichTasks) -> tuple[ColumnElement[Any], ...]:
    return (Task.id.desc(),) if which.account_id is None else (Task.created.desc(), Task.id.desc())


def _first_id_of(moment: float) -> str:
    """Before all ids of the second that `moment` (unix time) is in, and behind all before it."""
    return f"task-unified-{max(0, int(moment)):010d}-"
