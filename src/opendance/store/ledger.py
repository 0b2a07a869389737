"""The ledger: every movement of credits, one row each, never changed.

    topup    + what was paid          reserve  - the most that a task can cost
    adjust   ± by the operator        settle   + of it, what the task did not cost
                                      refund   + of it, everything

An account's balance is what its rows sum to. The database itself keeps it so, and refuses a balance below zero, a
second row of one kind for a task, a second end of a task, and any change of a row (migration 0003).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from opendance.credits import FULLEST, Charge, PriceLine, shown
from opendance.errors import InsufficientQuota, InvalidRequest, ReferenceConflict
from opendance.store.database import Connection
from opendance.store.tables import Account, LedgerEntry, Task
from opendance.task import LIVE

EntryKind = Literal["topup", "reserve", "settle", "refund", "adjust"]
_NOTHING = Decimal(0)
_INSERT = insert(LedgerEntry).inline()  # nobody asks for its number


@dataclass(frozen=True)
class LedgerRecord:
    """One row.

    Attributes:
        amount: credits, negative where they left the account.
        reason: why, of what the operator did.
        lines: what the task cost, of a settlement.
    """

    id: int
    account_id: str
    kind: EntryKind
    amount: Decimal
    task_id: str | None
    key_id: str | None
    reason: str | None
    reference: str | None
    lines: list[PriceLine] | None
    created: float


_COLUMNS = [getattr(LedgerEntry, name) for name in LedgerRecord.__dataclass_fields__]


async def _add(connection: Connection, account_id: str, kind: EntryKind, amount: Decimal, **facts: Any) -> None:
    await connection.send(
        _INSERT, {"account_id": account_id, "kind": kind, "amount": amount, "created": time.time(), **facts}
    )


async def _check_room(connection: Connection, account_id: str, amount: Decimal) -> None:
    balance = (await connection.execute(select(Account.balance).where(Account.id == account_id))).scalar() or _NOTHING
    if balance + amount > FULLEST:
        raise InvalidRequest(
            problem=f"credits: an account holds {shown(FULLEST)} at most, and this one {shown(balance)} already"
        )


async def top_up(
    connection: Connection, account_id: str, amount: Decimal, *, reason: str, reference: str | None = None
) -> bool:
    """Add credits; False where a top-up with this reference was made before (then nothing is added).

    Args:
        reference: of the payment; the same one is never booked twice on one account.

    Raises:
        ReferenceConflict: it was booked with another amount.
        InvalidRequest: the account would hold more than an account can.
    """
    if reference is not None:
        known = select(LedgerEntry.amount).where(
            LedgerEntry.account_id == account_id, LedgerEntry.reference == reference
        )
        booked = (await connection.execute(known)).scalar()
        if booked is not None and booked != amount:
            raise ReferenceConflict(reference=reference, booked=shown(booked), given=shown(amount))
        if booked is not None:
            return False
    await _check_room(connection, account_id, amount)
    await _add(connection, account_id, "topup", amount, reason=reason, reference=reference)
    return True


async def adjust(connection: Connection, account_id: str, amount: Decimal, *, reason: str) -> None:
    """Add or take credits.

    Raises:
        InsufficientQuota: more would be taken than there is.
        InvalidRequest: the account would hold more than an account can.
    """
    await _check_room(connection, account_id, amount)
    entry = {"account_id": account_id, "kind": "adjust", "amount": amount, "reason": reason, "created": time.time()}
    try:
        await connection.execute(_INSERT, entry)
    except IntegrityError:
        raise InsufficientQuota(problem=f"the account holds less than {shown(-amount)} credits") from None


@dataclass(frozen=True)
class Reservation:
    """The most that a task can cost, set aside: `amount` credits."""

    account_id: str
    task_id: str
    amount: Decimal
    key_id: str | None


async def reserve(
    connection: Connection, account_id: str, task_id: str, amount: Decimal, *, key_id: str | None, balance: Decimal
) -> None:
    """Set the most that a task can cost aside.

    Args:
        balance: of the account, as this transaction has locked it.

    Raises:
        InsufficientQuota: the account holds less.
    """
    check_balance(balance, amount)
    await reserve_all(connection, [Reservation(account_id, task_id, amount, key_id)])


async def reserve_all(connection: Connection, reservations: Sequence[Reservation]) -> None:
    """Set aside what accounts hold, as this transaction has locked them and `check_balance` has told."""
    now = time.time()
    rows = [
        {
            "account_id": each.account_id,
            "kind": "reserve",
            "amount": -each.amount,
            "created": now,
            "task_id": each.task_id,
            "key_id": each.key_id,
        }
        for each in reservations
    ]
    await connection.send_rows(_INSERT, rows)


def check_balance(balance: Decimal, amount: Decimal) -> None:
    """Whether an account that holds `balance` can set `amount` aside.

    Raises:
        InsufficientQuota: it holds less.
    """
    if balance < amount:
        raise InsufficientQuota(
            problem=f"the account holds {shown(balance)} credits, this video needs {shown(amount)}; top up, or choose "
            "a shorter or smaller video"
        )


async def end_reservation(connection: Connection, task_id: str, charge: Charge | None) -> Decimal:
    """Give back what was set aside for a task and not charged; gives what was charged.

    A task without a reservation (from before there was a ledger) is charged nothing. A charge over the reservation is
    cut to it: the reservation is the most that the user agreed to.

    Args:
        charge: what the task cost; None where it did not succeed, then all goes back.
    """
    query = select(LedgerEntry.account_id, LedgerEntry.key_id, LedgerEntry.amount).where(
        LedgerEntry.task_id == task_id, LedgerEntry.kind == "reserve"
    )
    row = (await connection.execute(query)).first()
    if row is None:
        return _NOTHING
    reserved = -row.amount
    used = _NOTHING if charge is None else min(charge.credits, reserved)
    await _add(
        connection,
        row.account_id,
        "refund" if charge is None else "settle",
        reserved - used,
        task_id=task_id,
        key_id=row.key_id,
        lines=None if charge is None else charge.as_json(),
    )
    return used


async def list_entries(
    connection: Connection, account_id: str, *, task_id: str | None = None, before: int | None = None, limit: int = 100
) -> list[LedgerRecord]:
    """The account's rows, newest first: all, or those of one task.

    Args:
        before: id of the last row of the page before.
    """
    query = select(*_COLUMNS).where(LedgerEntry.account_id == account_id)
    if task_id is not None:
        query = query.where(LedgerEntry.task_id == task_id)
    if before is not None:
        query = query.where(LedgerEntry.id < before)
    rows = await connection.execute(query.order_by(LedgerEntry.id.desc()).limit(limit))
    return [LedgerRecord(*row) for row in rows]


async def sum_of_entries(connection: Connection, account_id: str) -> Decimal:
    """What the account's rows sum to, which is its balance."""
    query = select(func.coalesce(func.sum(LedgerEntry.amount), 0)).where(LedgerEntry.account_id == account_id)
    return Decimal((await connection.execute(query)).scalar() or 0)


async def used_credits(connection: Connection, account_id: str) -> Decimal:
    """What the account's tasks took, with what is reserved for those under way."""
    query = select(func.sum(LedgerEntry.amount)).where(
        LedgerEntry.account_id == account_id, LedgerEntry.kind.in_(("reserve", "settle", "refund"))
    )
    return -Decimal((await connection.execute(query)).scalar() or 0)


async def live_and_reserved(connection: Connection, account_id: str) -> tuple[int, Decimal]:
    """How many of the account's tasks wait or run, and the credits that are set aside for them."""
    columns = (func.count().label("live"), func.coalesce(func.sum(Task.credits_reserved), 0).label("reserved"))
    query = select(*columns).where(Task.account_id == account_id, Task.status.in_(LIVE))
    row = (await connection.execute(query)).one()
    return row.live, Decimal(row.reserved)
