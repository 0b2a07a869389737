"""Whether tasks may be made, as only their transaction can tell: credits, tasks at once, and the place in the queue.

Accounts are locked, so of two transactions at once only one takes what is left. In one transaction each task that is
admitted counts for those behind it.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from opendance.credits import Charge, shown
from opendance.errors import InsufficientQuota, KeyCredits, RateLimitExceeded
from opendance.store.accounts import Group, live_tasks_of_group
from opendance.store.database import Connection, Request
from opendance.store.keys import Caller, use_of_key
from opendance.store.ledger import check_balance
from opendance.store.turns import Comer, Turn, take_turns_and_ask

_LONGEST_WAIT = 600  # s that Retry-After asks for at most
_Level = Literal["key", "account", "group"]


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


@dataclass(frozen=True)
class Application:
    """A task that is to be made.

    Attributes:
        list_price: credits, without the group's ratio.
        charge: the most that it can cost.
        limits: whose limits hold for it; None where it only has to be paid.
        wait: gives the s until a task of the payer may have ended.
    """

    payer: Payer
    list_price: Decimal
    charge: Charge
    limits: Caller | None
    wait: Callable[[], float]


async def admit(connection: Connection, applications: Sequence[Application]) -> list[Turn]:
    """The place in the queue of each, one after the other, in one round trip.

    Raises:
        InsufficientQuota: an account or a key may use less than its task can cost.
        RateLimitExceeded: there are as many tasks of a key, an account or a group as there may be.
    """
    callers = [application.limits for application in applications if application.limits is not None]
    keys = sorted({caller.key.id for caller in callers if _is_limited(caller)})
    groups = sorted({caller.group.name for caller in callers if caller.group.total_max_tasks is not None})
    questions: list[Request] = [use_of_key(key) for key in keys]
    for group in groups:
        questions += live_tasks_of_group(group)
    comers = [Comer(each.payer.account_id, each.list_price, each.payer.group.priority) for each in applications]
    turns, answers = await take_turns_and_ask(connection, comers, questions)
    standings = _Standings()
    for application, turn in zip(applications, turns, strict=True):
        standings.balance[application.payer.account_id] = turn.balance
        standings.live_tasks["account", application.payer.account_id] = turn.live_tasks
    for key, answer in zip(keys, answers, strict=False):
        use = answer.one()
        standings.used[key] = use.used
        standings.live_tasks["key", key] = use.live_tasks
    for group, answer in zip(groups, answers[len(keys) + 1 :: 2], strict=True):  # each behind its lock
        standings.live_tasks["group", group] = answer.scalar() or 0
    for application in applications:
        standings.check(application)
        standings.count(application)
    return turns


def _is_limited(caller: Caller) -> bool:
    return caller.key.credit_limit is not None or caller.key.max_tasks is not None


@dataclass
class _Standings:
    """What accounts hold, what keys have used, and how many tasks of whom wait or run."""

    balance: dict[str, Decimal] = field(default_factory=dict)
    used: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    live_tasks: Counter[tuple[_Level, str]] = field(default_factory=Counter)

    def count(self, application: Application) -> None:
        """One more task."""
        payer, needed = application.payer, application.charge.credits
        self.balance[payer.account_id] -= needed
        self.live_tasks["account", payer.account_id] += 1
        self.live_tasks["group", payer.group.name] += 1
        if payer.key_id is not None:
            self.used[payer.key_id] += needed
            self.live_tasks["key", payer.key_id] += 1

    def check(self, application: Application) -> None:
        """Whether it may be one more.

        Raises:
            InsufficientQuota: the account holds less, or the key may use less.
            RateLimitExceeded: there are as many tasks as there may be.
        """
        if application.limits is not None:
            self._check_limits(application, application.limits)
        check_balance(self.balance[application.payer.account_id], application.charge.credits)

    def _check_limits(self, application: Application, caller: Caller) -> None:
        key, needed = caller.key, application.charge.credits
        self._check_tasks_at_once("key", key.id, key.max_tasks, application.wait)
        left = key.credits_left(self.used[key.id])
        if left is not None and left < needed:
            limit = key.credit_limit or left
            error = InsufficientQuota(
                problem=f"this key may use {shown(left)} more credits of its {shown(limit)}, this video needs "
                f"{shown(needed)}; raise the key's limit, use another key, or choose a shorter or smaller video"
            )
            figures = (limit, self.used[key.id], left, needed, self.balance[caller.account_id])
            error.of_key = KeyCredits(key.name, *map(float, figures))
            raise error
        self._check_tasks_at_once("account", caller.account_id, caller.max_tasks, application.wait)
        self._check_tasks_at_once("group", caller.group.name, caller.group.total_max_tasks, application.wait)

    def _check_tasks_at_once(self, level: _Level, who: str, most: int | None, wait: Callable[[], float]) -> None:
        live = self.live_tasks[level, who]
        if most is not None and live >= most:
            raise RateLimitExceeded(
                problem=f"this {level} has {live} tasks that wait or run, it may have {most} at once; wait until one "
                "ends",
                retry_after=max(1, min(_LONGEST_WAIT, math.ceil(wait()))),
            )
