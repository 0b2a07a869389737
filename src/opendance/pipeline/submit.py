"""From an order that is right to a task that waits: one transaction of limits, credits, the queue and the task."""

from __future__ import annotations

import hashlib
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Protocol

from opendance.billing import most_it_can_cost
from opendance.changes import Changes
from opendance.credits import Charge, shown
from opendance.engines.routes import Routes
from opendance.errors import (
    InsufficientQuota,
    InternalError,
    InvalidRequest,
    KeyCredits,
    ModelAccessDenied,
    RateLimitExceeded,
    TaskNotFound,
)
from opendance.fate import TEST_KEY, Fate, Kind
from opendance.links import Links
from opendance.order import Order
from opendance.pipeline.estimate import Estimator
from opendance.pipeline.inputs import sources_named
from opendance.queue.base import Queue
from opendance.store.accounts import Group, live_tasks_of_group
from opendance.store.audit import PromptPolicy, record
from opendance.store.database import Connection, Database, Request
from opendance.store.group_commit import GroupCommit
from opendance.store.idempotency import claim_idempotency_key, read_idempotency_key
from opendance.store.keys import Caller, use_of_key
from opendance.store.ledger import reserve
from opendance.store.statements import StatementResult
from opendance.store.tasks import TaskRecord, create_task, get_task
from opendance.store.turns import Turn, take_turn_and_ask
from opendance.task import new_task_id
from opendance.telemetry.metrics import CREDITS
from opendance.telemetry.traces import traceparent

_LONGEST_WAIT = 600  # s that Retry-After asks for at most


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
class Payer:
    """For whom a task is made.

    Attributes:
        key_id: the key that its credits count for, where one is known.
        actor: who asks for it, for the audit log.
    """

    account_id: str
    group: Group
    key_id: str | None
    actor: str


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


class Limits(Protocol):
    """What must hold for a task beside that it can be paid."""

    @property
    def questions(self) -> Sequence[Request]:
        """What is asked while the account is locked."""
        ...

    def check(self, turn: Turn, charge: Charge, answers: Sequence[StatementResult]) -> None:
        """Told the most that the task can cost, and what was answered; raises where it must not be made."""
        ...


class NoLimits:
    """Nothing."""

    questions: Sequence[Request] = ()

    def check(self, turn: Turn, charge: Charge, answers: Sequence[StatementResult]) -> None:
        """It may be made."""


_NOTHING = NoLimits()


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
        self._commits = GroupCommit(database)
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
        task_id = new_task_id(now)
        payer = Payer(caller.account_id, caller.group, caller.key.id, caller.key.prefix)
        limits = _LimitsOf(caller, lambda: self._estimator.engine_seconds(order))

        async def create(connection: Connection) -> tuple[str | None, TaskRecord | None]:
            known = None if repetition is None else await _known_task(connection, caller, repetition, task_id)
            if known is not None:
                return known, None
            return None, await self.create_in(
                connection, payer, order, task_id=task_id, now=now, wire=wire, base_url=base_url, limits=limits
            )

        known, task = await self._commits.run(caller.account_id, create)
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

    async def create_in(
        self,
        connection: Connection,
        payer: Payer,
        order: Order,
        *,
        task_id: str,
        now: float,
        wire: str,
        base_url: str,
        limits: Limits = _NOTHING,
    ) -> TaskRecord:
        """The task with its place in the queue, in a transaction with something else; `tell` follows once committed.

        Args:
            task_id, now: new, and the unix time that it was made with.
            limits: what must hold for it beside that it can be paid.

        Raises:
            InsufficientQuota: the account has fewer credits than the video can cost.
        """
        group = payer.group
        ratio = price_ratio_of(group, order)
        listed = most_it_can_cost(order)
        charge = listed if ratio == 1 else most_it_can_cost(order, price_ratio=ratio)
        turn, answers = await take_turn_and_ask(
            connection, payer.account_id, limits.questions, list_price=listed.credits, priority=group.priority
        )
        limits.check(turn, charge, answers)
        task = TaskRecord(
            id=task_id,
            account_id=payer.account_id,
            user_group=group.name,
            model=order.model,
            order=order,
            seed=_seed_of(order),
            created=now,
            estimated_time=self._estimator.seconds_until_done(order),
            credits_reserved=charge.credits,
            price_ratio=ratio,
            key_id=payer.key_id,
            wire=wire,
            base_url=base_url,
            trace=traceparent(),
            start_tag=turn.start_tag,
            queue_cost=turn.cost,
            queue_rank=turn.rank,
        )
        await create_task(connection, task, sources=sources_named(task, self._links))
        await record(
            connection,
            "task.created",
            actor=payer.actor,
            account_id=payer.account_id,
            task_id=task.id,
            detail=_asked(order, self._prompts),
        )
        await self._queue.enqueue(connection, self._routes.lane_of(order.catalog_model))
        await reserve(
            connection,
            payer.account_id,
            task.id,
            charge.credits,
            key_id=payer.key_id,
            balance=turn.balance,
        )
        return task

    def tell(self, task: TaskRecord) -> None:
        """A task was created: count it, and wake a worker and those who watch the account."""
        CREDITS.labels("reserve").inc(float(task.credits_reserved))
        self._estimator.add(task.order)
        self._queue.notify()
        if self._changes is not None:
            self._changes.tell(task.account_id)


async def _known_task(connection: Connection, caller: Caller, repetition: Repetition, task_id: str) -> str | None:
    """The id of the task that the same request created before; else None, and the key stands for `task_id`."""
    return await claim_idempotency_key(
        connection, caller.account_id, repetition.key, body_sha256=repetition.body_sha256, task_id=task_id
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


class _LimitsOf:
    """Those of a caller that only the transaction can tell.

    The account is locked, so of two at once only one takes what is left.

    Args:
        wait: gives the s until a task of the caller may have ended.
    """

    def __init__(self, caller: Caller, wait: Callable[[], float]) -> None:
        self._caller, self._wait = caller, wait
        key, group = caller.key, caller.group
        self._of_key = [use_of_key(key.id)] if key.credit_limit is not None or key.max_tasks is not None else []
        self._of_group = live_tasks_of_group(group.name) if group.total_max_tasks is not None else ()
        self.questions: Sequence[Request] = [*self._of_key, *self._of_group]

    def check(self, turn: Turn, charge: Charge, answers: Sequence[StatementResult]) -> None:
        """Told the most that the task can cost.

        Raises:
            InsufficientQuota: the key may use less.
            RateLimitExceeded: there are as many tasks as there may be.
        """
        key, group, needed = self._caller.key, self._caller.group, charge.credits
        if self._of_key:
            use = answers[0].one()
            self._check_tasks_at_once("key", use.live_tasks, key.max_tasks)
            left = key.credits_left(use.used)
            if left is not None and left < needed:
                limit = key.credit_limit or left
                error = InsufficientQuota(
                    problem=f"this key may use {shown(left)} more credits of its {shown(limit)}, this video needs "
                    f"{shown(needed)}; raise the key's limit, use another key, or choose a shorter or smaller video"
                )
                figures = [float(each) for each in (limit, use.used, left, needed, turn.balance)]
                error.of_key = KeyCredits(key.name, *figures)
                raise error
        self._check_tasks_at_once("account", turn.live_tasks, self._caller.max_tasks)
        if self._of_group:
            self._check_tasks_at_once("group", answers[-1].scalar() or 0, group.total_max_tasks)

    def _check_tasks_at_once(self, level: str, live: int, most: int | None) -> None:
        if most is not None and live >= most:
            raise RateLimitExceeded(
                problem=f"this {level} has {live} tasks that wait or run, it may have {most} at once; wait until one "
                "ends",
                retry_after=max(1, min(_LONGEST_WAIT, math.ceil(self._wait()))),
            )
