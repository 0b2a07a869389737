"""How long a worker takes to claim the task whose turn it is, with many workers and ever more tasks that wait.

On PostgreSQL alone, without engines: rows are made by the database itself, of a thousand accounts; then workers claim
side by side. What is to be seen is that neither the time nor PostgreSQL's CPU grows with the queue; a claim's time is
mostly that of those who claim beside it, on however few cores there are.

`python -m benchmarks.claims [--queued 1000 10000 100000 1000000] [--workers 100] [--claims 2000]`
"""

from __future__ import annotations

import argparse
import asyncio
import time
from statistics import median

from benchmarks.api import children_of, cpu_of
from sqlalchemy import bindparam, text, update
from tests.callers import new_caller
from tests.databases import running_postgresql
from tests.tasks import waiting_task

from opendance.store.claims import claim_task
from opendance.store.database import Database, open_database
from opendance.store.tables import Task
from opendance.store.tasks import create_task
from opendance.task import Status

_CONNECTIONS = 10  # of each database that is opened here: as many processes have
_ACCOUNTS = 1000
_TAGS = 1000  # between the start tags of two tasks of an account
_OWN = {
    "id": "'task-unified-' || :first + n",
    "start_tag": f"(n / :accounts) * {_TAGS}",
    "created": "1.0 * n",
}
"""What differs between the tasks that wait."""
_COLUMNS = {column.name: _OWN.get(column.name, f't."{column.name}"') for column in Task.__table__.columns}
_NAMES = ", ".join(f'"{name}"' for name in _COLUMNS)
_MORE = text(
    f"INSERT INTO tasks ({_NAMES}) SELECT {', '.join(_COLUMNS.values())} "
    "FROM tasks t, generate_series(1, :count) n WHERE t.id = :pattern"
)
_BACK = (
    update(Task)
    .where(Task.id == bindparam("claimed"))
    .values(status=Status.PENDING.value, owner=None, start_tag=Task.start_tag + bindparam("behind"))
)
"""What was claimed waits again, behind all others: the queue stays as long as it is."""
# A million looks for the account that all of them are of would take longer than the rows.
_WITHOUT_CHECKS = text("SET LOCAL session_replication_role = replica")


async def measure(url: str, postmaster: int, *, queued: list[int], workers: int, claims: int) -> None:
    """Fill the queue up to each of the lengths, and claim at each.

    Args:
        postmaster: the id of PostgreSQL's first process.
        claims: at each length.
    """
    databases = [open_database(url) for _ in range(max(1, workers // _CONNECTIONS))]
    first = databases[0]
    caller = await new_caller(first, "a")
    pattern = waiting_task(caller.account_id, start_tag=2**60)  # nobody's turn comes to it
    async with first.write() as connection:
        await create_task(connection, pattern)
    there = 0
    for length in queued:
        async with first.write() as connection:
            values = {"first": there, "accounts": _ACCOUNTS, "count": length - there, "pattern": pattern.id}
            await connection.send(_WITHOUT_CHECKS)
            await connection.execute(_MORE, values)
        there = length
        async with first.read() as connection:
            await connection.execute(text("ANALYZE tasks"))
        before = cpu_of(children_of(postmaster))
        took = await _claim(databases, workers, claims, behind=(length // _ACCOUNTS + 1) * _TAGS)
        cpu = (cpu_of(children_of(postmaster)) - before) / len(took)
        rate = len(took) / (sum(took) / workers)
        print(
            f"{length:>9} waiting, {workers} workers: a claim takes {median(took) * 1000:.1f} ms (median), "
            f"{sorted(took)[int(len(took) * 0.99)] * 1000:.1f} ms (p99); {rate:.0f} claims a second, "
            f"{cpu * 1000:.2f} ms of PostgreSQL's CPU each",
            flush=True,
        )
    for database in databases:
        await database.close()


async def _claim(databases: list[Database], workers: int, claims: int, *, behind: int) -> list[float]:
    """Seconds that each claim took.

    Args:
        behind: by how much the start tag of a claimed task is moved on.
    """
    left, took = iter(range(claims)), list[float]()

    async def work(number: int) -> None:
        for index in left:
            began = time.perf_counter()
            async with databases[number % len(databases)].write() as connection:
                task = await claim_task(connection, f"job-{index}-{number}-{began}", alone=False)
            assert task is not None
            took.append(time.perf_counter() - began)
            async with databases[number % len(databases)].read() as connection:
                await connection.execute(_BACK, {"claimed": task.id, "behind": behind})

    await asyncio.gather(*(work(number) for number in range(workers)))
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queued", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--workers", type=int, default=100)
    parser.add_argument("--claims", type=int, default=2_000)
    given = parser.parse_args()
    with running_postgresql() as server:
        url = server.new_database()
        asyncio.run(
            measure(url, server.process_id, queued=sorted(given.queued), workers=given.workers, claims=given.claims)
        )


if __name__ == "__main__":
    main()
