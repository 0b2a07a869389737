"""Sending callbacks again."""

from __future__ import annotations

from opendance.errors import DeliveryWaits, NothingToDeliver, RateLimitExceeded
from opendance.pipeline.notify import Notifier
from opendance.store.accounts import lock_account
from opendance.store.database import Connection, Database
from opendance.store.deliveries import (
    DeliveryRecord,
    add_delivery,
    failed_deliveries,
    list_deliveries,
    waiting_deliveries,
)
from opendance.store.tasks import TaskRecord

_MOST_WAITING = 50  # callbacks of an account, from which on none is sent again
_LOOK_AGAIN = 10  # s; a try takes no longer


async def redeliver(database: Database, notifier: Notifier, task: TaskRecord) -> list[DeliveryRecord]:
    """Queue the task's callback once more; gives all its callbacks, the new one last.

    Raises:
        NothingToDeliver: it has no callback, or has not ended.
        DeliveryWaits: one is on its way.
        RateLimitExceeded: as many of the account are on their way as it may have sent again.
    """
    async with database.write() as connection:
        await redeliver_in(connection, task)
        deliveries = await list_deliveries(connection, task.account_id, task.id)
    notifier.notify()
    return deliveries


async def redeliver_in(connection: Connection, task: TaskRecord) -> None:
    """The same, as a part of another transaction, after which a notifier looks."""
    url = task.order.callback_url
    if url is None or not task.status.terminal:
        why = "it has no callback_url" if url is None else f"it is still {task.status.value}"
        raise NothingToDeliver(task_id=task.id, why=why)
    await lock_account(connection, task.account_id)  # of two requests at once, the second sees the first's
    of_account, of_task = await waiting_deliveries(connection, task.account_id, task.id)
    if of_task:
        raise DeliveryWaits(task_id=task.id)
    _places_left(of_account)
    await add_delivery(connection, account_id=task.account_id, task_id=task.id, url=url)


async def redeliver_failed(database: Database, notifier: Notifier, account_id: str) -> tuple[int, int]:
    """Queue callbacks of the account that were given up once more, the oldest first, as many as may be on their way.

    Returns:
        How many were queued, and how many are left for another time.

    Raises:
        RateLimitExceeded: as many of the account are on their way as it may have sent again.
    """
    async with database.write() as connection:
        sent_and_left = await redeliver_failed_in(connection, account_id)
    notifier.notify()
    return sent_and_left


async def redeliver_failed_in(
    connection: Connection, account_id: str, *, host: str | None = None, since: float | None = None
) -> tuple[int, int]:
    """The same, as a part of another transaction, after which a notifier looks.

    Args:
        host: only those to it.
        since: only those made from then on, unix time.
    """
    await lock_account(connection, account_id)
    of_account, _ = await waiting_deliveries(connection, account_id, "")
    limit = _places_left(of_account)
    failed, number = await failed_deliveries(connection, account_id, limit=limit, host=host, since=since)
    for delivery in failed:
        await add_delivery(connection, account_id=account_id, task_id=delivery.task_id, url=delivery.url)
    return len(failed), number - len(failed)


def _places_left(of_account: int) -> int:
    """How many callbacks of an account may be sent again while so many are on their way.

    Raises:
        RateLimitExceeded: none.
    """
    if of_account >= _MOST_WAITING:
        raise RateLimitExceeded(
            problem=f"{of_account} callbacks of this account are on their way; wait until some have ended",
            retry_after=_LOOK_AGAIN,
        )
    return _MOST_WAITING - of_account
