"""How long accounts wait when one of them floods the queue: the real queue's tables, in simulated time.

One worker makes videos that take as long as they cost. `flood` queues a thousand tasks at once; ten others ask for one
every now and then; `vip` has priority 4. Printed: how long each waits for its tasks to begin, in lengths of a task, by
our order and by first come, first served; and how accounts that are always busy share.

`python -m benchmarks.fairness [seed]`
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from opendance.order import Order
from opendance.store import accounts, tasks
from opendance.store.claims import claim_task
from opendance.store.database import Database, migrate, open_database
from opendance.store.turns import take_turn
from opendance.task import Status, new_task_id

_ORDER = Order("seedance-2.0-text-to-video", "a cat")
_PRICE = Decimal("67.5")  # of five seconds at 720p: one length of a task
_FLOOD, _LIGHT, _EACH = 1000, 10, 12
_LENGTHS = 400.0  # of simulated time


async def _queue(database: Database, account: str, *, at: float, priority: int = 1, price: Decimal = _PRICE) -> None:
    async with database.write() as connection:
        turn = await take_turn(connection, account, list_price=price, priority=priority)
        task = tasks.TaskRecord(
            new_task_id(), account, "default", _ORDER.model, _ORDER, seed=0, created=at,
            credits_reserved=price, start_tag=turn.start_tag, queue_cost=turn.cost, queue_rank=turn.rank,
        )  # fmt: skip
        await tasks.create_task(connection, task)


async def _simulate(seed: int, *, fair: bool) -> dict[str, list[float]]:
    chance = random.Random(seed)
    place = Path(tempfile.mkdtemp(prefix="opendance-bench-")) / "db.sqlite3"
    migrate(place)
    database = open_database(place)
    names: dict[str, str] = {}
    async with database.write() as connection:
        for name in ("flood", "vip", *(f"light {n}" for n in range(_LIGHT))):
            names[await accounts.create_account(connection, name=name)] = name
    ids = {name: account for account, name in names.items()}
    arrivals = [(0.0, "flood")] * _FLOOD
    for name in list(names.values())[1:]:
        arrivals += [(chance.uniform(0, _LENGTHS), name) for _ in range(_EACH)]
    arrivals.sort()
    whose: dict[float, str] = {}
    waits: dict[str, list[float]] = defaultdict(list)
    now = 0.0
    while now < _LENGTHS:
        while arrivals and arrivals[0][0] <= now:
            at, name = arrivals.pop(0)
            whose[at] = name
            owner = ids[name] if fair else ids["flood"]  # all in one account is first come, first served
            await _queue(database, owner, at=at, priority=4 if fair and name == "vip" else 1)
        async with database.write() as connection:
            task = await claim_task(connection, "worker", alone=True)
            if task is not None:
                await tasks.finish_task(connection, task, Status.COMPLETED)
        if task is None:
            now = arrivals[0][0]
            continue
        waits[whose[task.created]].append(now - task.created)
        now += 1.0
    await database.close()
    return waits


async def _share(weights: dict[str, int], prices: dict[str, str]) -> dict[str, float]:
    """The share of the worker's time that accounts with endless work get."""
    place = Path(tempfile.mkdtemp(prefix="opendance-bench-")) / "db.sqlite3"
    migrate(place)
    database = open_database(place)
    spent = dict.fromkeys(weights, 0.0)
    async with database.write() as connection:
        ids = {name: await accounts.create_account(connection, name=name) for name in weights}
    for number in range(150):
        for name, account in ids.items():
            price = Decimal(prices[name])
            await _queue(database, account, at=float(number), priority=weights[name], price=price)
    for _ in range(150):
        async with database.write() as connection:
            task = await claim_task(connection, "worker", alone=True)
            assert task is not None
            await tasks.finish_task(connection, task, Status.COMPLETED)
        name = next(name for name, account in ids.items() if account == task.account_id)
        spent[name] += float(prices[name])
    await database.close()
    return {name: value / sum(spent.values()) for name, value in spent.items()}


def _table(title: str, waits: dict[str, list[float]]) -> None:
    print(title)
    light = [wait for name, values in waits.items() if name.startswith("light") for wait in values]
    for name, values in (("flood", waits["flood"]), ("vip", waits["vip"]), ("10 light", light)):
        told = f"wait: median {statistics.median(values):7.1f}   longest {max(values):7.1f}" if values else ""
        print(f"  {name:<10} {len(values):5d} begun   {told}")


async def main() -> None:
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    _table("waiting, in lengths of a task: fair queueing (ours)", await _simulate(seed, fair=True))
    _table("first come, first served", await _simulate(seed, fair=False))
    print("share of the worker's time between accounts that are always busy (what their priority asks for)")
    for weights, prices in (
        ({"a": 1, "b": 1}, {"a": "13.5", "b": "67.5"}),
        ({"a": 1, "vip": 4}, {"a": "67.5", "vip": "67.5"}),
        ({"a": 1, "b": 1, "vip": 4}, {"a": "13.5", "b": "135", "vip": "67.5"}),
    ):
        shares = await _share(weights, prices)
        told = "   ".join(f"{n} {shares[n]:.2f} ({w / sum(weights.values()):.2f})" for n, w in weights.items())
        print(f"  {told}")


if __name__ == "__main__":
    asyncio.run(main())
