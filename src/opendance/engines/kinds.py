"""What users are told of an engine: whether it makes previews or footage, here or elsewhere."""

from __future__ import annotations

from typing import Literal

from opendance.engines.registry import known_engines
from opendance.engines.sandbox import SANDBOX

EngineKind = Literal["preview", "local", "upstream"]


def kind_of_engine(name: str) -> EngineKind:
    """What kind of engine this is; one that is not known any more ran here."""
    facts = known_engines().get(name)
    if facts is None:
        return "preview" if name == SANDBOX else "local"
    if facts.runs_on == "upstream":
        return "upstream"
    return "local" if facts.learned else "preview"
