"""What the operator does with the tasks and callbacks of others.

Over HTTP, and on the command line beside whoever works on them. Everything is told in the audit log, with who did it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from opendance.engines.base import Host
from opendance.errors import (
    FAULTS,
    InvalidRequest,
    NotFound,
    RateLimitExceeded,
    TaskNotCancellable,
    TaskStateConflict,
)
from opendance.links import Links
from opendance.pipeline.admission import Payer
from opendance.pipeline.cancel import Canceller
from opendance.pipeline.ending import Ending, Endings, abandon
from opendance.pipeline.inputs import renewed
from opendance.pipeline.journal import open_journal
from opendance.pipeline.redeliver import redeliver_failed_in, redeliver_in
from opendance.pipeline.submit import Creation, Submitter
from opendance.queue.base import Queue
from opendance.store.accounts import find_account, get_group
from opendance.store.all_tasks import find_task
from opendance.store.audit import record
from opendance.store.audited import ACTOR
from opendance.store.database import Connection, Database
from opendance.store.deliveries import (
    DeliveryRecord,
    accounts_with_failed,
    failed_deliveries,
    find_delivery,
    list_deliveries,
)
from opendance.store.tasks import TaskRecord
from opendance.task import Status, new_task_id

FAILURE_CODES = tuple(code for code in FAULTS if code != "request_cancelled")
"""What the operator can fail a task with."""
USUAL_FAILURE = "service_error"
_MADE_AGAIN = "the video did not come to an end here; the operator had it made once more, as {}"


class Operator:
    """Cancels, fails and makes again what belongs to others.

    Args:
        hosts: the engines of this process, which can stop what upstreams do for a task.
    """

    def __init__(
        self,
        database: Database,
        links: Links,
        queue: Queue,
        endings: Endings,
        canceller: Canceller,
        submitter: Submitter,
        hosts: Mapping[str, Host],
    ) -> None:
        self._database, self._links, self._queue, self._hosts = database, links, queue, dict(hosts)
        self._endings, self._canceller, self._submitter = endings, canceller, submitter

    async def cancel(self, task: TaskRecord) -> TaskRecord:
        """The task once it has ended, or as it stands after a while: it ends soon then.

        Raises:
            TaskNotCancellable: it has ended already.
        """
        if task.status.terminal:
            raise TaskNotCancellable(task_id=task.id, status=task.status.value)
        async with self._database.write() as connection:
            await _note(connection, "admin.cancel_task", task)
        return await self._canceller.cancel(task, actor=ACTOR.get())

    async def fail(self, task: TaskRecord, *, code: str, reason: str) -> TaskRecord:
        """End the task as failed, at once and uncharged, whoever has it; its worker finds out and stops.

        Args:
            code: one of `FAILURE_CODES`.
            reason: told to the task's user.

        Raises:
            InvalidRequest: `code` is none of them.
            TaskStateConflict: it has ended already.
        """
        if code not in FAILURE_CODES:
            raise InvalidRequest(problem=f"code: must be one of {', '.join(FAILURE_CODES)}, not {code[:60]!r}")
        ending = Ending(Status.FAILED, (code, reason), actor=ACTOR.get())
        while not task.status.terminal:
            async with self._database.write() as connection:
                ended = await self._endings.end_in(connection, task, ending)
                if ended is not None:
                    await _note(connection, "admin.fail_task", task, code=code, reason=reason)
            if ended is not None:
                self._endings.tell(ended)
                await self._stop(task)
                return ended
            task = await self._read(task)  # a worker has taken it, or another
        raise TaskStateConflict(
            task_id=task.id, status=task.status.value, why="only one that has not ended can be failed"
        )

    async def run_again(self, task: TaskRecord, *, base_url: str = "") -> TaskRecord:
        """A new task of the same account with the same request; gives it.

        The ledger has one reservation and one end for each task, and whoever was told that it has failed was told so
        for good: so it is no second life of the same task. Of one that is stuck while it runs, the end - failed,
        uncharged - and the new task are one transaction, and what was reserved for the one is there for the other.
        What the account and its key may have at once does not count, what the account holds does.

        Args:
            base_url: of links, where the task knows none.

        Raises:
            TaskStateConflict: it waits, is completed, or was cancelled.
            InvalidRequest: what a link named is not here any more.
            InsufficientQuota: the account has fewer credits than the video can cost.
        """
        self._check_repeatable(task)
        base_url = task.base_url or base_url
        order = await renewed(task.order, task, self._database, self._links, base_url=base_url)
        now = time.time()
        task_id = new_task_id(now)
        ended = None
        async with self._database.write() as connection:
            if not task.status.terminal:
                error = (USUAL_FAILURE, _MADE_AGAIN.format(task_id))
                ended = await self._endings.end_in(connection, task, Ending(Status.FAILED, error, actor=ACTOR.get()))
                if ended is None:
                    raise TaskStateConflict(
                        task_id=task.id, status=task.status.value, why="it has gone on just now; look at it again"
                    )
            payer = await _payer_of(connection, task)
            creation = Creation(payer, order, task_id=task_id, now=now, wire=task.wire, base_url=base_url)
            made = await self._submitter.create_in(connection, creation)
            await _note(connection, "admin.run_task_again", task, made=task_id)
        if ended is not None:
            self._endings.tell(ended)
            await self._stop(task)
        self._submitter.tell(made)
        return made

    @staticmethod
    def _check_repeatable(task: TaskRecord) -> None:
        why = {
            Status.PENDING: "it waits for its turn, and so would another",
            Status.COMPLETED: "its video is there and paid; its user can ask for another",
            Status.CANCELLED: "nobody wanted it any more; its user can ask for another",
        }.get(task.status)
        if why is not None:
            raise TaskStateConflict(task_id=task.id, status=task.status.value, why=why)

    async def _stop(self, task: TaskRecord) -> None:
        """Whoever still works on the task, which has ended, is to stop."""
        await self._queue.cancel(task)
        await abandon(task, await open_journal(self._database, task), self._hosts)

    async def _read(self, task: TaskRecord) -> TaskRecord:
        async with self._database.read() as connection:
            return await find_task(connection, task.id) or task


async def redeliver_failed_of(connection: Connection, account_id: str) -> tuple[int, int]:
    """Queue callbacks of the account that were given up once more, as its owner can; a notifier is to look then.

    Returns:
        How many were queued, and how many are left for another time.

    Raises:
        RateLimitExceeded: as many of the account are on their way as it may have sent again.
    """
    sent, left = await redeliver_failed_in(connection, account_id)
    detail = {"sent": sent, "left": left}
    await record(connection, "admin.redeliver_callbacks", actor=ACTOR.get(), account_id=account_id, detail=detail)
    return sent, left


async def redeliver_failed_to(database: Database, host: str, *, since: float | None = None) -> tuple[int, int]:
    """The same of all accounts whose callbacks to a host were given up, each in a transaction of its own.

    Args:
        since: only those made from then on, unix time.

    Raises:
        RateLimitExceeded: there are some, and no account may have one more sent now.
    """
    async with database.read() as connection:
        accounts = await accounts_with_failed(connection, host, since=since)
    sent, left, full = 0, 0, None
    for account_id in accounts:
        async with database.write() as connection:
            try:
                of_account, rest = await redeliver_failed_in(connection, account_id, host=host, since=since)
            except RateLimitExceeded as error:
                _, rest = await failed_deliveries(connection, account_id, limit=1, host=host, since=since)
                left, full = left + rest, error
                continue
            detail = {"sent": of_account, "left": rest, "host": host}
            await record(
                connection, "admin.redeliver_callbacks", actor=ACTOR.get(), account_id=account_id, detail=detail
            )
        sent, left = sent + of_account, left + rest
    if full is not None and sent == 0:
        raise full
    return sent, left


async def redeliver_task_of(connection: Connection, delivery_id: str) -> DeliveryRecord:
    """Queue the callback of the task that a callback is of once more, as its owner can; a notifier is to look then.

    Returns:
        The new one.

    Raises:
        NotFound: there is no such callback.
        NothingToDeliver: its task has not ended.
        DeliveryWaits: one of the task is on its way.
        RateLimitExceeded: as many of the account are on their way as it may have sent again.
    """
    delivery = await find_delivery(connection, delivery_id)
    task = None if delivery is None else await find_task(connection, delivery.task_id)
    if task is None:
        raise NotFound(what="callback", name=delivery_id[:80], hint="")
    await redeliver_in(connection, task)
    await _note(connection, "admin.redeliver_callback", task)
    return (await list_deliveries(connection, task.account_id, task.id))[-1]


async def _note(connection: Connection, kind: str, task: TaskRecord, **detail: str) -> None:
    await record(connection, kind, actor=ACTOR.get(), account_id=task.account_id, task_id=task.id, detail=dict(detail))


async def _payer_of(connection: Connection, task: TaskRecord) -> Payer:
    """The account of the task, in the group that it is in now."""
    account = await find_account(connection, task.account_id)
    assert account is not None  # accounts are never removed
    group = await get_group(connection, account.user_group)
    assert group is not None  # nor groups that have any
    return Payer(account.id, group, task.key_id, ACTOR.get())
