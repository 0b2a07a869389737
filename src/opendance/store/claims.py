"""What workers do with tasks: take one, tell how far it is, find out that it is in other hands.

They act for the server, not for an account.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, not_, or_, select, update

from opendance.catalog import MODELS, Mode, model_of
from opendance.patience import Fitting
from opendance.store import journal
from opendance.store.database import Connection, Request
from opendance.store.tables import Task, UserGroup
from opendance.store.tasks import TaskRecord, change_task
from opendance.store.turns import begin_turn
from opendance.task import LIVE, Status

_TASK = Task.__table__
WITH_FILES = frozenset(name for name, model in MODELS.items() if model.mode is not Mode.TEXT)
"""Models whose tasks name files."""
_AS_TEXT = {name: model_of(Mode.TEXT, model.tier).id for name, model in MODELS.items() if model.mode is Mode.REFERENCE}
"""Models whose tasks need not name any, each with the model that such a task is made as."""
_NAMES_FILES = _TASK.c.order["links"].as_string() != "[]"


async def claim_task(
    connection: Connection,
    owner: str,
    *,
    alone: bool,
    models: Collection[str] | None = None,
    busy: Collection[str] = (),
    fitting: Fitting | None = None,
) -> TaskRecord | None:
    """Take a task: one that was left behind, else the one whose turn it is.

    Args:
        owner: who takes it.
        alone: whether no other process works on this database: then every task that runs and is not the owner's was
            left by a dead one. Otherwise only what this owner took before was left, by its earlier life.
        models: only tasks of these; None for all.
        busy: accounts of which no more tasks that name files are taken.
        fitting: models whose new tasks come before the one whose turn it is, while that one's patience lasts.
    """
    first = frozenset[str]() if fitting is None else fitting.models
    if models is not None and first.issuperset({*models, *(_AS_TEXT[name] for name in models if name in _AS_TEXT)}):
        first = frozenset[str]()
    mine = func.coalesce(_TASK.c.owner, "") == owner
    runs = (_TASK.c.status == Status.PROCESSING.value) & _TASK.c.parked_until.is_(None)
    left_behind = runs & (~mine if alone else mine)
    came_back = runs & _TASK.c.owner.is_(None)
    queries: list[Request] = []
    pending = _TASK.c.status == Status.PENDING.value
    fits = [pending & _needs_what(first)] if first else []
    for which in (left_behind, came_back, pending, *fits):
        query = select(_TASK.c.id, _TASK.c.start_tag).where(which)
        if alone or which is not left_behind:  # what this owner took before it goes on with, whatever else there is
            if models is not None:
                query = query.where(_TASK.c.model.in_(models))
            if busy:
                query = query.where(not_(and_(_TASK.c.account_id.in_(busy), _TASK.c.model.in_(WITH_FILES))))
        query = query.order_by(_TASK.c.start_tag, _TASK.c.queue_rank, _TASK.c.created, _TASK.c.id).limit(1)
        queries.append((query.with_for_update(skip_locked=True), None))
    left, back, new, *fit = [answer.first() for answer in await connection.execute_all(*queries)]
    if fitting is not None and new is not None and not fitting.is_left(new.id):
        fit = []
    candidate = next((each for each in (left, back, *fit, new) if each is not None), None)
    if candidate is None:
        return None
    if fitting is not None:
        if new is not None and candidate in fit and candidate.id != new.id:
            fitting.pass_over(new.id)
        fitting.forget(candidate.id)
    task = await change_task(
        connection,
        candidate.id,
        LIVE,
        status=Status.PROCESSING.value,
        owner=owner,
        started=func.coalesce(_TASK.c.started, time.time()),
        attempts=_TASK.c.attempts + 1,
    )
    await begin_turn(connection, candidate.start_tag)  # last: every other claim waits for its row
    return task


def _needs_what(models: frozenset[str]) -> ColumnElement[bool]:
    """Tasks that need the weights which tasks of these models do, with all that they may name."""
    bare = {name for name, text in _AS_TEXT.items() if text in models}
    model = _TASK.c.model
    return or_(
        model.in_({name for name in models if name not in _AS_TEXT} | (bare & models)),
        model.in_({name for name in models if name in _AS_TEXT} - bare) & _NAMES_FILES,
        model.in_(bare - models) & not_(_NAMES_FILES),
    )


async def give_back(connection: Connection, task: TaskRecord) -> None:
    """The worker that claimed it as `task` leaves it to whoever looks next."""
    mine = (Task.id == task.id) & (Task.status == Status.PROCESSING.value) & (Task.attempts == task.attempts)
    await connection.execute(update(Task).where(mine).values(owner=None))


async def count_waiting(connection: Connection, models: Collection[str], *, older_than: float) -> int:
    """How many tasks of `models` wait for a worker, or came back from where they were parked.

    Args:
        older_than: s; younger ones are left out, but not those that a clock which was wrong made in the future.
    """
    came_back = (_TASK.c.status == Status.PROCESSING.value) & _TASK.c.parked_until.is_(None) & _TASK.c.owner.is_(None)
    query = select(func.count()).where(
        or_(_TASK.c.status == Status.PENDING.value, came_back),
        _TASK.c.model.in_(models),
        not_(_TASK.c.created.between(time.time() - older_than, time.time())),
    )
    return (await connection.execute(query)).scalar() or 0


async def tasks_to_stop(connection: Connection, task_ids: Collection[str]) -> set[str]:
    """Which of these, which run here, nobody wants any more: they were asked to stop, or were ended by others."""
    stops = or_(_TASK.c.cancel_requested != 0, _TASK.c.status.not_in(LIVE))
    return {row.id for row in await connection.execute(select(Task.id).where(Task.id.in_(task_ids), stops))}


async def is_any_waiting(connection: Connection) -> bool:
    """Whether any task waits for a worker."""
    query = select(Task.id).where(Task.status == Status.PENDING.value).limit(1)
    return (await connection.execute(query)).first() is not None


async def advance_task(connection: Connection, task: TaskRecord, *, stage: str, progress: int) -> bool:
    """Record the stage and progress of a running task; progress never goes back. Gives whether anything changed."""
    changes = or_(func.coalesce(_TASK.c.stage, "") != stage, _TASK.c.progress < progress)
    row = await change_task(
        connection,
        task.id,
        (Status.PROCESSING.value,),
        extra=changes & (_TASK.c.attempts == task.attempts),
        stage=stage,
        progress=case((_TASK.c.progress < progress, progress), else_=_TASK.c.progress),  # TK-03
    )
    return row is not None


async def is_claim_held(connection: Connection, task: TaskRecord) -> bool:
    """Whether the running task is in the hands of the worker that claimed it as `task`.

    Each claim counts one attempt more, so that a worker that was taken for dead finds out. The row stays locked.
    """
    query = select(_TASK.c.status, _TASK.c.attempts).where(_TASK.c.id == task.id).with_for_update()
    row = (await connection.execute(query)).first()
    return row is not None and row.status == Status.PROCESSING.value and row.attempts == task.attempts


_FACTS = (
    select(Task.cancel_requested, UserGroup.engines)
    .outerjoin(UserGroup, UserGroup.name == Task.user_group)
    .where(Task.id == bindparam("of_task"))
)


@dataclass(frozen=True)
class WalkFacts:
    """What a worker has to know of a task before it works on it.

    Attributes:
        journal: its entries as JSON, by name.
        engines: those that its group may use; None for all.
        cancel_requested: its owner asked to stop it.
    """

    journal: dict[str, Any]
    engines: tuple[str, ...] | None
    cancel_requested: bool


async def read_walk_facts(connection: Connection, task: TaskRecord) -> WalkFacts:
    """In one round trip."""
    kept, facts = await connection.execute_all(journal.question(task.id), (_FACTS, {"of_task": task.id}))
    row = facts.first()
    engines = None if row is None or row.engines is None else tuple(row.engines)
    return WalkFacts(journal.answer(kept), engines, row is not None and bool(row.cancel_requested))
