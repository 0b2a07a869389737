"""Whether the time that a key's check takes tells which keys exist.

Checks of keys that nobody has, and of keys that are one letter from one that exists, interleaved; the difference of the
two must vanish in its own noise. A key that exists, whole, takes longer - but whoever has it whole needs no clock.

`python -m benchmarks.keys [rounds]`
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import statistics
import sys
import tempfile
import time
from pathlib import Path

from opendance.errors import Unauthorized
from opendance.store import keys
from opendance.store.beginning import ensure_default_account
from opendance.store.database import migrate, open_database

_STORED = 2000  # keys in the database


async def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    place = Path(tempfile.mkdtemp(prefix="opendance-bench-")) / "db.sqlite3"
    migrate(place)
    database = open_database(place)
    async with database.write() as connection:
        owner = await ensure_default_account(connection)
        stored = [(await keys.create_key(connection, owner, name=f"k{n}"))[1] for n in range(_STORED)]

    def unknown() -> str:
        return "od-" + secrets.token_urlsafe(32)

    def near() -> str:
        key = random.choice(stored)
        return key[:-1] + ("A" if key[-1] != "A" else "B")

    def same_prefix() -> str:
        return random.choice(stored)[:9] + secrets.token_urlsafe(32)[6:]

    kinds = {
        "unknown": unknown,
        "one letter off": near,
        "same prefix": same_prefix,
        "exists": lambda: random.choice(stored),
    }
    times: dict[str, list[float]] = {name: [] for name in kinds}
    async with database.read() as connection:
        # Made beforehand: how a key is made must not colour how it is checked.
        tries = [(name, kinds[name]()) for _ in range(rounds) for name in random.sample(list(kinds), len(kinds))]
        for name, key in tries:
            started = time.perf_counter()
            with contextlib.suppress(Unauthorized):
                await keys.authenticate(connection, key)
            times[name].append((time.perf_counter() - started) * 1e6)
    await database.close()
    base = sorted(times["unknown"])
    for name, values in times.items():
        difference = statistics.median(values) - statistics.median(base)
        noise = _noise(base, values)
        print(f"{name:<15} median {statistics.median(values):7.1f} us   from unknown {difference:+6.1f} us   {noise}")


def _noise(first: list[float], second: list[float]) -> str:
    """The range that 95 of 100 differences of medians have when the two are shuffled, i.e. the same."""
    pool = first + second
    found: list[float] = []
    for _ in range(200):
        random.shuffle(pool)
        found.append(statistics.median(pool[: len(first)]) - statistics.median(pool[len(first) :]))
    found.sort()
    return f"chance alone: {found[4]:+.1f} to {found[-5]:+.1f} us"


if __name__ == "__main__":
    asyncio.run(main())
