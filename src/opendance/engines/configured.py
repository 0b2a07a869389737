"""The engines of a configuration: those of the registry, and several of one kind under names of the operator's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from opendance.catalog import Mode, Tier
from opendance.engines import registry
from opendance.engines.limits import Demand, Limits
from opendance.engines.registry import EngineFacts, engine_options, read_table
from opendance.errors import ConfigurationError
from opendance.job import Completion
from opendance.validation import in_words

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class CommonOptions(BaseModel):
    """What every engine can be told, whatever its own options are."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    kind: str | None = Field(
        None, description="The engine that this one is, where several of a kind have names of their own."
    )
    sound: Literal["stage", "silence"] = Field(
        "stage", description="Of clips that come without: previs' sound stage makes it of the plan, or silence."
    )
    slowest: float | None = Field(
        None,
        ge=1,
        le=2,
        description="How many times longer than the engine draws a clip may be made, by slowing it; default: 1.05.",
    )
    unload_after: float = Field(
        60.0, ge=0, description="s without a job after which it leaves a GPU that another engine has work for."
    )


class Engines(Mapping[str, EngineFacts]):
    """What can be told of each engine without loading it, by its name.

    Args:
        tables: what `[engine.NAME]` says, by name.

    Raises:
        ConfigurationError: a table is of no engine, or is wrong.
    """

    def __init__(self, tables: Mapping[str, Mapping[str, Any]]) -> None:
        known = registry.known_engines()
        self._facts, self._tables = dict(known), dict[str, dict[str, Any]]()
        self._common: dict[str, CommonOptions] = {}
        self._options: dict[str, BaseModel | None] = {}
        self._limits: dict[str, Limits] = {}
        for name, table in tables.items():
            common = self._common[name] = _common(name, table)
            self._tables[name] = {key: value for key, value in table.items() if key not in CommonOptions.model_fields}
            if name not in known:
                self._facts[name] = _of_kind(name, common.kind, known)
            elif common.kind not in (None, name):
                raise ConfigurationError(f"engine.{name}.kind: {name} is a kind itself; choose another name")
            self._options[name] = engine_options(self._facts[name], self._tables[name])

    def __getitem__(self, name: str) -> EngineFacts:
        return self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    @property
    def set_up(self) -> tuple[str, ...]:
        """Those with a table of their own."""
        return tuple(self._tables)

    def facts(self, name: str, where: str) -> EngineFacts:
        """The facts of the engine of this name.

        Args:
            where: the setting that names it, for the message.

        Raises:
            ConfigurationError: there is none.
        """
        if name not in self._facts:
            raise ConfigurationError(f"{where}: there is no {name!r}; there are {', '.join(self._facts)}")
        return self._facts[name]

    def table(self, name: str) -> Mapping[str, Any]:
        """What `[engine.NAME]` says of the engine's own options."""
        return self._tables.get(name, {})

    def options(self, name: str) -> BaseModel | None:
        """The same, checked; None for an engine without options.

        Raises:
            ConfigurationError: it is not set up, and has options that must be given.
        """
        if name not in self._options:
            self._options[name] = engine_options(self._facts[name], {})
        return self._options[name]

    def limits(self, name: str) -> Limits:
        """What the engine can make by itself, as it was told to."""
        if name not in self._limits:
            self._limits[name] = self._limits_of(name)
        return self._limits[name]

    def _limits_of(self, name: str) -> Limits:
        if name not in self._facts:  # one of another process, whose package this one does not have
            return Limits()
        facts, stated = self._facts[name], None
        if facts.options is not None and not (facts.must_be_set_up and name not in self._tables):
            stated = getattr(self.options(name), "limits", None)
        limits = stated if isinstance(stated, Limits) else facts.limits or Limits()
        common = self._common_of(name)
        modes = limits.modes & facts.modes
        return replace(limits, modes=modes, slowest=limits.slowest if common.slowest is None else common.slowest)

    def timeout(self, name: str) -> float | None:
        """Longest time of one clip, s, where the engine was told one."""
        return getattr(self.options(name), "timeout", None) if self._facts[name].runs_on == "gpu" else None

    def unload_after(self, name: str) -> float:
        """s without a job after which it leaves a GPU that another engine has work for."""
        return self._common_of(name).unload_after

    def loaded_for(self, name: str) -> Callable[[Mode, Tier], str] | None:
        """What the engine has to have loaded for a job of a mode and a tier, as a name; None: the same for each."""
        return getattr(self.options(name), "loaded_for", None)

    def least_seconds(self, name: str, demand: Demand, gpu: str) -> float | None:
        """s that such a clip takes by arithmetic.

        Args:
            gpu: as its driver calls it.

        Returns:
            None where nobody has reckoned it: for this engine, or for this GPU.
        """
        estimate = getattr(self.options(name), "least_seconds", None)
        return None if estimate is None else estimate(demand, gpu)

    def _common_of(self, name: str) -> CommonOptions:
        return self._common.get(name) or CommonOptions.model_validate({})

    def completion(self, name: str) -> Completion:
        """How what it cannot make is made up for."""
        return Completion(self._common_of(name).sound, self.limits(name).slowest)


def _common(name: str, table: Mapping[str, Any]) -> CommonOptions:
    try:
        return CommonOptions.model_validate(read_table(table))
    except ValidationError as error:
        raise ConfigurationError(f"engine.{name}: {in_words(error.errors(), show_values=False)}") from None


def _of_kind(name: str, kind: str | None, known: Mapping[str, EngineFacts]) -> EngineFacts:
    if kind is None:
        problem = f"there is no {name!r}; there are {', '.join(known)}"
        raise ConfigurationError(f"engine: {problem}; or say in [engine.{name}] which kind it is")
    if kind not in known:
        raise ConfigurationError(f"engine.{name}.kind: there is no {kind!r}; there are {', '.join(known)}")
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"engine.{name}: write small letters, digits, - and _, at most 40")
    # What is set up under a name of its own is meant to be used.
    return replace(known[kind], name=name, kind=kind, only_by_name=False, must_be_set_up=True)
