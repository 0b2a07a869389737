"""Which engines serve each model, best first."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from opendance.catalog import MODELS, Mode, Model, Tier
from opendance.engines.configured import Engines
from opendance.engines.limits import Demand, by_limits
from opendance.errors import ConfigurationError

_DEFAULT = "default"


class Routes:
    """The engines of each model, in the order in which they are tried.

    Tasks wait in lanes: models that the same engines serve in the same order share one, so that what waits for a busy
    GPU does not hold up what another engine could make now.

    Args:
        names: of the engines, by model id.
        engines: what is known of them; None: those of the registry.
    """

    def __init__(self, names: Mapping[str, tuple[str, ...]], engines: Engines | None = None) -> None:
        self._names = dict(names)
        self.engines = Engines({}) if engines is None else engines

    @property
    def names(self) -> tuple[str, ...]:
        """Every engine that a route names, in the order of their first mention."""
        return tuple(dict.fromkeys(name for names in self._names.values() for name in names))

    def of(self, model: Model) -> tuple[str, ...]:
        """The engines of `model`, best first."""
        return self._names.get(model.id, ())

    def able(self, model: Model, demand: Demand) -> tuple[str, ...]:
        """The engines of `model` that can make such a clip: those that read all its assets before the others."""
        return by_limits([(name, self.engines.limits(name)) for name in self.of(model)], demand)

    def refusals(self, model: Model, demand: Demand) -> list[str]:
        """Why each engine of `model` that cannot make such a clip cannot, in words."""
        refusals = {name: self.engines.limits(name).refusal(demand) for name in self.of(model)}
        return [f"{name}: {refusal}" for name, refusal in refusals.items() if refusal is not None]

    def engine_for(self, model: Model, allowed: Collection[str] | None = None) -> str | None:
        """The engine that comes first, or None where none serves `model`.

        Args:
            allowed: the engines to choose from; None for all that need not be asked for by name.
        """
        return next(iter(self.asked_of(model, allowed)), None)

    def asked_of(self, model: Model, allowed: Collection[str] | None = None) -> tuple[str, ...]:
        """The engines that are asked for `model`, best first.

        Args:
            allowed: the engines to choose from; None for all that need not be asked for by name.
        """
        if allowed is not None:
            return tuple(name for name in self.of(model) if name in allowed)
        return tuple(name for name in self.of(model) if not self.engines[name].only_by_name)

    def lane_of(self, model: Model) -> str:
        """The lane that tasks of `model` wait in."""
        return "+".join(self.of(model)) or "none"

    def lanes(self, engines: Collection[str]) -> dict[str, frozenset[str]]:
        """The lanes that at least one of these engines serves, each with the ids of its models."""
        lanes: dict[str, set[str]] = {}
        for model in MODELS.values():
            if set(self.of(model)) & set(engines):
                lanes.setdefault(self.lane_of(model), set()).add(model.id)
        return {lane: frozenset(models) for lane, models in lanes.items()}


def read_routes(table: Mapping[str, tuple[str, ...]], engines: Engines) -> Routes:
    """The routes that the operator wrote; where none fits a model, the engines that are set up, else the embedded one.

    Args:
        table: `[routes]`: model id, mode, tier or `default` → engines. The most specific key decides, in this order.
        engines: of the configuration.

    Raises:
        ConfigurationError: a key or an engine is unknown, or an engine does not serve what the key names.
    """
    modes, tiers = {mode.value for mode in Mode}, {tier.value for tier in Tier}
    for key, names in table.items():
        where = f"routes.{key}"
        if key not in (*MODELS, *modes, *tiers, _DEFAULT):
            choices = f"a model such as {next(iter(MODELS))}, {', '.join([*modes, *tiers])} or {_DEFAULT}"
            raise ConfigurationError(f"{where}: write {choices}")
        if not names:
            raise ConfigurationError(f"{where}: name at least one engine; there are {', '.join(engines)}")
        mode = MODELS[key].mode if key in MODELS else Mode(key) if key in modes else None
        for name in names:
            engines.facts(name, where)
            if mode is not None and mode not in engines.limits(name).modes:
                raise ConfigurationError(f"{where}: {name} makes no {mode.value} videos")
    return Routes({model.id: _route(model, table, engines) for model in MODELS.values()}, engines)


def _route(model: Model, table: Mapping[str, tuple[str, ...]], engines: Engines) -> tuple[str, ...]:
    for key in (model.id, model.mode.value, model.tier.value, _DEFAULT):
        if key in table:
            return tuple(name for name in dict.fromkeys(table[key]) if model.mode in engines.limits(name).modes)
    real = tuple(
        name
        for name, facts in engines.items()
        if (name in engines.set_up if facts.must_be_set_up else name not in ("previs", "blank"))
        and not facts.only_by_name
        and model.mode in engines.limits(name).modes
    )
    # A preview is no silent stand-in for footage: the embedded engine follows real ones only where a route says so.
    return real or ("previs", "blank")
