"""The faults, and when they happen."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from opendance.order import Order
from opendance.pipeline.steps import CHECK, PLAN, RENDER, SIGN, STEPS, STORE
from tests.conftest import TERMINAL
from tests.faults.world import Accepted, Verdict, World, can_fill, judge
from tests.tasks import link, order

STAGES = ("pending", *(step.name for step in STEPS))
_RANDOM = "any time"
_LONGEST = 3.0  # s that a moment is waited for
_TRIES = 3  # for a moment that is short
_AWAY = (0.3, 2.5)  # s that something is away, at random between
_SKEW = 3600.0  # s
_PLAIN = order()
_WITH_MEDIA, _WITH_SEARCH = order(links=(link("image", "https://files.example/a.png"),)), order(web_search=True)


def _always(_: Order) -> bool:
    return True


@dataclass(frozen=True)
class Fault:
    """Something bad.

    Attributes:
        moments: stages of a task at whose begin it can happen.
        do: does it and, after a while, puts right what an operator or a supervisor would.
    """

    name: str
    do: Callable[[World, random.Random, Accepted], None]
    moments: tuple[str, ...] = (*STAGES, _RANDOM)
    possible: Callable[[World], bool] = lambda _: True


def _away(chance: random.Random) -> None:
    time.sleep(chance.uniform(*_AWAY))


def _restart(
    role_name: str, how: signal.Signals, *, skew: bool = False, between: Callable[[], None] = lambda: None
) -> Callable[[World, random.Random, Accepted], None]:
    def do(world: World, chance: random.Random, task: Accepted) -> None:
        role = chance.choice([role for role in world.roles if role.name.startswith(role_name)])
        world.end(role, how)
        between()
        role.skew = chance.choice((-_SKEW, _SKEW)) if skew else 0.0
        world.start(role)

    return do


def _kill_engine(world: World, chance: random.Random, task: Accepted) -> None:
    if engines := world.engines():
        os.kill(chance.choice(engines), signal.SIGKILL)


def _kill_postgresql(world: World, chance: random.Random, task: Accepted) -> None:
    assert world.postgresql is not None
    world.postgresql.kill()
    world.postgresql.start()


def _database_away(world: World, chance: random.Random, task: Accepted) -> None:
    assert world.postgresql is not None
    world.postgresql.kill()
    _away(chance)
    world.postgresql.start()


def _stop_without_database(world: World, chance: random.Random, task: Accepted) -> None:
    assert world.postgresql is not None
    world.postgresql.kill()
    _restart("", signal.SIGTERM, between=world.postgresql.start)(world, chance, task)


def _cannot_load(world: World, chance: random.Random, task: Accepted) -> None:
    """The engine of one process cannot be loaded for a while; those of others stay loaded."""
    world.weights.unlink(missing_ok=True)
    _kill_engine(world, chance, task)
    _away(chance)
    world.weights.touch()


def _store_away(world: World, chance: random.Random, task: Accepted) -> None:
    world.s3.stop()
    _away(chance)
    world.s3.start()


def _fill_disk(world: World, chance: random.Random, task: Accepted) -> None:
    filler = world.disk / "filler"
    try:
        with filler.open("wb", buffering=0) as out:
            while True:
                if out.write(bytes(1 << 16)) < 1 << 16:
                    break
    except OSError:
        pass
    _away(chance)
    filler.unlink()


def _cancel(world: World, chance: random.Random, task: Accepted) -> None:
    world.cancel(task)


def _cancel_and_kill(world: World, chance: random.Random, task: Accepted) -> None:
    world.cancel(task)
    _restart("", signal.SIGKILL)(world, chance, task)


def _on_postgresql(world: World) -> bool:
    return world.postgresql is not None


FAULTS = (
    Fault("kill -9 the server", _restart("server", signal.SIGKILL)),
    Fault("kill -9 a worker", _restart("worker", signal.SIGKILL), possible=_on_postgresql),
    Fault("kill -9 an engine", _kill_engine, (PLAN.name, RENDER.name, CHECK.name, _RANDOM)),
    Fault("kill -9 PostgreSQL", _kill_postgresql, possible=_on_postgresql),
    Fault("database away", _database_away, possible=_on_postgresql),
    Fault("stop (SIGTERM), database away", _stop_without_database, possible=_on_postgresql),
    Fault("engine cannot be loaded", _cannot_load, (PLAN.name, RENDER.name, CHECK.name, _RANDOM)),
    Fault("object store away", _store_away, (RENDER.name, CHECK.name, SIGN.name, STORE.name, _RANDOM)),
    Fault("disk full", _fill_disk, possible=can_fill),
    Fault("clock wrong by an hour", _restart("", signal.SIGKILL, skew=True)),
    Fault("stop and start (SIGTERM)", _restart("", signal.SIGTERM)),
    Fault("cancel", _cancel),
    Fault("cancel, then kill -9", _cancel_and_kill),
)


@dataclass
class Line:
    """A line of the table."""

    fault: str
    done: int = 0
    under_way: int = 0
    moments: dict[str, int] = field(default_factory=dict)


@dataclass
class Table:
    """What was done and what came of it."""

    lines: dict[str, Line] = field(default_factory=dict)
    verdict: Verdict = field(default_factory=Verdict)
    faults: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        head = f"{'fault':31}{'times':>6}{'tasks under way':>17}   at the begin of"
        lines = [
            f"{line.fault:31}{line.done:6}{line.under_way:17}   "
            + ", ".join(f"{name} {count}" for name, count in sorted(line.moments.items()))
            for line in self.lines.values()
        ]
        states = ", ".join(f"{count} {state}" for state, count in sorted(self.verdict.states.items()))
        problems = (
            "\n".join(self.verdict.problems) or "nothing lost, nothing stuck, nothing charged twice, no folder left"
        )
        return "\n".join(
            [head, *lines, f"{self.faults} faults in {self.seconds:.0f} s; accepted tasks: {states}", problems]
        )


def run(world: World, *, faults: int, seed: int, each: int = 10, tell: Callable[[str], None] = lambda _: None) -> Table:
    """Do faults one after the other while tasks come in, and judge after every `each` of them.

    Every pair of a fault and a moment comes before one comes again.
    """
    chance, table, started = random.Random(seed), Table(), time.monotonic()
    pairs: list[tuple[Fault, str]] = []
    for number in range(1, faults + 1):
        if not pairs:
            pairs = [(fault, moment) for fault in FAULTS if fault.possible(world) for moment in fault.moments]
            chance.shuffle(pairs)
        fault, moment = pairs.pop()
        for _ in range(_TRIES):
            tasks = [world.create(**what_takes_it_to(moment, chance)) for _ in range(2)]
            task = chance.choice(tasks)
            if (seen := _wait_for(world, task, moment, chance)) == moment or moment == _RANDOM:
                break
        line = table.lines.setdefault(fault.name, Line(fault.name))
        line.done += 1
        line.under_way += world.live()
        line.moments[seen] = line.moments.get(seen, 0) + 1
        tell(f"{number}/{faults} {fault.name} at {seen}")
        fault.do(world, chance, task)
        table.faults = number
        if number % each == 0 or number == faults:
            for role in world.roles:  # clocks are put right again
                if role.skew:
                    role.skew = 0.0
                    world.end(role, signal.SIGTERM)
                    world.start(role)
            found = judge(world)
            for state, count in found.states.items():
                table.verdict.states[state] = table.verdict.states.get(state, 0) + count
            table.verdict.problems += found.problems
            world.accepted.clear()
            for problem in found.problems:
                tell(f"PROBLEM {problem}")
    table.seconds = time.monotonic() - started
    return table


def what_takes_it_to(moment: str, chance: random.Random) -> dict[str, bool]:
    """What a task must have so that the step of this name applies to it; now and then media where none are needed."""
    applies = next((step.when for step in STEPS if step.name == moment), _always)
    if applies(_PLAIN):
        return {"media": chance.random() < 0.2, "search": False}
    return {"media": applies(_WITH_MEDIA), "search": applies(_WITH_SEARCH)}


def _wait_for(world: World, task: Accepted, moment: str, chance: random.Random) -> str:
    """Wait for the moment; gives the stage that the task was seen at."""
    if moment == _RANDOM:
        time.sleep(chance.uniform(0, 1.5))
        return moment
    stage: str | None = None
    ends = time.monotonic() + _LONGEST
    while time.monotonic() < ends:
        stage = world.stage(task)
        if stage == moment or stage in TERMINAL:
            break
        time.sleep(0.001)
    return stage or "unknown"
