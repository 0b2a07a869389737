"""What processes tell each other of their engines."""

from __future__ import annotations

import time
from dataclasses import replace

from opendance.engines.health import Health
from opendance.engines.states import EngineStates
from opendance.store.database import Database
from opendance.store.engine_states import EngineStateRecord, read_states, tell_states
from tests.workshop import MadeUpHost


async def read(database: Database) -> list[EngineStateRecord]:
    async with database.read() as connection:
        return await read_states(connection)


async def test_what_has_changed_is_told_and_who_ends_or_dies_is_forgotten(database: Database) -> None:
    host, health = MadeUpHost(), Health(["made-up-state"])
    states = EngineStates(database, {"made-up-state": host}, health)
    await states._tell()  # pyright: ignore[reportPrivateUsage]
    (first,) = await read(database)
    assert (first.process, first.engine, first.loaded, first.failures, first.slots) == (
        states.process, "made-up-state", True, 0, 2,
    )  # fmt: skip
    for _ in range(3):
        health.failed("made-up-state", "service_error")
    host.problem, host.is_loaded = "no weights", False
    await states._tell()  # pyright: ignore[reportPrivateUsage]
    (then,) = await read(database)
    assert (then.problem, then.loaded, then.failures) == ("no weights", False, 3)
    assert then.rests_until is not None
    assert then.rests_until > time.time()

    async with database.write() as connection:
        await tell_states(connection, "elsewhere:7", [replace(then, process="elsewhere:7")])
        await tell_states(connection, "dead:8", [replace(then, process="dead:8", updated=time.time() - 1000)])
    assert [each.process for each in await read(database)] == sorted(["elsewhere:7", states.process])
    await states.end()
    assert [each.process for each in await read(database)] == ["elsewhere:7"]


async def test_a_process_without_engines_tells_nothing(database: Database) -> None:
    states = EngineStates(database, {}, Health())
    await states.work()
    await states.end()
    assert await read(database) == []
