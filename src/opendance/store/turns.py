"""Whose turn it is: start-time fair queueing between accounts.

Each task gets a start tag, max(virtual time, the end of the account's task before it), and its account's end moves on
by the task's list price over the group's priority. Workers take the smallest start tag, and the virtual time becomes
that tag. So an account that waits with a thousand tasks has tags far ahead, and another's first task goes next; over
time each busy account gets a share by its priority, measured in price. Where tags are equal, the higher priority goes
first.

The price is the measure, not the time that a task took in the end: an account's place would have to be moved again when
a task ends, under a lock that creations wait for, and by a rate between seconds and credits that each engine has
another of. What takes long without being paid for, users' files, holds no slot (`queue/slots.py`).

Source: Goyal, Vin, Cheng, "Start-time Fair Queueing", SIGCOMM 1996.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import BigInteger, bindparam, case, func, select, update

from opendance.credits import SMALLEST
from opendance.store.database import Connection, Request
from opendance.store.statements import StatementResult
from opendance.store.tables import Account, QueueClock, Task
from opendance.task import Status

_CLOCK = "tasks"
# Statements of every creation are built once.
_NOW = select(QueueClock.virtual_time).where(QueueClock.name == _CLOCK)
_now, _cost = func.coalesce(_NOW.scalar_subquery(), 0), bindparam("cost", type_=BigInteger)
_TAKE = (
    update(Account)
    .where(Account.id == bindparam("account"))
    .values(finish_tag=case((Account.finish_tag > _now, Account.finish_tag), else_=_now) + _cost)
    .returning(Account.finish_tag, Account.balance, Account.live_tasks)
)


_tag = bindparam("tag", type_=BigInteger)
_behind = select(QueueClock.name).where(QueueClock.name == _CLOCK, QueueClock.virtual_time < _tag)
_BEGIN = (
    update(QueueClock)
    .where(QueueClock.name.in_(_behind.with_for_update(skip_locked=True).scalar_subquery()))
    .values(virtual_time=_tag)
)


@dataclass(frozen=True)
class Turn:
    """A place in the queue.

    Attributes:
        balance, live_tasks: of the account, as the transaction that locks it found them.
    """

    start_tag: int
    cost: int
    rank: int
    balance: Decimal
    live_tasks: int


@dataclass(frozen=True)
class Comer:
    """A task that comes to the queue.

    Attributes:
        list_price: what it costs without the group's ratio: the measure of its work.
        priority: of its group.
    """

    account_id: str
    list_price: Decimal
    priority: int

    @property
    def cost(self) -> int:
        """By how much it moves the account's end on."""
        return max(1, int(self.list_price / SMALLEST) // self.priority)


async def take_turn(connection: Connection, account_id: str, *, list_price: Decimal, priority: int) -> Turn:
    """A place behind the account's other tasks; locks the account until the transaction ends.

    Args:
        list_price, priority: as in `Comer`.
    """
    [turn], _ = await take_turns_and_ask(connection, [Comer(account_id, list_price, priority)], ())
    return turn


async def take_turns_and_ask(
    connection: Connection, comers: Sequence[Comer], questions: Sequence[Request]
) -> tuple[list[Turn], list[StatementResult]]:
    """As `take_turn` for one after the other, with what is asked once their accounts are locked: one round trip.

    Accounts are locked in the order of their ids.
    """
    costs = [comer.cost for comer in comers]
    of_account: Counter[str] = Counter()
    for comer, cost in zip(comers, costs, strict=True):
        of_account[comer.account_id] += cost
    accounts = sorted(of_account)
    taking = [(_TAKE, {"account": account, "cost": of_account[account]}) for account in accounts]
    answers = await connection.execute_all(*taking, *questions)
    taken = {account: answer.one() for account, answer in zip(accounts, answers, strict=False)}
    tags = {account: row.finish_tag - of_account[account] for account, row in taken.items()}
    turns: list[Turn] = []
    for comer, cost in zip(comers, costs, strict=True):
        row = taken[comer.account_id]
        turns.append(
            Turn(tags[comer.account_id], cost, rank=-comer.priority, balance=row.balance, live_tasks=row.live_tasks)
        )
        tags[comer.account_id] += cost
    return turns, answers[len(accounts) :]


async def pass_turn(connection: Connection, account_id: str, start_tag: int, cost: int) -> None:
    """A task left the queue before its turn: the account's tasks behind it move up."""
    now = (await connection.execute(_NOW)).scalar() or 0

    def moved(tag: object) -> object:
        return case((tag - cost > now, tag - cost), else_=now)  # pyright: ignore

    behind = (Task.account_id == account_id) & (Task.status == Status.PENDING.value) & (Task.start_tag > start_tag)
    await connection.execute(update(Task).where(behind).values(start_tag=moved(Task.start_tag)))
    await connection.execute(
        update(Account).where(Account.id == account_id).values(finish_tag=moved(Account.finish_tag))
    )


async def begin_turn(connection: Connection, start_tag: int) -> None:
    """A task was taken: the virtual time is its start tag.

    Where another worker is just at it, it is left to that one, whose task began at the same moment: a hundred workers
    would wait for one another, and the time would be no truer than by the few tasks that they begin together.
    """
    await connection.send(_BEGIN, {"tag": start_tag})
