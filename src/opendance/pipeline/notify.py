"""Callbacks: after a task has ended, its owner's server is told, signed, and again when it did not take it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

from opendance.background import keep_doing
from opendance.errors import FetchError
from opendance.fate import Kind
from opendance.net.fetch import GuardedClient
from opendance.pipeline.retries import LEASE, LONGEST_WAIT, note_attempt
from opendance.store.callback_secrets import Secrets, callback_secrets
from opendance.store.database import OUTAGES, Database
from opendance.store.deliveries import DeliveryRecord, claim_deliveries, list_deliveries, next_due
from opendance.store.tasks import TaskRecord, get_task
from opendance.telemetry.logs import about
from opendance.telemetry.metrics import CALLBACK_SECONDS, CALLBACKS
from opendance.telemetry.traces import SpanKind, span

_log = logging.getLogger(__name__)
# A slow receiver keeps no more than its own share waiting, and an account of slow receivers no more than its own.
_AT_ONCE, _AT_ONCE_TO_A_HOST, _AT_ONCE_OF_AN_ACCOUNT = 200, 8, 50
_LOOK_AGAIN = 2.0  # s between two looks at the database without being woken


class Notifier:
    """Delivers callbacks, many at a time, by turns between accounts.

    Args:
        sender: limited to `retries.LIMIT`.
        body_of: what a task's receiver is told: the answer of the wire that the task came by.
        further: tries after those that are documented, s after each failure.
    """

    def __init__(
        self,
        database: Database,
        sender: GuardedClient,
        body_of: Callable[[TaskRecord], Awaitable[bytes]],
        *,
        further: Sequence[float] = (),
    ) -> None:
        self._further = tuple(further)
        self._database, self._sender, self._body_of = database, sender, body_of
        self._wake = asyncio.Event()
        self._under_way: dict[asyncio.Task[None], DeliveryRecord] = {}

    def notify(self) -> None:
        """A callback may be due."""
        self._wake.set()

    async def work(self) -> None:
        """Deliver, for ever. Stopped, it ends the attempts under way; whoever comes next makes them again."""
        try:
            await keep_doing("the delivery of callbacks", self._begin_due, self._pause, outages=OUTAGES)
        finally:
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _pause(self) -> None:
        pause = _LOOK_AGAIN
        with contextlib.suppress(*OUTAGES):
            async with self._database.read() as connection:
                due = await next_due(connection)
            if due is not None:
                pause = min(_LOOK_AGAIN, max(0.02, due - time.time()))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._wake.wait()

    async def _begin_due(self) -> None:
        self._wake.clear()
        hosts = Counter(delivery.host for delivery in self._under_way.values())
        accounts = Counter(delivery.account_id for delivery in self._under_way.values())
        free = _AT_ONCE - len(self._under_way)
        if free <= 0:
            return
        busy = [host for host, count in hosts.items() if count >= _AT_ONCE_TO_A_HOST]
        async with self._database.write() as connection:
            claimed = await claim_deliveries(
                connection,
                limit=free,
                per_host=_AT_ONCE_TO_A_HOST,
                busy=busy,
                per_account=_AT_ONCE_OF_AN_ACCOUNT,
                busy_accounts=[account for account, count in accounts.items() if count >= _AT_ONCE_OF_AN_ACCOUNT],
                lease=LEASE,
                longest_wait=max((LONGEST_WAIT, *self._further)),
            )
        for delivery in claimed:
            task = asyncio.create_task(self._deliver(delivery))
            self._under_way[task] = delivery
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._under_way[task]
        self._wake.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a callback failed unexpectedly; it is tried again", exc_info=error)

    async def _deliver(self, delivery: DeliveryRecord) -> None:
        async with self._database.write() as connection:
            secrets = await callback_secrets(connection, delivery.account_id)
            task = await get_task(connection, delivery.account_id, delivery.task_id)
        if task is None:
            raise LookupError(delivery.task_id)
        is_lost = await self._is_lost(task, delivery)
        body = await self._body_of(task)
        started, began = time.time(), time.monotonic()
        status_code, error = None, None
        try:
            with span("callback", parent=task.trace, kind=SpanKind.CLIENT, task_id=task.id):
                if is_lost:
                    raise FetchError("the sandbox loses it, as model_params.simulate says")
                headers = signed_headers(delivery.task_id, body, secrets)
                status_code = await self._sender.post(delivery.url, body, headers)
        except FetchError as problem:
            error = problem.reason
        seconds = time.monotonic() - began
        async with self._database.write() as connection:
            state = await note_attempt(
                connection,
                delivery.id,
                started=started,
                seconds=seconds,
                status_code=status_code,
                error=error,
                further=self._further,
            )
        CALLBACKS.labels(state).inc()
        CALLBACK_SECONDS.observe(seconds)
        if state != "delivered":
            with about(task_id=delivery.task_id, account_id=delivery.account_id):
                said = error or f"HTTP {status_code}"
                _log.warning("%s: the callback to %s: %s", delivery.task_id, delivery.host, said)

    async def _is_lost(self, task: TaskRecord, delivery: DeliveryRecord) -> bool:
        """Whether the sandbox is to lose it: the task's first callback, not one that is asked for once more."""
        if task.order.fate is None or task.order.fate.kind is not Kind.CALLBACK_LOST:
            return False
        async with self._database.read() as connection:
            first, *_ = await list_deliveries(connection, task.account_id, task.id)
        return first.id == delivery.id


def signed_headers(task_id: str, body: bytes, secrets: Secrets) -> dict[str, str]:
    """The headers of Standard Webhooks: `webhook-id` is one for each task, so that receivers can tell repetitions."""
    message, now = f"msg-{task_id}", datetime.now(UTC)
    signatures = [Webhook(secret).sign(message, now, body.decode()) for secret in secrets.signing()]
    return {
        "Content-Type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
