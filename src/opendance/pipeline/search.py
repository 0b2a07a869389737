"""Stage `search`: facts of today for a prompt that needs them, where the request wants it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from opendance.pipeline.context import StageContext
from opendance.prompt import detect_language


async def run(context: StageContext) -> Any:
    """How many searches ran, which, why, and what they gave. Nothing that goes wrong here fails the task."""
    prompt = context.request.prompt

    async def allowed(fact: str) -> bool:
        return not (await context.guard.prompt(fact, filtered=True, name="search")).findings

    return asdict(await context.searcher.search(prompt, detect_language(prompt), allowed))
