"""How long a task will take, from what this machine measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from opendance.background import every, keep_doing
from opendance.catalog import MODELS, Model, Quality, Tier
from opendance.engines.base import Host
from opendance.engines.limits import Demand
from opendance.engines.routes import Routes
from opendance.order import Order
from opendance.store.database import OUTAGES, Database
from opendance.store.queue_state import live_work
from opendance.store.speeds import read_speeds, record_speed

# Wall seconds for one second of 720p video until this machine has measured its own: previs on 2 cores.
_FIRST_GUESS = {Tier.STANDARD: 0.8, Tier.FAST: 0.4, Tier.MINI: 0.2}
_QUALITY_FACTOR = {Quality.P480: 0.5, Quality.P720: 1.0, Quality.P1080: 2.3}
_OVERHEAD = 0.5  # s for all that is not the engine
_TOO_SLOW = 1.5  # times the limit: an estimate so far beyond it is not left to be proved
_LOADING = 2.0  # s until an engine is loaded: previs on 2 cores; others do not tell how long it takes them


class Estimator:
    """Estimates from measured speeds and the work that waits.

    Args:
        concurrency: tasks that run side by side.
        hosts: the engines of this process, by name.
        time_limit: longest time that one clip may take an engine that is told no other, s.
        gpus: of this machine, as their driver calls them.
    """

    def __init__(
        self,
        database: Database,
        routes: Routes,
        *,
        concurrency: int,
        hosts: Mapping[str, Host] | None = None,
        time_limit: float | None = None,
        gpus: Sequence[str] = (),
    ) -> None:
        self._database, self._routes, self._concurrency = database, routes, concurrency
        self._hosts, self._time_limit, self._gpus = hosts or {}, time_limit, tuple(gpus)
        self._speeds: dict[tuple[str, str, str], float] = {}
        self._backlog = 0.0  # engine time of the tasks that wait or run, s

    async def load(self) -> None:
        """Read what was measured before."""
        async with self._database.read() as connection:
            self._speeds = await read_speeds(connection)

    async def load_backlog(self) -> None:
        """Count what waits and runs, whoever queued it."""
        async with self._database.read() as connection:
            work = await live_work(connection)
        self._backlog = sum(
            self._engine_seconds(MODELS[kind.model], Quality(kind.quality), kind.duration) * kind.count
            for kind in work
            if kind.model in MODELS
        )

    async def follow(self, seconds: float) -> None:
        """Count again and again, for ever: other processes queue and finish tasks too.

        Args:
            seconds: between two looks.
        """
        await keep_doing("counting what waits", self._count, every(seconds), outages=OUTAGES)

    async def _count(self) -> None:
        await self.load()
        await self.load_backlog()

    def add(self, order: Order) -> None:
        """A task was queued."""
        self._backlog += self.engine_seconds(order)

    def remove(self, order: Order) -> None:
        """A task ended."""
        if order.model not in MODELS:  # it was asked for before the catalogue changed, and is not counted
            return
        self._backlog = max(0.0, self._backlog - self.engine_seconds(order))

    def engine_seconds(self, order: Order) -> float:
        """Engine time that this order will take, s."""
        return self._engine_seconds(order.catalog_model, order.quality, order.duration)

    def measured(self, engine: str, tier: str, quality: str) -> float | None:
        """Seconds of work for one of video, as measured here; None where nothing was."""
        seconds = self._speeds.get((engine, tier, quality))
        return None if seconds is None else round(seconds, 3)

    def seconds_of(self, model: str, quality: str, duration: int) -> float:
        """Engine time of what is told of a task in few words, s; 0 of a model that there is no more."""
        return self._engine_seconds(MODELS[model], Quality(quality), duration) if model in MODELS else 0.0

    def _engine_seconds(self, model: Model, quality: Quality, duration: int) -> float:
        engine = self._routes.engine_for(model) or ""
        measured = self._speeds.get((engine, model.tier.value, quality.value))
        guess = _FIRST_GUESS.get(model.tier, _FIRST_GUESS[Tier.STANDARD]) * _QUALITY_FACTOR[quality]
        return (measured or guess) * duration

    def refusal(self, order: Order) -> str | None:
        """Why no engine can make the video of an order, in words; None where one can, or that is not known.

        One cannot where its limits say so, or where it would take far longer than it may: by what this machine
        measured, or by arithmetic.
        """
        model, demand = order.catalog_model, Demand.of_order(order)
        if not self._routes.of(model):
            return None
        able = self._routes.able(model, demand)
        slow = {name: self._too_slow(name, model, demand) for name in able}
        if any(reason is None for reason in slow.values()):
            return None
        reasons = [f"{name}: {reason}" for name, reason in slow.items()]
        problem = "; ".join([*reasons, *self._routes.refusals(model, demand)])
        return f"no engine of this server makes such a video ({problem}); choose a shorter or smaller one"

    def _too_slow(self, engine: str, model: Model, demand: Demand) -> str | None:
        """Why a clip would not end within the engine's limit, whoever waits; None where it may."""
        engines = self._routes.engines
        if engine not in engines or engines[engine].runs_on != "gpu":
            return None
        limit = engines.timeout(engine) or self._time_limit
        measured = self._speeds.get((engine, model.tier.value, demand.quality.value))
        known = [] if measured is None else [measured * demand.seconds]
        reckoned = [engines.least_seconds(engine, demand, gpu) for gpu in self._gpus]
        if reckoned and None not in reckoned:
            known.append(min(each for each in reckoned if each is not None))
        if limit is None or not known or min(known) <= _TOO_SLOW * limit:
            return None
        return f"it would take some {math.ceil(min(known) / 60)} min, it may take {limit / 60:.3g}"

    def seconds_until_done(self, order: Order) -> int:
        """Seconds from now until a task of this order, queued now, will be completed."""
        waiting = self._backlog / self._concurrency + self._until_loaded(order.catalog_model)
        return math.ceil(waiting + self.engine_seconds(order) + _OVERHEAD)

    def _until_loaded(self, model: Model) -> float:
        host = self._hosts.get(self._routes.engine_for(model) or "")
        return 0.0 if host is None or host.is_loaded else _LOADING

    async def record(self, order: Order, engine: str, seconds: float) -> None:
        """Learn from a finished clip that took `seconds`."""
        tier, quality = order.catalog_model.tier.value, order.quality.value
        async with self._database.write() as connection:
            speed = await record_speed(
                connection, engine=engine, tier=tier, quality=quality, seconds_per_second=seconds / order.duration
            )
        self._speeds[engine, tier, quality] = speed
