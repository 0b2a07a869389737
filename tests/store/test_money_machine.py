"""Any order of creating, claiming, crashing, cancelling, ending and paying: the sums hold and nobody pays twice.

A model keeps what each account should have; after every step the databases' balances, the ledger and the tasks must agree
with it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from opendance.api.unified.request import VideoGenerationRequest
from opendance.api.wires import UNIFIED
from opendance.billing import charge_for
from opendance.changes import Changes
from opendance.engines.configured import Engines
from opendance.engines.routes import read_routes
from opendance.errors import IdempotencyConflict, InsufficientQuota, RateLimitExceeded, ReferenceConflict
from opendance.links import Links
from opendance.pipeline.estimate import Estimator
from opendance.pipeline.submit import Repetition, Submitter
from opendance.queue.local import LocalQueue
from opendance.queue.slots import Seat
from opendance.store import accounts, keys, ledger, tasks
from opendance.store.audit import PromptPolicy
from opendance.store.claims import claim_task
from opendance.store.database import Connection, migrate, open_database
from opendance.store.tables import LedgerEntry, Task
from opendance.task import Status
from tests.conftest import body
from tests.databases import PostgresqlServer
from tests.tasks import finish

T = TypeVar("T")
OWNERS = st.sampled_from([0, 1, 2])
REQUESTS = st.sampled_from(
    [
        body(),
        body(duration=5, quality="720p", content_filter=False),
        body(model="seedance-2.0-text-to-video", model_params={"web_search": True}),
        body(model="seedance-2.0-reference-to-video", video_urls=["https://a.example/v.mp4"]),
    ]
)
CREDITS = st.decimals(min_value=-60, max_value=60, places=4).filter(bool)


async def _nothing(_task: tasks.TaskRecord, _cancel: asyncio.Event, _seat: Seat) -> None:
    """No worker works here."""


class MoneyMachine(RuleBasedStateMachine):
    """Three accounts, the third with a key that may use little and have two tasks at once."""

    new_place: Callable[[], Path | str]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.place = self.new_place()
        self.database = open_database(self.place)
        routes = read_routes({}, Engines({}))
        self.submitter = Submitter(
            self.database,
            LocalQueue(self.database, Changes(), _nothing, lanes={}),
            Estimator(self.database, routes, concurrency=1),
            routes,
            Links(b"secret"),
            PromptPolicy("hashed", b"secret"),
        )
        self.worker = 0
        self.model: list[Decimal] = []
        self.reserved: dict[str, tuple[int, Decimal]] = {}
        self.ended: dict[str, Decimal] = {}
        self.owner_of: dict[str, int] = {}
        self.idempotent: dict[tuple[int, str], tuple[dict[str, Any], str]] = {}
        self.booked: dict[tuple[int, str], Decimal] = {}

    def teardown(self) -> None:
        self.runner.run(self.database.close())
        self.runner.close()
        if isinstance(self.place, Path):
            shutil.rmtree(self.place.parent)

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        async def run() -> T:
            async with self.database.write() as connection:
                return await work(connection)

        return self.runner.run(run())

    @initialize()
    def begin(self) -> None:
        async def work(connection: Connection) -> None:
            self.accounts, self.secrets, self.keys = [], [], []
            for number in range(3):
                account = await accounts.create_account(
                    connection, name=f"a{number}", user_group="vip" if number else "default"
                )
                await ledger.top_up(connection, account, Decimal(200), reason="test")
                limits: dict[str, Any] = {"credit_limit": Decimal(90), "max_tasks": 2} if number == 2 else {}
                key_id, secret = await keys.create_key(connection, account, name="k", **limits)
                self.accounts.append(account)
                self.keys.append(key_id)
                self.secrets.append(secret)
            vip = await accounts.get_group(connection, "vip")
            assert vip is not None
            await accounts.put_group(connection, accounts.Group("vip", price_ratio=Decimal("0.9"), priority=4))

        self.write(work)
        self.model = [Decimal(200)] * 3

    def _live(self, owner: int) -> int:
        return sum(1 for number, _ in self.reserved.values() if number == owner)

    @rule(owner=OWNERS, request=REQUESTS, key=st.sampled_from([None, "k1", "k2"]))
    def create(self, owner: int, request: dict[str, Any], key: str | None) -> None:
        async def work() -> tasks.TaskRecord:
            async with self.database.read() as connection:
                caller = await keys.authenticate(connection, self.secrets[owner])
            wanted = VideoGenerationRequest.model_validate(request)
            repetition = None if key is None else Repetition(key, wanted.sha256())
            submitted = await self.submitter.submit(
                caller, wanted.order(), wire=UNIFIED.name, base_url="http://x", repetition=repetition
            )
            return submitted.task

        known = self.idempotent.get((owner, key)) if key else None
        try:
            task = self.wait(work())
        except IdempotencyConflict:
            assert known is not None
            assert known[0] != request
            return
        except InsufficientQuota:
            assert known is None
            assert self.model[owner] < 200 or owner == 2  # whose key may use little, whatever the account has
            return
        except RateLimitExceeded:
            assert (owner, self._live(owner)) == (2, 2)
            return
        if known is not None:
            assert known == (request, task.id)
            return
        if key:
            self.idempotent[owner, key] = (request, task.id)
        self.model[owner] -= task.credits_reserved
        self.reserved[task.id] = (owner, task.credits_reserved)

    @rule()
    def claim(self) -> None:
        self.write(lambda c: claim_task(c, f"worker-{self.worker}", alone=True))

    @rule()
    def crash(self) -> None:
        self.worker += 1  # what the old one had is left behind

    @precondition(lambda self: self.reserved)
    @rule(data=st.data(), how=st.sampled_from(["cancel", "complete", "fail", "cancelled", "crash while ending"]))
    def end(self, data: st.DataObject, how: str) -> None:
        """Also of a task that ended before: a second worker, a late answer, a retry."""
        task_id = data.draw(st.sampled_from([*self.reserved, *self.ended]))  # in their order: ids are random

        seconds = data.draw(st.decimals(min_value=0, max_value=20, places=3))

        async def work(connection: Connection) -> None:
            owner = self.owner_of[task_id] if task_id in self.ended else self.reserved[task_id][0]
            task = await tasks.get_task(connection, self.accounts[owner], task_id)
            assert task is not None
            if how == "cancel":
                if task.status is Status.PENDING:
                    await tasks.finish_task(connection, task, Status.CANCELLED)
                else:
                    await tasks.request_cancel(connection, task)
                return
            cost = charge_for(task.order, input_seconds=seconds, searches=1, price_ratio=task.price_ratio)
            status = {"fail": Status.FAILED, "cancelled": Status.CANCELLED}.get(how, Status.COMPLETED)
            await finish(connection, task_id, status, charge=cost if status is Status.COMPLETED else None)
            if how == "crash while ending":
                raise ConnectionAbortedError

        try:
            self.write(work)
        except ConnectionAbortedError:
            return
        self._take_over(task_id)

    def _take_over(self, task_id: str) -> None:
        """What the ended task gave back, by what it says of itself."""
        if task_id not in self.reserved:
            return
        owner, reserved = self.reserved[task_id]
        task = self.write(lambda c: tasks.get_task(c, self.accounts[owner], task_id))
        assert task is not None
        if task.status.terminal:
            assert task.credits_used is not None
            assert 0 <= task.credits_used <= reserved
            assert task.status is Status.COMPLETED or task.credits_used == 0
            self.model[owner] += reserved - task.credits_used
            del self.reserved[task_id]
            self.ended[task_id] = task.credits_used
            self.owner_of[task_id] = owner

    @rule(owner=OWNERS, amount=CREDITS, reference=st.sampled_from([None, "r1"]))
    def pay(self, owner: int, amount: Decimal, reference: str | None) -> None:
        async def work(connection: Connection) -> bool:
            await accounts.lock_account(connection, self.accounts[owner])
            if amount > 0:
                return await ledger.top_up(connection, self.accounts[owner], amount, reason="x", reference=reference)
            await ledger.adjust(connection, self.accounts[owner], amount, reason="x")
            return True

        try:
            if self.write(work):
                self.model[owner] += amount
                if reference is not None and amount > 0:
                    self.booked[owner, reference] = amount
        except InsufficientQuota:
            assert self.model[owner] + amount < 0
        except ReferenceConflict:
            assert reference is not None
            assert self.booked[owner, reference] != amount

    @invariant()
    def the_sums_hold(self) -> None:
        async def work(connection: Connection) -> None:
            for number, account in enumerate(self.accounts):
                found = await accounts.find_account(connection, account)
                assert found is not None
                assert found.balance == self.model[number] == await ledger.sum_of_entries(connection, account)
                assert found.balance >= 0
                used = await ledger.used_credits(connection, account)
                assert (await connection.execute(*keys.use_of_key(self.keys[number]))).one() == (
                    used,
                    self._live(number),
                )
            assert (await connection.execute(*keys.use_of_key(self.keys[2]))).one()[0] <= 90
            kinds: dict[str, Counter[str]] = {}
            for entry in await connection.execute(select(LedgerEntry.task_id, LedgerEntry.kind)):
                if entry.task_id:
                    kinds.setdefault(entry.task_id, Counter())[entry.kind] += 1
            for row in await connection.execute(select(Task.id, Task.status)):
                ends = kinds[row.id]["settle"] + kinds[row.id]["refund"]
                assert kinds[row.id]["reserve"] == 1
                assert ends == (1 if Status(row.status).terminal else 0)
                assert kinds[row.id]["settle"] == (1 if row.status == "completed" else 0)

        if self.model:
            self.write(work)


def _run(new_place: Callable[[], Path | str], examples: int) -> None:
    class Machine(MoneyMachine):
        pass

    Machine.new_place = staticmethod(new_place)  # type: ignore[assignment]
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


@pytest.mark.parametrize("examples", [12, pytest.param(40, marks=pytest.mark.thorough)])
def test_any_order_of_steps_keeps_the_sums(tmp_path: Path, examples: int) -> None:
    """About 40 steps for each example; OPENDANCE_EXAMPLES asks for more."""
    migrate(tmp_path / "template.sqlite3")

    def new_place() -> Path:
        folder = Path(tempfile.mkdtemp(dir=tmp_path))
        return Path(shutil.copy(tmp_path / "template.sqlite3", folder / "db.sqlite3"))

    _run(new_place, int(os.environ.get("OPENDANCE_EXAMPLES", str(examples))))


@pytest.mark.parametrize("examples", [4, pytest.param(10, marks=pytest.mark.thorough)])
def test_any_order_of_steps_keeps_the_sums_on_postgresql(postgresql: PostgresqlServer, examples: int) -> None:
    _run(postgresql.new_database, examples)
