"""From an order that is right to a task that waits: one transaction of limits, credits, the queue and the task."""

from __future__ import annotations

import hashlib
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Any

from opendance.billing import most_it_can_cost
from opendance.changes import Changes
from opendance.engines.routes import Routes
from opendance.errors import (
    InsufficientQuota,
    InternalError,
    InvalidRequest,
    ModelAccessDenied,
    RateLimitExceeded,
    TaskNotFound,
)
from opendance.fate import TEST_KEY, Fate, Kind
from opendance.links import Links
from opendance.order import Order
from opendance.pipeline.admission import Application, Payer, admit
from opendance.pipeline.estimate import Estimator
from opendance.pipeline.inputs import sources_named
from opendance.queue.base import Queue
from opendance.store.accounts import Group, lock_accounts
from opendance.store.audit import Occurrence, PromptPolicy, record_all
from opendance.store.database import Connection, Database
from opendance.store.group_commit import GroupCommit
from opendance.store.idempotency import claim_idempotency_key, read_idempotency_key
from opendance.store.keys import Caller
from opendance.store.ledger import Reservation, reserve_all
from opendance.store.tasks import TaskRecord, create_tasks, get_task
from opendance.task import new_task_id
from opendance.telemetry.metrics import CREDITS
from opendance.telemetry.traces import traceparent


@dataclass(frozen=True)
class Repetition:
    """How a request is known again when it is sent once more.

    Attributes:
        key: that the client chose.
        body_sha256: of what it asked for; another request under the same key is a mistake.
    """

    key: str
    body_sha256: str


@dataclass(frozen=True)
class Submitted:
    """A task that was created, or that the same request created before."""

    task: TaskRecord
    replayed: bool = False


@dataclass(frozen=True)
class Creation:
    """A task that is asked for, read and allowed but for what only its transaction can tell.

    Attributes:
        task_id, now: new, and the unix time that it was made with.
        wire: the name of the one that it came by.
        base_url: of the links in the task's results.
        limits: whose limits hold for it; None where it only has to be paid.
        repetition: within 24 hours the same gives the same task.
        trace: of the request that asks for it.
    """

    payer: Payer
    order: Order
    task_id: str
    now: float
    wire: str
    base_url: str
    limits: Caller | None = None
    repetition: Repetition | None = None
    trace: str | None = field(default_factory=traceparent)


def check_access(caller: Caller, order: Order, routes: Routes) -> None:
    """Whether the caller may have videos of the model.

    Raises:
        ModelAccessDenied: the key, or the caller's group, has no access to it.
    """
    allowed = caller.key.models
    if allowed is not None and order.model not in allowed:  # AU-03
        raise ModelAccessDenied(model=order.model, allowed=", ".join(allowed) or "none")
    model, engines = order.catalog_model, caller.group.engines
    if engines is not None and routes.of(model) and routes.engine_for(model, engines) is None:
        raise ModelAccessDenied(model=order.model, allowed=f"models of the engines {', '.join(engines) or 'none'}")


def check_engines(order: Order, estimator: Estimator) -> None:
    """Whether an engine can make such a video, within its time.

    Raises:
        InvalidRequest: none can.
    """
    if not order.sandbox and (problem := estimator.refusal(order)) is not None:
        raise InvalidRequest(problem=problem)


def for_caller(caller: Caller, order: Order) -> Order:
    """The order as the caller's key has it: one of a test key is of the sandbox.

    Raises:
        InvalidRequest: a fate is chosen with a key that is none of the sandbox.
    """
    if caller.key.is_test:
        return replace(order, sandbox=True)
    if order.simulate is not None:
        raise InvalidRequest(problem=f"model_params.simulate: is for test keys ({TEST_KEY}…); leave it out")
    return order


def price_ratio_of(group: Group, order: Order) -> Decimal:
    """What the price of an order is multiplied by: nothing is paid in the sandbox."""
    return Decimal(0) if order.sandbox else group.price_ratio


class Submitter:
    """Takes orders.

    Args:
        prompts: how a prompt stands in the audit log.
        changes: told of new tasks, where somebody watches them in this process.
    """

    def __init__(
        self,
        database: Database,
        queue: Queue,
        estimator: Estimator,
        routes: Routes,
        links: Links,
        prompts: PromptPolicy,
        changes: Changes | None = None,
    ) -> None:
        self._database, self._queue, self._estimator = database, queue, estimator
        self._commits = GroupCommit(database, self._create_or_know)
        self._routes, self._links, self._prompts = routes, links, prompts
        self._changes = changes

    async def submit(
        self, caller: Caller, order: Order, *, wire: str, base_url: str, repetition: Repetition | None = None
    ) -> Submitted:
        """Create the task and reserve its credits, both or neither.

        Args:
            wire: the name of the one that it came by.
            base_url: of the links in the task's results.
            repetition: within 24 hours the same gives the same task.

        Raises:
            ModelAccessDenied: the caller has no access to the model.
            InvalidRequest: no engine can make such a video; or a fate is chosen, and the key is none of the sandbox.
            InsufficientQuota: the account or the key has fewer credits than the video can cost.
            RateLimitExceeded: the key, the account or the group has as many tasks at once as it may.
            IdempotencyConflict: the key of the repetition was used for another request.
            InternalError: the sandbox is to lose the answer; the task was created.
        """
        check_access(caller, order, self._routes)
        order = for_caller(caller, order)
        check_engines(order, self._estimator)
        _refuse_as_chosen(order)
        now = time.time()
        creation = Creation(
            Payer(caller.account_id, caller.group, caller.key.id, caller.key.prefix),
            order,
            task_id=new_task_id(now),
            now=now,
            wire=wire,
            base_url=base_url,
            limits=caller,
            repetition=repetition,
        )
        known, task = await self._commits.run(caller.account_id, creation)
        if task is None:
            async with self._database.read() as connection:
                before = await get_task(connection, caller.account_id, known or "")
            if before is None:
                raise TaskNotFound(task_id=known)
            return Submitted(before, replayed=True)
        self.tell(task)
        if order.fate == Fate(Kind.ANSWER_LOST):
            raise InternalError(request_id="of the sandbox: model_params.simulate is 500")
        return Submitted(task)  # EP-02

    async def repeated(self, caller: Caller, repetition: Repetition) -> TaskRecord | None:
        """The task that the same request created before.

        Raises:
            IdempotencyConflict: the key of the repetition was used for another request.
        """
        async with self._database.read() as connection:
            known = await read_idempotency_key(
                connection, caller.account_id, repetition.key, body_sha256=repetition.body_sha256
            )
            return None if known is None else await get_task(connection, caller.account_id, known)

    async def create_in(self, connection: Connection, creation: Creation) -> TaskRecord:
        """The task with its place in the queue, in a transaction with something else; `tell` follows once committed.

        Raises:
            InsufficientQuota: the account has fewer credits than the video can cost.
        """
        [task] = await self._create(connection, [creation])
        return task

    async def _create_or_know(
        self, connection: Connection, creations: Sequence[Creation]
    ) -> list[tuple[str | None, TaskRecord | None]]:
        """Of each the id of the task that the same request created before, or else the new task."""
        known: dict[str, str] = {}
        if any(creation.repetition is not None for creation in creations):
            await lock_accounts(connection, {creation.payer.account_id for creation in creations})
            for creation in creations:
                before = await _known_task(connection, creation)
                if before is not None:
                    known[creation.task_id] = before
        created = await self._create(connection, [each for each in creations if each.task_id not in known])
        tasks = {task.id: task for task in created}
        return [(known.get(each.task_id), tasks.get(each.task_id)) for each in creations]

    async def _create(self, connection: Connection, creations: Sequence[Creation]) -> list[TaskRecord]:
        """All of them, in two round trips with the end of the transaction.

        Raises:
            InsufficientQuota, RateLimitExceeded: one cannot be paid, or is one too many at once.
        """
        if not creations:
            return []
        applications = [self._application(creation) for creation in creations]
        turns = await admit(connection, applications)
        tasks = [
            TaskRecord(
                id=creation.task_id,
                account_id=creation.payer.account_id,
                user_group=creation.payer.group.name,
                model=creation.order.model,
                order=creation.order,
                seed=_seed_of(creation.order),
                created=creation.now,
                estimated_time=self._estimator.seconds_until_done(creation.order),
                credits_reserved=application.charge.credits,
                price_ratio=price_ratio_of(creation.payer.group, creation.order),
                key_id=creation.payer.key_id,
                wire=creation.wire,
                base_url=creation.base_url,
                trace=creation.trace,
                start_tag=turn.start_tag,
                queue_cost=turn.cost,
                queue_rank=turn.rank,
            )
            for creation, application, turn in zip(creations, applications, turns, strict=True)
        ]
        await create_tasks(connection, tasks, sources={task.id: sources_named(task, self._links) for task in tasks})
        await record_all(connection, [self._occurrence(creation) for creation in creations])
        for lane, count in Counter(self._routes.lane_of(each.order.catalog_model) for each in creations).items():
            await self._queue.enqueue(connection, lane, count)
        await reserve_all(
            connection, [Reservation(task.account_id, task.id, task.credits_reserved, task.key_id) for task in tasks]
        )
        return tasks

    def _application(self, creation: Creation) -> Application:
        order = creation.order
        ratio = price_ratio_of(creation.payer.group, order)
        listed = most_it_can_cost(order)
        charge = listed if ratio == 1 else most_it_can_cost(order, price_ratio=ratio)
        wait = partial(self._estimator.engine_seconds, order)
        return Application(creation.payer, listed.credits, charge, limits=creation.limits, wait=wait)

    def _occurrence(self, creation: Creation) -> Occurrence:
        payer = creation.payer
        detail = _asked(creation.order, self._prompts)
        return Occurrence("task.created", payer.actor, detail, account_id=payer.account_id, task_id=creation.task_id)

    def tell(self, task: TaskRecord) -> None:
        """A task was created: count it, and wake a worker and those who watch the account."""
        CREDITS.labels("reserve").inc(float(task.credits_reserved))
        self._estimator.add(task.order)
        self._queue.notify()
        if self._changes is not None:
            self._changes.tell(task.account_id)


async def _known_task(connection: Connection, creation: Creation) -> str | None:
    """The task that the same request created before; else None, and the key stands for this one."""
    repetition = creation.repetition
    if repetition is None:
        return None
    return await claim_idempotency_key(
        connection,
        creation.payer.account_id,
        repetition.key,
        body_sha256=repetition.body_sha256,
        task_id=creation.task_id,
    )


def _refuse_as_chosen(order: Order) -> None:
    if order.fate is None:
        return
    if order.fate.kind is Kind.NO_CREDITS:
        raise InsufficientQuota(problem="the sandbox refuses it: model_params.simulate is 402")
    if order.fate.kind is Kind.TOO_MANY:
        raise RateLimitExceeded(problem="the sandbox refuses it: model_params.simulate is 429", retry_after=1)


def _seed_of(order: Order) -> int:
    """The seed that is asked for, or any; in the sandbox the same each time."""
    if order.seed is not None:
        return order.seed
    if order.sandbox:
        return int.from_bytes(hashlib.sha256(order.prompt.encode()).digest()[:4])
    return random.SystemRandom().randrange(2**32)


def _asked(order: Order, prompts: PromptPolicy) -> dict[str, Any]:
    """What was asked for, for the audit log: media by their number, as their links can be secret."""
    media = Counter(f"{link.kind}_urls" for link in order.links)
    return {
        "model": order.model,
        **prompts.entry(order.prompt),
        "duration": order.duration,
        "quality": order.quality.value,
        "content_filter": order.content_filter,
        **media,
    }
