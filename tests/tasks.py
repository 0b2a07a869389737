"""Tasks of tests that need no server: rows as they are asked for, claimed and ended."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from opendance.order import Link, Order
from opendance.plan import AssetKind
from opendance.store.database import Connection
from opendance.store.tables import Task
from opendance.store.tasks import TaskRecord, finish_task, record_of
from opendance.task import Status, new_task_id

MINI = "seedance-2.0-mini-text-to-video"
MINI_IMAGE = "seedance-2.0-mini-image-to-video"


def link(kind: AssetKind, url: str, number: int = 1) -> Link:
    """A link of the unified API."""
    return Link(kind, number, url, f"{kind}_urls[{number - 1}]")


def order(model: str = MINI, **changes: Any) -> Order:
    """Four seconds of something, unless it says otherwise."""
    return Order(**{"model": model, "prompt": "a cat walks", "duration": 4, **changes})


def waiting_task(account_id: str, asked: Order | None = None, **changes: Any) -> TaskRecord:
    """A task that was just asked for."""
    asked = asked or order()
    values = {"user_group": "default", "model": asked.model, "seed": 1, "created": 1e9, "id": new_task_id()}
    return TaskRecord(account_id=account_id, order=asked, **{**values, **changes})


async def read_task(connection: Connection, task_id: str) -> TaskRecord:
    """The task as it stands, whoever's it is."""
    row = (await connection.execute(select(Task.__table__).where(Task.id == task_id))).mappings().one()
    return record_of(row)


async def finish(connection: Connection, task_id: str, status: Status, **how: Any) -> TaskRecord | None:
    """End the task as it stands; None where it has ended already."""
    task = await read_task(connection, task_id)
    return None if task.status.terminal else await finish_task(connection, task, status, **how)
