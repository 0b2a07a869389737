"""Callbacks: after a task has ended, its owner's server is told, signed, and again when it did not take it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from datetime import UTC, datetime

from standardwebhooks import Webhook

from opendance.errors import FetchError
from opendance.net.fetch import GuardedClient
from opendance.pipeline.view import task_json
from opendance.storage import Storage
from opendance.store.database import Database
from opendance.store.deliveries import (
    DeliveryRecord,
    Secrets,
    callback_secrets,
    claim_deliveries,
    next_due,
    record_attempt,
)
from opendance.store.tasks import get_task
from opendance.telemetry.metrics import CALLBACK_SECONDS, CALLBACKS
from opendance.telemetry.traces import SpanKind, span

_log = logging.getLogger(__name__)
LIMIT = 10.0  # s for one attempt in all (CB-04)
_AT_ONCE, _AT_ONCE_TO_A_HOST = 200, 8  # a slow receiver keeps no more than its own share waiting
_LEASE = LIMIT + 5.0  # s; what a dead process was sending is sent again then
_LOOK_AGAIN = 2.0  # s between two looks at the database without being woken


class Notifier:
    """Delivers callbacks, many at a time, the longest due first.

    Args:
        sender: limited to `LIMIT`.
    """

    def __init__(self, database: Database, storage: Storage, sender: GuardedClient) -> None:
        self._database, self._storage, self._sender = database, storage, sender
        self._wake = asyncio.Event()
        self._under_way: dict[asyncio.Task[None], str] = {}
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to deliver."""
        self._loop = asyncio.create_task(self._work())

    def notify(self) -> None:
        """A callback may be due."""
        self._wake.set()

    async def close(self) -> None:
        """Stop; an attempt under way is ended, and made again by whoever comes next."""
        tasks = [*self._under_way, *([self._loop] if self._loop else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            try:
                self._wake.clear()
                await self._begin_due()
                async with self._database.read() as connection:
                    due = await next_due(connection)
                pause = _LOOK_AGAIN if due is None else min(_LOOK_AGAIN, max(0.02, due - time.time()))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._wake.wait()
            except Exception:  # noqa: BLE001 - whatever it is, callbacks must go on
                _log.exception("callbacks were interrupted; they go on")
                await asyncio.sleep(_LOOK_AGAIN)

    async def _begin_due(self) -> None:
        hosts = Counter(self._under_way.values())
        free = _AT_ONCE - len(self._under_way)
        if free <= 0:
            return
        busy = [host for host, count in hosts.items() if count >= _AT_ONCE_TO_A_HOST]
        async with self._database.write() as connection:
            claimed = await claim_deliveries(
                connection, limit=free, per_host=_AT_ONCE_TO_A_HOST, busy=busy, lease=_LEASE
            )
        for delivery in claimed:
            task = asyncio.create_task(self._deliver(delivery))
            self._under_way[task] = delivery.host
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
        body = task_json(task, self._storage)
        started, began = time.time(), time.monotonic()
        status_code, error = None, None
        try:
            with span("callback", parent=task.trace, kind=SpanKind.CLIENT, task_id=task.id):
                headers = signed_headers(delivery.task_id, body, secrets)
                status_code = await self._sender.post(delivery.url, body, headers)
        except FetchError as problem:
            error = problem.reason
        seconds = time.monotonic() - began
        async with self._database.write() as connection:
            state = await record_attempt(
                connection, delivery.id, started=started, seconds=seconds, status_code=status_code, error=error
            )
        CALLBACKS.labels(state).inc()
        CALLBACK_SECONDS.observe(seconds)
        if state != "delivered":
            _log.warning("%s: the callback to %s: %s", delivery.task_id, delivery.host, error or f"HTTP {status_code}")


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
