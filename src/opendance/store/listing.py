"""Lists of an account's tasks: filtered, searched, sorted, page by page."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from opendance.catalog import AspectRatio, Quality
from opendance.order import Order
from opendance.store.database import Connection
from opendance.store.search import SEARCHED_TASKS, indexed_with, normalised, searched_text, tag_phrase
from opendance.store.tables import Task
from opendance.store.tasks import TaskRecord, record_of
from opendance.task import LIVE, Status

_TASK = Task.__table__
_BITE = 200  # live tasks that are searched at once


class Sort(StrEnum):
    """By which time, and from which end; `-` is newest first. By `finished` only those that have ended are listed."""

    NEWEST = "-created"
    OLDEST = "created"
    ENDED_LAST = "-finished"
    ENDED_FIRST = "finished"

    @property
    def column(self) -> str:
        return self.value.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.value.startswith("-")


@dataclass(frozen=True)
class Filter:
    """Which tasks; None is any.

    Attributes:
        search: a phrase in id, title, tags or prompt, see `search`.
        tag: one that it has.
        created_after, created_from, created_before: unix time; only `created_from` is included.
        engine: that made it; only tasks that have ended have one.
        ids, statuses, models: one of these.
        key_id: of the key that asked for them.
        sound: whether sound was asked for; `result`: whether the video is there.
        error_code: why it failed; `not_error_code`: not that.
        take_group: of the request that they are takes of.
        stacked: of finished takes of one request that are not hidden only the newest, and the newest that has its video
            where that one has not; whatever else is asked for, so beside nothing but times.
    """

    search: str | None = None
    tag: str | None = None
    status: Status | None = None
    model: str | None = None
    quality: Quality | None = None
    aspect_ratio: AspectRatio | None = None
    engine: str | None = None
    favourite: bool | None = None
    kept: bool | None = None
    hidden: bool | None = False
    created_after: float | None = None
    created_from: float | None = None
    created_before: float | None = None
    ids: Sequence[str] | None = None
    statuses: Sequence[Status] | None = None
    models: Sequence[str] | None = None
    key_id: str | None = None
    sound: bool | None = None
    result: bool | None = None
    error_code: str | None = None
    not_error_code: str | None = None
    take_group: str | None = None
    stacked: bool = False

    @property
    def phrases(self) -> list[str]:
        """What must be in the text of a task."""
        phrases = [] if self.tag is None else [tag_phrase(self.tag)]
        if self.search is not None and (phrase := normalised(self.search)):
            phrases.append(phrase)
        return phrases

    def conditions(self) -> list[ColumnElement[bool]]:
        """All but the phrases, of the columns that `tasks_by_account` has, but for codes of errors."""
        conditions: list[ColumnElement[bool]] = []
        for name in ("status", "model", "quality", "aspect_ratio", "engine", "favourite", "kept", "hidden"):
            value = getattr(self, name)
            if value is not None:
                column = getattr(Task, name)
                conditions.append((column if value else ~column) if isinstance(value, bool) else column == str(value))
        for name, column in (("ids", Task.id), ("statuses", Task.status), ("models", Task.model)):
            if (choices := getattr(self, name)) is not None:
                conditions.append(column.in_([str(choice) for choice in choices]))
        if self.take_group is not None:
            conditions.append(Task.take_group == self.take_group)
        if self.stacked:
            newer = aliased(Task)
            later = or_(newer.created > Task.created, and_(newer.created == Task.created, newer.id > Task.id))
            shows_more = _is_there(newer) | ~_is_there(Task)  # nothing to look at covers no video
            covered = exists().where(
                newer.account_id == Task.account_id,
                newer.take_group == Task.take_group,
                later,
                *_stacks(newer),
                shows_more,
            )
            conditions.append(or_(Task.status != Status.COMPLETED, ~covered))
        if self.key_id is not None:
            conditions.append(Task.key_id == self.key_id)
        if self.sound is not None:
            has_sound = Task.order["generate_audio"].as_boolean()
            conditions.append(has_sound if self.sound else ~has_sound)
        if self.result is not None:
            conditions.append(_is_there(Task) if self.result else ~_is_there(Task))
        if self.error_code is not None:
            conditions.append(Task.error_code == self.error_code)
        if self.not_error_code is not None:
            conditions.append(or_(Task.error_code.is_(None), Task.error_code != self.not_error_code))
        if self.engine is not None:
            conditions.append(Task.status.not_in(LIVE))
        if self.created_after is not None:
            conditions.append(Task.created > self.created_after)
        if self.created_from is not None:
            conditions.append(Task.created >= self.created_from)
        if self.created_before is not None:
            conditions.append(Task.created < self.created_before)
        return conditions


def _stacks(task: type[Task]) -> tuple[ColumnElement[bool], ...]:
    """Which tasks lie in a stack of takes."""
    return task.status == Status.COMPLETED, ~task.hidden


def _is_there(task: type[Task]) -> ColumnElement[bool]:
    """Whether the task's video can be looked at."""
    return task.result_key.is_not(None) & task.swept.is_(None)


@dataclass(frozen=True)
class Position:
    """Where a page ended: the sorted-by time of its last task, and that one's id."""

    at: float
    task_id: str


async def list_tasks(
    connection: Connection,
    account_id: str,
    which: Filter | None = None,
    *,
    sort: Sort = Sort.NEWEST,
    limit: int,
    after: Position | None = None,
) -> list[TaskRecord]:
    """The account's tasks, in the order of `sort`; without a filter those that are not hidden.

    Args:
        after: the page before ended there.
    """
    which = which or Filter()
    conditions = [Task.account_id == account_id, *which.conditions()]
    time, backwards = getattr(Task, sort.column), sort.descending
    if sort.column == "finished":
        conditions.append(Task.finished.is_not(None))
    if after is not None:
        further = (
            (time < after.at, Task.id < after.task_id) if backwards else (time > after.at, Task.id > after.task_id)
        )
        conditions.append(or_(further[0], and_(time == after.at, further[1])))
    order = (time.desc(), Task.id.desc()) if backwards else (time, Task.id)
    if not (phrases := which.phrases):
        return await _read(connection, Task.id.in_(_ids(conditions, order, limit)), order)
    # Live ones first: what ends meanwhile is then found twice, and not missed.
    ids: list[str] = []
    if sort.column == "created":
        live = _live_with(connection, phrases, [*conditions, Task.status.in_(LIVE)], order, limit)
        ids = [task_id async for task_id in live]
    conditions.append(await indexed_with(connection, account_id, phrases))
    ended = [row.id for row in await connection.execute(_ids(conditions, order, limit))]
    return (await _read(connection, Task.id.in_({*ids, *ended}), order))[:limit]


async def page_of_tasks(
    connection: Connection, account_id: str, which: Filter, *, offset: int, limit: int
) -> tuple[list[TaskRecord], int]:
    """The account's tasks behind the first `offset`, newest first, and how many there are in all.

    Args:
        which: without phrases: those have no number.
    """
    conditions = [Task.account_id == account_id, *which.conditions()]
    total = (await connection.execute(select(func.count()).where(*conditions))).scalar() or 0
    order = (Task.created.desc(), Task.id.desc())
    ids = _ids(conditions, order, limit).offset(offset)
    return await _read(connection, Task.id.in_(ids), order), total


async def newest_ids(connection: Connection, account_id: str, *, limit: int) -> list[str]:
    """Ids of the account's tasks, newest first."""
    query = select(Task.id).where(Task.account_id == account_id).order_by(Task.created.desc()).limit(limit)
    return [row.id for row in await connection.execute(query)]


async def changed_since(connection: Connection, account_id: str, since: float, *, limit: int) -> list[TaskRecord]:
    """The account's tasks of which something has changed since then (unix time), in the order of their changes."""
    mine = (_TASK.c.account_id == account_id) & (_TASK.c.updated >= since)
    query = select(_TASK).where(mine).order_by(_TASK.c.updated, _TASK.c.id).limit(limit)
    return [record_of(row) for row in (await connection.execute(query)).mappings()]


async def tasks_named(connection: Connection, account_id: str, ids: Sequence[str]) -> list[TaskRecord]:
    """Those of the account's tasks that have one of these ids, in the order of the ids."""
    rows = await connection.execute(select(_TASK).where(_TASK.c.account_id == account_id, _TASK.c.id.in_(ids)))
    records = {record.id: record for record in (record_of(row) for row in rows.mappings())}
    return [records[task_id] for task_id in dict.fromkeys(ids) if task_id in records]


async def count_takes(connection: Connection, account_id: str, groups: Collection[str]) -> dict[str, int]:
    """How many of the account's tasks lie in the stacks of these take groups; those of one are left out."""
    number = func.count()
    query = (
        select(Task.take_group, number.label("number"))
        .where(Task.account_id == account_id, Task.take_group.in_(groups), *_stacks(Task))
        .group_by(Task.take_group)
        .having(number > 1)
    )
    return {row.take_group: row.number for row in await connection.execute(query)}


@dataclass(frozen=True)
class Counts:
    """How many tasks a list has.

    Attributes:
        total: at most `most` of them; `is_capped`: there are more.
        by: how many of each value, by what they are told apart by; `month` is `2026-03`, UTC.
    """

    total: int
    is_capped: bool
    by: dict[str, dict[str, int]]


async def count_tasks(connection: Connection, account_id: str, which: Filter, *, most: int = 10_000) -> Counts:
    """How many of the account's tasks are listed, told apart by what lists are filtered by: of the newest `most`."""
    conditions = [Task.account_id == account_id, *which.conditions()]
    if phrases := which.phrases:
        order = (Task.created.desc(), Task.id.desc())
        live = [*conditions, Task.status.in_(LIVE)]
        ids = [task_id async for task_id in _live_with(connection, phrases, live, order, most)]
        conditions.append(or_(Task.id.in_(ids), await indexed_with(connection, account_id, phrases)))
    columns = (Task.status, Task.model, Task.quality, Task.aspect_ratio, Task.engine, Task.favourite, Task.kept)
    newest = select(*columns, Task.created).where(*conditions).order_by(Task.created.desc()).limit(most + 1)
    rows = (await connection.execute(newest)).all()
    names = ("status", "model", "quality", "ratio", "engine", "favourite", "kept", "month")
    by = {name: Counter[str]() for name in names}
    for *values, created in rows[:most]:
        month = time.strftime("%Y-%m", time.gmtime(created))
        for name, value in zip(names, map(str, (*values, month)), strict=True):
            if value != "None":
                by[name][value.lower() if name in ("favourite", "kept") else value] += 1
    return Counts(min(len(rows), most), len(rows) > most, {name: dict(counter) for name, counter in by.items()})


def _ids(conditions: Sequence[ColumnElement[bool]], order: Sequence[Any], limit: int) -> Any:
    return select(Task.id).where(*conditions).order_by(*order).limit(limit)


async def _read(connection: Connection, which: ColumnElement[bool], order: Sequence[Any]) -> list[TaskRecord]:
    """Tasks of which the ids come from an index: no row is read but of those that are shown."""
    rows = await connection.execute(select(_TASK).where(which).order_by(*order))
    return [record_of(row) for row in rows.mappings()]


async def _live_with(
    connection: Connection,
    phrases: Sequence[str],
    conditions: Sequence[ColumnElement[bool]],
    order: Sequence[Any],
    limit: int,
) -> AsyncGenerator[str]:
    """Ids of tasks that have the phrases, of those which the index has not yet."""
    ids = [row.id for row in await connection.execute(_ids(conditions, order, SEARCHED_TASKS))]
    columns = (Task.id, Task.title, Task.tags, Task.order)
    for start in range(0, len(ids), _BITE):
        bite = ids[start : start + _BITE]
        rows = {row.id: row for row in await connection.execute(select(*columns).where(Task.id.in_(bite)))}
        for row in (rows[task_id] for task_id in bite if task_id in rows):
            text = searched_text(row.id, row.title, row.tags, Order.from_json(row.order).prompt)
            if all(phrase in text for phrase in phrases):
                yield row.id
                limit -= 1
            if not limit:
                return
        await asyncio.sleep(0)  # there may be many: others have their turn
