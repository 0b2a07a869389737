"""Sending a callback again."""

from __future__ import annotations

from opendance.errors import NothingToDeliver
from opendance.pipeline.notify import Notifier
from opendance.store.database import Database
from opendance.store.deliveries import DeliveryRecord, add_delivery, list_deliveries
from opendance.store.tasks import TaskRecord


async def redeliver(database: Database, notifier: Notifier, task: TaskRecord) -> list[DeliveryRecord]:
    """Queue the task's callback once more; gives all its callbacks, the new one last.

    Raises:
        NothingToDeliver: it has no callback, or has not ended.
    """
    url = task.order.callback_url
    if url is None or not task.status.terminal:
        why = "it has no callback_url" if url is None else f"it is still {task.status.value}"
        raise NothingToDeliver(task_id=task.id, why=why)
    async with database.write() as connection:
        await add_delivery(connection, account_id=task.account_id, task_id=task.id, url=url)
        found = await list_deliveries(connection, task.account_id, task.id)
    notifier.notify()
    return found
