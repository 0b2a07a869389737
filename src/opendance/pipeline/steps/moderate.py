"""Whether what is asked for may be made at all, told before anything is fetched or drawn."""

from __future__ import annotations

from dataclasses import dataclass

from opendance.pipeline.decisions import Decisions
from opendance.safety import Guard


@dataclass(frozen=True)
class Passed:
    """Nothing was refused."""


async def moderate(prompt: str, guard: Guard, decisions: Decisions, *, filtered: bool) -> Passed:
    """Decide on the prompt.

    Args:
        filtered: whether the content filter is on.

    Raises:
        TaskError: it is refused.
    """
    decisions.keep([await guard.prompt(prompt, filtered=filtered)])  # OUT-07
    return Passed()
